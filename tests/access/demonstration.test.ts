// The demonstration's tokens are known to everybody: in production they are good for nothing, whatever the database holds.

import { hashToken } from '../../src/access/queries/callers';
import { readConfig } from '../../src/config/config';
import { OperatorError } from '../../src/refusals';
import { startApp, type TestApp } from '../support/app';

const PRODUCTION = { NODE_ENV: 'production', SECRET_KEY: 'a long random text of the tests, 40 bytes' };

let development: TestApp;
let production: TestApp;
beforeAll(async () => {
  development = await startApp();
  production = await startApp({ NODE_ENV: 'production' }, development);
  const [actor] = await development.db.rows<{ id: number }>(
    `INSERT INTO actor (name, role) VALUES ('administrator', 'ADMIN') RETURNING id`,
  );
  await development.db.rows(
    `INSERT INTO access_token (actor_id, token_hash, hint) SELECT $1, hash, 'demo' FROM unnest($2::text[]) AS h(hash)`,
    [actor!.id, ['demo-admin', 'DEMO-ADMIN'].map(hashToken)],
  );
});
afterAll(async () => {
  await production.close();
  await development.close();
});

test.each(['demo-admin', 'DEMO-ADMIN'])('%s is refused in production, by every route', async (token) => {
  expect((await development.gql(token, '{ skus { nodes: edges { node { code } } } }')).status).toBe(200);
  const { status, errors } = await production.gql(token, '{ skus { edges { node { code } } } }');
  expect([status, errors?.[0]?.extensions?.code]).toEqual([401, 'UNAUTHENTICATED']);
  const metrics = await fetch(`${production.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  expect(metrics.status).toBe(401);
  const other = await production.token('ADMIN');
  expect((await production.gql(other, '{ skus { edges { node { code } } } }')).status).toBe(200);
});

test('the demonstration is not loaded in production, and asking for it is refused with a sentence', () => {
  expect(readConfig(PRODUCTION).demo).toBe(false);
  expect(readConfig({ ...PRODUCTION, DEMO: 'false' }).demo).toBe(false);
  expect(readConfig({}).demo).toBe(true);
  expect(() => readConfig({ ...PRODUCTION, DEMO: 'true' })).toThrow(OperatorError);
  expect(() => readConfig({ ...PRODUCTION, DEMO: 'true' })).toThrow(/tokens are known to everybody/);
});
