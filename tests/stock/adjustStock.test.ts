// adjustStock: signed changes with reasons, never below zero.

import { startApp, type TestApp } from '../support/app';
import { fresh, levelAt, stockAct } from './support';

let app: TestApp;
let staff: string;
let feed: string;
beforeAll(async () => {
  app = await startApp();
  staff = await app.token('STAFF', 'anna', ['paris']);
  feed = await app.token('FEED', 'till');
});
afterAll(() => app.close());

const adjust = (lines: unknown[], token: string | null = staff, location = 'paris', key = fresh()) =>
  stockAct(app, token, 'adjustStock', { idempotencyKey: key, location, lines });
const found = (sku: string, delta: number) => ({ sku, delta, reason: 'FOUND' });

test('every reason moves the units to where they went, with its note', async () => {
  await adjust([found('LAMP', 20)]);
  const { answer } = await adjust([
    { sku: 'LAMP', delta: -3, reason: 'DAMAGED', note: 'fell from the shelf' },
    { sku: 'LAMP', delta: -2, reason: 'LOST' },
    { sku: 'LAMP', delta: -4, reason: 'SOLD' },
    { sku: 'LAMP', delta: -1, reason: 'OTHER', note: 'for the window' },
    { sku: 'LAMP', delta: 2, reason: 'OTHER', note: 'from the window' },
  ]);
  expect(answer.levels).toEqual([
    expect.objectContaining({ sku: { code: 'LAMP' }, available: 12, onHand: 12 }),
  ]);
  const moves = await app.db.rows(
    `SELECT from_bucket::text || '>' || to_bucket AS way, quantity, reason, note FROM stock_move
     JOIN sku s ON s.id = sku_id WHERE s.code = 'LAMP' ORDER BY stock_move.id`,
  );
  expect(moves).toEqual([
    { way: 'SHRINKAGE>AVAILABLE', quantity: 20, reason: 'FOUND', note: null },
    { way: 'AVAILABLE>SHRINKAGE', quantity: 3, reason: 'DAMAGED', note: 'fell from the shelf' },
    { way: 'AVAILABLE>SHRINKAGE', quantity: 2, reason: 'LOST', note: null },
    { way: 'AVAILABLE>CUSTOMER', quantity: 4, reason: 'SOLD', note: null },
    { way: 'AVAILABLE>SHRINKAGE', quantity: 1, reason: 'ADJUSTED', note: 'for the window' },
    { way: 'SHRINKAGE>AVAILABLE', quantity: 2, reason: 'ADJUSTED', note: 'from the window' },
  ]);
});

test('a shortage refuses every line, with the numbers it was decided on', async () => {
  await adjust([found('MUG', 5), found('SOCK-M', 1)]);
  const { answer } = await adjust([
    { sku: 'MUG', delta: -3, reason: 'SOLD' },
    { sku: 'SOCK-M', delta: -1, reason: 'SOLD' },
    { sku: 'MUG', delta: -4, reason: 'SOLD' },
    { sku: 'TENT-2', delta: -1, reason: 'LOST' },
  ]);
  expect(answer).toEqual({
    __typename: 'NotEnoughStock',
    message:
      'paris has 5 MUG free of the 7 requested; paris has 0 TENT-2 free of the 1 requested; request fewer, or request them at another location.',
    bucket: 'AVAILABLE',
    lines: [
      { sku: 'MUG', location: 'paris', requested: 7, available: 5 },
      { sku: 'TENT-2', location: 'paris', requested: 1, available: 0 },
    ],
  });
  expect(await levelAt(app, 'paris', 'MUG')).toMatchObject({ available: 5 });
  expect(await levelAt(app, 'paris', 'SOCK-M')).toMatchObject({ available: 1 });
});

test('lines of one SKU are summed before they are judged', async () => {
  const { answer } = await adjust([{ sku: 'TENT-2', delta: -5, reason: 'LOST' }, found('TENT-2', 6)]);
  expect(answer.levels[0].available).toBe(1);
});

test('the second tap gets the first answer, a refusal too, and changes nothing', async () => {
  const key = fresh();
  const before = (await levelAt(app, 'paris', 'MUG')).available!;
  const taps = await Promise.all(
    Array.from({ length: 10 }, () => adjust([{ sku: 'MUG', delta: -1, reason: 'SOLD' }], feed, 'paris', key)),
  );
  for (const { answer } of taps) expect(answer.__typename).toBe('AdjustStockSuccess');
  expect((await levelAt(app, 'paris', 'MUG')).available).toBe(before - 1);

  const tooMany = fresh();
  const sell = () => adjust([{ sku: 'MUG', delta: -before, reason: 'SOLD' }], feed, 'paris', tooMany);
  const refused = (await sell()).answer;
  expect(refused).toMatchObject({ __typename: 'NotEnoughStock', lines: [{ available: before - 1 }] });
  await adjust([found('MUG', 100)]);
  expect((await sell()).answer).toEqual(refused);
  const other = await adjust([{ sku: 'MUG', delta: -2, reason: 'SOLD' }], feed, 'paris', key);
  expect(other.answer).toMatchObject({ __typename: 'KeyReused', firstAction: 'adjustStock' });
});

test.each([
  ['FOUND that reduces', { delta: -1, reason: 'FOUND' }, 'lines.0.delta'],
  ['DAMAGED that adds', { delta: 1, reason: 'DAMAGED' }, 'lines.0.delta'],
  ['SOLD that adds', { delta: 1, reason: 'SOLD' }, 'lines.0.delta'],
  ['no change', { delta: 0, reason: 'OTHER', note: 'x' }, 'lines.0.delta'],
  ['OTHER without a note', { delta: 1, reason: 'OTHER' }, 'lines.0.note'],
  ['OTHER with an empty note', { delta: 1, reason: 'OTHER', note: '  ' }, 'lines.0.note'],
  ['a note too long', { delta: 1, reason: 'FOUND', note: 'x'.repeat(501) }, 'lines.0.note'],
  ['a NUL in a note', { delta: 1, reason: 'FOUND', note: 'a\u0000b' }, 'lines.0.note'],
  ['too many units', { delta: 1_000_001, reason: 'FOUND' }, 'lines.0.delta'],
  ['too few units', { delta: -1_000_001, reason: 'LOST' }, 'lines.0.delta'],
])('refuses %s', async (_what, line, path) => {
  const { answer } = await adjust([{ sku: 'MUG', ...line }]);
  expect(answer).toMatchObject({ __typename: 'InvalidInput', path });
});

test('a bucket never fills beyond what a number can hold', async () => {
  const full = Array.from({ length: 200 }, () => found('TENT-2', 1_000_000));
  for (let i = 0; i < 4; i += 1) expect((await adjust(full)).answer.__typename).toBe('AdjustStockSuccess');
  expect((await adjust(full)).answer).toMatchObject({ __typename: 'InvalidInput', path: 'lines' });
});

test('only who works there adjusts: other staff, storefronts and strangers are turned away', async () => {
  const lines = [found('MUG', 1)];
  const code = async (token: string | null, location = 'paris') =>
    (await adjust(lines, token, location)).errors?.[0]?.extensions?.code;
  expect(await code(staff, 'lyon')).toBe('FORBIDDEN');
  expect(await code(await app.token('STOREFRONT'))).toBe('FORBIDDEN');
  expect(await code(null)).toBe('UNAUTHENTICATED');
  expect(await code(await app.token('PLANNER'), 'lyon')).toBeUndefined();
});
