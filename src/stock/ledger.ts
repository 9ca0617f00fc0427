// The one door to stock: locks level rows in key order, and posts moves of units between buckets. Nothing else writes them.

import { notify } from '../db/notify';
import type { Tx } from '../db/pool';
import { lockSeconds } from '../metrics';
import type { Bucket, Inside, Level, Move, Shelf } from './rules/units';

export type { Bucket, Inside, Level, Move, MoveReason, Shelf } from './rules/units';

const COLUMN: Record<Inside, 'available' | 'reserved' | 'staged' | 'quarantine' | 'inTransit'> = {
  AVAILABLE: 'available',
  RESERVED: 'reserved',
  STAGED: 'staged',
  QUARANTINE: 'quarantine',
  IN_TRANSIT: 'inTransit',
};

function isInside(bucket: Bucket): bucket is Inside {
  return bucket in COLUMN;
}

const keyOf = (locationId: number, skuId: number): string => `${locationId}:${skuId}`;

/** The level rows that this transaction holds, as they stand now: `post` keeps them up to date. */
export class LockedShelves {
  readonly #levels = new Map<string, Level>();

  constructor(levels: Level[]) {
    for (const level of levels) this.#levels.set(keyOf(level.locationId, level.skuId), level);
  }

  /** The level of a shelf locked before. Asking for another is a bug, not a refusal. */
  at(locationId: number, skuId: number): Level {
    const level = this.#levels.get(keyOf(locationId, skuId));
    if (level === undefined)
      throw new Error(`shelf ${keyOf(locationId, skuId)} was not locked in this transaction`);
    return level;
  }
}

const LOCK = `
  SELECT l.location_id AS "locationId", l.sku_id AS "skuId", l.available, l.reserved, l.staged, l.quarantine,
         l.in_transit AS "inTransit", l.position
  FROM unnest($1::int[], $2::int[]) AS k(location_id, sku_id)
  JOIN stock_level l ON l.location_id = k.location_id AND l.sku_id = k.sku_id
  ORDER BY l.location_id, l.sku_id FOR UPDATE OF l`;

const OPEN = `
  INSERT INTO stock_level (location_id, sku_id)
  SELECT location_id, sku_id FROM unnest($1::int[], $2::int[]) AS k(location_id, sku_id)
  ORDER BY location_id, sku_id ON CONFLICT DO NOTHING`;

/**
 * Locks these shelves in key order (so that no two transactions can wait for each other in a circle), opening rows
 * that don't exist yet. Lock documents first, shelves once and all together.
 */
export async function lockShelves(tx: Tx, shelves: Shelf[]): Promise<LockedShelves> {
  const keys = new Map(shelves.map((s) => [keyOf(s.locationId, s.skuId), s]));
  const wanted = [...keys.values()];
  const values = [wanted.map((s) => s.locationId), wanted.map((s) => s.skuId)];
  const stopTimer = lockSeconds.startTimer();
  let levels = await tx.rows<Level>(LOCK, values);
  if (levels.length < wanted.length) {
    await tx.rows(OPEN, values);
    levels = await tx.rows<Level>(LOCK, values);
  }
  stopTimer();
  return new LockedShelves(levels);
}

// The position of a shelf is the highest move id that touched it; ids are drawn under the row's lock, so it only grows.
const POST = `
  WITH m AS (
    INSERT INTO stock_move (sku_id, from_location_id, from_bucket, to_location_id, to_bucket, quantity, reason, note,
                            document_id, command_id, created_at)
    SELECT sku_id, from_location_id, from_bucket::bucket, to_location_id, to_bucket::bucket, quantity,
           reason::move_reason, note, document_id, command_id, $11
    FROM unnest($1::int[], $2::int[], $3::text[], $4::int[], $5::text[], $6::int[], $7::text[], $8::text[], $9::uuid[],
                $10::bigint[]) WITH ORDINALITY
      AS u(sku_id, from_location_id, from_bucket, to_location_id, to_bucket, quantity, reason, note, document_id,
           command_id, ord)
    ORDER BY ord RETURNING id, sku_id, from_location_id, to_location_id),
  p AS (
    SELECT location_id, sku_id, max(id) AS position
    FROM (SELECT from_location_id AS location_id, sku_id, id FROM m UNION ALL SELECT to_location_id, sku_id, id FROM m) t
    GROUP BY 1, 2)
  UPDATE stock_level l
  SET available = l.available + d.available, reserved = l.reserved + d.reserved, staged = l.staged + d.staged,
      quarantine = l.quarantine + d.quarantine, in_transit = l.in_transit + d.in_transit,
      position = p.position, updated_at = $11
  FROM unnest($12::int[], $13::int[], $14::int[], $15::int[], $16::int[], $17::int[], $18::int[])
         AS d(location_id, sku_id, available, reserved, staged, quarantine, in_transit)
  JOIN p USING (location_id, sku_id)
  WHERE l.location_id = d.location_id AND l.sku_id = d.sku_id
  RETURNING l.location_id AS "locationId", l.sku_id AS "skuId", l.position`;

type Delta = Omit<Level, 'position'>;

function sumDeltas(moves: Move[]): Map<string, Delta> {
  const deltas = new Map<string, Delta>();
  const at = (locationId: number, skuId: number): Delta => {
    const key = keyOf(locationId, skuId);
    let delta = deltas.get(key);
    if (delta === undefined) {
      delta = { locationId, skuId, available: 0, reserved: 0, staged: 0, quarantine: 0, inTransit: 0 };
      deltas.set(key, delta);
    }
    return delta;
  };
  for (const move of moves) {
    const source = at(move.locationId, move.skuId);
    const target = at(move.toLocationId ?? move.locationId, move.skuId);
    if (isInside(move.from)) source[COLUMN[move.from]] -= move.quantity;
    if (isInside(move.to)) target[COLUMN[move.to]] += move.quantity;
  }
  return deltas;
}

/**
 * Posts moves: appends them to the ledger, changes the levels by their sum, and tells listeners, all in one round of
 * statements. The caller has locked every shelf and decided that no bucket goes below zero; if one would, that is a
 * bug and an exception (the CHECK behind it would fire too). Moves of no units are skipped.
 */
export async function post(tx: Tx, shelves: LockedShelves, now: Date, allMoves: Move[]): Promise<void> {
  const moves = allMoves.filter((m) => m.quantity !== 0);
  if (moves.length === 0) return;
  const deltas = [...sumDeltas(moves).values()];
  for (const d of deltas) {
    const level = shelves.at(d.locationId, d.skuId);
    for (const column of Object.values(COLUMN)) {
      level[column] += d[column];
      if (level[column] < 0)
        throw new Error(`${column} of shelf ${keyOf(d.locationId, d.skuId)} would be ${level[column]}`);
    }
  }
  const posted = tx.rows<{ locationId: number; skuId: number; position: number }>(POST, [
    moves.map((m) => m.skuId),
    moves.map((m) => m.locationId),
    moves.map((m) => m.from),
    moves.map((m) => m.toLocationId ?? m.locationId),
    moves.map((m) => m.to),
    moves.map((m) => m.quantity),
    moves.map((m) => m.reason),
    moves.map((m) => m.note ?? null),
    moves.map((m) => m.documentId ?? null),
    moves.map((m) => m.commandId),
    now,
    deltas.map((d) => d.locationId),
    deltas.map((d) => d.skuId),
    deltas.map((d) => d.available),
    deltas.map((d) => d.reserved),
    deltas.map((d) => d.staged),
    deltas.map((d) => d.quarantine),
    deltas.map((d) => d.inTransit),
  ]);
  const touched = deltas.map((d) => keyOf(d.locationId, d.skuId));
  const [positions] = await Promise.all([posted, notify(tx, 'stock', touched)]);
  for (const p of positions) shelves.at(p.locationId, p.skuId).position = p.position;
}

const MARK_COUNTED = `
  UPDATE stock_level l SET counted_at = $3
  FROM unnest($1::int[], $2::int[]) AS k(location_id, sku_id)
  WHERE l.location_id = k.location_id AND l.sku_id = k.sku_id`;

/** Remembers when these shelves were last counted. The caller has locked them. */
export async function markCounted(tx: Tx, countedAt: Date, shelves: readonly Shelf[]): Promise<void> {
  if (shelves.length === 0) return;
  await tx.rows(MARK_COUNTED, [shelves.map((s) => s.locationId), shelves.map((s) => s.skuId), countedAt]);
}
