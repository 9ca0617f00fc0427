// Planners' overrides judged by what sold: the rule by hand, and the list with its totals through HTTP.

import { judgeOverride } from '../../src/replenishment/rules/simulateEdit';
import { sold } from '../forecast/accuracySupport';
import { startApp, type TestApp } from '../support/app';
import { CUT, cutLater, putForecasts, replenishmentOn, runNight } from './support';

test.each([
  // 5 there and 10 proposed meet 15 wanted exactly; half of it misses 5, double leaves 10.
  [5, 10, 5, 15, { lost: 0, leftover: 0 }, { lost: 5, leftover: 0 }, 'WORSE'],
  [5, 10, 20, 15, { lost: 0, leftover: 0 }, { lost: 0, leftover: 10 }, 'WORSE'],
  [5, 10, 20, 25, { lost: 10, leftover: 0 }, { lost: 0, leftover: 0 }, 'BETTER'],
  [5, 10, 0, 2, { lost: 0, leftover: 13 }, { lost: 0, leftover: 3 }, 'BETTER'],
  [5, 10, 20, 18, { lost: 3, leftover: 0 }, { lost: 0, leftover: 7 }, 'TRADE_OFF'],
  [5, 10, 10, 99, { lost: 84, leftover: 0 }, { lost: 84, leftover: 0 }, 'SAME'],
] as const)(
  'with %d there, %d proposed, %d decided and %d wanted',
  (position, proposed, decided, demand, was, is, verdict) => {
    const judged = judgeOverride({ position, proposed, decided, demand, days: 5 });
    expect(judged).toMatchObject({ proposed: was, decided: is, verdict });
    expect(judged.decided.leftoverDays).toBeCloseTo((is.leftover / demand) * 5, 12);
  },
);

test('nothing sold: nothing lasts', () => {
  const judged = judgeOverride({ position: 0, proposed: 1, decided: 2, demand: 0, days: 5 });
  expect(judged.decided).toEqual({ lost: 0, leftover: 2, leftoverDays: null });
});

const QUERY = `
  query ($filter: ReplenishmentOverrideFilter, $first: Int, $after: String) {
    replenishmentOverrides(filter: $filter, first: $first, after: $after) {
      totals { overrides lostAsProposed lostAsDecided leftoverAsProposed leftoverAsDecided better worse tradeOffs }
      byPlanner { planner { name } overrides }
      pageInfo { hasNextPage endCursor }
      edges { node { proposal { id status } location { code } sku { code } planner { id name role } reason rejected cutDay position
        quantityProposed quantityDecided demand days censoredDays verdict
        asProposed { lost leftover leftoverDays } asDecided { lost leftover } } } } }`;

describe('through HTTP', () => {
  let app: TestApp;
  let planner: string;
  const ask = async (variables: Record<string, unknown> = {}) => {
    const answer = await app.gql(planner, QUERY, variables);
    if (answer.errors) throw new Error(JSON.stringify(answer.errors));
    return answer.data.replenishmentOverrides;
  };

  beforeAll(async () => {
    app = await startApp();
    planner = await app.token('PLANNER', 'Petra');
    const on = replenishmentOn(app, planner, await app.token('ADMIN'));
    await on.supplier();
    for (const sku of ['LAMP', 'MUG', 'SOCK-M']) await on.offer(sku);
    await putForecasts(app.db, [
      ['paris', 'LAMP', 10],
      ['paris', 'MUG', 10],
      ['paris', 'SOCK-M', 10],
    ]);
    await runNight(app);
    const open = await on.open();
    const id = (sku: string) => open.get(`paris ${sku}`).id;
    await on.act('editReplenishmentProposal', { proposal: id('LAMP'), quantity: 10, reason: 'bad weather' });
    await on.act('approveReplenishmentProposals', { proposals: [id('LAMP'), id('SOCK-M')] });
    await on.act('rejectReplenishmentProposals', { proposals: [id('MUG')], reason: 'delisted' });
  }, 60_000);
  afterAll(() => app.close());

  test('an override is judged when its interval is over, and not before', async () => {
    expect(await ask()).toMatchObject({ totals: { overrides: 0 }, edges: [] });
    // Three days of lead time and one of review: four days after the cut.
    await sold(app, 'paris', 'LAMP', [9, 9, null, 9], cutLater(4));
    await sold(app, 'paris', 'MUG', [0, 0, 0, 1], cutLater(4));
    await sold(app, 'paris', 'LAMP', [1_000], CUT);
    await sold(app, 'paris', 'LAMP', [1_000], cutLater(5));
    app.wait(6 * 1_440);
    const { totals, edges, byPlanner } = await ask();
    const of = (sku: string) => edges.find(({ node }) => node.sku.code === sku).node;
    expect(of('LAMP')).toMatchObject({
      proposal: { status: 'ORDERED' },
      planner: { name: 'Petra', role: 'PLANNER' },
      reason: 'bad weather',
      rejected: false,
      cutDay: CUT,
      position: 0,
      quantityDecided: 10,
      demand: 27,
      days: 4,
      censoredDays: 1,
      asDecided: { lost: 17, leftover: 0 },
      verdict: 'TRADE_OFF',
    });
    const { quantityProposed } = of('LAMP');
    expect(of('LAMP').asProposed).toMatchObject({ lost: 0, leftover: quantityProposed - 27 });
    expect(of('MUG')).toMatchObject({
      proposal: { status: 'REJECTED' },
      rejected: true,
      reason: 'delisted',
      quantityDecided: 0,
      demand: 1,
      asDecided: { lost: 1, leftover: 0 },
    });
    expect(totals).toMatchObject({
      overrides: 2,
      lostAsProposed: 0,
      lostAsDecided: 18,
      leftoverAsDecided: 0,
      tradeOffs: 2,
    });
    expect(byPlanner).toEqual([{ planner: { name: 'Petra' }, overrides: 2 }]);
  });

  test('pages and filters', async () => {
    const first = await ask({ first: 1 });
    expect(first.pageInfo.hasNextPage).toBe(true);
    const second = await ask({ first: 1, after: first.pageInfo.endCursor });
    expect(second.pageInfo.hasNextPage).toBe(false);
    expect(second.totals).toEqual(first.totals);
    expect(new Set([first, second].map((page) => page.edges[0].node.sku.code))).toEqual(
      new Set(['LAMP', 'MUG']),
    );
    expect(await ask({ filter: { locations: ['lyon'] } })).toMatchObject({ totals: { overrides: 0 } });
    expect(await ask({ filter: { skus: ['MUG'] } })).toMatchObject({ totals: { overrides: 1 } });
    expect(await ask({ filter: { toCutDay: cutLater(-1) } })).toMatchObject({ totals: { overrides: 0 } });
  });

  test.each([
    [{ filter: { locations: ['rome'] } }, 'NOT_FOUND'],
    [{ filter: { skus: [] } }, 'INVALID_INPUT'],
    [{ filter: { fromCutDay: '2027-01-01' } }, 'INVALID_INPUT'],
    [{ filter: { fromCutDay: '2020-01-01' } }, 'INVALID_INPUT'],
    [{ after: 'x' }, 'BAD_USER_INPUT'],
  ])('%j is refused', async (variables, code) => {
    const { errors } = await app.gql(planner, QUERY, variables);
    expect(errors?.[0]?.extensions?.code).toBe(code);
  });

  test('only planners may ask', async () => {
    for (const role of ['STAFF', 'STOREFRONT', 'FEED'] as const) {
      const { errors } = await app.gql(await app.token(role), QUERY, {});
      expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    }
  });
});
