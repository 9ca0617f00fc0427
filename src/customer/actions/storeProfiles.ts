// Stores what another system states about customers: a statement is recorded when it differs from the last one about its record.

import type { Tx } from '../../db/pool';
import { suppressions } from '../queries/suppressions';
import type { IdentifierKey, IdentityRules } from '../rules/identifiers';
import type { NewInteraction } from '../rules/interactions';
import type { ProfileLine } from '../rules/profileLine';
import { type IdentifierStanding, namesErased } from '../rules/suppression';
import { insertConsents } from './consent';
import { lockCustomers } from './links';
import { recordInteractions } from './recordInteractions';

/** What became of a line. ERASED: its customer was erased here, and stays so. */
export type ProfileOutcome = 'CREATED' | 'CORRECTED' | 'MERGED' | 'UNCHANGED' | 'ERASED';

export interface ProfileScope {
  identity: IdentityRules;
  feed: string;
  now: Date;
  /** When lines without a time were so. */
  statedAt: Date;
  actorId: number;
}

export const sourceOfFeed = (feed: string): string => `customers:${feed}`;

const LAST_STATED = `
  SELECT i.hash, n.source_key AS "sourceKey"
  FROM unnest($1::text[]) AS k(hash)
  JOIN identifier i ON i.kind = 'SOURCE_RECORD' AND i.scope = $2 AND i.hash = k.hash
  CROSS JOIN LATERAL (
    SELECT n.source_key FROM interaction_identifier o JOIN interaction n ON n.id = o.interaction_id
    WHERE o.identifier_id = i.id AND n.source = $3 AND n.kind = 'PROFILE' ORDER BY o.interaction_id DESC LIMIT 1) n`;

/** The digests of the last statements about these records. */
async function lastDigests(
  tx: Tx,
  lines: readonly ProfileLine[],
  feed: string,
): Promise<Map<string, string>> {
  const hashes = [...new Set(lines.map(({ record }) => record.hash))];
  const rows = await tx.rows<{ hash: string; sourceKey: string }>(LAST_STATED, [
    hashes,
    feed,
    sourceOfFeed(feed),
  ]);
  return new Map(rows.map(({ hash, sourceKey }) => [hash, sourceKey.slice(sourceKey.lastIndexOf(':') + 1)]));
}

const keysOf = ({ record, identifiers }: ProfileLine): IdentifierKey[] => [record, ...identifiers];

/** The lines to record, by record and time, and what becomes of the others. */
function newStatements(
  lines: readonly ProfileLine[],
  last: ReadonlyMap<string, string>,
  standings: ReadonlyMap<string, IdentifierStanding>,
  { statedAt }: ProfileScope,
): { outcomes: ProfileOutcome[]; statements: Map<string, number> } {
  const digests = new Map(last);
  const statements = new Map<string, number>();
  const seen = new Set<string>();
  const outcomes = lines.map((line, i): ProfileOutcome => {
    const { hash } = line.record;
    if (namesErased(standings, keysOf(line), line.at)) return 'ERASED';
    const before = digests.get(hash);
    const isRepeated = seen.has(hash);
    seen.add(hash);
    if (before === line.digest) return isRepeated ? 'MERGED' : 'UNCHANGED';
    digests.set(hash, line.digest);
    statements.set(`${hash}:${(line.at ?? statedAt).toISOString()}`, i);
    return before === undefined ? 'CREATED' : 'CORRECTED';
  });
  return { outcomes, statements };
}

function interactionOf(line: ProfileLine, key: string, { feed, statedAt }: ProfileScope): NewInteraction {
  return {
    ...{ kind: 'PROFILE', source: sourceOfFeed(feed), sourceKey: `${key}:${line.digest}` },
    ...{ at: line.at ?? statedAt, channel: 'IMPORT', locationId: line.locationId },
    ...{ identifiers: [line.record, ...line.identifiers], person: line.person, isImport: true },
  };
}

/** Records the decisions of lines whose customers are not erased; a decision that was recorded before changes nothing. */
async function storeConsents(tx: Tx, scope: ProfileScope, lines: readonly ProfileLine[]): Promise<void> {
  const { feed, now, identity, actorId } = scope;
  const entries = lines.flatMap(({ record, consents }) => consents.map((one) => ({ ...one, record })));
  if (entries.length === 0) return;
  const recorded = await recordInteractions(
    tx,
    { identity, now },
    entries.map(({ record, identifier, purpose, channel, decision, at }) => ({
      kind: decision === 'GIVEN' ? 'CONSENT_GIVEN' : 'CONSENT_WITHDRAWN',
      source: sourceOfFeed(feed),
      sourceKey: [record.hash, decision, purpose, channel, identifier.hash, at.toISOString()].join(':'),
      ...{ at, channel: channel ?? 'ALL', facts: { purpose, channel }, isImport: true },
      // Nobody proves an address by giving a consent for it.
      identifiers: [{ ...identifier, verifiedBy: identifier.kind === 'SOURCE_RECORD' ? actorId : null }],
    })),
  );
  const rows = new Map(
    entries.flatMap(({ purpose, channel, decision, at, textVersion }, i) => {
      const found = recorded[i];
      if (found == null || !found.isNew) return [];
      const { interactionId, identifierId } = found;
      const row = { interactionId, identifierId, purpose, channel, decision, at, textVersion, proof: null };
      return [[interactionId, row] as const];
    }),
  );
  await insertConsents(tx, [...rows.values()], { now, actorId });
}

/** Stores lines of one feed, in the order of its file. Answers what became of each. */
export async function storeProfiles(
  tx: Tx,
  scope: ProfileScope,
  lines: readonly ProfileLine[],
): Promise<ProfileOutcome[]> {
  if (lines.length === 0) return [];
  const { identity, now, feed } = scope;
  await lockCustomers(tx);
  const standings = await suppressions(tx, lines.flatMap(keysOf));
  const { outcomes, statements } = newStatements(lines, await lastDigests(tx, lines, feed), standings, scope);
  const stated = [...statements];
  const recorded = await recordInteractions(
    tx,
    { identity, now },
    stated.map(([key, i]) => interactionOf(lines[i]!, key, scope)),
  );
  const kept = new Set(statements.values());
  for (const [n, [, i]] of stated.entries()) if (!recorded[n]?.isNew) outcomes[i] = 'UNCHANGED';
  // Of several statements about one time the last one of the file counts.
  for (const [i, outcome] of outcomes.entries())
    if ((outcome === 'CREATED' || outcome === 'CORRECTED') && !kept.has(i)) outcomes[i] = 'MERGED';
  await storeConsents(
    tx,
    scope,
    lines.filter((_, i) => outcomes[i] !== 'ERASED'),
  );
  return outcomes;
}
