// What planners set: policies and where each setting comes from, who sells what, budgets; and what is refused.

import { startApp, type TestApp } from '../support/app';
import { replenishmentOn } from './support';

let app: TestApp;
let planner: string;
let on: ReturnType<typeof replenishmentOn>;
beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER', 'pia');
  on = replenishmentOn(app, planner, await app.token('ADMIN'));
  await on.supplier();
  await on.supplier('sea', 9);
});
afterEach(() => app.db.rows('DELETE FROM replenishment_policy'));
afterAll(() => app.close());

const RESOLVED = `query ($sku: String!, $location: String!) { replenishmentPolicy(sku: $sku, location: $location) {
  active kind reviewDays reviewWeekdays abc serviceMeasure serviceLevel shelfCapacity presentationMinimum reorderPoint
  orderQuantity maximum suppliedFrom { code } transferCostMinor priority
  sources { setting rule { sku { code } category location { code } group } } } }`;
const resolved = async (sku: string, location: string) =>
  (await app.gql(planner, RESOLVED, { sku, location })).data.replenishmentPolicy;

describe('policies', () => {
  test('without rules every shelf has the usual one', async () => {
    expect(await resolved('MUG', 'paris')).toEqual({
      active: true,
      kind: 'ORDER_UP_TO',
      reviewDays: 1,
      reviewWeekdays: [],
      abc: 'C',
      serviceMeasure: 'FILL_RATE',
      serviceLevel: 0.9,
      shelfCapacity: null,
      presentationMinimum: 0,
      reorderPoint: null,
      orderQuantity: null,
      maximum: null,
      suppliedFrom: null,
      transferCostMinor: 0,
      priority: 0,
      sources: [],
    });
  });

  test('each setting says the rule it comes from', async () => {
    const answer = await on.act('setReplenishmentPolicy', {
      rules: [
        { serviceMeasure: 'CYCLE_SERVICE', serviceC: 0.8, reviewWeekdays: [4, 1, 1] },
        { category: 'Outdoor', kind: 'MIN_MAX', priority: 1, transferCostMinor: 30 },
        { sku: 'MUG', group: 'north', priority: 2, suppliedFrom: 'depot' },
        { sku: 'MUG', location: 'paris', shelfCapacity: 40, reorderPoint: 5, maximum: 20, orderQuantity: 12 },
      ],
    });
    expect(answer.policies).toHaveLength(4);
    const policy = await resolved('MUG', 'paris');
    expect(policy).toMatchObject({
      kind: 'MIN_MAX',
      serviceMeasure: 'CYCLE_SERVICE',
      serviceLevel: 0.8,
      reviewWeekdays: [1, 4],
      shelfCapacity: 40,
      priority: 2,
      suppliedFrom: { code: 'depot' },
    });
    const from = new Map(policy.sources.map((s) => [s.setting, s.rule]));
    expect(from.get('PRIORITY')).toMatchObject({ sku: { code: 'MUG' }, group: 'north' });
    expect(from.get('KIND')).toMatchObject({ category: 'Outdoor', sku: null });
    expect(from.get('SHELF_CAPACITY')).toMatchObject({ location: { code: 'paris' } });
    expect(from.has('ACTIVE')).toBe(false);
    expect(await resolved('MUG', 'lyon')).toMatchObject({
      priority: 1,
      suppliedFrom: null,
      shelfCapacity: null,
    });
    expect(await resolved('SOCK-M', 'lyon')).toMatchObject({ kind: 'ORDER_UP_TO', serviceLevel: 0.8 });
  });

  test('a rule is set whole, removed, and listed in pages', async () => {
    await on.policy({ sku: 'MUG', priority: 3, shelfCapacity: 9 });
    await on.policy({ sku: 'MUG', priority: 4 });
    expect(await resolved('MUG', 'paris')).toMatchObject({ priority: 4, shelfCapacity: null });
    await on.policy({ location: 'lyon', priority: 1 });
    const list = async (variables: Record<string, unknown>) =>
      (
        await app.gql(
          planner,
          `query ($filter: ReplenishmentPolicyFilter, $first: Int, $after: String) {
            replenishmentPolicies(filter: $filter, first: $first, after: $after) {
              edges { node { sku { code } location { code } priority } } pageInfo { hasNextPage endCursor } } }`,
          variables,
        )
      ).data.replenishmentPolicies;
    const first = await list({ first: 1 });
    expect(first.edges[0].node.sku.code).toBe('MUG');
    const { edges, pageInfo } = await list({ first: 1, after: first.pageInfo.endCursor });
    expect([edges[0].node.location.code, pageInfo.hasNextPage]).toEqual(['lyon', false]);
    expect((await list({ filter: { location: 'lyon' } })).edges).toHaveLength(1);
    expect((await list({ filter: { category: 'Outdoor' } })).edges).toHaveLength(0);
    expect(await on.policy({ sku: 'MUG', remove: true })).toMatchObject({ removed: 1, policies: [] });
    expect(await on.policy({ sku: 'MUG', remove: true })).toMatchObject({ removed: 0 });
  });

  test.each([
    [{ sku: 'MUG', category: 'Outdoor' }, 'rules.0.category'],
    [{ location: 'paris', group: 'north' }, 'rules.0.group'],
    [{ serviceA: 1 }, 'rules.0.serviceA'],
    [{ serviceB: 0.2 }, 'rules.0.serviceB'],
    [{ reviewDays: 0 }, 'rules.0.reviewDays'],
    [{ reviewDays: 92 }, 'rules.0.reviewDays'],
    [{ reviewWeekdays: [0] }, 'rules.0.reviewWeekdays.0'],
    [{ reviewWeekdays: [1, 2, 3, 4, 5, 6, 7, 7] }, 'rules.0.reviewWeekdays'],
    [{ shelfCapacity: -1 }, 'rules.0.shelfCapacity'],
    [{ orderQuantity: 0 }, 'rules.0.orderQuantity'],
    [{ priority: 1_001 }, 'rules.0.priority'],
    [{ location: 'paris', suppliedFrom: 'paris' }, 'rules.0.suppliedFrom'],
    [{ group: '' }, 'rules.0.group'],
    [{ category: 'a\u0000b' }, 'rules.0.category'],
  ])('%j is refused', async (rule, path) => {
    expect(await on.policy(rule)).toMatchObject({ __typename: 'InvalidInput', path });
  });

  test('unknown names and rules said twice are refused', async () => {
    expect(await on.policy({ sku: 'NOPE' })).toMatchObject({ __typename: 'NotFound', keys: ['NOPE'] });
    expect(await on.policy({ suppliedFrom: 'nowhere' })).toMatchObject({ __typename: 'NotFound' });
    const twice = { rules: [{ sku: 'MUG' }, { sku: 'MUG', priority: 1 }] };
    expect(await on.act('setReplenishmentPolicy', twice)).toMatchObject({ path: 'rules.1' });
    expect(await on.act('setReplenishmentPolicy', { rules: [] })).toMatchObject({ path: 'rules' });
  });
});

describe('who sells a SKU', () => {
  const OF =
    '{ sku(by: { code: "LAMP" }) { suppliers { supplier { code } unitCost { amountMinor } packSize minimumOrder preferred leadTimeDays } } }';
  const sellers = async () => (await app.gql(planner, OF)).data.sku.suppliers;

  test('one is preferred at most, otherwise the cheapest comes first', async () => {
    await on.offer('LAMP', { unitCost: { amountMinor: 300, currency: 'EUR' } });
    await on.offer('LAMP', {
      unitCost: { amountMinor: 200, currency: 'EUR' },
      supplier: 'sea',
      packSize: 4,
      minimumOrder: 8,
      leadTimeDays: 30,
    });
    expect((await sellers()).map((s) => s.supplier.code)).toEqual(['sea', 'alps']);
    await on.offer('LAMP', { unitCost: { amountMinor: 310, currency: 'EUR' }, preferred: true });
    expect(await sellers()).toMatchObject([
      { supplier: { code: 'alps' }, unitCost: { amountMinor: 310 }, preferred: true, leadTimeDays: null },
      { supplier: { code: 'sea' }, packSize: 4, minimumOrder: 8, preferred: false, leadTimeDays: 30 },
    ]);
    await on.offer('LAMP', {
      unitCost: { amountMinor: 200, currency: 'EUR' },
      supplier: 'sea',
      preferred: true,
    });
    expect((await sellers()).map((s) => s.preferred)).toEqual([true, false]);
    const removed = await on.act('setSkuSupplier', {
      offers: [{ sku: 'LAMP', supplier: 'sea', remove: true }],
    });
    expect(removed).toMatchObject({ removed: 1 });
    expect((await sellers()).map((s) => s.supplier.code)).toEqual(['alps']);
  });

  test.each([
    [{ unitCost: { amountMinor: -1, currency: 'EUR' } }, 'offers.0.unitCost.amountMinor'],
    [{ unitCost: null }, 'offers.0.unitCost'],
    [{ unitCost: { amountMinor: 1, currency: 'euro' } }, 'offers.0.unitCost.currency'],
    [{ packSize: 0 }, 'offers.0.packSize'],
    [{ minimumOrder: 0 }, 'offers.0.minimumOrder'],
    [{ leadTimeDays: 731 }, 'offers.0.leadTimeDays'],
  ])('%j is refused', async (more, path) => {
    expect(await on.offer('LAMP', more)).toMatchObject({ __typename: 'InvalidInput', path });
  });

  test('unknown suppliers and two preferred ones are refused', async () => {
    expect(await on.offer('LAMP', { supplier: 'nobody' })).toMatchObject({
      what: 'Supplier',
      keys: ['nobody'],
    });
    const offer = { sku: 'LAMP', unitCost: { amountMinor: 1, currency: 'EUR' }, preferred: true };
    const offers = [
      { ...offer, supplier: 'alps' },
      { ...offer, supplier: 'sea' },
    ];
    expect(await on.act('setSkuSupplier', { offers })).toMatchObject({ path: 'offers.1.preferred' });
  });
});

describe('budgets', () => {
  const november = { fromDay: '2026-11-01', toDay: '2026-11-30' };
  const euros = (amountMinor: number | string) => ({ amount: { amountMinor, currency: 'EUR' } });
  const set = (budget: object) => on.act('setReplenishmentBudget', { budgets: [budget] });

  test('are set, changed, listed by day, and removed', async () => {
    await set({ ...november, ...euros(5_000_000_000) });
    await set({ ...november, ...euros(7_000_000_000), supplier: 'sea', location: 'paris' });
    expect(await set({ ...november, ...euros(6_000_000_000) })).toMatchObject({
      budgets: [{ amount: { amountMinor: 6_000_000_000, currency: 'EUR' }, supplier: null }],
    });
    const on30 = `{ replenishmentBudgets(filter: { day: "2026-11-30" }) { edges { node { supplier { code } left { amountMinor } } } } }`;
    const { data } = await app.gql(planner, on30);
    expect(data.replenishmentBudgets.edges.map((e) => e.node)).toEqual([
      { supplier: null, left: { amountMinor: 6_000_000_000 } },
      { supplier: { code: 'sea' }, left: { amountMinor: 7_000_000_000 } },
    ]);
    const later = await app.gql(planner, on30.replace('11-30', '12-01') as typeof on30);
    expect(later.data.replenishmentBudgets.edges).toEqual([]);
    expect(await set({ ...november, ...euros(0), remove: true })).toMatchObject({ removed: 1, budgets: [] });
  });

  test.each([
    [{ toDay: '2026-10-31' }, 'budgets.0.toDay'],
    [{ toDay: '2036-10-31' }, 'budgets.0.toDay'],
    [{ amount: { amountMinor: 1, currency: 'x' } }, 'budgets.0.amount.currency'],
    [euros(-1), 'budgets.0.amount.amountMinor'],
    [euros('9007199254740992'), 'budgets.0.amount.amountMinor'],
  ])('%j is refused', async (more, path) => {
    expect(await set({ ...november, ...euros(1), ...more })).toMatchObject({
      __typename: 'InvalidInput',
      path,
    });
  });
  test('half a cent is no amount', async () => {
    await expect(set({ ...november, ...euros(1.5) })).rejects.toThrow(
      'BigInt is a whole number, e.g. 12, not 1.5.',
    );
  });
});

test('only planners set policies and budgets; feeds may say what suppliers sell', async () => {
  const feed = replenishmentOn(app, await app.token('FEED'), planner);
  await expect(feed.policy({})).rejects.toThrow(/FORBIDDEN/);
  expect(await feed.offer('TENT-2')).toMatchObject({ __typename: 'SetSkuSupplierSuccess' });
  const staff = replenishmentOn(app, await app.token('STAFF', undefined, ['paris']), planner);
  await expect(staff.offer('TENT-2')).rejects.toThrow(/FORBIDDEN/);
});
