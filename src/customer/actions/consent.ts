// recordConsent and withdrawConsent: append what people decided, each an interaction of theirs.

import { type Command, defineCommand } from '../../access/actions/execute';
import type { Caller } from '../../access/rules/roles';
import type { IdentityConfig } from '../../config/identity';
import type { Tx } from '../../db/pool';
import type { ConsentChannel, ConsentDecision, ConsentPurpose } from '../rules/consent';
import type { StoredIdentifier } from '../rules/identifiers';
import { recordInteractions } from './recordInteractions';

/** One decision to record. */
export interface NewConsent {
  identifier: StoredIdentifier;
  purpose: ConsentPurpose;
  channel: ConsentChannel | null;
  /** Null: now. */
  at: string | null;
  textVersion: string | null;
  proof: string | null;
}

interface ConsentInput {
  consents: readonly NewConsent[];
  identity: IdentityConfig['identity'];
}

const INSERT = `
  INSERT INTO consent (interaction_id, identifier_id, purpose, channel, decision, at, recorded_at, actor_id, text_version, proof)
  SELECT "interactionId", "identifierId", purpose, channel, decision, at, $2, $3, "textVersion", proof
  FROM jsonb_to_recordset($1::jsonb) AS n("interactionId" bigint, "identifierId" bigint, purpose consent_purpose,
    channel consent_channel, decision consent_decision, at timestamptz, "textVersion" text, proof text)
  ORDER BY "interactionId"
  RETURNING id`;

/** A decision whose interaction was recorded just now. */
export interface RecordedConsent {
  interactionId: number;
  identifierId: number;
  purpose: ConsentPurpose;
  channel: ConsentChannel | null;
  decision: ConsentDecision;
  at: Date;
  textVersion: string | null;
  proof: string | null;
}

/** Appends decisions to the log. Answers their ids. */
export async function insertConsents(
  tx: Tx,
  rows: readonly RecordedConsent[],
  { now, actorId }: { now: Date; actorId: number },
): Promise<number[]> {
  if (rows.length === 0) return [];
  const inserted = await tx.rows<{ id: number }>(INSERT, [JSON.stringify(rows), now, actorId]);
  return inserted.map(({ id }) => id);
}

/** Only a storefront vouches for the account that it names; nobody proves an address by giving a consent for it. */
const verifierOf = ({ role, actorId }: Caller, { kind }: StoredIdentifier): number | null =>
  role === 'STOREFRONT' && kind === 'WEB_ACCOUNT' ? actorId : null;

/** Appends decisions. A feed repeats what other systems know: what it states about erased people is left out. */
async function appendConsents(
  tx: Tx,
  decision: ConsentDecision,
  { input, actor, now, commandId }: Command<ConsentInput>,
): Promise<{ consentIds: number[]; skipped: number }> {
  const entries = input.consents.map((one, i) => ({
    ...one,
    at: one.at === null ? now : new Date(one.at),
    key: `${commandId}:${i}`,
  }));
  const recorded = await recordInteractions(
    tx,
    { identity: input.identity, now },
    entries.map(({ identifier, purpose, channel, at, key }) => ({
      kind: decision === 'GIVEN' ? 'CONSENT_GIVEN' : 'CONSENT_WITHDRAWN',
      source: 'consent',
      sourceKey: key,
      at,
      channel: channel ?? 'ALL',
      facts: { purpose, channel },
      identifiers: [{ ...identifier, verifiedBy: verifierOf(actor, identifier) }],
      isImport: actor.role === 'FEED',
    })),
  );
  const rows = entries.flatMap(({ purpose, channel, at, textVersion, proof }, i) => {
    const place = recorded[i];
    return place == null
      ? []
      : [
          {
            ...{ interactionId: place.interactionId, identifierId: place.identifierId },
            ...{ purpose, channel, decision, at, textVersion, proof },
          },
        ];
  });
  const consentIds = await insertConsents(tx, rows, { now, actorId: actor.actorId });
  return { consentIds, skipped: entries.length - rows.length };
}

/** Records that people consented. */
export const recordConsent = defineCommand('recordConsent', (tx: Tx, command: Command<ConsentInput>) =>
  appendConsents(tx, 'GIVEN', command),
);

/** Records that people withdrew a consent, or objected. */
export const withdrawConsent = defineCommand('withdrawConsent', (tx: Tx, command: Command<ConsentInput>) =>
  appendConsents(tx, 'WITHDRAWN', command),
);
