// The mutation cancelOrderLine, and the GraphQL type of its record.

import { ORDER_SERVICE, STOREFRONTS_OR_STAFF } from '../../access/rules/roleSets';
import { ACTOR_FIELD } from '../../access/schema/summary';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { commandPrice } from '../../graphql/cost/price';
import { documentFields } from '../../graphql/documentFields';
import { mutation } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { checkQuantity } from '../../refusals';
import { optionalNote } from '../../values/typedText';
import { cancelOrderLine } from '../actions/cancelLine';
import { LINE_CANCELLATION } from '../rules/columns';
import { CancelReasonEnum } from './enums';
import { Order } from './order';
import { changedOrder } from './orderMutation';
import { articleOf } from './pick';

const MAX_CANCELLATIONS = 100;

builder.prismaObject('LineCancellation', {
  name: 'OrderLineCancellation',
  description: 'Units of one line that were cancelled while the rest of the order went on.',
  authScopes: STOREFRONTS_OR_STAFF,
  fields: (t) => ({
    // Its order is closed soon afterwards.
    ...documentFields(t, LINE_CANCELLATION, { cancel_reason: CancelReasonEnum }, 'at'),
    sku: t.field(SKU_FIELD),
    actor: t.field({
      ...ACTOR_FIELD,
      description: 'By whom they were cancelled.',
    }),
  }),
});

builder.prismaObjectField(Order, 'lineCancellations', (t) =>
  t.relation('lineCancellations', {
    description: 'Units of single lines that were cancelled, oldest first.',
    authScopes: STOREFRONTS_OR_STAFF,
    query: { orderBy: { id: 'asc' }, take: MAX_CANCELLATIONS },
  }),
);

mutation('cancelOrderLine', {
  description:
    'Cancels units of one line of an order; with its last open unit the order is cancelled. STAFF do so until the order is collected, STOREFRONT and AGENT tokens until it is picked. The total and what is to be paid follow.',
  authScopes: ORDER_SERVICE,
  price: commandPrice(),
  sentLater: true,
  input: (t) => ({
    order: t.globalID({ required: true, for: [Order] }),
    sku: t.string({ required: true, description: 'SKU code.' }),
    quantity: t.int({
      description: 'Units to cancel; if omitted, all units of the line that are still open.',
    }),
    reason: t.field({ type: CancelReasonEnum, required: true, description: 'Why they are cancelled.' }),
    note: t.string({ description: 'Free text for the retailer’s staff.' }),
  }),
  success: changedOrder,
  refusals: [WrongState],
  execute: async (input, context, request) => {
    const quantity = input.quantity ?? null;
    if (quantity !== null) checkQuantity(quantity, 'quantity');
    const note = optionalNote(input.note, 'note', LINE_CANCELLATION.columns.note.maxLength);
    const sku = await articleOf(context, input.sku, 'sku');
    const what = { orderId: input.order.id, sku, quantity, reason: input.reason, note };
    return cancelOrderLine(context.db, request(what));
  },
});
