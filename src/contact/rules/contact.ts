// A contact as a source states it, and as it is kept; how a later delivery changes what is kept.

import type { IdentifierKind } from '../../customer/rules/identifiers';

export const SERVICE_CHANNELS = [
  'PHONE',
  'EMAIL',
  'CHAT',
  'SMS',
  'WHATSAPP',
  'INSTAGRAM',
  'FACEBOOK',
  'X',
  'FORM',
  'IN_STORE',
  'OTHER',
] as const;
export type ServiceChannel = (typeof SERVICE_CHANNELS)[number];
export type ContactDirection = 'INBOUND' | 'OUTBOUND';
export type ContactState = 'OPEN' | 'PENDING' | 'RESOLVED';

/** An identifier of the person, as a source states it. */
export interface StatedIdentifier {
  kind: IdentifierKind;
  /** Where the value is unique: the help desk, the social network; of an account the name of its storefront, empty if none is named. */
  scope: string;
  value: string;
  /** The source vouches that it belongs to this person. */
  isVerified: boolean;
}

/** Answers of a customer to the source's own survey. */
export interface SurveyAnswer {
  /** Satisfaction, 1 to 5. */
  csat: number | null;
  /** Likelihood to recommend, 0 to 10. */
  nps: number | null;
  /** Ease, 1 to 7. */
  ces: number | null;
  wasResolved: boolean | null;
}

/** What may be absent in one delivery and present in another. */
export interface ContactDetails {
  topic: string | null;
  orderNumber: string | null;
  returnNumber: string | null;
  /** Location code. */
  location: string | null;
  /** The agent, as the source names it. */
  handler: string | null;
  handledSeconds: number | null;
  wrapUpSeconds: number | null;
  waitingSeconds: number | null;
  language: string | null;
  link: string | null;
  promise: string | null;
  promisedFor: Date | null;
}

/** One delivery about a contact: its state at a time of the source's clock. */
export interface StatedContact extends ContactDetails {
  externalId: string;
  channel: ServiceChannel;
  direction: ContactDirection;
  at: Date;
  state: ContactState;
  stateAt: Date;
  identifiers: StatedIdentifier[];
  fullName: string | null;
  survey: SurveyAnswer | null;
}

export const NO_DETAILS: ContactDetails = {
  topic: null,
  orderNumber: null,
  returnNumber: null,
  location: null,
  handler: null,
  handledSeconds: null,
  wrapUpSeconds: null,
  waitingSeconds: null,
  language: null,
  link: null,
  promise: null,
  promisedFor: null,
};

/** The columns that deliveries change, with names resolved to ids. */
export interface KeptContact {
  channel: ServiceChannel;
  direction: ContactDirection;
  at: Date;
  state: ContactState;
  stateAt: Date;
  topic: string | null;
  orderId: string | null;
  returnId: string | null;
  locationId: number | null;
  agentId: number | null;
  handledSeconds: number | null;
  wrapUpSeconds: number | null;
  waitingSeconds: number | null;
  language: string | null;
  link: string | null;
  promise: string | null;
  promisedFor: Date | null;
}

/**
 * What is kept after a delivery. The later state by the source's own time wins in every field that it states; an older
 * one that arrives late only fills what nothing has stated yet, so that deliveries in any order end in the same contact.
 */
export function mergeContact(kept: KeptContact | null, delivered: KeptContact): KeptContact {
  if (kept === null) return delivered;
  const isLater = delivered.stateAt >= kept.stateAt;
  const [first, second] = isLater ? [delivered, kept] : [kept, delivered];
  const at = new Date(Math.min(first.at.getTime(), second.at.getTime()));
  const merged: Record<string, unknown> = { ...first, at };
  for (const [name, value] of Object.entries(second)) merged[name] ??= value;
  return merged as unknown as KeptContact;
}

/** Whether a delivery changed anything. */
export function isSameContact(one: KeptContact, other: KeptContact): boolean {
  return JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
}
