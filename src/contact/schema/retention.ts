// GraphQL query retentionReport: what the nightly retention would erase now. It is here because open cases keep data.

import {
  type RetentionDryRun,
  type RuleReport,
  retentionDryRun,
} from '../../customer/queries/retentionReport';
import type { RetentionKind, RetentionObstacle } from '../../customer/rules/retention';
import { CUSTOMER_STEWARDS } from '../../customer/schema/access';
import { builder } from '../../graphql/builder';
import { described } from '../../graphql/described';
import { OPEN_CASES } from '../queries/openCases';

const RetentionKindEnum = builder.enumType('RetentionRule', {
  description: 'A rule by which personal data is erased without a request.',
  values: described<RetentionKind>({
    PROSPECTS:
      'People without any order, return or purchase: RETENTION_PROSPECT_YEARS after the last active contact, or after the data was collected.',
    CONTRACTS:
      'Customers: RETENTION_CONTRACT_YEARS after the last closed document, and not before the term of a prospect. Their closed documents stay.',
    DOCUMENTS: 'Personal data of closed orders and returns: RETENTION_DOCUMENT_YEARS after they were closed.',
  }),
});
const RetentionObstacleEnum = builder.enumType('RetentionObstacle', {
  description: 'Why something past its term is not erased now.',
  values: described<RetentionObstacle>({
    RESTRICTED: 'The processing of the customer’s data is restricted.',
    OPEN_DOCUMENT: 'An order or return is open, or was closed since.',
    OPEN_CASE: 'A case is open.',
  }),
});

const RetentionWaiting = builder
  .objectRef<{ obstacle: RetentionObstacle; count: number }>('RetentionWaiting')
  .implement({
    description: 'How much is past its term and not erased for one reason.',
    authScopes: CUSTOMER_STEWARDS,
    fields: (t) => ({
      obstacle: t.expose('obstacle', { type: RetentionObstacleEnum, description: 'The reason.' }),
      count: t.exposeInt('count', { description: 'Number of customers, orders and returns.' }),
    }),
  });

const RetentionRuleReport = builder.objectRef<RuleReport>('RetentionRuleReport').implement({
  description: 'What applyRetention would erase by one rule.',
  authScopes: CUSTOMER_STEWARDS,
  fields: (t) => ({
    rule: t.expose('kind', { type: RetentionKindEnum, description: 'The rule.' }),
    customers: t.exposeInt('customers', { description: 'Customers it would erase.' }),
    orders: t.exposeInt('orders', { description: 'Orders whose personal data it would erase.' }),
    returns: t.exposeInt('returns', {
      description:
        'Returns without an order of ours whose texts it would erase. Those of an order belong to it.',
    }),
    oldestAt: t.expose('oldestAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'The earliest date from which a term runs, of what it would erase; null if there is nothing.',
    }),
    nextDueAt: t.expose('nextDueAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the next term ends that has not ended yet; null if there is none.',
    }),
    waiting: t.field({
      type: [RetentionWaiting],
      description: 'What is past its term and is not erased yet, by reason.',
      resolve: ({ waiting }) =>
        [...waiting].flatMap(([obstacle, count]) => (count > 0 ? { obstacle, count } : [])),
    }),
  }),
});

const RetentionReport = builder.objectRef<RetentionDryRun & { at: Date }>('RetentionReport').implement({
  description: 'The dry run of applyRetention.',
  authScopes: CUSTOMER_STEWARDS,
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'The time for which it was computed.' }),
    isComplete: t.exposeBoolean('isComplete', {
      description:
        'False: DRY_RUN_SECONDS were over before everything was counted, and the numbers are of what was.',
    }),
    rules: t.expose('rules', { type: [RetentionRuleReport], description: 'Each rule.' }),
  }),
});

builder.queryField('retentionReport', (t) =>
  t.field({
    type: RetentionReport,
    nullable: true,
    description:
      'What the job applyRetention would erase now, or at a later time if nothing happened until then: the counts of each rule, the oldest date, when the next term ends. Nothing is changed.',
    authScopes: CUSTOMER_STEWARDS,
    args: {
      at: t.arg({ type: 'DateTime', description: 'A time to compute it for; by default now.' }),
    },
    resolve: async (_root, { at }, { db, now, config }) => {
      const until = performance.now() + config.dryRunSeconds * 1_000;
      const time = at ?? now;
      const parts = { terms: config.privacy.retention, cases: OPEN_CASES, now: time };
      return { at: time, ...(await retentionDryRun(db, parts, () => performance.now() < until)) };
    },
  }),
);
