// What a policy comes to: numbers that can be worked by hand, the simulation that they must agree with, and changes.

import { quantile } from '../../src/forecaster/spread/distribution';
import { sumDistribution } from '../../src/forecaster/spread/spread';
import { learnLeadTime } from '../../src/replenishment/rules/leadTime';
import { PolicyTable } from '../../src/replenishment/rules/policy';
import type { ShelfFacts } from '../../src/replenishment/rules/shelf';
import { measuresOfSimulated, simulate } from '../../src/replenishment/rules/simulate';
import { changedFacts, outlookOf, type PolicyChange } from '../../src/replenishment/rules/simulateOutlook';
import { someSpread } from './support';

const NONE: PolicyChange = {
  kind: null,
  measure: null,
  serviceLevel: null,
  reviewDays: null,
  leadTimeDays: null,
};

/** A shelf that sells `mean` a day, with a supplier who takes three days, and nothing on hand. */
function shelf(mean: number, more: Partial<ShelfFacts> = {}): ShelfFacts {
  const policy = new PolicyTable([]).at({ skuId: 1, category: 'a', locationId: 1, groups: [] });
  return {
    locationId: 1,
    code: 'paris',
    warehouse: false,
    policy: { ...policy, review: { days: 7, weekdays: [] } },
    abc: 'B',
    forecast: {
      mean: new Array(28).fill(mean),
      spread: someSpread(mean),
      method: 'SES',
      cutDay: '2026-11-24',
    },
    onHand: { available: 0, reserved: 0, staged: 0, quarantine: 0 },
    incoming: [],
    returnsPerDay: [],
    offer: {
      supplierId: 1,
      supplier: 'alps',
      unitCostMinor: 100,
      currency: 'EUR',
      packSize: 1,
      minimumOrder: 1,
      leadTime: learnLeadTime(3, []),
    },
    regular: null,
    review: { due: true, reviewDays: 7 },
    ...more,
  };
}

test('nothing forecast: nothing held, ordered or lost', () => {
  const { outlook } = outlookOf(shelf(0, { forecast: null }));
  expect(outlook).toMatchObject({ averageStock: 0, lostPerWeek: 0, demandPerWeek: 0, ordersPerWeek: 0 });
  expect(outlook).toMatchObject({ fillRate: 1, orderUnits: 0, shortUnits: 0 });
});

test('more service takes more stock and loses less', () => {
  const levels = [0.9, 0.95, 0.98, 0.99];
  const outlooks = levels.map(
    (serviceLevel) => outlookOf(changedFacts(shelf(6), { ...NONE, serviceLevel })).outlook,
  );
  for (const [i, { fillRate, averageStock, lostPerWeek }] of outlooks.entries()) {
    expect(fillRate).toBeGreaterThanOrEqual(levels[i]!);
    if (i === 0) continue;
    expect(averageStock).toBeGreaterThan(outlooks[i - 1]!.averageStock);
    expect(lostPerWeek).toBeLessThan(outlooks[i - 1]!.lostPerWeek);
  }
  expect(outlooks[0]!.demandPerWeek).toBeCloseTo(42, 6);
});

test('what is lost in a week is what the level is chosen by', () => {
  const { outlook, assessed } = outlookOf(shelf(6));
  // One review a week. A level is whole units; what is told of it is in thousandths.
  expect(outlook.fillRate).toBeCloseTo(assessed.demand.fillRate, 3);
  expect(outlook.demandPerWeek / (outlook.demandPerWeek + outlook.lostPerWeek)).toBeCloseTo(
    outlook.fillRate,
    9,
  );
  expect(outlook.lostPerWeek / assessed.demand.expectedShortage).toBeCloseTo(1, 0);
  expect(outlook.cycleService).toBeCloseTo(assessed.demand.cycleService, 6);
});

test('a long lead time and rare reviews take more stock', () => {
  const stock = (change: Partial<PolicyChange>) =>
    outlookOf(changedFacts(shelf(6), { ...NONE, ...change })).outlook;
  const usual = stock({});
  expect(stock({ leadTimeDays: 14 }).safetyStock).toBeGreaterThan(usual.safetyStock);
  expect(stock({ reviewDays: 14 }).averageStock).toBeGreaterThan(usual.averageStock);
  expect(stock({ reviewDays: 14 }).ordersPerWeek).toBeLessThan(usual.ordersPerWeek);
  expect(stock({ reviewDays: 1 }).ordersPerWeek).toBeGreaterThan(3);
});

test('packs make orders rarer, and in this run’s order is what a proposal would be', () => {
  const single = shelf(1);
  const packed = shelf(1, { offer: { ...single.offer!, packSize: 24 } });
  expect(outlookOf(packed).outlook.ordersPerWeek).toBeCloseTo(7 / 24, 6);
  const level = outlookOf(single).outlook.level;
  expect(outlookOf(single).outlook.orderUnits).toBe(Math.ceil(level));
  expect(outlookOf(packed).outlook.orderUnits).toBe(Math.ceil(level / 24) * 24);
});

test('what is missed this run is what is wanted beyond position and order', () => {
  const facts = shelf(6, { onHand: { available: 1_000, reserved: 0, staged: 0, quarantine: 0 } });
  expect(outlookOf(facts).outlook).toMatchObject({ orderUnits: 0, shortUnits: 0 });
});

test('the outlook agrees with the shelf lived through for years', () => {
  for (const [mean, serviceLevel] of [
    [0.4, 0.9],
    [3, 0.95],
    [12, 0.98],
  ] as const) {
    const facts = changedFacts(shelf(mean), { ...NONE, serviceLevel });
    const { outlook } = outlookOf(facts);
    // Weeks drawn from the forecast's own distribution, evenly over it, and spread over their days.
    const week = sumDistribution(facts.forecast!, 1, 7);
    const demand = Array.from({ length: 400 }, (_, w) => {
      const units = quantile(week, (((w * 251) % 400) + 0.5) / 400);
      return Array.from(
        { length: 7 },
        (_, d) => Math.floor(((d + 1) * units) / 7) - Math.floor((d * units) / 7),
      );
    }).flat();
    const lived = measuresOfSimulated(
      simulate({
        demand,
        initialStock: Math.ceil(outlook.level),
        reviewDays: 7,
        order: ({ onHand, onOrder }) => Math.ceil(outlook.level) - onHand - onOrder,
        leadDays: () => 3,
        warmUpDays: 14,
      }),
    );
    // Weeks that do not hang together are a little kinder than a forecast that may be wrong for all of them.
    expect(lived.fillRate!).toBeGreaterThan(outlook.fillRate - 0.02);
    expect(lived.averageStock! / outlook.averageStock).toBeGreaterThan(0.8);
    expect(lived.averageStock! / outlook.averageStock).toBeLessThan(1.25);
  }
});

test('a change changes what it names and nothing else', () => {
  const facts = shelf(6);
  expect(changedFacts(facts, NONE)).toEqual(facts);
  const changed = changedFacts(facts, {
    kind: 'MIN_MAX',
    measure: 'CYCLE_SERVICE',
    serviceLevel: 0.9,
    reviewDays: 2,
    leadTimeDays: 9,
  });
  expect(changed.policy).toMatchObject({
    kind: 'MIN_MAX',
    measure: 'CYCLE_SERVICE',
    serviceA: 0.9,
    serviceC: 0.9,
  });
  expect(changed.review.reviewDays).toBe(2);
  expect(changed.offer!.leadTime).toMatchObject({
    mean: 9,
    sd: 0,
    distribution: [{ days: 9, probability: 1 }],
  });
  expect(facts.policy.kind).toBe('ORDER_UP_TO');
});
