// Replenishment as the tests drive it: forecasts put there by hand, runs through the runner, acts through HTTP.

import { JobRunner } from '../../jobs/runner';
import { TIMETABLE } from '../../jobs/timetable';
import { makeMonths } from '../../src/db/months';
import type { Db } from '../../src/db/pool';
import { learnSpread, spreadOf } from '../../src/forecaster/spread/spread';
import type { TestApp } from '../support/app';
import type { FieldOf } from '../support/graphqlAnswer';
import { capitalized, sendMutation } from '../support/graphqlClient';

/** 04:35 in Paris of the day that tests start on: the cut is Tuesday, 2026-11-24. */
export const DUE = new Date('2026-11-25T03:35:00.000Z');
export const CUT = '2026-11-24';
export const HORIZON = 28;

/** So many days of runs later. */
export const nightsLater = (days: number): Date => new Date(DUE.getTime() + days * 86_400_000);
export const cutLater = (days: number): string =>
  new Date(Date.parse(CUT) + days * 86_400_000).toISOString().slice(0, 10);

/** The spread of a series that sells nearly the same every day. */
export function someSpread(mean: number): number[] {
  const values = Float64Array.from({ length: 200 }, (_, i) => Math.round(mean * (1 + (i % 3) / 4)));
  const series = { key: 'x', groups: {}, start: 0, values };
  return spreadOf(series, 199, new Array(HORIZON).fill(mean), learnSpread([]));
}

/** A shelf that sells so many units a day. */
export type Demand = [location: string, sku: string, unitsADay: number];

const RUN = `
  INSERT INTO forecast_run (due_at, cut_day, horizon, status, started_at, finished_at)
  VALUES ($1::date + time '00:05', $1, $2, 'DONE', $1::date, $1::date) RETURNING id`;
const NIGHT = `
  INSERT INTO forecast_night (location_id, cut_day, run_id) SELECT id, $1, $2 FROM location`;
const FORECAST = `
  INSERT INTO demand_forecast (location_id, sku_id, cut_day, run_id, method, why, trials, mean, quantiles, spread, recent_mean)
  SELECT l.id, s.id, $3, $4, 'SES', 'by hand', '[]', $5, '{}', $6, 1
  FROM location l, sku s WHERE l.code = $1 AND s.code = $2`;

/** A finished forecast run of all locations, in which these shelves sell the same every day. */
export async function putForecasts(db: Db, demands: readonly Demand[], cutDay = CUT): Promise<void> {
  await makeMonths(db, 'demand_forecast', [cutDay]);
  const [run] = await db.rows<{ id: number }>(RUN, [cutDay, HORIZON]);
  await db.rows(NIGHT, [cutDay, run!.id]);
  for (const [location, sku, mean] of demands)
    await db.rows(FORECAST, [
      location,
      sku,
      cutDay,
      run!.id,
      new Array(HORIZON).fill(mean),
      someSpread(mean),
    ]);
}

export const JOB = TIMETABLE.find((job) => job.name === 'proposeReplenishment')!;

/** Runs the job for a due time; its figures. */
export async function runNight(app: TestApp, dueAt = DUE, runner = 'tests'): Promise<Record<string, number>> {
  const outcome = await new JobRunner(app.parts, [JOB], runner).runDue(JOB, dueAt);
  if (!outcome.ran) return {};
  if ('error' in outcome) throw outcome.error;
  return outcome.figures;
}

/** Does a run again, as after a kill at its very end. */
export async function runNightAgain(app: TestApp, dueAt = DUE): Promise<Record<string, number>> {
  await app.db.rows('DELETE FROM replenishment_night');
  await app.db.rows(`DELETE FROM job_run WHERE job = 'proposeReplenishment'`);
  return runNight(app, dueAt);
}

const REFUSAL = '... on Refusal { message } ... on InvalidInput { path } ... on NotFound { what keys }';
export const PROPOSAL = `id status source quantityProposed quantity quantityNow level position abc expectedOn cutDay
  location { code } sku { code } supplier { code } from { code } cost { amountMinor currency } lostMargin { amountMinor }
  editReason editedBy { name } decidedBy { name } closeReason restsUntil supersededBy { id quantity }
  purchaseOrder { id number status } transfer { id number status }
  explanation { terms { kind units description } serviceMeasure serviceLevel reviewDays demandMean demandSd fillRate cycleService
    shortWithout shortWith leadTimeFrom source forecastCutDay method leadTime { meanDays sdDays statedDays receipts } }`;
const STATE = '... on WrongState { what key state allowedStates }';
const SHORT = 'refused { reason message proposal { id } }';

const mutation = <const Name extends string, const More extends string>(name: Name, more: More) =>
  `mutation ($input: ${capitalized(name)}Input!) { ${name}(input: $input) { __typename ${REFUSAL} ${more} } }` as const;
const ACTS = {
  editReplenishmentProposal: mutation(
    'editReplenishmentProposal',
    `${STATE} ... on EditReplenishmentProposalSuccess { proposal { ${PROPOSAL} } }`,
  ),
  approveReplenishmentProposals: mutation(
    'approveReplenishmentProposals',
    `... on ApproveReplenishmentProposalsSuccess { ${SHORT} proposals { ${PROPOSAL} }
      purchaseOrders { id number status supplier { code } location { code } expectedAt
        lines { sku { code } quantity received } proposals { id } }
      transfers { id number status from { code } to { code } lines { sku { code } quantity } proposals { id } } }`,
  ),
  rejectReplenishmentProposals: mutation(
    'rejectReplenishmentProposals',
    `... on RejectReplenishmentProposalsSuccess { ${SHORT} proposals { ${PROPOSAL} } }`,
  ),
  setReplenishmentPolicy: mutation(
    'setReplenishmentPolicy',
    '... on SetReplenishmentPolicySuccess { removed policies { sku { code } category location { code } group priority } }',
  ),
  setSkuSupplier: mutation(
    'setSkuSupplier',
    '... on SetSkuSupplierSuccess { removed skuSuppliers { sku { code } supplier { code } unitCost { amountMinor } packSize preferred } }',
  ),
  setReplenishmentBudget: mutation(
    'setReplenishmentBudget',
    `... on SetReplenishmentBudgetSuccess { removed budgets { fromDay toDay supplier { code } location { code }
      amount { amountMinor currency } spent { amountMinor } left { amountMinor } } }`,
  ),
  upsertSuppliers: mutation('upsertSuppliers', '... on UpsertSuppliersSuccess { suppliers { id code } }'),
  receiveStock: mutation('receiveStock', ''),
  createPurchaseOrder: mutation(
    'createPurchaseOrder',
    '... on CreatePurchaseOrderSuccess { purchaseOrder { id number } }',
  ),
  placePurchaseOrder: mutation('placePurchaseOrder', STATE),
  closePurchaseOrder: mutation('closePurchaseOrder', STATE),
  receivePurchaseOrder: mutation('receivePurchaseOrder', STATE),
  dispatchTransfer: mutation('dispatchTransfer', STATE),
  receiveTransfer: mutation('receiveTransfer', STATE),
  createTransfer: mutation('createTransfer', '... on CreateTransferSuccess { transfer { id } }'),
};

const LIST =
  `query ($filter: ReplenishmentProposalFilter, $first: Int, $after: String, $orderBy: ReplenishmentProposalOrderBy) {
  replenishmentProposals(filter: $filter, first: $first, after: $after, orderBy: $orderBy) {
    edges { cursor node { ${PROPOSAL} } } pageInfo { hasNextPage endCursor } } }` as const;

export type Proposal = FieldOf<typeof LIST, 'replenishmentProposals'>['edges'][0]['node'];
/** Tests ask for proposals that are there. */
export interface ProposalMap extends Map<string, Proposal> {
  get(key: string): Proposal;
}

let keys = 0;

/** The acts and the list on one app, as one caller; what a planner may not do is done as `hands`. */
export function replenishmentOn(app: TestApp, token: string, hands: string) {
  const act = async <Name extends keyof typeof ACTS>(name: Name, input: object, as = token) => {
    const keyed = { idempotencyKey: `replenishment-${++keys}`, ...input };
    const { answer, errors } = await sendMutation(app, ACTS, name, as, keyed);
    if (errors) throw new Error(JSON.stringify(errors));
    return answer;
  };
  return {
    act,
    list: async (variables: object = {}) => {
      const answer = await app.gql(token, LIST, { orderBy: 'NEWEST', ...variables });
      if (answer.errors) throw new Error(JSON.stringify(answer.errors));
      return answer.data.replenishmentProposals;
    },
    /** Open proposals by 'location sku'. */
    async open(filter: object = {}): Promise<ProposalMap> {
      const page = await this.list({ filter, first: 200 });
      return new Map(
        page.edges.map(({ node }) => [`${node.location.code} ${node.sku.code}`, node] as const),
      ) as ProposalMap;
    },
    /** 'alps' delivers in three days. */
    supplier: (code = 'alps', leadTimeDays = 3) =>
      act('upsertSuppliers', { suppliers: [{ code, name: code, leadTimeDays }] }),
    offer: (sku: string, more: object = {}) =>
      act('setSkuSupplier', {
        offers: [{ sku, supplier: 'alps', unitCost: { amountMinor: 400, currency: 'EUR' }, ...more }],
      }),
    policy: (rule: object) => act('setReplenishmentPolicy', { rules: [rule] }),
    stock: (location: string, sku: string, quantity: number) =>
      act('receiveStock', { location, lines: [{ sku, quantity }] }, hands),
    hand: <Name extends keyof typeof ACTS>(name: Name, input: object) => act(name, input, hands),
  };
}

/** The sum of a proposal's terms. */
export const sumOf = (proposal: Proposal): number =>
  proposal.explanation.terms.reduce((sum, t) => sum + t.units, 0);

/** Units of one term of a proposal; 0 when it is not told. */
export const term = (proposal: Proposal, kind: string): number =>
  proposal.explanation.terms.find((t) => t.kind === kind)?.units ?? 0;
