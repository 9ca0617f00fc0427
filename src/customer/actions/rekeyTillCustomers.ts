// Gives the till's customer numbers that earlier releases stored the hash under which the lines of their feed have them.

import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { IdentifierHashes, tillScope } from '../rules/identifiers';
import { lockCustomers } from './links';

const DONE_NAME = 'till-customer-keys';
const IS_DONE = 'SELECT EXISTS (SELECT FROM interaction_source WHERE name = $1) AS done';
const SET_DONE = 'INSERT INTO interaction_source (name, updated_at) VALUES ($1, $2) ON CONFLICT DO NOTHING';
const FORMER = `
  SELECT i.id, i.scope, i.hash, coalesce(i.value, '') AS value, f.id AS "feedId"
  FROM identifier i JOIN sales_feed f ON f.name = i.scope
  WHERE i.kind = 'TILL_CUSTOMER' AND i.value IS NOT NULL ORDER BY i.id`;
const REKEY = `
  UPDATE identifier i SET scope = k.scope, hash = k.hash
  FROM unnest($1::bigint[], $2::text[], $3::text[]) AS k(id, scope, hash)
  WHERE i.id = k.id AND NOT EXISTS (
    SELECT FROM identifier o WHERE o.kind = 'TILL_CUSTOMER' AND o.scope = k.scope AND o.hash = k.hash)`;

interface FormerIdentifier {
  id: number;
  scope: string;
  hash: string;
  value: string;
  feedId: number;
}

async function rekey(tx: Tx, hashes: IdentifierHashes): Promise<void> {
  const rows = await tx.rows<FormerIdentifier>(FORMER);
  // The id of one feed can be the name of another, so the scope alone does not show which form a row has.
  const former = rows.filter(({ hash, value, scope }) => hash === hashes.formerTillCustomer(value, scope));
  const rekeyed = former.map(({ feedId, value }) =>
    hashes.identifier('TILL_CUSTOMER', value, tillScope(feedId)),
  );
  await tx.rows(REKEY, [
    former.map(({ id }) => id),
    rekeyed.map(({ scope }) => scope),
    rekeyed.map(({ hash }) => hash),
  ]);
}

/** Rekeys them once in the life of a database. */
export async function rekeyTillCustomers(
  { db, secretKey }: { db: Db; secretKey: Buffer },
  now: Date,
): Promise<void> {
  const [before] = await db.rows<{ done: boolean }>(IS_DONE, [DONE_NAME]);
  if (before!.done) return;
  await inTransaction(db, async (tx) => {
    await lockCustomers(tx);
    await rekey(tx, new IdentifierHashes(secretKey));
    await tx.rows(SET_DONE, [DONE_NAME, now]);
  });
}
