// routeContact and upsertServiceAgents: who is advised and why, load from open cases, waiting, refusals, and equal requests.

import { adviceFor, type RoutedContact, type RoutingAgent } from '../../src/contact/rules/routing';
import { encodeGlobalID } from '../../src/graphql/ids';
import { freshKey } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { sendMutation } from '../support/graphqlClient';
import { contactsOn, email, line } from './support';

const MUTATIONS = {
  upsertServiceAgents: `mutation ($input: UpsertServiceAgentsInput!) { upsertServiceAgents(input: $input) { __typename
    ... on Refusal { message } ... on InvalidInput { path } ... on NotFound { keys }
    ... on UpsertServiceAgentsSuccess { created updated unchanged } } }`,
} as const;
const ROUTE = `query ($contact: ContactToRouteInput!) { routeContact(contact: $contact) {
  advised { agentCode score load capacity points { criterion points } } candidates { agentCode score }
  excluded { reason agents } dropped waitsFor retryAfterSeconds } }` as const;

let app: TestApp;
let on: Awaited<ReturnType<typeof contactsOn>>;
beforeAll(async () => {
  app = await startApp();
  on = await contactsOn(app);
});
afterAll(() => app.close());

const upsert = async (agents: object[], key = freshKey(), token = on.feed) =>
  (await sendMutation(app, MUTATIONS, 'upsertServiceAgents', token, { idempotencyKey: key, agents })).answer;
async function route(contact: object, token = on.feed) {
  const { data, errors } = await app.gql(token, ROUTE, { contact: { channel: 'CHAT', ...contact } });
  return { advice: data?.routeContact, error: errors?.[0]?.message };
}
const pointsOf = (advice: { advised: { points: { criterion: string; points: number }[] } | null }) =>
  Object.fromEntries(advice.advised!.points.map(({ criterion, points }) => [criterion, points]));

test('without agents, and with none at work, the answer states it', async () => {
  expect((await route({})).error).toMatch('There are no agents; create them with upsertServiceAgents.');
  await upsert([{ code: 'zendesk:1', capacity: 10, skills: ['REFUND'], languages: ['fr'] }]);
  expect((await route({})).advice).toMatchObject({ advised: null, candidates: [], excluded: [] });
});

test('agents are created, changed and left as they are', async () => {
  const agents = [
    { code: 'zendesk:1', name: 'Anne', available: true },
    {
      code: 'zendesk:2',
      skills: ['REFUND', 'REFUND'],
      languages: ['fr', 'en'],
      capacity: 10,
      available: true,
    },
    {
      code: 'zendesk:3',
      languages: ['pt-BR'],
      channels: ['EMAIL'],
      capacity: 20,
      available: true,
      location: 'paris',
    },
  ];
  const key = freshKey();
  expect(await upsert(agents, key)).toMatchObject({ created: 2, updated: 1, unchanged: 0 });
  expect(await upsert(agents, key)).toMatchObject({ created: 2, updated: 1, unchanged: 0 });
  expect(await upsert(agents)).toMatchObject({ created: 0, updated: 0, unchanged: 3 });
  expect(
    await app.db.rows("SELECT name, skills, capacity FROM service_agent WHERE code = 'zendesk:1'"),
  ).toEqual([{ name: 'Anne', skills: ['REFUND'], capacity: 10 }]);
});

test.each<[string, object, object]>([
  ['a code twice', { code: 'a' }, { path: 'agents.1' }],
  ['a code of blanks', { code: '  ' }, { path: 'agents.0.code' }],
  ['a capacity below 0', { code: 'b', capacity: -1 }, { path: 'agents.0.capacity' }],
  ['a wrong language', { code: 'c', languages: ['français'] }, { path: 'agents.0.languages.0' }],
  ['an unknown shop', { code: 'd', location: 'nowhere' }, { __typename: 'NotFound', keys: ['nowhere'] }],
  ['an unknown actor', { code: 'e', actor: encodeGlobalID('Actor', 999_999) }, { __typename: 'NotFound' }],
])('%s is refused', async (_name, agent, refusal) => {
  const agents = 'code' in agent && agent.code === 'a' ? [agent, agent] : [agent];
  expect(await upsert(agents)).toMatchObject(refusal);
});

test('an actor is one agent', async () => {
  const [row] = await app.db.rows<{ id: number }>("SELECT id FROM actor WHERE role = 'AGENT' LIMIT 1");
  const actor = encodeGlobalID('Actor', row!.id);
  expect(await upsert([{ code: 'own:1', actor }])).toMatchObject({ created: 1 });
  expect(await upsert([{ code: 'own:2', actor }])).toMatchObject({
    path: 'agents.0.actor',
    message: expect.stringContaining('agent own:1 already'),
  });
  // It goes from one to the other in one request.
  expect(
    await upsert([
      { code: 'own:2', actor },
      { code: 'own:1', actor: null },
    ]),
  ).toMatchObject({ created: 1 });
});

test('skill and language choose; the points add up to the score', async () => {
  const { advice } = await route({ skill: 'REFUND', language: 'en' });
  expect(advice!.advised).toMatchObject({ agentCode: 'zendesk:2', load: 0, capacity: 10 });
  expect(pointsOf(advice!)).toMatchObject({ SKILL: 30, LANGUAGE: 30, CASE: 0, LOAD: 18 });
  expect(advice!.advised!.score).toBe(78);
  expect(advice!.excluded).toEqual([{ reason: 'OTHER_CHANNEL', agents: 1 }]);
  const mail = await route({ channel: 'EMAIL', language: 'pt', isLanguageRequired: true });
  expect(mail.advice!.candidates.map(({ agentCode }) => agentCode)).toEqual(['zendesk:3']);
  expect(mail.advice!.excluded).toEqual([{ reason: 'NO_LANGUAGE', agents: 2 }]);
});

test('who knows the case is waited for, then the others get it; the load is that of open cases', async () => {
  const who = { identifiers: [email('zoe@example.com')], topic: 'REFUND' };
  const open = (id: string, more: object) => on.ingest([line(id, { ...who, channel: 'CHAT', ...more })]);
  await open('route-1', { handler: 'zendesk:1' });
  const routeZoe = (more: object = {}) =>
    route({ customer: { email: 'zoe@example.com' }, skill: 'REFUND', ...more });
  const known = await routeZoe();
  expect(known.advice!.advised!.agentCode).toBe('zendesk:1');
  expect(pointsOf(known.advice!)).toMatchObject({ CASE: 40, CUSTOMER: 20, SKILL: 30, LOAD: 18 });
  // Two more chats of others take 8 of its 10.
  for (const i of [1, 2])
    await on.ingest([
      line(`busy-${i}`, { channel: 'CHAT', handler: 'zendesk:1', identifiers: [email(`b${i}@example.com`)] }),
    ]);
  const waiting = await routeZoe({ waitingSeconds: 15 });
  expect(waiting.advice).toMatchObject({ advised: null, waitsFor: ['CASE', 'SKILL'], retryAfterSeconds: 45 });
  expect(waiting.advice!.candidates).toMatchObject([{ agentCode: 'zendesk:2' }]);
  const later = await routeZoe({ waitingSeconds: 60 });
  expect(later.advice!.dropped).toEqual(['CASE', 'PREFERENCE']);
  expect(later.advice!.advised!.agentCode).toBe('zendesk:2');
  // A chat that waits for the customer takes nothing.
  const pending = { state: 'PENDING', stateAt: '2026-11-20T10:00:00Z' };
  await on.ingest([
    line('busy-1', {
      channel: 'CHAT',
      handler: 'zendesk:1',
      identifiers: [email('b1@example.com')],
      ...pending,
    }),
  ]);
  expect((await routeZoe()).advice!.advised).toMatchObject({ agentCode: 'zendesk:1', load: 4 });
  // The customer is found by the case too, and agents may ask.
  const [one] = await on.cases({ topic: 'REFUND' });
  expect((await route({ case: one!.id }, on.agent)).advice!.advised!.agentCode).toBe('zendesk:1');
});

test.each<[string, object, RegExp]>([
  ['an unknown skill', { skill: 'JUGGLING' }, /JUGGLING, which no agent has; skills of agents: REFUND/],
  [
    'an unknown language',
    { language: 'fi' },
    /fi, which no agent speaks; languages of agents: en, fr, pt-BR/,
  ],
  ['a required skill without a name', { isSkillRequired: true }, /name the skill in contact.skill/],
  ['an unknown order', { orderNumber: 'C-1' }, /Unknown order: C-1/],
  [
    'an unknown case',
    { case: encodeGlobalID('ServiceCase', '00000000-0000-7000-8000-000000000000') },
    /Unknown case/,
  ],
  ['a wait before now', { waitingSeconds: -1 }, /waitingSeconds is -1/],
])('%s is refused with what would be right', async (_name, contact, message) => {
  expect((await route(contact)).error).toMatch(message);
});

test('planners do not route, and agents do not change who works', async () => {
  const planner = await app.token('PLANNER', `planner-${freshKey()}`);
  expect((await route({}, planner)).advice ?? null).toBeNull();
  const { errors } = await sendMutation(app, MUTATIONS, 'upsertServiceAgents', on.agent, {
    ...{ idempotencyKey: freshKey(), agents: [{ code: 'x' }] },
  });
  expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
});

const steps = { CASE: 60, SKILL: 300, LANGUAGE: 300, CUSTOMER: 180, SHOP: 120, PREFERENCE: 60 };
const agent = (code: string, more: Partial<RoutingAgent> = {}): RoutingAgent => ({
  ...{
    id: Number(code),
    code,
    skills: [],
    languages: [],
    channels: [],
    capacity: 10,
    locationId: null,
    load: 0,
  },
  ...more,
});
const contact: RoutedContact = {
  ...{ channel: 'CHAT', skill: null, isSkillHard: false, language: null, isLanguageHard: false },
  ...{ locationId: null, preferredLocationId: null, waitingSeconds: 0 },
  ...{ caseAgents: new Set(), customerAgents: new Set() },
};

test('equal agents have one order, whatever the order in which they are read', () => {
  const agents = ['3', '1', '2'].map((code) => agent(code));
  for (const list of [agents, [...agents].reverse()])
    expect(adviceFor(contact, list, steps).candidates.map((one) => one.agent.code)).toEqual(['1', '2', '3']);
});

test('a skill that nobody at work has is not waited for, and a required one never given up', () => {
  const agents = [agent('1'), agent('2', { skills: ['T'], load: 8 })];
  const wanted = { ...contact, skill: 'T' };
  expect(adviceFor(wanted, [agents[0]!], steps).advised!.agent.code).toBe('1');
  expect(adviceFor(wanted, agents, steps)).toMatchObject({ advised: null, retryAfterSeconds: 300 });
  expect(adviceFor({ ...wanted, waitingSeconds: 300 }, agents, steps).advised!.agent.code).toBe('1');
  const hard = adviceFor({ ...wanted, isSkillHard: true, waitingSeconds: 9_999 }, agents, steps);
  expect(hard).toMatchObject({ advised: null, retryAfterSeconds: null, candidates: [] });
  expect(hard.excluded).toEqual([
    { reason: 'NO_SKILL', agents: 1 },
    { reason: 'NO_CAPACITY', agents: 1 },
  ]);
});
