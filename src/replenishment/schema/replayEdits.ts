// What planners' overrides of proposals were worth, judged by what then sold.

import type { GraphQLResolveInfo } from 'graphql';
import { PLANNERS } from '../../access/rules/roleSets';
import { skuBook } from '../../catalog/queries/skus';
import { Sku, skuById } from '../../catalog/schema/sku';
import { distinctIds } from '../../db/codes';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import type { Context } from '../../graphql/context';
import { UUID } from '../../graphql/ids';
import { type CursorForm, forwardPage } from '../../graphql/keysetPages';
import { idsFound, UNKNOWN_CODES } from '../../graphql/notFound';
import { locationBook } from '../../location/queries/locations';
import { Location, locationById } from '../../location/schema/location';
import { checkCount, refuse } from '../../refusals';
import { dayNumber, dayOf } from '../../values/time';
import { type EditFilter, type EditRow, judgedEdits } from '../queries/replayEdits';
import type { ComparisonVerdict, QuantityOutcome } from '../rules/simulateEdit';
import { Proposal, theProposal } from './proposal';

const MAX_CODES = 500;
/** Runs that are looked at by default, and at the most. */
const USUAL_RUNS = 90;
const MAX_RUNS = 366;

const OverrideVerdict = builder.enumType('OverrideVerdict', {
  description: 'How an override compares with the proposal.',
  values: {
    BETTER: { description: 'Less lost or less left over, and not more of the other.' },
    WORSE: { description: 'More lost or more left over, and not less of the other.' },
    TRADE_OFF: { description: 'Less of one for more of the other.' },
    SAME: { description: 'No difference in what was lost and left over.' },
  } satisfies Record<ComparisonVerdict, object>,
});

const OverrideOutcome = builder.objectRef<QuantityOutcome>('OverrideOutcome').implement({
  description: 'What a quantity would have come to by the time the next order’s goods could be there.',
  authScopes: PLANNERS,
  fields: (t) => ({
    lost: t.exposeInt('lost', { description: 'Units wanted and not there.' }),
    leftover: t.exposeInt('leftover', { description: 'Units left over.' }),
    leftoverDays: t.exposeFloat('leftoverDays', {
      nullable: true,
      description: 'Days that they last longer, at the pace that was sold; null when nothing was.',
    }),
  }),
});

const ReplenishmentOverride = builder.objectRef<EditRow>('ReplenishmentOverride').implement({
  description: 'A proposal that a planner edited or rejected, judged by what sold since.',
  authScopes: PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a proposal'),
      resolve: (row) => cacheId('ReplenishmentOverride', row.id),
    }),
    proposal: t.field({ type: Proposal, resolve: (row, _args, context) => theProposal(context, row.id) }),
    location: t.field({
      type: Location,
      resolve: (row, _args, context) => locationById(context).load(row.locationId),
    }),
    sku: t.field({ type: Sku, resolve: (row, _args, context) => skuById(context).load(row.skuId) }),
    planner: t.exposeString('planner', { nullable: true, description: 'Who overrode it.' }),
    reason: t.exposeString('reason', { nullable: true }),
    rejected: t.exposeBoolean('rejected', { description: 'Decided to order nothing.' }),
    cutDay: t.expose('cutDay', { type: 'Date', description: 'The last day that was known.' }),
    position: t.exposeInt('position', { description: 'Units on hand and on order then.' }),
    quantityProposed: t.exposeInt('proposed'),
    quantityDecided: t.exposeInt('decided'),
    demand: t.exposeInt('demand', { description: 'Units sold over the interval.' }),
    days: t.exposeInt('days', { description: 'Days of the interval: lead time and review period.' }),
    censoredDays: t.exposeInt('censoredDays', {
      description: 'Of which with an empty shelf: more may have been wanted.',
    }),
    asProposed: t.field({ type: OverrideOutcome, resolve: (row) => row.judged.proposed }),
    asDecided: t.field({ type: OverrideOutcome, resolve: (row) => row.judged.decided }),
    verdict: t.field({ type: OverrideVerdict, resolve: (row) => row.judged.verdict }),
  }),
});

interface OverrideSums {
  planner: string | null;
  rows: readonly EditRow[];
}

const OverrideTotals = builder.objectRef<OverrideSums>('ReplenishmentOverrideTotals').implement({
  description: 'What overrides were worth together. Units.',
  authScopes: PLANNERS,
  fields: (t) => {
    const sum = (description: string, of: (row: EditRow) => number) =>
      t.field({
        type: 'BigInt',
        description,
        resolve: ({ rows }) => rows.reduce((total, row) => total + of(row), 0),
      });
    return {
      planner: t.exposeString('planner', { nullable: true, description: 'Null: all, or not known.' }),
      overrides: t.int({ resolve: ({ rows }) => rows.length }),
      lostAsProposed: sum('Units that the proposals would have missed.', (r) => r.judged.proposed.lost),
      lostAsDecided: sum('Units missed as it was decided.', (r) => r.judged.decided.lost),
      leftoverAsProposed: sum('Units left over as proposed.', (r) => r.judged.proposed.leftover),
      leftoverAsDecided: sum('Units left over as decided.', (r) => r.judged.decided.leftover),
      better: sum('Overrides by verdict.', (r) => Number(r.judged.verdict === 'BETTER')),
      worse: sum('Overrides by verdict.', (r) => Number(r.judged.verdict === 'WORSE')),
      tradeOffs: sum('Overrides by verdict.', (r) => Number(r.judged.verdict === 'TRADE_OFF')),
    };
  },
});

const ReplenishmentOverrideFilter = builder.inputType('ReplenishmentOverrideFilter', {
  fields: (t) => ({
    fromCutDay: t.field({
      type: 'Date',
      description: `First cut day of the proposals; ${USUAL_RUNS} up to toCutDay when left out.`,
    }),
    toCutDay: t.field({ type: 'Date', description: 'Last cut day; yesterday when left out.' }),
    locations: t.stringList({ description: `Location codes; all when left out. ${UNKNOWN_CODES}` }),
    skus: t.stringList({ description: `SKU codes; all when left out. ${UNKNOWN_CODES}` }),
  }),
});

/** @throws Refused InvalidInput, NotFound */
async function filterOf(
  context: Context,
  info: GraphQLResolveInfo,
  { fromCutDay, toCutDay, locations, skus }: typeof ReplenishmentOverrideFilter.$inferInput,
): Promise<EditFilter> {
  if (locations != null) checkCount(locations, 'filter.locations', MAX_CODES);
  if (skus != null) checkCount(skus, 'filter.skus', MAX_CODES);
  const today = context.now.toISOString().slice(0, 10);
  const to = dayNumber(toCutDay ?? today) - (toCutDay == null ? 1 : 0);
  const from = fromCutDay == null ? to - USUAL_RUNS + 1 : dayNumber(fromCutDay);
  if (from > to || to - from >= MAX_RUNS) {
    const message = `fromCutDay … toCutDay are ${to - from + 1} days; ask for 1 to ${MAX_RUNS}.`;
    refuse('InvalidInput', message, { path: 'filter.fromCutDay' });
  }
  return {
    fromCutDay: dayOf(from),
    toCutDay: dayOf(to),
    before: today,
    locationIds:
      locations == null ? null : distinctIds(await idsFound(context, info, locationBook, locations)),
    skuIds: skus == null ? null : distinctIds(await idsFound(context, info, skuBook, skus)),
  };
}

const editCursor: CursorForm<EditRow, string> = {
  write: ({ id }) => id,
  read: (text) => (UUID.test(text) ? text : null),
};

function byPlanner(rows: readonly EditRow[]): OverrideSums[] {
  const planners = [...new Set(rows.map((row) => row.planner))].sort();
  return planners.map((planner) => ({ planner, rows: rows.filter((row) => row.planner === planner) }));
}

/** `rows`: all edits that the filter lets through, not only those of the page. */
const ReplenishmentOverrideConnection = connectionOf<
  typeof ReplenishmentOverride,
  { rows: readonly EditRow[] }
>(ReplenishmentOverride, {
  fields: (t) => ({
    totals: t.field({ type: OverrideTotals, resolve: ({ rows }) => ({ planner: null, rows }) }),
    byPlanner: t.field({ type: [OverrideTotals], resolve: ({ rows }) => byPlanner(rows) }),
  }),
});

builder.queryField('replenishmentOverrides', (t) =>
  t.connection(
    {
      type: ReplenishmentOverride,
      forwardOnly: true,
      description:
        'Proposals that planners edited or rejected, newest first: lost sales and leftover stock as proposed and as decided. Only those whose interval is over.',
      authScopes: PLANNERS,
      args: { filter: t.arg({ type: ReplenishmentOverrideFilter }) },
      resolve: async (_root, { filter, ...args }, context, info) => {
        const rows = await judgedEdits(context.reads, await filterOf(context, info, filter ?? {}));
        const page = await forwardPage<EditRow, string>(args, editCursor, async (after, limit) =>
          rows.filter(({ id }) => after === null || id < after).slice(0, limit),
        );
        return { ...page, rows };
      },
    },
    ReplenishmentOverrideConnection,
  ),
);
