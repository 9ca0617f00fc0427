// Calls that correct what was done: a line is cancelled, a transfer recalled or completed, a receipt taken back.

import { awaitingOrders } from '../../src/order/actions/arrivals';
import { cancelOrderLine } from '../../src/order/actions/cancelLine';
import { reversePurchaseReceipt } from '../../src/purchase/actions/reverse';
import { receiveLateUnits, reverseTransferReceipt } from '../../src/transfer/actions/correctReceipt';
import { recallTransferWith } from '../../src/transfer/actions/recall';
import type { Call, Of, Tools } from './callTools';

const recallTransfer = recallTransferWith(awaitingOrders);
const reason = 'mistake';

export function correctionCall(
  { names, state, db, article, units }: Tools,
  op: Of<'cancelLine' | 'recall' | 'receiveLate' | 'reverseArrival' | 'reverseDelivery'>,
): Call {
  const { staff } = names;
  switch (op.act) {
    case 'cancelLine': {
      const { id: orderId, owner } = state.orders[op.doc]!;
      const input = {
        orderId,
        sku: article(op.sku),
        quantity: op.units,
        reason: 'OTHER',
        note: null,
      } as const;
      const who = op.byCustomer ? names.owners[owner]! : staff;
      return { who, run: (ask) => cancelOrderLine(db, ask(input)) };
    }
    case 'recall': {
      const transferId = state.transfers[op.doc]!.id;
      return { who: staff, run: (ask) => recallTransfer(db, ask({ transferId })) };
    }
    case 'receiveLate': {
      const input = { transferId: state.transfers[op.doc]!.id, lines: units([op]) };
      return { who: staff, run: (ask) => receiveLateUnits(db, ask(input)) };
    }
    case 'reverseArrival': {
      const input = { transferId: state.transfers[op.doc]!.id, reason };
      return { who: staff, run: (ask) => reverseTransferReceipt(db, ask(input)) };
    }
    case 'reverseDelivery': {
      const lines = op.whole ? null : units([op]);
      const input = { purchaseId: state.purchases[op.doc]!.id, lines, reason };
      return { who: staff, run: (ask) => reversePurchaseReceipt(db, ask(input)) };
    }
  }
}
