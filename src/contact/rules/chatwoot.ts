// Chatwoot's webhooks as contacts: one conversation is one contact. Bodies of messages are not read.

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
  'Channel::WebWidget': 'CHAT',
  'Channel::Email': 'EMAIL',
  'Channel::FacebookPage': 'FACEBOOK',
  'Channel::Instagram': 'INSTAGRAM',
  'Channel::TwitterProfile': 'X',
  'Channel::Whatsapp': 'WHATSAPP',
  'Channel::Sms': 'SMS',
  'Channel::TwilioSms': 'SMS',
  'Channel::Voice': 'PHONE',
  'Channel::Api': 'OTHER',
};
const STATES: Readonly<Record<string, ContactState>> = {
  open: 'OPEN',
  pending: 'PENDING',
  snoozed: 'PENDING',
  resolved: 'RESOLVED',
};
/** Networks that vouch for the sender's number or account; the sender of a mail can be forged. */
const VOUCHED: readonly ServiceChannel[] = ['WHATSAPP', 'INSTAGRAM', 'FACEBOOK', 'X'];
const EVENTS = [
  'conversation_created',
  'conversation_status_changed',
  'conversation_updated',
  'message_created',
];

/** The person of a conversation: the contact's own id, and what it has beside it. */
function identifiersOf(
  sender: JsonObject | null,
  conversation: JsonObject,
  channel: ServiceChannel,
): StatedIdentifier[] {
  const identifiers: StatedIdentifier[] = [];
  const add = (kind: StatedIdentifier['kind'], scope: string, value: string | null, isVerified: boolean) => {
    if (value !== null) identifiers.push({ kind, scope, value, isVerified });
  };
  const account = textAt(conversation, 'account_id') ?? textAt(objectAt(conversation, 'account'), 'id');
  add('HELP_DESK_CONTACT', account === null ? 'chatwoot' : `chatwoot:${account}`, textAt(sender, 'id'), true);
  // The shop's own page has signed the account in and passed its id on with an HMAC.
  const isSignedIn = objectAt(conversation, 'contact_inbox')?.hmac_verified === true;
  if (isSignedIn) add('WEB_ACCOUNT', '', textAt(sender, 'identifier'), true);
  add('EMAIL', '', textAt(sender, 'email'), false);
  add('PHONE', '', textAt(sender, 'phone_number'), channel === 'WHATSAPP');
  const profiles = objectAt(sender, 'additional_attributes', 'social_profiles');
  for (const network of ['instagram', 'facebook', 'twitter']) {
    const isOfChannel =
      VOUCHED.includes(channel) && channel === (network === 'twitter' ? 'X' : network.toUpperCase());
    add('SOCIAL_HANDLE', network === 'twitter' ? 'x' : network, textAt(profiles, network), isOfChannel);
  }
  return identifiers;
}

/** Who began: the first message that the payload shows, unless it is the event's own. */
function isOutbound(event: JsonObject): boolean {
  const [first] = (event.messages as unknown[] | undefined) ?? [];
  const type = objectAt(first)?.message_type;
  return event.event === 'conversation_created' && (type === 1 || type === 'outgoing');
}

/**
 * One webhook as a contact; null for events that change none (contacts, typing, private notes). A message brings the
 * state of its conversation with it.
 */
export function chatwootContact(event: unknown): StatedContact | null {
  const sent = objectAt(event);
  if (sent === null || !EVENTS.includes(textAt(sent, 'event') ?? '')) return null;
  if (sent.private === true) return null;
  const isMessage = sent.event === 'message_created';
  const conversation = isMessage ? objectAt(sent, 'conversation') : sent;
  const number = textAt(conversation, 'id') ?? textAt(conversation, 'display_id');
  const state = STATES[textAt(conversation, 'status') ?? ''];
  if (conversation === null || number === null || state === undefined) return null;
  const stateAt =
    (isMessage ? instantAt(sent, 'created_at') : null) ??
    instantAt(conversation, 'updated_at') ??
    instantAt(conversation, 'timestamp');
  const at = instantAt(conversation, 'created_at') ?? stateAt;
  if (at === null || stateAt === null) return null;
  const account = textAt(sent.account, 'id') ?? textAt(conversation, 'account_id') ?? '0';
  const channel = CHANNELS[textAt(conversation, 'channel') ?? ''] ?? 'OTHER';
  const sender = objectAt(conversation, 'meta', 'sender') ?? objectAt(sent, 'contact');
  const assignee = textAt(objectAt(conversation, 'meta', 'assignee'), 'id');
  const labels = textsAt(conversation, 'labels');
  const attributes = objectAt(conversation, 'custom_attributes');
  return {
    ...NO_DETAILS,
    externalId: `${account}:${number}`,
    channel,
    direction: isOutbound(sent) ? 'OUTBOUND' : 'INBOUND',
    at,
    state,
    stateAt: laterOf(stateAt, at),
    topic: textAt(attributes, 'topic') ?? topicIn(labels),
    orderNumber: textAt(attributes, 'order_number') ?? documentIn(labels, 'C'),
    returnNumber: textAt(attributes, 'return_number') ?? documentIn(labels, 'R'),
    handler: assignee === null ? null : `chatwoot:${assignee}`,
    waitingSeconds: secondsBetween(at, instantAt(conversation, 'first_reply_created_at')),
    identifiers: identifiersOf(sender, { account_id: account, ...conversation }, channel),
    fullName: textAt(sender, 'name'),
    survey: null,
  };
}
