// Codes and the ids behind them: a code never changes its id, so what was found once is kept and hot acts need no statement.

import { type Refused, refusal } from '../refusals';
import type { Db } from './pool';

/** Past this many the memory of one kind of thing begins anew. */
const MAX_REMEMBERED = 200_000;
/** Unknown codes that a refusal's sentence names; its facts have them all. */
const MAX_NAMED = 10;

/** What is looked up: its name in refusals and in sentences, the act that makes one, and `SELECT id, code … = ANY($1)`. */
interface Coded {
  what: string;
  thing: string;
  madeBy: string;
  byCode: string;
}

/** The refusal of codes that nothing has. */
export function unknownCodes({ what, thing, madeBy }: Omit<Coded, 'byCode'>, keys: string[]): Refused {
  const named = keys.slice(0, MAX_NAMED).join("', '");
  const more = keys.length > MAX_NAMED ? ' …' : '';
  return refusal('NotFound', `There is no ${thing} '${named}'${more}; create it with ${madeBy} first.`, {
    what,
    keys,
  });
}

/** Makes the look-up of all ids behind codes. It throws Refused NotFound naming the codes that are unknown. */
export function codeBook({ what, thing, madeBy, byCode }: Coded) {
  const books = new WeakMap<Db, Map<string, number>>();
  return async (db: Db, codes: readonly string[]): Promise<Map<string, number>> => {
    let known = books.get(db);
    if (known === undefined || known.size > MAX_REMEMBERED) {
      known = new Map();
      books.set(db, known);
    }
    const missing = [...new Set(codes)].filter((c) => !known.has(c));
    if (missing.length > 0) {
      // PostgreSQL has no NUL in its texts, so no code has one either.
      const storable = missing.filter((c) => !c.includes('\u0000'));
      for (const row of await db.rows<{ id: number; code: string }>(byCode, [storable]))
        known.set(row.code, row.id);
    }
    const keys = missing.filter((c) => !known.has(c));
    if (keys.length > 0) throw unknownCodes({ what, thing, madeBy }, keys);
    return new Map(codes.map((c) => [c, known.get(c)!]));
  };
}
