// The sealed ledger, read block by block: what stands in it now beside what was sealed.

import type { Tx } from '../../db/pool';

/** Each value in its place and none missing from the text, whatever a note contains. */
export const MOVE_TEXT = `
  concat_ws('|', m.id, m.sku_id, m.from_location_id, m.from_bucket, m.to_location_id, m.to_bucket, m.quantity, m.reason,
            coalesce(quote_literal(m.note), '-'), coalesce(m.document_id::text, '-'), m.command_id,
            (extract(epoch FROM m.created_at) * 1000)::bigint)`;

/** The hash of a block: that of the block before, then its moves, one a line. */
export const BLOCK_HASH = (before: string, texts: string): string =>
  `sha256(coalesce(${before}, ''::bytea) || convert_to(coalesce(${texts}, ''), 'UTF8'))`;

/** A seal beside what the ledger says now. */
export interface SealedBlock {
  throughId: number;
  moves: number;
  /** Hexadecimal. */
  hash: string;
  sealedAt: Date;
  /** The moves are those that were sealed, and the seal follows from the one before. */
  unbroken: boolean;
}

const NEXT = `
  SELECT s.through_id AS "throughId", cardinality(s.ids) AS moves, encode(s.hash, 'hex') AS hash,
         s.sealed_at AS "sealedAt",
         s.after_id = $1 AND s.hash = ${BLOCK_HASH("decode($2, 'hex')", 'now.texts')} AS unbroken
  FROM (SELECT * FROM ledger_seal WHERE through_id > $1 ORDER BY through_id LIMIT 1) s
  CROSS JOIN LATERAL (
    SELECT string_agg(${MOVE_TEXT}, E'\\n' ORDER BY m.id) AS texts
    FROM stock_move m WHERE m.id > $1 AND m.id <= s.through_id) now`;

/** The seal after `afterId` (0: the first), whose predecessor has the hash `before`; null when there is none. */
export async function nextSeal(tx: Tx, afterId: number, before: string): Promise<SealedBlock | null> {
  return (await tx.rows<SealedBlock>(NEXT, [afterId, before]))[0] ?? null;
}

// Only a block that is broken is taken apart.
const FIRST_BAD = `
  SELECT coalesce(sealed.id, now.id) AS id,
         CASE WHEN now.id IS NULL THEN 'MISSING' WHEN sealed.id IS NULL THEN 'ADDED' ELSE 'CHANGED' END AS fault
  FROM (SELECT id, digest FROM ledger_seal s CROSS JOIN LATERAL unnest(s.ids, s.digests) AS u(id, digest)
        WHERE s.through_id = $2) sealed
  FULL JOIN (SELECT m.id, hashtextextended(${MOVE_TEXT}, 0) AS digest
             FROM stock_move m WHERE m.id > $1 AND m.id <= $2) now ON now.id = sealed.id
  WHERE sealed.id IS NULL OR now.id IS NULL OR sealed.digest <> now.digest
  ORDER BY 1 LIMIT 1`;

/** A move that is not what it was when it was sealed. */
export interface BadMove {
  id: number;
  fault: 'MISSING' | 'ADDED' | 'CHANGED';
}

/** The first move of the block (afterId, throughId] that is not what was sealed; null: it is the seal that was changed. */
export async function firstBadMove(tx: Tx, afterId: number, throughId: number): Promise<BadMove | null> {
  return (await tx.rows<BadMove>(FIRST_BAD, [afterId, throughId]))[0] ?? null;
}

const UNSEALED = 'SELECT count(*) AS moves FROM stock_move WHERE id > $1';

/** Moves after the last seal. */
export async function unsealedMoves(tx: Tx, afterId: number): Promise<number> {
  return (await tx.rows<{ moves: number }>(UNSEALED, [afterId]))[0]!.moves;
}
