// GraphQL of the evaluation of planners' overrides of proposals.

import type { GraphQLResolveInfo } from 'graphql';
import { PLANNERS } from '../../access/rules/roleSets';
import { ActorSummary, actorById, actorOf } from '../../access/schema/summary';
import { skuLookup } from '../../catalog/queries/skus';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { distinctIds } from '../../db/codes';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import type { Context } from '../../graphql/context';
import { forwardPage, uuidCursor } from '../../graphql/keysetPages';
import { idsFound, UNKNOWN_CODES } from '../../graphql/notFound';
import { locationLookup } from '../../location/queries/locations';
import { LOCATION_FIELD } from '../../location/schema/location';
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
  description: 'How a planner’s decision compares with the proposal.',
  values: {
    BETTER: { description: 'Fewer lost or fewer leftover units, and not more of the other.' },
    WORSE: { description: 'More lost or more leftover units, and not fewer of the other.' },
    TRADE_OFF: { description: 'Fewer of one and more of the other.' },
    SAME: { description: 'No difference.' },
  } satisfies Record<ComparisonVerdict, object>,
});

const OverrideOutcome = builder.objectRef<QuantityOutcome>('OverrideOutcome').implement({
  description: 'What a quantity would have led to by the time the next order could arrive.',
  authScopes: PLANNERS,
  fields: (t) => ({
    lost: t.exposeInt('lost', { description: 'Units demanded and not available.' }),
    leftover: t.exposeInt('leftover', { description: 'Units left over.' }),
    leftoverDays: t.exposeFloat('leftoverDays', {
      nullable: true,
      description: 'Days the leftover units last at the rate of sales; null if nothing was sold.',
    }),
  }),
});

const plannerOf = ({ plannerId }: { plannerId: number | null }, _args: object, context: Context) =>
  actorOf(context, plannerId);

const ReplenishmentOverride = builder.objectRef<EditRow>('ReplenishmentOverride').implement({
  description: 'A proposal that a planner edited or rejected, compared with later sales.',
  authScopes: PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a proposal'),
      resolve: (row) => cacheId('ReplenishmentOverride', row.id),
    }),
    proposal: t.field({
      type: Proposal,
      description: 'The proposal.',
      resolve: (row, _args, context) => theProposal(context, row.id),
    }),
    location: t.field(LOCATION_FIELD),
    sku: t.field(SKU_FIELD),
    planner: t.field({
      type: ActorSummary,
      nullable: true,
      description: 'The planner; null if unknown.',
      resolve: plannerOf,
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'The planner’s reason.' }),
    rejected: t.exposeBoolean('rejected', {
      description: 'Whether it was rejected, so that nothing was ordered.',
    }),
    cutDay: t.expose('cutDay', { type: 'Date', description: 'The last day that was known.' }),
    position: t.exposeInt('position', { description: 'Inventory position at that time, in units.' }),
    quantityProposed: t.exposeInt('proposed', { description: 'Units proposed.' }),
    quantityDecided: t.exposeInt('decided', { description: 'Units decided on.' }),
    demand: t.exposeInt('demand', { description: 'Units sold in the interval.' }),
    days: t.exposeInt('days', { description: 'Length of the interval: lead time plus review period.' }),
    censoredDays: t.exposeInt('censoredDays', {
      description: 'Days of it without stock: demand may have been higher.',
    }),
    asProposed: t.field({
      type: OverrideOutcome,
      description: 'Result with the proposed quantity.',
      resolve: (row) => row.judged.proposed,
    }),
    asDecided: t.field({
      type: OverrideOutcome,
      description: 'Result with the decided quantity.',
      resolve: (row) => row.judged.decided,
    }),
    verdict: t.field({
      type: OverrideVerdict,
      description: 'Which one was better.',
      resolve: (row) => row.judged.verdict,
    }),
  }),
});

interface OverrideSums {
  plannerId: number | null;
  rows: readonly EditRow[];
}

const OverrideTotals = builder.objectRef<OverrideSums>('ReplenishmentOverrideTotals').implement({
  description: 'Sums over overrides, in units.',
  authScopes: PLANNERS,
  fields: (t) => {
    const sum = (description: string, of: (row: EditRow) => number) =>
      t.field({
        type: 'BigInt',
        description,
        resolve: ({ rows }) => rows.reduce((total, row) => total + of(row), 0),
      });
    return {
      planner: t.field({
        type: ActorSummary,
        nullable: true,
        description: 'The planner; null for all, or if unknown.',
        resolve: plannerOf,
      }),
      overrides: t.int({ description: 'Number of overrides.', resolve: ({ rows }) => rows.length }),
      lostAsProposed: sum('Units lost with the proposed quantities.', (r) => r.judged.proposed.lost),
      lostAsDecided: sum('Units lost with the decided quantities.', (r) => r.judged.decided.lost),
      leftoverAsProposed: sum(
        'Units left over with the proposed quantities.',
        (r) => r.judged.proposed.leftover,
      ),
      leftoverAsDecided: sum(
        'Units left over with the decided quantities.',
        (r) => r.judged.decided.leftover,
      ),
      better: sum('Number of overrides that were BETTER.', (r) => Number(r.judged.verdict === 'BETTER')),
      worse: sum('Number of overrides that were WORSE.', (r) => Number(r.judged.verdict === 'WORSE')),
      tradeOffs: sum('Number of overrides that were a TRADE_OFF.', (r) =>
        Number(r.judged.verdict === 'TRADE_OFF'),
      ),
    };
  },
});

const ReplenishmentOverrideFilter = builder.inputType('ReplenishmentOverrideFilter', {
  description: 'Overrides that meet every condition given.',
  fields: (t) => ({
    fromCutDay: t.field({
      type: 'Date',
      description: `First cut day of the proposals; ${USUAL_RUNS} up to toCutDay if omitted.`,
    }),
    toCutDay: t.field({ type: 'Date', description: 'Last cut day; yesterday if omitted.' }),
    locations: t.stringList({ description: `Location codes; all if omitted. ${UNKNOWN_CODES}` }),
    skus: t.stringList({ description: `SKU codes; all if omitted. ${UNKNOWN_CODES}` }),
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
      locations == null ? null : distinctIds(await idsFound(context, info, locationLookup, locations)),
    skuIds: skus == null ? null : distinctIds(await idsFound(context, info, skuLookup, skus)),
  };
}

const editCursor = uuidCursor<EditRow>(({ id }) => id);

/** Rows by planner, in the order of their names; those of unknown planners are last. */
async function byPlanner(rows: readonly EditRow[], context: Context): Promise<OverrideSums[]> {
  const ids = [...new Set(rows.map((row) => row.plannerId))];
  const names = await Promise.all(ids.map(async (id) => id && (await actorById(context).load(id)).name));
  return ids
    .map((plannerId, i) => ({ plannerId, name: names[i] ?? '\uffff' }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ plannerId }) => ({ plannerId, rows: rows.filter((row) => row.plannerId === plannerId) }));
}

/** `rows`: all edits that the filter lets through, not only those of the page. */
const ReplenishmentOverrideConnection = connectionOf<
  typeof ReplenishmentOverride,
  { rows: readonly EditRow[] }
>(ReplenishmentOverride, {
  fields: (t) => ({
    totals: t.field({
      type: OverrideTotals,
      description: 'Sums over all overrides of the list.',
      resolve: ({ rows }) => ({ plannerId: null, rows }),
    }),
    byPlanner: t.field({
      type: [OverrideTotals],
      description: 'Sums by planner.',
      resolve: ({ rows }, _args, context) => byPlanner(rows, context),
    }),
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
