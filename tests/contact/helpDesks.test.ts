// Webhooks of help desks: what their payloads mean, and which deliveries are accepted.

import { createHmac } from 'node:crypto';
import { chatwootContact } from '../../src/contact/rules/chatwoot';
import { zendeskContact } from '../../src/contact/rules/zendesk';
import { START, startApp, type TestApp } from '../support/app';
import { contactsOn } from './support';

const SECRETS = {
  CHATWOOT_WEBHOOK_SECRET: 'Wq8cJ2vN5tRx7LpZ',
  ZENDESK_WEBHOOK_SECRET: 'dGhpc0lzTm90QVJlYWxTZWNyZXQ4Nzk=',
};
const seconds = (iso: string): number => Date.parse(iso) / 1_000;

/** The form of a conversation event of Chatwoot 4, with the last message as it sends it along. */
const conversation = (more: object = {}) => ({
  additional_attributes: { initiated_at: { timestamp: 'Wed Nov 25 2026' } },
  can_reply: true,
  channel: 'Channel::Whatsapp',
  contact_inbox: { id: 4, contact_id: 31, inbox_id: 2, source_id: '33612345678', hmac_verified: false },
  id: 57,
  inbox_id: 2,
  messages: [{ id: 900, content: 'Where is my secret parcel?', message_type: 0, conversation_id: 57 }],
  labels: ['late-order', 'c-1234567890'],
  meta: {
    sender: {
      ...{
        additional_attributes: {},
        custom_attributes: {},
        email: 'anne@example.com',
        id: 31,
        identifier: 'web-9',
      },
      ...{ name: 'Anne Martin', phone_number: '+33612345678', thumbnail: '', type: 'contact' },
    },
    assignee: { id: 3, name: 'Zoé', type: 'user' },
    hmac_verified: false,
  },
  status: 'open',
  custom_attributes: {},
  first_reply_created_at: '2026-11-25T08:50:00.000Z',
  created_at: seconds('2026-11-25T08:45:00Z'),
  updated_at: seconds('2026-11-25T08:55:00Z'),
  timestamp: seconds('2026-11-25T08:55:00Z'),
  account: { id: 1, name: 'Comptoir' },
  event: 'conversation_status_changed',
  changed_attributes: [{ status: { previous_value: 'pending', current_value: 'open' } }],
  ...more,
});

/** The form of a ticket event webhook of Zendesk. */
const ticketEvent = (more: object = {}) => ({
  account_id: 22129848,
  detail: {
    ...{ actor_id: '8447388090494', assignee_id: '8447388090495', brand_id: '8447346621310' },
    ...{ created_at: '2026-11-25T08:00:00Z', description: 'A secret', external_id: null, id: '5158' },
    ...{
      is_public: true,
      priority: 'LOW',
      requester_id: '8447388090496',
      status: 'SOLVED',
      subject: 'secret',
    },
    ...{ tags: ['refund', 'order_c-1234567890'], type: 'TASK', updated_at: '2026-11-25T08:40:00Z' },
    via: { channel: 'web_service' },
    ...more,
  },
  event: { current: 'SOLVED', previous: 'OPEN', meta: { sequence: { id: 'A1', position: 1 } } },
  id: '2b24ef10-19d4-4740-93cf-8f98ec4776c0',
  subject: 'zen:ticket:5158',
  time: '2026-11-25T08:41:00.672717030Z',
  type: 'zen:event-type:ticket.status_changed',
  zendesk_event_version: '2022-11-06',
});

describe('a payload', () => {
  test('of a Chatwoot conversation', () => {
    expect(chatwootContact(conversation())).toMatchObject({
      ...{
        externalId: '1:57',
        channel: 'WHATSAPP',
        direction: 'INBOUND',
        state: 'OPEN',
        topic: 'late-order',
      },
      ...{ at: new Date('2026-11-25T08:45:00Z'), stateAt: new Date('2026-11-25T08:55:00Z') },
      ...{ orderNumber: 'C-1234567890', handler: 'chatwoot:3', waitingSeconds: 300, fullName: 'Anne Martin' },
      identifiers: [
        { kind: 'HELP_DESK_CONTACT', scope: 'chatwoot:1', value: '31', isVerified: true },
        { kind: 'EMAIL', scope: '', value: 'anne@example.com', isVerified: false },
        { kind: 'PHONE', scope: '', value: '+33612345678', isVerified: true },
      ],
    });
  });

  test('of a signed-in visitor of the website names the account', () => {
    const signedIn = { ...conversation().contact_inbox, hmac_verified: true };
    const found = chatwootContact(conversation({ channel: 'Channel::WebWidget', contact_inbox: signedIn }));
    expect(found!.identifiers.map(({ kind, isVerified }) => [kind, isVerified])).toEqual([
      ['HELP_DESK_CONTACT', true],
      ['WEB_ACCOUNT', true],
      ['EMAIL', false],
      ['PHONE', false],
    ]);
  });

  test('of a Chatwoot message brings the state of its conversation', () => {
    const { event: _event, account, ...inner } = conversation({ status: 'resolved' });
    const message = {
      ...{ event: 'message_created', id: 901, content: 'A secret', created_at: '2026-11-25T08:58:00.000Z' },
      ...{
        message_type: 'outgoing',
        private: false,
        sender: { id: 3, type: 'user' },
        account,
        conversation: inner,
      },
    };
    expect(chatwootContact(message)).toMatchObject({
      ...{ externalId: '1:57', direction: 'INBOUND', state: 'RESOLVED' },
      stateAt: new Date('2026-11-25T08:58:00Z'),
    });
    expect(chatwootContact({ ...message, private: true })).toBeNull();
  });

  test('of a Zendesk ticket event', () => {
    expect(zendeskContact(ticketEvent())).toMatchObject({
      ...{
        externalId: '5158',
        channel: 'OTHER',
        state: 'RESOLVED',
        topic: 'refund',
        handler: 'zendesk:8447388090495',
      },
      ...{ at: new Date('2026-11-25T08:00:00Z'), stateAt: new Date('2026-11-25T08:41:00.672Z') },
      orderNumber: 'C-1234567890',
      identifiers: [
        { kind: 'HELP_DESK_CONTACT', scope: 'zendesk:22129848', value: '8447388090496', isVerified: true },
      ],
    });
  });

  test('of a Zendesk trigger names the requester', () => {
    const ticket = {
      ...ticketEvent().detail,
      status: 'Open',
      via: 'Mail',
      satisfaction: 'Good',
      tags: 'refund vip',
    };
    const requester = { id: '7', name: 'Anne Martin', email: 'anne@example.com', phone: '' };
    expect(zendeskContact({ account_id: '22', ticket, requester })).toMatchObject({
      ...{ channel: 'EMAIL', state: 'OPEN', topic: 'refund', fullName: 'Anne Martin', survey: { csat: 5 } },
      identifiers: [
        { kind: 'HELP_DESK_CONTACT', scope: 'zendesk:22', value: '7' },
        { kind: 'EMAIL', value: 'anne@example.com', isVerified: false },
      ],
    });
  });

  test('keeps nothing that was written', () => {
    const kept = JSON.stringify([chatwootContact(conversation()), zendeskContact(ticketEvent())]);
    expect(kept).not.toContain('secret');
  });

  test.each([
    ['null', null],
    ['a list', [1]],
    ['another event', { event: 'contact_created', id: 1 }],
    ['an event without its object', { event: 'message_created' }],
    ['an unknown state', conversation({ status: 'gone' })],
    [
      'fields of other types',
      conversation({ meta: 7, labels: 'x', created_at: 'never', updated_at: {}, timestamp: [] }),
    ],
    ['a user event of Zendesk', { type: 'zen:event-type:user.created', detail: { id: '1' } }],
    ['a ticket without an id', ticketEvent({ id: null })],
  ])('that is %s changes no contact', (_name, event) => {
    expect(chatwootContact(event)).toBeNull();
    expect(zendeskContact(event)).toBeNull();
  });
});

describe('a delivery', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp(SECRETS);
  });
  afterAll(() => app.close());

  async function post(path: string, body: string, headers: Record<string, string>) {
    const response = await fetch(`${app.url}/contacts/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    const answer = (await response.json()) as { stored?: boolean; errors?: { message: string }[] };
    return { status: response.status, ...answer };
  }
  function chatwoot(event: object, at = START, secret = SECRETS.CHATWOOT_WEBHOOK_SECRET) {
    const body = JSON.stringify(event);
    const timestamp = String(Math.floor(at.getTime() / 1_000));
    const digest = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    return post('chatwoot', body, {
      'x-chatwoot-timestamp': timestamp,
      'x-chatwoot-signature': `sha256=${digest}`,
    });
  }
  function zendesk(event: object, at = START) {
    const body = JSON.stringify(event);
    const timestamp = at.toISOString();
    const signature = createHmac('sha256', SECRETS.ZENDESK_WEBHOOK_SECRET)
      .update(timestamp + body)
      .digest('base64');
    return post('zendesk', body, {
      'x-zendesk-webhook-signature-timestamp': timestamp,
      'x-zendesk-webhook-signature': signature,
    });
  }

  test('with a good signature is stored once; an unknown order is left out', async () => {
    expect(await chatwoot(conversation())).toEqual({ status: 200, stored: true });
    expect(await chatwoot(conversation())).toEqual({ status: 200, stored: true });
    expect(await zendesk(ticketEvent())).toEqual({ status: 200, stored: true });
    const on = await contactsOn(app);
    expect(await on.cases({ topic: 'late-order' })).toMatchObject([
      { inboundCount: 1, orderNumber: null, contacts: [{ source: 'chatwoot', waitingSeconds: 300 }] },
    ]);
    expect(await on.cases({ topic: 'refund' })).toMatchObject([
      { status: 'RESOLVED', agent: { code: 'zendesk:8447388090495' } },
    ]);
  });

  test('of an event that changes no contact is acknowledged', async () => {
    expect(await chatwoot({ event: 'conversation_typing_on', id: 1 })).toEqual({
      status: 200,
      stored: false,
    });
  });

  test('with a wrong, missing or old signature, or for another body, is refused', async () => {
    const minutes = (n: number): Date => new Date(START.getTime() + n * 60_000);
    expect((await chatwoot(conversation(), START, 'another secret text')).status).toBe(401);
    expect((await chatwoot(conversation(), minutes(-6))).errors![0]!.message).toContain('300 seconds');
    expect((await chatwoot(conversation(), minutes(6))).status).toBe(401);
    expect((await zendesk(ticketEvent(), minutes(-6))).status).toBe(401);
    expect((await post('zendesk', '{}', {})).errors![0]!.message).toContain('missing');
    const signed = { 'x-chatwoot-timestamp': '0x1', 'x-chatwoot-signature': 'sha256=00' };
    expect((await post('chatwoot', '{}', signed)).status).toBe(401);
  });

  test('that is too large, no JSON, no POST or for another path is refused', async () => {
    expect((await post('chatwoot', JSON.stringify('x'.repeat(300_000)), {})).status).toBe(413);
    const timestamp = String(START.getTime() / 1_000);
    const digest = createHmac('sha256', SECRETS.CHATWOOT_WEBHOOK_SECRET)
      .update(`${timestamp}.{`)
      .digest('hex');
    const headers = { 'x-chatwoot-timestamp': timestamp, 'x-chatwoot-signature': `sha256=${digest}` };
    expect((await post('chatwoot', '{', headers)).status).toBe(400);
    expect((await fetch(`${app.url}/contacts/chatwoot`)).status).toBe(405);
    expect((await post('intercom', '{}', {})).status).toBe(404);
  });

  test('to a server without the secret is refused', async () => {
    const closed = await startApp({}, app);
    try {
      const response = await fetch(`${closed.url}/contacts/chatwoot`, { method: 'POST', body: '{}' });
      expect(response.status).toBe(404);
      expect(await response.text()).toContain('CHATWOOT_WEBHOOK_SECRET');
    } finally {
      await closed.parts.hub.close();
      await closed.close();
    }
  });
});
