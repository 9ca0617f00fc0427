// Exports, erasures and restrictions follow rules and decisions of people: what only the model joined is left out, and is listed.

import { appendLinks, lockCustomers, rederiveCustomers } from '../../src/customer/actions/links';
import { inTransaction } from '../../src/db/transaction';
import { encodeGlobalID } from '../../src/graphql/ids';
import { freshKey } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { sendMutation } from '../support/graphqlClient';
import { runJob } from './lived';
import { type People, peopleOf } from './people';

let app: TestApp;
let people: People;
let steward: string;
beforeAll(async () => {
  app = await startApp();
  people = peopleOf(app);
  steward = await app.token('DATA_STEWARD');
});
afterAll(() => app.close());

const MUTATIONS = {
  eraseCustomer: `mutation ($input: EraseCustomerInput!) { eraseCustomer(input: $input) { __typename
    ... on EraseCustomerSuccess { openOrders notIncluded } } }`,
  exportCustomer: `mutation ($input: ExportCustomerInput!) { exportCustomer(input: $input) { __typename
    ... on ExportCustomerSuccess { notIncluded export { id } } } }`,
  restrictProcessing: `mutation ($input: RestrictProcessingInput!) { restrictProcessing(input: $input) { __typename } }`,
} as const;
const send = async <Name extends keyof typeof MUTATIONS>(name: Name, input: object) =>
  (await sendMutation(app, MUTATIONS, name, steward, { idempotencyKey: freshKey(), ...input })).answer;
const globalId = (id: string): string => encodeGlobalID('Customer', id);

interface Stored {
  id: number;
  ownId: string;
  customerId: string;
  value: string | null;
  isRestricted: boolean;
}
const identifiers = (ids: readonly number[]) =>
  app.db.rows<Stored>(
    `SELECT id, own_id AS "ownId", customer_id AS "customerId", value, restricted_at IS NOT NULL AS "isRestricted"
     FROM identifier WHERE id = ANY($1::bigint[]) ORDER BY id`,
    [ids],
  );

/** Two customers with a name each, whom the model joins. */
async function probablePair(name: string): Promise<Stored[]> {
  for (const side of ['first', 'second'])
    await people.record({
      identifiers: [people.seen('EMAIL', `${side}@${name}.example`)],
      person: { fullName: `${side} of ${name}` },
    });
  const found = await app.db.rows<{ id: number }>(
    `SELECT id FROM identifier WHERE value LIKE '%@' || $1 ORDER BY id`,
    [`${name}.example`],
  );
  const ids = found.map(({ id }) => id);
  expect(ids).toHaveLength(2);
  await inTransaction(app.db, async (tx) => {
    await lockCustomers(tx);
    const pairs = [[ids[0]!, ids[1]!]] as [number, number][];
    const links = {
      kind: 'JOIN',
      origin: 'MODEL',
      actorId: 0,
      pairs,
      evidence: [{ bits: 20, parts: [] }],
    } as const;
    await appendLinks(tx, app.parts.clock(), links);
    await rederiveCustomers(tx, ids, app.parts.config.identity.limits);
  });
  const stored = await identifiers(ids);
  expect(stored[1]!.customerId).toBe(stored[0]!.ownId);
  return stored;
}

/** The text of the export of this customer, and what was not included. */
async function exportOf(customer: string) {
  const { notIncluded } = await send('exportCustomer', { customer });
  await runJob(app, 'exportCustomers');
  const rows = await app.db.rows<{ content: string }>(
    `SELECT p.content FROM customer_export_part p JOIN data_request r ON r.id = p.request_id
     WHERE r.id = (SELECT max(id::text)::uuid FROM data_request WHERE kind = 'EXPORT')`,
  );
  return { notIncluded, text: rows.map(({ content }) => content).join() };
}

test.each([0, 1])('of a probable pair, side %d alone is exported, and then erased', async (own) => {
  const name = `pair${own}`;
  const pair = await probablePair(name);
  const [mine, other] = [pair[own]!, pair[1 - own]!];
  const exported = await exportOf(globalId(mine.ownId));
  expect(exported.notIncluded).toEqual([globalId(other.ownId)]);
  expect(exported.text).toContain(mine.value);
  expect(exported.text).not.toContain(other.value);
  expect(await send('eraseCustomer', { customer: globalId(mine.ownId) })).toMatchObject({
    notIncluded: [globalId(other.ownId)],
  });
  const after = await identifiers(pair.map(({ id }) => id));
  expect(after[own]).toMatchObject({ value: null, customerId: mine.ownId });
  // What remains is a customer of its own, under its own id.
  expect(after[1 - own]).toMatchObject({ value: other.value, customerId: other.ownId });
  const records = await app.db.rows<{ fullName: string }>(
    `SELECT full_name AS "fullName" FROM person_record WHERE full_name LIKE '%' || $1`,
    [name],
  );
  expect(records).toEqual([{ fullName: `${own === 0 ? 'second' : 'first'} of ${name}` }]);
  const suppressed = await people.record({
    identifiers: [people.seen('EMAIL', other.value!)],
    isImport: true,
  });
  expect(suppressed).toEqual([other.ownId]);
});

const listed = async (customer: string): Promise<string[]> =>
  (
    await app.gql(
      steward,
      `query ($customer: ID!) { customerExports(filter: { customer: $customer }) { nodes { customerId } } }`,
      { customer },
    )
  ).data.customerExports.nodes.map(({ customerId }: { customerId: string }) => customerId);

test('the exports of whom the model only joined are not listed with those of a customer', async () => {
  const [first, second] = (await probablePair('listed')).map(({ ownId }) => globalId(ownId));
  await exportOf(first!);
  expect(await listed(second!)).toEqual([]);
  await exportOf(second!);
  expect(await listed(second!)).toEqual([second]);
  expect(await listed(first!)).toEqual([first]);
  expect(await listed(globalId('00000000-0000-7000-8000-000000000000'))).toEqual([]);
});

test('after a person joined them, both are exported and erased', async () => {
  const pair = await probablePair('joined');
  const [first, second] = pair as [Stored, Stored];
  // The customers are one already: the person confirms the probable link itself.
  await inTransaction(app.db, async (tx) => {
    await lockCustomers(tx);
    const pairs = [[first.id, second.id]] as [number, number][];
    await appendLinks(tx, app.parts.clock(), {
      kind: 'JOIN',
      origin: 'PERSON',
      actorId: 0,
      pairs,
      evidence: [{}],
    });
  });
  const exported = await exportOf(globalId(second.ownId));
  expect(exported.notIncluded).toEqual([]);
  expect(exported.text).toContain(first.value);
  expect(exported.text).toContain(second.value);
  expect(await listed(globalId(first.ownId))).toEqual([globalId(second.ownId)]);
  expect(await send('eraseCustomer', { customer: globalId(first.ownId) })).toMatchObject({ notIncluded: [] });
  const after = await identifiers(pair.map(({ id }) => id));
  expect(after.map(({ value }) => value)).toEqual([null, null]);
});

test('a steward who parts a probable pair by an erasure can join and erase what is left', async () => {
  const pair = await probablePair('again');
  const [first, second] = pair as [Stored, Stored];
  await send('eraseCustomer', { customer: globalId(first.ownId) });
  expect(await send('eraseCustomer', { customer: globalId(second.ownId) })).toMatchObject({
    notIncluded: [],
  });
  expect((await identifiers([second.id]))[0]!.value).toBeNull();
});

test('a restriction does not reach what only the model joined', async () => {
  const pair = await probablePair('restricted');
  const customer = globalId(pair[1]!.ownId);
  expect(await send('restrictProcessing', { customer, restricted: true })).toMatchObject({
    __typename: 'RestrictProcessingSuccess',
  });
  const after = await identifiers(pair.map(({ id }) => id));
  expect(after).toMatchObject([
    { isRestricted: false, customerId: pair[0]!.ownId },
    { isRestricted: true, customerId: pair[1]!.ownId },
  ]);
});
