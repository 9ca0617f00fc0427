// The short way of a plain JSON POST and Yoga's own way answer alike: status, headers, body.

import request from 'supertest';
import { readQueryLimits } from '../../src/config/queryLimits';
import { startApp, type TestApp } from '../support/app';

/** What applies when nothing is set. */
const LIMITS = readQueryLimits({});

let app: TestApp;
let tokens: Record<string, string>;
beforeAll(async () => {
  app = await startApp();
  tokens = {
    admin: await app.token('ADMIN'),
    front: await app.token('STOREFRONT'),
    nobody: '',
  };
  // A field that breaks as a bug would: the schema states that a currency is there when a price is.
  await app.db.rows(
    "INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone) VALUES ('broken', 'B', 'SHOP', 'FR', 0, 0, 'No/Where')",
  );
});
afterAll(() => app.close());

const MANY = Array.from({ length: LIMITS.aliases + 1 }, (_, i) => `a${i}: __typename`).join(' ');
const RECEIVE = `mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename ... on Refusal { message } } }`;
const input = (quantity: unknown) => ({
  idempotencyKey: 'same',
  location: 'paris',
  lines: [{ sku: 'MUG', quantity }],
});

const BODIES: [string, object][] = [
  ['a query', { query: '{ __typename }' }],
  ['variables', { query: 'query ($c: String!) { sku(by: { code: $c }) { code } }', variables: { c: 'MUG' } }],
  ['a named operation', { query: 'query a { __typename } query b { b: __typename }', operationName: 'b' }],
  ['null parameters', { query: '{ __typename }', variables: null, operationName: null, extensions: null }],
  ['a syntax error', { query: '{ __typename' }],
  ['the same syntax error again', { query: '{ __typename' }],
  ['an unknown field', { query: '{ nothing }' }],
  ['an unknown operation', { query: 'query a { __typename }', operationName: 'b' }],
  ['two operations and no name', { query: 'query a { __typename } query b { __typename }' }],
  ['a missing variable', { query: 'query ($c: String!) { sku(by: { code: $c }) { code } }' }],
  ['a variable of a wrong type', { query: RECEIVE, variables: { input: input('many') } }],
  ['a field that is refused', { query: '{ stockDrift { expected } }' }],
  ['a refusal', { query: RECEIVE, variables: { input: input(-1) } }],
  ['too many aliases', { query: `{ ${MANY} }` }],
  ['too many tokens', { query: `{ ${'__typename '.repeat(5_000)} }` }],
  ['an unknown parameter', { query: '{ __typename }', id: 7 }],
  ['variables that are a list', { query: '{ __typename }', variables: [] }],
  ['a query that is a number', { query: 7 }],
  ['a list', [{ query: '{ __typename }' }]],
];
const ACCEPT = ['application/json', 'application/graphql-response+json', '*/*'];
const CASES = BODIES.flatMap(([what, body]) =>
  ACCEPT.flatMap((accept) =>
    Object.keys({ admin: 0, front: 0, nobody: 0 }).map((who) => ({ what, body, accept, who })),
  ),
);

async function send(body: object, accept: string, who: string) {
  const sent = request(app.url).post('/graphql').set({ accept, 'content-type': 'application/json' });
  if (tokens[who]) sent.set('authorization', `Bearer ${tokens[who]}`);
  const { status, headers, text } = await sent.send(JSON.stringify(body));
  const {
    date,
    'x-request-id': id,
    ratelimit,
    'transfer-encoding': chunked,
    'content-length': length,
    ...kept
  } = headers;
  return { status, headers: kept, body: text === '' ? '' : JSON.parse(text) };
}

test.each(CASES)('$what, accepting $accept, by $who', async ({ body, accept, who }) => {
  const short = await send(body, accept, who);
  // A weight on what is accepted is Yoga's to read.
  expect(short).toEqual(await send(body, `${accept};q=1`, who));
});

test('a bug is masked on both ways', async () => {
  const query = '{ location(by: { code: "broken" }) { openingDays(days: 1) { day } } }';
  for (const accept of ['application/json', 'application/json;q=1']) {
    const { status, body } = await send({ query }, accept, 'admin');
    expect([status, body.errors[0].extensions.code]).toEqual([200, 'INTERNAL_SERVER_ERROR']);
    expect(body.errors[0].message).toMatch(
      /^Something went wrong on our side; the log has it under [0-9a-f-]{36}\.$/,
    );
  }
});

test('a subscription goes the way that can stream', async () => {
  const sent = await send({ query: 'subscription { nothing }' }, 'application/json', 'admin');
  expect(sent).toEqual(await send({ query: 'subscription { nothing }' }, 'application/json;q=1', 'admin'));
});

const KEY_SAID = `SELECT count(*)::int AS n FROM command WHERE key = 'same-406'`;
const receive = (accept: string) =>
  request(app.url)
    .post('/graphql')
    .set({ accept, 'content-type': 'application/json', authorization: `Bearer ${tokens.admin}` })
    .send({ query: RECEIVE, variables: { input: { ...input(1), idempotencyKey: 'same-406' } } });

test.each([',,,', 'image/png', 'text/html', 'application/json;charset=latin1'])(
  'an act whose answer may not be told is not begun: accept %s',
  async (accept) => {
    const { status, body } = await receive(accept);
    expect([status, body.errors[0].message]).toEqual([
      406,
      'The header accept must allow one of application/json, application/graphql-response+json, text/event-stream, multipart/mixed.',
    ]);
    expect(await app.db.rows(KEY_SAID)).toEqual([{ n: 0 }]);
  },
);

test.each(['application/*', 'text/html, */*;q=0.1', 'TEXT/EVENT-STREAM', 'multipart/mixed', ''])(
  'accept %j can be answered',
  async (accept) => {
    expect((await receive(accept)).status).toBe(200);
  },
);
