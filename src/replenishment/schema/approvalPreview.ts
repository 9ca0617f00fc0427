// GraphQL of the preview of an approval: the purchase orders and transfers that proposals would become now.

import { PLANNERS } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { Money } from '../../graphql/money';
import { LOCATION_FIELD, Location, locationById } from '../../location/schema/location';
import { Supplier } from '../../purchase/schema/types';
import {
  type ApprovalPreview,
  type PlannedPurchase,
  type PlannedTransfer,
  previewApproval,
} from '../actions/approvalDocuments';
import { MAX_PROPOSALS } from '../rules/proposal';
import { Proposal } from './proposal';
import { idsOf, RefusalType } from './review';
import { supplierById } from './shared';

const EXPECTED = 'When it is expected if it is approved now.';

const PurchaseType = builder.objectRef<PlannedPurchase>('PlannedPurchaseOrder').implement({
  description: 'A purchase order that an approval would create.',
  authScopes: PLANNERS,
  fields: (t) => ({
    supplier: t.field({
      type: Supplier,
      description: 'The supplier.',
      resolve: (p, _args, context) => supplierById(context).load(p.supplierId),
    }),
    location: t.field(LOCATION_FIELD),
    lineCount: t.exposeInt('lineCount', { description: 'Number of lines.' }),
    units: t.exposeInt('units', { description: 'Units of all lines.' }),
    costs: t.field({
      type: [Money],
      description: 'Cost at the present prices of the supplier, one amount for each currency.',
      resolve: (p) => p.costs,
    }),
    expectedAt: t.expose('expectedAt', { type: 'DateTime', description: EXPECTED }),
  }),
});

const TransferType = builder.objectRef<PlannedTransfer>('PlannedTransfer').implement({
  description: 'A transfer that an approval would create.',
  authScopes: PLANNERS,
  fields: (t) => ({
    from: t.field({
      type: Location,
      nullable: true,
      description: 'The source.',
      resolve: (p, _args, context) => locationById(context).load(p.fromLocationId),
    }),
    location: t.field(LOCATION_FIELD),
    lineCount: t.exposeInt('lineCount', { description: 'Number of lines.' }),
    units: t.exposeInt('units', { description: 'Units of all lines.' }),
    expectedAt: t.expose('expectedAt', { type: 'DateTime', description: EXPECTED }),
  }),
});

const Preview = builder.objectRef<ApprovalPreview>('ReplenishmentApprovalPreview').implement({
  description: 'What approveReplenishmentProposals would do now.',
  authScopes: PLANNERS,
  fields: (t) => ({
    purchaseOrders: t.field({
      type: [PurchaseType],
      description: 'The purchase orders: one per supplier and location.',
      resolve: (p) => p.purchases,
    }),
    transfers: t.field({
      type: [TransferType],
      description: 'The transfers: one per source and destination.',
      resolve: (p) => p.transfers,
    }),
    refused: t.field({
      type: [RefusalType],
      description: 'The proposals that would not be approved.',
      resolve: (p) => p.refused,
    }),
  }),
});

builder.queryFields((t) => ({
  replenishmentApprovalPreview: t.field({
    type: Preview,
    nullable: true,
    description:
      'What the approval of these proposals would do now: each is checked as approveReplenishmentProposals checks it. Changes nothing.',
    authScopes: PLANNERS,
    args: {
      proposals: t.arg.globalIDList({
        required: true,
        for: [Proposal],
        description: `Global IDs of the proposals, at most ${MAX_PROPOSALS}.`,
      }),
      evenIfChanged: t.arg.boolean({
        description: 'Also what is no longer needed or what its source cannot spare.',
      }),
    },
    resolve: (_root, { proposals, evenIfChanged }, { db, now }) =>
      previewApproval(db, { proposalIds: idsOf(proposals), evenIfChanged: evenIfChanged ?? false }, now),
  }),
}));
