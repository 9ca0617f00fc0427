// Reads the sealed ledger block by block, to compare its present content with what was sealed.

import type { Tx } from '../../db/pool';

/** An unambiguous text of all columns of a move, whatever its note contains. */
export const MOVE_TEXT = `
  concat_ws('|', m.id, m.sku_id, m.from_location_id, m.from_bucket, m.to_location_id, m.to_bucket, m.quantity, m.reason,
            coalesce(quote_literal(m.note), '-'), coalesce(m.document_id::text, '-'), m.command_id,
            (extract(epoch FROM m.created_at) * 1000)::bigint)`;

/** The hash of a block: that of the block before, then its moves, one a line. */
export const BLOCK_HASH = (before: string, texts: string): string =>
  `sha256(coalesce(${before}, ''::bytea) || convert_to(coalesce(${texts}, ''), 'UTF8'))`;

/** A seal compared with the present ledger. */
export interface SealedBlock {
  throughId: number;
  moves: number;
  /** Hexadecimal. */
  hash: string;
  sealedAt: Date;
  /** The moves are those that were sealed, and the seal follows from the one before. */
  unbroken: boolean;
}

const NEXT = (table: string): string => `
  SELECT s.through_id AS "throughId", cardinality(s.ids) AS moves, encode(s.hash, 'hex') AS hash,
         s.sealed_at AS "sealedAt",
         s.after_id = $1 AND s.hash = ${BLOCK_HASH("decode($2, 'hex')", 'now.texts')} AS unbroken
  FROM (SELECT * FROM ledger_seal WHERE through_id > $1 ORDER BY through_id LIMIT 1) s
  CROSS JOIN LATERAL (
    SELECT string_agg(${MOVE_TEXT}, E'\\n' ORDER BY m.id) AS texts
    FROM ${table} m WHERE m.id > $1 AND m.id <= s.through_id) now`;

// For detached moves only the chain itself can be checked: the next seal that has its moves proves the hash of the one
// before it.
const NEXT_WITHOUT_MOVES = `
  SELECT through_id AS "throughId", cardinality(ids) AS moves, encode(hash, 'hex') AS hash, sealed_at AS "sealedAt",
         after_id = $1 AS unbroken
  FROM ledger_seal WHERE through_id > $1 ORDER BY through_id LIMIT 1`;

/** A position in the chain. */
export interface Link {
  /** 0: the beginning. */
  throughId: number;
  /** Hexadecimal; '' at the beginning. */
  hash: string;
}

/**
 * The seal after a link, compared with the moves in a table of the ledger (null: with none); null when there is none.
 * A block never crosses the end of a partition, so all its moves are in one table.
 */
export async function nextSeal(
  tx: Tx,
  after: Link,
  table: string | null = 'stock_move',
): Promise<SealedBlock | null> {
  const [seal] =
    table === null
      ? await tx.rows<SealedBlock>(NEXT_WITHOUT_MOVES, [after.throughId])
      : await tx.rows<SealedBlock>(NEXT(table), [after.throughId, after.hash]);
  return seal ?? null;
}

// Only a broken block is compared move by move.
const FIRST_BAD = (table: string): string => `
  SELECT coalesce(sealed.id, now.id) AS id,
         CASE WHEN now.id IS NULL THEN 'MISSING' WHEN sealed.id IS NULL THEN 'ADDED' ELSE 'CHANGED' END AS fault
  FROM (SELECT id, digest FROM ledger_seal s CROSS JOIN LATERAL unnest(s.ids, s.digests) AS u(id, digest)
        WHERE s.through_id = $2) sealed
  FULL JOIN (SELECT m.id, hashtextextended(${MOVE_TEXT}, 0) AS digest
             FROM ${table} m WHERE m.id > $1 AND m.id <= $2) now ON now.id = sealed.id
  WHERE sealed.id IS NULL OR now.id IS NULL OR sealed.digest <> now.digest
  ORDER BY 1 LIMIT 1`;

const FAULTS = {
  MISSING: 'is missing',
  ADDED: 'was not there when its block was sealed',
  CHANGED: 'is not what it was',
} as const;

/** Describes the fault of a broken seal: the first bad row, without a full stop. */
export async function faultOf(
  tx: Tx,
  after: Link,
  seal: SealedBlock,
  table: string | null = 'stock_move',
): Promise<string> {
  const sealed = `sealed ${seal.sealedAt.toISOString()}`;
  const values = [after.throughId, seal.throughId];
  const [bad] =
    table === null ? [] : await tx.rows<{ id: number; fault: keyof typeof FAULTS }>(FIRST_BAD(table), values);
  return bad
    ? `move ${bad.id} ${FAULTS[bad.fault]} (${sealed})`
    : `the seal through move ${seal.throughId} was changed, or does not follow the one before (${sealed})`;
}

/** Checks the chain from a link through this move; answers the first fault as `faultOf` does, null when there is none. */
export async function findFault(tx: Tx, start: Link, throughId: number): Promise<string | null> {
  for (let link = start; ; ) {
    const seal = await nextSeal(tx, link);
    if (seal === null || seal.throughId > throughId) return null;
    if (!seal.unbroken) return faultOf(tx, link, seal);
    link = seal;
  }
}

const UNSEALED = 'SELECT count(*) AS moves FROM stock_move WHERE id > $1';

/** Moves after the last seal. */
export async function unsealedMoves(tx: Tx, afterId: number): Promise<number> {
  return (await tx.rows<{ moves: number }>(UNSEALED, [afterId]))[0]!.moves;
}
