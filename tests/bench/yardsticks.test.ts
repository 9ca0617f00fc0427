// The yardsticks themselves: recording of statements, their translation to pgbench's syntax, and the verdicts of the table.

import { Client } from 'pg';
import { freshDatabase } from '../support/database';
import { judge } from './table';
import { tapOn } from './wireTap';
import { scripted, usual } from './yardstickReads';

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

test('statements are heard with their values, prepared by name or not, and the answers come through', async () => {
  const tap = await tapOn(database.url);
  const client = new Client({ connectionString: tap.url });
  await client.connect();
  tap.recorded();
  const named = { name: 'twice', text: 'SELECT $1::int[] AS a, $2::text AS b' };
  const { rows } = await client.query({ ...named, values: [[1, 2], null] });
  await client.query({ ...named, values: [[], 'é'] });
  await client.query('SELECT 1');
  expect(rows).toEqual([{ a: [1, 2], b: null }]);
  expect(tap.recorded()).toEqual([
    { text: named.text, values: ['{"1","2"}', null] },
    { text: named.text, values: ['{}', 'é'] },
    { text: 'SELECT 1', values: [] },
  ]);
  expect(tap.recorded()).toEqual([]);
  await client.end();
  tap.close();
});

test('a statement becomes pgbench’s: values are variables, casts, slices and comments are not', () => {
  const text = `SELECT ($2::int[])[a.first:a.last], ($2)[$1:$1] -- what: this
    FROM t WHERE x = $3;`;
  const script = scripted({ text, values: ['1', '{1}', null] }, 4, 0);
  expect(script.replace(/\s+/g, ' ')).toBe(
    'SELECT (:r4s0v1::int[])[a.first: a.last], (:r4s0v1)[:r4s0v0: :r4s0v0] FROM t WHERE x = :nothing',
  );
});

test('the requests of the most frequent shape are the usual ones', () => {
  const look = (value: string | null) => [{ text: 'SELECT $1', values: [value] }];
  const cold = [{ text: 'SELECT token', values: [] }, ...look('1')];
  expect(usual([cold, look('1'), look(null), look('2')])).toEqual([look('1'), look('2')]);
  expect(usual([])).toEqual([]);
});

test('a line is set against its yardstick and says what it missed', () => {
  const sample = { medianMs: 1, p99Ms: 120, serverMs: null, databaseMs: null };
  const lines = judge([
    { ...sample, name: 'yard', perSecond: 100 },
    { ...sample, name: 'good', perSecond: 200, beside: 'yard', requiredRatio: 2 },
    { ...sample, name: 'slow', perSecond: 199, beside: 'yard', requiredRatio: 2, requiredP99Ms: 100 },
    { ...sample, name: 'alone', perSecond: 1, beside: 'not measured', requiredRatio: 2 },
  ]);
  expect(lines.map(({ ratio, missed }) => [ratio, missed.length])).toEqual([
    [null, 0],
    [2, 0],
    [1.99, 2],
    [null, 0],
  ]);
});
