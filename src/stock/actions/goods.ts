// Commands on goods at one location: receive, adjust, quarantine and release.

import { type Command, defineCommand } from '../../access/actions/execute';
import { mustWorkAt } from '../../access/rules/roles';
import { skuCodes } from '../../catalog/queries/skus';
import type { Tx } from '../../db/pool';
import { mustBeActive } from '../../location/queries/locations';
import { type Inside, type Level, lockShelves, type Move, post } from '../ledger';
import {
  type AdjustReason,
  adjustment,
  type BucketChange,
  checkRoom,
  leaveQuarantine,
  type QuarantineExit,
  refuseShortfall,
} from '../rules/changes';

/** A location, resolved by the schema layer; the code is for messages. */
interface StockLocation {
  locationId: number;
  locationCode: string;
}

/** Units of one SKU. */
interface GoodsLine {
  skuId: number;
  quantity: number;
}

/** Result of these commands: the shelves they changed. */
export interface Touched {
  locationId: number;
  skuIds: number[];
}

/** A move of one line's units, with the note of the person who moves them. */
interface GoodsStep extends BucketChange {
  skuId: number;
  note: string | null;
}

const COLUMN = { AVAILABLE: 'available', QUARANTINE: 'quarantine' } as const satisfies Partial<
  Record<Inside, keyof Level>
>;
type Shown = keyof typeof COLUMN;

/** The net change of a bucket per SKU. */
function netOf(steps: readonly GoodsStep[], bucket: Shown): Map<number, number> {
  const net = new Map<number, number>();
  for (const step of steps) {
    const sign = step.to === bucket ? 1 : step.from === bucket ? -1 : 0;
    if (sign !== 0) net.set(step.skuId, (net.get(step.skuId) ?? 0) + sign * step.quantity);
  }
  return net;
}

/** Lock, read, post: moves of one command between the shelves of one location and the outside, all or nothing. */
async function moveGoods(
  tx: Tx,
  { input, actor, now, commandId }: Command<StockLocation>,
  steps: readonly GoodsStep[],
): Promise<Touched> {
  const { locationId, locationCode } = input;
  mustWorkAt(actor, locationId, locationCode);
  const skuIds = [...new Set(steps.map((s) => s.skuId))];
  const shelves = await lockShelves(
    tx,
    skuIds.map((skuId) => ({ locationId, skuId })),
  );
  for (const bucket of ['AVAILABLE', 'QUARANTINE'] as const) {
    const net = netOf(steps, bucket);
    const there = (skuId: number) => shelves.at(locationId, skuId)[COLUMN[bucket]];
    const short = [...net].filter(([skuId, units]) => there(skuId) + units < 0);
    if (short.length > 0) {
      const codes = await skuCodes(
        tx,
        short.map(([skuId]) => skuId),
      );
      const lines = short.map(([skuId, units]) => ({
        sku: codes.get(skuId)!,
        location: locationCode,
        requested: -units,
        available: there(skuId),
      }));
      refuseShortfall(actor, lines, bucket);
    }
    for (const [skuId, units] of net) checkRoom(there(skuId), units, 'lines');
  }
  const moves = steps.map((step): Move => ({ ...step, locationId, commandId }));
  await post(tx, shelves, now, moves);
  return { locationId, skuIds };
}

export interface ReceiveInput extends StockLocation {
  lines: GoodsLine[];
  note: string | null;
}

/** Books a delivery without a purchase order: SUPPLIER → AVAILABLE. Two lines of one SKU add up. @throws Refused NotFound of an inactive location */
export const receiveStock = defineCommand('receiveStock', async (tx: Tx, command: Command<ReceiveInput>) => {
  await mustBeActive(tx, command.input.locationId);
  const { lines, note } = command.input;
  return moveGoods(
    tx,
    command,
    lines.map((l) => ({ ...l, from: 'SUPPLIER', to: 'AVAILABLE', reason: 'RECEIVED', note })),
  );
});

export interface AdjustInput extends StockLocation {
  lines: { skuId: number; delta: number; reason: AdjustReason; note: string | null }[];
}

/** Corrects what is AVAILABLE by signed deltas, each with its reason; the lines of one SKU are summed first.
 * @throws Refused NotEnoughStock */
export const adjustStock = defineCommand('adjustStock', (tx: Tx, command: Command<AdjustInput>) =>
  moveGoods(
    tx,
    command,
    command.input.lines.map(({ skuId, delta, reason, note }) => ({
      ...adjustment(delta, reason),
      skuId,
      note,
    })),
  ),
);

export interface QuarantineInput extends StockLocation {
  lines: GoodsLine[];
  /** Why the goods are not for sale, in words. */
  reason: string;
}

/** Takes goods from sale: AVAILABLE → QUARANTINE. @throws Refused NotEnoughStock */
export const quarantineStock = defineCommand(
  'quarantineStock',
  (tx: Tx, command: Command<QuarantineInput>) => {
    const { lines, reason } = command.input;
    return moveGoods(
      tx,
      command,
      lines.map((l) => ({ ...l, from: 'AVAILABLE', to: 'QUARANTINE', reason: 'QUARANTINED', note: reason })),
    );
  },
);

export interface ReleaseInput extends StockLocation {
  lines: (GoodsLine & { exit: QuarantineExit })[];
  note: string | null;
}

/** Ends quarantine: back on sale, scrapped, or sent to the vendor. @throws Refused NotEnoughStock (of QUARANTINE) */
export const releaseQuarantine = defineCommand(
  'releaseQuarantine',
  (tx: Tx, command: Command<ReleaseInput>) => {
    const { lines, note } = command.input;
    return moveGoods(
      tx,
      command,
      lines.map((l) => ({ ...leaveQuarantine(l.quantity, l.exit), skuId: l.skuId, note })),
    );
  },
);
