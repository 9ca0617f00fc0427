// Moves the stock of a SKU whose code becomes an alias to the SKU that the code stands for, in the ledger, with a reason.

import type { Tx } from '../../../db/pool';
import { lockSwept } from '../../../reservation/actions/sweep';
import { type Inside, type Level, type LockedShelves, type Move, post } from '../../../stock/ledger';
import { checkRoom } from '../../../stock/rules/changes';
import { refuseUsed } from './uses';

/** A SKU and the one that replaces it. */
export interface Replacement {
  oldId: number;
  oldCode: string;
  newId: number;
  newCode: string;
}

interface AliasCommand {
  commandId: number;
  now: Date;
}

const STOCKED = `
  SELECT sku_id AS "skuId", location_id AS "locationId" FROM stock_level
  WHERE sku_id = ANY($1::int[]) AND available + reserved + staged + quarantine + in_transit > 0
  ORDER BY location_id, sku_id`;
// Serialises with transactions that open a shelf or a document of one of these SKUs at the same time.
const LOCK_SKUS = 'SELECT id FROM sku WHERE id = ANY($1::int[]) ORDER BY id FOR UPDATE';
// Open counts are reopened under the new SKU; a count that waits for approval has to be counted again.
const RECOUNT = `
  WITH old AS (
    UPDATE stock_count SET status = 'CANCELLED' WHERE sku_id = $1 AND status IN ('OPEN', 'COUNTED') RETURNING *)
  INSERT INTO stock_count (id, location_id, sku_id, status, reason, opened_at)
  SELECT gen_random_uuid(), location_id, $2, 'OPEN', reason, $3 FROM old ORDER BY location_id
  ON CONFLICT (location_id, sku_id) WHERE status IN ('OPEN', 'COUNTED') DO NOTHING`;

const MOVED: readonly [Inside, 'available' | 'quarantine'][] = [
  ['AVAILABLE', 'available'],
  ['QUARANTINE', 'quarantine'],
];

/** The moves that empty one shelf of the old SKU into the new one's. */
function movesOf(
  old: Level,
  present: Level,
  { oldCode, newId, newCode }: Replacement,
  commandId: number,
): Move[] {
  const note = `${oldCode} → ${newCode}`;
  return MOVED.flatMap(([bucket, column]) => {
    const quantity = old[column];
    checkRoom(present[column], quantity, 'aliases');
    const common = { locationId: old.locationId, quantity, reason: 'SKU_REPLACED', note, commandId } as const;
    return [
      { ...common, skuId: old.skuId, from: bucket, to: 'SHRINKAGE' },
      { ...common, skuId: newId, from: 'SHRINKAGE', to: bucket },
    ] satisfies Move[];
  });
}

/**
 * Moves what is AVAILABLE and in QUARANTINE under the old SKUs to the new ones, through SHRINKAGE, as a move is of one
 * SKU: both moves have one command, and their note names both codes. Expired reservations are released before.
 * Returns the number of units moved. @throws Refused SkuInUse when units are promised or on their way
 */
export async function moveStock(
  tx: Tx,
  cause: AliasCommand,
  replacements: readonly Replacement[],
): Promise<number> {
  const oldIds = replacements.map((r) => r.oldId);
  const byOld = new Map(replacements.map((r) => [r.oldId, r]));
  const readStockedShelves = () => tx.rows<{ skuId: number; locationId: number }>(STOCKED, [oldIds]);
  const lock = (stocked: { skuId: number; locationId: number }[]): Promise<LockedShelves> =>
    lockSwept(
      tx,
      cause,
      stocked.flatMap(({ skuId, locationId }) => [
        { skuId, locationId },
        { skuId: byOld.get(skuId)!.newId, locationId },
      ]),
    );
  const before = await readStockedShelves();
  let shelves = await lock(before);
  await tx.rows(LOCK_SKUS, [oldIds]);
  // Once the SKUs are locked, no shelf of theirs can be opened; shelves opened before that are locked too.
  const stocked = await readStockedShelves();
  if (stocked.some((h) => !before.some((b) => b.skuId === h.skuId && b.locationId === h.locationId)))
    shelves = await lock(stocked);
  for (const { oldId, oldCode } of replacements) await refuseUsed(tx, { id: oldId, code: oldCode });
  let units = 0;
  for (const { skuId, locationId } of stocked) {
    const replacement = byOld.get(skuId)!;
    const [old, present] = [shelves.at(locationId, skuId), shelves.at(locationId, replacement.newId)];
    units += old.available + old.quarantine;
    await post(tx, shelves, cause.now, movesOf(old, present, replacement, cause.commandId));
  }
  for (const { oldId, newId } of replacements) await tx.rows(RECOUNT, [oldId, newId, cause.now]);
  return units;
}
