// Mutations that correct transfers on their way or received, and the record of receipts that were taken back.

import { INTERNAL, STAFF_OR_PLANNERS } from '../../access/rules/roleSets';
import { ACTOR_FIELD } from '../../access/schema/summary';
import { SkuQuantityInput } from '../../catalog/schema/skuQuantity';
import { builder } from '../../graphql/builder';
import { commandPrice, LOCKED_LINE } from '../../graphql/cost/price';
import { documentFields } from '../../graphql/documentFields';
import { mutation } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { NotEnoughStock } from '../../stock/schema/refusals';
import { typedNote } from '../../values/typedText';
import { receiveLateUnits, reverseTransferReceipt } from '../actions/correctReceipt';
import type { TransferFollower } from '../actions/planned';
import { recallTransferWith } from '../actions/recall';
import { TRANSFER_RECEIPT_REVERSAL } from '../rules';
import { changedTransfer, linesOf, oneTransferInput } from './inputs';
import { Transfer } from './types';

const MAX_REVERSALS = 100;

builder.prismaObject('TransferReceiptReversal', {
  description: 'A receipt of a transfer that was taken back.',
  authScopes: INTERNAL,
  fields: (t) => ({
    ...documentFields(t, TRANSFER_RECEIPT_REVERSAL, {}),
    actor: t.field({
      ...ACTOR_FIELD,
      description: 'By whom it was taken back.',
    }),
  }),
});

builder.prismaObjectField(Transfer, 'receiptReversals', (t) =>
  t.relation('receiptReversals', {
    description: 'Receipts that were taken back, oldest first.',
    authScopes: INTERNAL,
    query: { orderBy: { id: 'asc' }, take: MAX_REVERSALS },
  }),
);

mutation('receiveLateUnits', {
  description:
    'Records units of a received transfer that came after the rest, at most those that were missing; they become stock of the destination.',
  authScopes: INTERNAL,
  price: commandPrice('lines', LOCKED_LINE),
  sentLater: true,
  input: (t) => ({
    ...oneTransferInput(t),
    lines: t.field({ type: [SkuQuantityInput], required: true, description: 'What came later.' }),
  }),
  success: changedTransfer,
  refusals: [WrongState],
  execute: async (input, context, request) => {
    const lines = await linesOf(context, input.lines, 1);
    return receiveLateUnits(context.db, request({ transferId: input.transfer.id, lines }));
  },
});

mutation('reverseTransferReceipt', {
  description:
    'Takes back the receipts of a transfer that were posted by mistake: its units are in transit again. They must still be available at the destination, and no order may have waited for them.',
  authScopes: INTERNAL,
  price: commandPrice(),
  sentLater: true,
  input: (t) => ({
    ...oneTransferInput(t),
    reason: t.string({ required: true, description: 'Why the receipt was a mistake.' }),
  }),
  success: changedTransfer,
  refusals: [WrongState, NotEnoughStock],
  execute: (input, context, request) => {
    const reason = typedNote(input.reason, 'reason', TRANSFER_RECEIPT_REVERSAL.columns.reason.maxLength, 1);
    return reverseTransferReceipt(context.db, request({ transferId: input.transfer.id, reason }));
  },
});

/** Declares the mutation that may settle an order which waits for the transfer. */
export function addRecall(follower: TransferFollower): void {
  const recallTransfer = recallTransferWith(follower);
  mutation('recallTransfer', {
    description:
      'Recalls a DISPATCHED transfer: its units return to the source and are available there, and it is CANCELLED. An order that waits for it is supplied otherwise as far as possible. For staff of the source.',
    authScopes: STAFF_OR_PLANNERS,
    price: commandPrice(),
    sentLater: true,
    input: oneTransferInput,
    success: changedTransfer,
    refusals: [WrongState],
    execute: (input, context, request) =>
      recallTransfer(context.db, request({ transferId: input.transfer.id })),
  });
}
