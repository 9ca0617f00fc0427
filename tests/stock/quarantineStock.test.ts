// quarantineStock and releaseQuarantine: goods that are here but not for sale, and the three ways out.

import { startApp, type TestApp } from '../support/app';
import { fresh, levelAt, stockAct } from './support';

let app: TestApp;
let staff: string;
beforeAll(async () => {
  app = await startApp();
  staff = await app.token('STAFF', 'anna', ['paris']);
  const lines = [{ sku: 'LAMP', quantity: 10 }];
  await stockAct(app, staff, 'receiveStock', { idempotencyKey: 'stock', location: 'paris', lines });
});
afterAll(() => app.close());

const lock = (lines: unknown[], token: string | null = staff, location = 'paris', key = fresh()) =>
  stockAct(app, token, 'quarantineStock', { idempotencyKey: key, location, lines, reason: 'cracked glass' });
const release = (lines: unknown[], token: string | null = staff, location = 'paris', key = fresh()) =>
  stockAct(app, token, 'releaseQuarantine', { idempotencyKey: key, location, lines, note: 'looked at' });
const out = (quantity: number, to: string) => ({ sku: 'LAMP', quantity, to });

test('in, and out by every way, whole and audited', async () => {
  const key = fresh();
  const first = await lock([{ sku: 'LAMP', quantity: 6 }], staff, 'paris', key);
  expect(first.answer.levels).toEqual([expect.objectContaining({ available: 4, quarantine: 6, onHand: 10 })]);
  await lock([{ sku: 'LAMP', quantity: 6 }], staff, 'paris', key);
  expect(await levelAt(app, 'paris', 'LAMP')).toMatchObject({ available: 4, quarantine: 6 });

  const { answer } = await release([out(1, 'RESTOCK'), out(2, 'SCRAP'), out(1, 'RETURN_TO_VENDOR')]);
  expect(answer.levels).toEqual([expect.objectContaining({ available: 5, quarantine: 2, onHand: 7 })]);
  const moves = await app.db.rows(
    `SELECT from_bucket::text || '>' || to_bucket AS way, quantity, reason, note FROM stock_move
     WHERE reason <> 'RECEIVED' ORDER BY id`,
  );
  expect(moves).toEqual([
    { way: 'AVAILABLE>QUARANTINE', quantity: 6, reason: 'QUARANTINED', note: 'cracked glass' },
    { way: 'QUARANTINE>AVAILABLE', quantity: 1, reason: 'RELEASED_FROM_QUARANTINE', note: 'looked at' },
    { way: 'QUARANTINE>SHRINKAGE', quantity: 2, reason: 'SCRAPPED', note: 'looked at' },
    { way: 'QUARANTINE>SUPPLIER', quantity: 1, reason: 'RETURNED_TO_VENDOR', note: 'looked at' },
  ]);
});

test('more than there is, of either bucket, is refused with what there is', async () => {
  expect((await lock([{ sku: 'LAMP', quantity: 6 }])).answer).toMatchObject({
    __typename: 'NotEnoughStock',
    bucket: 'AVAILABLE',
    lines: [{ sku: 'LAMP', location: 'paris', requested: 6, available: 5 }],
  });
  expect((await release([out(1, 'RESTOCK'), out(2, 'SCRAP')])).answer).toMatchObject({
    __typename: 'NotEnoughStock',
    message:
      'paris has 2 LAMP in quarantine of the 3 requested; request fewer, or request them at another location.',
    bucket: 'QUARANTINE',
    lines: [{ sku: 'LAMP', location: 'paris', requested: 3, available: 2 }],
  });
  expect(await levelAt(app, 'paris', 'LAMP')).toMatchObject({ available: 5, quarantine: 2 });
});

test('ten releases of the last two units: two succeed', async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => release([out(1, 'RESTOCK')])));
  const kinds = answers.map((a) => a.answer.__typename);
  expect(kinds.filter((k) => k === 'ReleaseQuarantineSuccess')).toHaveLength(2);
  expect(await levelAt(app, 'paris', 'LAMP')).toMatchObject({ available: 7, quarantine: 0 });
});

test('needs a reason, and someone who works there', async () => {
  const lines = [{ sku: 'LAMP', quantity: 1 }];
  const blank = { idempotencyKey: fresh(), location: 'paris', lines, reason: ' ' };
  expect((await stockAct(app, staff, 'quarantineStock', blank)).answer).toMatchObject({
    __typename: 'InvalidInput',
    path: 'reason',
  });
  const code = async (sent: Promise<{ errors?: { extensions?: Record<string, unknown> }[] }>) =>
    (await sent).errors?.[0]?.extensions?.code;
  const storefront = await app.token('STOREFRONT');
  expect(await code(lock(lines, staff, 'lyon'))).toBe('FORBIDDEN');
  expect(await code(release([out(1, 'SCRAP')], staff, 'lyon'))).toBe('FORBIDDEN');
  expect(await code(lock(lines, storefront))).toBe('FORBIDDEN');
  expect(await code(release([out(1, 'SCRAP')], storefront))).toBe('FORBIDDEN');
  expect(await code(release([out(1, 'SCRAP')], null))).toBe('UNAUTHENTICATED');
});
