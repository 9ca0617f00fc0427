// Lead times: product-limit estimates by hand, shrinkage towards what was stated, and distributions of few points.

import fc from 'fast-check';
import { learnLeadTime, MAX_LEAD_POINTS, type Receipt } from '../../../src/replenishment/rules/leadTime';

const came = (days: number, weight = 1): Receipt => ({ days, weight, open: false });
const open = (days: number, weight = 1): Receipt => ({ days, weight, open: true });

test('without receipts it is what was stated', () => {
  expect(learnLeadTime(5, [])).toEqual({
    distribution: [{ days: 5, probability: 1 }],
    mean: 5,
    sd: 0,
    stated: 5,
    receipts: 0,
  });
});

test('five receipts weigh as much as what was stated', () => {
  const learnt = learnLeadTime(4, [came(6), came(6), came(6), came(8), came(8)]);
  // Half on the stated day; 3/5 and 2/5 of the other half.
  expect(learnt.distribution).toEqual([
    { days: 4, probability: 0.5 },
    { days: 6, probability: expect.closeTo(0.3, 9) },
    { days: 8, probability: expect.closeTo(0.2, 9) },
  ]);
  expect(learnt.mean).toBeCloseTo(5.4, 9);
  expect(learnt.receipts).toBe(5);
});

test('what is open already longer than others took moves the weight up', () => {
  const many = Array.from({ length: 45 }, () => came(3));
  const late = Array.from({ length: 45 }, () => open(10));
  const { distribution } = learnLeadTime(3, [...many, ...late]);
  // Kaplan and Meier: half came on day 3; the rest is told to come on day 10 at the earliest. 45 receipts weigh 0.9.
  expect(distribution).toEqual([
    { days: 3, probability: expect.closeTo(0.1 + 0.9 * 0.5, 9) },
    { days: 10, probability: expect.closeTo(0.45, 9) },
  ]);
});

test('what was ordered yesterday says nothing yet', () => {
  const settled = [came(3), came(5)];
  expect(learnLeadTime(4, [...settled, open(1)]).distribution).toEqual(
    learnLeadTime(4, settled).distribution,
  );
});

test('parts of an order weigh by their share', () => {
  const { mean, receipts } = learnLeadTime(2, [came(2, 0.75), came(6, 0.25)]);
  expect(receipts).toBe(1);
  expect(mean).toBeCloseTo((5 / 6) * 2 + (1 / 6) * (0.75 * 2 + 0.25 * 6), 9);
});

test('receipts elsewhere count less than those here', () => {
  const elsewhere = Array.from({ length: 20 }, () => came(9));
  const { mean } = learnLeadTime(3, [came(5)], elsewhere);
  const there = (20 / 25) * 9 + (5 / 25) * 3;
  expect(mean).toBeCloseTo((1 / 6) * 5 + (5 / 6) * there, 9);
});

test('whatever came, the distribution is short, adds up, and keeps its mean', () => {
  const receipt = fc.record({
    days: fc.integer({ min: -3, max: 900 }),
    weight: fc.double({ min: 0.01, max: 1, noNaN: true }),
    open: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.nat(60), fc.array(receipt, { maxLength: 40 }), (stated, receipts) => {
      const { distribution, mean } = learnLeadTime(stated, receipts);
      expect(distribution.length).toBeGreaterThan(0);
      expect(distribution.length).toBeLessThanOrEqual(2 * MAX_LEAD_POINTS);
      expect(distribution.reduce((sum, d) => sum + d.probability, 0)).toBeCloseTo(1, 9);
      for (const { days, probability } of distribution) {
        expect(Number.isInteger(days) && days >= 0 && days <= 730).toBe(true);
        expect(probability).toBeGreaterThan(0);
      }
      expect(mean).toBeGreaterThanOrEqual(0);
    }),
  );
});
