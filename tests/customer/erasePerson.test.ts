// Erasure of a whole customer over HTTP: nothing that names the person is left in any table, and nothing brings it back.

import { eraseClosedOrders } from '../../src/customer/actions/eraseDocuments';
import { appendLinks, lockCustomers } from '../../src/customer/actions/links';
import { recordDocuments } from '../../src/customer/actions/recordDocuments';
import { inTransaction } from '../../src/db/transaction';
import { encodeGlobalID } from '../../src/graphql/ids';
import { booksBalance, freshKey, type Orders, ordersOn } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { tablesWith } from './marks';
import { type People, peopleOf } from './people';

let app: TestApp;
let o: Orders;
let people: People;
let steward: string;
beforeEach(async () => {
  app = await startApp();
  o = await ordersOn(app);
  people = peopleOf(app);
  steward = await app.token('DATA_STEWARD');
  await o.stock('paris', [{ sku: 'MUG', quantity: 50 }]);
});
afterEach(async () => {
  await booksBalance(app);
  await app.close();
});

/** In every text of this customer, and in no other text. */
const MARK = 'quill|33612345678';
const ZOE = {
  ...{ name: 'Zoe Quill', email: 'zoe@quill.example', phone: '+33612345678', contactChannel: 'EMAIL' },
  ...{ account: 'quill-17', emailVerified: true, loyaltyCard: 'QUILL 1', loyaltyCardVerified: true },
};
const place = async (customer: object = {}): Promise<{ id: string }> => {
  const lines = [{ sku: 'MUG', quantity: 1 }];
  const placed = await o.place({
    location: 'paris',
    lines,
    note: 'for Quill',
    customer: { ...ZOE, ...customer },
  });
  return placed.order;
};
const cancel = (order: string) =>
  o.act(o.paris, 'cancelOrder', { order, reason: 'OTHER', note: 'Quill rang' });
const run = async () => {
  const { db, secretKey, config, clock } = app.parts;
  const { erased } = await eraseClosedOrders(db, clock());
  const parts = { db, secretKey, identity: config.identity };
  return { erased, ...(await recordDocuments(parts, clock(), async () => true)) };
};
const erase = async (input: object, token = steward) => {
  const answer = await app.gqlUntyped<{ eraseCustomer: Record<string, unknown> }>(
    token,
    `mutation ($input: EraseCustomerInput!) { eraseCustomer(input: $input) { __typename
      ... on Refusal { message } ... on EraseCustomerSuccess { order { id } openOrders } } }`,
    { input: { idempotencyKey: freshKey(), ...input } },
  );
  return answer.errors?.[0]?.message ?? answer.data.eraseCustomer;
};
const customerOf = async (value: string): Promise<string> => {
  const { rows } = await app.db.pool.query('SELECT customer_id FROM identifier WHERE value = $1', [value]);
  return encodeGlobalID('Customer', rows[0].customer_id);
};
const requests = async () =>
  (await app.db.pool.query('SELECT kind, status, finished_at IS NULL AS waits FROM data_request ORDER BY id'))
    .rows;
const SUCCESS = '__typename';

/** What a file of another system states about the customer. */
const imported = () => ({
  ...{ kind: 'PROFILE' as const, isImport: true, facts: { member: 'QUILL' } },
  identifiers: [
    people.seen('LOYALTY_CARD', 'QUILL 1', 0),
    people.seen('SOURCE_RECORD', 'quill-crm-9', 0, 'crm'),
  ],
  person: { fullName: 'Zoé Quill', birthDate: '1980-01-01' },
});

/** Why a person joined two identifiers. */
async function joinByHand(): Promise<void> {
  const actorId = 0;
  const { rows } = await app.db.pool.query(
    'SELECT min(id)::int AS low, max(id)::int AS high FROM identifier',
  );
  const pairs = [[rows[0].low, rows[0].high]] as [number, number][];
  await inTransaction(app.db, async (tx) => {
    await lockCustomers(tx);
    const links = { kind: 'JOIN', origin: 'PERSON', actorId, pairs, evidence: [{}] } as const;
    await appendLinks(tx, app.parts.clock(), { ...links, reason: 'Mrs Quill said so' });
  });
}

async function consent(): Promise<void> {
  const consents = [
    { address: { email: ZOE.email }, purpose: 'MARKETING', proof: 'form of Quill', textVersion: '1' },
  ];
  const answer = await app.gqlUntyped<{ recordConsent: { __typename: string } }>(
    o.web,
    'mutation ($input: RecordConsentInput!) { recordConsent(input: $input) { __typename } }',
    { input: { idempotencyKey: freshKey(), consents } },
  );
  expect(answer.data.recordConsent.__typename).toBe('RecordConsentSuccess');
}

test('a whole customer is erased from every table, an open order once it is closed; again it is the same, and no import brings it back', async () => {
  const closed = await place();
  await cancel(closed.id);
  const open = await place();
  await people.record(imported());
  await run();
  await joinByHand();
  await consent();
  expect(await tablesWith(app, MARK)).toEqual([
    ...['consent', 'customer_order', 'identifier', 'identity_link', 'interaction', 'person_record'],
  ]);
  const before = await app.db.pool.query('SELECT count(*)::int AS n FROM interaction');

  const customer = await customerOf('quill-17');
  const erased = { [SUCCESS]: 'EraseCustomerSuccess', order: null, openOrders: 1 };
  expect(await erase({ customer })).toEqual(erased);
  // The open order still has to be handed over to somebody.
  expect(await tablesWith(app, MARK)).toEqual(['customer_order']);
  expect(await run()).toEqual({ erased: 0, recorded: 0 });
  expect(await tablesWith(app, MARK)).toEqual(['customer_order']);
  expect(await erase({ customer })).toEqual(erased);
  expect(await requests()).toEqual([{ kind: 'ERASURE', status: 'PENDING', waits: true }]);

  await cancel(open.id);
  expect(await run()).toEqual({ erased: 1, recorded: 0 });
  expect(await tablesWith(app, MARK)).toEqual([]);
  expect(await requests()).toEqual([{ kind: 'ERASURE', status: 'DONE', waits: false }]);
  expect(await erase({ customer })).toEqual({ ...erased, openOrders: 0 });
  expect(await requests()).toHaveLength(1);

  await expect(people.record(imported())).rejects.toThrow('null');
  expect(await tablesWith(app, MARK)).toEqual([]);
  const after = await app.db.pool.query('SELECT count(*)::int AS n FROM interaction');
  expect(after.rows).toEqual(before.rows);

  // Who orders again is a customer again, another one.
  await place();
  await run();
  expect(await customerOf('quill-17')).not.toBe(customer);
});

test('an order that the recording has not seen yet is erased with its customer', async () => {
  await cancel((await place()).id);
  await run();
  const customer = await customerOf('quill-17');
  const late = [await place(), await place({ account: null, loyaltyCard: null, loyaltyCardVerified: false })];
  for (const { id } of late) await cancel(id);
  const other = await place({ email: 'jim@other.example', account: 'jim-1', loyaltyCard: 'J', name: 'Jim' });
  await erase({ customer });
  await run();
  const { rows } = await app.db.pool.query(
    'SELECT customer_name AS name, erased_at IS NOT NULL AS erased FROM customer_order ORDER BY id',
  );
  expect(rows).toEqual([
    ...Array.from({ length: 3 }, () => ({ name: 'erased', erased: true })),
    { name: 'Jim', erased: false },
  ]);
  expect(other.id).toBeTruthy();
});

test('erasures while orders are recorded leave nothing of the person', async () => {
  await cancel((await place()).id);
  await run();
  const customer = await customerOf('quill-17');
  const orders = await Promise.all(Array.from({ length: 6 }, () => place()));
  await Promise.all(orders.map(({ id }) => cancel(id)));
  const answers = await Promise.all([run(), erase({ customer }), run(), erase({ customer }), run()]);
  expect(answers.filter((one) => SUCCESS in (one as object))).toEqual([
    ...Array.from({ length: 2 }, () => ({ [SUCCESS]: 'EraseCustomerSuccess', order: null, openOrders: 0 })),
  ]);
  await run();
  expect(await tablesWith(app, MARK)).toEqual([]);
});

const INGEST = `mutation ($input: IngestContactsInput!) { ingestContacts(input: $input) { __typename
  ... on IngestContactsSuccess { created } } }` as const;

test('an order, a contact and an import of the person that arrive during the erasure are erased with it, or a new customer without it', async () => {
  const feed = await app.token('FEED');
  await cancel((await place()).id);
  await run();
  const customer = await customerOf('quill-17');
  const at = app.parts.clock().toISOString();
  const contact = (n: number) => {
    const contacts = [
      {
        ...{ externalId: `call ${n}`, channel: 'PHONE', at, state: 'OPEN', fullName: 'Zoe Quill' },
        identifiers: [{ kind: 'EMAIL', value: ZOE.email }],
      },
    ];
    return app.gql(feed, INGEST, { input: { idempotencyKey: freshKey(), source: 'desk', contacts } });
  };
  const orders: Promise<{ id: string }>[] = [];
  const order = () => orders[orders.push(place()) - 1];
  // Of an import after the erasure nothing is recorded, which the helper of the test reports as an error.
  const byImport = () => people.record(imported()).catch(() => null);
  await Promise.all([
    order(),
    contact(1),
    byImport(),
    run(),
    erase({ customer }),
    order(),
    contact(2),
    byImport(),
    run(),
  ]);
  await run();
  const known = 'SELECT DISTINCT customer_id AS id FROM identifier WHERE value IS NOT NULL';
  const rest = (await app.db.rows<{ id: string }>(known)).map(({ id }) => encodeGlobalID('Customer', id));
  expect(rest).not.toContain(customer);
  const left = await app.db.rows(
    `SELECT 1 FROM person_record p JOIN identifier i ON i.id = p.identifier_id WHERE i.erased_at IS NOT NULL
     UNION ALL SELECT 1 FROM identifier WHERE value = 'quill-crm-9'
     UNION ALL SELECT 1 FROM person_record WHERE full_name = 'Zoé Quill'`,
  );
  expect(left).toEqual([]);
  // What came after the erasure is another customer, who can be erased as well.
  for (const { id } of await Promise.all(orders)) await cancel(id);
  await run();
  for (const one of rest) await erase({ customer: one });
  await run();
  expect(await tablesWith(app, MARK)).toEqual([]);
});

test('an erasure of one order also erases what its interactions state about the person', async () => {
  const { id } = await place();
  await cancel(id);
  await run();
  expect(await erase({ order: id })).toEqual({
    [SUCCESS]: 'EraseCustomerSuccess',
    order: { id },
    openOrders: 0,
  });
  expect(await tablesWith(app, MARK)).toEqual(['identifier']);
});

test('a claimed address that stands beside another customer too is not erased', async () => {
  const unverified = { emailVerified: false, loyaltyCard: null, loyaltyCardVerified: false };
  await cancel((await place(unverified)).id);
  await place({ ...unverified, account: 'jim-1', name: 'Jim', email: 'jim@other.example' });
  await run();
  await erase({ customer: await customerOf('quill-17') });
  const { rows } = await app.db.pool.query(
    'SELECT kind, value FROM identifier WHERE value IS NOT NULL ORDER BY id',
  );
  expect(rows.map((row: { value: string }) => row.value).sort()).toEqual([
    ...['+33612345678', 'jim-1', 'jim@other.example'],
  ]);
});

test('requests that are refused', async () => {
  const customer = encodeGlobalID('Customer', '00000000-0000-7000-8000-000000000000');
  const { id: order } = await place();
  expect(await erase({ customer })).toMatchObject({ [SUCCESS]: 'NotFound' });
  expect(await erase({ order })).toMatchObject({ [SUCCESS]: 'WrongState' });
  expect(await erase({ order, customer })).toMatchObject({ [SUCCESS]: 'InvalidInput' });
  expect(await erase({})).toMatchObject({ [SUCCESS]: 'InvalidInput' });
  expect(await erase({ order }, await app.token('AGENT'))).toMatch('not for AGENT tokens');
});
