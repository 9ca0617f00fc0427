// createActor and updateActor: who is let in, as what, where, and who may decide it.

import { startApp, type TestApp } from '../support/app';
import { administer, viewerOf } from './support';

let app: TestApp;
let admin: string;
beforeAll(async () => {
  app = await startApp();
  admin = await app.token('ADMIN', 'chief');
});
afterAll(() => app.close());

const create = (input: Record<string, unknown>) => administer(app, admin, 'createActor', input);
const update = (input: Record<string, unknown>) => administer(app, admin, 'updateActor', input);

test('staff are let in at their locations; a repeat lets in nobody else', async () => {
  const input = {
    idempotencyKey: 'anna',
    name: 'Anna',
    role: 'STAFF',
    locations: ['paris', 'lyon', 'paris'],
  };
  const { actor } = await create(input);
  expect(actor).toMatchObject({ name: 'Anna', role: 'STAFF', active: true, tokens: [] });
  expect(actor.locations.map((l: { code: string }) => l.code).sort()).toEqual(['lyon', 'paris']);
  expect((await create(input)).actor.id).toBe(actor.id);
  expect(await create({ ...input, name: 'Bea' })).toMatchObject({ __typename: 'KeyReused' });
  expect(await app.db.rows("SELECT count(*) AS n FROM actor WHERE name IN ('Anna', 'Bea')")).toEqual([
    { n: 1 },
  ]);
});

test.each([
  ['a name that is taken', { name: 'chief', role: 'FEED' }, { path: 'name' }],
  ['no name', { name: '', role: 'FEED' }, { path: 'name' }],
  ['a huge name', { name: 'x'.repeat(201), role: 'FEED' }, { path: 'name' }],
  ['a NUL', { name: 'a\u0000', role: 'FEED' }, { path: 'name' }],
  ['the program itself', { name: 'robot', role: 'SYSTEM' }, { path: 'role' }],
  ['staff without a location', { name: 'Homeless', role: 'STAFF' }, { path: 'locations' }],
  ['an auditor at a location', { name: 'P', role: 'AUDITOR', locations: ['paris'] }, { path: 'locations' }],
  [
    'a location that is none',
    { name: 'S', role: 'STAFF', locations: ['nope'] },
    { what: 'Location', keys: ['nope'] },
  ],
  ['a NUL as a location', { name: 'S', role: 'STAFF', locations: ['\u0000'] }, { path: 'locations.0' }],
  [
    'ten thousand locations',
    { name: 'S', role: 'STAFF', locations: Array.from({ length: 10_000 }, (_, i) => `l${i}`) },
    { path: 'locations' },
  ],
])('refuses %s', async (_what, input, refusal) => {
  expect(await create(input)).toMatchObject(refusal);
  expect(await app.db.rows('SELECT name FROM actor WHERE name IN ($1, $2)', ['S', 'P'])).toEqual([]);
});

test('two at once with one name: one is let in', async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => create({ name: 'Twin', role: 'FEED' })));
  expect(answers.map((a) => a.__typename).sort()).toEqual([
    'CreateActorSuccess',
    ...Array(4).fill('InvalidInput'),
  ]);
});

test('another role, other locations, shut out: all count at once', async () => {
  const { actor } = await create({ name: 'Carla', role: 'STAFF', locations: ['paris'] });
  const { token } = await administer(app, admin, 'createToken', { actor: actor.id });
  expect(await viewerOf(app, token)).toEqual({
    name: 'Carla',
    role: 'STAFF',
    locations: [{ code: 'paris' }],
  });
  await update({ actor: actor.id, locations: ['lyon'] });
  expect(await viewerOf(app, token)).toMatchObject({ locations: [{ code: 'lyon' }] });
  await update({ actor: actor.id, role: 'PLANNER', name: 'Carla C.' });
  expect(await viewerOf(app, token)).toMatchObject({ role: 'PLANNER', locations: [{ code: 'lyon' }] });
  await update({ actor: actor.id, locations: [] });
  expect(await viewerOf(app, token)).toEqual({ name: 'Carla C.', role: 'PLANNER', locations: [] });
  expect(await update({ actor: actor.id, role: 'STAFF' })).toMatchObject({ path: 'locations' });
  expect(await update({ actor: actor.id, name: 'chief' })).toMatchObject({ path: 'name' });
  expect(await update({ actor: actor.id, active: false })).toMatchObject({ actor: { active: false } });
  expect(await viewerOf(app, token)).toBe('401 UNAUTHENTICATED');
  expect(await administer(app, admin, 'createToken', { actor: actor.id })).toMatchObject({
    state: 'INACTIVE',
  });
  await update({ actor: actor.id, active: true });
  expect(await viewerOf(app, token)).toMatchObject({ role: 'PLANNER' });
});

test('the last administrator stays one, and the program itself is nobody’s to change', async () => {
  const [chief] = await app.db.rows<{ id: number }>("SELECT id FROM actor WHERE name = 'chief'");
  const actor = Buffer.from(`Actor:${chief!.id}`).toString('base64');
  for (const change of [{ role: 'FEED' }, { active: false }]) {
    expect(await update({ actor, ...change })).toMatchObject({
      message: expect.stringMatching(/last active ADMIN/),
    });
  }
  for (const id of ['Actor:0', 'Actor:2147483647']) {
    const nobody = Buffer.from(id).toString('base64');
    expect(await update({ actor: nobody, name: 'mine' })).toMatchObject({ what: 'Actor' });
    expect(await administer(app, admin, 'createToken', { actor: nobody })).toMatchObject({ what: 'Actor' });
  }
});

test('actors are listed page by page, without the program itself', async () => {
  for (let i = 0; i < 5; i++) await create({ name: `Till ${i}`, role: 'FEED' });
  const PAGE = `query ($after: String) { actors(first: 3, after: $after) {
    edges { node { name } } pageInfo { hasNextPage endCursor } } }`;
  const page = async (after: string | null) => (await app.gql(admin, PAGE, { after })).data;
  const names: string[] = [];
  let after: string | null = null;
  do {
    const { actors } = await page(after);
    names.push(...actors.edges.map((e) => e.node.name));
    after = actors.pageInfo.hasNextPage ? actors.pageInfo.endCursor : null;
  } while (after !== null);
  const all = await app.db.rows<{ name: string }>('SELECT name FROM actor WHERE id <> 0 ORDER BY id');
  expect(names).toEqual(all.map((a) => a.name));
  const program = Buffer.from('Actor:0').toString('base64');
  const { data } = await app.gql(admin, 'query ($id: ID!) { node(id: $id) { id } }', { id: program });
  expect(data.node).toBeNull();
});

test('only administrators see and change who is let in; everyone sees themselves', async () => {
  for (const role of ['STOREFRONT', 'STAFF', 'PLANNER', 'FEED'] as const) {
    const token = await app.token(role, `some ${role}`, role === 'STAFF' ? ['lyon'] : []);
    const places = role === 'STAFF' ? [{ code: 'lyon' }] : [];
    expect(await viewerOf(app, token)).toEqual({ name: `some ${role}`, role, locations: places });
    await expect(administer(app, token, 'createActor', { name: 'Mallory', role: 'ADMIN' })).rejects.toThrow(
      'FORBIDDEN',
    );
    const id = Buffer.from('Actor:1').toString('base64');
    for (const query of [
      '{ actors { edges { node { name } } } }',
      `{ node(id: "${id}") { ... on Actor { name } } }`,
    ] as const) {
      expect((await app.gql(token, query)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    }
  }
  expect(await viewerOf(app, null)).toBe('200 UNAUTHENTICATED');
});
