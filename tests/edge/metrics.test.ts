// /metrics: labels out of fixed lists whatever strangers send, its own figures for streams, and an answer without the database.

import type { AddressInfo } from 'node:net';
import request from 'supertest';
import type { Db } from '../../src/db/pool';
import { createApp } from '../../src/server/app';
import { subscribe } from '../push/support';
import { startApp, type TestApp } from '../support/app';

const METRICS_TOKEN = 'a-token-for-the-scraper-of-the-tests';

let app: TestApp;
let admin: string;
let monitor: string;
beforeAll(async () => {
  app = await startApp({ CORS_ORIGINS: 'https://shop.example', METRICS_TOKEN });
  admin = await app.token('ADMIN');
  monitor = await app.token('MONITOR');
});
afterAll(() => app.close());

const scrape = (token: string, url = app.url) =>
  request(url).get('/metrics').set('authorization', `Bearer ${token}`);

/** The app on another connection to the database. */
async function withDb(db: Db, work: (url: string) => Promise<void>): Promise<void> {
  const server = createApp({ ...app.parts, db }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** All values of a label in the text of /metrics. */
function valuesOf(text: string, label: string): Set<string> {
  return new Set([...text.matchAll(new RegExp(`[{,]${label}="([^"]*)"`, 'g'))].map((found) => found[1]!));
}

const KNOWN: Record<string, RegExp> = {
  route: /^(\/graphql|\/metrics|\/charts|\/health\/live|\/health\/ready|other)$/,
  method: /^(GET|POST|DELETE|HEAD|OPTIONS|other)$/,
  status: /^(\d{3}|aborted|other|[A-Z_]+)$/,
  operation: /^(query|mutation|subscription|none)$/,
  // Beside refusals, the kinds of collections of memory.
  kind: /^([A-Z][A-Za-z]+|other|minor|major|incremental|weakcb)$/,
};

describe('labels', () => {
  const send = async (path: string, method: string, headers: Record<string, string> = {}): Promise<void> => {
    const answer = await fetch(`${app.url}${path}`, { method, headers });
    await answer.arrayBuffer();
  };

  test('no path, method or header of strangers becomes a series', async () => {
    const before = (await scrape(admin)).text.split('\n').length;
    for (let i = 0; i < 40; i += 1) {
      const path = `/${'x'.repeat(i * 30)}-${i}`;
      await send(path, 'OPTIONS', { origin: 'https://a.example' });
      await send(path, 'GET');
      await send(`/graphql${path}`, 'OPTIONS', { 'access-control-request-method': 'POST' });
      await send(`/charts/forecast/${i}/paris.svg`, 'GET');
      await send(`/metrics/${i}`, 'GET');
      await send(`/health/${i}`, 'DELETE');
    }
    for (const method of ['PUT', 'PATCH', 'PROPFIND', 'PURGE', 'MKCOL', 'LOCK', 'SEARCH']) {
      await send('/graphql', method);
      await send(`/${method}`, method);
    }
    const { text } = await scrape(admin);
    for (const [label, known] of Object.entries(KNOWN)) {
      for (const value of valuesOf(text, label)) expect(value).toMatch(known);
    }
    expect(valuesOf(text, 'route')).toContain('other');
    expect(valuesOf(text, 'method')).toContain('other');
    expect(text.split('\n').length - before).toBeLessThan(200);
  });

  test('operations are counted by what they are, not by what a request looks like', async () => {
    const count = async (operation: string) => {
      const { text } = await scrape(admin);
      const lines = text.split('\n').filter((line) => line.startsWith('comptoir_http_requests_total{'));
      return lines
        .filter((line) => line.includes(`operation="${operation}"`))
        .reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
    };
    const [queries, mutations] = [await count('query'), await count('mutation')];
    const both =
      'query subscription { viewer { name } } mutation m { releaseReservation(input: { idempotencyKey: "x", reservation: "UmVzZXJ2YXRpb246MDE5YWRmMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAw" }) { __typename } }';
    const send = (operationName: string, accept: string) =>
      request(app.url)
        .post('/graphql')
        .set({ authorization: `Bearer ${admin}`, accept })
        .send({ query: both, operationName });
    await send('subscription', 'application/json');
    await send('subscription', 'application/json, text/event-stream');
    await send('m', 'text/event-stream');
    expect([await count('query'), await count('mutation')]).toEqual([queries + 2, mutations + 1]);
  });
});

describe('names', () => {
  test('counters end in _total, nothing else does, and each name stands once with its unit', async () => {
    const { text } = await scrape(admin);
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => ({
      name: name!,
      type,
    }));
    expect(types.length).toBeGreaterThan(30);
    expect(new Set(types.map(({ name }) => name)).size).toBe(types.length);
    for (const { name, type } of types) {
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|kb|mb)(_|$)/);
    }
  });
});

describe('CORS and OPTIONS', () => {
  const preflight = (path: string) =>
    request(app.url)
      .options(path)
      .set({ origin: 'https://shop.example', 'access-control-request-method': 'POST' });

  test('a page may call the API and the charts, and nothing else', async () => {
    for (const path of ['/graphql', '/charts/forecast/LAMP/paris.svg']) {
      const { status, headers } = await preflight(path);
      expect([path, status, headers['access-control-allow-origin']]).toEqual([
        path,
        204,
        'https://shop.example',
      ]);
    }
    for (const path of [
      '/metrics',
      '/health/live',
      '/health/ready',
      '/',
      '/nowhere',
      '/charts',
      '/charts/x',
    ]) {
      const { status, headers } = await preflight(path);
      expect([404, 405]).toContain(status);
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
    const { headers } = await scrape(admin).set('origin', 'https://shop.example');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test('without named origins there are no preflights', async () => {
    const server = createApp({ ...app.parts, config: { ...app.parts.config, corsOrigins: [] } }).listen(0);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { status, headers, body } = await request(url)
      .options('/graphql')
      .set('origin', 'https://shop.example');
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD, POST']);
    expect(body.errors[0].extensions.code).toBe('METHOD_NOT_ALLOWED');
    server.closeAllConnections();
    server.close();
  });
});

describe('streams', () => {
  test('are a gauge while they last and a duration of their own afterwards, never a request of minutes', async () => {
    const figure = async (name: string) =>
      Number(new RegExp(`^${name} (\\S+)$`, 'm').exec((await scrape(admin)).text)?.[1]);
    const requests = 'comptoir_http_request_seconds_count\\{route="/graphql",status="200"\\}';
    const [open, ended] = [await figure('comptoir_streams'), await figure('comptoir_stream_seconds_count')];
    const answered = (await figure(requests)) || 0;
    const query = 'subscription { availabilityChanged(skus: ["LAMP"], locations: ["paris"]) { band } }';
    const stream = await subscribe(app.url, admin, query);
    expect(await stream.next()).not.toBeNull();
    expect(await figure('comptoir_streams')).toBe(open + 1);
    stream.close();
    for (let i = 0; i < 100 && (await figure('comptoir_streams')) > open; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await figure('comptoir_streams')).toBe(open);
    expect(await figure('comptoir_stream_seconds_count')).toBe(ended + 1);
    expect((await figure(requests)) || 0).toBe(answered);
  });
});

describe('who may read it', () => {
  test.each(['STOREFRONT', 'STAFF', 'PLANNER', 'FEED'] as const)('%s may not', async (role) => {
    const { status, body } = await scrape(await app.token(role));
    expect([status, body.errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
  });
  test('MONITOR, ADMIN and the METRICS_TOKEN may', async () => {
    for (const token of [monitor, admin, METRICS_TOKEN]) {
      const { status, text } = await scrape(token);
      expect([status, text.includes('comptoir_open_orders{status="READY"} 0')]).toEqual([200, true]);
    }
    expect((await scrape(`${METRICS_TOKEN}x`)).status).toBe(401);
    expect((await app.gql(METRICS_TOKEN, '{ viewer { name } }')).status).toBe(401);
  });
  test('MONITOR may read nothing else, but who it is', async () => {
    const viewer = await app.gql(monitor, '{ viewer { role locations { code } } }');
    expect(viewer.data.viewer).toEqual({ role: 'MONITOR', locations: [] });
    const query = 'subscription { availabilityChanged(skus: ["LAMP"], locations: ["paris"]) { band } }';
    const stream = await subscribe(app.url, monitor, query);
    expect((await stream.next())?.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    const chart = await request(app.url)
      .get('/charts/forecast/LAMP/paris.svg')
      .set('authorization', `Bearer ${monitor}`);
    expect(chart.status).toBe(403);
  });
  test('an administrator makes one with createActor', async () => {
    const made = await app.gql(
      admin,
      'mutation { createActor(input: { idempotencyKey: "mon", name: "scraper", role: MONITOR }) { ... on CreateActorSuccess { actor { role } } ... on Refusal { message } } }',
    );
    expect(made.data.createActor).toEqual({ actor: { role: 'MONITOR' } });
  });
});

describe('while the database is away', () => {
  const away = (): Db => {
    const rows = () =>
      Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
    return Object.assign(Object.create(app.db) as Db, { rows });
  };
  const hung = (): Db => Object.assign(Object.create(app.db) as Db, { rows: () => new Promise(() => {}) });

  test('tokens that were good lately, and the METRICS_TOKEN, read what the process knows', async () => {
    for (const token of [monitor, admin]) expect((await scrape(token)).status).toBe(200);
    const shop = await app.token('STOREFRONT');
    await app.gql(shop, '{ viewer { name } }');
    const unseen = await app.token('MONITOR');
    await withDb(away(), async (url) => {
      for (const token of [monitor, admin, METRICS_TOKEN]) {
        const { status, text } = await scrape(token, url);
        expect([status, text.includes('comptoir_http_requests_total{')]).toEqual([200, true]);
        expect(text).not.toContain('comptoir_open_orders');
      }
      expect((await scrape(shop, url)).status).toBe(403);
      const { status, headers, body } = await scrape(unseen, url);
      expect([status, headers['retry-after'], body.errors[0].extensions.code]).toEqual([
        503,
        '1',
        'UNAVAILABLE',
      ]);
    });
  });
  test('a database that hangs keeps a scrape waiting for seconds, not forever', async () => {
    await scrape(monitor);
    await withDb(hung(), async (url) => {
      const { status, text } = await scrape(monitor, url);
      expect([status, text.includes('comptoir_processes')]).toEqual([200, true]);
    });
  });
  test('a token that lost its rights is not remembered with them', async () => {
    const leaver = await app.token('MONITOR', 'leaving-monitor');
    expect((await scrape(leaver)).status).toBe(200);
    const [{ id }] = (await app.db.rows<{ id: number }>(
      `SELECT t.id FROM access_token t JOIN actor a ON a.id = t.actor_id WHERE a.name = 'leaving-monitor'`,
    )) as [{ id: number }];
    const token = Buffer.from(`AccessToken:${id}`).toString('base64');
    const revoked = await app.gql(
      admin,
      'mutation ($token: ID!) { revokeToken(input: { idempotencyKey: "leaving", token: $token }) { __typename } }',
      { token },
    );
    expect(revoked.data.revokeToken.__typename).toBe('RevokeTokenSuccess');
    await withDb(away(), async (url) => {
      expect((await scrape(leaver, url)).status).toBe(503);
    });
  });
});

test('who asks whether the database is there asks it once, however many ask', async () => {
  let asked = 0;
  let answer = (): void => {};
  const rows = (): Promise<never[]> => {
    asked += 1;
    return new Promise((resolve) => {
      answer = () => resolve([]);
    });
  };
  await withDb(Object.assign(Object.create(app.db) as Db, { rows }), async (url) => {
    const answers = Array.from({ length: 40 }, () => fetch(`${url}/health/ready`));
    while (asked === 0) await new Promise(setImmediate);
    // Those of the forty that come later than this are asked about again, once.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const asking = setInterval(() => answer(), 20);
    for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
    clearInterval(asking);
    expect(asked).toBeLessThan(5);
  });
});
