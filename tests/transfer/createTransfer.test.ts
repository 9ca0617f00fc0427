// createTransfer: a draft whose units are reserved at the source at once.

import { START, startApp, type TestApp } from '../support/app';
import { transfersOn } from './support';

let app: TestApp;
let on: ReturnType<typeof transfersOn>;
let planner: string;
let depot: string;
beforeAll(async () => {
  app = await startApp();
  on = transfersOn(app);
  planner = await app.token('PLANNER', 'pia');
  depot = await app.token('STAFF', 'denis', ['depot']);
  const feed = await app.token('FEED', 'erp');
  await on.stock(feed, 'depot', [
    { sku: 'MUG', quantity: 20 },
    { sku: 'LAMP', quantity: 5 },
  ]);
});
afterAll(() => app.close());

test('reserves the units at the source, adds up two lines of one SKU, and expects it after the lead time', async () => {
  const { answer } = await on.create(depot, {
    from: 'depot',
    to: 'paris',
    lines: [
      { sku: 'MUG', quantity: 2 },
      { sku: 'MUG', quantity: 3 },
    ],
    note: 'window display',
  });
  expect(answer.transfer).toMatchObject({
    number: expect.stringMatching(/^T-\d{6}$/),
    status: 'DRAFT',
    from: { code: 'depot' },
    to: { code: 'paris' },
    note: 'window display',
    expectedAt: new Date(START.getTime() + 1_440 * 60_000).toISOString(),
    dispatchedAt: null,
    lines: [{ sku: { code: 'MUG' }, quantity: 5, received: 0 }],
  });
  expect(await on.level('depot', 'MUG')).toEqual({ available: 15, reserved: 5, inTransit: 0 });
});

test('may use safety stock: the units stay in the chain', async () => {
  await app.db.rows(`INSERT INTO safety_stock (sku_id, quantity) SELECT id, 100 FROM sku WHERE code = 'MUG'`);
  const { answer } = await on.create(planner, {
    from: 'depot',
    to: 'paris',
    lines: [{ sku: 'MUG', quantity: 1 }],
  });
  expect(answer.__typename).toBe('CreateTransferSuccess');
});

test('refuses all lines when one is short, and states which and by how much', async () => {
  const before = await on.level('depot', 'MUG');
  const { answer } = await on.create(depot, {
    from: 'depot',
    to: 'paris',
    lines: [
      { sku: 'MUG', quantity: 1 },
      { sku: 'LAMP', quantity: 4 },
      { sku: 'LAMP', quantity: 2 },
    ],
  });
  expect(answer).toMatchObject({
    __typename: 'NotEnoughStock',
    bucket: 'AVAILABLE',
    lines: [{ sku: 'LAMP', location: 'depot', requested: 6, available: 5 }],
  });
  expect(await on.level('depot', 'MUG')).toEqual(before);
});

test('a reservation past its time is no reason to refuse, swept or not', async () => {
  const storefront = await app.token('STOREFRONT', 'web');
  const { available } = await on.level('depot', 'LAMP');
  const hold = `mutation ($input: ReserveStockInput!) { reserveStock(input: $input) { __typename } }`;
  const lines = [{ sku: 'LAMP', quantity: available }];
  const input = { idempotencyKey: 'hold', location: 'depot', lines, holdMinutes: 5 };
  const { data } = await app.gql(storefront, hold, { input });
  expect(data.reserveStock.__typename).toBe('ReserveStockSuccess');
  const asked = { from: 'depot', to: 'lyon', lines: [{ sku: 'LAMP', quantity: 2 }] };
  expect((await on.create(depot, asked)).answer.__typename).toBe('NotEnoughStock');
  app.wait(6);
  expect((await on.create(depot, asked)).answer.__typename).toBe('CreateTransferSuccess');
  expect(await on.level('depot', 'LAMP')).toMatchObject({ available: available - 2, reserved: 2 });
});

test('twenty drafts of the last lamps at once: as many as there are lamps, the others refused', async () => {
  const { available } = await on.level('depot', 'LAMP');
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      on.create(depot, { from: 'depot', to: 'lyon', lines: [{ sku: 'LAMP', quantity: 1 }] }),
    ),
  );
  const kinds = answers.map(({ answer }) => answer.__typename);
  expect(kinds.filter((k) => k === 'CreateTransferSuccess')).toHaveLength(available);
  expect(kinds.filter((k) => k === 'NotEnoughStock')).toHaveLength(20 - available);
  expect(await on.level('depot', 'LAMP')).toMatchObject({ available: 0 });
});

test('the same key twenty times at once makes one transfer', async () => {
  const input = { idempotencyKey: 'once', from: 'depot', to: 'paris', lines: [{ sku: 'MUG', quantity: 1 }] };
  const before = await on.level('depot', 'MUG');
  const answers = await Promise.all(Array.from({ length: 20 }, () => on.create(depot, input)));
  expect(new Set(answers.map(({ answer }) => answer.transfer.number)).size).toBe(1);
  expect(await on.level('depot', 'MUG')).toMatchObject({ available: before.available - 1 });
});

const LINES = [{ sku: 'MUG', quantity: 1 }];
test.each([
  [
    'an unknown location',
    { to: 'atlantis' },
    { __typename: 'NotFound', what: 'Location', keys: ['atlantis'] },
  ],
  ['a location to itself', { to: 'depot' }, { __typename: 'InvalidInput', path: 'to' }],
  [
    'a location with a NUL',
    { to: 'a\u0000b' },
    { __typename: expect.stringMatching(/NotFound|InvalidInput/) },
  ],
  ['an unknown SKU', { lines: [{ sku: 'NOPE', quantity: 1 }] }, { __typename: 'NotFound', keys: ['NOPE'] }],
  [
    'a SKU with a NUL',
    { lines: [{ sku: 'a\u0000b', quantity: 1 }] },
    { __typename: expect.stringMatching(/NotFound|InvalidInput/) },
  ],
  ['no lines', { lines: [] }, { __typename: 'InvalidInput', path: 'lines' }],
  ['too many lines', { lines: Array(201).fill(LINES[0]) }, { __typename: 'InvalidInput', path: 'lines' }],
  [
    'no units',
    { lines: [{ sku: 'MUG', quantity: 0 }] },
    { __typename: 'InvalidInput', path: 'lines.0.quantity' },
  ],
  [
    'units below zero',
    { lines: [{ sku: 'MUG', quantity: -1 }] },
    { __typename: 'InvalidInput', path: 'lines.0.quantity' },
  ],
  ['yesterday', { expectedAt: '2026-11-24T09:00:00Z' }, { __typename: 'InvalidInput', path: 'expectedAt' }],
  [
    'the far future',
    { expectedAt: '9999-12-31T00:00:00Z' },
    { __typename: 'InvalidInput', path: 'expectedAt' },
  ],
  ['a novel for a note', { note: 'x'.repeat(501) }, { __typename: 'InvalidInput', path: 'note' }],
])('refuses %s', async (_what, wrong, expected) => {
  const { answer } = await on.create(planner, { from: 'depot', to: 'paris', lines: LINES, ...wrong });
  expect(answer).toMatchObject(expected);
});

test.each([
  ['staff of the destination', 'STAFF', ['paris']],
  ['a storefront', 'STOREFRONT', []],
  ['a feed', 'FEED', []],
] as const)('is not for %s', async (_who, role, places) => {
  const token = await app.token(role, undefined, [...places]);
  const { errors } = await on.create(token, { from: 'depot', to: 'paris', lines: LINES });
  expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
});
