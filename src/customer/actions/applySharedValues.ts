// Applies a changed SHARED_IDENTIFIERS to identifiers that are stored already, and derives the customers around them again.

import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { slicesOf } from '../../values/lists';
import { type IdentityRules, sharedForms } from '../rules/identifiers';
import { type Pair, pairOf } from '../rules/links';
import { appendLinks, lockCustomers, rederiveCustomers } from './links';
import { markShared } from './recordInteractions';

/** Identifiers of one transaction: the lock of customers is released after each. */
const BATCH = 200;

// The whole table is read once a day: values have no index, because identifiers are found by their hashes.
const LISTED = `(i.value = ANY($1::text[]) OR EXISTS (SELECT FROM unnest($2::text[]) AS b(text) WHERE starts_with(i.value, b.text)))`;
const CHANGED = `
  SELECT i.id FROM identifier i
  WHERE i.kind IN ('EMAIL', 'PHONE') AND i.value IS NOT NULL
    AND CASE WHEN ${LISTED} THEN i.shared_reason IS NULL ELSE i.shared_reason = 'LISTED' END
  ORDER BY i.id`;
const CHANGE = `
  UPDATE identifier i SET shared_reason = CASE WHEN ${LISTED} THEN 'LISTED' END
  WHERE i.id = ANY($3::bigint[]) AND i.value IS NOT NULL AND coalesce(i.shared_reason, 'LISTED') = 'LISTED'
  RETURNING i.id, i.shared_reason IS NOT NULL AS "isShared"`;
// What was verified beside it while it was shared is joined now, as it would have been then.
const VERIFIED_BESIDE = `
  SELECT o.identifier_id AS "ownId", x.identifier_id AS "otherId", min(o.interaction_id) AS interaction
  FROM interaction_identifier o
  JOIN interaction_identifier x ON x.interaction_id = o.interaction_id AND x.identifier_id <> o.identifier_id
  JOIN identifier i ON i.id = x.identifier_id
  WHERE o.identifier_id = ANY($1::bigint[]) AND o.verified_by IS NOT NULL AND x.verified_by IS NOT NULL
    AND i.shared_reason IS NULL AND i.erased_at IS NULL
  GROUP BY 1, 2 ORDER BY 1, 2`;

async function joinAgain(tx: Tx, now: Date, ids: readonly number[]): Promise<void> {
  const rows = await tx.rows<{ ownId: number; otherId: number; interaction: number }>(VERIFIED_BESIDE, [ids]);
  const joins = new Map(
    rows.map(({ ownId, otherId, interaction }): [string, { pair: Pair; interaction: number }] => {
      const pair = pairOf(ownId, otherId);
      return [pair.join(' '), { pair, interaction }];
    }),
  );
  const pairs = [...joins.values()].map(({ pair }) => pair);
  const evidence = [...joins.values()].map(({ interaction }) => ({ interaction }));
  await appendLinks(tx, now, { kind: 'JOIN', origin: 'RULE', actorId: 0, pairs, evidence });
}

/**
 * Identifiers that the settings name now join nobody any more, and those that they no longer name join again, unless many people use
 * them. Only the customers around them are derived again, from the log: decisions of people count as before. Run again, nothing changes.
 */
export async function applySharedValues(
  db: Db,
  identity: IdentityRules,
  now: Date,
): Promise<{ shared: number; unshared: number }> {
  const { values, beginnings } = sharedForms(identity);
  const changed = await db.rows<{ id: number }>(CHANGED, [values, beginnings]);
  const counts = { shared: 0, unshared: 0 };
  for (const batch of slicesOf(changed, BATCH))
    await inTransaction(db, async (tx) => {
      await lockCustomers(tx);
      const ids = batch.map(({ id }) => id);
      const rows = await tx.rows<{ id: number; isShared: boolean }>(CHANGE, [values, beginnings, ids]);
      const free = rows.filter(({ isShared }) => !isShared).map(({ id }) => id);
      const still = await markShared(tx, free, identity);
      await joinAgain(
        tx,
        now,
        free.filter((id) => !still.includes(id)),
      );
      await rederiveCustomers(tx, ids, identity.limits);
      counts.shared += rows.length - free.length;
      counts.unshared += free.length - still.length;
    });
  return counts;
}
