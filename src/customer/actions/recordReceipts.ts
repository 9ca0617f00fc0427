// Records the receipts of imported sales as interactions of their customers, from all the lines of each customer that changed: an import
// that is repeated changes nothing, and a corrected one restates its receipts.

import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { lookUpByKey } from '../../sales/actions/imports/apply';
import { takeChangedCustomers } from '../../sales/actions/imports/changedCustomers';
import { tryLockFeed } from '../../sales/actions/imports/feeds';
import { changedCustomers, nextChangedFeed, receiptsOf } from '../../sales/queries/receipts';
import type { ChangedCustomer, ChangedFeed } from '../../sales/rules/receipts';
import { IdentifierHashes, type IdentityRules, tillScope } from '../rules/identifiers';
import {
  interactionOfReceipt,
  receiptChanges,
  type StoredReceipt,
  sourceOfSales,
  tillCustomerOf,
} from '../rules/receipts';
import { lockCustomers } from './links';
import { recordInteractions } from './recordInteractions';

/** What records with: the key of the hashes, and what the settings decide. */
export interface RecordingParts {
  db: Db;
  secretKey: Buffer;
  identity: IdentityRules & {
    /** Most lines of sales of a customer number of a till; one with more is that of many people. */
    maxTillLines: number;
  };
}

/** Customers and lines of one transaction; a customer with more lines has one of its own. */
const BATCH = { customers: 200, lines: 10_000 } as const;

const STORED = `
  SELECT n.id, n.source_key AS "sourceKey", n.at, n.channel, n.location_id AS "locationId", n.facts
  FROM identifier i JOIN interaction n ON n.identifier_id = i.id
  WHERE i.kind = 'TILL_CUSTOMER' AND i.scope = $1 AND i.hash = ANY($2::text[]) AND n.source = $3`;
const CORRECT = `
  UPDATE interaction n SET at = c.at, channel = c.channel, location_id = c."locationId", facts = c.facts
  FROM jsonb_to_recordset($1::jsonb) AS c(id bigint, at timestamptz, channel text, "locationId" int, facts jsonb)
  WHERE n.id = c.id`;
const DELETE_OBSOLETE = 'DELETE FROM interaction WHERE id = ANY($1::bigint[])';

/** The first customers whose lines fit into one transaction. */
function firstOf(changed: readonly ChangedCustomer[]): ChangedCustomer[] {
  let lines = 0;
  return changed.filter((one, i) => {
    lines += one.lines;
    return i === 0 || lines <= BATCH.lines;
  });
}

/** Makes the interactions of these customers of a feed those of their lines. Answers how many were new or changed. */
async function recordCustomers(
  tx: Tx,
  { secretKey, identity }: RecordingParts,
  { feed, customers, now }: { feed: ChangedFeed; customers: readonly string[]; now: Date },
): Promise<number> {
  const hashes = new IdentifierHashes(secretKey);
  const rows = await receiptsOf(tx, feed.id, customers);
  const stored = await tx.rows<StoredReceipt>(STORED, [
    tillScope(feed.id),
    customers.map((customer) => tillCustomerOf(feed.id, customer).hash),
    sourceOfSales(feed.name),
  ]);
  const wanted = rows.map((row) => interactionOfReceipt(feed, row, hashes));
  const { fresh, corrected, obsoleteIds } = receiptChanges(stored, wanted);
  const recorded = await recordInteractions(tx, { identity, now }, fresh);
  const changes = corrected.map(({ id, interaction: { at, channel, locationId, facts } }) => ({
    ...{ id, at, channel, locationId, facts },
  }));
  if (changes.length > 0) await tx.rows(CORRECT, [JSON.stringify(changes)]);
  if (obsoleteIds.length > 0) await tx.rows(DELETE_OBSOLETE, [obsoleteIds]);
  return recorded.filter((one) => one?.isNew).length + corrected.length + obsoleteIds.length;
}

/**
 * Records a batch of a feed. A feed that somebody writes to is left to the next run, so that the lock of customers never waits for an import.
 */
function recordBatch(
  parts: RecordingParts,
  feed: ChangedFeed,
  now: Date,
): Promise<{ isDone: boolean; recorded: number }> {
  const most = parts.identity.maxTillLines;
  return inTransaction(parts.db, async (tx) => {
    await lockCustomers(tx);
    if (!(await tryLockFeed(tx, feed.id))) return { isDone: true, recorded: 0 };
    // While all of the past is recorded, the tables grow faster than the planner learns of it, and it would read them whole.
    await lookUpByKey(tx);
    const changed = await changedCustomers(tx, feed.id, { limit: BATCH.customers, most });
    const batch = firstOf(changed);
    if (batch.length === 0) return { isDone: true, recorded: 0 };
    await takeChangedCustomers(
      tx,
      feed.id,
      batch.map(({ customer }) => customer),
    );
    const customers = batch.filter(({ lines }) => lines <= most).map(({ customer }) => customer);
    const recorded = await recordCustomers(tx, parts, { feed, customers, now });
    return { isDone: false, recorded };
  });
}

/**
 * Records the receipts of all customers that changed, those of the past too. Stopped between two batches, or killed, the next run goes on
 * with those that are left. A number with more than `maxTillLines` lines is that of many people, and is passed over.
 */
export async function recordReceipts(
  parts: RecordingParts,
  now: Date,
  goOn: (recorded: number) => Promise<boolean>,
): Promise<number> {
  let recorded = 0;
  let feed = await nextChangedFeed(parts.db, 0);
  while (feed !== null) {
    const batch = await recordBatch(parts, feed, now);
    recorded += batch.recorded;
    if (batch.isDone) feed = await nextChangedFeed(parts.db, feed.id);
    else if (!(await goOn(recorded))) return recorded;
  }
  return recorded;
}
