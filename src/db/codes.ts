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

/** The look-up of one kind of thing by its codes. */
export interface CodeBook {
  /** What is looked up, as refusals name it. */
  what: string;
  /** The ids behind the codes that name something. */
  known(db: Db, codes: readonly string[]): Promise<Map<string, number>>;
  /** The ids behind all of them. @throws Refused NotFound naming the codes that are unknown */
  all(db: Db, codes: readonly string[]): Promise<Map<string, number>>;
}

const made: CodeBook[] = [];

/** The look-ups of all kinds of things that have codes. */
export const codeBooks = (): readonly CodeBook[] => made;

/** Makes the look-up of ids behind codes. */
export function codeBook({ what, thing, madeBy, byCode }: Coded): CodeBook {
  const books = new WeakMap<Db, Map<string, number>>();
  const knownOf = async (db: Db, codes: readonly string[]): Promise<Map<string, number>> => {
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
    const ids = new Map<string, number>();
    for (const code of codes) {
      const id = known.get(code);
      if (id !== undefined) ids.set(code, id);
    }
    return ids;
  };
  const book: CodeBook = {
    what,
    known: knownOf,
    async all(db, codes) {
      const ids = await knownOf(db, codes);
      // Fewer ids than codes: unknown ones, or the same code twice.
      const unknown = ids.size < codes.length ? [...new Set(codes)].filter((code) => !ids.has(code)) : [];
      if (unknown.length > 0) throw unknownCodes({ what, thing, madeBy }, unknown);
      return ids;
    },
  };
  made.push(book);
  return book;
}
