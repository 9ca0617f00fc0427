// `node` and `nodes` read each type once, however many ids, aliases and fields ask for it; ids of the rest are for caches.

import { type GraphQLObjectType, getNamedType, isInputObjectType, isObjectType } from 'graphql';
import { CACHE_ID_TYPES } from '../../src/graphql/ids';
import { schema } from '../../src/server/schema';
import { foreseen } from '../forecast/accuracySupport';
import { ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let admin: string;
beforeAll(async () => {
  app = await startApp();
  admin = await app.token('ADMIN');
});
afterAll(() => app.close());

const encoded = (typename: string, id: unknown): string =>
  Buffer.from(`${typename}:${id}`).toString('base64');

/** Statements that a request sends, its second time: then what is looked up once a program is known. */
async function statementsOf(query: string, variables: Record<string, unknown>): Promise<[number, unknown]> {
  await app.gqlUntyped<unknown>(admin, query, variables);
  const before = app.db.statements();
  const { data, errors } = await app.gqlUntyped<unknown>(admin, query, variables);
  expect(errors).toBeUndefined();
  return [app.db.statements() - before, data];
}

const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Sku { code } ... on Location { code } } }';

test('fifty SKUs are one statement, and come in the order of their ids', async () => {
  await app.db.rows("INSERT INTO sku (code, name) SELECT 'N' || i, 'N' FROM generate_series(1, 50) i");
  const rows = await app.db.rows<{ id: number; code: string }>('SELECT id, code FROM sku ORDER BY code DESC');
  const ids = rows.map(({ id }) => encoded('Sku', id));
  const [statements, data] = await statementsOf(NODES, { ids: [...ids, encoded('Sku', 987_654)] });
  expect(data).toEqual({ nodes: [...rows.map(({ code }, i) => ({ id: ids[i], code })), null] });
  expect(statements).toBe(1);
});

test('aliases of nodes, and of node, share it', async () => {
  const rows = await app.db.rows<{ id: number }>('SELECT id FROM sku ORDER BY id LIMIT 20');
  const ids = rows.map(({ id }) => encoded('Sku', id));
  const aliases = ids.map((id, i) => `a${i}: node(id: "${id}") { ... on Sku { code } }`).join(' ');
  const [statements] = await statementsOf(`{ ${aliases} }`, {});
  expect(statements).toBe(1);
  const many = ids.map((_, i) => `a${i}: nodes(ids: $ids) { ... on Sku { code } }`).join(' ');
  const [ofMany] = await statementsOf(`query ($ids: [ID!]!) { ${many} }`, { ids });
  expect(ofMany).toBe(1);
});

test('orders are read with their locations and lines, each kind once', async () => {
  const orders = await ordersOn(app);
  await orders.stock('paris', [{ sku: 'MUG', quantity: 50 }]);
  const ids: string[] = [];
  for (let i = 0; i < 5; i += 1) {
    const placed = await orders.place({ location: 'paris', lines: [{ sku: 'MUG', quantity: 1 }] });
    ids.push(placed.order.id);
  }
  const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { number location { code } lines { sku { code } } total { amountMinor } } } }`;
  const [statements, data] = await statementsOf(query, { ids });
  expect(data).toMatchObject({
    nodes: ids.map(() => ({ location: { code: 'paris' }, lines: [{ sku: { code: 'MUG' } }] })),
  });
  // Orders, their locations, their lines, the SKUs.
  expect(statements).toBeLessThanOrEqual(4);
});

test('one malformed id fails its own root field and no other', async () => {
  const query = schema.getQueryType()!.getFields();
  const byId = Object.values(query).flatMap(({ name: field, args }) => {
    const own = args.some(({ name, type }) => name === 'id' && String(type) === 'ID!');
    const key = args
      .map(({ name, type }) => ({ name, type: getNamedType(type) }))
      .find(({ name }) => name === 'by');
    const inKey = key !== undefined && isInputObjectType(key.type) && key.type.getFields().id !== undefined;
    return own ? [`${field}(id: $bad)`] : inKey ? [`${field}(by: { id: $bad })`] : [];
  });
  expect(byId.length).toBeGreaterThan(7);
  const good = Buffer.from('Sku:1').toString('base64');
  const BAD = [
    '',
    'x',
    'U2t1',
    Buffer.from('Sku:-1').toString('base64'),
    Buffer.from('Sku:99999999999').toString('base64'),
    Buffer.from('No:1').toString('base64'),
    Buffer.from('Order:\u0000').toString('base64'),
    'a'.repeat(3_000),
  ];
  for (const bad of BAD) {
    const parts = byId.map((call, i) =>
      `b${i}: ${call} { id }`.replace(
        /((?:verifyReservation|customerTimeline|customerContext).*)\{ id \}/,
        '$1{ __typename }',
      ),
    );
    const document = `query ($bad: ID!, $good: ID!) { viewer { name } sku(by: { code: "MUG" }) { code } good: node(id: $good) { id } several: nodes(ids: [$good, $bad]) { id } ${parts.join(' ')} }`;
    const { data, errors } = await app.gqlUntyped(admin, document, { bad, good });
    expect(data).toMatchObject({ sku: { code: 'MUG' }, good: { id: good }, several: [{ id: good }, null] });
    expect(data.viewer.name).toBeTruthy();
    const paths = errors!.map(({ path, extensions }) => [path!.join('.'), extensions!.code]);
    expect(paths.sort()).toEqual(
      [...byId.map((_, i) => `b${i}`), 'several.1'].sort().map((path) => [path, 'BAD_USER_INPUT']),
    );
  }
});

describe('ids for caches', () => {
  const objectTypes = Object.values(schema.getTypeMap()).filter(isObjectType);
  const isNode = (type: GraphQLObjectType): boolean =>
    type.getInterfaces().some(({ name }) => name === 'Node');
  const typeOf = (id: string): string => Buffer.from(id, 'base64').toString('utf8').split(':')[0]!;

  test('have all these types, and all that pages list but sums over a question', () => {
    const withId = objectTypes.filter((type) => type.getFields().id !== undefined && !isNode(type));
    // A command is asked for by its id as a filter of moves.
    expect(withId.map(({ name }) => name).sort()).toEqual([...CACHE_ID_TYPES, 'StockCommand'].sort());
    for (const name of CACHE_ID_TYPES) {
      const { id } = (schema.getType(name) as GraphQLObjectType).getFields();
      expect([name, String(id!.type), id!.description]).toEqual([
        name,
        'ID!',
        expect.stringContaining('`node` does not read it'),
      ]);
    }
    const listed = objectTypes
      .filter(({ name }) => name.endsWith('Edge'))
      .map((type) => getNamedType(type.getFields().node!.type) as GraphQLObjectType);
    const without = listed.filter((type) => type.getFields().id === undefined).map(({ name }) => name);
    expect([...new Set(without)].sort()).toEqual(['ForecastAccuracy', 'WhatIfShelf']);
  });

  test('are not read by node, which states what they are', async () => {
    for (const type of CACHE_ID_TYPES) {
      const { data, errors } = await app.gql(admin, 'query ($id: ID!) { node(id: $id) { id } }', {
        id: encoded(type, '1:2'),
      });
      expect(data).toEqual({ node: null });
      expect(errors![0]).toMatchObject({
        message: expect.stringContaining(`is the id of a ${type}, which caches merge on`),
        extensions: { code: 'BAD_USER_INPUT' },
      });
    }
  });

  const CELLS = `query ($at: AvailabilityLocations!, $channel: String, $holder: String, $on: DateTime) {
    availability(skus: ["MUG", "LAMP"], at: $at, channel: $channel, holder: $holder, on: $on) {
      locations { id sku { code } location { code } distanceKm } } }`;
  test('of availability are one for one meaning: SKU, location, channel, holder, date and point', async () => {
    const [web, app2] = [await app.token('STOREFRONT', 'web-ids'), await app.token('STOREFRONT', 'app-ids')];
    const holder = 'anne.martin@example.com';
    const near = { latitude: 48.85, longitude: 2.35, radiusKm: 200 };
    const at = { locations: ['paris', 'lyon'] };
    const ask = async (token: string, variables: object): Promise<string[]> => {
      const { data, errors } = await app.gql(token, CELLS, { at, ...variables });
      expect(errors).toBeUndefined();
      type Seen = { locations: { id: string }[] };
      return data.availability.flatMap(({ locations }: Seen) => locations.map(({ id }) => id));
    };
    const questions: [string, object][] = [
      [web, {}],
      [admin, { channel: 'STORE' }],
      [web, { holder }],
      [web, { holder: 'other' }],
      [app2, { holder }],
      [web, { on: '2026-12-01T09:00:00Z' }],
      [web, { on: '2026-12-02T09:00:00Z' }],
      [web, { at: { near } }],
      [web, { at: { near: { ...near, latitude: 48.86 } } }],
    ];
    const seen = new Set<string>();
    for (const [token, variables] of questions) {
      const ids = await ask(token, variables);
      expect(ids.length).toBeGreaterThanOrEqual(2);
      expect(await ask(token, variables)).toEqual(ids);
      for (const id of ids) {
        expect(seen.has(id)).toBe(false);
        seen.add(id);
        expect(Buffer.from(id, 'base64').toString('utf8')).toMatch(
          /^LocationAvailability:\d+:\d+:[\w-]{22}$/,
        );
      }
    }
    // The usual channel by its name, another caller, and the locations in another order are the same question.
    const usual = await ask(web, {});
    expect(await ask(app2, { channel: 'ONLINE' })).toEqual(usual);
    const turned = await ask(web, { at: { locations: ['lyon', 'paris'] } });
    expect(turned).toEqual([usual[1], usual[0], usual[3], usual[2]]);
    const { data } = await app.gql(
      web,
      '{ sku(by: { code: "MUG" }) { availability(at: { locations: ["paris"] }) { id } } }',
    );
    expect(data.sku.availability).toEqual([{ id: usual[0] }]);
  });

  test('of levels are one a location and SKU, wherever they stand', async () => {
    const { data } = await app.gql(
      admin,
      `{ stockLevels(first: 50) { nodes: edges { node { id sku { code } location { code } } } }
        sku(by: { code: "MUG" }) { stock(locations: ["paris", "lyon"]) { id } }
        location(by: { code: "paris" }) { stock(skus: ["MUG", "LAMP"]) { id } } }`,
    );
    const [mugParis, mugLyon] = data.sku.stock.map(({ id }: { id: string }) => id);
    const [again, lampParis] = data.location.stock.map(({ id }: { id: string }) => id);
    expect(again).toBe(mugParis);
    expect(new Set([mugParis, mugLyon, lampParis]).size).toBe(3);
    type Edge = { node: { id: string; sku: { code: string }; location: { code: string } } };
    const found = data.stockLevels.nodes.find(
      ({ node }: Edge) => node.sku.code === 'MUG' && node.location.code === 'paris',
    );
    expect(found.node.id).toBe(mugParis);
  });

  const THINGS = `
    INSERT INTO job_run (job, due_at, status, runner, started_at, heartbeat_at)
      SELECT job, due, 'DONE', 'r', due, due FROM unnest('{idsA,idsB}'::text[]) job,
        unnest('{2026-11-24T00:00:00Z,2026-11-24T00:00:00.001Z}'::timestamptz[]) due;
    INSERT INTO sales_feed (id, name) VALUES (901, 'ids');
    INSERT INTO import_run (id, feed_id, kind, file_name, file_hash, options, status, started_at)
      SELECT 900 + i, 901, 'sales', 'f' || i, 'h' || i, '{}', 'DONE', now() FROM generate_series(1, 2) i;
    INSERT INTO import_reject (run_id, line, code, reason, raw)
      SELECT 900 + i, 2 + j, 'BAD_DAY', 'r', 'x' FROM generate_series(1, 2) i, generate_series(0, 1) j;
    INSERT INTO calendar_event (code, name, kind, from_day, to_day, updated_at)
      SELECT code, 'N', 'OTHER', '2026-12-01', '2026-12-01', now() FROM unnest('{a:b,a%3Ab,œuf}'::text[]) code;
    INSERT INTO sku_alias (code, sku_id, created_at) SELECT 'ALIAS:' || i, id, now() FROM sku, generate_series(1, 2) i WHERE code = 'MUG';
    INSERT INTO supplier (code, name, lead_time_days) VALUES ('ids-1', 'N', 3), ('ids-2', 'N', 3);
    INSERT INTO sku_supplier (sku_id, supplier_id, unit_cost_minor, currency, updated_at)
      SELECT k.id, s.id, 100, 'EUR', now() FROM sku k, supplier s WHERE k.code IN ('MUG', 'LAMP') AND s.code LIKE 'ids-%';
    INSERT INTO replenishment_policy (category, priority, updated_at) VALUES ('A', 1, now()), ('B', 1, now());
    INSERT INTO replenishment_budget (from_day, to_day, amount_minor, currency, updated_at)
      VALUES ('2026-11-01', '2026-11-30', 1, 'EUR', now()), ('2026-12-01', '2026-12-31', 1, 'EUR', now());
    INSERT INTO webhook_endpoint (id, url, topics, created_at)
      SELECT ('019adf00-0000-7000-8000-00000000000' || i)::uuid, 'https://example.com/' || i, '{none.such}', now() FROM generate_series(1, 2) i;
    INSERT INTO webhook_delivery (message_id, endpoint_id, status, next_attempt_at)
      SELECT o.id, w.id, 'CLOSED', now() FROM outbox o, webhook_endpoint w`;
  const page = (field: string, more = ''): string => `${field} { edges { node { id ${more} } } }`;
  const forecasts = ['2026-11-23', '2026-11-24']
    .flatMap((cut, i) =>
      ['paris', 'lyon'].flatMap((location) =>
        ['MUG', 'LAMP'].map(
          (sku) =>
            `f${i}${location}${sku}: forecast(sku: "${sku}", location: "${location}", cutDay: "${cut}") { id }`,
        ),
      ),
    )
    .join(' ');
  const ALL = `{
    ${page('jobRuns(first: 50)')} ${page('importRuns')} r1: ${page('importRejects(run: 901)')} r2: ${page('importRejects(run: 902)')}
    ${page('calendarEvents(from: "2026-11-30", to: "2026-12-31")')} ${page('skuAliases')} ${page('replenishmentPolicies')}
    ${page('replenishmentBudgets')} ${page('webhookDeliveries(first: 50)')} ${page('holdings(by: ACTOR)')}
    h: ${page('holdings(by: HOLDER)')} ${page('orders', 'lines { id }')} ${forecasts}
    skusByCode(codes: ["MUG", "LAMP"]) { suppliers { id } }
    q1: pickupQueue(location: "paris") { id } q2: pickupQueue(location: "lyon") { id }
  }`;

  /** Every id in an answer that is for caches only. */
  function idsIn(value: unknown): string[] {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => (key === 'id' ? [inner as string] : idsIn(inner)));
  }

  test('of everything else: two things never share one, and a thing keeps its own', async () => {
    const orders = await ordersOn(app);
    await orders.stock('paris', [{ sku: 'LAMP', quantity: 50 }]);
    for (const more of [{}, { holder: 'none' }, { holder: 'a:b' }, { holder: 'a%3Ab' }]) {
      await orders.reserve([{ sku: 'LAMP', quantity: 1 }], more);
    }
    await app.db.rows('DELETE FROM webhook_delivery');
    for (const statement of THINGS.split(';')) await app.db.rows(statement);
    for (const location of ['paris', 'lyon']) {
      for (const cut of ['2026-11-23', '2026-11-24']) {
        const said = ['MUG', 'LAMP'].map((sku) => ({ sku, mean: 2 }));
        await foreseen(app, location, cut, said);
      }
    }
    const first = await app.gqlUntyped(admin, ALL);
    expect(first.errors).toBeUndefined();
    const ids = idsIn(first.data);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    expect(idsIn((await app.gqlUntyped(admin, ALL)).data)).toEqual(ids);
    const counts = new Map<string, number>();
    for (const id of ids) counts.set(typeOf(id), (counts.get(typeOf(id)) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toMatchObject({
      JobRun: 4,
      ImportRun: 2,
      ImportReject: 4,
      CalendarEvent: 3,
      SkuAlias: 2,
      SkuSupplier: 4,
      ReplenishmentPolicy: 2,
      ReplenishmentBudget: 2,
      DemandForecast: 8,
      PickupQueue: 2,
      OrderLine: 5,
    });
    expect(counts.get('WebhookDelivery')).toBeGreaterThan(2);
    expect(counts.get('Holding')).toBeGreaterThan(5);
  });
});
