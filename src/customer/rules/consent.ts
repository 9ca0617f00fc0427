// Consents: whether a customer may be contacted for a purpose, on a channel, at an address, as follows from all recorded decisions.

import type { IdentifierKind } from './identifiers';

export const CONSENT_PURPOSES = ['MARKETING', 'PERSONALISATION', 'SURVEY'] as const;
export type ConsentPurpose = (typeof CONSENT_PURPOSES)[number];
/** What a message or query is for. What a customer ordered or asked for needs no consent: it is TRANSACTIONAL. */
export type ContactPurpose = ConsentPurpose | 'TRANSACTIONAL';

export const CONSENT_CHANNELS = ['EMAIL', 'SMS', 'PHONE', 'POST', 'MESSAGING', 'ACCOUNT'] as const;
export type ConsentChannel = (typeof CONSENT_CHANNELS)[number];
export type ConsentDecision = 'GIVEN' | 'WITHDRAWN';

/** Purposes that rest on a legitimate interest: allowed until the customer objects. The others need a consent. */
const UNTIL_OBJECTION: ReadonlySet<ConsentPurpose> = new Set(['SURVEY']);

/** A recorded decision of one identifier. */
export interface RecordedDecision {
  identifierId: number;
  purpose: ConsentPurpose;
  /** Null: every channel. */
  channel: ConsentChannel | null;
  decision: ConsentDecision;
  at: Date;
}

/** What is known of the customer to whom an address belongs. */
export interface ConsentRecords {
  /** Decisions of all identifiers of the customer. */
  decisions: readonly RecordedDecision[];
  isRestricted: boolean;
  /** The address was erased, and has not come back with an order since. */
  isErased: boolean;
}

export const PERMISSION_REASONS = [
  ...(['TRANSACTIONAL', 'CONSENT_GIVEN', 'NO_OBJECTION'] as const),
  ...(['NO_CONSENT', 'WITHDRAWN', 'RESTRICTED', 'ERASED'] as const),
] as const;
export type PermissionReason = (typeof PERMISSION_REASONS)[number];

export interface ContactPermission {
  isAllowed: boolean;
  reason: PermissionReason;
  /** When the decision was made that this follows from; null: it follows from none. */
  decidedAt: Date | null;
}

const latest = (decisions: readonly RecordedDecision[]): Date | null =>
  decisions.reduce<Date | null>((found, { at }) => (found === null || at > found ? at : found), null);

/**
 * Whether a customer may be contacted for a purpose at one address. A consent counts for the address that gave it and no other, a
 * withdrawal by any identifier of the customer for all of them, unless that address consented again later. So joining two customers can
 * only take permissions away, and splitting them gives back what each had. Of two decisions at one time the withdrawal counts.
 */
export function mayContact(
  purpose: ContactPurpose,
  channel: ConsentChannel | null,
  /** Null: nothing is known of this address. */
  identifierId: number | null,
  { decisions, isRestricted, isErased }: ConsentRecords,
): ContactPermission {
  if (purpose === 'TRANSACTIONAL') return { isAllowed: true, reason: 'TRANSACTIONAL', decidedAt: null };
  if (isErased) return { isAllowed: false, reason: 'ERASED', decidedAt: null };
  if (isRestricted) return { isAllowed: false, reason: 'RESTRICTED', decidedAt: null };
  const relevant = decisions.filter(
    (one) => one.purpose === purpose && (one.channel === null || one.channel === channel),
  );
  const withdrawnAt = latest(relevant.filter(({ decision }) => decision === 'WITHDRAWN'));
  const givenAt = latest(
    relevant.filter((one) => one.decision === 'GIVEN' && one.identifierId === identifierId),
  );
  if (givenAt !== null && (withdrawnAt === null || givenAt > withdrawnAt))
    return { isAllowed: true, reason: 'CONSENT_GIVEN', decidedAt: givenAt };
  if (withdrawnAt !== null) return { isAllowed: false, reason: 'WITHDRAWN', decidedAt: withdrawnAt };
  return UNTIL_OBJECTION.has(purpose)
    ? { isAllowed: true, reason: 'NO_OBJECTION', decidedAt: null }
    : { isAllowed: false, reason: 'NO_CONSENT', decidedAt: null };
}

/** Channels that lead to one kind of address. A consent on such a channel is given by an address of that kind. */
const ADDRESS_OF_CHANNEL: Partial<Record<ConsentChannel, IdentifierKind>> = {
  EMAIL: 'EMAIL',
  SMS: 'PHONE',
  PHONE: 'PHONE',
  MESSAGING: 'SOCIAL_HANDLE',
  ACCOUNT: 'WEB_ACCOUNT',
};

/** The kind of address that a consent on this channel needs, when `kind` is another one; null when it fits. */
export function neededAddress(channel: ConsentChannel | null, kind: IdentifierKind): IdentifierKind | null {
  const needed = channel === null ? undefined : ADDRESS_OF_CHANNEL[channel];
  if (needed === undefined || needed === kind) return null;
  // Messengers know people by their telephone number as well.
  return channel === 'MESSAGING' && kind === 'PHONE' ? null : needed;
}

export const CONSENT_LIMITS = {
  /** Entries of one request. */
  entries: 500,
  textVersion: 100,
  proof: 200,
} as const;
