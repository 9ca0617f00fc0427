// Contacts while deliveries are merged into them, and their records as interactions of customers.

import { v7 as uuid } from 'uuid';
import type { Caller } from '../../access/rules/roles';
import type { ContactConfig } from '../../config/contact';
import type { IdentityConfig } from '../../config/identity';
import { recordInteractions } from '../../customer/actions/recordInteractions';
import type { IdentifierHashes } from '../../customer/rules/identifiers';
import type { NewInteraction } from '../../customer/rules/interactions';
import type { Tx } from '../../db/pool';
import type { References } from '../queries/references';
import { type ContactState, type KeptContact, mergeContact, type StatedContact } from '../rules/contact';
import type { CaseSeeker } from './cases';

/** What storing needs beside the lines. */
export interface StoreScope {
  actor: Pick<Caller, 'actorId'>;
  now: Date;
  hashes: IdentifierHashes;
  config: IdentityConfig & ContactConfig;
  /** An unknown order, return or location refuses its line, or is left out of it. */
  unknown: 'REFUSE' | 'LEAVE_OUT';
  /** The lines come from a file: where telephone numbers are dialled whose line names neither order nor location. */
  file?: { country: string | null };
}

export interface StoredContactRow extends KeptContact {
  id: string;
  externalId: string;
  interactionId: number | null;
  identifierId: number | null;
  customerId: string | null;
  caseId: string;
}

/** A contact while its deliveries are merged into it. */
export interface ContactDraft extends CaseSeeker {
  id: string;
  externalId: string;
  before: StoredContactRow | null;
  interactionId: number | null;
  lines: StatedContact[];
  changes: { at: Date; state: ContactState; agentId: number | null }[];
}

/** The contact as it was, without what no delivery changes. */
export function keptBefore(row: StoredContactRow): KeptContact {
  const {
    id: _id,
    externalId: _key,
    interactionId: _n,
    identifierId: _i,
    customerId: _c,
    caseId: _case,
    ...kept
  } = row;
  return kept;
}

export function draftOf(
  externalId: string,
  lines: StatedContact[],
  before: StoredContactRow | null,
  keep: (line: StatedContact) => KeptContact,
): ContactDraft {
  const inOrder = [...lines].sort((a, b) => a.stateAt.getTime() - b.stateAt.getTime());
  const delivered = inOrder.map(keep);
  const kept = delivered.reduce<KeptContact | null>(
    (merged, one) => mergeContact(merged, one),
    before === null ? null : keptBefore(before),
  )!;
  return {
    ...{ id: before?.id ?? uuid(), externalId, before, kept, lines: inOrder },
    interactionId: before?.interactionId ?? null,
    identifierId: before?.identifierId ?? null,
    customerId: before?.customerId ?? null,
    caseId: before?.caseId ?? null,
    changes: delivered.map(({ stateAt, state, agentId }) => ({ at: stateAt, state, agentId })),
  };
}

/** The identifiers that stood in a contact; of a contact that names none but an order, those of the order, as claimed. */
function identifiersOf(
  { lines, kept }: ContactDraft,
  { actor, hashes, file }: StoreScope,
  named: References,
): NewInteraction['identifiers'] {
  const order = [...named.orders.values()].find(({ id }) => id === kept.orderId);
  const location = [...named.locations.values()].find(({ id }) => id === kept.locationId);
  const country = location?.country ?? order?.country ?? file?.country ?? null;
  const stated = lines.flatMap((line) =>
    line.identifiers.flatMap(({ kind, scope, value, isVerified }) => {
      const found = hashes.typed(kind, value, { scope, country });
      return found === null ? [] : [{ ...found, verifiedBy: isVerified ? actor.actorId : null }];
    }),
  );
  if (stated.length > 0 || order === undefined) return stated;
  const [email, phone] = [
    hashes.typed('EMAIL', order.email),
    hashes.typed('PHONE', order.phone, { country }),
  ];
  return [email, phone].flatMap((found) => (found === null ? [] : [{ ...found, verifiedBy: null }]));
}

/** Records contacts that are not recorded yet; one without identifiers waits for a delivery that has some. */
export async function recordContacts(
  tx: Tx,
  source: string,
  drafts: readonly ContactDraft[],
  scope: StoreScope,
  named: References,
): Promise<void> {
  const unrecorded = drafts.filter((draft) => draft.interactionId === null);
  const recorded = await recordInteractions(
    tx,
    { identity: scope.config.identity, now: scope.now },
    unrecorded.map((draft): NewInteraction => {
      const { kept, externalId, lines } = draft;
      const fullName = lines.findLast((line) => line.fullName !== null)?.fullName ?? null;
      const identifiers = identifiersOf(draft, scope, named);
      return {
        ...{ kind: 'CONTACT', source: `contact:${source}`, sourceKey: externalId, at: kept.at, identifiers },
        ...{
          channel: kept.channel,
          locationId: kept.locationId,
          orderId: kept.orderId,
          returnId: kept.returnId,
        },
        isImport: scope.file !== undefined,
        facts: { contactId: draft.id, direction: kept.direction, topic: kept.topic },
        ...(fullName === null && kept.language === null
          ? {}
          : { person: { fullName, language: kept.language } }),
      };
    }),
  );
  for (const [i, draft] of unrecorded.entries()) {
    const found = recorded[i];
    if (found == null) continue;
    draft.interactionId = found.interactionId;
    draft.identifierId = found.identifierId;
    draft.customerId = found.customerId;
  }
}
