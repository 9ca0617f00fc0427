// A retry gets the first answer, however it is written down and whichever release took the first request.

import { createHash } from 'node:crypto';
import { execute, extendSchema, parse } from 'graphql';
import { contextFor } from '../../src/graphql/context';
import { schema } from '../../src/server/schema';
import { startApp, type TestApp } from '../support/app';
import type { MutationName } from '../support/graphqlAnswer';
import { capitalized, sendPlainly } from '../support/graphqlClient';

let app: TestApp;
let web: string;
let staff: string;
let chief: string;
let till: string;
beforeAll(async () => {
  app = await startApp();
  web = await app.token('STOREFRONT', 'web');
  staff = await app.token('STAFF', 'Ann', ['paris', 'depot']);
  chief = await app.token('ADMIN', 'chief');
  till = await app.token('FEED', 'till');
  await send(chief, 'receiveStock', { location: 'paris', lines: [{ sku: 'LAMP', quantity: 90 }] });
  await send(chief, 'receiveStock', { location: 'depot', lines: [{ sku: 'LAMP', quantity: 90 }] });
});
afterAll(() => app.close());

let keys = 0;
const freshKey = (): string => {
  keys += 1;
  return `retry-${keys}`;
};
const ANSWER = '__typename ... on Refusal { message }';
const documentOf = <const Name extends MutationName>(mutation: Name) =>
  `mutation ($input: ${capitalized(mutation)}Input!) { ${mutation}(input: $input) { ${ANSWER} } }` as const;

/** What a mutation answers: its type's name, for a refusal with the message. */
async function send(token: string, mutation: MutationName, input: Record<string, unknown>) {
  const keyed = { idempotencyKey: freshKey(), ...input };
  const { answer, errors } = await sendPlainly(app, token, mutation, keyed);
  if (answer === undefined) throw new Error(JSON.stringify(errors));
  return answer;
}

async function kindOf(token: string, query: string, variables?: Record<string, unknown>): Promise<string> {
  const { data, errors } = await app.gqlUntyped<Record<string, { __typename: string }>>(
    token,
    query,
    variables,
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return Object.values(data)[0]!.__typename;
}

const stored = async (key: string): Promise<{ hash: string; n: number }> => {
  const [row] = await app.db.rows<{ hash: string; n: number }>(
    'SELECT max(request_hash) AS hash, count(*) AS n FROM command WHERE key = $1',
    [key],
  );
  return row!;
};

const BASKET = {
  holder: 'basket-1',
  location: 'paris',
  holdMinutes: 15,
  lines: [
    { sku: 'LAMP', quantity: 1 },
    { sku: 'LAMP', quantity: 2 },
  ],
};

test('literals, variables, their order, nulls and defaults of the operation are the same request', async () => {
  const key = freshKey();
  const first = { idempotencyKey: key, ...BASKET };
  const success = 'ReserveStockSuccess';
  expect(await kindOf(web, documentOf('reserveStock'), { input: first })).toBe(success);
  const ways: [string, Record<string, unknown>?][] = [
    [documentOf('reserveStock'), { input: Object.fromEntries(Object.entries(first).reverse()) }],
    [documentOf('reserveStock'), { input: { ...first, allowPartial: undefined, holder: 'basket-1' } }],
    [
      `mutation { reserveStock(input: { lines: [{ quantity: 1, sku: "LAMP" }, { sku: """LAMP""", quantity: 2 }],
        idempotencyKey: "${key}", location: "paris", holdMinutes: 15, holder: "basket-1" }) { ${ANSWER} } }`,
    ],
    [
      `mutation ($lines: [SkuQuantityInput!]!, $minutes: Int! = 15, $key: String!) {
        again: reserveStock(input: { idempotencyKey: $key, holder: "basket-1", location: "paris", holdMinutes: $minutes,
          lines: $lines }) { ${ANSWER} } }`,
      { lines: BASKET.lines, key },
    ],
  ];
  for (const [query, variables] of ways) expect(await kindOf(web, query, variables)).toBe(success);
  expect((await stored(key)).n).toBe(1);
});

test('null is the same as left out', async () => {
  const idempotencyKey = freshKey();
  const order = { idempotencyKey, customer: { name: 'Anne', email: 'anne@example.com' }, payment: 'PAID' };
  const direct = { location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }] };
  const success = 'PlaceOrderSuccess';
  expect((await send(web, 'placeOrder', { ...order, ...direct })).__typename).toBe(success);
  const customer = { ...order.customer, phone: null };
  const again = { ...order, ...direct, customer, note: null, reservation: null };
  expect((await send(web, 'placeOrder', again)).__typename).toBe(success);
  expect((await stored(idempotencyKey)).n).toBe(1);
});

test.each([
  ['another number', { lines: [{ sku: 'LAMP', quantity: 3 }] }],
  ['one line more', { lines: [...BASKET.lines, { sku: 'MUG', quantity: 1 }] }],
  ['another order of lines', { lines: [...BASKET.lines].reverse() }],
  ['a field that was left out', { allowPartial: true }],
  ['another location', { location: 'depot' }],
])('%s is another request, whose answer advises no second order', async (_what, change) => {
  const idempotencyKey = freshKey();
  await send(web, 'reserveStock', { idempotencyKey, ...BASKET });
  const answer = await send(web, 'reserveStock', { idempotencyKey, ...BASKET, ...change });
  expect(answer).toEqual({
    __typename: 'KeyReused',
    message: `The idempotency key '${idempotencyKey}' belongs to another reserveStock request: to repeat that request send it unchanged; only for a new request use a new key.`,
  });
});

test('an id as a number, an enum as a literal, one where a list may be: one request', async () => {
  const key = freshKey();
  const event = `idempotencyKey: "${key}", events:`;
  const one = `{ code: "sale", kind: PROMOTION, name: "Sale", fromDay: "2026-12-01", toDay: "2026-12-02" }`;
  const literal = (events: string) =>
    `mutation { upsertCalendarEvents(input: { ${event} ${events} }) { ${ANSWER} } }`;
  expect(await kindOf(chief, literal(`[${one}]`))).toBe('UpsertCalendarEventsSuccess');
  expect(await kindOf(chief, literal(one))).toBe('UpsertCalendarEventsSuccess');
  const events = {
    code: 'sale',
    kind: 'PROMOTION',
    name: 'Sale',
    fromDay: '2026-12-01',
    toDay: '2026-12-02',
  };
  const input = { idempotencyKey: key, events: { ...events } };
  expect(await kindOf(chief, documentOf('upsertCalendarEvents'), { input })).toBe(
    'UpsertCalendarEventsSuccess',
  );
});

test('free data keep their types: a size that is a number is not its text', async () => {
  const sku = { code: 'FREE', name: 'Free', attributes: { size: 1, wide: true } };
  const idempotencyKey = freshKey();
  const upsert = (attributes: unknown) =>
    send(chief, 'upsertSkus', { idempotencyKey, skus: [{ ...sku, attributes }] });
  expect((await upsert({ size: 1, wide: true })).__typename).toBe('UpsertSkusSuccess');
  expect((await upsert({ wide: true, size: 1 })).__typename).toBe('UpsertSkusSuccess');
  expect((await upsert({ size: '1', wide: true })).__typename).toBe('KeyReused');
});

test('after an upgrade that adds fields with defaults the identical request is the same one', async () => {
  const key = freshKey();
  const document = parse(documentOf('reserveStock'));
  const later = extendSchema(
    schema,
    parse(`extend input ReserveStockInput { priority: Int! = 3, tag: String }
           extend input SkuQuantityInput { gift: Boolean! = false, engraving: String }`),
  );
  const ask = async (release: typeof schema, input: Record<string, unknown>) => {
    const [actor] = await app.db.rows<{ id: number }>("SELECT id FROM actor WHERE name = 'web'");
    const caller = {
      actorId: actor!.id,
      name: 'web',
      role: 'STOREFRONT' as const,
      locationIds: new Set<number>(),
    };
    const variableValues = { input: { idempotencyKey: key, ...BASKET, ...input } };
    const contextValue = contextFor(app.parts, caller, '', undefined, undefined, variableValues);
    const { data, errors } = await execute({ schema: release, document, variableValues, contextValue });
    expect(errors).toBeUndefined();
    return (data!.reserveStock as { __typename: string }).__typename;
  };
  expect(await ask(schema, {})).toBe('ReserveStockSuccess');
  expect(await ask(later, {})).toBe('ReserveStockSuccess');
  expect(await ask(later, { tag: null })).toBe('ReserveStockSuccess');
  expect(await ask(later, { tag: 'x' })).toBe('KeyReused');
  expect(await ask(later, { lines: BASKET.lines.map((line) => ({ ...line, gift: true })) })).toBe(
    'KeyReused',
  );
});

/** The hash that the first release stored: of the resolved input, with defaults and nulls, in sorted JSON. */
function oldHash(action: string, input: unknown): string {
  const sorted = (v: unknown): unknown =>
    Array.isArray(v)
      ? v.map(sorted)
      : typeof v === 'object' && v !== null
        ? Object.fromEntries(
            Object.entries(v)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([k, x]) => [k, sorted(x)]),
          )
        : v;
  return createHash('sha256')
    .update(`${action} ${JSON.stringify(sorted(input))}`)
    .digest('base64url');
}

/** Requests, and what the first release made of them before it hashed them. */
async function oldRequests() {
  const [ids] = await app.db.rows<{ lamp: number; paris: number; depot: number }>(
    `SELECT (SELECT id FROM sku WHERE code = 'LAMP') AS lamp, (SELECT id FROM location WHERE code = 'paris') AS paris,
            (SELECT id FROM location WHERE code = 'depot') AS depot`,
  );
  const { lamp, paris, depot } = ids!;
  const lines = [{ sku: 'LAMP', quantity: 1 }];
  const units = [{ skuId: lamp, quantity: 1 }];
  const named = [{ skuId: lamp, sku: 'LAMP', quantity: 1 }];
  const at = { locationId: paris, locationCode: 'paris' };
  const customer = { name: 'Anne', email: 'anne@example.com' };
  const direct = { location: 'paris', lines };
  return [
    [
      web,
      'reserveStock',
      { location: 'paris', holder: 'old', holdMinutes: 5, lines },
      { ...at, channel: 'ONLINE', holder: 'old', holdMinutes: 5, lines: named, allowPartial: false },
      { holdMinutes: 6 },
    ],
    [
      web,
      'placeOrder',
      { customer, payment: 'PAID', ...direct },
      {
        reservationId: null,
        reservationKey: '',
        direct: { locationId: paris, channel: 'ONLINE', lines: named },
        customer: { ...customer, phone: null, contactChannel: 'EMAIL' },
        payment: 'PAID',
        note: null,
        allowTransfer: false,
        allowPartial: false,
      },
      { note: 'another' },
    ],
    // Texts that were kept as they were typed then, and have another form now.
    [
      web,
      'placeOrder',
      {
        customer: { name: 'An\u200bne', phone: '06 12 34 56 78', contactChannel: 'SMS' },
        payment: 'PAID',
        ...direct,
      },
      {
        reservationId: null,
        reservationKey: '',
        direct: { locationId: paris, channel: 'ONLINE', lines: named },
        customer: { name: 'An\u200bne', email: null, phone: '0612345678', contactChannel: 'SMS' },
        payment: 'PAID',
        note: null,
        allowTransfer: false,
        allowPartial: false,
      },
      { note: 'another' },
    ],
    [
      staff,
      'requestReturn',
      {
        location: 'paris',
        receipt: { number: 't 1', soldAt: '2026-11-20T10:00:00.000Z', lines },
        lines: [{ ...lines[0], reason: ' no ' }],
      },
      {
        orderId: null,
        receipt: { lines: units, number: 't 1', soldAt: '2026-11-20T10:00:00.000Z' },
        locationId: paris,
        lines: [{ ...named[0], reason: ' no ' }],
      },
      { location: 'depot' },
    ],
    [staff, 'receiveStock', direct, { ...at, lines: units, note: null }, { note: 'x' }],
    [
      staff,
      'adjustStock',
      { location: 'paris', lines: [{ sku: 'LAMP', delta: -1, reason: 'LOST' }] },
      { ...at, lines: [{ skuId: lamp, delta: -1, reason: 'LOST', note: null }] },
      { lines: [{ sku: 'LAMP', delta: -2, reason: 'LOST' }] },
    ],
    [
      staff,
      'countStock',
      { location: 'depot', lines },
      {
        locationId: depot,
        locationCode: 'depot',
        lines: [{ skuId: lamp, quantity: 1, expectedQuantity: null }],
      },
      { lines: [{ sku: 'LAMP', quantity: 2 }] },
    ],
    [
      staff,
      'createTransfer',
      { from: 'depot', to: 'paris', lines },
      {
        fromLocationId: depot,
        fromCode: 'depot',
        toLocationId: paris,
        lines: named,
        expectedAt: null,
        note: null,
      },
      { to: 'lyon' },
    ],
    [
      chief,
      'setSafetyStock',
      { rules: [{ sku: 'LAMP', location: 'paris', quantity: 1 }] },
      { rules: [{ skuId: lamp, locationId: paris, channel: null, quantity: 1 }] },
      { rules: [{ sku: 'LAMP', location: 'paris', quantity: 2 }] },
    ],
    [
      chief,
      'createActor',
      { name: 'Old hand', role: 'STAFF', locations: ['paris'] },
      { name: 'Old hand', role: 'STAFF', locations: ['paris'] },
      { name: 'Older hand' },
    ],
    [
      till,
      'importSales',
      { feed: 'till', lines: [{ sku: 'LAMP', units: 1, day: '2026-11-20', location: 'paris' }] },
      {
        feed: 'till',
        form: 'DAYS',
        byLine: false,
        lines: [['LAMP', '1', '0', '2026-11-20', 'paris', '', '', '', '', '', '0', '']],
      },
      { lines: [{ sku: 'LAMP', units: 2, day: '2026-11-20', location: 'paris' }] },
    ],
  ] as const;
}

test('a request that the first release took is known by the next one, and another one is not', async () => {
  for (const [token, mutation, input, resolved, change] of await oldRequests()) {
    const idempotencyKey = freshKey();
    const first = await send(token, mutation, { idempotencyKey, ...input });
    expect([mutation, first.__typename]).not.toEqual([mutation, 'InvalidInput']);
    const marked = { refusal: { kind: 'InvalidInput', message: 'the first answer', path: mutation } };
    await app.db.rows('UPDATE command SET request_hash = $2, outcome = $3 WHERE key = $1', [
      idempotencyKey,
      oldHash(mutation, resolved),
      JSON.stringify(marked),
    ]);
    const again = await send(token, mutation, { idempotencyKey, ...input });
    expect([mutation, again.message]).toEqual([mutation, 'the first answer']);
    const other = await send(token, mutation, { idempotencyKey, ...input, ...change });
    expect([mutation, other.__typename]).toEqual([mutation, 'KeyReused']);
  }
});

test('what is stored is keyed: another secret makes another hash, and a retry is still known', async () => {
  const other = await startApp({}, app);
  const [one, two] = [freshKey(), freshKey()];
  await send(web, 'reserveStock', { idempotencyKey: one, ...BASKET });
  other.parts.secretKey = Buffer.alloc(32, 'another secret');
  const input = { ...BASKET };
  await other.gql(web, documentOf('reserveStock'), { input: { idempotencyKey: two, ...input } });
  expect((await stored(one)).hash).toMatch(/^2:[\w-]{6}:[\w-]{43}$/);
  expect((await stored(two)).hash.split(':')[2]).not.toBe((await stored(one)).hash.split(':')[2]);
  const { data } = await other.gql(web, documentOf('reserveStock'), {
    input: { idempotencyKey: one, ...input },
  });
  expect(data.reserveStock.__typename).toBe('ReserveStockSuccess');
  await other.close();
});

test('a repeat that comes at once, in one batch, is compared like any other', async () => {
  const idempotencyKey = freshKey();
  const one = { idempotencyKey, ...BASKET };
  const answers = await Promise.all(
    [one, { ...one }, { ...one, holdMinutes: 16 }, one].map((input) => send(web, 'reserveStock', input)),
  );
  const kinds = answers.map((a) => a.__typename).sort();
  expect(kinds.filter((kind) => kind === 'KeyReused').length).toBeGreaterThanOrEqual(1);
  expect((await stored(idempotencyKey)).n).toBe(1);
});

test('two mutations of one document are each compared by their own arguments', async () => {
  const [a, b] = [freshKey(), freshKey()];
  const query = `mutation ($x: ReserveStockInput!, $y: ReserveStockInput!) {
    x: reserveStock(input: $x) { ${ANSWER} } y: reserveStock(input: $y) { ${ANSWER} } }` as const;
  const [x, y] = [
    { ...BASKET, idempotencyKey: a },
    { ...BASKET, idempotencyKey: b, holdMinutes: 7 },
  ];
  for (const variables of [
    { x, y },
    { y: x, x: y },
  ]) {
    const { data } = await app.gql(web, query, variables);
    expect([data.x.__typename, data.y.__typename]).toEqual(['ReserveStockSuccess', 'ReserveStockSuccess']);
  }
});
