// Secrets and people's data never reach the output of the real program, at the finest log level, not even with an error.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Db, openDb } from '../../src/db/pool';
import { databaseUrl, endPrograms, migratedFolder, type Program, startProgram } from '../support/process';
import { fillWorld, newToken } from '../support/world';

jest.setTimeout(60_000);

const SECRET_KEY = 'a long random text of the tests, 40 bytes';
const PERSON = { name: 'Ada Lovelace', email: 'ada@example.org', phone: '+33612345678' };
const STAFF_NAME = 'Camille Exemple';
const PLACE = `mutation ($key: String!, $customer: OrderCustomerInput!) { placeOrder(input: { idempotencyKey: $key,
  location: "paris", lines: [{ sku: "LAMP", quantity: 1 }], customer: $customer, payment: PAID }) {
  __typename ... on PlaceOrderSuccess { order { id customer { email phone } } } } }`;

let dataDir: string;
let program: Program;
let db: Db;
let tokens: { feed: string; shop: string; staff: string };

beforeAll(async () => {
  dataDir = migratedFolder();
  program = await startProgram({ dataDir, env: { LOG_LEVEL: 'trace', SECRET_KEY } }).ready();
  db = openDb(databaseUrl(dataDir), 2);
  await fillWorld(db);
  tokens = {
    feed: await newToken(db, 'FEED'),
    shop: await newToken(db, 'STOREFRONT'),
    staff: await newToken(db, 'STAFF', STAFF_NAME, ['paris']),
  };
  await program.gql(
    tokens.feed,
    `mutation { receiveStock(input: { idempotencyKey: "stock", location: "paris",
      lines: [{ sku: "LAMP", quantity: 9 }] }) { __typename } }`,
  );
});

afterAll(async () => {
  await db.close();
  await endPrograms();
});

/** Everything the program wrote; fails when it holds a secret or a person. */
function provenOutput(): string {
  const output = program.stdout() + program.stderr();
  const secrets = [
    SECRET_KEY,
    readFileSync(join(dataDir, 'password'), 'utf8').trim(),
    ...Object.values(tokens),
  ];
  const people = [...Object.values(PERSON), STAFF_NAME, 'Lovelace', '612345678'];
  for (const word of [...secrets, ...people]) expect(output).not.toContain(word);
  return output;
}

test('requests that work, and requests that are refused', async () => {
  const placed = await program.gql(tokens.shop, PLACE, { key: 'one', customer: PERSON });
  expect(placed.data.placeOrder.order.customer).toEqual({ email: PERSON.email, phone: PERSON.phone });
  await program.gql(tokens.staff, '{ __typename }');
  await program.gql(`${tokens.shop}x`, '{ __typename }');
  await program.gqlUntyped(tokens.shop, `{ orders(search: "${PERSON.email}") { nothing } }`);
  await program.gql(tokens.shop, PLACE, { key: 'two', customer: { ...PERSON, email: [PERSON.email, 7] } });
  await fetch(`${program.url}/${encodeURIComponent(PERSON.email)}?token=${tokens.shop}`);
  await fetch(`${program.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.shop}` },
    body: `{ "query": "${PERSON.email}`,
  });
  await program.waitForOutput('"status":404');
  expect(provenOutput()).toContain('"status":401');
});

test('bugs, whose errors quote the row that was written or the values that were requested', async () => {
  await db.rows(
    "ALTER TABLE customer_order ADD CONSTRAINT nobody_writes CHECK (customer_name = '') NOT VALID",
  );
  const broken = await program.gql(tokens.shop, PLACE, { key: 'three', customer: PERSON });
  expect(broken.errors?.[0]?.extensions?.code).toBe('INTERNAL_SERVER_ERROR');
  await program.waitForOutput('"constraint":"nobody_writes"');
  await db.rows('ALTER TABLE customer_order DROP CONSTRAINT nobody_writes');
  await db.rows("UPDATE customer_order SET promise = to_jsonb('ada@example.org'::text)");
  await db.rows('ALTER TABLE customer_order RENAME COLUMN customer_name TO elsewhere');
  const unread = await program.gql(tokens.shop, PLACE, { key: 'one', customer: PERSON });
  expect(unread.errors?.[0]?.extensions?.code).toBe('INTERNAL_SERVER_ERROR');
  await program.waitForOutput(/"type":"Prisma/);
  expect(JSON.stringify([broken, unread])).not.toContain('nobody_writes');
  provenOutput();
});
