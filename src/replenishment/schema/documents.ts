// The proposals that purchase orders and transfers were made of.

import { PLANNERS } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { loader } from '../../graphql/loaders';
import { proposalsOfPurchases, proposalsOfTransfers } from '../queries/proposals';
import { Proposal } from './proposal';

const ofPurchase = loader(async ({ reads }, ids: readonly string[]) => {
  const rows = await proposalsOfPurchases(reads, ids);
  return ids.map((id) => rows.filter((r) => r.purchaseId === id));
});
const ofTransfer = loader(async ({ reads }, ids: readonly string[]) => {
  const rows = await proposalsOfTransfers(reads, ids);
  return ids.map((id) => rows.filter((r) => r.transferId === id));
});

builder.prismaObjectField('Purchase', 'proposals', (t) =>
  t.field({
    type: [Proposal],
    description: 'The replenishment proposals it was made of.',
    authScopes: PLANNERS,
    select: { id: true },
    resolve: (purchase, _args, context) => ofPurchase(context).load(purchase.id),
  }),
);
builder.prismaObjectField('Transfer', 'proposals', (t) =>
  t.field({
    type: [Proposal],
    description: 'The replenishment proposals it was made of.',
    authScopes: PLANNERS,
    select: { id: true },
    resolve: (transfer, _args, context) => ofTransfer(context).load(transfer.id),
  }),
);
