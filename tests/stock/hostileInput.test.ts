// What a client can send to the stock's mutations that it should not: always a clear answer, never a 500, nothing changed.

import { startApp, type TestApp } from '../support/app';
import { fresh, type StockMutation, stockAct } from './support';

let app: TestApp;
let admin: string;
beforeAll(async () => {
  app = await startApp();
  admin = await app.token('ADMIN');
});
afterAll(() => app.close());

type Line = Record<string, unknown>;
const ACTS: [name: StockMutation, line: Line, units: string][] = [
  ['receiveStock', { sku: 'MUG', quantity: 1 }, 'quantity'],
  ['adjustStock', { sku: 'MUG', delta: 1, reason: 'FOUND' }, 'delta'],
  ['countStock', { sku: 'MUG', quantity: 1 }, 'quantity'],
  ['quarantineStock', { sku: 'MUG', quantity: 1 }, 'quantity'],
  ['releaseQuarantine', { sku: 'MUG', quantity: 1, to: 'SCRAP' }, 'quantity'],
];
const inputOf = (name: string, lines: Line[]): Record<string, unknown> => ({
  idempotencyKey: fresh(),
  location: 'paris',
  lines,
  ...(name === 'quarantineStock' ? { reason: 'looks odd' } : {}),
});

const HOSTILE: [what: string, change: (line: Line, units: string) => Record<string, unknown>][] = [
  ['a fraction', (line, units) => ({ lines: [{ ...line, [units]: 1.5 }] })],
  ['a number beyond 32 bits', (line, units) => ({ lines: [{ ...line, [units]: 2 ** 31 }] })],
  ['the largest 32-bit number', (line, units) => ({ lines: [{ ...line, [units]: 2 ** 31 - 1 }] })],
  ['a number as text', (line, units) => ({ lines: [{ ...line, [units]: '1' }] })],
  ['no number', (line, units) => ({ lines: [{ ...line, [units]: null }] })],
  ['10,000 lines', (line) => ({ lines: Array.from({ length: 10_000 }, () => line) })],
  ['no lines', () => ({ lines: [] })],
  ['null for lines', () => ({ lines: null })],
  ['a NUL in the SKU', (line) => ({ lines: [{ ...line, sku: 'MUG\u0000' }] })],
  ['an empty SKU', (line) => ({ lines: [{ ...line, sku: '' }] })],
  ['a very long SKU', (line) => ({ lines: [{ ...line, sku: 'x'.repeat(100_000) }] })],
  ['SQL for a SKU', (line) => ({ lines: [{ ...line, sku: "'; DROP TABLE stock_level; --" }] })],
  ['half a character', (line) => ({ lines: [{ ...line, sku: '\ud800' }] })],
  ['a NUL in the location', () => ({ location: 'paris\u0000' })],
  ['an unknown location', () => ({ location: 'atlantis' })],
  ['an inherited name for a location', () => ({ location: '__proto__' })],
  ['an empty key', () => ({ idempotencyKey: '' })],
  ['a NUL in the key', () => ({ idempotencyKey: 'a\u0000' })],
  ['a very long key', () => ({ idempotencyKey: 'k'.repeat(201) })],
  ['an unknown field', () => ({ surprise: true })],
];

const cases = ACTS.flatMap(([name, line, units]) =>
  HOSTILE.map(
    ([what, change]) => [name, what, { ...inputOf(name, [line]), ...change(line, units) }] as const,
  ),
);

test.each(cases)('%s with %s', async (name, _what, input) => {
  const { answer, errors, status } = await stockAct(app, admin, name, input);
  expect(status).toBeLessThan(500);
  expect(errors?.[0]?.extensions?.code).not.toBe('INTERNAL_SERVER_ERROR');
  expect(errors !== undefined || ['InvalidInput', 'NotFound'].includes(answer.__typename)).toBe(true);
  expect(JSON.stringify(errors ?? answer)).not.toMatch(/ at .*\.ts|stack/);
});

test('nothing of it left a trace in the stock', async () => {
  const [{ moves, units, counts }] = (await app.db.rows(
    `SELECT (SELECT count(*) FROM stock_move)::int AS moves, (SELECT coalesce(sum(available), 0) FROM stock_level)::int AS units,
            (SELECT count(*) FROM stock_count)::int AS counts`,
  )) as [Record<string, number>];
  expect({ moves, units, counts }).toEqual({ moves: 0, units: 0, counts: 0 });
});

test.each([
  'Sku:999999999999999',
  'Location:999999999999999',
  'SafetyStock:999999999999999',
  'StockMove:999999999999999',
  'StockMove:1',
  'StockCount:00000000-0000-0000-0000-000000000000',
])('node(%s) that does not exist is null or a clear error', async (plain) => {
  const { errors, status } = await app.gql(admin, 'query ($id: ID!) { node(id: $id) { id } }', {
    id: Buffer.from(plain).toString('base64'),
  });
  expect(status).toBeLessThan(500);
  expect(errors?.[0]?.extensions?.code).not.toBe('INTERNAL_SERVER_ERROR');
});
