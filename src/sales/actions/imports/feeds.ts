// Feeds: who owns one, whether it states lines or days, and the lock of its writers.

import { boundTo, type Caller } from '../../../access/rules/roles';
import type { Tx } from '../../../db/pool';
import { Forbidden, refuse } from '../../../refusals';
import type { FeedForm } from '../../rules/line';

/** The feed of our own orders and returns; imports use others. */
export const OWN_FEED = 1;

const OPEN_FEED = 'INSERT INTO sales_feed (name, owner_id) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING';
const FEED = 'SELECT id, form, owner_id AS "ownerId" FROM sales_feed WHERE name = $1';
const CLAIM_FEED = `
  UPDATE sales_feed SET owner_id = $2 WHERE id = $1 AND owner_id IS NULL
    AND ($3 OR EXISTS (SELECT FROM import_run WHERE feed_id = $1 AND file_name LIKE 'importSales by %')) RETURNING id`;
const SET_FORM = 'UPDATE sales_feed SET form = $2 WHERE id = $1 AND form IS NULL';

interface FeedRow {
  id: number;
  form: FeedForm | null;
  ownerId: number | null;
}

/**
 * Another sender could overwrite what a feed states. A feed without an owner (of an earlier release, or of files) is
 * assigned to the next sender; one read from files belongs to the whole chain, so its sender must not be bound to
 * locations. @throws Forbidden
 */
async function checkOwner(tx: Tx, name: string, feed: FeedRow, sender: Caller): Promise<void> {
  if (sender.role === 'ADMIN' || feed.ownerId === sender.actorId) return;
  if (feed.ownerId === null) {
    const claimed = await tx.rows(CLAIM_FEED, [feed.id, sender.actorId, boundTo(sender) === null]);
    if (claimed.length > 0) return;
  }
  const origin = feed.ownerId === null ? 'read from files on the server' : 'of another sender';
  throw new Forbidden(`Feed '${name}' is ${origin}; ${sender.name} must send under a name of its own.`);
}

/**
 * The id of a feed, which is opened when it is new. A feed states lines or days, never both: a day it states would
 * swallow its lines. It belongs to the `sender` that opened it; the program itself (null) reads files of any.
 * @throws Refused InvalidInput @throws Forbidden for the feed of another
 */
export async function openFeed(
  tx: Tx,
  name: string,
  form: FeedForm | null,
  sender: Caller | null = null,
): Promise<number> {
  const find = async () => (await tx.rows<FeedRow>(FEED, [name]))[0];
  let feed = await find();
  if (feed === undefined) {
    await tx.rows(OPEN_FEED, [name, sender?.actorId ?? null]);
    feed = await find();
  }
  const { id } = feed!;
  if (id === OWN_FEED) {
    refuse('InvalidInput', `feed '${name}' is Comptoir's own; name another.`, { path: 'feed' });
  }
  if (sender !== null) await checkOwner(tx, name, feed!, sender);
  if (form !== null) {
    await tx.rows(SET_FORM, [id, form]);
    const known = (await find())!.form;
    if (known !== form) {
      const problem = `feed '${name}' states ${known?.toLowerCase()} and this is a file of ${form.toLowerCase()}`;
      refuse('InvalidInput', `${problem}; import it under another feed.`, { path: 'feed' });
    }
  }
  return id;
}

const LOCK_FEED = `SELECT pg_advisory_xact_lock(hashtext('comptoir sales feed'), $1)`;

/** Facts of one feed are written by one transaction at a time: they change by differences to what was stated. */
export async function lockFeed(tx: Tx, feedId: number): Promise<void> {
  await tx.rows(LOCK_FEED, [feedId]);
}

const TRY_LOCK_FEED = `SELECT pg_try_advisory_xact_lock(hashtext('comptoir sales feed'), $1) AS ours`;

/** Locks a feed, unless somebody writes to it just now. */
export async function tryLockFeed(tx: Tx, feedId: number): Promise<boolean> {
  const [row] = await tx.rows<{ ours: boolean }>(TRY_LOCK_FEED, [feedId]);
  return row!.ours;
}
