// Where needs are covered from: surplus of other locations, warehouses that supply shops, shelves and money that are short.

import { startApp, type TestApp } from '../support/app';
import {
  type Proposal,
  type ProposalMap,
  putForecasts,
  replenishmentOn,
  runNight,
  runNightAgain,
  sumOf,
  term,
} from './support';

let app: TestApp;
let on: ReturnType<typeof replenishmentOn>;
beforeEach(async () => {
  app = await startApp();
  on = replenishmentOn(app, await app.token('PLANNER', 'pia'), await app.token('ADMIN'));
  await on.supplier();
});
afterEach(() => app.close());

const only = (open: ProposalMap, key: string): Proposal => {
  expect([...open.keys()]).toEqual([key]);
  return open.get(key);
};

test('an overstocked shop helps another, and keeps what it needs itself', async () => {
  await on.offer('MUG');
  await on.stock('lyon', 'MUG', 100);
  await putForecasts(app.db, [
    ['paris', 'MUG', 4],
    ['lyon', 'MUG', 4],
  ]);
  await runNight(app);
  const proposal = only(await on.open(), 'paris MUG');
  expect(proposal).toMatchObject({ source: 'TRANSFER', from: { code: 'lyon' }, supplier: null, cost: null });
  expect(proposal.quantity).toBe(proposal.level);
  expect(proposal.expectedOn).toBe('2026-11-26');
  expect(proposal.explanation.source).toMatch(
    /^lyon has \d+ beyond its own need and is here in 1 day, the supplier in 3 days/,
  );
  expect(sumOf(proposal)).toBe(proposal.quantity);
});

test('what a shop needs itself is never taken: the supplier is asked', async () => {
  await on.offer('MUG');
  await putForecasts(app.db, [
    ['paris', 'MUG', 4],
    ['lyon', 'MUG', 4],
  ]);
  await runNight(app);
  const { level } = (await on.open()).get('lyon MUG');
  await on.stock('lyon', 'MUG', level + 1);
  await on.stock('paris', 'MUG', 1);
  expect(await runNightAgain(app)).toMatchObject({ withdrawn: 1 });
  const proposal = only(await on.open(), 'paris MUG');
  expect(proposal).toMatchObject({ source: 'SUPPLIER' });
  expect(proposal.explanation.source).toMatch(/can spare 1 of \d+ at most/);
});

test('two shops never get the same surplus, in this run or another run', async () => {
  await app.db.rows(`
    INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone)
    VALUES ('nice', 'Nice', 'SHOP', 'FR', 43.7, 7.3, 'Europe/Paris')`);
  await on.stock('depot', 'MUG', 30);
  await putForecasts(app.db, [
    ['paris', 'MUG', 8],
    ['lyon', 'MUG', 4],
    ['nice', 'MUG', 1],
  ]);
  await runNight(app);
  const open = await on.open();
  const fromDepot = [...open.values()].filter((p) => p.from?.code === 'depot');
  expect(fromDepot.reduce((sum, p) => sum + p.quantity, 0)).toBe(30);
  // Without a supplier the neediest gets what there is, the others nothing.
  expect(fromDepot.map((p) => p.location.code)).toEqual(['paris']);
  expect(term(open.get('paris MUG'), 'SOURCE')).toBeLessThan(0);
  expect(sumOf(open.get('paris MUG'))).toBeCloseTo(30, 6);
  // Paris is not looked at on other days: its proposal stays and keeps its claim.
  await on.policy({ location: 'paris', reviewWeekdays: [1] });
  await on.stock('depot', 'MUG', 2);
  await runNightAgain(app);
  const again = await on.open();
  expect(again.get('paris MUG').id).toBe(open.get('paris MUG').id);
  const others = [...again.values()].filter((p) => p.location.code !== 'paris');
  expect(others.reduce((sum, p) => sum + p.quantity, 0)).toBe(2);
});

test('a warehouse supplies its shops first of all, and orders for them too', async () => {
  await on.offer('MUG', { packSize: 12 });
  await on.policy({ group: 'france', suppliedFrom: 'depot' });
  await on.stock('depot', 'MUG', 10);
  await putForecasts(app.db, [
    ['paris', 'MUG', 4],
    ['lyon', 'MUG', 0.5],
  ]);
  await runNight(app);
  const open = await on.open();
  expect([...open.keys()].sort()).toEqual(['depot MUG', 'paris MUG']);
  expect(open.get('paris MUG')).toMatchObject({ source: 'TRANSFER', from: { code: 'depot' }, quantity: 10 });
  const depot = open.get('depot MUG');
  expect(depot).toMatchObject({ source: 'SUPPLIER', position: 10 });
  expect(depot.quantity % 12).toBe(0);
  // At least what both shops sell in four days, beyond the 10 that are there.
  expect(term(depot, 'SHOPS_FORECAST')).toBeGreaterThan(18);
  expect(sumOf(depot)).toBeCloseTo(depot.quantity, 6);
});

test('a warehouse is not refilled from its own shops, and spares for others what its shops do not need', async () => {
  await app.db.rows(`
    INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone)
    VALUES ('south', 'South', 'WAREHOUSE', 'FR', 43.7, 5.1, 'Europe/Paris')`);
  await on.offer('MUG');
  await on.policy({ location: 'paris', suppliedFrom: 'depot' });
  await on.policy({ location: 'lyon', suppliedFrom: 'south' });
  // Paris has for months, Lyon needs all that its warehouse has, and the depot's own customers want some too.
  await on.stock('paris', 'MUG', 500);
  await on.stock('south', 'MUG', 10);
  await putForecasts(app.db, [
    ['paris', 'MUG', 1],
    ['lyon', 'MUG', 6],
    ['depot', 'MUG', 3],
  ]);
  await runNight(app);
  const open = await on.open();
  expect(open.get('depot MUG')).toMatchObject({ source: 'SUPPLIER' });
  // Paris helps Lyon, whose own warehouse has not enough; warehouses take from neither.
  expect(open.get('lyon MUG')).toMatchObject({ source: 'TRANSFER', from: { code: 'paris' } });
  expect(open.get('south MUG')).toMatchObject({ source: 'SUPPLIER' });
  for (const proposal of open.values()) expect(sumOf(proposal)).toBeCloseTo(proposal.quantity, 6);
});

test('a full shelf gets no more than it holds', async () => {
  await on.offer('MUG', { packSize: 6 });
  await on.stock('paris', 'MUG', 3);
  await on.policy({ sku: 'MUG', location: 'paris', shelfCapacity: 20 });
  await putForecasts(app.db, [['paris', 'MUG', 4]]);
  await runNight(app);
  const proposal = only(await on.open(), 'paris MUG');
  // Room for 17: two packs of six.
  expect(proposal.quantity).toBe(12);
  expect(term(proposal, 'CAPACITY')).toBeLessThan(0);
  expect(sumOf(proposal)).toBeCloseTo(12, 6);
  await on.policy({ sku: 'MUG', location: 'paris', shelfCapacity: 8 });
  expect(await runNightAgain(app)).toMatchObject({ withdrawn: 1, uncovered: 1 });
  const { edges } = await on.list({ filter: { statuses: ['SUPERSEDED'] } });
  expect(edges[0].node.closeReason).toBe('the shelf has room for 5 more');
});

describe('money that is short', () => {
  const day = { fromDay: '2026-11-01', toDay: '2026-11-30' };
  const budget = (amountMinor: number, more: object = {}) =>
    on.act('setReplenishmentBudget', {
      budgets: [{ ...day, amount: { amountMinor, currency: 'EUR' }, ...more }],
    });
  beforeEach(async () => {
    await on.offer('MUG', { unitCost: { amountMinor: 400, currency: 'EUR' } });
    await on.offer('LAMP', { unitCost: { amountMinor: 2900, currency: 'EUR' } });
    await putForecasts(app.db, [
      ['paris', 'MUG', 4],
      ['paris', 'LAMP', 4],
    ]);
  });

  test('goes where most margin is lost per money, and states what it cut', async () => {
    await runNight(app);
    const free = await on.open();
    const [mugs, lamps] = [free.get('paris MUG').quantity, free.get('paris LAMP').quantity];
    // All mugs, which make 5.90 of 4.00, and two of the lamps, which make 0.90 of 29.00.
    await budget(mugs * 400 + 2 * 2900 + 100);
    expect(await runNightAgain(app)).toMatchObject({ superseded: 1, kept: 1, overBudget: 1 });
    const open = await on.open();
    expect(open.get('paris MUG').quantity).toBe(mugs);
    const lamp = open.get('paris LAMP');
    expect(lamp.quantity).toBe(2);
    expect(term(lamp, 'BUDGET')).toBe(2 - lamps);
    expect(sumOf(lamp)).toBeCloseTo(2, 6);
    // Done again, it is the same.
    expect(await runNightAgain(app)).toMatchObject({ superseded: 0, kept: 2, overBudget: 1 });
    // Nothing left at all, for anything of this supplier.
    await budget(0, { supplier: 'alps' });
    expect(await runNightAgain(app)).toMatchObject({ withdrawn: 2 });
    const { edges } = await on.list({ filter: { statuses: ['SUPERSEDED'] } });
    expect(edges[0].node.closeReason).toMatch(/^no money is left for it in budget \d+$/);
  });

  test('a priority goes before the margin', async () => {
    await runNight(app);
    const lamps = (await on.open()).get('paris LAMP').quantity;
    await on.policy({ sku: 'LAMP', priority: 5 });
    await budget(lamps * 2900 + 400 * 3);
    await runNightAgain(app);
    const open = await on.open();
    expect([open.get('paris LAMP').quantity, open.get('paris MUG').quantity]).toEqual([lamps, 3]);
  });

  test('what was ordered by hand is spent', async () => {
    const lines = [{ sku: 'MUG', quantity: 10 }];
    await on.act('createPurchaseOrder', { supplier: 'alps', location: 'lyon', lines, order: true });
    const { budgets } = await budget(4_000 + 800);
    expect(budgets).toMatchObject([{ spent: { amountMinor: 4_000 }, left: { amountMinor: 800 } }]);
    await runNight(app);
    const open = await on.open();
    expect([...open.values()].reduce((sum, p) => sum + p.cost.amountMinor, 0)).toBeLessThanOrEqual(800);
    expect(open.get('paris MUG').quantity).toBe(2);
  });

  test('another currency, supplier, location or day is another’s', async () => {
    for (const more of [
      { amount: { amountMinor: 0, currency: 'SEK' } },
      { location: 'lyon' },
      { fromDay: '2026-12-01', toDay: '2026-12-31' },
    ])
      await budget(0, more);
    expect(await runNight(app)).toMatchObject({ proposed: 2, overBudget: 0 });
  });
});

test('the proposals of a whole chain add up: each one, each kind of term, and what leaves a location', async () => {
  await on.offer('MUG', { packSize: 12 });
  await on.offer('LAMP', { minimumOrder: 5 });
  await on.policy({ group: 'france', suppliedFrom: 'depot' });
  const demands: [string, string, number][] = [
    ['paris', 'MUG', 4],
    ['lyon', 'MUG', 0.5],
    ['depot', 'MUG', 2],
    ['paris', 'LAMP', 1.5],
    ['lyon', 'LAMP', 6],
  ];
  const onHand: [string, string, number][] = [
    ['depot', 'MUG', 25],
    ['lyon', 'MUG', 1],
    ['depot', 'LAMP', 9],
  ];
  for (const [location, sku, units] of onHand) await on.stock(location, sku, units);
  await putForecasts(app.db, demands);
  const { proposed } = await runNight(app);
  const proposals = [...(await on.open()).values()];
  expect(proposals).toHaveLength(proposed!);
  expect(proposals.length).toBeGreaterThanOrEqual(4);
  const units = new Map<string, number>();
  const taken = new Map<string, number>();
  for (const proposal of proposals) {
    expect(sumOf(proposal)).toBeCloseTo(proposal.quantity, 6);
    expect(proposal.quantity).toBeGreaterThan(0);
    for (const { kind, units: of } of proposal.explanation.terms)
      units.set(kind, (units.get(kind) ?? 0) + of);
    if (proposal.from === null) continue;
    const key = `${proposal.from.code} ${proposal.sku.code}`;
    taken.set(key, (taken.get(key) ?? 0) + proposal.quantity);
  }
  const total = proposals.reduce((sum, { quantity }) => sum + quantity, 0);
  expect([...units.values()].reduce((sum, each) => sum + each, 0)).toBeCloseTo(total, 6);
  const stockOf = (key: string): number =>
    onHand.find(([location, sku]) => `${location} ${sku}` === key)?.[2] ?? 0;
  expect(taken.size).toBeGreaterThan(0);
  for (const [key, quantity] of taken) expect(quantity).toBeLessThanOrEqual(stockOf(key));
  // The chain's stock is subtracted once where it is: on the shelves that ask for more.
  const counted = proposals.map((p) => stockOf(`${p.location.code} ${p.sku.code}`));
  expect(units.get('ON_HAND')).toBeCloseTo(-counted.reduce((sum, each) => sum + each, 0), 6);
  // What is expected of a shelf is its forecast over lead time and review.
  for (const proposal of proposals) {
    const daily = demands.find(([l, s]) => l === proposal.location.code && s === proposal.sku.code)?.[2] ?? 0;
    const { meanDays } = proposal.explanation.leadTime;
    const days = meanDays + proposal.explanation.reviewDays;
    expect(term(proposal, 'FORECAST')).toBeCloseTo(daily * days, 0);
  }
});
