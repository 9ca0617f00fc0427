// Records what the retailer and its customers had to do with each other, with the identifiers and names that stood in it.

import { v7 as uuid } from 'uuid';
import type { Tx } from '../../db/pool';
import { type FoundIdentifier, identifiersByKey } from '../queries/identifiers';
import { suppressions } from '../queries/suppressions';
import { byStrength, type IdentityRules, identifierText, isListedAsShared } from '../rules/identifiers';
import type { NewInteraction } from '../rules/interactions';
import { type Pair, pairOf } from '../rules/links';
import { namesErased } from '../rules/suppression';
import { appendLinks, lockCustomers, rederiveCustomers } from './links';

/** A recorded interaction and whose it is. */
export interface RecordedInteraction {
  interactionId: number;
  /** The identifier by which it belongs to its customer. */
  identifierId: number;
  customerId: string;
  /** False: it was recorded before. */
  isNew: boolean;
}

const keyText = ({ source, sourceKey }: { source: string; sourceKey: string }): string =>
  JSON.stringify([source, sourceKey]);

const BY_SOURCE = `
  SELECT n.id AS "interactionId", n.source, n.source_key AS "sourceKey", n.identifier_id AS "identifierId",
         i.customer_id AS "customerId"
  FROM unnest($1::text[], $2::text[]) AS k(source, key)
  JOIN interaction n ON n.source = k.source AND n.source_key = k.key JOIN identifier i ON i.id = n.identifier_id`;

interface SourceRow extends Omit<RecordedInteraction, 'isNew'> {
  source: string;
  sourceKey: string;
}

async function recordedBySource(
  tx: Tx,
  interactions: readonly NewInteraction[],
): Promise<Map<string, SourceRow>> {
  const rows = await tx.rows<SourceRow>(BY_SOURCE, [
    interactions.map((one) => one.source),
    interactions.map((one) => one.sourceKey),
  ]);
  return new Map(rows.map((row) => [keyText(row), row]));
}

/**
 * Leaves out what imports state about erased customers. One erased identifier is enough: the others of the same line, such as the
 * number of the record in its file, would bring the same person back.
 */
async function withoutErased(tx: Tx, interactions: NewInteraction[]): Promise<NewInteraction[]> {
  const keys = interactions.flatMap((one) => (one.isImport ? one.identifiers : []));
  if (keys.length === 0) return interactions;
  const standings = await suppressions(tx, keys);
  return interactions.filter((one) => !one.isImport || !namesErased(standings, one.identifiers, one.at));
}

const UPSERT = `
  INSERT INTO identifier (kind, scope, hash, value, own_id, customer_id, shared_reason, first_seen_at, last_seen_at)
  SELECT kind, scope, hash, value, "ownId", "ownId", "sharedReason", "firstAt", "lastAt"
  FROM jsonb_to_recordset($1::jsonb) AS n(kind identifier_kind, scope text, hash text, value text, "ownId" uuid,
    "sharedReason" text, "firstAt" timestamptz, "lastAt" timestamptz)
  ORDER BY kind, scope, hash
  ON CONFLICT (kind, scope, hash) DO UPDATE SET
    value = coalesce(identifier.value, EXCLUDED.value),
    first_seen_at = least(identifier.first_seen_at, EXCLUDED.first_seen_at),
    last_seen_at = greatest(identifier.last_seen_at, EXCLUDED.last_seen_at)
  WHERE EXCLUDED.first_seen_at < identifier.first_seen_at OR EXCLUDED.last_seen_at > identifier.last_seen_at
    OR (identifier.value IS NULL AND EXCLUDED.value IS NOT NULL)`;

/** Stores the identifiers of these interactions, by `identifierText`. */
async function storeIdentifiers(
  tx: Tx,
  identity: IdentityRules,
  interactions: readonly NewInteraction[],
): Promise<Map<string, FoundIdentifier>> {
  const seen = new Map<string, object & { firstAt: Date; lastAt: Date }>();
  for (const { at, identifiers } of interactions) {
    for (const { kind, scope, hash, value } of identifiers) {
      const text = identifierText({ kind, scope, hash });
      const before = seen.get(text);
      const sharedReason = isListedAsShared({ kind, scope, hash, value }, identity) ? 'LISTED' : null;
      seen.set(text, {
        ...{ kind, scope, hash, value, sharedReason, ownId: uuid() },
        firstAt: before !== undefined && before.firstAt < at ? before.firstAt : at,
        lastAt: before !== undefined && before.lastAt > at ? before.lastAt : at,
      });
    }
  }
  await tx.rows(UPSERT, [JSON.stringify([...seen.values()])]);
  return identifiersByKey(
    tx,
    interactions.flatMap((one) => one.identifiers),
  );
}

const INSERT = `
  INSERT INTO interaction (kind, source, source_key, at, recorded_at, channel, location_id, identifier_id, order_id, return_id, facts)
  SELECT kind, source, "sourceKey", at, $2, channel, "locationId", "identifierId", "orderId", "returnId", coalesce(facts, '{}')
  FROM jsonb_to_recordset($1::jsonb) AS n(kind interaction_kind, source text, "sourceKey" text, at timestamptz, channel text,
    "locationId" int, "identifierId" bigint, "orderId" uuid, "returnId" uuid, facts jsonb)
  ORDER BY at, source, "sourceKey"
  RETURNING id, source, source_key AS "sourceKey"`;
const INSERT_IDENTIFIERS = `
  INSERT INTO interaction_identifier (interaction_id, identifier_id, verified_by)
  SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::int[])`;
const INSERT_PERSONS = `
  INSERT INTO person_record (interaction_id, identifier_id, source, at, is_verified, full_name, first_name, surname, birth_date,
    birth_place, street, postal_code, city, country, gender, occupation, language, contact_channel)
  SELECT "interactionId", "identifierId", source, at, "isVerified", "fullName", "firstName", surname, "birthDate",
    "birthPlace", street, "postalCode", city, country, gender, occupation, language, "contactChannel"
  FROM jsonb_to_recordset($1::jsonb) AS n("interactionId" bigint, "identifierId" bigint, source text, at timestamptz,
    "isVerified" boolean, "fullName" text, "firstName" text, surname text, "birthDate" text, "birthPlace" text, street text,
    "postalCode" text, city text, country text, gender text, occupation text, language text, "contactChannel" contact_channel)`;

/** An identifier of one interaction, by its id. */
interface Occurrence {
  id: number;
  verifiedBy: number | null;
  isShared: boolean;
}

/** An interaction with the ids of its identifiers, the strongest first. */
interface Resolved {
  interaction: NewInteraction;
  occurrences: Occurrence[];
}

function resolved(interaction: NewInteraction, stored: ReadonlyMap<string, FoundIdentifier>): Resolved {
  const occurrences = new Map<number, Occurrence>();
  for (const one of [...interaction.identifiers].sort(byStrength)) {
    const { id, sharedReason } = stored.get(identifierText(one))!;
    if (!occurrences.has(id))
      occurrences.set(id, { id, verifiedBy: one.verifiedBy, isShared: sharedReason !== null });
  }
  // What several people use is the weakest evidence of whose it is.
  const inOrder = [...occurrences.values()].sort((a, b) => Number(a.isShared) - Number(b.isShared));
  return { interaction, occurrences: inOrder };
}

/** Stores interactions, which identifiers stood in them, and what they state about the person. Answers their ids, in order. */
async function insertInteractions(tx: Tx, now: Date, all: readonly Resolved[]): Promise<number[]> {
  const heads = all.map(({ interaction, occurrences }) => {
    const { identifiers: _identifiers, person: _person, isImport: _isImport, ...head } = interaction;
    return { ...head, identifierId: occurrences[0]!.id };
  });
  const rows = await tx.rows<{ id: number; source: string; sourceKey: string }>(INSERT, [
    JSON.stringify(heads),
    now,
  ]);
  const idOf = new Map(rows.map((row) => [keyText(row), row.id]));
  const ids = all.map(({ interaction }) => idOf.get(keyText(interaction))!);
  const occurrences = all.flatMap((one, i) => one.occurrences.map((o) => ({ ...o, interactionId: ids[i]! })));
  const persons = all.flatMap(({ interaction: { person, source, at }, occurrences: [first] }, i) =>
    person === undefined
      ? []
      : {
          ...{ ...person, interactionId: ids[i], source, at },
          ...{ identifierId: first!.id, isVerified: first!.verifiedBy !== null },
        },
  );
  await tx.rows(INSERT_IDENTIFIERS, [
    occurrences.map((o) => o.interactionId),
    occurrences.map((o) => o.id),
    occurrences.map((o) => o.verifiedBy),
  ]);
  if (persons.length > 0) await tx.rows(INSERT_PERSONS, [JSON.stringify(persons)]);
  return ids;
}

/** Joins what was verified in one interaction. Answers the identifiers with new links. */
async function joinVerified(
  tx: Tx,
  now: Date,
  all: readonly Resolved[],
  ids: readonly number[],
): Promise<number[]> {
  const joins = new Map<string, { pair: Pair; interaction: number }>();
  for (const [i, { occurrences }] of all.entries()) {
    const verified = occurrences.filter((one) => one.verifiedBy !== null && !one.isShared);
    for (const [n, a] of verified.entries())
      for (const b of verified.slice(n + 1)) {
        const pair = pairOf(a.id, b.id);
        joins.set(pair.join(' '), { pair, interaction: ids[i]! });
      }
  }
  const rows = [...joins.values()];
  const pairs = rows.map((row) => row.pair);
  const evidence = rows.map((row) => ({ interaction: row.interaction }));
  return (await appendLinks(tx, now, { kind: 'JOIN', origin: 'RULE', actorId: 0, pairs, evidence })).flat();
}

// The last 200 interactions are enough, and bound the work for a telephone that stands in a hundred thousand. Each is looked up by its
// key, also while the table has no statistics yet: the planner then reads all of it for each identifier, which made a first load ten times slower.
const MARK_SHARED = `
  UPDATE identifier i SET shared_reason = 'MANY_CLAIMS'
  WHERE i.id = ANY($1::bigint[]) AND i.shared_reason IS NULL AND i.kind IN ('EMAIL', 'PHONE') AND $2 <= (
    SELECT count(DISTINCT n.identifier_id)
    FROM (SELECT o.interaction_id AS id FROM interaction_identifier o WHERE o.identifier_id = i.id
          ORDER BY o.interaction_id DESC LIMIT 200) s
    CROSS JOIN LATERAL (SELECT n.identifier_id FROM interaction n WHERE n.id = s.id OFFSET 0) n WHERE n.identifier_id <> i.id)
  RETURNING i.id`;

/** Marks those of these identifiers as shared that stood beside many others. Answers their ids. */
export async function markShared(
  tx: Tx,
  identifierIds: readonly number[],
  { sharedClaims }: IdentityRules,
): Promise<number[]> {
  const shared = await tx.rows<{ id: number }>(MARK_SHARED, [identifierIds, sharedClaims]);
  return shared.map(({ id }) => id);
}

/**
 * Records interactions in the caller's transaction, and joins customers by what was verified in them. Answers one row for each, in
 * order: null for one without identifiers, and for one of an import about an erased customer.
 */
export async function recordInteractions(
  tx: Tx,
  { identity, now }: { identity: IdentityRules; now: Date },
  interactions: readonly NewInteraction[],
): Promise<(RecordedInteraction | null)[]> {
  const distinct = new Map(
    interactions.filter((one) => one.identifiers.length > 0).map((one) => [keyText(one), one] as const),
  );
  if (distinct.size === 0) return interactions.map(() => null);
  await lockCustomers(tx);
  const before = await recordedBySource(tx, [...distinct.values()]);
  // What was recorded is not touched: a repeated message would store again what was erased since.
  const unknown = [...distinct].filter(([text]) => !before.has(text)).map(([, one]) => one);
  const fresh = await withoutErased(tx, unknown);
  if (fresh.length > 0) {
    const stored = await storeIdentifiers(tx, identity, fresh);
    const all = fresh.map((one) => resolved(one, stored));
    const ids = await insertInteractions(tx, now, all);
    const linked = await joinVerified(tx, now, all, ids);
    const seen = [...new Set(all.flatMap((one) => one.occurrences.map((o) => o.id)))];
    const shared = await markShared(tx, seen, identity);
    await rederiveCustomers(tx, [...new Set([...linked, ...shared])], identity.limits);
  }
  const after = await recordedBySource(tx, [...distinct.values()]);
  return interactions.map((one) => {
    const row = after.get(keyText(one));
    if (row === undefined) return null;
    const { interactionId, identifierId, customerId } = row;
    return { interactionId, identifierId, customerId, isNew: !before.has(keyText(one)) };
  });
}
