// Hostile input made from the schema itself: whatever is sent as whoever, every answer is clear, none is a 500, and the
// books balance. FUZZ_SEED repeats a run, FUZZ_REQUESTS makes it longer; `npm run fuzz` does it against the real program.

import { startApp, type TestApp } from '../support/app';
import { wrongInBooks } from './fuzzBooks';
import { FuzzClient } from './fuzzClient';
import { Fuzzer } from './fuzzLoop';
import { ROLES } from './fuzzPost';
import { NODE_TYPES, ROOT_FIELDS } from './fuzzRequests';
import { Shop } from './fuzzShop';
import { unknownIds } from './fuzzValues';
import { KEY, worstOf } from './fuzzWorst';
import type { WorstWorld } from './fuzzWorstValues';

const FRESH = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 450);
const FIXED = 20261122;
const CONNECTIONS = 6;
const MINUTES_BETWEEN = 20;
const ROUND = 200;
/** No bound that a busy machine could pass. */
const PATIENCE_MS = 120_000;

let app: TestApp;
let client: FuzzClient;
beforeAll(async () => {
  process.stdout.write(`fuzz: FUZZ_SEED=${FRESH} FUZZ_REQUESTS=${REQUESTS}\n`);
  app = await startApp({ GRAPHIQL: 'false' });
  client = new FuzzClient(app.url, CONNECTIONS, PATIENCE_MS);
});
afterAll(async () => {
  client.close();
  await app.close();
});

test.each([FIXED, FRESH])(
  `${REQUESTS} hostile requests of seed %i are all answered clearly`,
  async (seed) => {
    const fuzzer = new Fuzzer(client, new Shop(app.db, client));
    const wait = async (): Promise<void> => app.wait(MINUTES_BETWEEN);
    const every = { requests: ROUND, do: wait };
    await fuzzer.run({ seed, requests: REQUESTS, connections: CONNECTIONS, every });
    expect(fuzzer.found).toEqual([]);
    expect(fuzzer.answered).toBeGreaterThanOrEqual(REQUESTS);
    expect(fuzzer.kinds.get('data') ?? 0).toBeGreaterThan(REQUESTS / 10);
  },
  3_600_000,
);

test('every unit came through a command that was answered with success', async () => {
  expect(await wrongInBooks(app.db)).toEqual([]);
});

const NODE = 'query ($id: ID!, $ids: [ID!]!) { node(id: $id) { id } nodes(ids: $ids) { id } }';
test.each(NODE_TYPES)(
  'node and nodes of a %s that does not exist are null for everyone',
  async (typename) => {
    for (const role of ROLES) {
      const ids = unknownIds(typename);
      const { data, errors } = await app.gql(await app.token(role), NODE, { id: ids[0], ids });
      expect([role, errors, data]).toEqual([role, undefined, { node: null, nodes: ids.map(() => null) }]);
    }
  },
);

test('the largest request of every root field is answered or refused for its cost, and breaks nothing', async () => {
  await app.db.rows("INSERT INTO sku (code, name) SELECT 'W' || i, 'W' FROM generate_series(1, 200) i");
  const world: WorstWorld = {
    skus: Array.from({ length: 200 }, (_, i) => `W${i + 1}`),
    locations: ['paris', 'lyon', 'depot'],
    suppliers: ['NONE'],
    keys: {},
    now: new Date(app.parts.clock().getTime() - 3_600_000).toISOString(),
  };
  const token = await app.token('ADMIN');
  const wrong: unknown[] = [];
  for (const asked of ROOT_FIELDS.filter(({ root }) => root !== 'Subscription')) {
    const requests = worstOf(asked, world, app.parts.config.queryLimits.cost, [2]);
    if (requests.length === 0) wrong.push([asked.field.name, 'no request of it fits the budget']);
    for (const { name, query, variables } of requests.slice(0, 1)) {
      const keyed = JSON.parse(JSON.stringify(variables).replaceAll(KEY, name)) as Record<string, unknown>;
      const { status, errors } = await app.gqlUntyped(token, query, keyed);
      const codes = (errors ?? []).map(({ extensions }) => extensions?.code);
      if (status !== 200 || codes.some((code) => code === undefined || code === 'INTERNAL_SERVER_ERROR'))
        wrong.push([name, status, errors?.[0]?.message, codes[0]]);
    }
  }
  expect(wrong).toEqual([]);
}, 120_000);

test('no error of all these was unexpected', async () => {
  const headers = { authorization: `Bearer ${await app.token('ADMIN')}` };
  const metrics = await (await fetch(`${app.url}/metrics`, { headers })).text();
  expect(metrics).toMatch(/^comptoir_unexpected_errors_total 0$/m);
  expect(metrics).not.toMatch(/comptoir_http_request_seconds_count\{[^}]*status="5/);
});
