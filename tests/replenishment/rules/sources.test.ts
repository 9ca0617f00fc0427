// Where a need is covered from, what locations can spare, and who gets money that is short.

import fc from 'fast-check';
import { type BudgetedPurchase, type BudgetLeft, grant } from '../../../src/replenishment/rules/budget';
import { echelonDemand, normalLoss } from '../../../src/replenishment/rules/echelon';
import {
  chooseSource,
  type Receiver,
  type Surplus,
  SurplusAccount,
  surplusUnits,
} from '../../../src/replenishment/rules/sources';

const place = (locationId: number, units: number, leadDays: number, warehouse = false): Surplus => ({
  locationId,
  code: `p${locationId}`,
  warehouse,
  units,
  keep: 0,
  leadDays,
});
const offer = { leadDays: 5, unitCostMinor: 400 };
const ask = { units: 10, offer, surpluses: [], regularId: null, transferCostMinor: 0 };
const chosen = (more: object): unknown => {
  const choice = chooseSource({ ...ask, ...more });
  return choice.source === 'TRANSFER' ? choice.from.locationId : choice.source;
};

describe('the source of 10 units', () => {
  test.each([
    ['a supplier when nobody can spare any', {}, 'SUPPLIER'],
    ['whoever is sooner than the supplier', { surpluses: [place(1, 10, 2)] }, 1],
    ['the soonest of several', { surpluses: [place(1, 10, 3), place(2, 10, 2)] }, 2],
    ['a warehouse before a shop', { surpluses: [place(1, 20, 2), place(2, 10, 2, true)] }, 2],
    ['a supplier when others have only a part', { surpluses: [place(1, 9, 1)] }, 'SUPPLIER'],
    ['later, but cheaper', { surpluses: [place(1, 10, 9)], transferCostMinor: 399 }, 1],
    ['neither sooner nor cheaper', { surpluses: [place(1, 10, 9)], transferCostMinor: 400 }, 'SUPPLIER'],
    ['its regular source, also for a part', { surpluses: [place(1, 4, 9)], regularId: 1, offer: null }, 1],
    [
      'another that has all, when its regular source has a part',
      { surpluses: [place(1, 4, 1), place(2, 10, 2)], regularId: 1, offer: null },
      2,
    ],
    [
      'whoever can spare the most, without a supplier',
      { surpluses: [place(1, 3, 1), place(2, 4, 2)], offer: null },
      2,
    ],
    ['nobody', { offer: null }, 'NONE'],
  ])('%s', (_name, more, expected) => {
    expect(chosen(more)).toBe(expected);
  });
});

test('a location spares what is free and beyond its level, whatever else it has coming', () => {
  expect(surplusUnits(10, 14, 9)).toBe(5);
  expect(surplusUnits(3, 14, 9)).toBe(3);
  expect(surplusUnits(10, 8, 9)).toBe(0);
  expect(surplusUnits(10, 9.9, 9)).toBe(0);
});

const spare = (forSupplied: number, forOthers: number) => ({
  locationId: 1,
  code: 'p1',
  warehouse: true,
  regularId: 9,
  free: 20,
  forSupplied,
  forOthers,
});
const days = () => 1;

test('two locations never get the same units', () => {
  const account = new SurplusAccount([spare(5, 5)]);
  const other = { locationId: 2, regularId: null, warehouse: false };
  account.take(1, 3, false);
  expect(account.for(other, days)).toMatchObject([{ locationId: 1, units: 2, keep: 15, leadDays: 1 }]);
  expect(account.for({ locationId: 1, regularId: null, warehouse: false }, days)).toEqual([]);
  expect(() => account.take(1, 3, false)).toThrow(/no 3 units/);
});

test('a warehouse spares more for the locations it supplies, and nothing goes back to who supplies it', () => {
  const account = new SurplusAccount([spare(12, 5)]);
  const shop = { locationId: 2, regularId: 1, warehouse: false };
  const stranger = { locationId: 3, regularId: null, warehouse: false };
  const units = (place: Receiver) => account.for(place, days)[0]?.units;
  expect([units(shop), units(stranger)]).toEqual([12, 5]);
  expect(units({ ...stranger, locationId: 9 })).toBeUndefined();
  const fromShop = new SurplusAccount([{ ...spare(12, 5), warehouse: false }]);
  expect(fromShop.for({ ...stranger, warehouse: true }, days)).toEqual([]);
  account.take(1, 9, true);
  expect([units(shop), units(stranger)]).toEqual([3, 3]);
});

const purchase = (skuId: number, more: Partial<BudgetedPurchase> = {}): BudgetedPurchase => ({
  supplierId: 1,
  locationId: 1,
  skuId,
  quantity: 10,
  unitCostMinor: 100,
  currency: 'EUR',
  packSize: 1,
  minimumOrder: 1,
  priority: 0,
  abc: 'A',
  lostMarginMinor: 1_000,
  ...more,
});
const budget = (leftMinor: number, more: Partial<BudgetLeft> = {}): BudgetLeft => ({
  id: 1,
  supplierId: null,
  locationId: null,
  currency: 'EUR',
  leftMinor,
  ...more,
});
const quantities = (purchases: BudgetedPurchase[], budgets: BudgetLeft[]): number[] =>
  grant(purchases, budgets).map((g) => g.quantity);

describe('money', () => {
  test('goes first where most margin is lost per money', () => {
    const wanted = [purchase(1, { lostMarginMinor: 500 }), purchase(2, { lostMarginMinor: 900 })];
    expect(quantities(wanted, [budget(1_400)])).toEqual([4, 10]);
  });
  test('goes by priority before that', () => {
    const wanted = [purchase(1, { priority: 1, lostMarginMinor: 1 }), purchase(2)];
    expect(quantities(wanted, [budget(1_400)])).toEqual([10, 4]);
  });
  test('buys whole packs, and no less than the supplier sells', () => {
    expect(quantities([purchase(1, { packSize: 5 })], [budget(900)])).toEqual([5]);
    expect(quantities([purchase(1, { packSize: 5, minimumOrder: 10 })], [budget(900)])).toEqual([0]);
  });
  test('must be in every budget that pays; another currency’s does not', () => {
    const tight = budget(300, { id: 2, supplierId: 1 });
    expect(quantities([purchase(1)], [budget(5_000), tight])).toEqual([3]);
    expect(grant([purchase(1)], [budget(0, { currency: 'SEK' })])).toEqual([
      { quantity: 10, budgetId: null },
    ]);
    expect(quantities([purchase(1, { supplierId: 2 })], [tight])).toEqual([10]);
  });
  test('what costs nothing needs none', () => {
    expect(quantities([purchase(1, { unitCostMinor: 0 })], [budget(0)])).toEqual([10]);
  });
  test('is never overspent', () => {
    const wanted = fc.array(
      fc.record({
        skuId: fc.nat(50),
        supplierId: fc.integer({ min: 1, max: 2 }),
        locationId: fc.integer({ min: 1, max: 2 }),
        quantity: fc.integer({ min: 1, max: 50 }),
        unitCostMinor: fc.nat(500),
        packSize: fc.integer({ min: 1, max: 6 }),
        lostMarginMinor: fc.nat(9_000),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(wanted, fc.nat(20_000), fc.nat(9_000), (rows, all, first) => {
        const purchases = rows.map((r) => purchase(r.skuId, r));
        const granted = quantities(purchases, [budget(all), budget(first, { id: 2, supplierId: 1 })]);
        const cost = (of: (p: BudgetedPurchase) => boolean): number =>
          purchases.reduce((sum, p, i) => (of(p) ? sum + granted[i]! * p.unitCostMinor : sum), 0);
        expect(cost(() => true)).toBeLessThanOrEqual(all);
        expect(cost((p) => p.supplierId === 1)).toBeLessThanOrEqual(first);
      }),
    );
  });
});

describe('a warehouse’s level for the locations it supplies', () => {
  const none = { mean: 0, sd: 0, level: 0 };
  test('pools their spreads: z times the root of the sum of squares', () => {
    const target = { measure: 'CYCLE_SERVICE', level: 0.975 } as const;
    // 30 + 1.96 · √(3² + 4²) = 39.8
    expect(
      echelonDemand(
        none,
        [
          { mean: 10, sd: 3 },
          { mean: 20, sd: 4 },
        ],
        target,
        5,
      ),
    ).toBe(40);
  });
  test('meets a fill rate: σ·G(z) = 2 % of a cycle of 50 over 0.98', () => {
    const target = { measure: 'FILL_RATE', level: 0.98 } as const;
    const level = echelonDemand(none, [{ mean: 100, sd: 20 }], target, 50);
    expect(20 * normalLoss((level - 100) / 20)).toBeLessThanOrEqual(50 * (0.02 / 0.98));
    expect(20 * normalLoss((level - 101) / 20)).toBeGreaterThan(50 * (0.02 / 0.98));
  });
  test('G(0) is 0.3989 and G(1) is 0.0833 (Silver, Pyke & Thomas, table II.1)', () => {
    expect(normalLoss(0)).toBeCloseTo(0.3989, 4);
    expect(normalLoss(1)).toBeCloseTo(0.0833, 4);
  });
});
