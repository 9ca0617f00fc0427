// What a storefront sees of its shoppers: the account that it vouches for, what was verified, its own orders, and nothing else.

import { recordDocuments } from '../../src/customer/actions/recordDocuments';
import { freshKey, type Orders, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { type People, peopleOf } from './people';

let app: TestApp;
let o: Orders;
let people: People;
let web: string;
let other: string;
let webId: number;
let otherId: number;
let customerId: string;

const VIEW = `query ($by: CustomerKey!) { customer(by: $by) { id identifiers { kind value standing }
    openOrders { order { number } } returnables { order { number } } }
  customerTimeline(by: $by) { nodes { kind isVerified identifier { kind value } order { number } } } }` as const;
const view = (by: object, token = web) => app.gql(token, VIEW, { by });
/** What only the retailer's own people see. */
const HIDDEN =
  `query { customer(by: { account: "shopper-1" }) { name attributes { value } preferences { language }
  purchases { channel } figures { orders } claimedIdentifiers { value } identifiers { verifiedBy { name } joinedBy } } }` as const;

beforeAll(async () => {
  app = await startApp();
  o = await ordersOn(app);
  people = peopleOf(app);
  web = await app.token('STOREFRONT', 'web');
  other = await app.token('STOREFRONT', 'other-web');
  webId = await people.actorId('web');
  otherId = await people.actorId('other-web');
  await o.stock('paris', [{ sku: 'LAMP', quantity: 20 }]);
  const placed = await o.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }] }, web);
  const foreign = await o.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }] }, other);
  const account = people.seen('WEB_ACCOUNT', 'shopper-1', webId);
  const email = people.seen('EMAIL', 'anne@example.com', webId);
  [customerId] = (await people.record(
    {
      ...{ kind: 'ORDER_PLACED', channel: 'ONLINE', identifiers: [account, email] },
      orderId: await people.orderId(placed.order.number),
    },
    // The other storefront verified the same address: joined, but its order is not this one's.
    {
      ...{ kind: 'ORDER_PLACED', channel: 'APP', identifiers: [email] },
      orderId: await people.orderId(foreign.order.number),
    },
    // Somebody claims the address on the telephone.
    { kind: 'CONTACT', identifiers: [people.seen('EMAIL', 'anne@example.com')] },
    // Claims the address beside a number of his own.
    {
      kind: 'CONTACT',
      identifiers: [people.seen('EMAIL', 'anne@example.com'), people.seen('PHONE', '+33699999999')],
    },
  )) as [string];
  await people.record({
    kind: 'ORDER_PLACED',
    channel: 'APP',
    identifiers: [people.seen('WEB_ACCOUNT', 'shopper-2', otherId)],
  });
});
afterAll(() => app.close());

test('what was verified, with its own orders; nothing that is only claimed', async () => {
  const { data, errors } = await view({ account: 'shopper-1' });
  expect(errors).toBeUndefined();
  expect(data.customer!.identifiers).toEqual(
    expect.arrayContaining([
      { kind: 'WEB_ACCOUNT', value: 'shopper-1', standing: 'VERIFIED' },
      { kind: 'EMAIL', value: 'a•••@example.com', standing: 'VERIFIED' },
    ]),
  );
  expect(data.customer!.identifiers).toHaveLength(2);
  expect(data.customer!.openOrders).toHaveLength(1);
  const { nodes } = data.customerTimeline!;
  expect(nodes.map(({ kind, isVerified }) => [kind, isVerified])).toEqual([
    ['ORDER_PLACED', true],
    ['ORDER_PLACED', true],
  ]);
  expect(nodes.filter(({ order }) => order !== null)).toHaveLength(1);
});

test('a shopper’s look-ups are not those of the retailer’s people: nothing is recorded', async () => {
  await view({ account: 'shopper-1' });
  expect(await app.db.rows('SELECT id FROM customer_lookup')).toEqual([]);
});

test('what only the model joined is not seen', async () => {
  const probable = people.seen('EMAIL', 'anne.probably@example.com', webId);
  await people.record({ kind: 'PURCHASE', channel: 'STORE', identifiers: [probable] });
  await app.db.rows(`
    INSERT INTO identity_link (kind, low_id, high_id, origin, actor_id, evidence, at)
    SELECT 'JOIN', min(id), max(id), 'MODEL', 0, '{"bits": 20}', now() FROM identifier
    WHERE value IN ('shopper-1', 'anne.probably@example.com')`);
  await app.db.rows('UPDATE identifier SET customer_id = $1 WHERE value = $2', [
    customerId,
    'anne.probably@example.com',
  ]);
  const { data } = await view({ account: 'shopper-1' });
  expect(data.customer!.identifiers).toHaveLength(2);
  expect(data.customerTimeline!.nodes).toHaveLength(2);
  const agent = await app.token('AGENT');
  expect((await view({ account: 'shopper-1' }, agent)).data.customer!.identifiers).toHaveLength(3);
});

test('what was claimed, derived or decided of the person is not for storefronts', async () => {
  const { data, errors } = await app.gql(web, HIDDEN, {});
  const { identifiers, ...others } = data.customer!;
  expect(Object.values(others)).toEqual(Array(6).fill(null));
  for (const one of identifiers) expect(one).toEqual({ verifiedBy: null, joinedBy: null });
  expect(new Set(errors!.map(({ extensions }) => extensions!.code))).toEqual(new Set(['FORBIDDEN']));
});

describe('a guess', () => {
  test('another storefront’s account is answered like one that does not exist', async () => {
    const [known, unknown] = [await view({ account: 'shopper-2' }), await view({ account: 'shopper-3' })];
    expect(known).toEqual(unknown);
    expect(known.data).toEqual({ customer: null, customerTimeline: null });
    expect((await view({ account: 'shopper-1' }, other)).data).toEqual(unknown.data);
  });
  test('two storefronts with one account id have two customers, whoever sends it', async () => {
    const lines = [{ sku: 'LAMP', quantity: 1 }];
    for (const token of [web, other]) {
      const email = `${token === web ? 'zoe' : 'yves'}@quill.example`;
      const customer = { name: 'Zoe', email, contactChannel: 'EMAIL', account: 'account-7' };
      expect((await o.place({ location: 'paris', lines, customer }, token)).__typename).toBe(
        'PlaceOrderSuccess',
      );
    }
    const { db, secretKey, config, clock } = app.parts;
    await recordDocuments({ db, secretKey, identity: config.identity }, clock(), async () => true);
    const idOf = async (by: object, token: string) => (await view(by, token)).data.customer!.id;
    const [own, others] = [
      await idOf({ account: 'account-7' }, web),
      await idOf({ account: 'account-7' }, other),
    ];
    expect(own).not.toBe(others);
    for (const token of [web, other]) {
      const { data } = await view({ account: 'account-7' }, token);
      expect(data.customer!.openOrders).toHaveLength(1);
    }
    // An agent names the storefront.
    const agent = await app.token('AGENT');
    expect((await view({ account: 'account-7' }, agent)).errors![0]!.message).toBe(
      'by.account is an account of different customers at the storefronts web, other-web; name one of them with storefrontAccount.',
    );
    const named = (storefront: string) => ({ storefrontAccount: { storefront, account: 'account-7' } });
    expect(await idOf(named('other-web'), agent)).toBe(others);
    expect((await view(named('nobody'), agent)).errors![0]!.message).toMatch(
      /^by\.storefrontAccount\.storefront is not the name/,
    );
    const consent = (token: string, address: object) =>
      app.gqlUntyped<{ recordConsent: { __typename: string; path?: string } }>(
        token,
        'mutation ($input: RecordConsentInput!) { recordConsent(input: $input) { __typename ... on InvalidInput { path } } }',
        { input: { idempotencyKey: freshKey(), consents: [{ address, purpose: 'MARKETING' }] } },
      );
    expect((await consent(other, named('web'))).data.recordConsent.path).toBe(
      'consents.0.address.storefrontAccount.storefront',
    );
    expect((await consent(agent, { account: 'account-7' })).data.recordConsent.path).toBe(
      'consents.0.address.account',
    );
    expect((await consent(other, { account: 'account-7' })).data.recordConsent.__typename).toBe(
      'RecordConsentSuccess',
    );
    expect(
      await app.db.rows('SELECT i.own_id FROM consent c JOIN identifier i ON i.id = c.identifier_id'),
    ).toEqual([{ own_id: Buffer.from(others, 'base64').toString().replace('Customer:', '') }]);
  });
  test('an account that was only claimed to another storefront does not become its own', async () => {
    await people.record({ identifiers: [people.seen('WEB_ACCOUNT', 'shopper-1')] });
    expect((await view({ account: 'shopper-1' }, other)).data.customer).toBeNull();
  });
  test.each([
    { email: 'anne@example.com' },
    { email: 'nobody@example.com' },
    { phone: '+33612345678' },
    { order: 'C-1' },
  ])('%j is refused alike, whether it exists or not', async (by) => {
    const { data, errors } = await view(by);
    expect(data).toEqual({ customer: null, customerTimeline: null });
    expect(errors!.map(({ message, extensions }) => [message, extensions!.code])).toEqual(
      Array(2).fill(['web is a storefront, which looks customers up by account only.', 'FORBIDDEN']),
    );
  });
  test('the id of a customer opens nothing', async () => {
    const id = Buffer.from(`Customer:${customerId}`).toString('base64');
    expect((await view({ id })).errors![0]!.extensions!.code).toBe('FORBIDDEN');
    const { data } = await app.gql(web, 'query ($id: ID!) { node(id: $id) { id } }', { id });
    expect(data.node).toBeNull();
  });
});
