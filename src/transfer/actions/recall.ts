// recallTransfer: units that were dispatched by mistake return to their source.

import { type Command, defineCommand } from '../../access/actions/execute';
import { mustWorkAt } from '../../access/rules/roles';
import { enqueue } from '../../outbox/actions/enqueue';
import { checkState } from '../../refusals';
import { type Move, post } from '../../stock/ledger';
import { checkRoom } from '../../stock/rules/changes';
import { arrivalsOf, TRANSFER_STARTS } from '../rules';
import { cancelTransfers, type LockedTransfer, type TransferFollower } from './planned';
import { lockEnds, lockWithOrder, settle, transferMessage } from './waiting';

/**
 * The moves of a recall: what is in transit to the destination is AVAILABLE at the source again. Between locations units only move into
 * IN_TRANSIT, so each line is two moves.
 */
function recallMoves({ id, fromLocationId, toLocationId, lines }: LockedTransfer, commandId: number): Move[] {
  return lines.flatMap(({ skuId, quantity }): Move[] => {
    const common = { skuId, quantity, documentId: id, commandId, reason: 'TRANSFER_RECALLED' } as const;
    const home = { locationId: toLocationId, toLocationId: fromLocationId };
    return [
      { ...common, ...home, from: 'IN_TRANSIT', to: 'IN_TRANSIT' },
      { ...common, locationId: fromLocationId, from: 'IN_TRANSIT', to: 'AVAILABLE' },
    ];
  });
}

/**
 * Recalls a DISPATCHED transfer: its units are AVAILABLE at the source again, and the transfer is CANCELLED. An order that
 * waited for it is settled as by a cancelled draft. What was counted at the destination has arrived there, and is not recalled.
 * @throws Refused NotFound, WrongState
 */
export const recallTransferWith = (follower: TransferFollower) =>
  defineCommand(
    'recallTransfer',
    async (tx, { input, actor, now, commandId }: Command<{ transferId: string }>) => {
      const transfer = await lockWithOrder(tx, follower, input.transferId);
      const { id, number, status, fromLocationId } = transfer;
      mustWorkAt(actor, fromLocationId, transfer.fromCode);
      checkState('Transfer', number, status, TRANSFER_STARTS.recall, 'recalled');
      const counted = transfer.countedAt === null ? 'NOT_COUNTED' : 'COUNTED';
      checkState('Receipt of transfer', number, counted, ['NOT_COUNTED'], 'recalled');
      const arrivals = arrivalsOf(transfer.lines, []);
      const locked = await lockEnds(tx, follower, transfer, arrivals);
      for (const { skuId, quantity } of transfer.lines)
        checkRoom(locked.shelves.at(fromLocationId, skuId).available, quantity, 'transfer');
      await cancelTransfers(tx, now, [transfer]);
      await post(tx, locked.shelves, now, recallMoves(transfer, commandId));
      await settle(tx, follower, { commandId, now }, locked, transfer, arrivals);
      await enqueue(tx, now, [transferMessage('transfer.recalled', transfer)]);
      return { transferId: id };
    },
  );
