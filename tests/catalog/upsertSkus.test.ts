// upsertSkus: the catalog in bulk, with a part of the fields, all or none.

import { normaliseGtin } from '../../src/catalog/rules/codes';
import { startApp, type TestApp } from '../support/app';
import { untilLocked } from '../support/lockWaits';

const UPSERT = `mutation ($input: UpsertSkusInput!) {
  upsertSkus(input: $input) {
    __typename
    ... on Refusal { message }
    ... on InvalidInput { path }
    ... on KeyReused { firstAction }
    ... on GtinTaken { lines { sku gtin takenBy } }
    ... on UpsertSkusSuccess {
      created updated unchanged
      skus { code gtin name category attributes price { amountMinor currency } packSize returnWindowDays pickPosition active }
    }
  }
}`;

let app: TestApp;
let feed: string;
beforeAll(async () => {
  app = await startApp();
  feed = await app.token('FEED', 'erp');
});
afterAll(() => app.close());

let keys = 0;
const upsert = async (skus: unknown[], token = feed, idempotencyKey = `k${++keys}`) =>
  app.gql(token, UPSERT, { input: { idempotencyKey, skus } });
const told = async (skus: unknown[]) => (await upsert(skus)).data.upsertSkus;

const BOOTS = {
  code: 'BOOTS-42',
  gtin: '4 006381-333931',
  name: 'Chaussures de randonnée',
  category: 'Outdoor/Shoes',
  attributes: { colour: 'brown', size: 42, waterproof: true },
  price: { amountMinor: 12900, currency: 'EUR' },
  packSize: 6,
  returnWindowDays: 60,
  pickPosition: 'E-05',
};

test('creates with every field, changes only what is given, and reports what was unchanged', async () => {
  const all = { ...BOOTS, gtin: '4006381333931', active: true };
  expect(await told([BOOTS])).toEqual({
    __typename: 'UpsertSkusSuccess',
    created: 1,
    updated: 0,
    unchanged: 0,
    skus: [all],
  });
  expect(
    await told([
      { code: 'BOOTS-42', price: { amountMinor: 9900, currency: 'EUR' }, name: null },
      { code: 'BOOTS-43', name: 'Boots' },
    ]),
  ).toMatchObject({
    created: 1,
    updated: 1,
    skus: [
      { ...all, price: { amountMinor: 9900, currency: 'EUR' } },
      {
        code: 'BOOTS-43',
        gtin: null,
        category: '',
        attributes: {},
        price: null,
        packSize: 1,
        returnWindowDays: 30,
        active: true,
      },
    ],
  });
  const [before] = await app.db.rows("SELECT updated_at FROM sku WHERE code = 'BOOTS-42'");
  app.wait(1);
  expect(await told([{ ...BOOTS, price: { amountMinor: 9900, currency: 'EUR' } }])).toMatchObject({
    created: 0,
    updated: 0,
    unchanged: 1,
  });
  expect(await app.db.rows("SELECT updated_at FROM sku WHERE code = 'BOOTS-42'")).toEqual([before]);
  expect(await told([{ code: 'BOOTS-42', gtin: null, price: null, active: false }])).toMatchObject({
    skus: [{ gtin: null, price: null, active: false, name: BOOTS.name }],
  });
});

test('the same key has one effect; with another request it is refused', async () => {
  const skus = [{ code: 'REPEAT', name: 'Once' }];
  const answers = await Promise.all(Array.from({ length: 10 }, () => upsert(skus, feed, 'again')));
  for (const { data } of answers) expect(data.upsertSkus).toMatchObject({ created: 1, updated: 0 });
  const other = await upsert([{ code: 'REPEAT', name: 'Twice' }], feed, 'again');
  expect(other.data.upsertSkus).toMatchObject({ __typename: 'KeyReused', firstAction: 'upsertSkus' });
});

test('two feeds that send different parts of one new SKU at once lose nothing', async () => {
  const first = await app.db.pool.connect();
  await first.query('BEGIN');
  await first.query("SELECT pg_advisory_xact_lock(hashtext('comptoir catalog'))");
  await first.query("INSERT INTO sku (code, name, pack_size) VALUES ('PART', 'Part', 7)");
  const second = told([{ code: 'PART', name: 'Part', pickPosition: 'Z' }]);
  await untilLocked(app.db);
  await first.query('COMMIT');
  first.release();
  expect(await second).toMatchObject({ created: 0, updated: 1 });
  const rows = await app.db.rows("SELECT pack_size, pick_position FROM sku WHERE code = 'PART'");
  expect(rows).toEqual([{ pack_size: 7, pick_position: 'Z' }]);
});

describe('GTINs', () => {
  test('one of another SKU is refused with its owner, in whatever form, and nothing is changed', async () => {
    await told([{ code: 'UPC', name: 'Tissues', gtin: '036000291452' }]);
    expect(
      await told([
        { code: 'EAN', name: 'Tissues', gtin: '0036000291452' },
        { code: 'NEW', name: 'New' },
      ]),
    ).toMatchObject({
      __typename: 'GtinTaken',
      lines: [{ sku: 'EAN', gtin: '036000291452', takenBy: 'UPC' }],
    });
    // Also when its owner stands in the same request and keeps it.
    expect(
      await told([
        { code: 'EAN', name: 'Tissues', gtin: '036000291452' },
        { code: 'UPC', packSize: 2 },
      ]),
    ).toMatchObject({ __typename: 'GtinTaken', lines: [{ sku: 'EAN', takenBy: 'UPC' }] });
    expect(await app.db.rows("SELECT code FROM sku WHERE code IN ('EAN', 'NEW')")).toEqual([]);
  });

  test('may be exchanged within one request', async () => {
    const [one, two] = ['96385074', '10614141543219'];
    await told([
      { code: 'SWAP-1', name: 'One', gtin: one },
      { code: 'SWAP-2', name: 'Two', gtin: two },
    ]);
    const swapped = await told([
      { code: 'SWAP-1', gtin: two },
      { code: 'SWAP-2', gtin: one },
    ]);
    expect(swapped).toMatchObject({ updated: 2, skus: [{ gtin: two }, { gtin: one }] });
    const stored = await app.db.rows("SELECT gtin FROM sku WHERE code LIKE 'SWAP-%' ORDER BY code");
    expect(stored).toEqual([{ gtin: normaliseGtin(two) }, { gtin: normaliseGtin(one) }]);
  });
});

const sku = (fields: object) => [{ code: 'BAD', name: 'Bad', ...fields }];
const nested = { colour: { red: 1 } };
test.each([
  ['a wrong check digit', sku({ gtin: '4006381333932' }), 'skus.0.gtin', /other digits require 1/],
  [
    'a GTIN that is no number',
    sku({ gtin: 'x'.repeat(5_000) }),
    'skus.0.gtin',
    /at most 14 digits, not 5000/,
  ],
  ['a code with a space', [{ code: 'A B', name: 'x' }], 'skus.0.code', /' ' at position 2/],
  ['no name for a new SKU', [{ code: 'NAMELESS' }], 'skus.0.name', /'NAMELESS' is new and needs one/],
  ['an empty name', sku({ name: '' }), 'skus.0.name', /1 to 200/],
  ['a NUL', sku({ name: 'a\u0000b' }), 'skus.0.name', /NUL/],
  ['half a character', sku({ name: 'a\ud800' }), 'skus.0.name', /surrogate/],
  ['no such currency', sku({ price: { amountMinor: 1, currency: 'EURO' } }), 'skus.0.price', /ISO 4217/],
  ['a price below zero', sku({ price: { amountMinor: -1, currency: 'EUR' } }), 'skus.0.price', /0 to/],
  ['an empty pack', sku({ packSize: 0 }), 'skus.0.packSize', /1 to 100000/],
  ['a window before the sale', sku({ returnWindowDays: -1 }), 'skus.0.returnWindowDays', /0 to 3650/],
  ['nested attributes', sku({ attributes: nested }), 'skus.0.attributes', /do not nest/],
  ['attributes in a list', sku({ attributes: ['red'] }), 'skus.0.attributes', /JSON object/],
  ['a NUL in an attribute', sku({ attributes: { a: '\u0000' } }), 'skus.0.attributes', /broken/],
  ['half a character in one', sku({ attributes: { '\udfff': 'a' } }), 'skus.0.attributes', /broken/],
  [
    'too many attributes',
    sku({ attributes: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`a${i}`, i])) }),
    'skus.0.attributes',
    /at most 50/,
  ],
  [
    'one code twice',
    [...sku({}), ...sku({})],
    'skus.1.code',
    /SKU 'BAD' again, as skus.0.code; name it once/,
  ],
  [
    'one GTIN twice',
    [
      { code: 'BAD', name: 'x', gtin: '036000291452' },
      { code: 'WORSE', name: 'x', gtin: '0036000291452' },
    ],
    'skus.1.gtin',
    /again/,
  ],
  ['nothing', [], 'skus', /0 entries/],
  [
    '10,000 SKUs',
    Array.from({ length: 10_000 }, (_, i) => ({ code: `S${i}`, name: 'x' })),
    'skus',
    /1 to 1000/,
  ],
])('refuses %s', async (_what, skus, path, message) => {
  const { status, data } = await upsert(skus);
  expect(status).toBe(200);
  expect(data.upsertSkus).toMatchObject({
    __typename: 'InvalidInput',
    path,
    message: expect.stringMatching(message),
  });
  expect(await app.db.rows("SELECT code FROM sku WHERE code IN ('BAD', 'WORSE', 'S1')")).toEqual([]);
});

test('a thousand SKUs are written with as many statements as one', async () => {
  const count = async (skus: object[]): Promise<number> => {
    const before = app.db.statements();
    expect(await told(skus)).toMatchObject({ created: skus.length });
    return app.db.statements() - before;
  };
  const many = (length: number, name: string) =>
    Array.from({ length }, (_, i) => ({ code: `${name}-${i}`, name }));
  const one = await count(many(1, 'ONE'));
  // One more when the caller's token has to be looked up again.
  expect(await count(many(1_000, 'MANY'))).toBeLessThanOrEqual(one + 1);
});

test('is for feeds, planners and administrators', async () => {
  for (const role of ['PLANNER', 'ADMIN'] as const) {
    const { data } = await upsert([{ code: `BY-${role}`, name: role }], await app.token(role));
    expect(data.upsertSkus).toMatchObject({ created: 1 });
  }
  for (const role of ['STOREFRONT', 'STAFF'] as const) {
    const { errors } = await upsert([{ code: 'NO', name: 'No' }], await app.token(role));
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  }
});
