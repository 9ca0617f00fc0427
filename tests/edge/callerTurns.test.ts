// Requests of one caller at once: a flood waits in its own line, refusals come before the body, and streams are shared out.

import { setTimeout as sleep } from 'node:timers/promises';
import { subscribe } from '../push/support';
import { startApp, type TestApp } from '../support/app';
import { lockTable } from '../support/lockedTable';
import { lockWaiters, untilLocked } from '../support/lockWaits';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({
    CONCURRENT_PER_TOKEN: '30',
    CONCURRENT_WITHOUT_TOKEN: '6',
    STREAMS_PER_PROCESS: '8',
    STREAMS_PER_ACTOR: '5',
    STREAMS_PER_ADDRESS: '7',
    TRUST_PROXY: 'loopback',
  });
});
afterAll(() => app.close());

interface Sent {
  token?: string;
  accept?: string;
  body?: string;
  path?: string;
}
const ORDERS = '{"query":"{ orders(first: 1) { edges { cursor } } }"}';

async function send({ token, accept = 'application/json', body = ORDERS, path = '/graphql' }: Sent) {
  const response = await fetch(`${app.url}${path}`, {
    ...(path === '/graphql' && { method: 'POST', body }),
    headers: {
      'content-type': 'application/json',
      accept,
      'x-forwarded-for': '192.0.2.1',
      ...(token && { authorization: `Bearer ${token}` }),
    },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

test('a flood waits in its own line, whatever it accepts, and another token is answered meanwhile', async () => {
  const [flooder, other] = [await app.token('PLANNER'), await app.token('PLANNER')];
  const light = '{"query":"{ viewer { name } }"}';
  // Somebody else is there.
  expect((await send({ token: other, body: light })).status).toBe(200);
  const table = await lockTable(app.databaseUrl, 'customer_order');
  const accept = 'application/json, text/event-stream';
  const done: string[] = [];
  const flood = Array.from({ length: 30 }, async (_, i) => {
    const { status } = await send({ token: flooder, accept: i % 2 ? accept : undefined });
    done.push('flood');
    return status;
  });
  await untilLocked(app.db);
  await sleep(300);
  // Its first requests are under way, and the rest of 30 have not begun.
  expect(await lockWaiters(app.db)).toBeLessThanOrEqual(8);
  // Past the most at once: refused before the body, which is not JSON, and whatever it accepts.
  const refused = await send({ token: flooder, accept, body: 'not JSON' });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  expect(refused.headers.get('ratelimit-policy')).toBe('"concurrency";q=30;qu="concurrent-requests"');
  expect(JSON.parse(refused.text).errors[0]).toEqual({
    message: expect.stringMatching(/^30 requests of this token are under way, .* CONCURRENT_PER_TOKEN\.$/),
    extensions: { code: 'TOO_MANY_REQUESTS' },
  });
  // Charts count with the rest.
  expect((await send({ token: flooder, path: '/charts/forecast/MUG/paris.svg' })).status).toBe(429);
  // Another token does not wait for the backlog, neither for what is free nor, once it can be had, for the table.
  expect((await send({ token: other, body: light })).status).toBe(200);
  const victim = send({ token: other }).then(({ status }) => {
    done.push('victim');
    return status;
  });
  await sleep(100);
  await table.unlock();
  expect(await victim).toBe(200);
  expect(done.indexOf('victim')).toBeLessThan(20);
  expect(new Set(await Promise.all(flood))).toEqual(new Set([200]));
});

test('a client that goes while it waits frees its location', async () => {
  const [flooder, other] = [await app.token('PLANNER'), await app.token('PLANNER')];
  await send({ token: other });
  const table = await lockTable(app.databaseUrl, 'customer_order');
  const leaving = new AbortController();
  const gone = Array.from({ length: 30 }, () =>
    fetch(`${app.url}/graphql`, {
      ...{ method: 'POST', body: ORDERS, signal: leaving.signal },
      headers: { 'content-type': 'application/json', authorization: `Bearer ${flooder}` },
    }).catch(() => null),
  );
  const full = async (): Promise<boolean> =>
    (await send({ token: flooder, body: 'not JSON' })).status === 429;
  while (!(await full())) await sleep(10);
  leaving.abort();
  await Promise.all(gone);
  while (await full()) await sleep(10);
  await table.unlock();
  expect((await send({ token: flooder })).status).toBe(200);
});

test('requests without a token at once are limited by address', async () => {
  const bodies: ReadableStreamDefaultController<Uint8Array>[] = [];
  // Their bodies end when the test wants: until then they are under way.
  const open = Array.from({ length: 6 }, () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Buffer.from(ORDERS.slice(0, 1)));
        bodies.push(controller);
      },
    });
    return fetch(`${app.url}/graphql`, {
      ...{ method: 'POST', body, duplex: 'half' },
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.1' },
    } as RequestInit);
  });
  let refused = await send({});
  for (let i = 0; i < 100 && refused.status !== 429; i += 1) refused = await send({});
  expect(refused.status).toBe(429);
  expect(JSON.parse(refused.text).errors[0].message).toContain('CONCURRENT_WITHOUT_TOKEN');
  expect((await send({ token: await app.token('PLANNER') })).status).toBe(200);
  for (const body of bodies) {
    body.enqueue(Buffer.from(ORDERS.slice(1)));
    body.close();
  }
  for (const { status } of await Promise.all(open)) expect(status).toBe(200);
});

test('a body without a token is small', async () => {
  const body = JSON.stringify({ query: `{ __typename } #${'x'.repeat(70_000)}` });
  const { status, text } = await send({ body });
  expect(status).toBe(413);
  expect(JSON.parse(text).errors[0].message).toContain('64kb, the most without a token');
  expect((await send({ body, token: await app.token('PLANNER') })).status).toBe(200);
});

test('streams are shared out among actors and addresses, and a request is none for what it accepts', async () => {
  const STOCK = 'subscription { stockChanged(skus: ["MUG"], locations: ["paris"]) { available } }';
  const tokens = await Promise.all(Array.from({ length: 4 }, () => app.token('PLANNER')));
  const open: { close(): void }[] = [];
  const subscribed = async (token: string): Promise<string> => {
    const stream = await subscribe(app.url, token, STOCK);
    const event = await stream.next();
    if (event?.errors === undefined) open.push(stream);
    else stream.close();
    return event?.errors?.[0]?.message ?? 'open';
  };
  const accept = 'application/json, text/event-stream';
  for (let i = 0; i < 10; i += 1) expect((await send({ token: tokens[0]!, accept })).status).toBe(200);
  try {
    // 8 in all: with 4 open, the last 4 are for others.
    for (let i = 0; i < 4; i += 1) expect(await subscribed(tokens[0]!)).toBe('open');
    expect(await subscribed(tokens[0]!)).toBe(
      'You have 4 subscriptions open here, and the last 4 are kept for others; close some first.',
    );
    for (let i = 0; i < 2; i += 1) expect(await subscribed(tokens[1]!)).toBe('open');
    expect(await subscribed(tokens[1]!)).toContain('the last 2 are kept for others');
    expect(await subscribed(tokens[2]!)).toBe('open');
    expect(await subscribed(tokens[3]!)).toBe(
      'Your address has 7 subscriptions open here, the most allowed; close some first.',
    );
    // Streams that are open take nothing of the requests at once.
    expect((await send({ token: tokens[0]! })).status).toBe(200);
  } finally {
    for (const stream of open) stream.close();
  }
});
