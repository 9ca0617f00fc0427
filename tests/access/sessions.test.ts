// Sessions of people: opened with a token, known by a cookie, ended by time, by their person and by changes of the actor.

import request from 'supertest';
import { operationIds } from '../../src/server/pages/operations';
import { START, startApp, type TestApp } from '../support/app';
import { Browser } from './browser';
import { administer, viewerOf } from './support';

const TIMES = { SESSION_IDLE_MINUTES: '60', SESSION_HOURS: '12' };
let app: TestApp;
let admin: string;
beforeAll(async () => {
  app = await startApp(TIMES);
  admin = await app.token('ADMIN', 'chief');
});
afterAll(() => app.close());

/** A signed-in browser of a new member of staff in Paris. */
async function signedIn(name: string): Promise<{ browser: Browser; token: string }> {
  const token = await app.token('STAFF', name, ['paris']);
  const browser = new Browser(app.url);
  expect((await browser.signIn(token)).status).toBe(201);
  return { browser, token };
}
const at = (minutes: number): string => new Date(START.getTime() + minutes * 60_000).toISOString();

const MINE = '{ mySessions { id signIn createdAt usedAt idleAt expiresAt revokedAt } }';
const REVOKE = `mutation ($session: ID!, $key: String!) {
  revokeSession(input: { session: $session, idempotencyKey: $key }) {
    __typename ... on NotFound { what keys } ... on RevokeSessionSuccess { session { id revokedAt } } } }`;

describe('a session', () => {
  test('is opened with a token, and has the rights of the token', async () => {
    const { browser, token } = await signedIn('Ada');
    const [cookie] = [...browser.cookies];
    expect(cookie).toEqual(['development-comptoir-session', expect.stringMatching(/^[\w-]{43}$/)]);
    expect(await browser.viewer()).toBe('Ada');
    const { status, headers, body } = await browser.session();
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      actor: {
        ...{ name: 'Ada', role: 'STAFF', manager: false },
        locations: [{ code: 'paris', name: expect.any(String) }],
      },
      ...{ signIn: 'TOKEN', expiresAt: at(720), idleAt: at(60) },
      ways: { token: true, singleSignOn: false, people: [] },
      ...{ device: null, graphiql: true },
    });
    const query = '{ viewer { name role locations { code } } }';
    expect((await browser.gql(query)).data).toEqual((await app.gql(token, query)).data);
    const forbidden = await browser.gql('{ actors { nodes { name } } }');
    expect(forbidden.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });

  test('is nowhere stored with its secret, which is no bearer token', async () => {
    const { browser } = await signedIn('Bea');
    const [secret] = [...browser.cookies.values()];
    const rows = await app.db.rows<{ text: string }>('SELECT s::text AS text FROM session s');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ text }) => text.includes(secret!))).toEqual([]);
    expect(await viewerOf(app, secret!)).toBe('401 UNAUTHENTICATED');
    // Nor is a token, or what is stored, the secret of a session.
    const [{ hash }] = (await app.db.rows<{ hash: string }>(
      'SELECT secret_hash AS hash FROM session LIMIT 1',
    )) as [{ hash: string }];
    for (const value of [hash, 'x', '', 'é'.repeat(43), `${secret} `.repeat(2)]) {
      browser.cookies.set('development-comptoir-session', value);
      expect([value, await browser.viewer()]).toEqual([value, '401 UNAUTHENTICATED']);
    }
  });

  test('has a __Host- cookie in production and behind TLS, and no other is read there', async () => {
    const token = await app.token('STAFF', 'Cleo', ['paris']);
    const production = await startApp(
      { NODE_ENV: 'production', TOKEN_SIGN_IN: 'on', SESSION_OPERATIONS_ONLY: 'off' },
      app,
    );
    const behind = await startApp({ TRUST_PROXY: 'loopback' }, app);
    try {
      for (const [url, headers] of [
        [production.url, {}],
        [behind.url, { 'x-forwarded-proto': 'https' }],
      ] as const) {
        const browser = new Browser(url);
        const opened = await browser.signIn(token, { headers });
        expect(opened.headers.getSetCookie()).toEqual([
          expect.stringMatching(
            /^__Host-comptoir-session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
          ),
        ]);
        expect(await browser.viewer({ headers })).toBe('Cleo');
        const [secret] = [...browser.cookies.values()];
        browser.cookies.clear();
        browser.cookies.set('development-comptoir-session', secret!);
        expect(await browser.viewer({ headers })).toBe('200 UNAUTHENTICATED');
      }
    } finally {
      await Promise.all([production.close(), behind.close()]);
    }
  });

  test('in production is opened with no token unless a setting allows it', async () => {
    const token = await app.token('STAFF', 'Dan', ['paris']);
    const production = await startApp({ NODE_ENV: 'production' }, app);
    try {
      const browser = new Browser(production.url);
      const { status, body } = await browser.signIn(token);
      expect([status, body.errors[0].message]).toEqual([403, expect.stringContaining('TOKEN_SIGN_IN')]);
      expect((await browser.session()).body).toMatchObject({ actor: null, ways: { token: false } });
    } finally {
      await production.close();
    }
  });

  test('replaces the one that the browser brings: nobody can prepare a session for another person', async () => {
    const { browser: attacker } = await signedIn('Eve');
    const victim = attacker.copy();
    await victim.signIn(await app.token('STAFF', 'Flo', ['paris']));
    expect([...victim.cookies.values()]).not.toEqual([...attacker.cookies.values()]);
    expect(await victim.viewer()).toBe('Flo');
    expect(await attacker.viewer()).toBe('401 UNAUTHENTICATED');
  });

  test('of a wrong token is none', async () => {
    const browser = new Browser(app.url);
    const { status, body } = await browser.signIn('cpt_wrong');
    expect([status, body.errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect((await browser.send('POST', '/session')).status).toBe(401);
    // A session opens no further one: otherwise it would outlive its token.
    const { browser: good } = await signedIn('Gil');
    expect((await good.send('POST', '/session')).status).toBe(401);
    expect(browser.cookies.size).toBe(0);
  });
});

describe('requests that other sites make a browser send', () => {
  test('without the header of our pages change nothing and sign nobody in', async () => {
    const { browser } = await signedIn('Hal');
    const foreign = { ownPage: false };
    expect(await browser.viewer(foreign)).toBe('403 FORBIDDEN');
    const { status, body } = await browser.send('DELETE', '/session', foreign);
    expect([status, body.errors[0].message]).toEqual([403, expect.stringContaining('x-comptoir-request')]);
    const login = await new Browser(app.url).signIn(await app.token('FEED'), foreign);
    expect([login.status, login.headers.getSetCookie()]).toEqual([403, []]);
    expect(await browser.viewer()).toBe('Hal');
  });

  test('are refused when the browser names another site, whatever they bring; a link is no such request', async () => {
    const { browser } = await signedIn('Ida');
    for (const site of ['cross-site', 'same-site']) {
      const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'cors' };
      expect([site, await browser.viewer({ headers })]).toEqual([site, '403 FORBIDDEN']);
      const path = `/graphql?query=${encodeURIComponent('{ viewer { name } }')}`;
      expect((await browser.send('GET', path, { headers })).status).toBe(403);
      // Not with fetch, which sets sec-fetch-mode by itself.
      const link = {
        ...{ cookie: [...browser.cookies].map((pair) => pair.join('=')).join('; ') },
        ...{ 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', accept: 'application/json' },
      };
      const followed = await request(app.url).get(path).set(link);
      expect(followed.body).toEqual({ data: { viewer: { name: 'Ida' } } });
      expect((await request(app.url).delete('/session').set(link)).status).toBe(403);
    }
    expect(await browser.viewer({ headers: { 'sec-fetch-site': 'same-origin' } })).toBe('Ida');
  });

  test('by GET run no mutation', async () => {
    const { browser } = await signedIn('Jan');
    const text = 'mutation { revokeSession(input: { session: "x", idempotencyKey: "x" }) { __typename } }';
    const { status } = await browser.send('GET', `/graphql?query=${encodeURIComponent(text)}`);
    expect(status).toBe(405);
  });

  test('of an allowed origin are not let in with cookies', async () => {
    const open = await startApp({ CORS_ORIGINS: 'https://shop.example' }, app);
    try {
      const headers = {
        ...{ origin: 'https://shop.example', 'access-control-request-method': 'POST' },
        'access-control-request-headers': 'x-comptoir-request, content-type',
      };
      const preflight = await new Browser(open.url).send('OPTIONS', '/graphql', { headers, ownPage: false });
      expect(preflight.headers.get('access-control-allow-origin')).toBe('https://shop.example');
      expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
      const other = await new Browser(open.url).send('OPTIONS', '/session', { headers, ownPage: false });
      expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([405, null]);
    } finally {
      await open.close();
    }
  });
});

describe('a session ends', () => {
  afterEach(async () => {
    app.wait((START.getTime() - app.parts.clock().getTime()) / 60_000);
  });

  test('without use for an hour, and use moves that hour', async () => {
    const { browser } = await signedIn('Kim');
    for (let use = 0; use < 3; use += 1) {
      app.wait(59);
      expect(await browser.viewer()).toBe('Kim');
    }
    app.wait(59);
    // Neither what a page sends by itself nor the look at the session counts as use.
    expect(await browser.viewer({ headers: { 'x-comptoir-request': 'background' } })).toBe('Kim');
    expect((await browser.session()).body.idleAt).toBe(at(3 * 59 + 60));
    app.wait(1);
    expect(await browser.viewer()).toBe('401 UNAUTHENTICATED');
    expect(browser.cookies.size).toBe(0);
    expect((await browser.session()).body.actor).toBeNull();
  });

  test('after twelve hours however much it is used', async () => {
    const { browser } = await signedIn('Leo');
    for (let hour = 0; hour < 14; hour += 1) {
      app.wait(50);
      expect(await browser.viewer()).toBe('Leo');
    }
    app.wait(20);
    expect(await browser.viewer()).toBe('401 UNAUTHENTICATED');
  });

  test('with the token that it was opened with', async () => {
    const { actor } = await administer(app, admin, 'createActor', { name: 'Mia', role: 'FEED' });
    const input = { actor: actor.id, expiresAt: at(30) };
    const [short, revoked] = [
      await administer(app, admin, 'createToken', input),
      await administer(app, admin, 'createToken', { actor: actor.id }),
    ];
    const [first, second] = [new Browser(app.url), new Browser(app.url)];
    await first.signIn(short.token);
    await second.signIn(revoked.token);
    expect([await first.viewer(), await second.viewer()]).toEqual(['Mia', 'Mia']);
    expect((await first.session()).body.expiresAt).toBe(at(30));
    await administer(app, admin, 'revokeToken', { token: revoked.accessToken.id });
    expect(await second.viewer()).toBe('401 UNAUTHENTICATED');
    app.wait(30);
    expect(await first.viewer()).toBe('401 UNAUTHENTICATED');
  });

  test.each([
    [{ role: 'PLANNER', locations: [] }],
    [{ manager: true }],
    [{ locations: ['lyon'] }],
    [{ active: false }],
  ])('when its actor changes to %j, and not when it is renamed', async (change) => {
    const name = `Ned ${JSON.stringify(change)}`;
    const { actor } = await administer(app, admin, 'createActor', {
      name,
      role: 'STAFF',
      locations: ['paris'],
    });
    const { token } = await administer(app, admin, 'createToken', { actor: actor.id });
    const browser = new Browser(app.url);
    await browser.signIn(token);
    await administer(app, admin, 'updateActor', { actor: actor.id, name: `${name}, renamed` });
    expect(await browser.viewer()).toBe(`${name}, renamed`);
    await administer(app, admin, 'updateActor', { actor: actor.id, ...change });
    expect(await browser.viewer()).toBe('401 UNAUTHENTICATED');
  });

  test('by signing out, here and for whoever copied its cookie, and the browser drops what it stored', async () => {
    const { browser } = await signedIn('Ola');
    const thief = browser.copy();
    expect(await thief.viewer()).toBe('Ola');
    const { status, headers } = await browser.send('DELETE', '/session');
    expect(status).toBe(204);
    expect(headers.get('clear-site-data')).toBe('"cache", "cookies", "storage"');
    expect(browser.cookies.size).toBe(0);
    expect(await thief.viewer()).toBe('401 UNAUTHENTICATED');
    expect((await browser.send('DELETE', '/session')).status).toBe(204);
  });
});

describe('mySessions and revokeSession', () => {
  test('show a person the own sessions, and end one', async () => {
    const { browser, token } = await signedIn('Pam');
    const other = new Browser(app.url);
    await other.signIn(token);
    const { data } = await browser.gql(MINE);
    expect(data.mySessions).toHaveLength(2);
    expect(data.mySessions[0]).toMatchObject({ signIn: 'TOKEN', createdAt: at(0), revokedAt: null });
    const session = data.mySessions[0].id;
    const done = await browser.gql(REVOKE, { session, key: 'away' });
    expect(done.data.revokeSession).toMatchObject({ session: { id: session, revokedAt: at(0) } });
    expect(await other.viewer()).toBe('401 UNAUTHENTICATED');
    expect((await browser.gql(REVOKE, { session, key: 'away' })).data).toEqual(done.data);
    expect((await browser.gql(MINE)).data.mySessions).toHaveLength(1);
  });

  test('of another person are found by administrators only', async () => {
    const { browser } = await signedIn('Quy');
    const session = (await browser.gql(MINE)).data.mySessions[0].id;
    const { browser: other } = await signedIn('Rob');
    const refused = await other.gql(REVOKE, { session, key: 'not mine' });
    expect(refused.data.revokeSession).toMatchObject({ __typename: 'NotFound', what: 'Session' });
    const read = 'query ($id: ID!) { node(id: $id) { id } }';
    expect((await other.gql(read, { id: session })).data.node).toBeNull();
    expect((await browser.gql(read, { id: session })).data.node).toEqual({ id: session });
    expect(await browser.viewer()).toBe('Quy');
    const { data } = await app.gql(admin, '{ actors(first: 200) { nodes { name sessions { id } } } }');
    expect(data.actors.nodes.find(({ name }) => name === 'Quy').sessions).toEqual([{ id: session }]);
    const done = await app.gql(admin, REVOKE, { session, key: 'as chief' });
    expect(done.data.revokeSession.__typename).toBe('RevokeSessionSuccess');
    expect(await browser.viewer()).toBe('401 UNAUTHENTICATED');
  });

  test('an actor has fifty at once; a further one ends the oldest', async () => {
    const { browser: oldest, token } = await signedIn('Sue');
    const browsers = Array.from({ length: 50 }, () => new Browser(app.url));
    await Promise.all(browsers.map((browser) => browser.signIn(token)));
    const { data } = await browsers[0]!.gql(MINE);
    expect(data.mySessions).toHaveLength(50);
    expect((await oldest.copy().session()).body.actor).toBeNull();
  });
});

test('a session runs only the operations of our pages where the setting says so, as it does in production', async () => {
  const strict = await startApp({ SESSION_OPERATIONS_ONLY: 'on' }, app);
  try {
    const token = await app.token('STAFF', 'Tess', ['paris']);
    const browser = new Browser(strict.url);
    await browser.signIn(token);
    expect(await browser.viewer()).toBe('403 PERSISTED_QUERY_ONLY');
    const documentId = operationIds('counter').queue;
    const body = { documentId, variables: { location: 'paris' } };
    const { status, body: answer } = await browser.send('POST', '/graphql', { body });
    expect({ status, errors: answer.errors }).toEqual({ status: 200, errors: undefined });
    expect(answer.data.pickupQueue.location.code).toBe('paris');
    const both = { ...body, query: '{ viewer { name } }' };
    expect((await browser.send('POST', '/graphql', { body: both })).status).not.toBe(200);
    const address = `/graphql?query=${encodeURIComponent('{ viewer { name } }')}`;
    expect((await browser.send('GET', address)).body.errors[0].extensions.code).toBe('PERSISTED_QUERY_ONLY');
    // Programs sign in with tokens.
    expect(await viewerOf(strict, token)).toMatchObject({ name: 'Tess' });
  } finally {
    await strict.close();
  }
});
