// The nightly retention: each term to the millisecond, the dry run over HTTP against what the job then does, a kill, a new order.

import { suppressions } from '../../src/customer/queries/suppressions';
import { encodeGlobalID } from '../../src/graphql/ids';
import { freshKey, type Orders, ordersOn } from '../order/support';
import { returnsOn } from '../return/support';
import { START, startApp, type TestApp } from '../support/app';
import { sendMutation } from '../support/graphqlClient';
import { jobNamed } from '../support/jobs';
import { lockTable } from '../support/lockedTable';
import { runJob } from './lived';
import { tablesWith } from './marks';
import { type People, peopleOf } from './people';

let app: TestApp;
let o: Orders;
let people: People;
let steward: string;

/** So many years after the start, and milliseconds more. */
function at(years: number, more = 0): Date {
  const time = new Date(START.getTime() + more);
  time.setUTCFullYear(time.getUTCFullYear() + years);
  return time;
}
const mailOf = (name: string): string => `${name}@quill.example`;
const customer = (name: string) => ({
  ...{ name: `Ms ${name}`, email: mailOf(name), emailVerified: true, account: `account-${name}` },
  contactChannel: 'EMAIL',
});
const placeFor = async (name: string): Promise<string> => {
  const lines = [{ sku: 'LAMP', quantity: 1 }];
  return (await o.place({ location: 'paris', lines, customer: customer(name), note: `for ${name}` })).order
    .id;
};
const cancel = (order: string) => o.act(o.paris, 'cancelOrder', { order, reason: 'OTHER' });
/** A contact of somebody without documents. */
const contact = (name: string, time: Date, direction = 'INBOUND') =>
  people.record({
    ...{ kind: 'CONTACT', at: time, facts: { direction } },
    identifiers: [people.seen('EMAIL', mailOf(name), 0)],
    person: { fullName: `Ms ${name}` },
  });
const stated = (time: Date) =>
  people.record({
    ...{ kind: 'PROFILE', at: time, isImport: true },
    identifiers: [
      people.seen('SOURCE_RECORD', 'pimquill-7', 0, 'crm'),
      people.seen('EMAIL', mailOf('pimquill'), 0),
    ],
    person: { fullName: 'Ms pimquill' },
  });

const MUTATIONS = {
  restrictProcessing: `mutation ($input: RestrictProcessingInput!) { restrictProcessing(input: $input) { __typename } }`,
  ingestContacts: `mutation ($input: IngestContactsInput!) { ingestContacts(input: $input) { __typename } }`,
} as const;

beforeAll(async () => {
  app = await startApp();
  o = await ordersOn(app);
  people = peopleOf(app);
  steward = await app.token('DATA_STEWARD');
  await o.stock('paris', [
    { sku: 'LAMP', quantity: 50 },
    { sku: 'MUG', quantity: 5 },
  ]);
  await contact('piaquill', START);
  await contact('nelquill', at(-1));
  await stated(START);
  // Neither what the shop did nor another statement of the same file lengthens the term.
  await contact('pimquill', at(1), 'OUTBOUND');
  const [rex] = await contact('rexquill', START);
  const restriction = {
    idempotencyKey: freshKey(),
    customer: encodeGlobalID('Customer', rex!),
    restricted: true,
  };
  await sendMutation(app, MUTATIONS, 'restrictProcessing', steward, restriction);
  const call = {
    ...{ externalId: 'call-1', channel: 'PHONE', at: START.toISOString(), state: 'OPEN', topic: 'OTHER' },
    identifiers: [{ kind: 'EMAIL', value: mailOf('casquill') }],
  };
  const calls = { idempotencyKey: freshKey(), source: 'phone', contacts: [call] };
  await sendMutation(app, MUTATIONS, 'ingestContacts', await app.token('FEED'), calls);
  await placeFor('kimquill');
  await cancel(await placeFor('zoequill'));
  const receipt = {
    number: 'T-1',
    soldAt: at(0, -86_400_000).toISOString(),
    lines: [{ sku: 'MUG', quantity: 2 }],
  };
  const lines = [{ sku: 'MUG', quantity: 1, disposition: 'RESTOCK', reason: 'too small for Ms tilquill' }];
  const returned = await returnsOn(app).act('receiveReturn', o.paris, { receipt, location: 'paris', lines });
  expect(returned.answer.__typename).toBe('ReceiveReturnSuccess');
  await runJob(app, 'recordInteractions');
});
afterAll(() => app.close());

const REPORT = `query ($at: DateTime) { retentionReport(at: $at) { isComplete rules {
  rule customers orders returns oldestAt nextDueAt waiting { obstacle count } } } }` as const;
async function report(time: Date) {
  const { data } = await app.gql(steward, REPORT, { at: time.toISOString() });
  expect(data.retentionReport!.isComplete).toBe(true);
  const rules = new Map(data.retentionReport!.rules.map((rule) => [rule.rule as string, rule]));
  const [prospects, contracts, closed] = ['PROSPECTS', 'CONTRACTS', 'DOCUMENTS'].map(
    (rule) => rules.get(rule)!,
  );
  const waiting = [...rules.values()].flatMap((rule) => rule.waiting.map(({ count }) => count));
  return {
    ...{ prospects: prospects!, contracts: contracts!, closed: closed! },
    /** The figures that the job should answer. */
    figures: {
      ...{ prospects: prospects!.customers, contracts: contracts!.customers },
      ...{ orders: closed!.orders, returns: closed!.returns },
      waiting: waiting.reduce((sum, count) => sum + count, 0),
    },
  };
}
const run = (time: Date, goOn = async () => true) => jobNamed('applyRetention').run(app.parts, time, goOn);
const NOTHING = { prospects: 0, contracts: 0, orders: 0, returns: 0 };
const requests = () =>
  app.db.rows<{ n: number }>("SELECT count(*)::int AS n FROM data_request WHERE cause = 'RETENTION'");

test('an order between the report and the run keeps a prospect, recorded or not', async () => {
  expect((await report(at(2, -1))).prospects).toMatchObject({ customers: 0, nextDueAt: at(2).toISOString() });
  expect((await report(at(2))).prospects).toMatchObject({ customers: 1, oldestAt: at(-1).toISOString() });
  await placeFor('nelquill');
  const { prospects, figures } = await report(at(2));
  expect(prospects).toMatchObject({ customers: 0, waiting: [{ obstacle: 'OPEN_DOCUMENT', count: 1 }] });
  expect(await run(at(2))).toEqual({ ...figures, waiting: 0 });
  expect(await tablesWith(app, 'nelquill')).toEqual(['customer_order', 'identifier', 'person_record']);
});

test('prospects are erased three years after the last active contact; open documents and cases and restrictions keep others', async () => {
  const before = await report(at(3, -1));
  expect(before.figures).toEqual({ ...NOTHING, waiting: 0 });
  expect(before.prospects.nextDueAt).toBe(at(3).toISOString());
  expect(await run(at(3, -1))).toEqual(before.figures);

  const due = await report(at(3));
  expect(due.prospects).toMatchObject({ customers: 2, oldestAt: START.toISOString() });
  expect(due.prospects.waiting).toEqual([
    { obstacle: 'RESTRICTED', count: 1 },
    { obstacle: 'OPEN_DOCUMENT', count: 2 },
    { obstacle: 'OPEN_CASE', count: 1 },
  ]);
  expect(due.figures).toEqual({ ...NOTHING, prospects: 2, waiting: 4 });
  expect(await run(at(3))).toEqual(due.figures);
  expect(await tablesWith(app, 'piaquill|pimquill')).toEqual([]);
  for (const name of ['rexquill', 'casquill', 'kimquill', 'nelquill'])
    expect([name, (await tablesWith(app, name)).includes('identifier')]).toEqual([name, true]);

  const again = await report(at(3));
  expect(again.figures).toEqual({ ...NOTHING, waiting: 4 });
  expect(await run(at(3))).toEqual(again.figures);
  const messages = await app.db.rows("SELECT payload FROM outbox WHERE topic = 'customer.erased'");
  expect(messages).toHaveLength(2);
  expect(messages[0]).toMatchObject({ payload: { cause: 'RETENTION', orders: [], orderCount: 0 } });
  const erasures = await app.gql(steward, '{ erasureReport { nodes { cause state requestedBy { role } } } }');
  expect(erasures.data.erasureReport.nodes).toEqual(
    Array.from({ length: 2 }, () => ({ cause: 'RETENTION', state: 'DONE', requestedBy: { role: 'SYSTEM' } })),
  );
});

test('the file of the day before does not bring a prospect back, a newer statement does', async () => {
  const standings = await suppressions(app.db, [people.seen('EMAIL', mailOf('piaquill'))]);
  expect([...standings.values()]).toMatchObject([{ cause: 'RETENTION', isKnown: false }]);
  await expect(stated(START)).rejects.toThrow('null');
  await expect(stated(at(3))).rejects.toThrow('null');
  const [back] = await stated(at(3, 1));
  expect(back).toBeTruthy();
  expect(await tablesWith(app, 'pimquill')).toEqual(['identifier', 'person_record']);
  // Known again, the person is an ordinary customer of imports.
  expect(await stated(at(3))).toEqual([back]);
});

test('customers are erased five years after the last closed document, which stays ten years', async () => {
  const before = await report(at(5, -1));
  expect(before.contracts).toMatchObject({ customers: 0, nextDueAt: at(5).toISOString() });
  const due = await report(at(5));
  expect(due.contracts).toMatchObject({ customers: 2, oldestAt: START.toISOString(), waiting: [] });
  expect(due.figures).toMatchObject({ orders: 0, returns: 0 });
  expect(await run(at(5))).toEqual(due.figures);
  expect(await tablesWith(app, 'zoequill|tilquill')).toEqual(['customer_order', 'return_line']);
  expect((await report(at(5))).figures).toEqual({ ...NOTHING, waiting: 4 });
});

test('after the term of the contract only administrators see whose closed documents are', async () => {
  const admin = await app.token('ADMIN');
  const shown = async (token: string, time: Date, mark: RegExp) => {
    app.wait((time.getTime() - app.parts.clock().getTime()) / 60_000);
    const { data } = await app.gql(
      token,
      '{ orders { nodes { customer { name email account } note } } returns { nodes { lines { reason } } } }',
    );
    return [...JSON.stringify(data).matchAll(mark)].length;
  };
  const closed = /zoequill|tilquill/g;
  for (const token of [o.paris, o.web, admin])
    expect(await shown(token, at(5, -1), closed)).toBe(token === o.web ? 4 : 5);
  for (const token of [o.paris, o.web]) expect(await shown(token, at(5), closed)).toBe(0);
  expect(await shown(o.paris, at(5), /"archived"/g)).toBe(1);
  expect(await shown(o.paris, at(5), /kimquill/g)).toBe(4);
  expect(await shown(admin, at(5), closed)).toBe(5);
});

test('a run that is killed in the middle leaves nothing half done, and the next one ends it', async () => {
  const before = await report(at(10, -1));
  expect(before.closed).toMatchObject({ orders: 0, returns: 0, nextDueAt: at(10).toISOString() });
  const due = await report(at(10));
  expect(due.figures).toEqual({ ...NOTHING, prospects: 1, orders: 1, returns: 1, waiting: 4 });
  const [{ n: erasures } = { n: 0 }] = await requests();

  const locked = await lockTable(app.databaseUrl, 'erasure_acknowledgement');
  const killed = run(at(10)).catch((error: Error) => error);
  await locked.cutWaiters();
  expect(await killed).toBeInstanceOf(Error);
  await locked.unlock();
  expect(await tablesWith(app, 'zoequill|tilquill')).toEqual([]);
  expect(await tablesWith(app, 'pimquill')).toEqual(['identifier', 'person_record']);
  expect(await requests()).toEqual([{ n: erasures }]);

  const left = { ...due.figures, orders: 0, returns: 0 };
  expect((await report(at(10))).figures).toEqual(left);
  // Stopped after its first page, it has done whole pages only.
  expect(await run(at(10), async () => false)).toEqual({ ...NOTHING, waiting: 0 });
  expect(await run(at(10))).toEqual(left);
  expect(await tablesWith(app, 'pimquill')).toEqual([]);
  expect(await run(at(10))).toEqual({ ...NOTHING, waiting: 4 });
  expect(await requests()).toEqual([{ n: erasures + 1 }]);
});

test('the report is for data stewards, and RETENTION=off leaves everything', async () => {
  for (const role of ['AGENT', 'STAFF', 'AUDITOR', 'STOREFRONT'] as const) {
    const { errors } = await app.gql(await app.token(role), '{ retentionReport { isComplete } }');
    expect([role, errors?.[0]?.extensions?.code]).toEqual([role, 'FORBIDDEN']);
  }
  const { parts } = app;
  const privacy = { ...parts.config.privacy, isRetentionOn: false };
  const off = { ...parts, config: { ...parts.config, privacy } };
  expect(await jobNamed('applyRetention').run(off, at(30), async () => true)).toEqual({});
});
