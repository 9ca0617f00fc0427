// Deletes personal data that imports store: rejected lines after some days, full line texts and unkeyed hashes of earlier releases at once.

import type { Db } from '../../../db/pool';
import { DAY_MS } from '../../../values/time';
import type { Pseudonyms } from '../../rules/pseudonym';
import { keyCustomers, plainFeeds } from './keyCustomers';

/** Lines that one statement deletes. */
const BATCH = 10_000;

const PRUNE = `
  DELETE FROM import_reject WHERE ctid = ANY (ARRAY(
    SELECT j.ctid FROM import_run r JOIN import_reject j ON j.run_id = r.id
    WHERE coalesce(r.finished_at, r.started_at) < $1 LIMIT $2))
  RETURNING run_id`;
const BARE = `
  UPDATE import_reject SET raw = '' WHERE ctid = ANY (ARRAY(
    SELECT j.ctid FROM import_run r JOIN import_reject j ON j.run_id = r.id
    WHERE NOT r.rejects_bare AND j.raw <> '' LIMIT $1))
  RETURNING run_id`;
const SET_BARE = `
  UPDATE import_run r SET rejects_bare = true
  WHERE NOT rejects_bare AND NOT EXISTS (SELECT FROM import_reject j WHERE j.run_id = r.id AND j.raw <> '')`;

/** Numbers of deleted lines, of lines whose text was cleared, and of feeds whose plain hashes were replaced. */
export interface PrunedImports {
  pruned: number;
  bared: number;
  feedsKeyed: number;
}

/**
 * Deletes rejected lines of runs that ended `keepDays` ago, and replaces what earlier releases stored of customers in plain text.
 * One statement a batch, so the next run continues an interrupted one; `goOn` is called after each.
 */
export async function pruneImports(
  db: Db,
  pseudonyms: Pseudonyms,
  { now, keepDays }: { now: Date; keepDays: number },
  goOn: (figures: PrunedImports) => Promise<boolean> = async () => true,
): Promise<PrunedImports> {
  const done: PrunedImports = { pruned: 0, bared: 0, feedsKeyed: 0 };
  for (const feedId of await plainFeeds(db)) {
    if (await keyCustomers(db, pseudonyms, feedId)) done.feedsKeyed += 1;
    if (!(await goOn({ ...done }))) return done;
  }
  for (const [figure, statement, values] of [
    ['bared', BARE, [BATCH]],
    ['pruned', PRUNE, [new Date(now.getTime() - keepDays * DAY_MS), BATCH]],
  ] as const) {
    for (let some = BATCH; some === BATCH; ) {
      some = (await db.rows(statement, [...values])).length;
      done[figure] += some;
      if (!(await goOn({ ...done }))) return done;
    }
  }
  await db.rows(SET_BARE);
  return done;
}
