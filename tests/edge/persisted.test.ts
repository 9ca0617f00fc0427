// Persisted operations: named by id instead of sent, and a storefront held to the list.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as rawRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSchema } from 'graphql';
import request from 'supertest';
import { readConfig } from '../../src/config/config';
import { MAX_OPERATIONS, persistedOperations } from '../../src/graphql/persisted';
import { OperatorError } from '../../src/refusals';
import { startApp, type TestApp } from '../support/app';

const SKU = 'query Sku($code: String!) { sku(by: { code: $code }) { code } }';
const RECEIVE =
  'mutation Receive($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename ... on Refusal { message } } }';
const CHANGES = 'subscription { availabilityChanged(skus: ["MUG"], locations: ["paris"]) { __typename } }';
const OTHER = '{ __typename }';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const folder = mkdtempSync(path.join(tmpdir(), 'comptoir-persisted-'));
const file = path.join(folder, 'operations.json');
writeFileSync(
  file,
  JSON.stringify({
    [`sha256:${sha256(SKU)}`]: SKU,
    receive: RECEIVE,
    changes: CHANGES,
    [sha256(OTHER)]: OTHER,
  }),
);

let open: TestApp;
let held: TestApp;
let none: TestApp;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  open = await startApp({ PERSISTED_OPERATIONS: file });
  held = await startApp({ PERSISTED_OPERATIONS: file, PERSISTED_OPERATIONS_ONLY: 'true' }, open);
  none = await startApp({}, open);
  for (const role of ['STOREFRONT', 'ADMIN'] as const) tokens[role] = await open.token(role);
});
afterAll(async () => {
  await none.close();
  await held.close();
  await open.close();
  rmSync(folder, { recursive: true });
});

const post = async (app: TestApp, body: object, who = 'STOREFRONT') => {
  const sent = request(app.url).post('/graphql').set('content-type', 'application/json');
  if (who) sent.set('authorization', `Bearer ${tokens[who]}`);
  const { status, body: answer } = await sent.send(JSON.stringify(body));
  return { status, answer, code: answer.errors?.[0]?.extensions?.code };
};
const get = async (app: TestApp, parameters: Record<string, string>, who = 'STOREFRONT') => {
  const { status, body: answer } = await request(app.url)
    .get(`/graphql?${new URLSearchParams(parameters)}`)
    .set({ accept: 'application/json', authorization: `Bearer ${tokens[who]}` });
  return { status, answer, code: answer.errors?.[0]?.extensions?.code };
};
const apollo = (sha256Hash: unknown) => ({ persistedQuery: { version: 1, sha256Hash } });
const MUG = { data: { sku: { code: 'MUG' } } };
const variables = { code: 'MUG' };

describe('an operation that is named', () => {
  test.each([
    ['by documentId', { documentId: `sha256:${sha256(SKU)}` }],
    ['without the prefix', { documentId: sha256(SKU) }],
    ['as Apollo’s clients name it', { extensions: apollo(sha256(SKU)) }],
    ['with a null query beside it', { documentId: sha256(SKU), query: null }],
  ])('%s is answered as its text is', async (_how, named) => {
    const { status, answer } = await post(open, { ...named, variables });
    expect([status, answer]).toEqual([200, MUG]);
  });

  test('with a name of the client’s own, also a command', async () => {
    const input = { idempotencyKey: 'p1', location: 'paris', lines: [{ sku: 'MUG', quantity: 2 }] };
    const { answer } = await post(open, { documentId: 'receive', variables: { input } }, 'ADMIN');
    expect(answer.data.receiveStock.__typename).toBe('ReceiveStockSuccess');
  });

  test.each([
    ['by documentId', { documentId: sha256(SKU) }],
    ['by the extension', { extensions: JSON.stringify(apollo(sha256(SKU))) }],
  ])('in the address of a GET, %s', async (_how, named) => {
    const { status, answer } = await get(open, { ...named, variables: JSON.stringify(variables) });
    expect([status, answer]).toEqual([200, MUG]);
  });

  test('as a subscription, over the stream that Yoga makes', async () => {
    const answer = await fetch(`${open.url}/graphql`, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        authorization: `Bearer ${tokens.STOREFRONT}`,
      },
      body: JSON.stringify({ documentId: 'changes' }),
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    await answer.body!.cancel();
  });
});

describe('what cannot be meant', () => {
  test('an id that is not on the list, as Apollo’s clients understand it', async () => {
    const { status, code, answer } = await post(open, { extensions: apollo('a'.repeat(500)) });
    expect([status, code]).toEqual([400, 'PERSISTED_QUERY_NOT_FOUND']);
    expect(answer.errors[0].message).toBe(
      `There is no operation '${'a'.repeat(80)}' in this server’s list; send the query itself, or put it on the list.`,
    );
  });
  test('nothing is put on the list by asking', async () => {
    const text = '{ a: __typename }';
    const registered = await post(open, { query: text, extensions: apollo(sha256(text)) });
    expect(registered.answer).toEqual({ data: { a: 'Query' } });
    expect((await post(open, { extensions: apollo(sha256(text)) })).code).toBe('PERSISTED_QUERY_NOT_FOUND');
  });
  test('a server without a list', async () => {
    const { status, code } = await post(none, { documentId: sha256(SKU), variables });
    expect([status, code]).toEqual([400, 'PERSISTED_QUERY_NOT_SUPPORTED']);
  });
  test.each(['__proto__', 'constructor', ''])('the id %p', async (documentId) => {
    const { status, code } = await post(open, { documentId });
    expect([status, code]).toEqual([400, 'PERSISTED_QUERY_NOT_FOUND']);
  });
  test.each([7, {}, [], true])('an id that is %p', async (documentId) => {
    for (const named of [{ documentId }, { extensions: apollo(documentId) }]) {
      const { status, answer } = await post(open, named);
      expect([status, answer.errors[0].message]).toEqual([400, 'The id of an operation must be a text.']);
    }
  });
  test('an id and a text', async () => {
    const { status, answer } = await post(open, { documentId: sha256(SKU), query: OTHER });
    expect([status, answer.errors[0].message]).toEqual([400, 'Send documentId or query, not both.']);
  });
  test('a null id is none', async () => {
    expect((await post(open, { documentId: null, query: SKU, variables })).answer).toEqual(MUG);
  });
  test('a command by GET', async () => {
    const { status } = await get(open, { documentId: 'receive', variables: '{}' }, 'ADMIN');
    expect(status).toBe(405);
  });
});

describe('storefronts that are held to the list', () => {
  const UNLISTED = '{ locations(first: 1) { edges { node { code } } } }';

  test('name what they ask, or send its exact text', async () => {
    expect((await post(held, { documentId: sha256(SKU), variables })).answer).toEqual(MUG);
    expect((await post(held, { query: SKU, variables })).answer).toEqual(MUG);
    expect((await get(held, { query: SKU, variables: '{"code": "MUG"}' })).answer).toEqual(MUG);
    expect((await get(held, { documentId: sha256(SKU), variables: '{"code": "MUG"}' })).answer).toEqual(MUG);
  });
  test.each(['STOREFRONT', ''])('get nothing else (token: %p)', async (who) => {
    for (const query of [UNLISTED, `${SKU} `, ['x'], 7, { a: 1 }, '']) {
      const { status, code } = await post(held, { query, variables }, who);
      expect([status, code]).toEqual([403, 'PERSISTED_QUERY_ONLY']);
    }
  });
  test('by GET neither', async () => {
    const { status, code } = await get(held, { query: UNLISTED });
    expect([status, code]).toEqual([403, 'PERSISTED_QUERY_ONLY']);
  });
  test('staff, planners and administrators ask what they like', async () => {
    expect((await post(held, { query: UNLISTED }, 'ADMIN')).answer.data.locations.edges).toHaveLength(1);
    expect((await get(held, { query: UNLISTED }, 'ADMIN')).answer.data.locations.edges).toHaveLength(1);
  });

  const query = encodeURIComponent(UNLISTED);
  const many = Array.from({ length: 1_500 }, (_, i) => `a${i}=`).join('&');
  test.each([
    ['behind more parameters than Express reads', `/graphql?${many}&query=${query}`, {}],
    ['behind a #', `/graphql?x=1#&query=${query}`, {}],
    ['twice', `/graphql?query=${query}&query=${encodeURIComponent(OTHER)}`, {}],
    ['twice, the other way', `/graphql?query=${encodeURIComponent(OTHER)}&query=${query}`, {}],
    [
      'in the Host',
      '/graphql',
      { host: `a&query=%7Blocations(first:1)%7Bedges%7Bnode%7Bcode%7D%7D%7D%7D&b` },
    ],
    ['in the Host, unescaped', '/graphql', { host: 'a&query={locations(first:1){edges{node{code}}}}&b' }],
  ])('a query hidden %s is not answered', async (_how, address, headers) => {
    const text = await new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(held.url);
      const all = { accept: 'application/json', authorization: `Bearer ${tokens.STOREFRONT}`, ...headers };
      rawRequest({ hostname, port, path: address, headers: all }, (answer) => {
        let body = '';
        answer.on('data', (chunk) => {
          body += chunk;
        });
        answer.on('end', () => resolve(body));
      })
        .on('error', reject)
        .end();
    });
    expect(text).not.toContain('paris');
    expect(text).not.toContain('"edges"');
  });
});

describe('the file', () => {
  const schema = buildSchema('type Query { a: Int }');
  const read = (content: unknown, name = 'list.json'): void => {
    const list = path.join(folder, name);
    writeFileSync(list, typeof content === 'string' ? content : JSON.stringify(content));
    persistedOperations(readConfig({ PERSISTED_OPERATIONS: list }), schema);
  };

  test('may be Apollo’s manifest', () => {
    read({
      format: 'apollo-persisted-query-manifest',
      version: 1,
      operations: [{ id: sha256('{ a }'), name: 'A', type: 'query', body: '{ a }' }],
    });
  });
  test('may be empty', () => read({}));
  test.each<[string, unknown, RegExp]>([
    ['no JSON', '{', /the file is not JSON/],
    ['a list', [], /must be \{"<id>": "<document>", …\} or a manifest/],
    ['a manifest without ids', { operations: [{ body: '{ a }' }] }, /or a manifest/],
    ['no text', { x: 7 }, /operation 'x' has no text/],
    ['broken text', { x: '{' }, /operation 'x' cannot be read: Syntax Error/],
    [
      'what the schema has not',
      { x: '{ b }' },
      /operation 'x' does not fit the schema: Cannot query field "b"/,
    ],
    ['a wrong hash', { [`sha256:${sha256('{ b }')}`]: '{ a }' }, /is not the hash of its text/],
    ['two texts', { [`sha256:${sha256('{ a }')}`]: '{ a }', [sha256('{ a }')]: '{ a a }' }, /has two texts/],
    ['too long a text', { x: `{ a } #${'x'.repeat(100_000)}` }, /has more than 100000 characters/],
    [
      'too many',
      Object.fromEntries(Array.from({ length: MAX_OPERATIONS + 1 }, (_, i) => [i, '{ a }'])),
      /the file has 10001 operations; the most allowed is 10000/,
    ],
  ])('with %s is refused in one sentence', (_what, content, sentence) => {
    expect(() => read(content)).toThrow(sentence);
    expect(() => read(content)).toThrow(OperatorError);
  });
  test('that is not there is refused', () => {
    const config = readConfig({ PERSISTED_OPERATIONS: path.join(folder, 'nowhere.json') });
    expect(() => persistedOperations(config, schema)).toThrow(/ENOENT/);
  });
  test('must be there where storefronts are held to it', () => {
    expect(() => readConfig({ PERSISTED_OPERATIONS_ONLY: 'true' })).toThrow(OperatorError);
  });
});
