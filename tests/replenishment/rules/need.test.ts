// Needs by hand, policy by policy, and terms that add up to the quantity whatever the shelf.

import fc from 'fast-check';
import {
  type NeedInput,
  needOf,
  orderable,
  positionOf,
  type Stock,
  sumOfTerms,
  transferable,
} from '../../../src/replenishment/rules/need';
import { type Settings, USUAL_SETTINGS } from '../../../src/replenishment/rules/policy';

/** Nothing anywhere. */
const NO_STOCK: Stock = {
  available: 0,
  reserved: 0,
  staged: 0,
  quarantine: 0,
  onOrder: 0,
  approved: 0,
  transfersIn: 0,
  returns: 0,
};

const asked = (policy: Partial<Settings>, more: Partial<NeedInput> = {}): NeedInput => ({
  policy: { ...USUAL_SETTINGS, ...policy },
  target: { level: 20, mean: 14.5 },
  stock: { ...NO_STOCK, available: 5 },
  usualQuantity: 7,
  ...more,
});
const one = { packSize: 1, minimumOrder: 1 };

test('(R, S) orders up to the level: 20 less what will serve demand', () => {
  const stock = {
    available: 5,
    reserved: 3,
    staged: 2,
    quarantine: 1,
    onOrder: 4,
    approved: 1,
    transfersIn: 2,
    returns: 0.6,
  };
  expect(positionOf(stock)).toBeCloseTo(12.6, 9);
  const need = needOf(asked({}, { stock }));
  expect(need).toMatchObject({ level: 20, position: 12.6, units: 8, room: null });
  expect(need.terms.map((t) => [t.kind, t.units])).toEqual([
    ['FORECAST', 14.5],
    ['SAFETY_STOCK', 5.5],
    ['ON_HAND', -11],
    ['RESERVED', 3],
    ['STAGED', 2],
    ['QUARANTINE', 1],
    ['ON_ORDER', -4],
    ['APPROVED', -1],
    ['TRANSFERS_IN', -2],
    ['RETURNS', -0.6],
    ['WHOLE_UNITS', 0.6],
  ]);
});

test('a position at the level needs nothing', () => {
  expect(needOf(asked({}, { stock: { ...NO_STOCK, available: 20 } })).units).toBe(0);
  expect(needOf(asked({}, { stock: { ...NO_STOCK, available: 19 } })).units).toBe(1);
});

test('a shelf that is never to look empty is lifted by what the safety stock leaves out', () => {
  expect(needOf(asked({ presentationMinimum: 5 })).level).toBe(20);
  expect(needOf(asked({ presentationMinimum: 9 })).level).toBe(23.5);
});

describe('(s, Q)', () => {
  const policy = { kind: 'REORDER_POINT', orderQuantity: 12 } as const;
  test.each([
    [20, 0],
    [19, 12],
    [8, 12],
    [7, 24],
  ])('from the target: at %i it orders %i', (available, units) => {
    expect(needOf(asked(policy, { stock: { ...NO_STOCK, available } })).units).toBe(units);
  });
  test.each([
    [11, 0],
    [10, 12],
    [0, 12],
  ])('with s = 10 of the planner: at %i it orders %i', (available, units) => {
    const fixed = { ...policy, reorderPoint: 10 };
    expect(needOf(asked(fixed, { stock: { ...NO_STOCK, available } })).units).toBe(units);
  });
});

describe('(s, S)', () => {
  test.each([
    [{}, 20, 0],
    [{}, 19, 8],
    [{ maximum: 40 }, 19, 21],
    [{ reorderPoint: 6, maximum: 30 }, 6, 24],
    [{ reorderPoint: 6, maximum: 30 }, 7, 0],
  ])('%j at %i orders %i', (policy, available, units) => {
    const need = needOf(asked({ kind: 'MIN_MAX', ...policy }, { stock: { ...NO_STOCK, available } }));
    expect(need.units).toBe(units);
  });
});

test('a warehouse covers the shops it supplies, less what they have', () => {
  const need = needOf(asked({}, { echelon: { demand: 40, stock: 25, shops: 3 } }));
  expect(need).toMatchObject({ level: 35, units: 30 });
});

describe('made orderable', () => {
  // 15 are needed.
  test.each([
    ['single units', {}, one, 15],
    ['packs of six', {}, { packSize: 6, minimumOrder: 1 }, 18],
    ['the least the supplier sells', {}, { packSize: 6, minimumOrder: 20 }, 24],
    ['no more than the shelf holds', { shelfCapacity: 17 }, { packSize: 6, minimumOrder: 1 }, 12],
    ['nothing when the least order has no room', { shelfCapacity: 17 }, { packSize: 6, minimumOrder: 13 }, 0],
    ['nothing when the shelf is full', { shelfCapacity: 3 }, one, 0],
  ])('%s', (_name, policy, packs, quantity) => {
    const cut = orderable(needOf(asked(policy)), packs);
    expect(cut.quantity).toBe(quantity);
    expect(sumOfTerms(cut.terms)).toBe(quantity);
  });

  test('what another location can spare', () => {
    const cut = transferable(needOf(asked({})), 6, 'depot');
    expect(cut.quantity).toBe(6);
    expect(cut.terms[cut.terms.length - 1]).toEqual({
      kind: 'SOURCE',
      units: -9,
      description: 'depot can spare 6',
    });
  });
});

test('whatever the shelf, its terms add up to the quantity', () => {
  const nat = (max: number) => fc.nat(max);
  const part = (max: number) => fc.double({ min: 0, max, noNaN: true });
  const settings = fc.record({
    kind: fc.constantFrom('ORDER_UP_TO' as const, 'REORDER_POINT' as const, 'MIN_MAX' as const),
    shelfCapacity: fc.option(nat(300)),
    presentationMinimum: nat(20),
    reorderPoint: fc.option(nat(50)),
    orderQuantity: fc.option(fc.integer({ min: 1, max: 48 })),
    maximum: fc.option(nat(200)),
  });
  const stock = fc.record({
    available: nat(100),
    reserved: nat(20),
    staged: nat(20),
    quarantine: nat(20),
    onOrder: nat(60),
    approved: nat(20),
    transfersIn: nat(20),
    returns: part(10),
  });
  const packs = fc.record({
    packSize: fc.integer({ min: 1, max: 24 }),
    minimumOrder: fc.integer({ min: 1, max: 60 }),
  });
  const echelon = fc.option(fc.record({ demand: part(200), stock: part(200), shops: nat(9) }));
  const shelf = fc.record({
    settings,
    level: nat(200),
    mean: part(200),
    stock,
    usual: part(50),
    packs,
    echelon,
  });
  fc.assert(
    fc.property(shelf, ({ settings, level, mean, stock, usual, packs, echelon }) => {
      const policy = { ...USUAL_SETTINGS, ...settings };
      const need = needOf({ policy, target: { level, mean }, stock, usualQuantity: usual, echelon });
      const { quantity, terms } = orderable(need, packs);
      expect(Number.isInteger(quantity) && quantity >= 0).toBe(true);
      expect(quantity % packs.packSize).toBe(0);
      if (need.units > 0) expect(sumOfTerms(terms)).toBeCloseTo(quantity, 6);
      if (need.room !== null) expect(quantity).toBeLessThanOrEqual(need.room);
      if (quantity > 0) expect(quantity).toBeGreaterThanOrEqual(packs.minimumOrder);
    }),
  );
});
