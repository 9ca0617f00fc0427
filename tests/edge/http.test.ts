// The edge: whatever a client sends gets a clear answer of the right kind, never a 500, never a stack trace.

import { createServer, get } from 'node:http';
import request from 'supertest';
import { readConfig } from '../../src/config/config';
import { readQueryLimits } from '../../src/config/queryLimits';
import { MAX_NODES } from '../../src/graphql/limits';
import { createApp } from '../../src/server/app';
import { startApp, type TestApp } from '../support/app';

/** What applies when nothing is set. */
const LIMITS = readQueryLimits({});

let app: TestApp;
let token: string;
beforeAll(async () => {
  app = await startApp({ CORS_ORIGINS: 'https://shop.example', GRAPHIQL: 'true' });
  token = await app.token('ADMIN');
});
afterAll(() => app.close());

const post = () => request(app.url).post('/graphql').set('authorization', `Bearer ${token}`);
const json = (body: unknown) => post().set('content-type', 'application/json').send(JSON.stringify(body));

describe('requests that are not GraphQL over JSON', () => {
  test('broken JSON is 400', async () => {
    const { status, body } = await post().set('content-type', 'application/json').send('{"query": "{ __typ');
    expect([status, body.errors[0].message]).toEqual([400, 'The body is not valid JSON.']);
  });
  test.each([
    'text/plain',
    'application/graphql',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ])('content type %s is 415', async (type) => {
    const { status, body } = await post().set('content-type', type).send('{ __typename }');
    expect([status, body.errors[0].extensions.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });
  test('a body over the limit is 413', async () => {
    const { status, body } = await json({ query: `{ __typename } #${'x'.repeat(600_000)}` });
    expect([status, body.errors[0].extensions.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });
  test.each([
    ['a list of queries', [{ query: '{ __typename }' }]],
    ['no query', {}],
    ['a query that is a number', { query: 7 }],
    ['variables that are a text', { query: '{ __typename }', variables: 'x' }],
    ['an unknown operation', { query: 'query a { __typename }', operationName: 'b' }],
  ])('%s is 400', async (_what, body) => {
    const answer = await json(body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].message).toEqual(expect.any(String));
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|at \w+ \(/);
  });
  test.each(['then', '__proto__', 'constructor', 'id'])('the parameter %s is 400', async (name) => {
    const text = `{"query": "{ __typename }", "${name}": {"a": 1}}`;
    const { status, body } = await post().set('content-type', 'application/json').send(text);
    expect([status, body.errors[0]]).toEqual([
      400,
      {
        message: `Unexpected parameter "${name}" in the request body.`,
        extensions: { code: 'BAD_REQUEST' },
      },
    ]);
  });
  test.each(['', '[]', '{}'])('the body %p has no query', async (text) => {
    const { status, body } = await post().set('content-type', 'application/json').send(text);
    expect([status, body.errors]).toEqual([
      400,
      [
        {
          message: 'The body has no query; send {"query": "…"}, with variables if it has some.',
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    ]);
  });
  test('a mutation by GET is refused and does nothing', async () => {
    const query =
      'mutation { receiveStock(input: { idempotencyKey: "g", location: "paris", lines: [{ sku: "MUG", quantity: 1 }] }) { __typename } }';
    const { status } = await request(app.url)
      .get('/graphql')
      .query({ query })
      .set('authorization', `Bearer ${token}`);
    expect(status).toBe(405);
    expect(await app.db.rows('SELECT 1 FROM stock_move')).toEqual([]);
  });
  test('a path that is not there is 404', async () => {
    const { status, body } = await request(app.url).get('/wp-login.php');
    expect([status, body.errors[0].extensions.code]).toEqual([404, 'NOT_FOUND']);
  });
  test.each(['Bearer nonsense', 'Bearer ', 'Basic YTpi', `Bearer ${'x'.repeat(600)}`])(
    'the token %p is 401',
    async (authorization) => {
      const { status, body } = await request(app.url)
        .post('/graphql')
        .set({ authorization })
        .send({ query: '{ __typename }' });
      expect([status, body.errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    },
  );
});

describe('queries that ask too much', () => {
  const code = async (query: string) => (await json({ query })).body.errors[0].extensions?.code;

  test('too deep', async () => {
    const deep = (levels: number) =>
      `{ orders(first: 1) { edges { node { ${'transfers { order { '.repeat(levels)} number ${'} }'.repeat(levels)} } } } }`;
    expect((await json({ query: deep(3) })).body.errors).toBeUndefined();
    const { errors } = (await json({ query: deep(6) })).body;
    expect(errors[0]).toMatchObject({
      message: expect.stringMatching(/depth is 16; the most allowed is 12/),
      extensions: { code: 'QUERY_TOO_LARGE' },
    });
  });
  test('too costly: pages of pages count as often as they may be long', async () => {
    const page = (first: number) =>
      `orders(first: ${first}) { edges { node { lines { sku { code name category } quantity reserved } transfers { lines { sku { code name } quantity } } } } }`;
    const pages = (first: number) => `{ ${[1, 2, 3, 4, 5].map((i) => `a${i}: ${page(first)}`).join(' ')} }`;
    expect((await json({ query: pages(5) })).body.errors).toBeUndefined();
    expect(await code(pages(200))).toBe('QUERY_TOO_LARGE');
  });
  test('too many aliases', async () => {
    const query = `{ ${Array.from({ length: LIMITS.aliases + 1 }, (_, i) => `a${i}: __typename`).join(' ')} }`;
    expect(await code(query)).toBe('QUERY_TOO_LARGE');
  });
  test('too many tokens', async () => {
    const answer = await json({ query: `{ ${'__typename '.repeat(5_000)} }` });
    expect(answer.body).toEqual({
      errors: [expect.objectContaining({ message: expect.stringMatching(/4000 tokens/) })],
    });
  });
  test('brackets within brackets until the parser has no stack', async () => {
    for (const brackets of ['{a'.repeat(1_300), `{ skus(after: ${'['.repeat(3_000)}`]) {
      expect(await code(brackets)).toBe('QUERY_TOO_LARGE');
    }
    const { body } = await json({ query: `{ ${'... { '.repeat(90)} __typename ${' }'.repeat(90)} }` });
    expect(body).toEqual({ data: { __typename: 'Query' } });
  });
  test('more nodes than a page', async () => {
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    const ask = async (n: number) =>
      (await json({ query, variables: { ids: Array(n).fill('U2t1OjE=') } })).body;
    expect((await ask(MAX_NODES)).data.nodes).toHaveLength(MAX_NODES);
    expect((await ask(MAX_NODES + 1)).errors[0]).toMatchObject({
      message: `ids has ${MAX_NODES + 1} entries; it must have 0 to ${MAX_NODES}.`,
      extensions: { code: 'INVALID_INPUT' },
    });
  });
  test('an id that nobody gave', async () => {
    for (const id of [
      'x',
      'U2t1OmFiYw==',
      Buffer.from('Sku:99999999999999999').toString('base64'),
      Buffer.from('Order:1').toString('base64'),
    ]) {
      const answer = await json({ query: 'query ($id: ID!) { node(id: $id) { id } }', variables: { id } });
      expect(answer.status).toBe(200);
      expect(answer.body.errors?.[0].extensions.code ?? 'null').toMatch(/BAD_USER_INPUT|null/);
    }
  });
});

describe('safety', () => {
  test('security headers, no trace of the framework, and a request id', async () => {
    const { headers } = await json({ query: '{ __typename }' });
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'self'"),
      'strict-transport-security': expect.any(String),
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(headers['x-powered-by']).toBeUndefined();
  });
  test('CORS for the named origin only', async () => {
    const ask = (origin: string) =>
      request(app.url).options('/graphql').set({ origin, 'access-control-request-method': 'POST' });
    expect((await ask('https://shop.example')).headers['access-control-allow-origin']).toBe(
      'https://shop.example',
    );
    expect((await ask('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined();
  });
  test('GraphiQL and introspection are off in production', async () => {
    const config = readConfig({
      NODE_ENV: 'production',
      DATABASE_URL: app.databaseUrl,
      SECRET_KEY: 'a long random text of the tests, 40 bytes',
    });
    const server = createServer(createApp({ ...app.parts, config }));
    const page = await request(server).get('/graphql').set('accept', 'text/html');
    expect(page.text).not.toContain('<html');
    const { body } = await request(server)
      .post('/graphql')
      .send({ query: '{ __schema { types { name } } }' });
    expect(body.errors[0].message).toMatch(/introspection/i);
  });
  test('GraphiQL comes whole from this server when it is on', async () => {
    const page = await request(app.url).get('/graphql').set('accept', 'text/html');
    expect(page.text).toContain('Comptoir');
    expect(page.text).not.toMatch(/src="https?:/);
  });
});

describe('watching it', () => {
  test('live and ready', async () => {
    expect((await request(app.url).get('/health/live')).body).toEqual({ status: 'live' });
    expect((await request(app.url).get('/health/ready')).body).toEqual({ status: 'ready' });
  });
  test('metrics are for administrators', async () => {
    const ask = (t?: string) =>
      request(app.url)
        .get('/metrics')
        .set(t ? { authorization: `Bearer ${t}` } : {});
    expect((await ask()).status).toBe(401);
    expect((await ask(await app.token('STOREFRONT'))).status).toBe(403);
    const { text } = await ask(token);
    expect(text).toMatch(/comptoir_http_request_seconds_count\{route="\/graphql",status="200"\} \d+/);
    expect(text).toContain('comptoir_open_orders{status="READY"} 0');
  });
});

test('in development only loopback names are answered to; ALLOWED_HOSTS names others', async () => {
  const ask = (host: string) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const { hostname, port } = new URL(app.url);
      get({ hostname, port, path: '/health/live', headers: { host } }, (res) => {
        let text = '';
        res.on('data', (part) => {
          text += part;
        });
        res.on('end', () => resolve({ status: res.statusCode!, text }));
      }).on('error', reject);
    });
  for (const host of ['localhost', 'LOCALHOST:4000', '127.0.0.1:80', '[::1]:4000', 'localhost.'])
    expect((await ask(host)).status).toBe(200);
  for (const host of ['evil.example', 'localhost.evil.example:4000', '127.0.0.1.nip.io', '[::2]']) {
    const { status, text } = await ask(host);
    expect(status).toBe(421);
    expect(JSON.parse(text).errors[0]).toMatchObject({
      message: expect.stringMatching(/ALLOWED_HOSTS/),
      extensions: { code: 'HOST_NOT_ALLOWED' },
    });
  }
  const secret = { SECRET_KEY: 'a long random text of the tests, 40 bytes', DATABASE_URL: app.databaseUrl };
  expect(readConfig({ ...secret, NODE_ENV: 'production' }).allowedHosts).toBeNull();
  expect(readConfig({ ...secret, ALLOWED_HOSTS: '*' }).allowedHosts).toBeNull();
  expect(readConfig({ ...secret, ALLOWED_HOSTS: 'Shop.test, localhost' }).allowedHosts).toEqual([
    'shop.test',
    'localhost',
  ]);
  expect(() => readConfig({ ...secret, ALLOWED_HOSTS: 'http://shop' })).toThrow(/ALLOWED_HOSTS names/);
});
