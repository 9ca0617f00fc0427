// One error must not empty the page: which fields of the whole schema are nullable, and what remains of an answer in which one thing fails.

import { type GraphQLObjectType, getNamedType, isNonNullType, isObjectType } from 'graphql';
import { ROLES } from '../../src/access/rules/roles';
import { encodeGlobalID } from '../../src/graphql/ids';
import { schema } from '../../src/server/schema';
import { type Orders, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';

const A_UUID = '019adf00-0000-7000-8000-000000000000';

interface Ruled {
  extensions?: { pothosOptions?: { authScopes?: unknown } };
}
const ruleOf = (thing: unknown): unknown => (thing as Ruled).extensions?.pothosOptions?.authScopes;
/** The roles that a rule admits, as far as it is known without an object. */
const admitted = (rule: unknown): readonly string[] =>
  (rule as { roles?: string[] } | undefined)?.roles ?? ROLES;
const isWithin = (outer: unknown, inner: unknown): boolean =>
  admitted(outer).every((role) => role === 'ADMIN' || admitted(inner).includes(role));

const objectTypes = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
);
const fields = objectTypes.flatMap((type) =>
  Object.values(type.getFields()).map((field) => ({ type, field, path: `${type.name}.${field.name}` })),
);
const nonNull = fields.filter(({ field }) => isNonNullType(field.type));
const paths = (some: typeof fields): string[] => some.map(({ path }) => path);

const many = (n: number, say: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => say(i)).join(' ');

describe('nullable is', () => {
  test('every root field', () => {
    const roots = ['Query', 'Mutation', 'Subscription'];
    expect(paths(nonNull.filter(({ type }) => roots.includes(type.name)))).toEqual([]);
    expect(fields.filter(({ type }) => roots.includes(type.name)).length).toBeGreaterThan(100);
  });

  test('every field with a rule that refuses someone whom the rule of its type admits', () => {
    const guarded = (some: typeof fields) =>
      some.filter(({ type, field }) => {
        const own = ruleOf(field);
        return own !== undefined && (typeof own === 'function' || !isWithin(ruleOf(type), own));
      });
    expect(paths(guarded(nonNull))).toEqual([]);
    expect(paths(guarded(fields))).toEqual(expect.arrayContaining(['Order.customer', 'Sku.pickPosition']));
  });

  test('every field whose type refuses someone whom the field admits', () => {
    const guarded = (some: typeof fields) =>
      some.filter(({ type, field }) => {
        const inner = ruleOf(getNamedType(field.type));
        const outer = ruleOf(field) ?? ruleOf(type);
        if (inner === undefined || inner === outer || /(Connection|Edge)$/.test(type.name)) return false;
        return typeof inner === 'function' || !isWithin(outer, inner);
      });
    expect(paths(guarded(nonNull))).toEqual([]);
    expect(paths(guarded(fields))).toEqual(
      expect.arrayContaining(['CancelOrderSuccess.order', 'PickListTake.order']),
    );
  });

  test('every field with arguments, since they can be refused', () => {
    expect(paths(nonNull.filter(({ field }) => field.args.length > 0))).toEqual([]);
  });
});

describe('what cannot be answered leaves the rest as it is', () => {
  let app: TestApp;
  let orders: Orders;
  let storefront: string;
  let planner: string;
  beforeAll(async () => {
    app = await startApp();
    planner = await app.token('PLANNER');
    orders = await ordersOn(app);
    storefront = orders.web;
    await orders.stock('paris', [{ sku: 'LAMP', quantity: 9 }]);
  });
  afterAll(() => app.close());

  test('the customer of an order, to a planner', async () => {
    const { order } = await orders.place({ location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }] });
    const { data, errors } = await app.gql(
      planner,
      '{ orders { edges { node { id number customer { name } } } } locationGroups { code } }',
    );
    expect(data.orders.edges).toEqual([{ node: { id: order.id, number: order.number, customer: null } }]);
    expect(data.locationGroups).toHaveLength(3);
    expect(errors).toMatchObject([
      { path: ['orders', 'edges', 0, 'node', 'customer'], extensions: { code: 'FORBIDDEN' } },
    ]);
  });

  test('the pick position of SKUs, to a storefront', async () => {
    const { data, errors } = await app.gql(storefront, '{ skus { edges { node { code pickPosition } } } }');
    expect(data.skus.edges.map((e: { node: unknown }) => e.node)).toEqual(
      ['LAMP', 'MUG', 'SOCK-M', 'TENT-2'].map((code) => ({ code, pickPosition: null })),
    );
    expect(errors).toHaveLength(4);
    expect(errors![0]).toMatchObject({ path: ['skus', 'edges', 0, 'node', 'pickPosition'] });
  });

  test('one of several queries', async () => {
    const { data, errors } = await app.gql(
      storefront,
      `{ viewer { role } stockLevels { edges { cursor } } orders(filter: { location: "nowhere" }) { edges { cursor } }
         sku(by: { code: "MUG" }) { name stock(locations: ["paris"]) { available } } }`,
    );
    expect(data).toEqual({
      viewer: { role: 'STOREFRONT' },
      stockLevels: null,
      orders: null,
      sku: { name: 'Enamel mug', stock: null },
    });
    expect(errors!.map((e) => e.path![0]).sort()).toEqual(['orders', 'sku', 'stockLevels']);
  });

  test('one of several mutations', async () => {
    const receive = (key: string, location: string) =>
      `receiveStock(input: { idempotencyKey: "${key}", location: "${location}", lines: [{ sku: "MUG", quantity: 2 }] }) {
        ... on ReceiveStockSuccess { levels { available } } }`;
    const staff = await app.token('STAFF', 'of paris', ['paris']);
    const { data, errors } = await app.gqlUntyped(
      staff,
      `mutation { a: ${receive('a', 'paris')} b: ${receive('b', 'lyon')} c: ${receive('c', 'paris')} }`,
    );
    expect(data).toEqual({
      a: { levels: [{ available: 2 }] },
      b: null,
      c: { levels: [{ available: 4 }] },
    });
    expect(errors).toMatchObject([{ path: ['b'], extensions: { code: 'FORBIDDEN' } }]);
  });

  test('one id of many that is none', async () => {
    const { data: known } = await app.gql(storefront, '{ sku(by: { code: "MUG" }) { id } }');
    const ids = [known.sku.id, 'nonsense', encodeGlobalID('Sku', 4_711), encodeGlobalID('Unicorn', A_UUID)];
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Sku { code } } }';
    const { data, errors } = await app.gql(storefront, query, { ids });
    expect(data).toEqual({ nodes: [{ code: 'MUG' }, null, null, null] });
    expect(errors).toMatchObject([
      { path: ['nodes', 1], message: expect.stringContaining("'nonsense' is not an id") },
      { path: ['nodes', 3], extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });

  describe('errors by the thousand', () => {
    let storefront: string;
    const skuCodes = (n: number) => Array.from({ length: n }, (_, i) => `E${i + 1}`);
    const ask = (n: number, aliases: number) =>
      app.gqlUntyped(
        storefront,
        `query ($codes: [String!]!) { skusByCode(codes: $codes) { code ${many(aliases, (i) => `a${i}: pickPosition`)} } }`,
        { codes: skuCodes(n) },
      );
    beforeAll(async () => {
      storefront = await app.token('STOREFRONT');
      await app.db.rows("INSERT INTO sku (code, name) SELECT 'E' || i, 'E' FROM generate_series(1, 1000) i");
    });

    test('an answer has a hundred, and states how many more there were', async () => {
      const { data, errors } = await ask(130, 1);
      expect(data.skusByCode[129]).toEqual({ code: 'E130', a0: null });
      expect(errors).toHaveLength(101);
      expect(errors![99]).toMatchObject({
        path: ['skusByCode', 99, 'a0'],
        extensions: { code: 'FORBIDDEN' },
      });
      expect(errors![100]).toMatchObject({ extensions: { code: 'TOO_MANY_ERRORS', more: 30 } });
      expect(errors![100]!.message).toMatch(/^30 more errors are left out/);
    });

    test('each has a price, so that many of them end the request with one', async () => {
      for (const [n, aliases] of [
        [1_000, 10],
        [1_000, 60],
      ] as const) {
        const { data, errors } = await ask(n, aliases);
        expect([data, errors?.length]).toEqual([undefined, 1]);
        expect(errors![0]!.extensions).toMatchObject({
          code: 'QUERY_TOO_LARGE',
          limit: app.parts.config.queryLimits.cost,
        });
      }
    });

    test('no error is left that nobody waits for: it would end the program', async () => {
      const orphans: unknown[] = [];
      const hear = (reason: unknown): void => void orphans.push(reason);
      process.on('unhandledRejection', hear);
      try {
        await app.db.rows(
          `INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone, groups, weekly_hours) SELECT 'e-' || i, 'E', 'SHOP', 'FR', 48, 2, 'Europe/Paris', '{}', '[]' FROM generate_series(1, 100) i`,
        );
        const grid = many(
          3,
          (i) =>
            `r${i}: availability(skus: $s, at: { locations: $l }) { locations { asOf band changedAt countedAt distanceKm quantity } sku { aliases code pickPosition returnWindowDays } }`,
        );
        const l = Array.from({ length: 100 }, (_, i) => `e-${i + 1}`);
        const query = `query ($s: [String!]!, $l: [String!]!) { ${grid} }`;
        const { errors } = await app.gqlUntyped(storefront, query, { s: skuCodes(100), l });
        expect(errors!.map(({ extensions }) => extensions!.code)).toEqual(['QUERY_TOO_LARGE']);
        await new Promise((resolve) => setTimeout(resolve, 200));
        expect(orphans).toEqual([]);
      } finally {
        process.off('unhandledRejection', hear);
      }
    });
  });
});
