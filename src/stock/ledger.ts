// The only writer of stock: locks level rows in key order, and posts moves of units between buckets.

import { notify } from '../db/notify';
import type { Tx } from '../db/pool';
import type { SendWithCommit } from '../db/transaction';
import { lockSeconds } from '../metrics';
import { shelfKey } from '../values/keys';
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

/** The level rows that this transaction has locked, with their present values: `post` keeps them up to date. */
export class LockedShelves {
  readonly #levels = new Map<string, Level>();
  /** Ids for moves to come, ascending, each drawn under the locks. */
  readonly #drawn: number[];

  constructor(levels: Level[], drawn: number[]) {
    for (const level of levels) this.#levels.set(shelfKey(level), level);
    this.#drawn = drawn;
  }

  /** The level of a locked shelf. Any other shelf is a bug, not a refusal. */
  at(locationId: number, skuId: number): Level {
    const level = this.#levels.get(shelfKey({ locationId, skuId }));
    if (level === undefined)
      throw new Error(`shelf ${shelfKey({ locationId, skuId })} was not locked in this transaction`);
    return level;
  }

  /** The next ids for so many moves, ascending; drawn now if too few are left of those that came with the locks. */
  async idsOf(tx: Tx, moves: number): Promise<number[]> {
    if (this.#drawn.length < moves) this.#drawn.push(...(await drawIds(tx, moves - this.#drawn.length)));
    return this.#drawn.splice(0, moves);
  }
}

const DRAW = `SELECT nextval('stock_move_id_seq') AS id FROM generate_series(1, $1)`;

async function drawIds(tx: Tx, count: number): Promise<number[]> {
  return (await tx.rows<{ id: number }>(DRAW, [count])).map((row) => row.id);
}

// Locks all of the rows or, while one of them is missing, none: whoever opens rows must not hold others that come later in key order.
const LOCK = `
  SELECT l.location_id AS "locationId", l.sku_id AS "skuId", l.available, l.reserved, l.staged, l.quarantine,
         l.in_transit AS "inTransit", l.position
  FROM unnest($1::int[], $2::int[]) AS k(location_id, sku_id)
  JOIN stock_level l ON l.location_id = k.location_id AND l.sku_id = k.sku_id
  WHERE NOT EXISTS (
    SELECT 1 FROM unnest($1::int[], $2::int[]) AS n(location_id, sku_id)
    WHERE NOT EXISTS (SELECT 1 FROM stock_level e WHERE e.location_id = n.location_id AND e.sku_id = n.sku_id))
  ORDER BY l.location_id, l.sku_id FOR UPDATE OF l`;

// Waits for a SKU that is just being replaced; its new shelf is marked as replaced from the beginning.
const OPEN = `
  INSERT INTO stock_level (location_id, sku_id, replaced)
  SELECT k.location_id, k.sku_id, s.replaced_by_id IS NOT NULL
  FROM unnest($1::int[], $2::int[]) AS k(location_id, sku_id) JOIN sku s ON s.id = k.sku_id
  ORDER BY k.location_id, k.sku_id FOR KEY SHARE OF s ON CONFLICT DO NOTHING`;

/**
 * Locks these shelves in key order (so that no two transactions can deadlock), opening rows
 * that don't exist yet. Lock documents first, shelves once and all together. Ids for as many `moves` as are likely come
 * along in the same round trip: those that are not used are gaps, as after a rollback.
 */
export async function lockShelves(
  tx: Tx,
  shelves: Shelf[],
  moves: number = shelves.length,
): Promise<LockedShelves> {
  const keys = new Map(shelves.map((s) => [shelfKey(s), s]));
  const wanted = [...keys.values()];
  const values = [wanted.map((s) => s.locationId), wanted.map((s) => s.skuId)];
  // On one connection the second statement waits for the first, so the ids are drawn under the locks.
  const lockAndDraw = () => Promise.all([tx.rows<Level>(LOCK, values), drawIds(tx, moves)]);
  const stopTimer = lockSeconds.startTimer();
  let [levels, drawn] = await lockAndDraw();
  if (levels.length < wanted.length) {
    await tx.rows(OPEN, values);
    [levels, drawn] = await lockAndDraw();
  }
  stopTimer();
  return new LockedShelves(levels, drawn);
}

// The position of a shelf is the highest move id that touched it; ids are drawn under the row's lock, so it only grows.
const POST = `
  WITH m AS (
    INSERT INTO stock_move (id, sku_id, from_location_id, from_bucket, to_location_id, to_bucket, quantity, reason, note,
                            document_id, command_id, created_at)
    SELECT id, sku_id, from_location_id, from_bucket::bucket, to_location_id, to_bucket::bucket, quantity,
           reason::move_reason, note, document_id, command_id, $12
    FROM unnest($1::bigint[], $2::int[], $3::int[], $4::text[], $5::int[], $6::text[], $7::int[], $8::text[], $9::text[],
                $10::uuid[], $11::bigint[])
      AS u(id, sku_id, from_location_id, from_bucket, to_location_id, to_bucket, quantity, reason, note, document_id,
           command_id))
  UPDATE stock_level l
  SET available = l.available + d.available, reserved = l.reserved + d.reserved, staged = l.staged + d.staged,
      quarantine = l.quarantine + d.quarantine, in_transit = l.in_transit + d.in_transit,
      position = d.position, updated_at = $12
  FROM unnest($13::int[], $14::int[], $15::int[], $16::int[], $17::int[], $18::int[], $19::int[], $20::bigint[])
         AS d(location_id, sku_id, available, reserved, staged, quarantine, in_transit, position)
  WHERE l.location_id = d.location_id AND l.sku_id = d.sku_id`;

/** What moves change of each shelf, and the position that it then has. */
function sumDeltas(moves: readonly Move[], ids: readonly number[]): Level[] {
  const deltas = new Map<string, Level>();
  const at = (locationId: number, skuId: number, position: number): Level => {
    const key = shelfKey({ locationId, skuId });
    let delta = deltas.get(key);
    if (delta === undefined) {
      delta = {
        locationId,
        skuId,
        available: 0,
        reserved: 0,
        staged: 0,
        quarantine: 0,
        inTransit: 0,
        position,
      };
      deltas.set(key, delta);
    }
    delta.position = position;
    return delta;
  };
  moves.forEach((move, i) => {
    const source = at(move.locationId, move.skuId, ids[i]!);
    const target = at(move.toLocationId ?? move.locationId, move.skuId, ids[i]!);
    if (isInside(move.from)) source[COLUMN[move.from]] -= move.quantity;
    if (isInside(move.to)) target[COLUMN[move.to]] += move.quantity;
  });
  return [...deltas.values()];
}

/**
 * Posts moves: appends them to the ledger, changes the levels by their sum, and notifies subscribers, all in one round of
 * statements. The caller has locked every shelf and decided that no bucket goes below zero; if one would, that is a
 * bug and an exception (the CHECK behind it would fire too). Moves of no units are skipped. The shelves know their new
 * positions when this returns; the statements are then done too, or left `behind`.
 */
export async function post(
  tx: Tx,
  shelves: LockedShelves,
  now: Date,
  allMoves: readonly Move[],
  sendWithCommit?: SendWithCommit,
): Promise<void> {
  const moves = allMoves.filter((m) => m.quantity !== 0);
  if (moves.length === 0) return;
  const ids = await shelves.idsOf(tx, moves.length);
  const deltas = sumDeltas(moves, ids);
  for (const d of deltas) {
    const level = shelves.at(d.locationId, d.skuId);
    for (const column of Object.values(COLUMN)) {
      level[column] += d[column];
      if (level[column] < 0) throw new Error(`${column} of shelf ${shelfKey(d)} would be ${level[column]}`);
    }
    level.position = d.position;
  }
  const posted = Promise.all([
    tx.rows(POST, [
      ids,
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
      deltas.map((d) => d.position),
    ]),
    notify(
      tx,
      'stock',
      deltas.map((d) => shelfKey(d)),
    ),
  ]);
  if (sendWithCommit === undefined) await posted;
  else sendWithCommit(posted);
}

const MARK_COUNTED = `
  UPDATE stock_level l SET counted_at = $3
  FROM unnest($1::int[], $2::int[]) AS k(location_id, sku_id)
  WHERE l.location_id = k.location_id AND l.sku_id = k.sku_id`;

/** Records when these shelves were last counted. The calling function has locked them. */
export async function markCounted(tx: Tx, countedAt: Date, shelves: readonly Shelf[]): Promise<void> {
  if (shelves.length === 0) return;
  await tx.rows(MARK_COUNTED, [shelves.map((s) => s.locationId), shelves.map((s) => s.skuId), countedAt]);
}
