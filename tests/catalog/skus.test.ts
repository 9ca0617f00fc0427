// The catalog as it is read: by code, by GTIN, by page, by search.

import { encodeGlobalID } from '../../src/graphql/ids';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let shop: string;
beforeAll(async () => {
  app = await startApp();
  shop = await app.token('STOREFRONT', 'web shop');
  const feed = await app.token('FEED');
  const { data } = await app.gql(
    feed,
    `mutation ($skus: [UpsertSkuInput!]!) {
      upsertSkus(input: { idempotencyKey: "catalog", skus: $skus }) { ... on UpsertSkusSuccess { created } }
    }`,
    {
      skus: [
        { code: 'PETIT-RECHAUD', name: 'Réchaud à gaz 2,5 kW', category: 'Outdoor/Kitchen' },
        { code: 'UPC', name: 'Tissues', category: 'Outdoors', gtin: '036000291452' },
        { code: 'SHIRT-42/blue_v1.2', name: "Men's shirt <b>!", category: 'Clothing', active: false },
      ],
    },
  );
  expect(data.upsertSkus.created).toBe(3);
});
afterAll(() => app.close());

const codesOf = async (filter: object): Promise<string[]> => {
  const { data } = await app.gql(
    shop,
    'query ($filter: SkuFilter) { skus(filter: $filter) { edges { node { code } } } }',
    { filter },
  );
  return data.skus.edges.map((e: { node: { code: string } }) => e.node.code);
};

describe('one SKU', () => {
  const ask = (by: object) =>
    app.gql(shop, 'query ($by: SkuKey!) { sku(by: $by) { code gtin price { amountMinor currency } } }', {
      by,
    });

  test('by code and by GTIN in any form', async () => {
    const lamp = { code: 'LAMP', gtin: '2000000000022', price: { amountMinor: 2990, currency: 'EUR' } };
    const { data } = await app.gql(shop, '{ sku(by: { code: "LAMP" }) { id } }');
    const keys = [
      { code: 'LAMP' },
      { gtin: '2000000000022' },
      { gtin: '0200 0000 0000 22' },
      { id: data.sku.id },
    ];
    for (const by of keys) {
      expect((await ask(by)).data.sku).toEqual(lamp);
    }
    expect((await ask({ gtin: '0036000291452' })).data.sku).toMatchObject({ gtin: '036000291452' });
    expect((await ask({ code: 'NOPE' })).data.sku).toBeNull();
    expect((await ask({ gtin: '96385074' })).data.sku).toBeNull();
    expect((await ask({ id: encodeGlobalID('Sku', 2_147_483_647) })).data.sku).toBeNull();
    expect((await ask({ id: encodeGlobalID('Location', 1) })).errors).toHaveLength(1);
  });

  test('a misread GTIN states which digit would be right; both keys at once or none are refused', async () => {
    const { errors } = await ask({ gtin: '2000000000021' });
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(/require 2/),
      extensions: { code: 'INVALID_INPUT' },
    });
    for (const by of [{}, { code: 'LAMP', gtin: '2000000000022' }]) {
      const { data, errors: oneOf } = await ask(by);
      expect(data?.sku ?? null).toBeNull();
      expect(oneOf?.[0]?.message).toMatch(/[Ee]xactly one key/);
    }
    expect((await ask({ code: 'A\u0000' })).errors?.[0]?.extensions?.code).toBe('INVALID_INPUT');
  });
});

test('skusByCode answers in the order asked, null for unknown ones, and not too many', async () => {
  const ask = (codes: string[]) =>
    app.gql(shop, 'query ($codes: [String!]!) { skusByCode(codes: $codes) { code } }', { codes });
  expect((await ask(['MUG', 'NOPE', 'LAMP', 'MUG'])).data.skusByCode).toEqual([
    { code: 'MUG' },
    null,
    { code: 'LAMP' },
    { code: 'MUG' },
  ]);
  const many = await ask(Array.from({ length: 10_000 }, (_, i) => `S${i}`));
  expect(many.errors?.[0]?.extensions?.code).toMatch(/INVALID_INPUT|QUERY_TOO_LARGE/);
});

test.each([
  ['tent', ['TENT-2']],
  ['TENT-2', ['TENT-2']],
  ['two ten', ['TENT-2']],
  ['rechaud', ['PETIT-RECHAUD']],
  ['RÉCH gaz', ['PETIT-RECHAUD']],
  ['petit-rech', ['PETIT-RECHAUD']],
  ['2000000000022', ['LAMP']],
  ['2 000000-000022', ['LAMP']],
  ['20000000000', ['LAMP', 'MUG', 'SOCK-M', 'TENT-2']],
  ['0036000291452', ['UPC']],
  ['tent lamp', []],
  ['', ['LAMP', 'MUG', 'PETIT-RECHAUD', 'SOCK-M', 'TENT-2', 'UPC']],
])('search %j finds %j', async (search, codes) => {
  expect(await codesOf({ search })).toEqual(codes);
});

test.each([
  ['tent | lamp', []],
  ['tent & two', ['TENT-2']],
  ['!tent', ['TENT-2']],
  ["tent' | 'lamp", []],
  ['tent:*', ['TENT-2']],
  ['tent\\', ['TENT-2']],
  ['(tent', ['TENT-2']],
  ['tent <-> two', ['TENT-2']],
  ['%', []],
  ['& | ! \' \\ <-> :* ( ) "', []],
  ['%tent_', ['TENT-2']],
  ['🏕', []],
])('an operator in %j is no operator', async (search, codes) => {
  expect(await codesOf({ search })).toEqual(codes);
});

test('filters by category and what lies below it, and by active', async () => {
  expect(await codesOf({ category: 'Outdoor' })).toEqual(['LAMP', 'MUG', 'PETIT-RECHAUD', 'TENT-2']);
  expect(await codesOf({ category: 'Outdoor/Kitchen', search: 'mug' })).toEqual(['MUG']);
  expect(await codesOf({ category: 'Out%' })).toEqual([]);
  expect(await codesOf({ active: false })).toEqual(['SHIRT-42/blue_v1.2']);
  expect(await codesOf({ active: null, search: 'shirt blue men' })).toEqual(['SHIRT-42/blue_v1.2']);
});

test('skuCategories counts active SKUs', async () => {
  const { data } = await app.gql(shop, '{ skuCategories { category skuCount } }');
  expect(data.skuCategories).toContainEqual({ category: 'Outdoor/Kitchen', skuCount: 2 });
  expect(data.skuCategories.map((c: { category: string }) => c.category)).not.toContain('Clothing');
});

describe('pages', () => {
  const PAGE = `query ($first: Int, $after: String, $last: Int, $before: String) {
    skus(first: $first, after: $after, last: $last, before: $before) {
      edges { node { code } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;
  const page = async (args: Record<string, unknown>) => {
    const { data, errors } = await app.gql(shop, PAGE, args);
    if (errors) throw new Error(String(errors[0]?.extensions?.code));
    return {
      codes: data.skus.edges.map((e: { node: { code: string } }) => e.node.code),
      ...data.skus.pageInfo,
    };
  };

  test('go on where the last one ended, though SKUs come and go before it', async () => {
    const one = await page({ first: 2 });
    expect(one).toMatchObject({ codes: ['LAMP', 'MUG'], hasNextPage: true, hasPreviousPage: false });
    await app.db.rows("INSERT INTO sku (code, name) VALUES ('AAA', 'First'), ('NEW', 'In the middle')");
    await app.db.rows("UPDATE sku SET active = false WHERE code = 'MUG'");
    const two = await page({ first: 2, after: one.endCursor });
    expect(two).toMatchObject({ codes: ['NEW', 'PETIT-RECHAUD'], hasNextPage: true });
    const rest = await page({ first: 200, after: two.endCursor });
    expect(rest).toMatchObject({ codes: ['SOCK-M', 'TENT-2', 'UPC'], hasNextPage: false });
    expect(await page({ last: 2, before: rest.startCursor })).toMatchObject({
      codes: ['NEW', 'PETIT-RECHAUD'],
      hasPreviousPage: true,
    });
  });

  test('are bounded, and a made-up cursor is refused with a message', async () => {
    const feed = await app.token('FEED');
    const skus = Array.from({ length: 300 }, (_, i) => ({ code: `Z-${i}`, name: 'Many' }));
    await app.gql(
      feed,
      `mutation ($skus: [UpsertSkuInput!]!) {
        upsertSkus(input: { idempotencyKey: "many", skus: $skus }) { __typename } }`,
      { skus },
    );
    expect((await page({})).codes).toHaveLength(50);
    expect((await page({ first: 100_000 })).codes).toHaveLength(200);
    for (const after of [
      'nonsense',
      'Y29kZTpBQUE\u0000',
      'x'.repeat(5_000),
      Buffer.from('code:a\u0000').toString('base64url'),
    ]) {
      await expect(page({ first: 1, after })).rejects.toThrow('BAD_USER_INPUT');
    }
    await expect(page({ first: -1 })).rejects.toThrow();
  });
});

test('pick positions are not for storefronts; an id past the integers is no SKU', async () => {
  const { errors } = await app.gql(shop, '{ sku(by: { code: "LAMP" }) { pickPosition } }');
  expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const id = Buffer.from('Sku:999999999999999').toString('base64');
  const { data, errors: wrong } = await app.gql(shop, 'query ($id: ID!) { node(id: $id) { id } }', { id });
  expect(data?.node ?? null).toBeNull();
  expect(wrong?.[0]?.extensions?.code).not.toBe('INTERNAL_SERVER_ERROR');
});
