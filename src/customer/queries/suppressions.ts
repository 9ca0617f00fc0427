// Reads which identifiers belong to erased customers, whom imports must not bring back.

import type { Tx } from '../../db/pool';
import { type IdentifierKey, identifierText } from '../rules/identifiers';
import type { IdentifierStanding } from '../rules/suppression';
import { keyColumns } from './identifiers';

const STANDINGS = `
  SELECT k.kind, k.scope, k.hash, s.cause, s.erased_at AS "erasedAt", i.id IS NOT NULL AS "isKnown"
  FROM unnest($1::text[], $2::text[], $3::text[]) AS k(kind, scope, hash)
  LEFT JOIN suppressed_identifier s ON s.kind = k.kind::identifier_kind AND s.scope = k.scope AND s.hash = k.hash
  LEFT JOIN identifier i ON i.kind = k.kind::identifier_kind AND i.scope = k.scope AND i.hash = k.hash
  WHERE s.hash IS NOT NULL OR i.id IS NOT NULL`;

/** What is known of these keys, by `identifierText`; those of which nothing is known are left out. */
export async function suppressions(
  tx: Tx,
  keys: readonly IdentifierKey[],
): Promise<Map<string, IdentifierStanding>> {
  const rows = await tx.rows<IdentifierKey & IdentifierStanding>(STANDINGS, keyColumns(keys));
  return new Map(rows.map((row) => [identifierText(row), row]));
}
