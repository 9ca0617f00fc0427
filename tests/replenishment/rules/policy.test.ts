// Policies: the finest rule that names a setting wins; review days; ABC classes.

import { abcClasses } from '../../../src/replenishment/rules/abc';
import {
  type PolicyRule,
  PolicyTable,
  reviewOn,
  type Scope,
  type Settings,
  USUAL_SETTINGS,
} from '../../../src/replenishment/rules/policy';

const UNSET = Object.fromEntries(Object.keys(USUAL_SETTINGS).map((k) => [k, null])) as PolicyRule['settings'];
let made = 0;
const rule = (scope: Partial<Scope>, settings: Partial<Settings>): PolicyRule => ({
  id: ++made,
  skuId: null,
  category: null,
  locationId: null,
  group: null,
  ...scope,
  settings: { ...UNSET, ...settings },
});
const SHELF = { skuId: 7, category: 'Outdoor/Tents', locationId: 3, groups: ['north', 'france'] };

describe('the policy of a shelf', () => {
  test('without rules is the usual one', () => {
    const policy = new PolicyTable([]).at(SHELF);
    expect(policy).toMatchObject(USUAL_SETTINGS);
    expect(policy.from.kind).toBeNull();
  });

  test('takes each setting from the finest rule that names it', () => {
    const all = rule({}, { priority: 1, serviceA: 0.9, shelfCapacity: 100, presentationMinimum: 1 });
    const category = rule({ category: 'Outdoor' }, { priority: 2, serviceA: 0.91 });
    const finer = rule({ category: 'Outdoor/Tents' }, { priority: 3 });
    const sku = rule({ skuId: 7 }, { priority: 4 });
    const group = rule({ group: 'north' }, { presentationMinimum: 2 });
    const policy = new PolicyTable([sku, all, finer, category, group]).at(SHELF);
    expect(policy).toMatchObject({ priority: 4, serviceA: 0.91, shelfCapacity: 100, presentationMinimum: 2 });
    expect(policy.from).toMatchObject({ priority: sku, serviceA: category, shelfCapacity: all, kind: null });
  });

  test.each([
    ['a SKU goes before a location', { skuId: 7 }, { locationId: 3 }],
    ['a category goes before a location', { category: 'Outdoor' }, { locationId: 3 }],
    ['a location goes before its group', { locationId: 3 }, { group: 'north' }],
    ['of two groups the first by name', { group: 'france' }, { group: 'north' }],
    ['a SKU at a location goes before the SKU', { skuId: 7, locationId: 3 }, { skuId: 7 }],
  ])('%s', (_name, finer, coarser) => {
    const book = new PolicyTable([rule(coarser, { priority: 1 }), rule(finer, { priority: 2 })]);
    expect(book.at(SHELF).priority).toBe(2);
  });

  test('a category is no prefix of a word', () => {
    const book = new PolicyTable([rule({ category: 'Out' }, { priority: 9 })]);
    expect(book.at(SHELF).priority).toBe(0);
  });

  test('a location is not supplied from itself', () => {
    const book = new PolicyTable([rule({ group: 'france' }, { suppliedFromId: 3 })]);
    expect(book.at(SHELF).suppliedFromId).toBeNull();
    expect(book.at({ ...SHELF, locationId: 4 }).suppliedFromId).toBe(3);
  });
});

describe('review days', () => {
  // 2026-11-25 is a Wednesday.
  test.each([
    [{ days: 1, weekdays: [] }, '2026-11-25', { due: true, reviewDays: 1 }],
    [{ days: 7, weekdays: [] }, '2026-11-23', { due: true, reviewDays: 7 }],
    [{ days: 7, weekdays: [] }, '2026-11-25', { due: false, reviewDays: 7 }],
    [{ days: 1, weekdays: [1, 3] }, '2026-11-25', { due: true, reviewDays: 5 }],
    [{ days: 1, weekdays: [1, 3] }, '2026-11-23', { due: true, reviewDays: 2 }],
    [{ days: 1, weekdays: [3] }, '2026-11-25', { due: true, reviewDays: 7 }],
    [{ days: 1, weekdays: [4] }, '2026-11-25', { due: false, reviewDays: 1 }],
  ])('%j on %s', (review, day, expected) => {
    expect(reviewOn(review, day)).toEqual(expected);
  });
});

describe('ABC classes', () => {
  test('cut where 80 and 95 % of the revenue are made; the SKU that crosses belongs to the better', () => {
    const revenue = [500, 250, 100, 60, 50, 40, 0];
    const classes = abcClasses(revenue.map((revenueMinor, skuId) => ({ skuId, revenueMinor })));
    // Shares before each: 0, .5, .75, .85, .91, .96.
    expect(classes.map((c) => c.abc).join('')).toBe('AAABBCC');
    expect(classes.map((c) => c.share)).toEqual([0.5, 0.75, 0.85, 0.91, 0.96, 1, 1]);
  });

  test('without revenue all are C, and refunds count as none', () => {
    expect(abcClasses([{ skuId: 1, revenueMinor: -5 }])).toMatchObject([{ abc: 'C', revenueMinor: 0 }]);
  });
});
