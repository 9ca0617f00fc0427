// Accounts that contacts name are those of orders: at the storefront that is named, or that the setting names for their source.

import { createHmac } from 'node:crypto';
import { readConfig } from '../../src/config/config';
import { recordDocuments } from '../../src/customer/actions/recordDocuments';
import { type Orders, ordersOn } from '../order/support';
import { START, startApp, type TestApp } from '../support/app';
import { account, contactsOn, line } from './support';

const SECRET = 'Wq8cJ2vN5tRx7LpZ';
let app: TestApp;
let orders: Orders;
let on: Awaited<ReturnType<typeof contactsOn>>;

beforeAll(async () => {
  app = await startApp({
    CONTACT_STOREFRONTS: 'chatwoot:1=web-fr, chatwoot:2=nowhere, freshdesk=web-be',
    CHATWOOT_WEBHOOK_SECRET: SECRET,
  });
  on = await contactsOn(app);
  orders = await ordersOn(app);
  await orders.stock('paris', [{ sku: 'LAMP', quantity: 4 }]);
  for (const name of ['web-fr', 'web-be']) {
    const customer = {
      name: 'Zoe',
      email: `zoe@${name}.example`,
      contactChannel: 'EMAIL',
      account: 'account-7',
    };
    const lines = [{ sku: 'LAMP', quantity: 1 }];
    const token = await app.token('STOREFRONT', name);
    const placed = await orders.place({ location: 'paris', lines, customer }, token);
    expect(placed.__typename).toBe('PlaceOrderSuccess');
  }
  const { db, secretKey, config, clock } = app.parts;
  await recordDocuments({ db, secretKey, identity: config.identity }, clock(), async () => true);
});
afterAll(() => app.close());

const OWNERS = `
  SELECT a.name, i.customer_id AS "customerId" FROM identifier i LEFT JOIN actor a ON a.id::text = i.scope
  WHERE i.kind = 'WEB_ACCOUNT' AND i.value = 'account-7'`;
const CONTACT = `
  SELECT i.customer_id AS "customerId" FROM contact n JOIN identifier i ON i.id = n.identifier_id WHERE n.external_id = $1`;
const ownerAt = async (name: string | null): Promise<string | undefined> =>
  (await app.db.rows<{ name: string | null; customerId: string }>(OWNERS)).find((row) => row.name === name)
    ?.customerId;
const customerOf = async (externalId: string): Promise<string | undefined> =>
  (await app.db.rows<{ customerId: string }>(CONTACT, [externalId]))[0]?.customerId;

/** A conversation of a signed-in visitor, at an account of Chatwoot. */
async function chatwoot(helpDesk: number, id: number) {
  const seconds = START.getTime() / 1_000;
  const body = JSON.stringify({
    ...{ event: 'conversation_created', id, status: 'open', channel: 'Channel::WebWidget', labels: [] },
    ...{ account: { id: helpDesk }, created_at: seconds, updated_at: seconds },
    contact_inbox: { hmac_verified: true },
    meta: { sender: { id: 31, identifier: 'account-7', name: 'Zoe' } },
  });
  const digest = createHmac('sha256', SECRET).update(`${seconds}.${body}`).digest('hex');
  const response = await fetch(`${app.url}/contacts/chatwoot`, {
    method: 'POST',
    headers: { 'x-chatwoot-timestamp': String(seconds), 'x-chatwoot-signature': `sha256=${digest}` },
    body,
  });
  return { status: response.status, text: await response.text() };
}

test('an account with its storefront belongs to the customer who ordered there', async () => {
  const at = (scope: string) => ({ identifiers: [{ ...account('account-7'), scope }] });
  expect(await on.ingest([line('a-1', at('web-fr')), line('a-2', at('web-be'))])).toMatchObject({
    created: 2,
    refused: [],
  });
  expect(await customerOf('a-1')).toBe(await ownerAt('web-fr'));
  expect(await customerOf('a-2')).toBe(await ownerAt('web-be'));
  expect(await customerOf('a-1')).not.toBe(await customerOf('a-2'));
});

test('one that names no storefront is at that of its source, or is an account of nowhere', async () => {
  await on.ingest([line('b-1', { identifiers: [account('account-7')] })], 'freshdesk');
  expect(await customerOf('b-1')).toBe(await ownerAt('web-be'));
  expect(await ownerAt(null)).toBeUndefined();
  await on.ingest([line('b-2', { identifiers: [account('account-7')] })], 'zendesk');
  expect(await customerOf('b-2')).toBe(await ownerAt(null));
  expect([await ownerAt('web-fr'), await ownerAt('web-be')]).not.toContain(await ownerAt(null));
});

test('a line with an unknown storefront is refused with its name and the known ones; the others are stored', async () => {
  const wrong = { identifiers: [{ kind: 'EMAIL', value: 'z@quill.example' }, account('account-8')] };
  Object.assign(wrong.identifiers[1]!, { scope: 'web-de' });
  const answer = await on.ingest([line('c-1'), line('c-2', wrong)]);
  expect(answer).toMatchObject({
    created: 1,
    refused: [{ index: 1, path: 'contacts.1.identifiers.1.scope', value: 'web-de' }],
  });
  const [refused] = 'refused' in answer ? (answer.refused ?? []) : [];
  expect(refused!.message).toContain("there is no storefront 'web-de'");
  expect(refused!.message).toContain('web-fr');
  expect(await app.db.rows(`SELECT id FROM contact WHERE external_id = 'c-2'`)).toEqual([]);
});

test('a webhook’s signed-in visitor is the customer who ordered; a setting that names no storefront is reported', async () => {
  expect((await chatwoot(1, 70)).status).toBe(200);
  expect(await customerOf('1:70')).toBe(await ownerAt('web-fr'));
  const { status, text } = await chatwoot(2, 71);
  expect(status).toBe(422);
  expect(text).toContain("there is no storefront 'nowhere'");
  expect(text).toContain('CONTACT_STOREFRONTS');
});

test.each(['=', 'a=b=c', 'web,app', 'x=a,x=b', 'bad name=a'])('the setting %j is refused', (text) => {
  expect(() => readConfig({ CONTACT_STOREFRONTS: text })).toThrow(/CONTACT_STOREFRONTS has '/);
});
