// Corrections of transfers that were received: units that came later, and receipts that were posted by mistake.

import { v7 as uuid } from 'uuid';
import { type Command, defineCommand } from '../../access/actions/execute';
import { mustWorkAt } from '../../access/rules/roles';
import { skuCodes } from '../../catalog/queries/skus';
import { insertStatement } from '../../db/documentSql';
import type { Tx } from '../../db/pool';
import { mustBeActive } from '../../location/queries/locations';
import { enqueue } from '../../outbox/actions/enqueue';
import { checkState, refuse } from '../../refusals';
import { lockShelves, type Move, post } from '../../stock/ledger';
import { checkRoom, refuseShortfall } from '../../stock/rules/changes';
import type { InsertedRow } from '../../values/document';
import { sumBySku } from '../../values/skuUnits';
import { TRANSFER_RECEIPT_REVERSAL, TRANSFER_STARTS, type TransferUnits } from '../rules';
import { type LockedTransfer, transferForUpdate } from './planned';
import { transferMessage } from './waiting';

/** Units that a receipt posted. */
interface ReceivedUnits extends TransferUnits {
  received: number;
}

const RECEIVED = `
  SELECT sku_id AS "skuId", quantity, received FROM transfer_line WHERE transfer_id = $1 ORDER BY sku_id`;
const ADD_RECEIVED = `
  UPDATE transfer_line l SET received = l.received + r.units
  FROM unnest($2::int[], $3::int[]) AS r(sku_id, units) WHERE l.transfer_id = $1 AND l.sku_id = r.sku_id`;

export interface LateUnitsInput {
  transferId: string;
  lines: (TransferUnits & { sku: string })[];
}

/** Checks that so many units are missing. @throws Refused InvalidInput for more, or for a SKU that was not sent */
function mustBeMissing(
  number: string,
  sent: readonly ReceivedUnits[],
  input: LateUnitsInput,
): TransferUnits[] {
  const late = sumBySku(input.lines);
  for (const [i, { skuId, sku }] of input.lines.entries()) {
    const line = sent.find((l) => l.skuId === skuId);
    const missing = line === undefined ? 0 : Math.max(0, line.quantity - line.received);
    const came = late.find((l) => l.skuId === skuId)!.quantity;
    if (came <= missing) continue;
    const known = line === undefined ? 'was not sent' : `is missing ${missing} times`;
    const message = `lines.${i}: ${came} of ${sku} came, which ${known} in ${number}; book the rest with receiveStock.`;
    refuse('InvalidInput', message, { path: `lines.${i}.quantity` });
  }
  return late;
}

/**
 * Books units of a RECEIVED transfer that came after the rest: SHRINKAGE → AVAILABLE, at most those that were missing. An order that
 * had waited for them was settled without them. @throws Refused NotFound, WrongState, InvalidInput
 */
export const receiveLateUnits = defineCommand(
  'receiveLateUnits',
  async (tx, { input, actor, now, commandId }: Command<LateUnitsInput>) => {
    const transfer = await transferForUpdate(tx, input.transferId);
    const { id, number, status, toLocationId: locationId } = transfer;
    mustWorkAt(actor, locationId, transfer.toCode);
    checkState('Transfer', number, status, TRANSFER_STARTS.receiveLate, 'completed by late units');
    await mustBeActive(tx, locationId);
    const late = mustBeMissing(number, await tx.rows<ReceivedUnits>(RECEIVED, [id]), input);
    const shelves = await lockShelves(
      tx,
      late.map(({ skuId }) => ({ locationId, skuId })),
    );
    for (const { skuId, quantity } of late)
      checkRoom(shelves.at(locationId, skuId).available, quantity, 'lines');
    await tx.rows(ADD_RECEIVED, [id, late.map((l) => l.skuId), late.map((l) => l.quantity)]);
    const kind = { from: 'SHRINKAGE', to: 'AVAILABLE', reason: 'FOUND_IN_TRANSIT' } as const;
    const moves = late.map((units): Move => ({ ...units, ...kind, locationId, documentId: id, commandId }));
    await post(tx, shelves, now, moves);
    await enqueue(tx, now, [transferMessage('transfer.received', transfer)]);
    return { transferId: id };
  },
);

/** The moves that take a receipt back: all sent units are in transit again, surplus ones were never there. */
function reversalMoves(
  { id: documentId, toLocationId: locationId }: LockedTransfer,
  lines: readonly ReceivedUnits[],
  commandId: number,
): Move[] {
  return lines.flatMap(({ skuId, quantity, received }): Move[] => {
    const common = { skuId, locationId, documentId, commandId, reason: 'RECEIPT_REVERSED' } as const;
    const kept = Math.min(quantity, received);
    return [
      { ...common, from: 'AVAILABLE', to: 'IN_TRANSIT', quantity: kept },
      { ...common, from: 'SHRINKAGE', to: 'IN_TRANSIT', quantity: quantity - kept },
      { ...common, from: 'AVAILABLE', to: 'SHRINKAGE', quantity: received - kept },
    ];
  });
}

const REOPEN = `
  UPDATE transfer SET status = 'DISPATCHED', closed_at = NULL, counted_at = NULL, counted_by_id = NULL WHERE id = $1`;
const REOPEN_LINES = 'UPDATE transfer_line SET received = 0, counted = NULL WHERE transfer_id = $1';
const CLOSED_AT = 'SELECT closed_at AS "closedAt" FROM transfer WHERE id = $1';
const RECORD = insertStatement(TRANSFER_RECEIPT_REVERSAL);

async function reopen(
  tx: Tx,
  { input, actor, now, commandId }: Command<{ transferId: string; reason: string }>,
  units: number,
): Promise<void> {
  const { transferId, reason } = input;
  const [row] = await tx.rows<{ closedAt: Date | null }>(CLOSED_AT, [transferId]);
  const reversal: InsertedRow<typeof TRANSFER_RECEIPT_REVERSAL> = {
    ...{
      id: uuid(),
      transferId,
      actorId: actor.actorId,
      commandId,
      reason,
      units,
      receivedAt: row!.closedAt,
    },
  };
  await tx.rows(RECORD, [JSON.stringify([reversal]), now]);
  await tx.rows(REOPEN, [transferId]);
  await tx.rows(REOPEN_LINES, [transferId]);
}

/**
 * Takes the receipts of a transfer back that were posted by mistake: its units are in transit again, and it can be received again. The
 * received units must still be AVAILABLE. What an order got stays with it. @throws Refused NotFound, WrongState, NotEnoughStock
 */
export const reverseTransferReceipt = defineCommand(
  'reverseTransferReceipt',
  async (tx, command: Command<{ transferId: string; reason: string }>) => {
    const { input, actor, now, commandId } = command;
    const transfer = await transferForUpdate(tx, input.transferId);
    const { id, number, status, toLocationId: locationId, toCode } = transfer;
    mustWorkAt(actor, locationId, toCode);
    checkState('Transfer', number, status, TRANSFER_STARTS.reverse, 'taken back');
    if (transfer.orderId !== null) {
      const message = `Transfer ${number} was for an order, which has its units; correct the order with shortPick or cancelOrderLine.`;
      const facts = { what: 'Transfer', key: number, state: 'FOR_ORDER', allowedStates: ['FOR_STOCK'] };
      refuse('WrongState', message, facts);
    }
    const lines = await tx.rows<ReceivedUnits>(RECEIVED, [id]);
    const shelves = await lockShelves(
      tx,
      lines.map(({ skuId }) => ({ locationId, skuId })),
    );
    const codes = await skuCodes(
      tx,
      lines.map((l) => l.skuId),
    );
    refuseShortfall(
      actor,
      lines.map(({ skuId, received }) => ({
        ...{ sku: codes.get(skuId)!, location: toCode, requested: received },
        available: shelves.at(locationId, skuId).available,
      })),
    );
    for (const { skuId, quantity } of lines)
      checkRoom(shelves.at(locationId, skuId).inTransit, quantity, 'transfer');
    const units = lines.reduce((sum, l) => sum + l.received, 0);
    await reopen(tx, command, units);
    await post(tx, shelves, now, reversalMoves(transfer, lines, commandId));
    await enqueue(tx, now, [transferMessage('transfer.receipt_reversed', transfer)]);
    return { transferId: id };
  },
);
