// Acts on stock itself: receiving, adjusting, counting, quarantine, safety stock.

import { act, type Command } from '../../access/act';
import { mustWorkAt } from '../../access/rules';
import { lockShelves, post } from '../ledger';

/** One line of a delivery, resolved to ids by the face. `quantity` in sellable units. */
interface ReceiveLine {
  skuId: number;
  quantity: number;
}

export interface ReceiveInput {
  locationId: number;
  locationCode: string;
  lines: ReceiveLine[];
  note: string | null;
}

/** Books a delivery without a purchase order: SUPPLIER → AVAILABLE. Two lines of one SKU add up. */
export const receiveStock = act(
  'receiveStock',
  async (tx, { input, who, now, commandId }: Command<ReceiveInput>) => {
    mustWorkAt(who, input.locationId, input.locationCode);
    const { locationId } = input;
    const shelves = await lockShelves(
      tx,
      input.lines.map((l) => ({ locationId, skuId: l.skuId })),
    );
    await post(
      tx,
      shelves,
      now,
      input.lines.map((l) => ({
        locationId,
        skuId: l.skuId,
        from: 'SUPPLIER',
        to: 'AVAILABLE',
        quantity: l.quantity,
        reason: 'RECEIVED',
        note: input.note,
        commandId,
      })),
    );
    return { locationId, skuIds: [...new Set(input.lines.map((l) => l.skuId))] };
  },
);
