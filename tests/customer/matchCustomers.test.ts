// matchCustomers: joins by probability, reversibly; never against a person, a limit or a shared identifier; replayable, and safe in races.

import { readConfig } from '../../src/config/config';
import { type MatchRequest, matchRecords } from '../../src/customer/actions/matchCustomers/match';
import { writePlan } from '../../src/customer/actions/matchCustomers/write';
import { readMatchState } from '../../src/customer/queries/matchRecords';
import { planLinks } from '../../src/customer/rules/matching';
import { encodeGlobalID } from '../../src/graphql/ids';
import { freshKey } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { jobNamed } from '../support/jobs';
import { LOCK_WAITERS, untilLocked } from '../support/lockWaits';
import { person, recordsOfPairs } from './duplicates';
import { type People, peopleOf } from './people';

interface Evidence {
  bits: number;
  parts: { attribute: string; bits: number }[];
}

let app: TestApp;
let people: People;
let steward: string;
let web: number;
let webToken: string;

beforeAll(async () => {
  app = await startApp();
  people = peopleOf(app);
  steward = await app.token('DATA_STEWARD');
  webToken = await app.token('STOREFRONT', 'web');
  web = await people.actorId('web');
  await people.record(...recordsOfPairs(people, 0, 120));
});
afterAll(() => app.close());

const request = (): MatchRequest => {
  const { limits, trustedSources, matching } = app.parts.config.identity;
  const now = app.parts.clock();
  return { limits, trustedSources, ...matching, now, dueAt: now };
};
const run = () => matchRecords(app.db, request());
const stored = () =>
  app.db.rows(
    'SELECT (SELECT jsonb_agg(l) FROM identity_link l) links, (SELECT jsonb_agg(p ORDER BY id) FROM link_proposal p) proposals',
  );
async function customerOf(value: string): Promise<string> {
  const [row] = await app.db.rows<{ id: string }>(
    'SELECT customer_id AS id FROM identifier WHERE value = $1',
    [value],
  );
  return row!.id;
}
const areOne = async (a: string, b: string) => (await customerOf(a)) === (await customerOf(b));

test('the job joins what is very probably one person, and a second run changes nothing', async () => {
  const figures = await jobNamed('matchCustomers').run(app.parts, app.parts.clock(), async () => true);
  expect(figures).toMatchObject({ records: 240, leftOut: 0, joined: 120, withdrawn: 0 });
  expect(await areOne('7.a@pair.example', '7.b@pair.example')).toBe(true);
  expect(await areOne('7.a@pair.example', '8.a@pair.example')).toBe(false);
  const links = await app.db.rows<{ origin: string; version: number; evidence: Evidence }>(
    'SELECT origin, version, evidence FROM identity_link',
  );
  expect(links).toHaveLength(120);
  for (const { origin, version, evidence } of links) {
    expect({ origin, version }).toEqual({ origin: 'MODEL', version: 1 });
    expect(evidence.parts.reduce((sum, { bits }) => sum + bits, 0)).toBeCloseTo(evidence.bits, 6);
    // Names and dates stay with the records of the person: an erasure could not reach them here.
    expect(JSON.stringify(evidence)).not.toMatch(/adele|paris|19\d\d-/i);
  }
  const before = await stored();
  expect(await run()).toMatchObject({ joined: 0, withdrawn: 0, proposed: 0, superseded: 0 });
  expect(await stored()).toEqual(before);
});

test('a storefront does not see what only the model joined', async () => {
  await people.record({
    identifiers: [people.seen('WEB_ACCOUNT', 'acc-30', web), people.seen('EMAIL', '30.a@pair.example', web)],
    person: person(30),
  });
  await run();
  expect(await areOne('acc-30', '30.b@pair.example')).toBe(true);
  const CUSTOMER =
    'query ($by: CustomerKey!) { customer(by: $by) { id identifiers { value } } customerTimeline(by: $by) { nodes { isVerified identifier { value } } } }' as const;
  const seen = await app.gql(webToken, CUSTOMER, { by: { account: 'acc-30' } });
  expect(seen.errors).toBeUndefined();
  expect(seen.data?.customer.identifiers.map(({ value }) => value).sort()).toEqual([
    '3•••@pair.example',
    'acc-30',
  ]);
  expect(JSON.stringify(seen.data)).not.toContain('30.b');
  expect(seen.data?.customerTimeline.nodes.every(({ isVerified }) => isVerified)).toBe(true);
});

const SPLIT = `mutation ($input: SplitCustomerInput!) { splitCustomer(input: $input) { __typename
  ... on InvalidInput { message } } }` as const;
async function split(customer: string, email: string, forbid: boolean): Promise<string | undefined> {
  const input = {
    idempotencyKey: freshKey(),
    customer: encodeGlobalID('Customer', customer),
    identifiers: [{ email }],
  };
  const { data } = await app.gql(steward, SPLIT, { input: { ...input, reason: 'another person', forbid } });
  return data?.splitCustomer.__typename;
}

test('what a person split or forbade survives every rerun, also for the others of the customer', async () => {
  for (const [n, forbid] of [
    [10, false],
    [11, true],
  ] as const) {
    const customer = await customerOf(`${n}.a@pair.example`);
    expect(await split(customer, `${n}.b@pair.example`, forbid)).toBe('SplitCustomerSuccess');
    // A third record of the same person can join one of the two only, by whatever evidence.
    await people.record({ identifiers: [people.seen('EMAIL', `${n}.c@pair.example`)], person: person(n) });
    for (let rerun = 0; rerun < 2; rerun += 1) {
      await run();
      expect(await areOne(`${n}.a@pair.example`, `${n}.b@pair.example`)).toBe(false);
    }
  }
  const open = await app.db.rows("SELECT id FROM link_proposal WHERE status = 'PROPOSED'");
  expect(open).toEqual([]);
});

test('a limit is not overruled: such a pair is proposed once; shared identifiers are not compared', async () => {
  await people.record(
    { identifiers: [people.seen('WEB_ACCOUNT', 'first-200', web)], person: person(200) },
    { identifiers: [people.seen('WEB_ACCOUNT', 'second-200', web)], person: person(200) },
    { identifiers: [people.seen('EMAIL', 'info@pair.example')], person: person(200) },
  );
  expect(await run()).toMatchObject({ proposed: 1 });
  expect(await run()).toMatchObject({ proposed: 0, superseded: 0, joined: 0 });
  expect(await areOne('first-200', 'second-200')).toBe(false);
  expect(await areOne('first-200', 'info@pair.example')).toBe(false);
  const proposals = await app.db.rows<{ status: string }>('SELECT status FROM link_proposal');
  expect(proposals).toEqual([{ status: 'PROPOSED' }]);
});

test('a join that would not even be proposed any more is withdrawn; a proposal that is settled is superseded', async () => {
  const other = { ...person(20), ...person(777), firstName: 'Zacharie', city: 'Brest', postalCode: '29200' };
  await people.record(
    {
      identifiers: [people.seen('EMAIL', '20.b@pair.example')],
      person: other,
      at: new Date('2026-11-26T09:00:00Z'),
    },
    {
      identifiers: [people.seen('WEB_ACCOUNT', 'second-200', web)],
      person: { ...other, surname: 'Yverdon' },
      at: new Date('2026-11-26T09:00:00Z'),
    },
  );
  expect(await run()).toMatchObject({ withdrawn: 1, superseded: 1 });
  expect(await areOne('20.a@pair.example', '20.b@pair.example')).toBe(false);
  const log = await app.db.rows<{ kind: string }>(
    `SELECT l.kind FROM identity_link l
     JOIN identifier a ON a.id IN (l.low_id, l.high_id) AND a.value = '20.a@pair.example'
     JOIN identifier b ON b.id IN (l.low_id, l.high_id) AND b.value = '20.b@pair.example' ORDER BY l.id`,
  );
  expect(log).toEqual([{ kind: 'JOIN' }, { kind: 'SPLIT' }]);
  expect(await run()).toMatchObject({ joined: 0, withdrawn: 0, superseded: 0 });
});

test('what changed between reading and writing counts: an erasure, a restriction, a decision', async () => {
  await people.record(...recordsOfPairs(people, 300, 4));
  const { state } = await readMatchState(app.db, request());
  const plan = planLinks(state, request());
  expect(plan.joins).toHaveLength(4);
  const ERASE =
    'mutation ($input: EraseCustomerInput!) { eraseCustomer(input: $input) { __typename } }' as const;
  const erased = encodeGlobalID('Customer', await customerOf('300.b@pair.example'));
  await app.gql(steward, ERASE, { input: { idempotencyKey: freshKey(), customer: erased } });
  await app.db.rows("UPDATE identifier SET restricted_at = now() WHERE value = '301.a@pair.example'");
  const JOIN =
    'mutation ($input: JoinCustomersInput!) { joinCustomers(input: $input) { __typename } }' as const;
  const two = await Promise.all(['302.a@pair.example', '302.b@pair.example'].map(customerOf));
  const customers = two.map((id) => encodeGlobalID('Customer', id));
  await app.gql(steward, JOIN, { input: { idempotencyKey: freshKey(), customers, reason: 'one person' } });
  await split(await customerOf('302.a@pair.example'), '302.b@pair.example', true);
  expect(await writePlan(app.db, plan, request())).toMatchObject({ joined: 1 });
  expect(await areOne('303.a@pair.example', '303.b@pair.example')).toBe(true);
  expect(await areOne('302.a@pair.example', '302.b@pair.example')).toBe(false);
  expect(await areOne('301.a@pair.example', '301.b@pair.example')).toBe(false);
  await app.db.rows('UPDATE identifier SET restricted_at = NULL');
});

test('runs that race with each other, with recording and with erasures end where one run alone would', async () => {
  await people.record(...recordsOfPairs(people, 400, 12));
  const ERASE =
    'mutation ($input: EraseCustomerInput!) { eraseCustomer(input: $input) { __typename } }' as const;
  const erasures = [400, 401, 402].map(async (n) => {
    const customer = encodeGlobalID('Customer', await customerOf(`${n}.a@pair.example`));
    return app.gql(steward, ERASE, { input: { idempotencyKey: freshKey(), customer } });
  });
  const recordings = [420, 421, 422].map((n) => people.record(...recordsOfPairs(people, n, 1)));
  await Promise.all([run(), run(), ...erasures, ...recordings]);
  await run();
  const before = await stored();
  expect(await run()).toMatchObject({ joined: 0, withdrawn: 0, proposed: 0, superseded: 0 });
  expect(await stored()).toEqual(before);
  for (const n of [405, 420, 421, 422])
    expect(await areOne(`${n}.a@pair.example`, `${n}.b@pair.example`)).toBe(true);
  // What is erased is in no open proposal, and has no statement that another run could compare.
  const left = await app.db.rows(`
    SELECT 1 FROM identifier i WHERE i.erased_at IS NOT NULL AND (
      EXISTS (SELECT FROM person_record r WHERE r.identifier_id = i.id)
      OR EXISTS (SELECT FROM link_proposal p WHERE p.status = 'PROPOSED' AND i.id IN (p.low_id, p.high_id)))`);
  expect(left).toEqual([]);
  // Derived customers are those of the log, pair by pair.
  const parted = await app.db.rows(`
    SELECT l.id FROM identity_link l JOIN identifier a ON a.id = l.low_id JOIN identifier b ON b.id = l.high_id
    WHERE l.kind = 'JOIN' AND a.customer_id <> b.customer_id AND a.erased_at IS NULL AND b.erased_at IS NULL
      AND NOT EXISTS (SELECT FROM identity_link x WHERE x.low_id = l.low_id AND x.high_id = l.high_id AND x.kind <> 'JOIN')`);
  expect(parted).toEqual([]);
});

test('a run whose connection dies in the middle has written a part; the next run ends where one run would have', async () => {
  const accounts = ['first-510', 'second-510'].map((value) => ({
    identifiers: [people.seen('WEB_ACCOUNT', value, web)],
    person: person(510),
  }));
  await people.record(...recordsOfPairs(people, 500, 6), ...accounts);
  const planOf = async () => planLinks((await readMatchState(app.db, request())).state, request());
  const plan = await planOf();
  const open = 'SELECT low_id AS low, high_id AS high FROM link_proposal WHERE status = $1 ORDER BY 1, 2';
  const before = await app.db.rows<{ low: number; high: number }>(open, ['PROPOSED']);
  const client = await app.db.pool.connect();
  try {
    // Joins are written, and the first write of proposals waits.
    await client.query('BEGIN; LOCK TABLE link_proposal IN SHARE MODE');
    const killed = expect(run()).rejects.toThrow(/terminat/);
    await untilLocked(app.db);
    await client.query(`SELECT pg_terminate_backend(pid) ${LOCK_WAITERS}`);
    await killed;
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
  expect(await areOne('503.a@pair.example', '503.b@pair.example')).toBe(true);
  expect(await app.db.rows(open, ['PROPOSED'])).toEqual(before);
  expect(await run()).toMatchObject({ joined: 0, withdrawn: 0, proposed: 1 });
  const after = await stored();
  const { joins, ...rest } = await planOf();
  expect({ ...rest, proposals: rest.proposals.length }).toMatchObject({ withdrawals: [], obsoleteIds: [] });
  expect(joins.length).toBe(plan.joins.length - 6);
  expect(await run()).toMatchObject({ joined: 0, withdrawn: 0, proposed: 0, superseded: 0 });
  expect(await stored()).toEqual(after);
});

test('more records than the limit: the newest are compared, what the oldest have stays', async () => {
  const oldest = () => app.db.rows('SELECT id, customer_id FROM identifier WHERE id <= 100 ORDER BY id');
  const before = await oldest();
  const figures = await matchRecords(app.db, { ...request(), maxRecords: 100 });
  expect(figures).toMatchObject({ records: 100, withdrawn: 0 });
  expect(figures.leftOut).toBeGreaterThan(100);
  expect(await oldest()).toEqual(before);
});

test('an empty database has nothing to match', () => {
  const plan = planLinks(
    { records: [], unitOf: new Map(), apart: [], modelJoins: [], openProposals: [], decided: new Set() },
    { joinBits: 7, proposeBits: 0 },
  );
  expect(plan).toEqual({ joins: [], withdrawals: [], proposals: [], obsoleteIds: [] });
});

test.each([
  [{ CUSTOMER_MATCH_JOIN_BITS: '2', CUSTOMER_MATCH_PROPOSE_BITS: '3' }, 'links are proposed between the two'],
  [{ CUSTOMER_MATCH_JOIN_BITS: '-1' }, 'it must be a whole number from 0 to 60'],
  [{ CUSTOMER_MATCH_MAX_RECORDS: '0' }, 'it must be a whole number from 100 to 1000000'],
])('%j is refused', (env, message) => {
  const SECRET_KEY = 'a long random text of the tests, 40 bytes';
  expect(() => readConfig({ DATABASE_URL: app.databaseUrl, SECRET_KEY, ...env })).toThrow(message);
});
