// Pure rules of the stock: what a shortage shows to whom, and how counts and adjustments are judged.

import type { Caller, Role } from '../../src/access/rules/roles';
import { judgeCount, notEnoughStock, refuseShortfall } from '../../src/stock/rules/changes';

const caller = (role: Role): Caller => ({ actorId: 1, name: 'x', role, locationIds: new Set() });
const shortage = (available: number) => ({ sku: 'LAMP', location: 'paris', requested: 987, available });

test('a shortage shows staff its numbers and a storefront none, in facts and in words', () => {
  const inside = notEnoughStock(caller('STAFF'), [shortage(654)]).data;
  expect(inside).toMatchObject({ bucket: 'AVAILABLE', lines: [{ requested: 987, available: 654 }] });
  expect(inside.message).toBe(
    'paris has 654 LAMP free of the 987 requested; request fewer, or request them at another location.',
  );
  const outside = notEnoughStock(caller('STOREFRONT'), [shortage(654)]).data;
  expect(outside).toMatchObject({ lines: [{ sku: 'LAMP', requested: 987, available: null }] });
  expect(JSON.stringify(outside)).not.toContain('654');
});

test('facts carry what the decision saw and nothing else that came with it', () => {
  const line = { ...shortage(1), secret: 'cost price' };
  expect(JSON.stringify(notEnoughStock(caller('ADMIN'), [line]).data)).not.toContain('secret');
});

test('a message names five lines, the facts all', () => {
  const { data } = notEnoughStock(
    caller('STAFF'),
    Array.from({ length: 8 }, () => shortage(0)),
  );
  expect(data.message).toContain('; and 3 more; request');
  expect((data as unknown as { lines: unknown[] }).lines).toHaveLength(8);
});

test('refuseShortfall names only the lines that are short', () => {
  expect(() => refuseShortfall(caller('STAFF'), [shortage(987), shortage(988)])).not.toThrow();
  expect(() => refuseShortfall(caller('STAFF'), [shortage(987), shortage(986)])).toThrow('has 986 LAMP');
});

test.each([
  [100, 80, false],
  [100, 79, true],
  [100, 121, true],
  [20, 10, false],
  [20, 9, true],
  [0, 10, false],
  [0, 11, true],
  [5, 0, false],
  [1000, 800, false],
  [1000, 799, true],
])('books %i, counted %i: needs approval %s', (expected, counted, big) => {
  expect(judgeCount(expected, counted)).toEqual({ difference: counted - expected, big });
});
