// Matching returns to purchases, and reading the texts of a line: by hand and by properties.

import fc from 'fast-check';
import { type CustomerLine, matchReturns } from '../../src/sales/rules/matching';
import { momentIn } from '../../src/sales/rules/parseText';

const day = (n: number) => `2026-01-${String(n).padStart(2, '0')}`;
const line = (n: number, units: number, more: Partial<CustomerLine> = {}): CustomerLine => ({
  day: day(n),
  second: 0,
  units,
  revenueMinor: Math.abs(units) * 10,
  locationId: 1,
  channel: 'STORE',
  ...more,
});

test('the latest purchase with units left comes first, and each unit once', () => {
  const [first, second] = matchReturns([line(1, 5), line(3, 2), line(5, -3), line(6, -4)]);
  expect(first!.parts).toEqual([
    { units: 2, saleDay: day(3), saleLocationId: 1 },
    { units: 1, saleDay: day(1), saleLocationId: 1 },
  ]);
  expect(second!.parts).toEqual([{ units: 4, saleDay: day(1), saleLocationId: 1 }]);
});

test('a purchase of the same day at another location is returned, not cancelled; a later one is not touched', () => {
  const [elsewhere] = matchReturns([line(1, 2, { locationId: 2 }), line(1, -1), line(2, 1)]);
  expect(elsewhere).toMatchObject({
    cancelled: 0,
    parts: [{ units: 1, saleDay: day(1), saleLocationId: 2 }],
  });
  const [here] = matchReturns([line(1, 4, { revenueMinor: 50 }), line(1, -1, { second: 9 })]);
  expect(here).toMatchObject({ cancelled: 1, cancelledMinor: 13, parts: [] });
  const [before] = matchReturns([line(1, -1), line(1, 1, { second: 60 })]);
  expect(before!.parts).toEqual([{ units: 1, saleDay: null, saleLocationId: null }]);
});

test('every returned unit is counted once, no purchase gives more than it had', () => {
  const some = fc.array(
    fc.record({
      n: fc.integer({ min: 1, max: 9 }),
      units: fc.integer({ min: -5, max: 5 }).filter((u) => u !== 0),
    }),
  );
  fc.assert(
    fc.property(some, (told) => {
      const lines = told.map(({ n, units }) => line(n, units));
      const matched = matchReturns(lines);
      for (const { line: back, cancelled, parts } of matched) {
        expect(cancelled + parts.reduce((sum, p) => sum + p.units, 0)).toBe(-back.units);
        for (const { saleDay } of parts) expect(saleDay === null || saleDay <= back.day).toBe(true);
      }
      for (let n = 1; n <= 9; n += 1) {
        const sold = lines.reduce((sum, l) => sum + (l.day === day(n) ? Math.max(0, l.units) : 0), 0);
        const given = matched.flatMap((m) => [
          ...m.parts.filter((p) => p.saleDay === day(n)).map((p) => p.units),
          m.line.day === day(n) ? m.cancelled : 0,
        ]);
        expect(given.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(sold);
      }
    }),
  );
});

test.each([
  ['2026-03-05', 'ymd', '2026-03-05', 0],
  ['5.3.2026 23:59:58', 'dmy', '2026-03-05', 86_398],
  ['3/5/2026 07:05', 'mdy', '2026-03-05', 25_500],
  ['2026-03-05T23:30:00Z', 'dmy', '2026-03-06', 1_800],
  ['2026-03-05 23:30:00.123+01:00', 'ymd', '2026-03-05', 84_600],
] as const)('%s read as %s', (text, order, iso, second) => {
  expect(momentIn(text, order, 'Europe/Paris')).toEqual({ day: iso, second });
});

test.each(['', 'today', '2026-13-01', '2026-02-29', '2026-03-05 24:00', '5.3.26', '20260305', '2026-03-05x'])(
  "'%s' is no day",
  (text) => {
    expect(momentIn(text, 'ymd', 'Europe/Paris')).toBeNull();
  },
);
