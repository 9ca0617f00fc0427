// What a request's address may be: a host, a path that is there, parameters that are JSON; anything else is refused with a message.

import request from 'supertest';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let token: string;
beforeAll(async () => {
  // Any host is one of ours here, so that what is no host at all is seen.
  app = await startApp({ ALLOWED_HOSTS: '*' });
  token = await app.token('ADMIN');
});
afterAll(() => app.close());

const get = (path: string) => request(app.url).get(path).set('authorization', `Bearer ${token}`);
const post = () => request(app.url).post('/graphql').set('authorization', `Bearer ${token}`);

test.each(['a b', '[::1', '::', 'x:99999999', '%00', '"<>'])('the host %s is 400', async (host) => {
  const { status, body } = await post().set({ host }).send({ query: '{ __typename }' });
  expect([status, body.errors[0].message]).toEqual([400, expect.stringContaining('Host header')]);
});

test.each(['/graphql/x', '/GRAPHQL', '/graphql%00', '/%', '//graphql', '/health', '/metrics/x'])(
  'the path %s is 404',
  async (path) => {
    const { status, body } = await get(path);
    expect([status, body.errors[0].extensions.code]).toEqual([404, 'NOT_FOUND']);
  },
);

test.each(['variables', 'extensions'])('by GET, %s that are not JSON are 400', async (name) => {
  for (const value of ['x', '{', '{"a":1}{']) {
    const { status, body } = await get('/graphql').query({ query: '{ __typename }', [name]: value });
    expect([status, body.errors[0].message]).toEqual([400, `The parameter ${name} is not valid JSON.`]);
  }
});

test('by GET, a query with its variables is answered', async () => {
  const query = 'query ($code: String!) { sku(by: { code: $code }) { code } }';
  const { body } = await get('/graphql').query({ query, variables: '{"code":"LAMP"}' });
  expect(body).toEqual({ data: { sku: { code: 'LAMP' } } });
});
