// Reads of locations: by code, by id, always many at once.

import type { Db } from '../db/pool';
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
    for (const row of await db.rows<{ id: number; code: string }>(BY_CODE, [missing]))
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
