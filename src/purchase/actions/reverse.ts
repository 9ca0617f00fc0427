// reversePurchaseReceipt: takes delivered units back that were posted by mistake.

import { v7 as uuid } from 'uuid';
import { type Command, defineCommand } from '../../access/actions/execute';
import { mustWorkAt } from '../../access/rules/roles';
import { insertStatement } from '../../db/documentSql';
import type { Tx } from '../../db/pool';
import { enqueue } from '../../outbox/actions/enqueue';
import { checkState, refuse } from '../../refusals';
import { lockShelves, type Move, post } from '../../stock/ledger';
import { refuseShortfall } from '../../stock/rules/changes';
import type { InsertedRow } from '../../values/document';
import { sumBySku } from '../../values/skuUnits';
import {
  PURCHASE_RECEIPT_REVERSAL,
  PURCHASE_STARTS,
  type PurchaseLine,
  type PurchaseStatus,
  statusAfter,
} from '../rules';
import { END_PURCHASE, type PurchaseUnits, purchaseForUpdate, purchaseLines } from './commands';

export interface ReversePurchaseInput {
  purchaseId: string;
  /** Null: all units that were received. */
  lines: PurchaseUnits[] | null;
  reason: string;
}

/** The units to take back. @throws Refused InvalidInput for more units than were received */
function unitsToReverse(
  number: string,
  lines: readonly PurchaseLine[],
  input: ReversePurchaseInput,
): { skuId: number; quantity: number }[] {
  const received = new Map(lines.map((l) => [l.skuId, l.received]));
  if (input.lines === null) {
    const all = lines.filter((l) => l.received > 0).map((l) => ({ skuId: l.skuId, quantity: l.received }));
    if (all.length > 0) return all;
    refuse('InvalidInput', `Nothing was received for ${number}; there is no receipt to take back.`, {
      path: 'purchaseOrder',
    });
  }
  const units = sumBySku(input.lines);
  for (const [i, { skuId, sku }] of input.lines.entries()) {
    const most = received.get(skuId) ?? 0;
    const quantity = units.find((u) => u.skuId === skuId)!.quantity;
    if (quantity <= most) continue;
    const message = `lines.${i}.quantity: ${quantity} of ${sku} cannot be taken back; ${most} were received for ${number}.`;
    refuse('InvalidInput', message, { path: `lines.${i}.quantity` });
  }
  return units;
}

const TAKE_BACK = `
  UPDATE purchase_line l SET received = l.received - d.quantity
  FROM unnest($2::int[], $3::int[]) AS d(sku_id, quantity) WHERE l.purchase_id = $1 AND l.sku_id = d.sku_id`;
const RECEIVED_AT = `
  SELECT max(created_at) AS "receivedAt" FROM stock_move WHERE document_id = $1 AND reason = 'RECEIVED'`;
const RECORD = insertStatement(PURCHASE_RECEIPT_REVERSAL);

async function record(
  tx: Tx,
  { input, actor, now, commandId }: Command<ReversePurchaseInput>,
  units: number,
): Promise<void> {
  const { purchaseId, reason } = input;
  const [row] = await tx.rows<{ receivedAt: Date | null }>(RECEIVED_AT, [purchaseId]);
  const reversal: InsertedRow<typeof PURCHASE_RECEIPT_REVERSAL> = {
    ...{ id: uuid(), purchaseId, actorId: actor.actorId, commandId, reason, units },
    receivedAt: row!.receivedAt,
  };
  await tx.rows(RECORD, [JSON.stringify([reversal]), now]);
}

/**
 * Takes delivered units back that were posted by mistake: AVAILABLE → SUPPLIER, so that the purchase order expects them again. They must
 * still be AVAILABLE. @throws Refused NotFound, WrongState, InvalidInput, NotEnoughStock
 */
export const reversePurchaseReceipt = defineCommand(
  'reversePurchaseReceipt',
  async (tx, command: Command<ReversePurchaseInput>) => {
    const { input, actor, now, commandId } = command;
    const purchase = await purchaseForUpdate(tx, input.purchaseId);
    const { id, number, status, locationId, location, supplier } = purchase;
    mustWorkAt(actor, locationId, location);
    checkState('Purchase order', number, status, PURCHASE_STARTS.reverse, 'taken back');
    const lines = await purchaseLines(tx, id);
    const units = unitsToReverse(number, lines, input);
    const shelves = await lockShelves(
      tx,
      units.map(({ skuId }) => ({ locationId, skuId })),
    );
    const codes = new Map(lines.map((l) => [l.skuId, l.sku]));
    refuseShortfall(
      actor,
      units.map(({ skuId, quantity }) => ({
        ...{ sku: codes.get(skuId)!, location, requested: quantity },
        available: shelves.at(locationId, skuId).available,
      })),
    );
    await record(
      tx,
      command,
      units.reduce((sum, u) => sum + u.quantity, 0),
    );
    await tx.rows(TAKE_BACK, [id, units.map((u) => u.skuId), units.map((u) => u.quantity)]);
    const kind = { from: 'AVAILABLE', to: 'SUPPLIER', reason: 'RECEIPT_REVERSED' } as const;
    const moves = units.map((unit): Move => ({ ...unit, ...kind, locationId, documentId: id, commandId }));
    await post(tx, shelves, now, moves);
    const back = new Map(units.map((u) => [u.skuId, u.quantity]));
    const after = lines.map((l) => ({ ...l, received: l.received - (back.get(l.skuId) ?? 0) }));
    const state: PurchaseStatus = after.every((l) => l.received === 0)
      ? 'ORDERED'
      : statusAfter(after, false);
    await tx.rows(END_PURCHASE, [id, state, state === 'RECEIVED' ? now : null]);
    const payload = { purchaseOrderId: id, number, supplier, location, status: state };
    await enqueue(tx, now, [{ topic: 'purchase.receipt_reversed', payload }]);
    return { purchaseId: id };
  },
);
