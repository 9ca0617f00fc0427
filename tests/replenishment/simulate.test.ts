// The simulated shelf: cases lived through by hand, another way of counting the same, and what always holds.

import fc from 'fast-check';
import {
  addSimulated,
  drawn,
  leadDaysAt,
  measuresOfSimulated,
  nothingSimulated,
  type SimulationInput,
  simulate,
} from '../../src/replenishment/rules/simulate';

const upTo =
  (level: number): SimulationInput['order'] =>
  ({ onHand, onOrder }) =>
    level - onHand - onOrder;

test('an order is on the shelf at the opening of the day of the review plus its lead time', () => {
  // Reviews before days 0, 3 and 6. At 3 two are left: 8 are ordered, and come before day 4 opens (lead time 1).
  const result = simulate({
    demand: [3, 3, 2, 4, 1, 1, 1, 1, 1],
    initialStock: 10,
    reviewDays: 3,
    order: upTo(10),
    leadDays: () => 1,
    warmUpDays: 0,
  });
  // Closing stocks: 7 4 2 | 0 7 6 | 5 8 7: on day 3 two of four are missed; before day 6 4 are ordered for day 7.
  expect(result).toEqual({
    days: 9,
    demand: 17,
    served: 15,
    lost: 2,
    stockDays: 7 + 4 + 2 + 0 + 7 + 6 + 5 + 8 + 7,
    cycles: 3,
    cyclesServed: 2,
    orders: 2,
    unitsOrdered: 8 + 4,
  });
  expect(measuresOfSimulated(result)).toEqual({
    averageStock: 46 / 9,
    daysOfSupply: 46 / 17,
    fillRate: 15 / 17,
    cycleService: 2 / 3,
    ordersPerWeek: 14 / 9,
  });
});

test('lead time 0 is there when the next day opens, and what is still under way is not ordered again', () => {
  const prompt = simulate({
    demand: [5, 5, 5, 5],
    initialStock: 5,
    reviewDays: 1,
    order: upTo(5),
    leadDays: () => 0,
    warmUpDays: 0,
  });
  expect(prompt).toMatchObject({ lost: 0, stockDays: 0, orders: 3, unitsOrdered: 15 });
  const slow = simulate({
    demand: [5, 0, 0, 0, 5],
    initialStock: 5,
    reviewDays: 1,
    order: upTo(5),
    leadDays: () => 3,
    warmUpDays: 0,
  });
  // 5 are ordered once, before day 1, and come before day 4.
  expect(slow).toMatchObject({ lost: 0, orders: 1, unitsOrdered: 5, stockDays: 0 });
});

test('(s, Q) and (s, S) are orders like others', () => {
  const run = (order: SimulationInput['order']) =>
    simulate({
      demand: [2, 2, 2, 2, 2, 2],
      initialStock: 6,
      reviewDays: 1,
      order,
      leadDays: () => 0,
      warmUpDays: 0,
    });
  // Once two or fewer are left, 6 come: before day 2 and before day 5.
  const lots = run(({ onHand, onOrder }) => (onHand + onOrder <= 2 ? 6 : 0));
  expect(lots).toMatchObject({ orders: 2, unitsOrdered: 12, stockDays: 4 + 2 + 6 + 4 + 2 + 6 });
  // Once two or fewer are left, up to 7.
  const upToSeven = run(({ onHand, onOrder }) => (onHand + onOrder <= 2 ? 7 - onHand - onOrder : 0));
  expect(upToSeven).toMatchObject({ orders: 2, unitsOrdered: 5 + 6, stockDays: 4 + 2 + 5 + 3 + 1 + 5 });
});

test('days of warming up are lived through but not counted', () => {
  const asked: SimulationInput = {
    demand: [9, 0, 1, 1],
    initialStock: 4,
    reviewDays: 2,
    order: upTo(4),
    leadDays: () => 0,
    warmUpDays: 2,
  };
  expect(simulate(asked)).toEqual({
    days: 2,
    demand: 2,
    served: 2,
    lost: 0,
    stockDays: 3 + 2,
    cycles: 1,
    cyclesServed: 1,
    orders: 1,
    unitsOrdered: 4,
  });
});

test('nothing wanted, nothing simulated: measures that cannot be said are null', () => {
  expect(Object.values(measuresOfSimulated(nothingSimulated()))).toEqual([null, null, null, null, null]);
  const empty = simulate({
    demand: [],
    initialStock: 3,
    reviewDays: 7,
    order: upTo(3),
    leadDays: () => 0,
    warmUpDays: 0,
  });
  expect(empty).toEqual(nothingSimulated());
});

/**
 * Another way of counting: units are kept as a list of single ones with the day each can be sold from, and every customer
 * takes the oldest that is there.
 */
function unitByUnit({
  demand,
  initialStock,
  reviewDays,
  order,
  leadDays,
  warmUpDays,
}: SimulationInput): object {
  let units: number[] = Array.from({ length: initialStock }, () => 0);
  const counted = { demand: 0, served: 0, lost: 0, stockDays: 0, orders: 0, unitsOrdered: 0 };
  for (let day = 0; day < demand.length; day += 1) {
    const scored = day >= warmUpDays ? 1 : 0;
    if (day > 0 && day % reviewDays === 0) {
      const review = day / reviewDays;
      const here = units.filter((from) => from < day).length;
      const wanted = order({ review, day, onHand: here, onOrder: units.length - here });
      if (wanted > 0) {
        units = [...units, ...Array.from({ length: wanted }, () => day + leadDays(review))];
        counted.orders += scored;
        counted.unitsOrdered += scored * wanted;
      }
    }
    for (let customer = 0; customer < demand[day]!; customer += 1) {
      const oldest = units.findIndex((from) => from <= day);
      counted.demand += scored;
      counted[oldest < 0 ? 'lost' : 'served'] += scored;
      if (oldest >= 0) units.splice(oldest, 1);
    }
    counted.stockDays += scored * units.filter((from) => from <= day).length;
  }
  return counted;
}

test('unit by unit the same comes out, whatever the demand, lead times and reviews', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: 0, max: 12 }),
      fc.string(),
      (demand, reviewDays, level, warmUpDays, seed) => {
        const asked = {
          demand,
          initialStock: level,
          reviewDays,
          order: upTo(level),
          leadDays: (review: number) => Math.floor(6 * drawn(seed, review)),
          warmUpDays,
        };
        const result = simulate(asked);
        expect(result).toMatchObject(unitByUnit(asked));
        expect(result.served + result.lost).toBe(result.demand);
        expect(result.cyclesServed).toBeLessThanOrEqual(result.cycles);
      },
    ),
  );
});

test('simulations add up', () => {
  const one = simulate({
    demand: [1, 2],
    initialStock: 2,
    reviewDays: 1,
    order: upTo(2),
    leadDays: () => 0,
    warmUpDays: 0,
  });
  const sum = nothingSimulated();
  addSimulated(sum, one);
  addSimulated(sum, one);
  expect(sum).toMatchObject({ days: 4, demand: 6, cycles: 4 });
  expect(measuresOfSimulated(sum)).toEqual(measuresOfSimulated(one));
});

test('draws are even, and the same for the same seed', () => {
  const draws = Array.from({ length: 10_000 }, (_, i) => drawn('paris:TENT-2', i));
  expect(draws.every((d) => d >= 0 && d < 1)).toBe(true);
  expect(draws.reduce((a, b) => a + b, 0) / draws.length).toBeCloseTo(0.5, 1);
  const tenths = Array.from({ length: 10 }, (_, i) => draws.filter((d) => Math.floor(10 * d) === i).length);
  for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  expect(drawn('paris:TENT-2', 7)).toBe(draws[7]);
  expect(drawn('lyon:TENT-2', 7)).not.toBe(draws[7]);
});

test('a draw picks a lead time by its probability', () => {
  const distribution = [
    { days: 2, probability: 0.25 },
    { days: 5, probability: 0.75 },
  ];
  expect([0, 0.2499, 0.25, 0.999].map((share) => leadDaysAt(distribution, share))).toEqual([2, 2, 5, 5]);
  expect(leadDaysAt([{ days: 3, probability: 0.999999 }], 0.9999999)).toBe(3);
});
