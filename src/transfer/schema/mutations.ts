// Mutations of transfers.

import { INTERNAL, PLANNERS, STAFF_OR_PLANNERS, TRANSFER_REQUESTERS } from '../../access/rules/roleSets';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { SkuQuantityInput } from '../../catalog/schema/skuQuantity';
import { builder } from '../../graphql/builder';
import { commandPrice, LOCKED_LINE } from '../../graphql/cost/price';
import { documentInputs } from '../../graphql/documentFields';
import { mutation, type Success } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { locationIdsByCode } from '../../location/queries/locations';
import { checkText, refuse } from '../../refusals';
import { NotEnoughStock } from '../../stock/schema/refusals';
import { checkedInput } from '../../values/document';
import { documentNumber } from '../../values/text';
import { cancelTransferWith, createTransfer, dispatchTransfer } from '../actions/commands';
import type { TransferFollower } from '../actions/planned';
import { approveTransferReceiptWith, receiveTransferWith, type TransferReceipt } from '../actions/receive';
import { type Discrepancy, TRANSFER } from '../rules';
import { addRecall } from './corrections';
import { changedTransfer, linesOf, oneTransferInput, transferField } from './inputs';
import { Transfer } from './types';

const MAX_ORDER_NUMBER = 64;

mutation('createTransfer', {
  description:
    'Creates a transfer (DRAFT). Its units are reserved at the source at once; safety stock may be used, because the units stay in the chain. AGENT tokens name a late order of a customer whom they serve.',
  authScopes: TRANSFER_REQUESTERS,
  price: commandPrice('lines', LOCKED_LINE),
  input: (t) => ({
    from: t.string({ required: true, description: 'Location code of the source.' }),
    to: t.string({ required: true, description: 'Location code of the destination.' }),
    lines: t.field({ type: [SkuQuantityInput], required: true, description: 'What to transfer.' }),
    orderNumber: t.string({
      description:
        'Number of an open order at the destination that the units are meant for (C-…); AGENT tokens must name one. The units arrive as stock of the shop, and the number becomes the note if there is none.',
    }),
    ...documentInputs(t, TRANSFER, 'createTransfer'),
  }),
  success: changedTransfer,
  refusals: [NotEnoughStock, WrongState],
  execute: async (input, context, request) => {
    const { from, to } = input;
    const values = checkedInput(TRANSFER, 'createTransfer', input);
    if (from === to) {
      const message = `from and to are both '${from}'; a transfer goes to another location.`;
      refuse('InvalidInput', message, { path: 'to' });
    }
    const lines = await linesOf(context, input.lines, 1);
    const locationIds = await locationIdsByCode(context.db, [from, to]);
    const { orderNumber } = input;
    if (orderNumber != null) checkText(orderNumber, 'orderNumber', MAX_ORDER_NUMBER);
    const meantFor = orderNumber == null ? null : documentNumber(orderNumber);
    return createTransfer(
      context.db,
      request({
        fromLocationId: locationIds.get(from)!,
        fromCode: from,
        toLocationId: locationIds.get(to)!,
        lines,
        orderNumber: meantFor,
        ...values,
      }),
    );
  },
});

mutation('dispatchTransfer', {
  description:
    'Records that the units have left the source: they are in transit to the destination. For staff of the source.',
  authScopes: STAFF_OR_PLANNERS,
  price: commandPrice(),
  sentLater: true,
  input: oneTransferInput,
  success: changedTransfer,
  refusals: [WrongState],
  execute: (input, context, request) =>
    dispatchTransfer(context.db, request({ transferId: input.transfer.id })),
});

const TransferDiscrepancy = builder.objectRef<Discrepancy>('TransferDiscrepancy').implement({
  description: 'A SKU of which more or fewer units arrived than were sent; the difference is in SHRINKAGE.',
  authScopes: INTERNAL,
  fields: (t) => ({
    sku: t.field(SKU_FIELD),
    sent: t.exposeInt('sent', { description: 'Units sent.' }),
    received: t.exposeInt('received', { description: 'Units received.' }),
  }),
});

const receiptType: Success<TransferReceipt> = {
  authScopes: INTERNAL,
  fields: (t) => ({
    transfer: transferField(t),
    discrepancies: t.field({
      type: [TransferDiscrepancy],
      description: 'SKUs of which more or fewer units arrived than were sent.',
      resolve: (done) => done.discrepancies,
    }),
    awaitsApproval: t.boolean({
      description:
        'True if the discrepancy is so large that a planner has to approve it first: nothing is posted and the transfer stays DISPATCHED.',
      resolve: (done) => done.awaitsApproval ?? false,
    }),
  }),
};

/** Declares the mutations that may settle an order which waits for the transfer; the module of orders passes what that means. */
export function addSettlingMutations(follower: TransferFollower): void {
  const cancelTransfer = cancelTransferWith(follower);
  const receiveTransfer = receiveTransferWith(follower);
  const approveTransferReceipt = approveTransferReceiptWith(follower);
  addRecall(follower);

  mutation('cancelTransfer', {
    description: 'Cancels a DRAFT and releases its units at the source. For staff of the source.',
    authScopes: STAFF_OR_PLANNERS,
    price: commandPrice(),
    input: oneTransferInput,
    success: changedTransfer,
    refusals: [WrongState],
    execute: (input, context, request) =>
      cancelTransfer(context.db, request({ transferId: input.transfer.id })),
  });

  mutation('receiveTransfer', {
    description:
      'Records what arrived and closes the transfer; answers with units lost or found on the way. A large discrepancy waits for approval.',
    authScopes: INTERNAL,
    price: commandPrice('lines', LOCKED_LINE),
    sentLater: true,
    input: (t) => ({
      transfer: t.globalID({ required: true, for: [Transfer] }),
      lines: t.field({
        type: [SkuQuantityInput],
        description:
          'What was counted; a SKU that is not listed did not arrive. If the list is omitted, everything arrived as sent.',
      }),
    }),
    success: receiptType,
    refusals: [WrongState],
    execute: async (input, context, request) =>
      receiveTransfer(
        context.db,
        request({
          transferId: input.transfer.id,
          lines: input.lines == null ? null : await linesOf(context, input.lines, 0),
        }),
      ),
  });

  mutation('approveTransferReceipt', {
    description:
      'Posts a receipt with a large discrepancy as it was counted. To question it, have it counted again.',
    authScopes: PLANNERS,
    price: commandPrice(),
    input: oneTransferInput,
    success: receiptType,
    refusals: [WrongState],
    execute: (input, context, request) =>
      approveTransferReceipt(context.db, request({ transferId: input.transfer.id })),
  });
}
