// Proposed links over HTTP: pages, decisions in bulk with an outcome each, races between stewards, and the log of links.

import { encodeGlobalID } from '../../src/graphql/ids';
import { freshKey } from '../order/support';
import { startApp, type TestApp } from '../support/app';
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

const PROPOSE = `
  INSERT INTO link_proposal (id, low_id, high_id, bits, evidence, status, proposed_at, due_at)
  SELECT gen_random_uuid(), least(a.id, b.id), greatest(a.id, b.id), $3, $4::jsonb, 'PROPOSED', now(), now()
  FROM identifier a, identifier b WHERE a.value = $1 AND b.value = $2 RETURNING id`;
const email = (name: string): string => `${name}@proposal.example`;
const global = (id: string): string => encodeGlobalID('LinkProposal', id);

/** Two customers with a claimed address each, and a proposal that they are one. */
async function proposed(name: string, bits = 3.25): Promise<string> {
  for (const side of ['a', 'b'])
    await people.record({ identifiers: [people.seen('EMAIL', email(`${name}-${side}`))] });
  const evidence = [
    { attribute: 'prior', agreement: 'of all pairs', bits: -12 },
    { attribute: 'surname', agreement: 'exact', bits: bits + 12 },
  ];
  const [row] = await app.db.rows<{ id: string }>(PROPOSE, [
    email(`${name}-a`),
    email(`${name}-b`),
    bits,
    JSON.stringify(evidence),
  ]);
  return row!.id;
}
async function customerOf(name: string): Promise<string> {
  const [row] = await app.db.rows<{ id: string }>(
    'SELECT customer_id AS id FROM identifier WHERE value = $1',
    [email(name)],
  );
  return row!.id;
}
const areOne = async (name: string) => (await customerOf(`${name}-a`)) === (await customerOf(`${name}-b`));

const DECIDE = `mutation ($input: DecideLinkProposalsInput!) { decideLinkProposals(input: $input) { __typename
  ... on DecideLinkProposalsSuccess { decisions { proposal outcome message } } ... on InvalidInput { message path } } }` as const;
async function decide(
  decisions: { proposal: string; decision: 'ACCEPT' | 'REJECT' }[],
  key = freshKey(),
  token = steward,
) {
  const { data, errors } = await app.gql(token, DECIDE, {
    input: { idempotencyKey: key, decisions, reason: 'compared by hand' },
  });
  const answer = data?.decideLinkProposals;
  return {
    errors,
    answer,
    outcomes:
      answer?.__typename === 'DecideLinkProposalsSuccess'
        ? answer.decisions.map(({ outcome }) => outcome)
        : [],
  };
}

const LIST = `query ($filter: LinkProposalFilter, $first: Int, $after: String) {
  linkProposals(filter: $filter, first: $first, after: $after) {
    nodes { id status bits version decidedBy { name } evidence { attribute bits } customers { identifiers { value } } }
    pageInfo { hasNextPage endCursor } } }` as const;

async function pageAfter(after: string | null) {
  const { data, errors } = await app.gql(steward, LIST, { first: 1, after });
  expect(errors).toBeUndefined();
  const { nodes, pageInfo } = data!.linkProposals;
  return { node: nodes[0]!, pageInfo };
}

test('proposals come by evidence, page by page, each with evidence that adds up and both customers', async () => {
  for (const [name, bits] of [
    ['p1', 1.1],
    ['p2', 6.7],
    ['p3', 1.1],
  ] as const)
    await proposed(name, bits);
  const seen: string[] = [];
  let after: string | null = null;
  for (let page = 0; page < 3; page += 1) {
    const { node, pageInfo } = await pageAfter(after);
    seen.push(node.customers.map(({ identifiers }) => identifiers[0]!.value).join(' '));
    expect(node.evidence.reduce((sum, { bits }) => sum + bits, 0)).toBeCloseTo(node.bits, 4);
    after = pageInfo.endCursor;
    expect(pageInfo.hasNextPage).toBe(page < 2);
  }
  expect(seen[0]).toBe(`${email('p2-a')} ${email('p2-b')}`);
  expect(seen.slice(1).sort()).toEqual([
    `${email('p1-a')} ${email('p1-b')}`,
    `${email('p3-a')} ${email('p3-b')}`,
  ]);
  const of = { customer: encodeGlobalID('Customer', await customerOf('p3-b')) };
  const { data } = await app.gql(steward, LIST, { filter: of });
  expect(data!.linkProposals.nodes).toHaveLength(1);
  const [{ n }] = (await app.db.rows<{ n: number }>(
    `SELECT count(*)::int AS n FROM customer_lookup WHERE field = 'linkProposals'`,
  )) as [{ n: number }];
  expect(n).toBeGreaterThan(5);
});

test('each decision of a list has its own outcome, and the same key gets the first answer', async () => {
  const [yes, no, settled] = [await proposed('yes'), await proposed('no'), await proposed('settled')];
  const [twin] = await app.db.rows<{ id: string }>(PROPOSE, [email('yes-a'), email('settled-a'), 1, '[]']);
  await decide([{ proposal: global(settled), decision: 'ACCEPT' }]);
  const unknown = '00000000-0000-4000-8000-000000000000';
  const list = [
    { proposal: global(yes), decision: 'ACCEPT' as const },
    { proposal: global(no), decision: 'REJECT' as const },
    { proposal: global(settled), decision: 'REJECT' as const },
    { proposal: global(twin!.id), decision: 'ACCEPT' as const },
    { proposal: global(unknown), decision: 'ACCEPT' as const },
  ];
  const key = freshKey();
  const { outcomes, answer } = await decide(list, key);
  expect(outcomes).toEqual(['ACCEPTED', 'REJECTED', 'ALREADY_DECIDED', 'ACCEPTED', 'NOT_FOUND']);
  expect([await areOne('yes'), await areOne('no'), await areOne('settled')]).toEqual([true, false, true]);
  expect(await customerOf('yes-b')).toBe(await customerOf('settled-b'));
  expect((await decide(list, key)).answer).toEqual(answer);
  const { data } = await app.gql(steward, LIST, { filter: { status: 'REJECTED' } });
  expect(data!.linkProposals.nodes.map(({ id }) => id)).toEqual([global(no)]);
  expect(data!.linkProposals.nodes[0]!.decidedBy).not.toBeNull();
});

test('what is one customer already is settled; what a person keeps apart is a conflict', async () => {
  const [one, apart] = [await proposed('one'), await proposed('apart')];
  const [beside] = await app.db.rows<{ id: string }>(PROPOSE, [email('apart-a'), email('one-a'), 2, '[]']);
  const joined = await decide([
    { proposal: global(one), decision: 'ACCEPT' },
    { proposal: global(beside!.id), decision: 'ACCEPT' },
  ]);
  expect(joined.outcomes).toEqual(['ACCEPTED', 'ACCEPTED']);
  const [again] = await app.db.rows<{ id: string }>(PROPOSE, [email('apart-a'), email('one-b'), 2, '[]']);
  await app.db.rows(
    `INSERT INTO identity_link (kind, low_id, high_id, origin, version, actor_id, evidence, at)
     SELECT 'FORBID', least(a.id, b.id), greatest(a.id, b.id), 'PERSON', 1, 0, '{}', now()
     FROM identifier a, identifier b WHERE a.value = $1 AND b.value = $2`,
    [email('apart-b'), email('one-b')],
  );
  const { outcomes, answer } = await decide([
    { proposal: global(again!.id), decision: 'ACCEPT' },
    { proposal: global(apart), decision: 'ACCEPT' },
  ]);
  expect(outcomes).toEqual(['SETTLED', 'CONFLICT']);
  expect(JSON.stringify(answer)).toMatch(/apart|never/);
  expect(await areOne('apart')).toBe(false);
});

test('two stewards at once: every proposal is decided by one of them', async () => {
  const ids = await Promise.all(['r1', 'r2', 'r3', 'r4'].map((name) => proposed(name)));
  const other = await app.token('DATA_STEWARD', 'second steward');
  const list = (decision: 'ACCEPT' | 'REJECT') => ids.map((id) => ({ proposal: global(id), decision }));
  const answers = await Promise.all([
    decide(list('ACCEPT'), freshKey()),
    decide(list('REJECT').reverse(), freshKey(), other),
  ]);
  const [accepts, rejects] = answers.map(({ outcomes }) => outcomes);
  const first = accepts!.every((one) => one === 'ACCEPTED') ? accepts! : rejects!;
  const second = first === accepts ? rejects! : accepts!;
  expect(new Set(first)).toEqual(new Set([first === accepts ? 'ACCEPTED' : 'REJECTED']));
  expect(new Set(second)).toEqual(new Set(['ALREADY_DECIDED']));
  for (const name of ['r1', 'r2', 'r3', 'r4']) expect(await areOne(name)).toBe(first === accepts);
});

test('wrong lists are refused, and other roles get nothing', async () => {
  const id = global(await proposed('twice'));
  const twice = await decide([
    { proposal: id, decision: 'ACCEPT' },
    { proposal: id, decision: 'REJECT' },
  ]);
  expect(twice.answer).toMatchObject({ __typename: 'InvalidInput', path: 'decisions.1.proposal' });
  expect((await decide([])).answer).toMatchObject({ __typename: 'InvalidInput' });
  const many = Array.from({ length: 101 }, () => ({ proposal: id, decision: 'ACCEPT' as const }));
  expect((await decide(many)).answer).toMatchObject({ __typename: 'InvalidInput' });
  const agent = await app.token('AGENT');
  const auditor = await app.token('AUDITOR');
  for (const token of [agent, auditor]) {
    const refused = await decide([{ proposal: id, decision: 'ACCEPT' }], freshKey(), token);
    expect(refused.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    const { errors } = await app.gql(token, LIST, {});
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  }
  expect(await areOne('twice')).toBe(false);
  const { errors } = await app.gql(steward, LIST, { after: Buffer.from('x:y').toString('base64url') });
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
});

const LOG = `query ($customer: ID!, $first: Int, $after: String) {
  identityLinks(customer: $customer, first: $first, after: $after) {
    nodes { id kind origin reason decidedBy { name } evidence { attribute } sides { kind value customer } }
    pageInfo { hasNextPage endCursor } } }` as const;

test('the log of a customer has every decision, the newest first', async () => {
  const [link, rejected] = [await proposed('log'), await proposed('other')];
  const [beside] = await app.db.rows<{ id: string }>(PROPOSE, [email('log-b'), email('other-a'), 1, '[]']);
  await decide([
    { proposal: global(link), decision: 'ACCEPT' },
    { proposal: global(rejected), decision: 'REJECT' },
    { proposal: global(beside!.id), decision: 'REJECT' },
  ]);
  const customer = encodeGlobalID('Customer', await customerOf('log-a'));
  const { data, errors } = await app.gql(steward, LOG, { customer });
  expect(errors).toBeUndefined();
  expect(data!.identityLinks.nodes).toMatchObject([
    { kind: 'SPLIT', origin: 'PERSON', reason: 'compared by hand', evidence: [] },
    { kind: 'JOIN', origin: 'PERSON', reason: 'compared by hand' },
  ]);
  const [split] = data!.identityLinks.nodes;
  expect(split!.sides.map(({ value }) => value).sort()).toEqual([email('log-b'), email('other-a')]);
  expect(split!.decidedBy).not.toBeNull();
  const page = await app.gql(steward, LOG, { customer, first: 1 });
  expect(page.data!.identityLinks.pageInfo.hasNextPage).toBe(true);
  const { endCursor } = page.data!.identityLinks.pageInfo;
  const rest = await app.gql(steward, LOG, { customer, after: endCursor });
  expect(rest.data!.identityLinks.nodes.map(({ kind }) => kind)).toEqual(['JOIN']);
  const nobody = encodeGlobalID('Customer', '00000000-0000-4000-8000-000000000000');
  expect((await app.gql(steward, LOG, { customer: nobody })).data!.identityLinks.nodes).toEqual([]);
});
