// The people whom the sign-in page of a demonstration offers: with one click, and never outside a demonstration.

import { hashToken } from '../../src/access/queries/callers';
import { DEMONSTRATION_ACTORS } from '../../src/access/rules/demonstration';
import { startApp, type TestApp } from '../support/app';
import { Browser } from './browser';

let demonstration: TestApp;
beforeAll(async () => {
  demonstration = await startApp({ DEMO: 'true' });
  for (const { token, name, role } of DEMONSTRATION_ACTORS) {
    const [actor] = await demonstration.db.rows<{ id: number }>(
      'INSERT INTO actor (name, role) VALUES ($1, $2::role) RETURNING id',
      [name, role],
    );
    await demonstration.db.rows(
      `INSERT INTO access_token (actor_id, token_hash, hint) VALUES ($1, $2, 'demo')`,
      [actor!.id, hashToken(token)],
    );
    if (role === 'STAFF') {
      await demonstration.db.rows(
        `INSERT INTO actor_location (actor_id, location_id) SELECT $1, id FROM location WHERE code = 'paris'`,
        [actor!.id],
      );
    }
  }
});
afterAll(() => demonstration.close());

const peopleAt = async (url: string) => (await new Browser(url).session()).body.ways.people;

test('are named with what they are, programs among them not, and each signs in with one request', async () => {
  const people = await peopleAt(demonstration.url);
  const tokens = DEMONSTRATION_ACTORS.filter(({ role }) => !['STOREFRONT', 'FEED'].includes(role));
  expect(people.map(({ token }: { token: string }) => token)).toEqual(tokens.map(({ token }) => token));
  expect(people[0]).toEqual({
    ...{ token: 'demo-staff-rivoli', name: 'Camille (Paris Rivoli)', role: 'STAFF', manager: false },
    locations: [{ code: 'paris', name: expect.any(String) }],
  });
  for (const { token, name } of people) {
    const browser = new Browser(demonstration.url);
    expect((await browser.signIn(token)).body).toMatchObject({ actor: { name }, signIn: 'DEMONSTRATION' });
    expect(await browser.viewer()).toBe(name);
  }
});

test('are offered without pasted tokens as well, and no other token is good then', async () => {
  const strict = await startApp({ DEMO: 'true', TOKEN_SIGN_IN: 'off' }, demonstration);
  try {
    expect(await peopleAt(strict.url)).not.toEqual([]);
    expect((await new Browser(strict.url).signIn('demo-agent')).status).toBe(201);
    // The web shop of the demonstration is no person.
    for (const token of [await strict.token('ADMIN'), 'demo-storefront', 'demo-nobody']) {
      expect([201, (await new Browser(strict.url).signIn(token)).status]).not.toEqual([201, 201]);
    }
  } finally {
    await strict.close();
  }
});

test.each<Record<string, string>>([{ DEMO: 'false' }, { NODE_ENV: 'production', TOKEN_SIGN_IN: 'on' }])(
  'are nowhere outside a demonstration, whatever the database contains: %j',
  async (env) => {
    const other = await startApp(env, demonstration);
    try {
      const browser = new Browser(other.url);
      const answer = await browser.session();
      expect(answer.body.ways.people).toEqual([]);
      expect(JSON.stringify(answer.body)).not.toContain('demo-');
      const { status, body } = await browser.signIn('demo-admin');
      if (status === 201) expect(body.signIn).toBe('TOKEN');
      if ('NODE_ENV' in env) expect([status, browser.cookies.size]).toEqual([401, 0]);
    } finally {
      await other.close();
    }
  },
);

test('who was deactivated, or whose token was revoked, is not offered', async () => {
  const before = (await peopleAt(demonstration.url)).length;
  await demonstration.db.rows('UPDATE actor SET active = false WHERE name LIKE $1', ['Sofia%']);
  await demonstration.db.rows('UPDATE access_token SET revoked_at = now() WHERE token_hash = $1', [
    hashToken('demo-steward'),
  ]);
  expect(await peopleAt(demonstration.url)).toHaveLength(before - 2);
});
