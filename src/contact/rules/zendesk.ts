// Zendesk's ticket events and trigger webhooks as contacts: one ticket is one contact. Descriptions and comments are not read.

import {
  type ContactState,
  NO_DETAILS,
  type ServiceChannel,
  type StatedContact,
  type StatedIdentifier,
} from './contact';
import {
  documentIn,
  instantAt,
  type JsonObject,
  laterOf,
  objectAt,
  secondsBetween,
  textAt,
  textsAt,
  topicIn,
} from './readJson';

const CHANNELS: Readonly<Record<string, ServiceChannel>> = {
  web: 'FORM',
  web_form: 'FORM',
  web_widget: 'FORM',
  help_center: 'FORM',
  email: 'EMAIL',
  mail: 'EMAIL',
  chat: 'CHAT',
  chat_transcript: 'CHAT',
  messaging: 'CHAT',
  native_messaging: 'CHAT',
  mobile_sdk: 'CHAT',
  sms: 'SMS',
  whatsapp: 'WHATSAPP',
  instagram_dm: 'INSTAGRAM',
  facebook: 'FACEBOOK',
  facebook_messenger: 'FACEBOOK',
  twitter: 'X',
  twitter_dm: 'X',
  voice: 'PHONE',
  phone_call_inbound: 'PHONE',
  phone_call_outbound: 'PHONE',
  voicemail: 'PHONE',
};
const STATES = new Map<string, ContactState>([
  ['new', 'OPEN'],
  ['open', 'OPEN'],
  ['pending', 'PENDING'],
  ['hold', 'PENDING'],
  ['solved', 'RESOLVED'],
  ['closed', 'RESOLVED'],
]);
/** Zendesk's own satisfaction has two grades; they are kept as the ends of the scale. */
const SATISFACTION: Readonly<Record<string, number>> = { good: 5, bad: 1 };

/** `WEB_FORM` and `web form` are one channel. */
const channelOf = (name: string | null): ServiceChannel =>
  CHANNELS[(name ?? '').toLowerCase().replace(/[\s-]+/g, '_')] ?? 'OTHER';

function contactOf(
  ticket: JsonObject,
  beside: { stateAt: Date | null; identifiers: StatedIdentifier[]; fullName: string | null },
): StatedContact | null {
  const number = textAt(ticket, 'id');
  const state = STATES.get((textAt(ticket, 'status') ?? '').toLowerCase());
  const updatedAt = beside.stateAt ?? instantAt(ticket, 'updated_at');
  const at = instantAt(ticket, 'created_at') ?? updatedAt;
  if (number === null || state === undefined || at === null || updatedAt === null) return null;
  const via = textAt(objectAt(ticket, 'via'), 'channel') ?? textAt(ticket, 'via');
  const tags = textsAt(ticket, 'tags').concat((textAt(ticket, 'tags') ?? '').split(/\s+/).filter(Boolean));
  const assignee = textAt(ticket, 'assignee_id');
  const satisfaction = SATISFACTION[(textAt(ticket, 'satisfaction') ?? '').toLowerCase()];
  return {
    ...NO_DETAILS,
    externalId: number,
    channel: channelOf(via),
    direction: via?.toLowerCase().includes('outbound') ? 'OUTBOUND' : 'INBOUND',
    at,
    state,
    stateAt: laterOf(updatedAt, at),
    topic: topicIn(tags),
    orderNumber: textAt(ticket, 'order_number') ?? documentIn(tags, 'C'),
    returnNumber: textAt(ticket, 'return_number') ?? documentIn(tags, 'R'),
    handler: assignee === null || assignee === '0' ? null : `zendesk:${assignee}`,
    waitingSeconds: secondsBetween(at, instantAt(ticket, 'first_reply_at')),
    link: textAt(ticket, 'link'),
    identifiers: beside.identifiers,
    fullName: beside.fullName,
    survey:
      satisfaction === undefined ? null : { csat: satisfaction, nps: null, ces: null, wasResolved: null },
  };
}

/** An event webhook, `zen:event-type:ticket.…`: it names the requester by id only. */
function ofEvent(event: JsonObject): StatedContact | null {
  const detail = objectAt(event, 'detail');
  if (detail === null || !textAt(event, 'type')?.startsWith('zen:event-type:ticket.')) return null;
  const requester = textAt(detail, 'requester_id');
  const account = textAt(event, 'account_id');
  const identifiers: StatedIdentifier[] =
    requester === null
      ? []
      : [{ kind: 'HELP_DESK_CONTACT', scope: scopeOf(account), value: requester, isVerified: true }];
  return contactOf(detail, { stateAt: instantAt(event, 'time'), identifiers, fullName: null });
}

const scopeOf = (account: string | null): string => (account === null ? 'zendesk' : `zendesk:${account}`);

/** A trigger's webhook with the body of our documentation: a ticket and its requester with mail and telephone. */
function ofTrigger(event: JsonObject): StatedContact | null {
  const ticket = objectAt(event, 'ticket');
  const requester = objectAt(event, 'requester');
  if (ticket === null) return null;
  const identifiers: StatedIdentifier[] = [];
  const add = (kind: StatedIdentifier['kind'], scope: string, name: string, isVerified: boolean) => {
    const value = textAt(requester, name);
    if (value !== null) identifiers.push({ kind, scope, value, isVerified });
  };
  add('HELP_DESK_CONTACT', scopeOf(textAt(event, 'account_id')), 'id', true);
  add('WEB_ACCOUNT', '', 'external_id', false);
  add('EMAIL', '', 'email', false);
  add('PHONE', '', 'phone', false);
  return contactOf(ticket, { stateAt: null, identifiers, fullName: textAt(requester, 'name') });
}

/** One webhook as a contact; null for events that change none. */
export function zendeskContact(event: unknown): StatedContact | null {
  const sent = objectAt(event);
  if (sent === null) return null;
  return textAt(sent, 'type') === null ? ofTrigger(sent) : ofEvent(sent);
}
