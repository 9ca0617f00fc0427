// Webhooks of Intercom and Freshdesk: what their payloads mean, and which deliveries are accepted.

import { createHmac } from 'node:crypto';
import { freshdeskContact } from '../../src/contact/rules/freshdesk';
import { intercomContact } from '../../src/contact/rules/intercom';
import { startApp, type TestApp } from '../support/app';
import { contactsOn } from './support';

const SECRETS = {
  INTERCOM_WEBHOOK_SECRET: 'b8e3c1d2-4f5a-4c7e',
  FRESHDESK_WEBHOOK_SECRET: 'Wq8cJ2vN5tRx7LpZ',
};
const seconds = (iso: string): number => Date.parse(iso) / 1_000;

/** The form of a notification of Intercom about a conversation. */
const notification = (more: object = {}) => ({
  ...{
    type: 'notification_event',
    app_id: 'a86dr8yl',
    topic: 'conversation.admin.replied',
    id: 'notif_4e35',
  },
  ...{ created_at: seconds('2026-11-25T08:56:00Z'), delivery_attempts: 1, self: null },
  data: {
    type: 'notification_event_data',
    item: {
      ...{ type: 'conversation', id: '2743', state: 'open', open: true, admin_assignee_id: 814860 },
      ...{ created_at: seconds('2026-11-25T08:45:00Z'), updated_at: seconds('2026-11-25T08:55:00Z') },
      source: {
        ...{
          type: 'conversation',
          id: '1',
          body: '<p>My secret parcel</p>',
          delivered_as: 'customer_initiated',
        },
        author: { type: 'user', id: '5ba6', name: 'Anne Martin', email: 'anne@example.com' },
      },
      contacts: { type: 'contact.list', contacts: [{ type: 'contact', id: '5ba6', external_id: 'web-9' }] },
      tags: {
        type: 'tag.list',
        tags: [
          { id: '1', name: 'late-order' },
          { id: '2', name: 'c-1234567890' },
        ],
      },
      statistics: { first_admin_reply_at: seconds('2026-11-25T08:50:00Z') },
      conversation_rating: null,
      ...more,
    },
  },
});

/** The body that our documentation gives to an automation rule of Freshdesk. */
const ticket = (more: object = {}) => ({
  account: 'shop',
  ticket: {
    ...{ id: '5158', status: 'Open', source: 'Email', tags: 'late-order, c-1234567890', agent_id: '43' },
    ...{ created_at: '2026-11-25T08:00:00Z', updated_at: '2026-11-25T08:40:00Z' },
    link: 'https://shop.freshdesk.com/a/tickets/5158',
    ...more,
  },
  requester: { id: '9', name: 'Anne Martin', email: 'anne@example.com', phone: '+33612345678' },
});

test('a conversation of Intercom', () => {
  const found = intercomContact(notification());
  expect(found).toMatchObject({
    ...{ externalId: 'a86dr8yl:2743', channel: 'CHAT', direction: 'INBOUND', state: 'OPEN' },
    ...{ topic: 'late-order', orderNumber: 'C-1234567890', handler: 'intercom:814860', waitingSeconds: 300 },
    ...{ at: new Date('2026-11-25T08:45:00Z'), stateAt: new Date('2026-11-25T08:55:00Z') },
    fullName: 'Anne Martin',
    identifiers: [
      { kind: 'HELP_DESK_CONTACT', scope: 'intercom:a86dr8yl', value: '5ba6', isVerified: true },
      { kind: 'WEB_ACCOUNT', value: 'web-9', isVerified: false },
      { kind: 'EMAIL', value: 'anne@example.com', isVerified: false },
    ],
  });
  expect(JSON.stringify(found)).not.toContain('secret');
});

test.each<[string, object, object]>([
  ['snoozed', { state: 'snoozed' }, { state: 'PENDING' }],
  ['closed, without a state', { state: null, open: false }, { state: 'RESOLVED' }],
  ['rated', { conversation_rating: { rating: 4 } }, { survey: { csat: 4 } }],
  ['with a wrong rating', { conversation_rating: { rating: 11 } }, { survey: null }],
  ['of a mail', { source: { type: 'email' } }, { channel: 'EMAIL' }],
  [
    'begun by an admin',
    { source: { author: { type: 'admin', id: '1', email: 'a@b.c' } } },
    { direction: 'OUTBOUND' },
  ],
  ['of nobody', { contacts: null, source: null }, { channel: 'OTHER', identifiers: [] }],
])('a conversation %s', (_name, more, expected) => {
  expect(intercomContact(notification(more))).toMatchObject(expected);
});

test('an admin who begins a conversation is not taken for its customer', () => {
  const source = { author: { type: 'admin', id: '1', email: 'agent@example.com', name: 'Zoe' } };
  const found = intercomContact(notification({ source }))!;
  expect(found.fullName).toBeNull();
  expect(found.identifiers.map(({ kind }) => kind)).toEqual(['HELP_DESK_CONTACT', 'WEB_ACCOUNT']);
});

test('a ticket of Freshdesk', () => {
  expect(freshdeskContact(ticket())).toMatchObject({
    ...{
      externalId: 'shop:5158',
      channel: 'EMAIL',
      direction: 'INBOUND',
      state: 'OPEN',
      topic: 'late-order',
    },
    ...{ orderNumber: 'C-1234567890', handler: 'freshdesk:43', fullName: 'Anne Martin' },
    identifiers: [
      { kind: 'HELP_DESK_CONTACT', scope: 'freshdesk:shop', value: '9', isVerified: true },
      { kind: 'EMAIL', value: 'anne@example.com', isVerified: false },
      { kind: 'PHONE', value: '+33612345678', isVerified: false },
    ],
  });
  expect(freshdeskContact(ticket({ status: 4, source: 3 }))).toMatchObject({
    state: 'RESOLVED',
    channel: 'PHONE',
  });
  expect(freshdeskContact(ticket({ status: 'Waiting on Customer' }))).toMatchObject({ state: 'PENDING' });
});

test.each([[null], [[]], ['x'], [{}], [{ data: { item: 1 }, app_id: 'x' }], [{ ticket: { id: 1 } }]])(
  '%j is no contact',
  (event) => {
    expect(intercomContact(event)).toBeNull();
    expect(freshdeskContact(event)).toBeNull();
  },
);

describe('a delivery', () => {
  let app: TestApp;
  let on: Awaited<ReturnType<typeof contactsOn>>;
  beforeAll(async () => {
    app = await startApp(SECRETS);
    on = await contactsOn(app);
  });
  afterAll(() => app.close());
  const post = async (name: string, body: string, headers: Record<string, string>) => {
    const method = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
    return (await fetch(`${app.url}/contacts/${name}`, { ...method, body })).status;
  };
  const signed = (body: string, secret = SECRETS.INTERCOM_WEBHOOK_SECRET) => ({
    'x-hub-signature': `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`,
  });

  test('of Intercom is stored once, and refused with another signature', async () => {
    const body = JSON.stringify(notification());
    expect(await post('intercom', body, {})).toBe(401);
    expect(await post('intercom', body, signed(body, 'another secret 1'))).toBe(401);
    expect(await post('intercom', `${body} `, signed(body))).toBe(401);
    expect(await on.cases()).toEqual([]);
    expect(await post('intercom', body, signed(body))).toBe(200);
    expect(await post('intercom', body, signed(body))).toBe(200);
    expect(await on.cases()).toMatchObject([{ channel: 'CHAT', inboundCount: 1 }]);
    const ping = JSON.stringify({
      type: 'notification_event',
      topic: 'ping',
      data: { item: { type: 'ping' } },
    });
    expect(await post('intercom', ping, signed(ping))).toBe(200);
  });

  test('of Freshdesk needs the secret', async () => {
    const body = JSON.stringify(ticket({ tags: 'refund' }));
    expect(await post('freshdesk', body, {})).toBe(401);
    expect(await post('freshdesk', body, { 'x-comptoir-secret': 'Wq8cJ2vN5tRx7LpY' })).toBe(401);
    const secret = { 'x-comptoir-secret': SECRETS.FRESHDESK_WEBHOOK_SECRET };
    expect(await post('freshdesk', body, secret)).toBe(200);
    expect(await on.cases({ topic: 'refund' })).toMatchObject([{ channel: 'EMAIL' }]);
    expect(await post('freshdesk', 'no JSON', secret)).toBe(400);
  });
});
