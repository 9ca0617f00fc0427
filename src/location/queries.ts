// Reads of locations: by code, by id, always many at once.

import type { Db, Tx } from '../db/pool';
import { type Refused, refusal, refuse } from '../refusals';

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

const CLOSED = 'SELECT id, code FROM location WHERE id = ANY($1::int[]) AND NOT active ORDER BY code';

/**
 * Which of these places are inactive, with their codes: one keeps its stock and finishes its open documents, but gets
 * no new holds and orders.
 */
export async function inactiveLocations(
  tx: Tx,
  ids: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const rows = await tx.rows<{ id: number; code: string }>(CLOSED, [ids]);
  return new Map(rows.map((r) => [r.id, r.code]));
}

/** The refusal of an inactive place. */
export function closedForGood(code: string): Refused {
  return refusal('NotFound', `Location '${code}' is closed for good (inactive); choose another.`, {
    what: 'Location',
    keys: [code],
  });
}
