// Finds customers by an id that they ever had, the customer of an order, and the accounts that a storefront vouches for.

import type { Tx } from '../../db/pool';
import type { IdentifierKey } from '../rules/identifiers';
import type { FoundIdentifier } from './identifiers';

/** An identifier of the customer behind a requested id. */
export interface RequestedIdentifier extends FoundIdentifier {
  requestedId: string;
}

const OF_IDS = `
  SELECT t.own_id AS "requestedId", i.id, i.kind, i.scope, i.hash, i.value, i.own_id AS "ownId",
         i.customer_id AS "customerId", i.shared_reason AS "sharedReason"
  FROM identifier t JOIN identifier i ON i.customer_id = t.customer_id
  WHERE t.own_id = ANY($1::uuid[]) ORDER BY i.id`;

/** All identifiers of the customers with these ids, present or former, the earliest first. */
export function identifiersBehind(tx: Tx, ids: readonly string[]): Promise<RequestedIdentifier[]> {
  return tx.rows<RequestedIdentifier>(OF_IDS, [ids]);
}

const OF_ORDER = `
  SELECT i.customer_id AS "customerId"
  FROM customer_order o JOIN interaction n ON n.order_id = o.id JOIN identifier i ON i.id = n.identifier_id
  WHERE o.number = $1 ORDER BY n.id LIMIT 1`;

/** The customer of the order with this number, or null. */
export async function customerOfOrder(tx: Tx, number: string): Promise<string | null> {
  const [row] = await tx.rows<{ customerId: string }>(OF_ORDER, [number]);
  return row?.customerId ?? null;
}

/** Interactions that are read of one receipt number; tills that number their receipts anew each day have more. */
const MAX_OF_RECEIPT = 1_000;
const OF_RECEIPT = `
  SELECT DISTINCT i.customer_id AS "customerId"
  FROM (SELECT n.identifier_id FROM interaction n
        WHERE n.facts ->> 'receipt' = $1 AND n.kind IN ('PURCHASE', 'REFUND') LIMIT ${MAX_OF_RECEIPT}) r
  JOIN identifier i ON i.id = r.identifier_id AND i.erased_at IS NULL LIMIT 2`;

/** The customer of the imported till receipts with this number; null if there is none, several have one, or it was erased. */
export async function customerOfReceipt(tx: Tx, number: string): Promise<string | null> {
  const rows = await tx.rows<{ customerId: string }>(OF_RECEIPT, [number]);
  return rows.length === 1 ? rows[0]!.customerId : null;
}

// A storefront vouches for an account by an interaction in which it verified it; another storefront's account is not found.
const VOUCHED_FOR = `
  SELECT i.id, i.kind, i.scope, i.hash, i.value, i.own_id AS "ownId", i.customer_id AS "customerId",
         i.shared_reason AS "sharedReason"
  FROM identifier i
  WHERE i.kind = $1::identifier_kind AND i.scope = $2 AND i.hash = $3 AND EXISTS (
    SELECT FROM interaction_identifier o WHERE o.identifier_id = i.id AND o.verified_by = $4)`;

/** The account with this key when this storefront vouches for it, or null. */
export async function vouchedAccount(
  tx: Tx,
  { kind, scope, hash }: IdentifierKey,
  storefrontId: number,
): Promise<FoundIdentifier | null> {
  const [row] = await tx.rows<FoundIdentifier>(VOUCHED_FOR, [kind, scope, hash, storefrontId]);
  return row ?? null;
}

const RESTRICTED = `
  SELECT DISTINCT i.customer_id AS "customerId" FROM identifier i
  WHERE i.customer_id = ANY($1::uuid[]) AND i.restricted_at IS NOT NULL`;

/** Those of these customers whose processing is restricted. */
export async function restrictedCustomers(tx: Tx, customerIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx.rows<{ customerId: string }>(RESTRICTED, [customerIds]);
  return new Set(rows.map(({ customerId }) => customerId));
}
