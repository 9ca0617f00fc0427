// What one token and one address may send in a time: past it 429 with the standard fields, and nobody else is touched.

import { randomBytes } from 'node:crypto';
import { startApp, type TestApp } from '../support/app';

const LIMITS = {
  RATE_PER_TOKEN: '20',
  RATE_PER_ADDRESS: '50',
  RATE_WITHOUT_TOKEN: '10',
  WRONG_TOKENS_PER_ADDRESS: '4',
};

let app: TestApp;
beforeAll(async () => {
  // The proxy that is trusted is the test itself: each test comes from addresses of its own.
  app = await startApp({ ...LIMITS, TRUST_PROXY: 'loopback' });
});
afterAll(() => app.close());

interface Sent {
  token?: string;
  from: string;
  body?: string;
  path?: string;
}

async function send({ token, from, body, path = '/graphql' }: Sent) {
  const response = await fetch(`${app.url}${path}`, {
    ...(path === '/graphql' && { method: 'POST', body: body ?? '{"query":"{ __typename }"}' }),
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': from,
      ...(token && { authorization: `Bearer ${token}` }),
    },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

async function statuses(count: number, sent: (i: number) => Sent): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (let i = 0; i < count; i += 1) {
    const { status } = await send(sent(i));
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

const wrong = (): string => randomBytes(32).toString('base64url');

test('a token past its rate gets 429 with the standard fields; another token of the same address does not', async () => {
  const [token, other] = [await app.token('FEED'), await app.token('FEED')];
  const from = '192.0.2.1';
  const first = await send({ token, from });
  expect(first.status).toBe(200);
  expect(first.headers.get('ratelimit-policy')).toBe('"token";q=20;w=10');
  expect(first.headers.get('ratelimit')).toBe('"token";r=19;t=10');
  expect(await statuses(19, () => ({ token, from }))).toEqual({ 200: 19 });
  const refused = await send({ token, from, body: 'not even JSON' });
  expect(refused.status).toBe(429);
  expect(refused.headers.get('ratelimit-policy')).toBe('"token";q=20;w=10');
  expect(refused.headers.get('ratelimit')).toMatch(/^"token";r=0;t=([1-9]|10)$/);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(10);
  expect(JSON.parse(refused.text).errors).toEqual([
    {
      message: expect.stringMatching(
        /^More than 20 requests of this token came within 10 s; try again in \d+ s\. .* RATE_PER_TOKEN\.$/,
      ),
      extensions: { code: 'TOO_MANY_REQUESTS' },
    },
  ]);
  // From another address it is still the same token.
  expect((await send({ token, from: '192.0.2.2' })).status).toBe(429);
  // Charts are a route like any other.
  expect((await send({ token, from, path: '/charts/forecast/MUG/paris.svg' })).status).toBe(429);
  expect((await send({ token: other, from })).status).toBe(200);
});

test('an address past its rate gets 429 whatever its tokens; others do not', async () => {
  const tokens = await Promise.all(Array.from({ length: 4 }, () => app.token('FEED')));
  const from = '198.51.100.7';
  expect(await statuses(51, (i) => ({ token: tokens[i % 4], from }))).toEqual({ 200: 50, 429: 1 });
  const refused = await send({ token: tokens[3], from });
  expect(refused.headers.get('ratelimit-policy')).toBe('"address";q=50;w=10');
  expect((await send({ token: tokens[3], from: '198.51.100.8' })).status).toBe(200);
});

test('requests without a token are limited by address before they are read', async () => {
  const from = '203.0.113.5';
  expect(await statuses(10, () => ({ from }))).toEqual({ 200: 10 });
  // Neither its form nor its body is looked at any more.
  const refused = await send({ from, body: '{"query":"{ __schema { types { name } } }"' });
  expect(refused.status).toBe(429);
  expect(refused.headers.get('ratelimit-policy')).toBe('"no-token";q=10;w=10');
  expect((await send({ from, path: '/charts/forecast/MUG/paris.svg' })).status).toBe(429);
  expect((await send({ from, path: '/metrics' })).status).toBe(429);
  // Load balancers ask for health from one address, and are not callers.
  expect((await send({ from, path: '/health/live' })).status).toBe(200);
  // Somebody with a good token behind the same address is not touched.
  expect((await send({ from, token: await app.token('FEED') })).status).toBe(200);
  expect((await send({ from: '203.0.113.6' })).status).toBe(200);
});

test('one customer’s /64 of IPv6 is one address, and IPv4 in IPv6 is IPv4', async () => {
  const from = (i: number): string => `2001:db8:7:7:${i.toString(16)}::1`;
  expect(await statuses(12, (i) => ({ from: from(i) }))).toEqual({ 200: 10, 429: 2 });
  expect((await send({ from: '2001:db8:7:8::1' })).status).toBe(200);
  expect(await statuses(10, () => ({ from: '203.0.113.9' }))).toEqual({ 200: 10 });
  expect((await send({ from: '::ffff:203.0.113.9' })).status).toBe(429);
});

test('guesses at tokens are limited on every route; good tokens of the same address are let in', async () => {
  const good = await app.token('FEED');
  const from = '192.0.2.50';
  expect((await send({ token: good, from })).status).toBe(200);
  const ended = wrong();
  // One wrong token repeated is one guess.
  expect(await statuses(5, () => ({ token: ended, from }))).toEqual({ 401: 5 });
  const path = '/metrics';
  expect(await statuses(4, (i) => ({ token: wrong(), from, ...(i % 2 && { path }) }))).toEqual({
    401: 3,
    429: 1,
  });
  const before = app.db.statements();
  const refused = await send({ token: wrong(), from });
  expect(refused.status).toBe(429);
  expect(JSON.parse(refused.text).errors[0].message).toContain('WRONG_TOKENS_PER_ADDRESS');
  expect((await send({ token: wrong(), from, path: '/metrics' })).status).toBe(429);
  expect(app.db.statements()).toBe(before);
  expect((await send({ token: good, from })).status).toBe(200);
  expect((await send({ token: wrong(), from: '192.0.2.51' })).status).toBe(401);
  // What is sent with a token that is not good counts as sent without one.
  expect(await statuses(4, () => ({ token: ended, from }))).toEqual({ 401: 2, 429: 2 });
});

test('refusals are counted by the limit that was met', async () => {
  const admin = await app.token('ADMIN');
  const { text } = await send({ token: admin, from: '192.0.2.60', path: '/metrics' });
  for (const limit of ['token', 'address', 'no-token', 'wrong-token']) {
    expect(text).toMatch(new RegExp(`^comptoir_limited_requests_total\\{limit="${limit}"\\} [1-9]`, 'm'));
  }
});

test('a limit of 0 or off is none', async () => {
  const off = await startApp({ RATE_PER_TOKEN: 'off', RATE_PER_ADDRESS: '0', RATE_WITHOUT_TOKEN: '0' }, app);
  try {
    const token = await app.token('FEED');
    for (let i = 0; i < 60; i += 1) {
      const { status, headers } = await fetch(`${off.url}/graphql?query={__typename}`, {
        headers: i % 2 ? { authorization: `Bearer ${token}` } : {},
      });
      expect([status, headers.get('ratelimit')]).toEqual([200, null]);
    }
  } finally {
    await off.close();
  }
});
