// Loaders of what many documents have many of (their lines): a few documents at a time, so that no answer of the database
// is longer than a moment's work, and no further when the request has spent what it may.

import type { Context } from './context';
import { overspent } from './cost/overspent';
import { PRISMA_ROW, USUAL_LINES } from './cost/price';
import { loader } from './loaders';

/** Rows that one statement should bring: some 20 ms of reading them. */
const ROWS = 2_000;
/** Documents read at first, before it is known how many rows they have: each may have 200. */
const FIRST = 10;

/**
 * `read` gives the rows of some documents, `ownerOf` returns the document of a row; rows keep their order. A row that
 * holds a list of its own counts for `sizeOf` rows.
 */
export function partsLoader<R>(
  read: (context: Context, ids: string[]) => Promise<R[]>,
  ownerOf: (row: R) => string,
  sizeOf: (row: R) => number = () => 1,
): (context: Context) => { load(id: string): Promise<R[]> } {
  const load = async (context: Context, all: readonly string[]): Promise<(R[] | Error)[]> => {
    const { budget } = context;
    const ids = [...new Set(all)];
    const found = new Map<string, R[]>();
    let [done, rows, next] = [0, 0, FIRST];
    while (done < ids.length) {
      // Rows that were read and are not charged yet: that is done when their lists are answered.
      const ahead = PRISMA_ROW * Math.max(0, rows - USUAL_LINES * done);
      if (budget.spent + ahead > budget.limit) {
        budget.spent += ahead;
        throw overspent(budget);
      }
      const some = ids.slice(done, done + next);
      for (const row of await read(context, some)) {
        const its = found.get(ownerOf(row));
        if (its === undefined) found.set(ownerOf(row), [row]);
        else its.push(row);
        rows += sizeOf(row);
      }
      done += some.length;
      next = Math.max(FIRST, Math.floor(ROWS / Math.max(1, rows / done)));
    }
    return all.map((id) => found.get(id) ?? []);
  };
  // Nothing is cached: a request may read again after it has changed the document.
  return loader<string, R[]>(load, undefined, false);
}
