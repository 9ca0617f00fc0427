// Intercom's webhooks about conversations as contacts: one conversation is one contact. Messages are not read.

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
  objectsAt,
  secondsBetween,
  textAt,
  topicIn,
} from './readJson';

const CHANNELS: Readonly<Record<string, ServiceChannel>> = {
  conversation: 'CHAT',
  push: 'CHAT',
  email: 'EMAIL',
  facebook: 'FACEBOOK',
  instagram: 'INSTAGRAM',
  twitter: 'X',
  whatsapp: 'WHATSAPP',
  sms: 'SMS',
  phone_call: 'PHONE',
  phone_switch: 'PHONE',
};
const STATES = new Map<string, ContactState>([
  ['open', 'OPEN'],
  ['snoozed', 'PENDING'],
  ['closed', 'RESOLVED'],
]);
const MAX_RATING = 5;

/** The person of a conversation. The id at Intercom is certain; what the person typed is not. */
function identifiersOf(conversation: JsonObject, scope: string): StatedIdentifier[] {
  const author = objectAt(conversation, 'source', 'author');
  const person = textAt(author, 'type') === 'admin' || textAt(author, 'type') === 'bot' ? null : author;
  const [listed] = objectsAt(objectAt(conversation, 'contacts'), 'contacts');
  const identifiers: StatedIdentifier[] = [];
  const add = (kind: StatedIdentifier['kind'], of: string, value: string | null, isVerified: boolean) => {
    if (value !== null) identifiers.push({ kind, scope: of, value, isVerified });
  };
  add('HELP_DESK_CONTACT', scope, textAt(listed, 'id') ?? textAt(person, 'id'), true);
  add('WEB_ACCOUNT', '', textAt(listed, 'external_id'), false);
  add('EMAIL', '', textAt(person, 'email'), false);
  return identifiers;
}

/** One webhook as a contact; null for events that are about no conversation. */
export function intercomContact(event: unknown): StatedContact | null {
  const conversation = objectAt(event, 'data', 'item');
  const app = textAt(event, 'app_id');
  if (app === null || textAt(conversation, 'type') !== 'conversation') return null;
  const id = textAt(conversation, 'id');
  const isOpen = conversation!.open === true ? 'open' : conversation!.open === false ? 'closed' : '';
  const state = STATES.get(textAt(conversation, 'state') ?? isOpen);
  const at = instantAt(conversation, 'created_at');
  if (id === null || state === undefined || at === null) return null;
  const stateAt = instantAt(conversation, 'updated_at') ?? instantAt(event, 'created_at') ?? at;
  const source = objectAt(conversation, 'source');
  const tags = objectsAt(objectAt(conversation, 'tags'), 'tags').flatMap((tag) => textAt(tag, 'name') ?? []);
  const attributes = objectAt(conversation, 'custom_attributes');
  const assignee = textAt(conversation, 'admin_assignee_id');
  const rating = Number(textAt(objectAt(conversation, 'conversation_rating'), 'rating'));
  const isRated = Number.isInteger(rating) && rating >= 1 && rating <= MAX_RATING;
  const isByCustomer = !['admin', 'bot'].includes(textAt(objectAt(source, 'author'), 'type') ?? '');
  return {
    ...NO_DETAILS,
    externalId: `${app}:${id}`,
    channel: CHANNELS[textAt(source, 'type') ?? ''] ?? 'OTHER',
    direction: isByCustomer ? 'INBOUND' : 'OUTBOUND',
    ...{ at, state, stateAt: laterOf(stateAt, at) },
    topic: textAt(attributes, 'topic') ?? topicIn(tags),
    orderNumber: textAt(attributes, 'order_number') ?? documentIn(tags, 'C'),
    returnNumber: textAt(attributes, 'return_number') ?? documentIn(tags, 'R'),
    handler: assignee === null || assignee === '0' ? null : `intercom:${assignee}`,
    waitingSeconds: secondsBetween(
      at,
      instantAt(objectAt(conversation, 'statistics'), 'first_admin_reply_at'),
    ),
    link: `https://app.intercom.com/a/inbox/${encodeURIComponent(app)}/inbox/conversation/${encodeURIComponent(id)}`,
    identifiers: identifiersOf(conversation!, `intercom:${app}`),
    fullName: isByCustomer ? textAt(objectAt(source, 'author'), 'name') : null,
    survey: isRated ? { csat: rating, nps: null, ces: null, wasResolved: null } : null,
  };
}
