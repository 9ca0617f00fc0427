// GraphQL of proposals: one, and pages of them.

import { PLANNERS } from '../../access/rules/roleSets';
import { ActorSummary, actorOf } from '../../access/schema/summary';
import { skuLookup } from '../../catalog/queries/skus';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import type { Context } from '../../graphql/context';
import { described } from '../../graphql/described';
import { UUID } from '../../graphql/ids';
import { type CursorForm, forwardPage } from '../../graphql/keysetPages';
import { inOrderOf, loader } from '../../graphql/loaders';
import { Money } from '../../graphql/money';
import { locationIdsByCode } from '../../location/queries/locations';
import { LOCATION_FIELD, Location, locationById } from '../../location/schema/location';
import { PurchaseOrder, Supplier } from '../../purchase/schema/types';
import { checkCount } from '../../refusals';
import { Transfer } from '../../transfer/schema/types';
import { timesMinor } from '../../values/money';
import { optionalLine } from '../../values/typedText';
import {
  type ProposalKey,
  type ProposalRow,
  proposalPage,
  proposalsById,
  supplierIdsByCode,
} from '../queries/proposals';
import { ExplanationType } from './explanation';
import { AbcClassEnum, purchaseById, SourceEnum, supplierById, transferById } from './shared';

const MAX_CATEGORY = 200;
const STATUSES = ['PROPOSED', 'APPROVED', 'ORDERED', 'REJECTED', 'SUPERSEDED'] as const;

export const StatusEnum = builder.enumType('ReplenishmentProposalStatus', {
  description: 'State of a proposal.',
  values: described<(typeof STATUSES)[number]>({
    PROPOSED: 'Waiting for a planner.',
    APPROVED: 'Approved; its purchase order is still a draft.',
    ORDERED: 'Its purchase order or transfer was placed.',
    REJECTED: 'Rejected by a planner.',
    SUPERSEDED: 'Replaced by a newer proposal, or no longer needed.',
  }),
});

/** Proposals by id, one query a request; null where there is none. */
export const proposalById = loader(async ({ reads }, ids: readonly string[]) =>
  inOrderOf(ids, await proposalsById(reads, ids), (r) => r.id),
);

/** A proposal that is known to exist. */
export async function theProposal(context: Context, id: string): Promise<ProposalRow> {
  const row = await proposalById(context).load(id);
  if (row === null) throw new Error(`no proposal ${id}`);
  return row;
}

const proposalRef = builder.objectRef<ProposalRow>('ReplenishmentProposal');
export const Proposal = builder.node(proposalRef, {
  id: { resolve: (p) => p.id },
  loadManyWithoutCache: (ids: string[], context) =>
    Promise.all(ids.map((id) => proposalById(context).load(id))),
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'quantityProposed' in value,
  description:
    'Units that a run proposes to order or transfer for a SKU at a location, with the calculation.',
  authScopes: PLANNERS,
  fields: (t) => ({
    location: t.field(LOCATION_FIELD),
    sku: t.field(SKU_FIELD),
    status: t.expose('status', { type: StatusEnum, description: 'State of the proposal.' }),
    source: t.expose('source', { type: SourceEnum, description: 'Where the units come from.' }),
    supplier: t.field({
      type: Supplier,
      nullable: true,
      description: 'The supplier; null for a transfer.',
      resolve: (p, _args, context) =>
        p.supplierId === null ? null : supplierById(context).load(p.supplierId),
    }),
    from: t.field({
      type: Location,
      nullable: true,
      description: 'The location it is transferred from; null for a purchase.',
      resolve: (p, _args, context) =>
        p.fromLocationId === null ? null : locationById(context).load(p.fromLocationId),
    }),
    quantityProposed: t.exposeInt('quantityProposed', { description: 'Units proposed by the run.' }),
    quantity: t.exposeInt('quantity', {
      description: 'Units to order: as proposed, or as edited by a planner.',
    }),
    quantityNow: t.exposeInt('quantityNow', {
      description: 'Units the newest run would propose; differs for an edited proposal.',
    }),
    level: t.exposeInt('level', { description: 'Units the position is raised to.' }),
    position: t.exposeInt('position', {
      description: 'Inventory position: on hand + on order + expected returns − promised.',
    }),
    cost: t.field({
      type: Money,
      nullable: true,
      description: 'Cost of the quantity; null for a transfer.',
      resolve: (p) =>
        p.unitCostMinor === null || p.currency === null
          ? null
          : { amountMinor: timesMinor(p.quantity, p.unitCostMinor), currency: p.currency },
    }),
    lostMargin: t.field({
      type: Money,
      nullable: true,
      description: 'Margin expected to be lost without it; null if price and cost are unknown.',
      resolve: (p) => {
        const currency = p.priceCurrency ?? p.currency;
        return currency === null ? null : { amountMinor: p.lostMarginMinor, currency };
      },
    }),
    abc: t.expose('abc', { type: AbcClassEnum, description: 'Class of the SKU.' }),
    expectedOn: t.expose('expectedOn', {
      type: 'Date',
      description: 'When it arrives if ordered the next morning.',
    }),
    cutDay: t.expose('cutDay', { type: 'Date', description: 'The last local day whose data the run used.' }),
    dueAt: t.expose('dueAt', { type: 'DateTime', description: 'Due time of the run.' }),
    explanation: t.expose('explanation', {
      type: ExplanationType,
      description: 'The calculation of the quantity.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    editedAt: t.expose('editedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a planner edited it; null if not edited.',
    }),
    editedBy: t.field({
      type: ActorSummary,
      nullable: true,
      description: 'The planner who edited it.',
      resolve: ({ editedById }, _args, context) => actorOf(context, editedById),
    }),
    editReason: t.exposeString('editReason', { nullable: true, description: 'Why it was edited.' }),
    decidedAt: t.expose('decidedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was approved, rejected or superseded.',
    }),
    decidedBy: t.field({
      type: ActorSummary,
      nullable: true,
      description: 'The planner who decided; null if superseded by a run.',
      resolve: ({ decidedById }, _args, context) => actorOf(context, decidedById),
    }),
    closeReason: t.exposeString('closeReason', {
      nullable: true,
      description: 'Why it was rejected or superseded.',
    }),
    restsUntil: t.expose('restsUntil', {
      type: 'Date',
      nullable: true,
      description: 'Until this day the rejected need is not proposed again.',
    }),
    supersededBy: t.field({
      type: proposalRef,
      nullable: true,
      description: 'The newer proposal; null if nothing is needed any more.',
      resolve: (p, _args, context) =>
        p.supersededById === null ? null : proposalById(context).load(p.supersededById),
    }),
    purchaseOrder: t.field({
      type: PurchaseOrder,
      nullable: true,
      description: 'The purchase order it became a line of.',
      resolve: (p, _args, context) =>
        p.purchaseId === null ? null : purchaseById(context).load(p.purchaseId),
    }),
    transfer: t.field({
      type: Transfer,
      nullable: true,
      description: 'The transfer it became a line of.',
      resolve: (p, _args, context) =>
        p.transferId === null ? null : transferById(context).load(p.transferId),
    }),
  }),
});

const ReplenishmentProposalConnection = connectionOf(Proposal);

const ProposalsFilter = builder.inputType('ReplenishmentProposalFilter', {
  description: 'Proposals that meet every condition given.',
  fields: (t) => ({
    statuses: t.field({
      type: [StatusEnum],
      description: 'Only proposals in these states; PROPOSED if omitted.',
    }),
    location: t.string({ description: 'Location code of the destination.' }),
    sku: t.string({ description: 'SKU code.' }),
    supplier: t.string({ description: 'Supplier code.' }),
    from: t.string({ description: 'Location code of the source of a transfer.' }),
    source: t.field({ type: SourceEnum, description: 'Only purchases, or only transfers.' }),
    category: t.string({ description: 'This category and those below it.' }),
    abc: t.field({ type: AbcClassEnum, description: 'Only SKUs of this class.' }),
    edited: t.boolean({ description: 'Only edited ones, or only the others.' }),
  }),
});

const ProposalsOrder = builder.enumType('ReplenishmentProposalOrderBy', {
  description: 'The order of proposals.',
  values: {
    NEWEST: { description: 'Newest first.' },
    LOST_MARGIN: { description: 'Highest expected loss of margin first.' },
  } as const,
});

const cursor: CursorForm<ProposalRow, ProposalKey> = {
  write: (p) => `${p.lostMarginMinor}:${p.id}`,
  read: (text) => {
    const [margin, id] = text.split(':');
    const wellFormed = /^-?\d{1,15}$/.test(margin ?? '') && UUID.test(id ?? '');
    return wellFormed ? { id: id!, lostMarginMinor: Number(margin) } : null;
  },
};

builder.queryFields((t) => ({
  replenishmentProposal: t.field({
    type: Proposal,
    nullable: true,
    description: 'The proposal with this ID; null if there is none.',
    authScopes: PLANNERS,
    args: { id: t.arg.globalID({ required: true, for: [proposalRef] }) },
    resolve: async (_root, { id }, context) => (await proposalsById(context.reads, [id.id]))[0] ?? null,
  }),
  replenishmentProposals: t.connection(
    {
      type: Proposal,
      forwardOnly: true,
      description: 'Replenishment proposals.',
      authScopes: PLANNERS,
      args: {
        filter: t.arg({ type: ProposalsFilter }),
        orderBy: t.arg({
          type: ProposalsOrder,
          required: true,
          defaultValue: 'NEWEST',
          description: 'The order of the proposals.',
        }),
      },
      resolve: async (_root, { filter, orderBy, ...args }, context) => {
        const { statuses, location, sku, supplier, from, source, category, abc, edited } = filter ?? {};
        if (statuses) checkCount(statuses, 'filter.statuses', STATUSES.length);
        const locationIds = await locationIdsByCode(
          context.db,
          [location, from].filter((c) => c != null),
        );
        const request = {
          statuses: statuses ?? ['PROPOSED' as const],
          locationId: location == null ? null : locationIds.get(location)!,
          fromLocationId: from == null ? null : locationIds.get(from)!,
          skuId: await skuLookup.idOf(context.db, sku),
          supplierId:
            supplier == null ? null : (await supplierIdsByCode(context.db, [supplier])).get(supplier)!,
          source: source ?? null,
          category: optionalLine(category, 'filter.category', MAX_CATEGORY),
          abc: abc ?? null,
          edited: edited ?? null,
        };
        return forwardPage(args, cursor, (after, limit) =>
          proposalPage(context.reads, request, orderBy, after, limit),
        );
      },
    },
    ReplenishmentProposalConnection,
  ),
}));
