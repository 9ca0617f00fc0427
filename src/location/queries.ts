// Reads of locations: by code, by id, always many at once.

import type { Db, Tx } from '../db/pool';
import { refuse } from '../refusals';

const BY_CODE = 'SELECT id, code FROM location WHERE code = ANY($1::text[])';

/** Location codes never change their id either. */
const remembered = new WeakMap<Db, Map<string, number>>();

/** Ids of these location codes, all of them. @throws Refused NotFound naming the unknown codes */
export async function locationIdsByCode(db: Db, codes: readonly string[]): Promise<Map<string, number>> {
  let known = remembered.get(db);
  if (known === undefined) {
    known = new Map();
    remembered.set(db, known);
  }
  const missing = [...new Set(codes)].filter((c) => !known.has(c));
  if (missing.length > 0) {
    // PostgreSQL has no NUL in its texts, so no code has one either.
    const storable = missing.filter((c) => !c.includes('\u0000'));
    for (const row of await db.rows<{ id: number; code: string }>(BY_CODE, [storable]))
      known.set(row.code, row.id);
  }
  const unknown = missing.filter((c) => !known.has(c));
  if (unknown.length > 0) {
    refuse(
      'NotFound',
      `There is no location '${unknown.slice(0, 10).join("', '")}'; create it with upsertLocations first.`,
      {
        what: 'Location',
        keys: unknown,
      },
    );
  }
  return new Map(codes.map((c) => [c, known.get(c)!]));
}

const CLOSED = 'SELECT code FROM location WHERE id = ANY($1::int[]) AND NOT active ORDER BY code';

/**
 * Stands before every new promise at a place: an inactive one keeps its stock and finishes its open documents, but gets
 * no new holds and orders. @throws Refused NotFound naming those that are not active
 */
export async function mustBeInBusiness(tx: Tx, ids: readonly number[]): Promise<void> {
  const rows = await tx.rows<{ code: string }>(CLOSED, [ids]);
  if (rows.length === 0) return;
  const keys = rows.map((r) => r.code);
  refuse('NotFound', `Location '${keys.slice(0, 10).join("', '")}' is closed for good (inactive).`, {
    what: 'Location',
    keys,
  });
}
