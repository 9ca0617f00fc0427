// The erasure of a whole customer, with a word of its own planted into every text: none is left in any column of the database, nor in the log.

import { Writable } from 'node:stream';
import fc from 'fast-check';
import { isExported } from '../../src/customer/queries/exportSections';
import type { StoredIdentifier } from '../../src/customer/rules/identifiers';
import { REGISTRY } from '../../src/customer/rules/personalData';
import { openLog } from '../../src/server/boot';
import { booksBalance, freshKey, type Orders, ordersOn } from '../order/support';
import { dispatch, type Receiver, register, startReceiver } from '../outbox/support';
import { startApp, type TestApp } from '../support/app';
import { sendMutation } from '../support/graphqlClient';
import { plantedIn } from './dump';
import { runJob } from './lived';
import { type People, peopleOf } from './people';
import {
  ACCOUNT,
  CUSTOMER,
  EMAIL,
  LINK,
  never,
  type PlantedLife,
  plantedLife,
  word,
  words,
} from './plantedLife';

/** Columns in which no word can stand, and why. */
const NOT_PLANTED: Readonly<Record<string, string>> = {
  'person_record.country': 'two letters; no row of the person is left, below',
};
/**
 * Columns of the registry that a word is planted in: all that are exported, and the export itself. Of the others the registry states
 * why not: they are keyed hashes, which are looked for below, columns of staff, or those of which names are left out.
 */
const PLANTABLE = REGISTRY.flatMap(({ table, column, content }) => {
  const path = `${table}.${column}`;
  return isExported(content) || path === 'customer_export_part.content' ? [path] : [];
});
const ERASE = {
  eraseCustomer: `mutation ($input: EraseCustomerInput!) { eraseCustomer(input: $input) { __typename
    ... on EraseCustomerSuccess { openOrders } } }`,
} as const;
const LOOK_UP = 'query ($by: CustomerKey!) { customer(by: $by) { id name } }' as const;
const PERSONS = 'SELECT count(*)::int AS n FROM person_record';
const KNOWN = 'SELECT kind, scope, hash, value FROM identifier WHERE value IS NOT NULL';

let app: TestApp;
let o: Orders;
let people: People;
let life: PlantedLife;
let receiver: Receiver;
let agent: string;
let steward: string;
let feed: string;
let log = '';
let lived: Awaited<ReturnType<PlantedLife['live']>>;
let known: StoredIdentifier[];
let hashes: string[];

beforeAll(async () => {
  const logged = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log += chunk;
      done();
    },
  });
  const env = { WEBHOOKS_TO_PRIVATE_ADDRESSES: 'true', PUBLIC_URL: 'https://shop.example.com/' };
  app = await startApp(env, undefined, openLog('debug', logged));
  o = await ordersOn(app);
  people = peopleOf(app);
  const admin = await app.token('ADMIN');
  [agent, steward, feed] = [
    await app.token('AGENT'),
    await app.token('DATA_STEWARD'),
    await app.token('FEED'),
  ];
  life = plantedLife(app, o, { admin, feed, steward });
  receiver = await startReceiver();
  // What a receiver answers is not stored, also if it repeats what it was sent.
  receiver.answer = (response, { body }) => {
    response.statusCode = 500;
    response.end(body);
  };
  await register(app, admin, receiver.url, ['*', 'notice.*']);
  await o.stock('paris', [{ sku: 'LAMP', quantity: 50 }]);
  lived = await life.live();
  expect(await dispatch(app)).toMatchObject({ failed: expect.any(Number) });
  expect(receiver.got.map(({ body }) => body).join()).toContain(EMAIL);
  known = await app.db.rows<StoredIdentifier>(KNOWN);
  hashes = known.map(({ hash }) => hash);
}, 120_000);
afterAll(async () => {
  await booksBalance(app);
  await receiver.close();
  life.files.end();
  await app.close();
});

test('every column that can hold personal data holds a word, and no other column has one', async () => {
  const found = await plantedIn(app, words());
  // The address of a contact in a help desk is registered as a code, but may lead to the person: it is erased as well.
  const expected = [...PLANTABLE.filter((path) => NOT_PLANTED[path] === undefined), 'contact.link'];
  expect(Object.keys(found).sort()).toEqual(expected.sort());
  expect(expected.length).toBeGreaterThan(25);
  const stored = new Set(Object.values(found).flat());
  expect(words(true).filter((one) => !stored.has(one))).toEqual([]);
  expect(words(false).filter((one) => stored.has(one))).toEqual([]);
  const hashed = Object.keys(await plantedIn(app, hashes));
  expect(hashed).toEqual(['customer_export_part.content', 'identifier.hash', 'interaction.source_key']);
});

test('the dump finds a word in columns of every type', async () => {
  await app.db.pool.query('CREATE TABLE probe (a text, b jsonb, c tsvector, d bytea, e text[])');
  await app.db.pool.query(
    `INSERT INTO probe VALUES ('xQZQwordx', '{"a":["qzqword"]}', 'qzqword', 'qzqword', '{qzqword}')`,
  );
  const found = await plantedIn(app, ['qzqword']);
  await app.db.pool.query('DROP TABLE probe');
  expect(Object.keys(found)).toEqual(['probe.a', 'probe.b', 'probe.c', 'probe.d', 'probe.e']);
});

test('the log names nobody, whatever fails', async () => {
  await app.db.pool.query("ALTER TABLE customer_order ADD CONSTRAINT broken CHECK (note <> 'qzqboom')");
  const order = { location: 'paris', lines: [{ sku: 'LAMP', quantity: 1 }], customer: CUSTOMER };
  expect((await o.place({ ...order, note: never('boom') })).__typename).toBe('ERROR INTERNAL_SERVER_ERROR');
  await app.db.pool.query('ALTER TABLE customer_order DROP CONSTRAINT broken');
  const { data } = await app.gql(agent, LOOK_UP, { by: { email: EMAIL } });
  expect(data.customer).toMatchObject({ id: lived.customer });
  const parameters = new URLSearchParams({
    query: LOOK_UP,
    variables: JSON.stringify({ by: { email: EMAIL } }),
  });
  for (const path of [`/graphql?${parameters}`, `/nothing/${EMAIL}`, `/surveys/${ACCOUNT}`])
    await fetch(app.url + path, { headers: { authorization: `Bearer ${agent}` } });
  expect(log).toMatch(/unexpected error/);
  expect(log).toMatch(/broken/);
  expect(words().filter((one) => log.includes(one))).toEqual([]);
});

/** The customer's open order is handed over by staff, who know nothing of the erasure. */
async function closeOpenOrder(): Promise<void> {
  const { id } = lived.order;
  await o.act(o.paris, 'startPicking', { orders: [id] });
  await o.act(o.paris, 'pickLine', { order: id, sku: 'LAMP', quantity: 1 });
  await o.act(o.paris, 'markReady', { order: id, stagingArea: 'shelf 7' });
  await o.act(o.web, 'imHere', { order: id, arrivalNote: word('latearrival') });
  const done = { order: id, code: await o.code(id), collectedBy: word('latedelegate') };
  expect((await o.act(o.paris, 'collectOrder', done)).__typename).toBe('CollectOrderSuccess');
}

test('nothing is left after the erasure, once the open order is closed; help desks and files do not bring it back', async () => {
  const input = { idempotencyKey: freshKey(), customer: lived.customer };
  const { answer } = await sendMutation(app, ERASE, 'eraseCustomer', steward, input);
  expect(answer).toEqual({ __typename: 'EraseCustomerSuccess', openOrders: 1 });
  // The open order still has to be handed over to somebody.
  const open = ['name', 'email', 'phone', 'account', 'card', 'note'];
  const left = await plantedIn(app, words());
  expect(Object.keys(left).every((path) => path.startsWith('customer_order.'))).toBe(true);
  expect(Object.keys(left)).toHaveLength(open.length);

  // A help desk writes about the open order, and delivers a contact from before again.
  const contacts = [
    life.contact('20', { orderNumber: lived.order.number, topic: 'LATE' }),
    life.contact('3', { link: LINK, state: 'RESOLVED' }),
  ];
  const ingested = await life.succeed(feed, 'ingestContacts', { source: 'zendesk', contacts });
  expect(ingested).toMatchObject({ created: 1, refused: [] });
  expect(await plantedIn(app, words())).toEqual(left);

  await closeOpenOrder();
  for (const job of ['recordInteractions', 'exportCustomers', 'sendSurveys', 'recordInteractions'])
    await runJob(app, job);
  app.wait(24 * 60);
  await runJob(app, 'sendSurveys');
  receiver.got.length = 0;
  await dispatch(app);
  expect(words().filter((one) => receiver.got.some(({ body }) => body.includes(one)))).toEqual([]);
  expect(await plantedIn(app, words())).toEqual({});

  expect(await life.importProfiles()).toMatchObject({ figures: { erased: 1 } });
  await life.importSales();
  await runJob(app, 'recordInteractions');
  expect(await plantedIn(app, words())).toEqual({});
  expect(Object.keys(await plantedIn(app, hashes))).toEqual(['suppressed_identifier.hash']);
  expect(await app.db.rows(PERSONS)).toEqual([{ n: 0 }]);
  expect(words().filter((one) => log.includes(one))).toEqual([]);
}, 120_000);

test('no import with any of the erased identifiers records anything, whatever stands beside them', async () => {
  expect(new Set(known.map(({ kind }) => kind)).size).toBe(8);
  const erased = known.map((one) => ({ ...one, verifiedBy: 0 }));
  const others = [1, 2, 3].map((n) => people.seen('EMAIL', `other${n}@quill.example`));
  const count = () =>
    app.db.rows('SELECT (SELECT count(*) FROM identifier) i, (SELECT count(*) FROM interaction) n');
  const before = await count();
  await fc.assert(
    fc.asyncProperty(fc.subarray(erased, { minLength: 1 }), fc.subarray(others), async (own, beside) => {
      const statement = { isImport: true, kind: 'PROFILE' as const, person: { fullName: 'qzqname' } };
      await expect(people.record({ ...statement, identifiers: [...beside, ...own] })).rejects.toThrow('null');
      expect(await count()).toEqual(before);
    }),
    { numRuns: 25 },
  );
  expect(await plantedIn(app, words())).toEqual({});
});
