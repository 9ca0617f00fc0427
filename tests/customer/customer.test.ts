// The query customer: what an agent sees of a person behind several identifiers, who may look, and that each look-up is recorded.

import { type Orders, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { type People, peopleOf } from './people';

let app: TestApp;
let o: Orders;
let people: People;
let agent: string;
let steward: string;
let web: number;
let anne: string;

const ALL =
  `id name identifiers { id kind scope value standing verifiedAt verifiedBy { name } joinedBy lastClaimedAt }
  claimedIdentifiers { kind value standing joinedBy }
  attributes { attribute value rule source isVerified }
  preferences { contactChannel language location { location { code } times of } hour { hour times of } }
  openOrders { order { number status } waitsFor isLate lateMinutes isAtRisk unitsToPick unitsAwaited unitsReady collectBy promisedAt transferExpectedAt }
  returnables { sku { code } order { number } quantity announced until }
  purchases { channel purchases lastAt value { amountMinor currency } }
  figures { orders collected cancelled noShows minutesToReady promises keptPromises unitsCollected unitsReturned returnRate }` as const;
const QUERY = `query ($by: CustomerKey!) { customer(by: $by) { ${ALL} } }` as const;
const NODE = 'query ($id: ID!) { node(id: $id) { ... on Customer { name } } }' as const;
const look = (by: object, token: string | null = agent) => app.gql(token, QUERY, { by });
const codes = async (by: object, token: string | null = agent) =>
  (await look(by, token)).errors?.map(({ extensions }) => extensions?.code);
const LOOKUPS = `SELECT a.role, l.customer_id AS "customerId", l.field FROM customer_lookup l JOIN actor a ON a.id = l.actor_id ORDER BY l.id`;

beforeAll(async () => {
  app = await startApp();
  o = await ordersOn(app);
  people = peopleOf(app);
  agent = await app.token('AGENT');
  steward = await app.token('DATA_STEWARD');
  await o.stock('paris', [
    { sku: 'LAMP', quantity: 20 },
    { sku: 'MUG', quantity: 20 },
  ]);
  const [row] = await app.db.rows<{ id: number }>("SELECT id FROM actor WHERE name LIKE 'web-%'");
  web = row!.id;
  // Anne signs in on the web, which vouches for her account and her address; her card was verified at a counter.
  const account = people.seen('WEB_ACCOUNT', 'shopper-1', web);
  const email = people.seen('EMAIL', 'Anne.Martin@example.com', web);
  const card = people.seen('LOYALTY_CARD', '1234 5678', web);
  [anne] = (await people.record(
    {
      ...{ kind: 'PROFILE', source: 'crm', channel: 'ONLINE', identifiers: [account, email] },
      person: { fullName: 'Anne Martin', language: 'fr', contactChannel: 'SMS' },
    },
    { kind: 'PROFILE', source: 'crm', channel: 'STORE', identifiers: [email, card] },
    {
      identifiers: [people.seen('EMAIL', 'anne.martin@example.com'), people.seen('PHONE', '+33612345678')],
      person: { fullName: 'A. Martin' },
    },
  )) as [string];
});
afterAll(() => app.close());

test('identifiers that were verified together are one customer; what is only claimed stands beside it, masked', async () => {
  const { data, errors } = await look({ email: ' anne.martin@EXAMPLE.com ' });
  expect(errors).toBeUndefined();
  const { customer } = data;
  expect(customer).toMatchObject({ name: 'Anne Martin' });
  expect(
    customer!.identifiers.map(({ kind, value, standing, joinedBy }) => [kind, value, standing, joinedBy]),
  ).toEqual(
    [
      ['EMAIL', 'anne.martin@example.com', 'VERIFIED', 'RULE'],
      ['LOYALTY_CARD', '12345678', 'VERIFIED', 'RULE'],
      ['WEB_ACCOUNT', 'shopper-1', 'VERIFIED', 'RULE'],
    ].sort(),
  );
  expect(customer!.identifiers[0]!.verifiedBy!.name).toMatch(/^web-/);
  expect(customer!.claimedIdentifiers).toEqual([
    { kind: 'PHONE', value: '+33•••78', standing: 'CLAIMED', joinedBy: null },
  ]);
  const whole = (await look({ email: 'anne.martin@example.com' }, steward)).data.customer!;
  expect(whole.claimedIdentifiers).toMatchObject([{ value: '+33612345678' }]);
});

test.each([
  ['email', { email: 'anne.martin@example.com' }],
  ['loyalty card', { loyaltyCard: '12345678' }],
  ['account', { account: 'shopper-1' }],
])('the same customer by %s', async (_key, by) => {
  const { data } = await look(by);
  expect(Buffer.from(data.customer!.id, 'base64').toString()).toBe(`Customer:${anne}`);
  const again = await look({ id: data.customer!.id });
  expect(again.data.customer!.id).toBe(data.customer!.id);
});

test('a claimed identifier finds its own customer, not the one that claimed it', async () => {
  const other = await people.record({ identifiers: [people.seen('PHONE', '+33612345678', web)] });
  const { data } = await look({ phone: '+33 6 12 34 56 78' });
  expect(Buffer.from(data.customer!.id, 'base64').toString()).toBe(`Customer:${other[0]}`);
  expect(data.customer!.name).toBeNull();
});

test('values survive by rule, and the answer names rule and source', async () => {
  const { data } = await look({ account: 'shopper-1' });
  expect(data.customer!.attributes).toContainEqual({
    ...{ attribute: 'CONTACT_CHANNEL', value: 'SMS', rule: 'ONLY_VALUE', source: 'crm', isVerified: true },
  });
  expect(data.customer!.preferences).toMatchObject({ contactChannel: 'SMS', language: 'fr', location: null });
});

describe('documents', () => {
  let number: string;
  let collected: string;
  const seenWith = async (order: string, kind: 'ORDER_PLACED' | 'ORDER_COLLECTED') =>
    people.record({
      ...{ kind, channel: 'ONLINE', orderId: await people.orderId(order) },
      identifiers: [people.seen('WEB_ACCOUNT', 'shopper-1', web)],
    });
  beforeAll(async () => {
    const { order } = await o.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 2 }] });
    number = order.number;
    await seenWith(number, 'ORDER_PLACED');
    const ready = await o.ready([{ sku: 'MUG', quantity: 3 }]);
    await o.act(o.paris, 'collectOrder', { order: ready.id, code: await o.code(ready.id) });
    collected = ready.number;
    await seenWith(collected, 'ORDER_COLLECTED');
  });

  test('open promises, late by the documents', async () => {
    const before = (await look({ order: number })).data.customer!;
    expect(before.openOrders).toMatchObject([
      { order: { number, status: 'PLACED' }, waitsFor: 'PICKING', isLate: false, unitsToPick: 2 },
    ]);
    const { promisedAt } = before.openOrders[0]!;
    const minutes = (Date.parse(promisedAt!) - app.parts.clock().getTime()) / 60_000;
    app.wait(minutes + 30);
    const late = (await look({ account: 'shopper-1' })).data.customer!.openOrders;
    expect(late).toMatchObject([{ isLate: true, lateMinutes: 30 }]);
  });

  test('what may still be returned, until its last day', async () => {
    const returnables = async () => (await look({ account: 'shopper-1' })).data.customer!.returnables;
    expect(await returnables()).toMatchObject([
      { sku: { code: 'MUG' }, order: { number: collected }, quantity: 3, announced: 0, until: '2026-12-25' },
    ]);
    app.wait(31 * 24 * 60);
    expect(await returnables()).toEqual([]);
  });

  test('purchases by channel, and figures with what they are of', async () => {
    const { purchases, figures } = (await look({ account: 'shopper-1' })).data.customer!;
    expect(purchases).toMatchObject([
      { channel: 'ONLINE', purchases: 1, value: { amountMinor: 3 * 990, currency: 'EUR' } },
    ]);
    expect(figures).toMatchObject({ orders: 2, collected: 1, noShows: 0, unitsCollected: 3, returnRate: 0 });
  });
});

describe('who may look', () => {
  test.each(['STAFF', 'PLANNER', 'FEED', 'AUDITOR', 'MONITOR'] as const)('%s may not', async (role) => {
    expect(await codes({ account: 'shopper-1' }, await app.token(role))).toEqual(['FORBIDDEN']);
  });
  test('nobody without a token', async () => {
    expect(await codes({ account: 'shopper-1' }, null)).toEqual(['UNAUTHENTICATED']);
  });
});

describe('look-ups', () => {
  const logged = async () => (await app.db.rows(LOOKUPS)).length;
  test('are recorded with customer and field, one row for each of a request', async () => {
    const before = await logged();
    const twice =
      `query { a: customer(by: { account: "shopper-1" }) { name } b: customer(by: { loyaltyCard: "12345678" }) { name }
      customerTimeline(by: { account: "shopper-1" }) { nodes { kind } } }` as const;
    expect((await app.gql(agent, twice, {})).errors).toBeUndefined();
    const rows = await app.db.rows(LOOKUPS);
    const added = rows.slice(before);
    expect(added).toHaveLength(2);
    // Fields of one request are read at the same time: either look-up may be recorded first.
    expect(added).toEqual(
      expect.arrayContaining([
        { role: 'AGENT', customerId: anne, field: 'customer' },
        { role: 'AGENT', customerId: anne, field: 'customerTimeline' },
      ]),
    );
  });
  test('by global id too', async () => {
    const before = await logged();
    const id = Buffer.from(`Customer:${anne}`).toString('base64');
    const { data } = await app.gql(steward, NODE, { id });
    expect(data.node).toEqual({ name: 'Anne Martin' });
    expect((await app.db.rows(LOOKUPS)).slice(before)).toMatchObject([
      { role: 'DATA_STEWARD', field: 'node' },
    ]);
  });
  test('of nobody are not', async () => {
    const before = await logged();
    expect((await look({ email: 'nobody@example.com' })).data.customer).toBeNull();
    expect(await logged()).toBe(before);
  });
  test('that cannot be recorded are not answered', async () => {
    await app.db.rows('ALTER TABLE customer_lookup RENAME TO customer_lookup_away');
    const { data, errors } = await look({ account: 'shopper-1' });
    await app.db.rows('ALTER TABLE customer_lookup_away RENAME TO customer_lookup');
    expect(data.customer).toBeNull();
    expect(errors).toHaveLength(1);
  });
});

describe('keys', () => {
  test('exactly one is given', async () => {
    const { errors } = await look({ email: 'anne@example.com', account: 'shopper-1' });
    expect(errors![0]!.message).toMatch(/exactly one/i);
    expect((await look({})).errors![0]!.message).toMatch(/exactly one/i);
  });
  test.each([
    [{ email: 'no address' }, 'by.email is not an e-mail address; write name@example.com.'],
    [{ phone: '12' }, /^by\.phone is not a telephone number with its country code/],
    [{ phone: '0612345678' }, /^by\.phone is not a telephone number with its country code/],
    [{ account: '' }, 'by.account has 0 characters; it must have 1 to 254.'],
    [{ account: 'x'.repeat(255) }, 'by.account has 255 characters; it must have 1 to 254.'],
    [{ account: '\u200b' }, /^by\.account is not an identifier/],
    [{ account: 'a\u0000b' }, /NUL/],
    [{ loyaltyCard: ' - ' }, /^by\.loyaltyCard is not an identifier/],
    [{ tillCustomer: { feed: '', number: '1' } }, /^by\.tillCustomer\.feed has 0 characters/],
    [
      { socialHandle: { network: 'INSTAGRAM', handle: '@' } },
      /^by\.socialHandle\.handle is not an identifier/,
    ],
    [{ order: 'x'.repeat(65) }, /^by\.order has 65 characters/],
  ])('%j is refused', async (by, message) => {
    const { errors } = await look(by);
    expect(errors).toHaveLength(1);
    expect(errors![0]!.extensions!.code).toBe('INVALID_INPUT');
    expect(errors![0]!.message).toMatch(message);
  });
  test.each([{ id: 'nonsense' }, { id: Buffer.from('Order:1').toString('base64') }])(
    '%j is no id',
    async (by) => {
      expect(await codes(by)).toEqual(['BAD_USER_INPUT']);
    },
  );
  test.each([
    { phone: '+33699999999' },
    { receipt: 'T-1' },
    { order: 'C-NONE' },
    { contact: { source: 'desk', contactId: '7' } },
    { socialHandle: { network: 'INSTAGRAM', handle: '@nobody' } },
    { tillCustomer: { feed: 'till', number: '7' } },
    { id: Buffer.from('Customer:019adf00-0000-7000-8000-000000000000').toString('base64') },
  ])('%j finds nobody', async (by) => {
    const { data, errors } = await look(by);
    expect(errors).toBeUndefined();
    expect(data.customer).toBeNull();
  });
});

describe('customersByName', () => {
  const SEARCH = 'query ($name: String!) { customersByName(name: $name) { id name } }' as const;
  const search = (name: string, token: string | null = agent) => app.gql(token, SEARCH, { name });
  const names = async (name: string) => (await search(name)).data.customersByName?.map((one) => one.name);
  const NAMED = [
    ...['Hélène Lefèvre', 'Helene Lefebvre', 'Rémi Dupont', 'Rémi Dupond', 'Li Wu'],
    ...['Jean-Baptiste Traoré', 'Œdipe Kowalski'],
  ];
  let restricted: string;

  beforeAll(async () => {
    const ids = await people.record(
      ...NAMED.map((fullName, i) => ({
        kind: 'PROFILE' as const,
        ...{ source: 'names', channel: 'STORE', person: { fullName } },
        identifiers: [people.seen('EMAIL', `named-${i}@example.org`)],
      })),
      {
        ...{
          kind: 'PROFILE',
          source: 'names',
          channel: 'STORE',
          person: { firstName: 'Nadège', surname: 'Vasseur' },
        },
        identifiers: [people.seen('EMAIL', 'nadege@example.org')],
      },
    );
    restricted = ids.at(-1)!;
  });

  test('finds by a name with an error in each word, without accents, in any order; whole words come first', async () => {
    expect(await names('Lefevre helene')).toEqual(['Hélène Lefèvre', 'Helene Lefebvre']);
    expect(await names('DUPOND Remi')).toEqual(['Rémi Dupond', 'Rémi Dupont']);
    expect(await names('Traoer Jaen baptiste')).toEqual(['Jean-Baptiste Traoré']);
    expect(await names('kowalsky')).toEqual(['Œdipe Kowalski']);
    expect(await names('oedipe')).toEqual(['Œdipe Kowalski']);
    expect(await names('Vaseur Nadége')).toEqual(['Nadège Vasseur']);
    expect(await names('li wu')).toEqual(['Li Wu']);
    // Two errors in one word, and a first name of somebody else.
    expect(await names('Kovalsky')).toEqual([]);
    expect(await names('Hélène Dupont')).toEqual([]);
  });

  test('each customer found is recorded', async () => {
    await app.db.rows('TRUNCATE customer_lookup');
    await search('Dupont');
    const rows = await app.db.rows<{ role: string; field: string }>(LOOKUPS);
    expect(rows.map(({ role, field }) => [role, field])).toEqual([
      ['AGENT', 'customersByName'],
      ['AGENT', 'customersByName'],
    ]);
  });

  test('those whose processing is restricted are not found', async () => {
    expect(await names('Vasseur')).toEqual(['Nadège Vasseur']);
    const SET = 'UPDATE identifier SET restricted_at = $2 WHERE customer_id = $1';
    await app.db.rows(SET, [restricted, new Date()]);
    expect((await search('Vasseur', steward)).data.customersByName).toEqual([]);
    expect(await names('Vasseur')).toEqual([]);
    await app.db.rows(SET, [restricted, null]);
  });

  test('is for those who serve customers; names without a word are refused, long and hostile ones find nobody', async () => {
    for (const role of ['STOREFRONT', 'STAFF', 'PLANNER', 'FEED', 'AUDITOR'] as const) {
      const { errors } = await search('Dupont', await app.token(role));
      expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    }
    for (const name of ['', ' . - ', 'a b c', '%_%', 'x'.repeat(201)])
      expect((await search(name)).errors?.[0]?.extensions?.code).toBe('INVALID_INPUT');
    for (const name of ["'; DROP TABLE identifier; --", 'x'.repeat(200), 'é'.repeat(99)])
      expect((await search(name)).errors).toBeUndefined();
  });

  test('is answered by the index of names', async () => {
    const client = await app.db.pool.connect();
    try {
      await client.query('SET enable_seqscan = off');
      const { rows } = await client.query(
        `EXPLAIN SELECT r.identifier_id FROM person_record r
         WHERE name_keys(coalesce(r.full_name, '') || ' ' || coalesce(r.first_name, '') || ' ' || coalesce(r.surname, '')) && name_keys('Dupont')`,
      );
      expect(JSON.stringify(rows)).toContain('person_record_names_idx');
      await client.query('RESET enable_seqscan');
    } finally {
      client.release();
    }
  });

  test('erased customers are not found', async () => {
    const ERASE =
      'mutation ($input: EraseCustomerInput!) { eraseCustomer(input: $input) { __typename } }' as const;
    const [found] = (await search('Traoré', steward)).data.customersByName!;
    const input = { idempotencyKey: 'erase-traore', customer: found!.id };
    const { data } = await app.gql(steward, ERASE, { input });
    expect(data.eraseCustomer.__typename).toBe('EraseCustomerSuccess');
    expect(await names('Traoré')).toEqual([]);
  });
});
