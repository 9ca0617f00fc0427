// Rewrites customer hashes of feeds that were imported before hashes were keyed, in one transaction per feed: rewriting a large feed takes minutes, and
// a partial rewrite would make two customers of each.

import type { Db, Tx } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { refuse } from '../../../refusals';
import type { Pseudonyms } from '../../rules/pseudonym';
import { lockFeed } from './feeds';

const IS_KEYED = 'SELECT customers_keyed AS keyed FROM sales_feed WHERE id = $1';
// Rewriting a large feed takes minutes, and half of it would make two customers of each.
const WITHOUT_LIMIT = `SELECT set_config('statement_timeout', '0', true)`;
const KEYED = `encode(substring(sha256($3::bytea || sha256($2::bytea || uuid_send(customer))) FROM 1 FOR 16), 'hex')::uuid`;
const REWRITE = [
  `UPDATE sales_line SET customer = ${KEYED} WHERE feed_id = $1 AND customer IS NOT NULL`,
  `UPDATE sales_unmatched SET customer = ${KEYED} WHERE feed_id = $1`,
  `UPDATE import_stage SET customer = ${KEYED}
   WHERE run_id IN (SELECT id FROM import_run WHERE feed_id = $1) AND customer IS NOT NULL`,
];
// Under their new hashes they can be known as customers.
const CHANGED = `
  INSERT INTO sales_customer_change (feed_id, customer)
  SELECT DISTINCT feed_id, customer FROM sales_line WHERE feed_id = $1 AND customer IS NOT NULL ON CONFLICT DO NOTHING`;
const SET_KEYED = 'UPDATE sales_feed SET customers_keyed = true WHERE id = $1';

/** The same in a transaction that has locked the feed. */
async function keyLockedFeed(tx: Tx, pseudonyms: Pseudonyms, feedId: number): Promise<void> {
  const { inner, outer } = pseudonyms.pads();
  await tx.rows(WITHOUT_LIMIT);
  for (const statement of REWRITE) await tx.rows(statement, [feedId, inner, outer]);
  await tx.rows(CHANGED, [feedId]);
  await tx.rows(SET_KEYED, [feedId]);
}

async function isKeyed(tx: Tx, feedId: number): Promise<boolean> {
  const [feed] = await tx.rows<{ keyed: boolean }>(IS_KEYED, [feedId]);
  return feed?.keyed ?? true;
}

/** Rewrites the plain hashes of a feed that has some. True: it had. */
export async function keyCustomers(db: Db, pseudonyms: Pseudonyms, feedId: number): Promise<boolean> {
  if (await isKeyed(db, feedId)) return false;
  return inTransaction(db, async (tx) => {
    await lockFeed(tx, feedId);
    if (await isKeyed(tx, feedId)) return false;
    await keyLockedFeed(tx, pseudonyms, feedId);
    return true;
  });
}

/** Lines that a request may rewrite before it goes on; a larger feed is left to the job. */
const WITHIN_REQUEST = 20_000;
const LARGE = `
  SELECT count(*) > $2 AS large
  FROM (SELECT FROM sales_line WHERE feed_id = $1 AND customer IS NOT NULL LIMIT $2 + 1) l`;
const TRY_AGAIN_SECONDS = 60;

/** The same within a request whose transaction has locked the feed. @throws Refused Busy when it would take too long */
export async function keyCustomersNow(tx: Tx, pseudonyms: Pseudonyms, feedId: number): Promise<void> {
  if (await isKeyed(tx, feedId)) return;
  const [size] = await tx.rows<{ large: boolean }>(LARGE, [feedId, WITHIN_REQUEST]);
  if (size!.large) {
    const message =
      'the customers of this feed are being rewritten after an upgrade (job pruneImports); try again in a minute.';
    refuse('Busy', message, { retryAfterSeconds: TRY_AGAIN_SECONDS });
  }
  await keyLockedFeed(tx, pseudonyms, feedId);
}

const PLAIN_FEEDS = 'SELECT id FROM sales_feed WHERE NOT customers_keyed ORDER BY id';

/** Feeds whose customers still have plain hashes. */
export async function plainFeeds(tx: Tx): Promise<number[]> {
  return (await tx.rows<{ id: number }>(PLAIN_FEEDS)).map((feed) => feed.id);
}
