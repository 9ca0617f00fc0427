// Order-up-to levels against numbers worked by hand, and what must hold of them whatever is asked.

import fc from 'fast-check';
import { exposures } from '../../../src/replenishment/rules/orderUpTo/exposure';
import { orderUpTo, type ServiceTarget } from '../../../src/replenishment/rules/orderUpTo/level';

const daily = (mean: number) => new Array<number>(28).fill(mean);
/** How `spread` stores one length that holds for all: nothing moved, no excess beyond Poisson. */
const poisson = [
  1, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 1, 1, 0, 0,
];
const even = { mean: daily(0.5), spread: poisson };
const fixed = (days: number) => [{ days, probability: 1 }];
const asked = (target: ServiceTarget, leadTimes = fixed(3), forecast: typeof even = even) => ({
  forecast,
  leadTimes,
  reviewDays: 7,
  target,
});

describe('days of demand to withstand', () => {
  test('a fixed lead time: review period and lead time', () => {
    expect(exposures(fixed(2), 7)).toEqual([{ days: 9, probability: 1 }]);
    expect(exposures(fixed(0), 7)).toEqual([{ days: 7, probability: 1 }]);
    expect(exposures(fixed(14), 7)).toEqual([{ days: 21, probability: 1 }]);
    expect(exposures(fixed(3), 1)).toEqual([{ days: 4, probability: 1 }]);
  });

  test('orders that overtake each other: 3, 7, 7 or 14 days, reviewed weekly', () => {
    // The last order is out all week with L ≥ 7 (¾), the one before with L = 14 (¼): 7 + 7 + 7 days when both are;
    // 3 + 14 when only the older one is, and the younger for three days; 14 or 10 when only the younger is.
    const leadTimes = [
      { days: 3, probability: 0.25 },
      { days: 7, probability: 0.5 },
      { days: 14, probability: 0.25 },
    ];
    expect(exposures(leadTimes, 7)).toEqual([
      { days: 10, probability: 3 / 16 },
      { days: 14, probability: 9 / 16 },
      { days: 17, probability: 1 / 16 },
      { days: 21, probability: 3 / 16 },
    ]);
  });

  test('two orders out together for two days, one of them for a third', () => {
    // 3 then 9 days: at the close of day 2 both are out, 2 + 14; of day 3 one, 3 + 7. 9 then 9: 14, and 2 + 14 again.
    const leadTimes = [
      { days: 3, probability: 0.5 },
      { days: 9, probability: 0.5 },
    ];
    expect(exposures(leadTimes, 7)).toEqual([
      { days: 10, probability: 0.25 },
      { days: 14, probability: 0.25 },
      { days: 16, probability: 0.5 },
    ]);
  });

  test('too many combinations: orders that do not overtake', () => {
    const many = Array.from({ length: 90 }, (_, i) => ({ days: i + 1, probability: 1 / 90 }));
    const found = exposures(many, 30);
    expect(found.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
    expect(found[found.length - 1]!.days).toBeLessThanOrEqual(120);
  });
});

describe('levels', () => {
  test('Poisson demand of 5 over ten days: tables give P(D ≤ 8) = 0.932 and P(D ≤ 9) = 0.968', () => {
    // 95 % less what simulated reviews tell: 0.05 / (0.95 · (1 − 0.15 · 3/7)) = 0.0563 may be short by demand alone;
    // 0.9437 lies under (0.932 + 0.968) / 2 = 0.950, so that 8 is nearer than 9.
    const found = orderUpTo(asked({ measure: 'CYCLE_SERVICE', level: 0.95 }));
    expect(found.level).toBe(8);
    expect(found.mean).toBeCloseTo(5, 4);
    expect(found.sd).toBeCloseTo(Math.sqrt(5), 4);
    expect(found.safetyStock).toBeCloseTo(3, 4);
    expect(found.cycleService).toBeCloseTo(1 - 0.8889 * (1 - 0.9319), 3);
  });

  test('a fill rate of 99 %: of 3.5 units a cycle at most 0.035 are missed', () => {
    // Poisson of mean 5: E[(D − 10)+] = 0.0222, E[(D − 9)+] = 0.0540, E[(D − 8)+] = 0.1221; of mean 1.5 nothing;
    // 0.8889 of each comes about: 0.0480 with 9, 0.0197 with 10, of 3.5 / 0.99 − 3.5 = 0.0354.
    const found = orderUpTo(asked({ measure: 'FILL_RATE', level: 0.99 }));
    expect(found.level).toBe(10);
    expect(found.expectedShortage).toBeCloseTo(0.0197, 3);
    expect(found.fillRate).toBeCloseTo(0.9944, 3);
  });

  test('what sells now and then is held as one unit where nothing would fall short of the target', () => {
    const rare = { mean: daily(0.02), spread: poisson };
    // P(D = 0) over ten days is e^−0.2 = 0.819.
    expect(orderUpTo(asked({ measure: 'CYCLE_SERVICE', level: 0.9 }, fixed(3), rare)).level).toBe(1);
    expect(orderUpTo(asked({ measure: 'CYCLE_SERVICE', level: 0.8 }, fixed(3), rare)).level).toBe(0);
    expect(
      orderUpTo(asked({ measure: 'CYCLE_SERVICE', level: 0.95 }, fixed(3), { ...rare, mean: [] })),
    ).toMatchObject({
      level: 0,
      cycleService: 1,
      fillRate: 1,
      expectedShortage: 0,
    });
  });

  test('a longer or less certain lead time wants more', () => {
    const level = (leadTimes: { days: number; probability: number }[]) =>
      orderUpTo(asked({ measure: 'CYCLE_SERVICE', level: 0.97 }, leadTimes)).level;
    const uncertain = [
      { days: 2, probability: 0.8 },
      { days: 12, probability: 0.2 },
    ];
    expect(level(fixed(4))).toBeGreaterThan(level(fixed(2)));
    expect(level(uncertain)).toBeGreaterThan(level(fixed(4)));
  });
});

test('more service never takes less stock; levels are whole, promises are shares, nothing is negative', () => {
  const leadTime = fc.record({
    days: fc.integer({ min: 0, max: 40 }),
    probability: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { maxLength: 28 }),
      fc.double({ min: 0, max: 20, noNaN: true }),
      fc.array(leadTime, { maxLength: 4 }),
      fc.integer({ min: 1, max: 28 }),
      fc.constantFrom<ServiceTarget['measure']>('CYCLE_SERVICE', 'FILL_RATE'),
      (mean, excess, leadTimes, reviewDays, measure) => {
        const forecast = { mean, spread: [...poisson.slice(0, -1), excess] };
        let before = 0;
        for (const level of [0.5, 0.8, 0.9, 0.95, 0.99]) {
          const found = orderUpTo({ forecast, leadTimes, reviewDays, target: { measure, level } });
          expect(Number.isInteger(found.level)).toBe(true);
          expect(found.level).toBeGreaterThanOrEqual(before);
          before = found.level;
          for (const share of [found.cycleService, found.fillRate]) {
            expect(share).toBeGreaterThanOrEqual(0);
            expect(share).toBeLessThanOrEqual(1 + 1e-9);
          }
          expect(found.expectedShortage).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(found.sd) && Number.isFinite(found.mean)).toBe(true);
        }
      },
    ),
    { numRuns: 100 },
  );
});
