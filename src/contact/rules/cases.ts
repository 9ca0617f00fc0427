// Cases: which contacts are about one thing, and what a case's contacts make of its state.

import { DAY_MS } from '../../values/time';
import type { ContactDirection, ContactState, ServiceChannel } from './contact';

export type CaseStatus = 'OPEN' | 'RESOLVED';

export interface CaseWindows {
  /** Days after its resolution in which a further contact reopens a case. */
  reopenDays: number;
  /** Days between contacts with the same topic that are still about one thing. */
  topicDays: number;
}

/** What a contact is about. */
export interface ContactSubject {
  at: Date;
  topic: string | null;
  orderId: string | null;
  returnId: string | null;
  /** Null: nobody knows the customer. */
  customerId: string | null;
}

/** A case that a contact may belong to. */
export interface CandidateCase {
  id: string;
  topic: string | null;
  orderId: string | null;
  returnId: string | null;
  customerId: string | null;
  openedAt: Date;
  lastContactAt: Date;
  resolvedAt: Date | null;
}

/** Days from a contact to the nearest contact of a case; 0 between its first and its last. */
function daysApart(at: Date, { openedAt, lastContactAt }: CandidateCase): number {
  const before = openedAt.getTime() - at.getTime();
  const after = at.getTime() - lastContactAt.getTime();
  return Math.max(0, before, after) / DAY_MS;
}

const isKnown = (id: string | null): id is string => id !== null;

/** Whether both are about the same order or return. */
function isSameDocument(contact: ContactSubject, one: CandidateCase): boolean {
  return (
    (isKnown(contact.returnId) && contact.returnId === one.returnId) ||
    (isKnown(contact.orderId) && contact.orderId === one.orderId)
  );
}

const haveDifferentDocuments = (contact: ContactSubject, one: CandidateCase): boolean =>
  (isKnown(contact.orderId) && isKnown(one.orderId) && contact.orderId !== one.orderId) ||
  (isKnown(contact.returnId) && isKnown(one.returnId) && contact.returnId !== one.returnId);

/**
 * The case that a contact belongs to; null: a case of its own. Contacts about the same order or return are of one case
 * while it is open and for `reopenDays` after it was resolved. Of one customer, so are contacts with the same topic, or
 * none on both sides, that are at most `topicDays` apart, unless their documents differ. Two customers never share a case.
 */
export function matchingCase(
  contact: ContactSubject,
  cases: readonly CandidateCase[],
  { reopenDays, topicDays }: CaseWindows,
): string | null {
  const isOver = ({ resolvedAt }: CandidateCase): boolean =>
    resolvedAt !== null && contact.at.getTime() > resolvedAt.getTime() + reopenDays * DAY_MS;
  const fitting = cases.flatMap((one) => {
    const areBothKnown = isKnown(contact.customerId) && isKnown(one.customerId);
    if (areBothKnown && contact.customerId !== one.customerId) return [];
    if (isOver(one) || haveDifferentDocuments(contact, one)) return [];
    if (isSameDocument(contact, one)) return [{ one, rank: 0 }];
    if (!areBothKnown || contact.topic !== one.topic || daysApart(contact.at, one) > topicDays) return [];
    return [{ one, rank: 1 }];
  });
  fitting.sort(
    (a, b) =>
      a.rank - b.rank ||
      daysApart(contact.at, a.one) - daysApart(contact.at, b.one) ||
      b.one.lastContactAt.getTime() - a.one.lastContactAt.getTime() ||
      (a.one.id < b.one.id ? -1 : 1),
  );
  return fitting[0]?.one.id ?? null;
}

/** A contact with its changes of state, for the history of its case. */
export interface CaseContact {
  id: string;
  at: Date;
  channel: ServiceChannel;
  direction: ContactDirection;
  topic: string | null;
  orderId: string | null;
  returnId: string | null;
  locationId: number | null;
  agentId: number | null;
  changes: readonly { at: Date; state: ContactState; agentId: number | null }[];
}

/** What a case's contacts make of it. */
export interface CaseHistory {
  status: CaseStatus;
  channel: ServiceChannel;
  topic: string | null;
  orderId: string | null;
  returnId: string | null;
  locationId: number | null;
  openedAt: Date;
  lastContactAt: Date;
  resolvedAt: Date | null;
  firstResolvedAt: Date | null;
  creditedAgentId: number | null;
  reopenedCount: number;
  inboundCount: number;
  channelInboundCount: number;
}

interface CaseEvent {
  at: Date;
  contactId: string | null;
  state: ContactState;
  agentId: number | null;
}

/** All changes in the order of their times; a closure by a person resolves all contacts that are open then. */
function eventsOf(contacts: readonly CaseContact[], closedAt: Date | null): CaseEvent[] {
  const events: CaseEvent[] = contacts.flatMap(({ id, at, agentId, changes }) => {
    const first = changes.some((change) => change.at <= at)
      ? []
      : [{ at, contactId: id, state: 'OPEN' as const, agentId }];
    return [...first, ...changes.map((change) => ({ ...change, contactId: id }))];
  });
  if (closedAt !== null) events.push({ at: closedAt, contactId: null, state: 'RESOLVED', agentId: null });
  return events.sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** The state of a case: open while one of its contacts is. Its credit stays with who handled its first resolution. */
function stateOf(contacts: readonly CaseContact[], closedAt: Date | null, reopenDays: number) {
  const open = new Set<string>();
  const agents = new Map(contacts.map(({ id, agentId }) => [id, agentId]));
  let resolvedAt: Date | null = null;
  let firstResolvedAt: Date | null = null;
  let creditedAgentId: number | null = null;
  let reopenedCount = 0;
  for (const { at, contactId, state, agentId } of eventsOf(contacts, closedAt)) {
    if (contactId === null) open.clear();
    else if (state === 'RESOLVED') open.delete(contactId);
    else open.add(contactId);
    if (open.size > 0 && resolvedAt !== null) {
      if (at.getTime() <= resolvedAt.getTime() + reopenDays * DAY_MS) reopenedCount += 1;
      resolvedAt = null;
    }
    if (open.size === 0 && resolvedAt === null) {
      resolvedAt = at;
      firstResolvedAt ??= at;
      creditedAgentId ??= agentId ?? (contactId === null ? null : (agents.get(contactId) ?? null));
    }
  }
  const status: CaseStatus = resolvedAt === null ? 'OPEN' : 'RESOLVED';
  return { status, resolvedAt, firstResolvedAt, creditedAgentId, reopenedCount };
}

/** Derives a case from its contacts, which there must be at least one of. */
export function caseHistory(
  contacts: readonly CaseContact[],
  closedAt: Date | null,
  { reopenDays }: Pick<CaseWindows, 'reopenDays'>,
): CaseHistory {
  const inOrder = [...contacts].sort((a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1));
  const [first] = inOrder;
  if (first === undefined) throw new Error('a case without contacts');
  const known = <K extends 'topic' | 'orderId' | 'returnId' | 'locationId'>(name: K): CaseContact[K] | null =>
    inOrder.find((contact) => contact[name] !== null)?.[name] ?? null;
  const inbound = inOrder.filter(({ direction }) => direction === 'INBOUND');
  const { channel } = inbound[0] ?? first;
  return {
    ...stateOf(inOrder, closedAt, reopenDays),
    channel,
    topic: known('topic'),
    orderId: known('orderId'),
    returnId: known('returnId'),
    locationId: known('locationId'),
    openedAt: first.at,
    lastContactAt: inOrder.at(-1)!.at,
    inboundCount: inbound.length,
    channelInboundCount: inbound.filter((contact) => contact.channel === channel).length,
  };
}
