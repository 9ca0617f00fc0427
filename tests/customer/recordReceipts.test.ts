// Receipts of imported sales: they are interactions of the customer whose number the till noted, each once, as its lines are now.

import { importProfileFile } from '../../src/customer/actions/importProfiles';
import { recordDocuments } from '../../src/customer/actions/recordDocuments';
import { CUSTOMER_SECTIONS } from '../../src/customer/queries/exportSections';
import { IdentifierHashes } from '../../src/customer/rules/identifiers';
import { line as contactLine, contactsOn } from '../contact/support';
import { freshKey } from '../order/support';
import { salesFiles, type Told } from '../sales/support';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let agent: string;
const on = salesFiles(() => app);
beforeAll(async () => {
  app = await startApp({ TILL_CUSTOMER_MAX_LINES: '20' });
  agent = await app.token('AGENT');
  await app.token('STOREFRONT', 'web');
});
afterAll(async () => {
  on.end();
  await app.close();
});

const run = (goOn: (recorded: number) => Promise<boolean> = async () => true) => {
  const { db, secretKey, config, clock } = app.parts;
  return recordDocuments({ db, secretKey, identity: config.identity }, clock(), goOn);
};
const HEADER = 'document,line,sku,units,day,price,customer';
const EUR = { reading: { minorDigits: 2 } };
const sell = (lines: readonly string[], told: Told = {}) => on.lines([HEADER, ...lines], { ...EUR, ...told });

async function profiles(lines: readonly string[], feed = 'crm') {
  const { db, secretKey, config, clock } = app.parts;
  const { run: done } = await importProfileFile(
    db,
    {
      ...{ path: on.file(lines), feed, mapping: new Map(), encoding: 'utf-8', separator: null },
      ...{ dateOrder: 'ymd', storefront: 'web', country: null, verified: null, again: false, reread: false },
      ...{ secretKey, identity: config.identity },
    },
    clock(),
  );
  return { ...done, rejects: await on.rejects(done.id) };
}

const CUSTOMER = `query ($by: CustomerKey!) { customer(by: $by) { id identifiers { kind scope value standing }
  purchases { channel purchases lastAt value { amountMinor currency } } }
  customerTimeline(by: $by, first: 50) { nodes { kind at channel source isVerified location { code } facts } } }` as const;
async function seen(by: object) {
  const { data, errors } = await app.gql(agent, CUSTOMER, { by });
  if (errors) throw new Error(JSON.stringify(errors));
  const timeline = data.customerTimeline?.nodes ?? [];
  const sales = timeline.filter(({ kind }) => kind === 'PURCHASE' || kind === 'REFUND');
  return { customer: data.customer, sales, purchases: data.customer?.purchases ?? [] };
}
const till = (number: string, feed = 'till') => ({ tillCustomer: { feed, number } });
const COUNT = `SELECT count(*)::int AS n FROM interaction WHERE source = $1`;
const recordedOf = async (feed: string) => (await app.db.rows<{ n: number }>(COUNT, [`sale:${feed}`]))[0]!.n;
const euros = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

test('a till’s number in a CRM’s file joins the purchases to the account and the card', async () => {
  await sell([
    'T1,1,MUG,2,2026-11-20 14:30:00,9.90,1001',
    'T1,2,LAMP,1,2026-11-20 14:30:00,29.90,1001',
    'T2,1,SOCK-M,1,2026-11-22 10:00:00,12.90, 1001 ',
    'T3,1,MUG,-1,2026-11-23 11:00:00,9.90,1001',
    'T4,1,MUG,1,2026-11-23 11:05:00,9.90,',
    'T5,1,MUG,5,2026-11-23 12:00:00,9.90,2002',
  ]);
  expect(await run()).toEqual({ recorded: 4 });
  expect(await run()).toEqual({ recorded: 0 });
  const alone = await seen(till('1001'));
  expect(alone.customer!.identifiers).toEqual([
    { kind: 'TILL_CUSTOMER', scope: 'till', value: null, standing: 'VERIFIED' },
  ]);
  const done = await profiles([
    'externalId,surname,account,loyaltyCard,tillCustomer,tillFeed,verified',
    '17,Quill,web-17,K 17,1001,till,account|loyaltyCard|tillCustomer',
    '18,Stranger,web-18,,1001,tell,account',
  ]);
  expect(done.rejects).toMatchObject([
    { reason: expect.stringMatching(/no feed of sales 'tell' \(known: .*till/) },
  ]);
  for (const by of [
    { loyaltyCard: 'K17' },
    { storefrontAccount: { storefront: 'web', account: 'web-17' } },
  ]) {
    const { customer, purchases, sales } = await seen(by);
    expect(customer!.identifiers.map(({ kind }) => kind).sort()).toEqual([
      ...['LOYALTY_CARD', 'SOURCE_RECORD', 'TILL_CUSTOMER', 'WEB_ACCOUNT'],
    ]);
    expect(purchases).toEqual([
      { channel: 'STORE', purchases: 2, lastAt: '2026-11-23T10:00:00.000Z', value: euros(4970 + 1290 - 990) },
    ]);
    expect(sales).toMatchObject([
      { kind: 'REFUND', facts: { receipt: 'T3', units: 1, amountMinor: 990, currency: 'EUR' } },
      { kind: 'PURCHASE', facts: { receipt: 'T2', units: 1, amountMinor: 1290 } },
      {
        ...{ kind: 'PURCHASE', at: '2026-11-20T13:30:00.000Z', channel: 'STORE', source: 'sale:till' },
        ...{ isVerified: true, location: { code: 'paris' } },
        facts: { receipt: 'T1', units: 3, amountMinor: 4970, currency: 'EUR' },
      },
    ]);
  }
  // By the number of a receipt, however it is typed; T4 has no customer.
  expect((await seen({ receipt: 't 1' })).customer!.id).toBe(
    (await seen({ loyaltyCard: 'K17' })).customer!.id,
  );
  expect((await seen({ receipt: 'T4' })).customer).toBeNull();
  const lines = CUSTOMER_SECTIONS.find(({ name }) => name === 'tillLines')!;
  const own = await app.db.rows<{ id: number }>(
    "SELECT id FROM identifier WHERE kind = 'TILL_CUSTOMER' AND value = '1001'",
  );
  const page = await lines.page(
    app.db,
    own.map(({ id }) => id),
    lines.firstKey,
  );
  const line = { location: 'paris', channel: 'STORE', currency: 'EUR', units: 1 };
  expect(page.map(({ row }) => row)).toMatchObject([
    { ...line, receipt: 'T1', day: '2026-11-20', sku: 'MUG', units: 2, revenueMinor: 1980 },
    { ...line, receipt: 'T1', sku: 'LAMP', revenueMinor: 2990 },
    { ...line, receipt: 'T2', sku: 'SOCK-M' },
    { ...line, receipt: 'T3', sku: 'MUG', units: -1 },
  ]);
  expect(
    await lines.page(
      app.db,
      own.map(({ id }) => id),
      page.at(-1)!.key,
    ),
  ).toEqual([]);
});

test('repeated, corrected and late lines leave each receipt once, with what its lines are now', async () => {
  const feed = 'fixed';
  const lines = [
    'A1,1,MUG,1,2026-11-20,9.90,77',
    'A1,2,MUG,1,2026-11-20,9.90,77',
    'A2,1,MUG,1,2026-11-21,9.90,77',
  ];
  await sell(lines, { feed });
  await run();
  await sell(lines, { feed, reread: true });
  expect(await run()).toEqual({ recorded: 0 });
  expect((await seen(till('77', feed))).purchases).toMatchObject([{ purchases: 2, value: euros(2970) }]);
  // Another price and quantity, a late line of the same receipt, and a receipt that was another customer's.
  await sell(
    ['A1,1,MUG,2,2026-11-20,8.00,77', 'A1,3,LAMP,1,2026-11-20,29.90,77', 'A2,1,MUG,1,2026-11-21,9.90,88'],
    { feed },
  );
  expect(await run()).toEqual({ recorded: 3 });
  expect(await recordedOf(feed)).toBe(2);
  expect((await seen(till('77', feed))).purchases).toMatchObject([
    { purchases: 1, value: euros(1600 + 990 + 2990) },
  ]);
  expect((await seen(till('88', feed))).purchases).toMatchObject([{ purchases: 1, value: euros(990) }]);
  expect((await seen({ receipt: 'A2' })).purchases).toMatchObject([{ purchases: 1, value: euros(990) }]);
  // Tills number their receipts anew: a number that several customers have is nobody's.
  await sell(['A2,1,MUG,1,2026-11-22,9.90,99'], { feed: 'other' });
  await run();
  expect((await seen({ receipt: 'A2' })).customer).toBeNull();
  // A line that loses its customer, and one that moves to another day under a lasting number.
  await sell(['A2,1,MUG,1,2026-11-21,9.90,'], { feed });
  await sell(
    ['A1,1,MUG,2,2026-11-19,8.00,77', 'A1,2,MUG,1,2026-11-19,9.90,77', 'A1,3,LAMP,1,2026-11-19,29.90,77'],
    {
      ...{ feed, numbers: 'LASTING' },
    },
  );
  await run();
  expect((await seen(till('88', feed))).sales).toEqual([]);
  const { sales } = await seen(till('77', feed));
  expect(sales).toMatchObject([{ at: '2026-11-18T23:00:00.000Z', facts: { units: 4, amountMinor: 5580 } }]);
});

const SALES =
  `mutation ($input: ImportSalesInput!) { importSales(input: $input) { ... on ImportSalesSuccess { accepted } } }` as const;

test('lines of importSales are receipts too; a number has its own customer in each feed', async () => {
  const sender = await app.token('FEED', 'till-api');
  const sale = {
    sku: 'MUG',
    units: 1,
    day: '2026-11-24',
    location: 'lyon',
    document: '1',
    line: '1',
    customer: '1001',
  };
  const input = { idempotencyKey: freshKey(), feed: 'api', lines: [sale] };
  expect((await app.gql(sender, SALES, { input })).data.importSales).toEqual({ accepted: 1 });
  expect(await run()).toEqual({ recorded: 1 });
  const { sales, purchases } = await seen(till('1001', 'api'));
  expect(sales).toMatchObject([{ location: { code: 'lyon' }, facts: { amountMinor: null, currency: null } }]);
  expect(purchases).toMatchObject([{ purchases: 1, value: null }]);
  expect((await seen(till('1001', 'nowhere'))).customer).toBeNull();
});

test('a contact that names the number of a feed reaches the same customer; an unknown feed is refused', async () => {
  const contacts = await contactsOn(app);
  await sell(['C1,1,MUG,1,2026-11-20,9.90,555']);
  await run();
  const { customer } = await seen(till('555'));
  const identifiers = (scope: string) => [{ kind: 'TILL_CUSTOMER', value: '555', scope, verified: true }];
  const answer = await contacts.ingest([
    contactLine('till-1', { identifiers: identifiers('till') }),
    contactLine('till-2', { identifiers: identifiers('tell') }),
  ]);
  expect(answer).toMatchObject({
    created: 1,
    refused: [{ index: 1, path: 'contacts.1.identifiers.0.scope', value: 'tell' }],
  });
  const customerId = Buffer.from(customer!.id, 'base64').toString().split(':')[1];
  const [found] = await contacts.cases({ customerId });
  expect(found).toMatchObject({ contacts: [{ externalId: 'till-1' }] });
});

const ERASE =
  `mutation ($input: EraseCustomerInput!) { eraseCustomer(input: $input) { __typename } }` as const;

test('the receipts of an erased customer name nobody, and no later file brings them back', async () => {
  const feed = 'erase';
  await sell(['E1,1,MUG,1,2026-11-20,9.90,9001', 'E2,1,MUG,1,2026-11-20,9.90,9002'], { feed });
  await run();
  await profiles(
    ['externalId,surname,tillCustomer,verified', '1,Eraseme,9001,tillCustomer', '2,Stay,9002,tillCustomer'],
    feed,
  );
  const { customer } = await seen(till('9001', feed));
  expect(customer!.identifiers).toEqual(
    expect.arrayContaining([{ kind: 'TILL_CUSTOMER', scope: feed, value: '9001', standing: 'VERIFIED' }]),
  );
  const steward = await app.token('DATA_STEWARD');
  const input = { idempotencyKey: freshKey(), customer: customer!.id };
  const answer = (await app.gql(steward, ERASE, { input })).data.eraseCustomer;
  expect(answer.__typename).toBe('EraseCustomerSuccess');
  // The amounts stay in the totals, without a way from the number to them.
  expect(await recordedOf(feed)).toBe(2);
  await sell(['E1,1,MUG,3,2026-11-20,9.90,9001', 'E3,1,MUG,1,2026-11-21,9.90,9001'], { feed });
  expect(await run()).toEqual({ recorded: 0 });
  expect((await seen(till('9001', feed))).customer).toBeNull();
  expect((await seen({ receipt: 'E1' })).customer).toBeNull();
  expect((await seen({ receipt: 'E2' })).purchases).toMatchObject([{ purchases: 1 }]);
  expect((await seen(till('9002', feed))).purchases).toMatchObject([{ purchases: 1 }]);
  const left = await app.db.rows(
    `SELECT FROM identifier WHERE value = '9001' OR hash IN (SELECT hash FROM suppressed_identifier)`,
  );
  expect(left).toEqual([]);
});

test('a run that is stopped between two batches goes on with the rest, and two at once record each receipt once', async () => {
  const lines = Array.from({ length: 450 }, (_, i) => `S${i},1,MUG,1,2026-11-20,9.90,s${i}`);
  await sell(lines, { feed: 'stop' });
  const [first] = [await run(async () => false)];
  expect(first).toEqual({ recorded: 200 });
  expect(await recordedOf('stop')).toBe(200);
  const both = await Promise.all([run(), run()]);
  expect(both.map(({ recorded }) => recorded).reduce((a, b) => a + b)).toBe(250);
  expect(await recordedOf('stop')).toBe(450);
});

test('a number that many people use is nobody’s', async () => {
  const lines = Array.from({ length: 21 }, (_, i) => `M${i},1,MUG,1,2026-11-20,9.90,0000`);
  await sell([...lines, 'M99,1,MUG,1,2026-11-20,9.90,1'], { feed: 'many' });
  expect(await run()).toEqual({ recorded: 1 });
  expect((await seen(till('0000', 'many'))).customer).toBeNull();
});

test('a feed with hashes that are not keyed waits until they are, and while it is written to', async () => {
  await sell(['K1,1,MUG,1,2026-11-20,9.90,31'], { feed: 'plain' });
  await app.db.rows(`UPDATE sales_feed SET customers_keyed = false WHERE name = 'plain'`);
  expect(await run()).toEqual({ recorded: 0 });
  await app.db.rows(`UPDATE sales_feed SET customers_keyed = true WHERE name = 'plain'`);
  const client = await app.db.pool.connect();
  await client.query('BEGIN');
  await client.query(
    `SELECT pg_advisory_xact_lock(hashtext('comptoir sales feed'), id) FROM sales_feed WHERE name = 'plain'`,
  );
  expect(await run()).toEqual({ recorded: 0 });
  await client.query('ROLLBACK');
  client.release();
  expect(await run()).toEqual({ recorded: 1 });
});

test('numbers that an earlier release stored under the name of their feed are found under its hash', async () => {
  await sell(['F1,1,MUG,1,2026-11-20,9.90,4711'], { feed: 'former' });
  const hash = new IdentifierHashes(app.parts.secretKey).formerTillCustomer('4711', 'former');
  await app.db.rows(
    `INSERT INTO identifier (kind, scope, hash, value, own_id, customer_id, first_seen_at, last_seen_at)
     SELECT 'TILL_CUSTOMER', 'former', $1, '4711', id, id, now(), now() FROM gen_random_uuid() AS n(id)`,
    [hash],
  );
  await app.db.rows(`DELETE FROM interaction_source WHERE name = 'till-customer-keys'`);
  expect(await run()).toEqual({ recorded: 1 });
  const { customer, purchases } = await seen(till('4711', 'former'));
  expect(customer!.identifiers).toMatchObject([{ scope: 'former', value: '4711' }]);
  expect(purchases).toMatchObject([{ purchases: 1 }]);
});
