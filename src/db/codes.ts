// Maps codes to ids: cached in cache, so that batched commands need no statement, and read again when codes change their meaning.

import { type LookedUp, notFound } from '../refusals';
import { scannedCode } from '../values/text';
import type { Db, Tx } from './pool';

/** The cache of one kind of thing is emptied when it has more entries than this. */
const MAX_REMEMBERED = 200_000;
/** Another process may have changed what a code means: its edition is read at most this often. */
const RECHECK_MS = 1_000;

/** The kind of thing that is looked up, as refusals name it, and how codes are found. */
interface Coded {
  what: LookedUp;
  /** `SELECT id, code … = ANY($1)`; codes that nothing has are left out. */
  byCode: string;
  /** Ids behind texts that are no codes, but name the same kind of thing. */
  otherwise?: (tx: Tx, texts: readonly string[]) => Promise<Map<string, number>>;
  /** Statement that gives the `number` of the present edition, for codes that can change their id. */
  edition?: string;
}

/** The lookup of one kind of thing by its codes. */
export interface CodeLookup {
  /** What is looked up, as refusals name it. */
  what: string;
  /** The ids behind the codes that name something. */
  known(db: Db, codes: readonly string[]): Promise<Map<string, number>>;
  /** The ids behind all of them. @throws Refused NotFound naming the codes that are unknown */
  all(db: Db, codes: readonly string[]): Promise<Map<string, number>>;
  /** The id behind one code; null where a client gave none. @throws Refused NotFound */
  idOf(db: Db, code: string | null | undefined): Promise<number | null>;
}

/**
 * A code was resolved a moment before it came to mean something else; nothing was written. Resolving it again and repeating
 * the work is correct.
 */
export class StaleCode extends Error {}

/** The constraint that a move under a replaced SKU runs into. */
const REPLACED_SKU = 'stock_level_of_a_replaced_sku';

function isStaleCode(error: unknown): boolean {
  return error instanceof StaleCode || (error as { constraint?: string } | null)?.constraint === REPLACED_SKU;
}

interface KnownCodes {
  readonly ids: Map<string, number>;
  edition: number;
  checkedAt: number;
}

/** The cached codes of one kind of thing, by database. */
class CodeCache {
  readonly #known = new WeakMap<Db, Promise<KnownCodes>>();

  constructor(private readonly edition: string | undefined) {}

  clear(db: Db): void {
    this.#known.delete(db);
  }

  /** The codes of the present edition, as it was read at most RECHECK_MS ago. */
  async present(db: Db): Promise<KnownCodes> {
    const reading = this.#known.get(db);
    if (reading === undefined) return this.#read(db, null);
    const known = await reading;
    if (known.ids.size > MAX_REMEMBERED) return this.#read(db, null);
    if (this.edition === undefined || performance.now() - known.checkedAt < RECHECK_MS) return known;
    // Concurrent calls share the same answer.
    return this.#known.get(db) === reading ? this.#read(db, known) : this.present(db);
  }

  // The edition is read before the codes: what is found afterwards is of this edition or a later one.
  #read(db: Db, last: KnownCodes | null): Promise<KnownCodes> {
    const reading = (async () => {
      const checkedAt = performance.now();
      const edition = await this.#readEdition(db);
      return { ids: edition === last?.edition ? last.ids : new Map<string, number>(), edition, checkedAt };
    })();
    this.#known.set(db, reading);
    reading.catch(() => this.#known.delete(db));
    return reading;
  }

  async #readEdition(db: Db): Promise<number> {
    if (this.edition === undefined) return 0;
    const [row] = await db.rows<{ number: number }>(this.edition);
    return row?.number ?? 0;
  }
}

/** The caches of all lookups by database, so that they can be cleared together. */
const allCaches: CodeCache[] = [];

/** Clears all cached codes, so that they are looked up again. */
export function clearCodeCaches(db: Db): void {
  for (const cache of allCaches) cache.clear(db);
}

/** Repeats the work with freshly resolved codes when one of them had changed its meaning. */
export async function withPresentCodes<T>(db: Db, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isStaleCode(error)) throw error;
    clearCodeCaches(db);
    return work();
  }
}

const made: CodeLookup[] = [];

/** The lookups of all kinds of things that have codes. */
export const codeLookups = (): readonly CodeLookup[] => made;

/** Creates a lookup of ids by codes. */
export function codeLookup(coded: Coded): CodeLookup {
  const { what, edition } = coded;
  const cache = new CodeCache(edition);
  allCaches.push(cache);
  const known = async (db: Db, codes: readonly string[]): Promise<Map<string, number>> => {
    const { ids } = await cache.present(db);
    const missing = [...new Set(codes)].filter((c) => !ids.has(c));
    if (missing.length > 0) {
      for (const [code, id] of await findCodes(db, coded, missing)) ids.set(code, id);
    }
    return new Map(
      codes.flatMap((code): [string, number][] => {
        const id = ids.get(code);
        return id === undefined ? [] : [[code, id]];
      }),
    );
  };
  const lookup: CodeLookup = {
    what,
    known,
    async all(db, codes) {
      const ids = await known(db, codes);
      // Fewer ids than codes: unknown ones, or the same code twice.
      const unknown = ids.size < codes.length ? [...new Set(codes)].filter((code) => !ids.has(code)) : [];
      if (unknown.length > 0) throw notFound(what, unknown);
      return ids;
    },
    idOf: async (db, code) => (code == null ? null : (await lookup.all(db, [code])).get(code)!),
  };
  made.push(lookup);
  return lookup;
}

/** Ids by code: looked up as the codes were sent, and those that nothing has in their scanned form, or by other names. */
export async function findCodes(
  tx: Tx,
  { byCode, otherwise }: Pick<Coded, 'byCode' | 'otherwise'>,
  codes: readonly string[],
): Promise<Map<string, number>> {
  // PostgreSQL has no NUL and no half characters in its texts, so no code has one either, and no scanner sends them.
  const storable = codes.filter((code) => !code.includes('\u0000') && !/\p{Surrogate}/u.test(code));
  const forms = new Map(storable.map((code) => [code, scannedCode(code)]));
  const candidates = [...new Set([...forms.keys(), ...forms.values()])];
  const rows = await tx.rows<{ id: number; code: string }>(byCode, [candidates]);
  const found = new Map(rows.map((row) => [row.code, row.id]));
  const ids = new Map<string, number>();
  for (const [code, form] of forms) {
    const id = found.get(code) ?? found.get(form);
    if (id !== undefined) ids.set(code, id);
  }
  if (otherwise !== undefined && ids.size < forms.size) {
    const rest = [...forms.keys()].filter((code) => !ids.has(code));
    for (const [code, id] of await otherwise(tx, rest)) ids.set(code, id);
  }
  return ids;
}

/** The ids behind codes, each once: two codes can stand for one thing. */
export function distinctIds(ids: ReadonlyMap<string, number>): number[] {
  return [...new Set(ids.values())];
}
