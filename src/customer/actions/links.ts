// Writes links and what follows from them: the customer of each identifier. One transaction at a time does so, under an advisory lock.

import type { Tx } from '../../db/pool';
import { linkedRegion } from '../queries/links';
import {
  type DerivedCustomers,
  deriveCustomers,
  type IdentifierLimits,
  type LinkKind,
  type LinkOrigin,
  type Pair,
} from '../rules/links';

const LOCK = `SELECT pg_advisory_xact_lock(hashtext('comptoir customers'))`;

/**
 * Lets no other transaction record interactions, write links or erase customers until this one ends. Whoever locks documents as well
 * locks these first.
 */
export async function lockCustomers(tx: Tx): Promise<void> {
  await tx.rows(LOCK);
}

/** New rows of the log: one decision about many pairs. */
export interface NewLinks {
  kind: LinkKind;
  origin: LinkOrigin;
  actorId: number;
  pairs: readonly Pair[];
  /** Of each pair, in the same order. Ids and numbers only. */
  evidence: readonly object[];
  version?: number;
  reason?: string | null;
}

// What stands already as the last row of its origin is not written again, so that a rerun writes nothing.
const INSERT = `
  INSERT INTO identity_link (kind, low_id, high_id, origin, version, actor_id, evidence, reason, at)
  SELECT $1::link_kind, n.low, n.high, $2::link_origin, $6, $7, n.evidence, $8, $9
  FROM unnest($3::bigint[], $4::bigint[], $5::jsonb[]) AS n(low, high, evidence)
  WHERE $1::link_kind IS DISTINCT FROM (
    SELECT l.kind FROM identity_link l
    WHERE l.low_id = n.low AND l.high_id = n.high AND l.origin = $2::link_origin ORDER BY l.id DESC LIMIT 1)
  ORDER BY n.low, n.high
  RETURNING low_id AS "lowId", high_id AS "highId"`;

/** Appends links that do not stand yet, under `lockCustomers`. Answers the pairs that are new. */
export async function appendLinks(tx: Tx, now: Date, links: NewLinks): Promise<Pair[]> {
  if (links.pairs.length === 0) return [];
  const { kind, origin, pairs, evidence, version = 1, actorId, reason = null } = links;
  const rows = await tx.rows<{ lowId: number; highId: number }>(INSERT, [
    ...[kind, origin, pairs.map(([low]) => low), pairs.map(([, high]) => high)],
    ...[evidence.map((one) => JSON.stringify(one)), version, actorId, reason, now],
  ]);
  return rows.map((row) => [row.lowId, row.highId]);
}

// A customer has the own id of its earliest identifier.
const SAVE = `
  UPDATE identifier i SET customer_id = e.own_id
  FROM unnest($1::bigint[], $2::bigint[]) AS n(id, lowest) JOIN identifier e ON e.id = n.lowest
  WHERE i.id = n.id AND i.customer_id <> e.own_id
  RETURNING i.id`;

const JOINED_BY_MODEL = `
  SELECT DISTINCT l.low_id AS "lowId", l.high_id AS "highId" FROM identity_link l
  WHERE l.kind = 'JOIN' AND l.origin = 'MODEL' AND (
    (l.low_id = ANY($1::bigint[]) AND l.high_id <> ALL($1::bigint[]))
    OR (l.high_id = ANY($1::bigint[]) AND l.low_id <> ALL($1::bigint[])))`;

/**
 * Takes back what the model joined with these identifiers, all of one customer, under `lockCustomers`: what happens to this customer must
 * not happen to people who are only probably the same. The others form customers of their own from then on.
 */
export async function partProbable(
  tx: Tx,
  { now, actorId, limits }: { now: Date; actorId: number; limits: IdentifierLimits },
  identifierIds: readonly number[],
): Promise<void> {
  const joined = await tx.rows<{ lowId: number; highId: number }>(JOINED_BY_MODEL, [identifierIds]);
  const pairs = joined.map(({ lowId, highId }): Pair => [lowId, highId]);
  const evidence = pairs.map(() => ({ bits: 0, parts: [] }));
  const parted = await appendLinks(tx, now, { kind: 'SPLIT', origin: 'MODEL', actorId, pairs, evidence });
  await rederiveCustomers(tx, parted.flat(), limits);
}

/** Derives the customers around these identifiers again from the log, under `lockCustomers`. */
export async function rederiveCustomers(
  tx: Tx,
  identifierIds: readonly number[],
  limits: IdentifierLimits,
): Promise<DerivedCustomers> {
  if (identifierIds.length === 0) return { lowestOf: new Map(), conflicts: [] };
  const region = await linkedRegion(tx, identifierIds);
  const derived = deriveCustomers(region.identifiers, region.links, limits);
  await tx.rows(SAVE, [[...derived.lowestOf.keys()], [...derived.lowestOf.values()]]);
  return derived;
}
