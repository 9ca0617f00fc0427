// restrictProcessing over HTTP: only data stewards find a restricted customer, and lifting it shows the customer again.

import { encodeGlobalID } from '../../src/graphql/ids';
import { startApp, type TestApp } from '../support/app';
import { peopleOf } from './people';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

test('a restricted customer is found by data stewards only, until the restriction is lifted', async () => {
  const people = peopleOf(app);
  const [agent, steward, web] = [
    ...[await app.token('AGENT'), await app.token('DATA_STEWARD'), await app.token('STOREFRONT')],
  ] as [string, string, string];
  const [{ id: actorId } = { id: 0 }] = await app.db.rows<{ id: number }>(
    `SELECT id FROM actor WHERE role = 'STOREFRONT' ORDER BY id DESC LIMIT 1`,
  );
  const [id] = await people.record({ identifiers: [people.seen('WEB_ACCOUNT', 'web-1', actorId)] });
  const customer = encodeGlobalID('Customer', id!);
  let keys = 0;
  const restrict = async (restricted: boolean, token = steward, one = customer) =>
    (
      await app.gqlUntyped<{ restrictProcessing: object }>(
        token,
        `mutation ($input: RestrictProcessingInput!) { restrictProcessing(input: $input) { __typename
          ... on RestrictProcessingSuccess { isRestricted } } }`,
        { input: { idempotencyKey: `restrict-${++keys}`, customer: one, restricted } },
      )
    ).data?.restrictProcessing;
  const finds = async (token: string, query: string) =>
    (await app.gqlUntyped<Record<string, unknown>>(token, query)).errors?.[0]?.message ?? 'found';
  const byAccount = '{ customer(by: { account: "web-1" }) { id } }';
  const byNode = `{ node(id: "${customer}") { id } }`;

  expect(await restrict(true)).toEqual({ __typename: 'RestrictProcessingSuccess', isRestricted: true });
  expect(await restrict(true)).toMatchObject({ isRestricted: true });
  for (const [token, query] of [
    ...[[agent, byAccount] as const, [agent, byNode] as const, [web, byAccount] as const],
  ])
    expect(await finds(token, query)).toMatch('is restricted');
  expect([await finds(steward, byAccount), await finds(steward, byNode)]).toEqual(['found', 'found']);
  expect(await restrict(false)).toMatchObject({ isRestricted: false });
  expect([await finds(agent, byAccount), await finds(web, byAccount)]).toEqual(['found', 'found']);
  const requests = await app.db.pool.query('SELECT kind, status FROM data_request ORDER BY requested_at, id');
  expect(requests.rows).toEqual([
    { kind: 'RESTRICTION', status: 'DONE' },
    { kind: 'LIFTING', status: 'DONE' },
  ]);
  const unknown = encodeGlobalID('Customer', '00000000-0000-7000-8000-000000000000');
  expect(await restrict(true, steward, unknown)).toMatchObject({ __typename: 'NotFound' });
  expect(await restrict(true, agent)).toBeNull();
});
