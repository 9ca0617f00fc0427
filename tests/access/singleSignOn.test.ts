// Single sign-on against a real provider: groups become rights, and what was not begun here, or is not proven, opens no session.

import { START, startApp, type TestApp } from '../support/app';
import { Browser } from './browser';
import { OpenIdProvider } from './openIdProvider';
import { goodPin } from './tabletSupport';

const PUBLIC_URL = 'http://127.0.0.1:4999';
const BEGIN = '/session/single-sign-on';
const CALLBACK = `${BEGIN}/callback`;
const GROUPS = {
  admins: { role: 'ADMIN' },
  'CN=Rivoli managers,OU=shops': { role: 'STAFF', locations: ['paris'], manager: true },
  paris: { role: 'STAFF', locations: ['paris'] },
  lyon: { role: 'STAFF', locations: ['lyon'] },
  planners: { role: 'PLANNER' },
  closed: { role: 'STAFF', locations: ['a shop that does not exist'] },
};

let provider: OpenIdProvider;
let settings: Record<string, string>;
let app: TestApp;
beforeAll(async () => {
  provider = await OpenIdProvider.start(PUBLIC_URL + CALLBACK, `${PUBLIC_URL}/`);
  settings = {
    ...{ SSO_ISSUER: provider.issuer, SSO_CLIENT_ID: 'comptoir', SSO_CLIENT_SECRET: 'a secret of the tests' },
    ...{ SSO_GROUPS: JSON.stringify(GROUPS), SSO_SCOPES: 'openid profile groups', PUBLIC_URL },
  };
  app = await startApp(settings);
});
afterAll(async () => {
  await provider.close();
  await app.close();
});
afterEach(() => {
  provider.secondsBehind = 0;
  app.wait((START.getTime() - app.parts.clock().getTime()) / 60_000);
});

let people = 0;
/** A new person of the provider. */
function account(name: string, groups: unknown): string {
  people += 1;
  provider.accounts.set(`subject-${people}`, { name, groups });
  return `subject-${people}`;
}

/** The way to the provider and back: the path of our callback with its parameters. */
async function comeBack(browser: Browser, subject: string, returnTo = '/counter'): Promise<string> {
  const begun = await browser.send('GET', `${BEGIN}?returnTo=${encodeURIComponent(returnTo)}`);
  expect(begun.status).toBe(303);
  const back = await provider.signIn(begun.headers.get('location')!, subject);
  expect(back.startsWith(PUBLIC_URL + CALLBACK)).toBe(true);
  return back.slice(PUBLIC_URL.length);
}
/** Signs in; the status, and where it leads. */
async function signIn(browser: Browser, subject: string, returnTo?: string) {
  const { status, headers, body } = await browser.send('GET', await comeBack(browser, subject, returnTo));
  return { status, location: headers.get('location'), body, cookies: headers.getSetCookie() };
}
const NOBODY = '200 UNAUTHENTICATED';

describe('a person of the provider', () => {
  test('gets an actor with the rights of the groups, and the page that was wanted', async () => {
    const subject = account('Ada Lovelace', ['unknown', 'paris', 'lyon']);
    const browser = new Browser(app.url);
    expect((await browser.session()).body.ways.singleSignOn).toBe(true);
    const { status, location, cookies } = await signIn(browser, subject);
    expect([status, location]).toEqual([303, '/counter']);
    expect(
      cookies.some((line) => /^development-comptoir-session=[\w-]{43};.*SameSite=Strict/.test(line)),
    ).toBe(true);
    expect([...browser.cookies.keys()]).toEqual(['development-comptoir-session']);
    const { body } = await browser.session();
    expect(body).toMatchObject({ signIn: 'SINGLE_SIGN_ON', actor: { name: 'Ada Lovelace', role: 'STAFF' } });
    expect(body.actor.locations.map(({ code }: { code: string }) => code)).toEqual(['lyon', 'paris']);
    // Another time, another browser: the same actor. Neither name nor subject is stored with the identity.
    const other = new Browser(app.url);
    await signIn(other, subject);
    expect(await other.viewer()).toBe('Ada Lovelace');
    const rows = await app.db.rows<{ text: string }>('SELECT s::text AS text FROM single_sign_on s');
    expect([rows.length, rows.some(({ text }) => text.includes(subject))]).toEqual([1, false]);
  });

  test('with the cookie of the way there: Lax, ten minutes, and unreadable', async () => {
    const begun = await new Browser(app.url).send('GET', BEGIN);
    const line = begun.headers.getSetCookie().find((one) => one.startsWith('development-comptoir-sign-on='))!;
    expect(line).toMatch(/; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/);
    const address = new URL(begun.headers.get('location')!);
    expect(Object.fromEntries(address.searchParams)).toMatchObject({
      ...{ client_id: 'comptoir', response_type: 'code', code_challenge_method: 'S256' },
      ...{ redirect_uri: PUBLIC_URL + CALLBACK, state: expect.any(String), nonce: expect.any(String) },
    });
    expect(Buffer.from(line.split(/[=;]/)[1]!, 'base64url').toString('latin1')).not.toContain('verifier');
  });

  test('of other groups than before has other rights, and its other sessions end', async () => {
    const subject = account('Bea', ['paris']);
    const [old, now] = [new Browser(app.url), new Browser(app.url)];
    await signIn(old, subject);
    provider.accounts.set(subject, { name: 'Bea', groups: ['CN=Rivoli managers,OU=shops', 'paris'] });
    await signIn(now, subject);
    expect(await old.viewer()).toBe('401 UNAUTHENTICATED');
    expect((await now.session()).body.actor).toMatchObject({ role: 'STAFF', manager: true });
    provider.accounts.set(subject, { name: 'Bea', groups: 'planners' });
    await signIn(old, subject);
    expect(await now.viewer()).toBe('401 UNAUTHENTICATED');
    expect((await old.session()).body.actor).toMatchObject({
      role: 'PLANNER',
      manager: false,
      locations: [],
    });
  });

  test('has the name of another and is another actor', async () => {
    const browsers = [new Browser(app.url), new Browser(app.url)];
    await app.token('STAFF', 'Cleo', ['paris']);
    for (const browser of browsers) await signIn(browser, account('Cleo', ['admins']));
    expect(await Promise.all(browsers.map((browser) => browser.viewer()))).toEqual(['Cleo (2)', 'Cleo (3)']);
  });

  test.each([
    ['without a group of ours', ['unknown'], 403, 'Votre compte n’appartient à aucun groupe'],
    ['without groups', undefined, 403, 'Votre compte n’appartient à aucun groupe'],
    ['with a claim of another form', { admins: true }, 403, 'Votre compte n’appartient à aucun groupe'],
    ['of a shop that does not exist', ['closed'], 403, 'Les magasins de vos groupes n’existent pas'],
  ])('%s is refused with the reason, and leaves no actor', async (_name, groups, status, text) => {
    const browser = new Browser(app.url);
    const refused = await signIn(browser, account(`Nobody ${people}`, groups));
    expect([refused.status, refused.body]).toEqual([status, expect.stringContaining(text)]);
    expect([browser.cookies.size, await browser.viewer()]).toEqual([0, NOBODY]);
    expect(await app.db.rows(`SELECT id FROM actor WHERE name LIKE 'Nobody%'`)).toEqual([]);
  });

  test('who was deactivated here stays so', async () => {
    const subject = account('Dan', ['paris']);
    await signIn(new Browser(app.url), subject);
    await app.db.rows(`UPDATE actor SET active = false WHERE name = 'Dan'`);
    expect((await signIn(new Browser(app.url), subject)).body).toContain('Votre accès a été désactivé');
  });

  test('sets a PIN, for the tablets of the shop', async () => {
    const browser = new Browser(app.url);
    await signIn(browser, account('Eli', ['paris']));
    expect((await browser.send('PUT', '/session/pin', { body: { pin: goodPin(1) } })).status).toBe(204);
  });

  test('signs out at the provider as well', async () => {
    const browser = new Browser(app.url);
    await signIn(browser, account('Flo', ['paris']));
    const { status, body, headers } = await browser.send('DELETE', '/session');
    expect([status, headers.get('clear-site-data')]).toEqual([200, '"cache", "cookies", "storage"']);
    const address = new URL(body.signOutAt);
    expect(address.origin).toBe(provider.issuer);
    expect(address.searchParams.get('post_logout_redirect_uri')).toBe(`${PUBLIC_URL}/`);
    expect((await fetch(address)).status).toBe(200);
    expect(await browser.viewer()).toBe(NOBODY);
  });
});

describe('no session is opened', () => {
  const refusedAt = async (browser: Browser, path: string, text: string, status: number) => {
    const answer = await browser.send('GET', path);
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(text)]);
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(await browser.viewer()).toBe(NOBODY);
  };
  const NOT_BEGUN = 'n’a pas été commencée dans ce navigateur';
  const NOT_PROVEN = 'n’a pas pu être vérifiée';

  test('in a browser that did not begin it: nobody is signed in as another person by a link', async () => {
    const path = await comeBack(new Browser(app.url), account('Attacker', ['paris']));
    await refusedAt(new Browser(app.url), path, NOT_BEGUN, 400);
    // Nor in one that has begun another sign-in.
    const victim = new Browser(app.url);
    await victim.send('GET', BEGIN);
    await refusedAt(victim, path, NOT_PROVEN, 401);
  });

  test('with another state, without one, or without a code', async () => {
    const change = async (edit: (url: URL) => void): Promise<[Browser, string]> => {
      const browser = new Browser(app.url);
      const url = new URL(await comeBack(browser, account('Gus', ['paris'])), PUBLIC_URL);
      edit(url);
      return [browser, url.pathname + url.search];
    };
    for (const edit of [
      (url: URL) => url.searchParams.set('state', 'another'),
      (url: URL) => url.searchParams.delete('state'),
      (url: URL) => url.searchParams.delete('code'),
      (url: URL) => url.searchParams.set('code', 'guessed'),
      (url: URL) => url.searchParams.set('iss', 'https://evil.example'),
    ]) {
      await refusedAt(...(await change(edit)), NOT_PROVEN, 401);
    }
  });

  test('with a cookie that was changed, made by others, or is older than ten minutes', async () => {
    const browser = new Browser(app.url);
    const path = await comeBack(browser, account('Hal', ['paris']));
    const [sealed] = [...browser.cookies.values()];
    for (const value of ['', 'x', `${sealed!.slice(0, -2)}AA`, Buffer.alloc(60).toString('base64url')]) {
      const other = new Browser(app.url);
      other.cookies.set('development-comptoir-sign-on', value);
      await refusedAt(other, path, NOT_BEGUN, 400);
    }
    app.wait(10);
    await refusedAt(browser, path, NOT_BEGUN, 400);
  });

  test('by a return that is replayed', async () => {
    const browser = new Browser(app.url);
    const path = await comeBack(browser, account('Ida', ['paris']));
    const thief = browser.copy();
    expect((await browser.send('GET', path)).status).toBe(303);
    expect(await browser.viewer()).toBe('Ida');
    await refusedAt(thief, path, NOT_PROVEN, 401);
    await refusedAt(new Browser(app.url), path, NOT_BEGUN, 400);
  });

  test('when the provider stops it, and the page is in the language of the browser', async () => {
    const browser = new Browser(app.url);
    const begun = await browser.send('GET', BEGIN);
    const state = new URL(begun.headers.get('location')!).searchParams.get('state');
    const iss = encodeURIComponent(provider.issuer);
    const path = `${CALLBACK}?error=access_denied&state=${state}&iss=${iss}`;
    const english = await browser.copy().send('GET', path, { headers: { 'accept-language': 'en-GB' } });
    expect([english.status, english.body]).toEqual([403, expect.stringContaining('stopped this sign-in')]);
    expect(english.body).toContain('<html lang="en">');
    await refusedAt(browser, path, 'a interrompu la connexion', 403);
  });

  test('by an ID token that has expired, beyond what clocks may differ', async () => {
    provider.secondsBehind = 25;
    const browser = new Browser(app.url);
    expect((await signIn(browser, account('Jan', ['paris']))).status).toBe(303);
    provider.secondsBehind = 60;
    const late = new Browser(app.url);
    await refusedAt(late, await comeBack(late, account('Kim', ['paris'])), NOT_PROVEN, 401);
  });

  test('while the provider is away; when it is back, people sign in', async () => {
    const gone = await OpenIdProvider.start(PUBLIC_URL + CALLBACK, `${PUBLIC_URL}/`);
    const second = await startApp({ ...settings, SSO_ISSUER: gone.issuer }, app);
    try {
      await gone.close();
      const browser = new Browser(second.url);
      const { status, body } = await browser.send('GET', BEGIN);
      expect([status, body]).toEqual([502, expect.stringContaining('ne répond pas')]);
      expect(browser.cookies.size).toBe(0);
    } finally {
      await second.close();
    }
  });
});

test('the session that the browser had ends: nobody can prepare one for another person', async () => {
  const browser = new Browser(app.url);
  await browser.signIn(await app.token('STAFF', 'Leo', ['paris']));
  const attacker = browser.copy();
  await signIn(browser, account('Mia', ['paris']));
  expect([await browser.viewer(), await attacker.viewer()]).toEqual(['Mia', '401 UNAUTHENTICATED']);
});

test.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '/counter/../x',
  '/%2F',
  'counter',
  '',
])('who wants to come back to %j comes to the first page', async (returnTo) => {
  const { location } = await signIn(new Browser(app.url), account('Ned', ['paris']), returnTo);
  expect(location).toBe('/');
});

test('without a provider there is no such way', async () => {
  const plain = await startApp({}, app);
  try {
    const browser = new Browser(plain.url);
    expect((await browser.session()).body.ways.singleSignOn).toBe(false);
    for (const path of [BEGIN, CALLBACK]) expect((await browser.send('GET', path)).status).toBe(404);
  } finally {
    await plain.close();
  }
});
