// Finds identifiers and customers, for many keys at once.

import type { Tx } from '../../db/pool';
import { type IdentifierKey, type IdentifierKind, identifierText } from '../rules/identifiers';

/** A stored identifier with the customer that it belongs to. */
export interface FoundIdentifier extends IdentifierKey {
  id: number;
  value: string | null;
  ownId: string;
  customerId: string;
  sharedReason: string | null;
}

const COLUMNS = `i.id, i.kind, i.scope, i.hash, i.value, i.own_id AS "ownId", i.customer_id AS "customerId",
    i.shared_reason AS "sharedReason"`;
const BY_KEY = `
  SELECT ${COLUMNS}
  FROM unnest($1::text[], $2::text[], $3::text[]) AS k(kind, scope, hash)
  JOIN identifier i ON i.kind = k.kind::identifier_kind AND i.scope = k.scope AND i.hash = k.hash`;
const OF_CUSTOMERS = `SELECT ${COLUMNS} FROM identifier i WHERE i.customer_id = ANY($1::uuid[]) ORDER BY i.id`;
const CUSTOMER_IDS = `
  SELECT i.own_id AS "ownId", i.customer_id AS "customerId" FROM identifier i WHERE i.own_id = ANY($1::uuid[])`;

const CUSTOMERS =
  'SELECT i.id, i.customer_id AS "customerId" FROM identifier i WHERE i.id = ANY($1::bigint[])';

/** The present customer of each of these identifiers. */
export async function customerIdsOf(tx: Tx, identifierIds: readonly number[]): Promise<Map<number, string>> {
  const rows = await tx.rows<{ id: number; customerId: string }>(CUSTOMERS, [[...new Set(identifierIds)]]);
  return new Map(rows.map(({ id, customerId }) => [id, customerId]));
}

/** The columns of keys, as parameters of a statement. */
export function keyColumns(keys: readonly IdentifierKey[]): [IdentifierKind[], string[], string[]] {
  return [keys.map((k) => k.kind), keys.map((k) => k.scope), keys.map((k) => k.hash)];
}

/** The identifiers with these keys, by `identifierText`; unknown ones are left out. */
export async function identifiersByKey(
  tx: Tx,
  keys: readonly IdentifierKey[],
): Promise<Map<string, FoundIdentifier>> {
  const rows = await tx.rows<FoundIdentifier>(BY_KEY, keyColumns(keys));
  return new Map(rows.map((row) => [identifierText(row), row]));
}

/** All identifiers of these customers, the earliest first. */
export function identifiersOfCustomers(tx: Tx, customerIds: readonly string[]): Promise<FoundIdentifier[]> {
  return tx.rows<FoundIdentifier>(OF_CUSTOMERS, [customerIds]);
}

/** The present customer of each id that a customer has or had; unknown ids are left out. */
export async function presentCustomerIds(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.rows<{ ownId: string; customerId: string }>(CUSTOMER_IDS, [ids]);
  return new Map(rows.map((row) => [row.ownId, row.customerId]));
}
