// Webhooks of Freshdesk's automation rules as contacts, with the body of our documentation: one ticket is one contact.

import {
  type ContactState,
  NO_DETAILS,
  type ServiceChannel,
  type StatedContact,
  type StatedIdentifier,
} from './contact';
import { documentIn, instantAt, laterOf, objectAt, textAt, topicIn } from './readJson';

/** Sources by the name that a placeholder writes, and by the number of the API. */
const CHANNELS: Readonly<Record<string, ServiceChannel>> = {
  ...{ '1': 'EMAIL', email: 'EMAIL', 'outbound email': 'EMAIL', '10': 'EMAIL' },
  ...{ '2': 'FORM', portal: 'FORM', '9': 'FORM', 'feedback widget': 'FORM' },
  ...{ '3': 'PHONE', phone: 'PHONE', '7': 'CHAT', chat: 'CHAT' },
  ...{ twitter: 'X', facebook: 'FACEBOOK', whatsapp: 'WHATSAPP', instagram: 'INSTAGRAM', sms: 'SMS' },
};
const STATES = new Map<string, ContactState>([
  ...(['2', 'open', 'reopened'] as const).map((name) => [name, 'OPEN'] as const),
  ...(['3', 'pending', 'waiting on customer', 'waiting on third party', '6', '7'] as const).map(
    (name) => [name, 'PENDING'] as const,
  ),
  ...(['4', '5', 'resolved', 'closed'] as const).map((name) => [name, 'RESOLVED'] as const),
]);
const OUTBOUND = ['outbound email', '10'];

const lowered = (value: string | null): string => (value ?? '').toLowerCase();

/** One webhook as a contact; null for bodies without a ticket, its state or its times. */
export function freshdeskContact(event: unknown): StatedContact | null {
  const ticket = objectAt(event, 'ticket');
  const requester = objectAt(event, 'requester');
  const id = textAt(ticket, 'id');
  const state = STATES.get(lowered(textAt(ticket, 'status')));
  const updatedAt = instantAt(ticket, 'updated_at');
  const at = instantAt(ticket, 'created_at') ?? updatedAt;
  if (id === null || state === undefined || at === null || updatedAt === null) return null;
  const account = textAt(event, 'account');
  const scope = account === null ? 'freshdesk' : `freshdesk:${account}`;
  const tags = (textAt(ticket, 'tags') ?? '')
    .split(',')
    .map((tag) => tag.trim())
    .filter(Boolean);
  const source = lowered(textAt(ticket, 'source'));
  const agent = textAt(ticket, 'agent_id');
  const identifiers: StatedIdentifier[] = [];
  const add = (kind: StatedIdentifier['kind'], of: string, name: string, isVerified: boolean) => {
    const value = textAt(requester, name);
    if (value !== null) identifiers.push({ kind, scope: of, value, isVerified });
  };
  add('HELP_DESK_CONTACT', scope, 'id', true);
  add('WEB_ACCOUNT', '', 'external_id', false);
  add('EMAIL', '', 'email', false);
  add('PHONE', '', 'phone', false);
  return {
    ...NO_DETAILS,
    externalId: account === null ? id : `${account}:${id}`,
    channel: CHANNELS[source] ?? 'OTHER',
    direction: OUTBOUND.includes(source) ? 'OUTBOUND' : 'INBOUND',
    ...{ at, state, stateAt: laterOf(updatedAt, at) },
    topic: topicIn(tags),
    orderNumber: documentIn(tags, 'C'),
    returnNumber: documentIn(tags, 'R'),
    handler: agent === null || agent === '0' ? null : `freshdesk:${agent}`,
    link: textAt(ticket, 'link'),
    identifiers,
    fullName: textAt(requester, 'name'),
    survey: null,
  };
}
