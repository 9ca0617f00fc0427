// Reads of consents: what may be sent to addresses, and the decisions of customers.

import type { Tx } from '../../db/pool';
import {
  type ConsentChannel,
  type ConsentDecision,
  type ConsentPurpose,
  type ContactPermission,
  type ContactPurpose,
  mayContact,
  type RecordedDecision,
} from '../rules/consent';
import { type IdentifierKey, type IdentifierKind, identifierText } from '../rules/identifiers';
import { identifiersByKey, keyColumns } from './identifiers';

/** Whether an address may be used for a purpose, on a channel; null: on no channel in particular. */
export interface PermissionRequest {
  identifier: IdentifierKey;
  purpose: ContactPurpose;
  channel: ConsentChannel | null;
}

const DECISIONS = `
  SELECT t.id AS "targetId", c.identifier_id AS "identifierId", c.purpose, c.channel, c.decision, c.at
  FROM identifier t JOIN identifier m ON m.customer_id = t.customer_id JOIN consent c ON c.identifier_id = m.id
  WHERE t.id = ANY($1::bigint[])`;
const RESTRICTED = `
  SELECT t.id FROM identifier t
  WHERE t.id = ANY($1::bigint[])
    AND EXISTS (SELECT FROM identifier m WHERE m.customer_id = t.customer_id AND m.restricted_at IS NOT NULL)`;
const SUPPRESSED = `
  SELECT s.kind, s.scope, s.hash
  FROM unnest($1::text[], $2::text[], $3::text[]) AS k(kind, scope, hash)
  JOIN suppressed_identifier s ON s.kind = k.kind::identifier_kind AND s.scope = k.scope AND s.hash = k.hash`;

/**
 * Whether these addresses may be used, in the order of the requests. Every message that is not transactional, and every query that picks
 * customers for one, passes here.
 */
export async function contactPermissions(
  tx: Tx,
  requests: readonly PermissionRequest[],
): Promise<ContactPermission[]> {
  const keys = requests.map((one) => one.identifier);
  const known = await identifiersByKey(tx, keys);
  const ids = [...known.values()].map((one) => one.id);
  const [decisions, restricted, suppressed] = await Promise.all([
    tx.rows<RecordedDecision & { targetId: number }>(DECISIONS, [ids]),
    tx.rows<{ id: number }>(RESTRICTED, [ids]),
    tx.rows<IdentifierKey>(SUPPRESSED, keyColumns(keys)),
  ]);
  const restrictedIds = new Set(restricted.map(({ id }) => id));
  const erased = new Set(suppressed.map(identifierText));
  return requests.map(({ identifier, purpose, channel }) => {
    const id = known.get(identifierText(identifier))?.id ?? null;
    return mayContact(purpose, channel, id, {
      decisions: decisions.filter((one) => one.targetId === id),
      isRestricted: id !== null && restrictedIds.has(id),
      isErased: id === null && erased.has(identifierText(identifier)),
    });
  });
}

/** A recorded decision with its evidence. */
export interface ConsentRow {
  id: number;
  customerId: string;
  identifierKind: IdentifierKind;
  /** Null when it was erased. */
  address: string | null;
  purpose: ConsentPurpose;
  channel: ConsentChannel | null;
  decision: ConsentDecision;
  at: Date;
  recordedAt: Date;
  actorId: number;
  textVersion: string | null;
  proof: string | null;
}

const COLUMNS = `
  SELECT c.id, i.customer_id AS "customerId", i.kind AS "identifierKind", i.value AS address, c.purpose, c.channel, c.decision, c.at,
         c.recorded_at AS "recordedAt", c.actor_id AS "actorId", c.text_version AS "textVersion", c.proof
  FROM consent c JOIN identifier i ON i.id = c.identifier_id`;
const BY_ID = `${COLUMNS} WHERE c.id = ANY($1::bigint[]) ORDER BY c.id`;

/** These decisions, as they were recorded. */
export function consentsById(tx: Tx, ids: readonly number[]): Promise<ConsentRow[]> {
  return tx.rows<ConsentRow>(BY_ID, [ids]);
}

const OF_CUSTOMERS = `${COLUMNS} WHERE i.customer_id = ANY($1::uuid[]) ORDER BY c.at DESC, c.id DESC`;

/** All decisions of these customers, the latest first. */
export function consentsOfCustomers(tx: Tx, customerIds: readonly string[]): Promise<ConsentRow[]> {
  return tx.rows<ConsentRow>(OF_CUSTOMERS, [customerIds]);
}
