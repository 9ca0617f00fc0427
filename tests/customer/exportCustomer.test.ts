// exportCustomer over HTTP: everything of the registry is in the files, for one customer only; links expire, are revoked and die with an erasure.

import { isExported } from '../../src/customer/queries/exportSections';
import { REGISTRY } from '../../src/customer/rules/personalData';
import { encodeGlobalID } from '../../src/graphql/ids';
import { booksBalance, freshKey, type Orders, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { sendMutation } from '../support/graphqlClient';
import { type Lives, livesOn, runJob } from './lived';
import { peopleOf } from './people';

let app: TestApp;
let o: Orders;
let lives: Lives;
let steward: string;
beforeAll(async () => {
  app = await startApp();
  o = await ordersOn(app);
  lives = await livesOn(app, o, peopleOf(app));
  steward = await app.token('DATA_STEWARD');
  await o.stock('paris', [{ sku: 'LAMP', quantity: 50 }]);
});
afterAll(async () => {
  await booksBalance(app);
  await app.close();
});

const EXPORT = 'export { id state customerId fetchCount expiresAt files { name bytes url } }';
const MUTATIONS = {
  exportCustomer: `mutation ($input: ExportCustomerInput!) { exportCustomer(input: $input) { __typename
    ... on Refusal { message } ... on WrongState { state } ... on ExportCustomerSuccess { ${EXPORT} } } }`,
  revokeCustomerExport: `mutation ($input: RevokeCustomerExportInput!) { revokeCustomerExport(input: $input) { __typename
    ... on Refusal { message } ... on WrongState { state } ... on RevokeCustomerExportSuccess { ${EXPORT} } } }`,
  eraseCustomer: `mutation ($input: EraseCustomerInput!) { eraseCustomer(input: $input) { __typename } }`,
} as const;
const send = async <Name extends keyof typeof MUTATIONS>(name: Name, input: object, token = steward) =>
  (await sendMutation(app, MUTATIONS, name, token, { idempotencyKey: freshKey(), ...input })).answer;
const order = async (customer: string) => (await send('exportCustomer', { customer })).export;
const listed = async (customer: string) =>
  (
    await app.gql(
      steward,
      `query ($customer: ID!) { customerExports(filter: { customer: $customer }) { nodes {
        id state fetchCount madeAt requestedBy { role } files { name bytes url } } } }`,
      { customer },
    )
  ).data.customerExports.nodes;
const make = () => runJob(app, 'exportCustomers');
const parts = async () =>
  (await app.db.rows<{ n: number }>('SELECT count(*)::int AS n FROM customer_export_part'))[0]!.n;
const globalId = (id: string): string => encodeGlobalID('Customer', id);

const exported = REGISTRY.filter(({ content }) => isExported(content));
/** Lower case letters only, so that no cell is changed on its way. */
const markOf = (table: string, column: string): string =>
  `mark${table}${column}`.replaceAll('_', '').toLowerCase();

/** Writes a text of its own into every exported column of the rows that there are. Triggers would refuse changes of facts. */
async function plant(): Promise<void> {
  const client = await app.db.pool.connect();
  try {
    await client.query('SET session_replication_role = replica');
    for (const { table, column } of exported) {
      const { rowCount } = await client.query(`UPDATE ${table} SET ${column} = $1 WHERE ${column} <> ''`, [
        markOf(table, column),
      ]);
      expect([table, column, rowCount]).not.toEqual([table, column, 0]);
    }
  } finally {
    await client.query('SET session_replication_role = origin');
    client.release();
  }
}

test('the files have every exported column of the registry, and nothing of anybody else', async () => {
  const { customerId } = await lives.live('quill');
  await plant();
  await lives.live('stranger');
  const customer = globalId(customerId);

  const first = await order(customer);
  expect(first).toMatchObject({ state: 'PENDING', customerId: customer, files: [] });
  expect((await order(customer)).id).toBe(first.id);
  expect(await make()).toEqual({ made: 1 });
  expect(await make()).toEqual({ made: 0 });
  const [ready, ...more] = await listed(customer);
  expect(more).toEqual([]);
  expect(ready).toMatchObject({ id: first.id, state: 'READY', requestedBy: { role: 'DATA_STEWARD' } });

  const texts = new Map<string, string>();
  for (const { name, url, bytes } of ready!.files) {
    const response = await fetch(app.url + url);
    expect([name, response.status, response.headers.get('cache-control')]).toEqual([name, 200, 'no-store']);
    const body = Buffer.from(await response.arrayBuffer());
    expect(body.length).toBe(bytes);
    texts.set(name, body.toString('utf8'));
  }
  const json = texts.get('export.json')!;
  expect(JSON.parse(json)).toMatchObject({
    ...{ customerId, orders: [{ status: 'COLLECTED' }, { status: 'CANCELLED' }] },
    ...{ orderLines: expect.arrayContaining([expect.objectContaining({ sku: 'LAMP', quantity: 2 })]) },
    contacts: [{ externalId: 'call of quill' }],
  });
  const tables = [...texts].flatMap(([name, text]) => (name === 'export.json' ? [] : [text])).join('\n');
  const missing = exported
    .map(({ table, column }) => markOf(table, column))
    .filter((mark) => !json.includes(mark) || !tables.includes(mark));
  expect(missing).toEqual([]);
  expect(exported.length).toBeGreaterThan(25);
  expect(json + tables).not.toMatch(/stranger/i);
  expect((await listed(customer))[0]).toMatchObject({ fetchCount: texts.size });
});

test('every export and every fetch is in the log of look-ups', async () => {
  const rows = await app.db.rows<{ field: string; role: string }>(
    `SELECT DISTINCT l.field, a.role::text FROM customer_lookup l JOIN actor a ON a.id = l.actor_id
     WHERE l.field LIKE 'export%' ORDER BY 1`,
  );
  expect(rows).toEqual([
    { field: 'exportCustomer', role: 'DATA_STEWARD' },
    { field: 'exportFile', role: 'SYSTEM' },
  ]);
});

describe('the links', () => {
  let customer: string;
  beforeAll(async () => {
    customer = globalId((await lives.live('links')).customerId);
  });
  const ready = async () => {
    const { id } = await order(customer);
    await make();
    const found = (await listed(customer)).find((one) => one.id === id);
    return { id, url: found.files.find(({ name }) => name === 'export.json').url };
  };
  const status = async (url: string) => (await fetch(app.url + url)).status;

  test('are for one export and file, and need a signature that nobody else has', async () => {
    const { url } = await ready();
    const other = (await ready()).url;
    expect(await status(url)).toBe(200);
    const [path, query] = url.split('?') as [string, string];
    const [otherPath] = other.split('?') as [string];
    for (const wrong of [
      ...[path, `${otherPath}?${query}`, `${path}?signature=`, `${path}?signature=${'a'.repeat(43)}`],
      ...[`${path}?${query}&${query}`, `/customer-exports/x/export.json?${query}`],
      ...[url.replace('export.json', 'nothing.csv'), url.replace('export.json', '%00')],
    ])
      expect([wrong, await status(wrong)]).toEqual([wrong, 404]);
    expect((await fetch(app.url + url, { method: 'POST' })).status).toBe(405);
    expect((await fetch(app.url + url, { method: 'HEAD' })).headers.get('content-length')).toMatch(/^\d+$/);
  });

  test('end when they are revoked, and when they expire; then nothing of the files is left', async () => {
    const one = await ready();
    const two = await ready();
    const revoked = await send('revokeCustomerExport', { export: one.id });
    expect(revoked.export).toMatchObject({ state: 'REVOKED', files: [] });
    expect(await status(one.url)).toBe(410);
    expect(await status(two.url)).toBe(200);
    app.wait(7 * 24 * 60);
    expect(await status(two.url)).toBe(410);
    expect(await parts()).toBeGreaterThan(0);
    await make();
    expect(await parts()).toBe(0);
    expect(await send('revokeCustomerExport', { export: two.id })).toMatchObject({ state: 'EXPIRED' });
    const unknown = encodeGlobalID('CustomerExport', '00000000-0000-7000-8000-000000000000');
    expect(await send('revokeCustomerExport', { export: unknown })).toMatchObject({ __typename: 'NotFound' });
  });

  test('end with an erasure, which also ends what is pending; an erased customer is not exported', async () => {
    const { url } = await ready();
    const pending = await order(customer);
    expect(await send('eraseCustomer', { customer })).toMatchObject({ __typename: 'EraseCustomerSuccess' });
    expect([await status(url), await parts()]).toEqual([404, 0]);
    expect(await make()).toEqual({ made: 0 });
    expect((await listed(customer)).find((one) => one.id === pending.id)).toMatchObject({ state: 'ERASED' });
    expect(await send('exportCustomer', { customer })).toMatchObject({
      ...{ __typename: 'WrongState', state: 'ERASED' },
    });
  });
});

test('an erasure while the export is made leaves no file, whoever comes first', async () => {
  const names = ['racea', 'raceb', 'racec'];
  const customers: string[] = [];
  for (const name of names) customers.push(globalId((await lives.live(name)).customerId));
  for (const customer of customers) await order(customer);
  await Promise.all([make(), ...customers.map((customer) => send('eraseCustomer', { customer })), make()]);
  await make();
  expect(await parts()).toBe(0);
  for (const customer of customers) expect((await listed(customer))[0]!.state).toBe('ERASED');
});

test('an export that fails leaves nothing, does not stop the others, and is made by the next run', async () => {
  const [bad, good] = [
    globalId((await lives.live('bad')).customerId),
    globalId((await lives.live('good')).customerId),
  ];
  await order(bad);
  await order(good);
  const [{ id } = { id: '' }] = await app.db.rows<{ id: string }>(
    `SELECT id FROM data_request WHERE kind = 'EXPORT' AND status = 'PENDING' ORDER BY id LIMIT 1`,
  );
  await app.db.pool.query(
    `ALTER TABLE customer_export_part ADD CONSTRAINT broken CHECK (request_id <> '${id}')`,
  );
  await expect(make()).rejects.toThrow('broken');
  expect([(await listed(bad))[0]!.state, (await listed(good))[0]!.state]).toEqual(['PENDING', 'READY']);
  await app.db.pool.query('ALTER TABLE customer_export_part DROP CONSTRAINT broken');
  // Two runs at once make it once.
  const runs = await Promise.all([make(), make()]);
  expect(runs.map(({ made }) => Number(made)).sort()).toEqual([0, 1]);
  expect((await listed(bad))[0]!.state).toBe('READY');
});

test('of a customer with more than a page of interactions each is there once', async () => {
  const people = peopleOf(app);
  const identifiers = [people.seen('LOYALTY_CARD', 'MANY', 0)];
  const [id] = await people.record(...Array.from({ length: 2_500 }, () => ({ identifiers })));
  const customer = globalId(id!);
  await order(customer);
  await make();
  const { files } = (await listed(customer))[0]!;
  const url = files.find(({ name }) => name === 'export.json').url;
  const { interactions } = (await (await fetch(app.url + url)).json()) as {
    interactions: { sourceKey: string }[];
  };
  expect([interactions.length, new Set(interactions.map((one) => one.sourceKey)).size]).toEqual([
    2_500, 2_500,
  ]);
});

test('who may not export', async () => {
  for (const role of ['AGENT', 'STAFF', 'AUDITOR', 'STOREFRONT'] as const) {
    const token = await app.token(role, undefined, role === 'STAFF' ? ['paris'] : undefined);
    const { errors } = await app.gql(token, '{ customerExports { nodes { id } } }');
    expect([role, errors?.[0]?.extensions?.code]).toEqual([role, 'FORBIDDEN']);
    expect([role, await send('exportCustomer', { customer: globalId('0'.repeat(8)) }, token)]).toEqual([
      role,
      null,
    ]);
  }
});
