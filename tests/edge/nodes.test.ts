// `node` and `nodes` read each type once, however many ids, aliases and fields ask for it.

import { schema } from '../../src/schema';
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
  await app.gql(admin, query, variables);
  const before = app.db.statements();
  const { data, errors } = await app.gql(admin, query, variables);
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

test('orders are read with their places and lines, each kind once', async () => {
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
  // Orders, their places, their lines, the SKUs.
  expect(statements).toBeLessThanOrEqual(4);
});

test('one malformed id fails its own root field and no other', async () => {
  const query = schema.getQueryType()!.getFields();
  const byId = Object.values(query).filter(({ args }) =>
    args.some(({ name, type }) => name === 'id' && String(type) === 'ID!'),
  );
  expect(byId.length).toBeGreaterThan(5);
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
    const parts = byId.map(({ name }, i) =>
      `b${i}: ${name}(id: $bad) { id }`.replace(/(verifyReservation.*)\{ id \}/, '$1{ __typename }'),
    );
    const document = `query ($bad: ID!, $good: ID!) { viewer { name } sku(by: { code: "MUG" }) { code } good: node(id: $good) { id } several: nodes(ids: [$good, $bad]) { id } ${parts.join(' ')} }`;
    const { data, errors } = await app.gql(admin, document, { bad, good });
    expect(data).toMatchObject({ sku: { code: 'MUG' }, good: { id: good }, several: [{ id: good }, null] });
    expect(data.viewer.name).toBeTruthy();
    const paths = errors!.map(({ path, extensions }) => [path!.join('.'), extensions!.code]);
    expect(paths.sort()).toEqual(
      [...byId.map((_, i) => `b${i}`), 'several.1'].sort().map((path) => [path, 'BAD_USER_INPUT']),
    );
  }
});
