// createToken and revokeToken: shown once, stored as a hash, good until revoked or expired.

import { hashToken } from '../../src/access/queries/callers';
import { START, startApp, type TestApp } from '../support/app';
import { administer, viewerOf } from './support';

let app: TestApp;
let admin: string;
let till: string;
beforeAll(async () => {
  app = await startApp();
  admin = await app.token('ADMIN', 'chief');
  till = (await administer(app, admin, 'createActor', { name: 'till', role: 'FEED' })).actor.id;
});
afterAll(() => app.close());

const create = (input: Record<string, unknown> = {}) =>
  administer(app, admin, 'createToken', { actor: till, ...input });
const revoke = (input: Record<string, unknown>) => administer(app, admin, 'revokeToken', input);

test('a token of 256 bits gives access, and a repeat of the request answers it again', async () => {
  const made = await create({ idempotencyKey: 'one' });
  expect(made.token).toMatch(/^cpt_[\w-]{43}$/);
  expect(made.accessToken).toMatchObject({
    hint: made.token.slice(-4),
    expiresAt: null,
    actor: { name: 'till' },
  });
  expect(await viewerOf(app, made.token)).toMatchObject({ name: 'till', role: 'FEED' });
  const again = await Promise.all(Array.from({ length: 10 }, () => create({ idempotencyKey: 'one' })));
  for (const answer of again) expect(answer).toEqual(made);
  expect((await create()).token).not.toBe(made.token);
});

test('nothing stored is a token, or becomes one without the server’s secret', async () => {
  const { token } = await create({ idempotencyKey: 'stored' });
  const [command] = await app.db.rows<{ outcome: { value: Record<string, unknown> } }>(
    "SELECT outcome FROM command WHERE key = 'stored'",
  );
  expect(Object.keys(command!.outcome.value).sort()).toEqual(['nonce', 'tokenId']);
  for (const table of ['command', 'access_token', 'actor']) {
    const rows = await app.db.rows<{ text: string }>(`SELECT t::text AS text FROM ${table} t`);
    expect(rows.filter(({ text }) => text.includes(token.slice(4)))).toEqual([]);
  }
  const stored = await app.db.rows('SELECT 1 FROM access_token WHERE token_hash = $1', [hashToken(token)]);
  expect(stored).toHaveLength(1);
});

test('a repeat after the server’s secret has changed shows no wrong token', async () => {
  const made = await create({ idempotencyKey: 'rotated' });
  const { secretKey } = app.parts;
  const before = Buffer.from(secretKey);
  secretKey.fill(7);
  expect(await create({ idempotencyKey: 'rotated' })).toEqual({ ...made, token: null });
  before.copy(secretKey);
  expect(await create({ idempotencyKey: 'rotated' })).toEqual(made);
});

test('a token expires by the clock', async () => {
  const expiresAt = new Date(START.getTime() + 60 * 60_000).toISOString();
  const { token, accessToken } = await create({ expiresAt });
  expect(accessToken.expiresAt).toBe(expiresAt);
  app.wait(59);
  expect(await viewerOf(app, token)).toMatchObject({ name: 'till' });
  app.wait(1);
  expect(await viewerOf(app, token)).toBe('401 UNAUTHENTICATED');
  expect(await create({ expiresAt })).toMatchObject({ path: 'expiresAt' });
  app.wait(-60);
});

test('a token expires between ten years and now, and no other time', async () => {
  for (const expiresAt of ['2026-11-25T08:59:59Z', '2099-01-01T00:00:00Z', '1970-01-01T00:00:00Z']) {
    expect(await create({ expiresAt })).toMatchObject({ __typename: 'InvalidInput', path: 'expiresAt' });
  }
});

test('a revoked token is good for nothing at once, and forever', async () => {
  const { token, accessToken } = await create({ idempotencyKey: 'doomed' });
  expect(await viewerOf(app, token)).toMatchObject({ name: 'till' });
  const { accessToken: revoked } = await revoke({ token: accessToken.id });
  expect(revoked.revokedAt).toBe(START.toISOString());
  expect(await viewerOf(app, token)).toBe('401 UNAUTHENTICATED');
  app.wait(5);
  expect((await revoke({ token: accessToken.id })).accessToken).toEqual(revoked);
  app.wait(-5);
  // Told again as the first answer was, and no better for it.
  expect((await create({ idempotencyKey: 'doomed' })).token).toBe(token);
  expect(await viewerOf(app, token)).toBe('401 UNAUTHENTICATED');
});

test('an actor has so many tokens and no more', async () => {
  const { actor } = await administer(app, admin, 'createActor', { name: 'hoarder', role: 'FEED' });
  const id = Number(Buffer.from(actor.id, 'base64').toString().split(':')[1]);
  await app.db.rows(
    "INSERT INTO access_token (actor_id, token_hash, hint) SELECT $1, 'hash-' || n, 'xxxx' FROM generate_series(1, 100) n",
    [id],
  );
  expect(await create({ actor: actor.id })).toMatchObject({
    path: 'actor',
    message: expect.stringMatching(/has 100 tokens; revoke one/),
  });
  const [oldest] = await app.db.rows<{ id: number }>(
    'SELECT min(id) AS id FROM access_token WHERE actor_id = $1',
    [id],
  );
  await revoke({ token: Buffer.from(`AccessToken:${oldest!.id}`).toString('base64') });
  expect((await create({ actor: actor.id })).token).toMatch(/^cpt_/);
});

test('ids of nothing, of other things, and other people’s wishes', async () => {
  const id = (text: string) => Buffer.from(text).toString('base64');
  expect(await revoke({ token: id('AccessToken:2147483647') })).toMatchObject({ what: 'AccessToken' });
  for (const token of [id('AccessToken:99999999999'), id('AccessToken:x'), id('Sku:1'), 'nonsense', '']) {
    await expect(revoke({ token })).rejects.toThrow();
  }
  const [own] = await app.db.rows<{ id: number }>('SELECT min(id) AS id FROM access_token');
  for (const role of ['STOREFRONT', 'STAFF', 'PLANNER', 'FEED'] as const) {
    const token = await app.token(role);
    await expect(administer(app, token, 'createToken', { actor: till })).rejects.toThrow('FORBIDDEN');
    await expect(
      administer(app, token, 'revokeToken', { token: id(`AccessToken:${own!.id}`) }),
    ).rejects.toThrow('FORBIDDEN');
  }
});
