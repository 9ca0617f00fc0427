// The mutation reversePurchaseReceipt, and the GraphQL type of its record.

import { INTERNAL } from '../../access/rules/roleSets';
import { ACTOR_FIELD } from '../../access/schema/summary';
import { SkuQuantityInput } from '../../catalog/schema/skuQuantity';
import { builder } from '../../graphql/builder';
import { commandPrice, LOCKED_LINE } from '../../graphql/cost/price';
import { documentFields } from '../../graphql/documentFields';
import { mutation } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { NotEnoughStock } from '../../stock/schema/refusals';
import { typedNote } from '../../values/typedText';
import { reversePurchaseReceipt } from '../actions/reverse';
import { PURCHASE_RECEIPT_REVERSAL } from '../rules';
import { changedPurchaseOrder, purchaseUnits } from './mutations';
import { PurchaseOrder } from './types';

const MAX_REVERSALS = 100;

builder.prismaObject('PurchaseReceiptReversal', {
  description: 'Delivered units that were taken back.',
  authScopes: INTERNAL,
  fields: (t) => ({
    ...documentFields(t, PURCHASE_RECEIPT_REVERSAL, {}),
    actor: t.field({
      ...ACTOR_FIELD,
      description: 'By whom they were taken back.',
    }),
  }),
});

builder.prismaObjectField(PurchaseOrder, 'receiptReversals', (t) =>
  t.relation('receiptReversals', {
    description: 'Receipts that were taken back, oldest first.',
    authScopes: INTERNAL,
    query: { orderBy: { id: 'asc' }, take: MAX_REVERSALS },
  }),
);

mutation('reversePurchaseReceipt', {
  description:
    'Takes delivered units back that were posted by mistake; the purchase order expects them again. They must still be available at the location.',
  authScopes: INTERNAL,
  price: commandPrice('lines', LOCKED_LINE),
  sentLater: true,
  input: (t) => ({
    purchaseOrder: t.globalID({ required: true, for: [PurchaseOrder] }),
    lines: t.field({
      type: [SkuQuantityInput],
      description: 'What to take back; if the list is omitted, everything that was received.',
    }),
    reason: t.string({ required: true, description: 'Why the receipt was a mistake.' }),
  }),
  success: changedPurchaseOrder,
  refusals: [WrongState, NotEnoughStock],
  execute: async (input, context, request) => {
    const reason = typedNote(input.reason, 'reason', PURCHASE_RECEIPT_REVERSAL.columns.reason.maxLength, 1);
    const lines = input.lines == null ? null : await purchaseUnits(context, input.lines);
    return reversePurchaseReceipt(context.db, request({ purchaseId: input.purchaseOrder.id, lines, reason }));
  },
});
