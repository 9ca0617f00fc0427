// The planner's morning: editing, approving into purchase orders and transfers, rejecting, and what changed meanwhile.

import { startApp, type TestApp } from '../support/app';
import {
  cutLater,
  DUE,
  nightsLater,
  type Proposal,
  type ProposalMap,
  putForecasts,
  replenishmentOn,
  runNight,
  runNightAgain,
} from './support';

let app: TestApp;
let planner: string;
let on: ReturnType<typeof replenishmentOn>;
beforeEach(async () => {
  app = await startApp();
  planner = await app.token('PLANNER', 'pia');
  on = replenishmentOn(app, planner, await app.token('ADMIN'));
  await on.supplier();
  for (const sku of ['MUG', 'LAMP']) await on.offer(sku);
});
afterEach(() => app.close());

const approve = (proposals: { id: string }[], more: object = {}) =>
  on.act('approveReplenishmentProposals', { proposals: proposals.map((p) => p.id), ...more });
const edit = (proposal: Proposal, quantity: number, reason = 'a school trip') =>
  on.act('editReplenishmentProposal', { proposal: proposal.id, quantity, reason });
const night = async (demands: Parameters<typeof putForecasts>[1]): Promise<ProposalMap> => {
  await putForecasts(app.db, demands);
  await runNight(app);
  return on.open();
};
const PREVIEW = `query ($proposals: [ID!]!, $evenIfChanged: Boolean) {
  replenishmentApprovalPreview(proposals: $proposals, evenIfChanged: $evenIfChanged) {
    purchaseOrders { supplier { code } location { code } lineCount units costs { amountMinor currency } expectedAt }
    transfers { from { code } location { code } lineCount units }
    refused { reason message proposal { id } } } }`;
/** What an approval would do now. */
async function preview(proposals: { id: string }[], more: object = {}, as = planner) {
  const { data, errors } = await app.gql(as, PREVIEW, { proposals: proposals.map((p) => p.id), ...more });
  return { planned: data?.replenishmentApprovalPreview, code: errors?.[0]?.extensions?.code };
}
const available = async (location: string, sku: string): Promise<number> => {
  const [row] = await app.db.rows<{ available: number }>(
    `SELECT v.available FROM stock_level v JOIN location l ON l.id = v.location_id JOIN sku s ON s.id = v.sku_id
     WHERE l.code = $1 AND s.code = $2`,
    [location, sku],
  );
  return row?.available ?? 0;
};

test('approved proposals become one purchase order a supplier and location, are received, and are there', async () => {
  const open = await night([
    ['paris', 'MUG', 4],
    ['paris', 'LAMP', 2],
    ['lyon', 'MUG', 1],
  ]);
  const done = await approve([...open.values()]);
  expect(done).toMatchObject({
    __typename: 'ApproveReplenishmentProposalsSuccess',
    refused: [],
    transfers: [],
  });
  expect(done.proposals.map((p) => [p.status, p.decidedBy.name])).toEqual(
    new Array(3).fill(['ORDERED', 'pia']),
  );
  expect(done.purchaseOrders).toHaveLength(2);
  const paris = done.purchaseOrders.find((p) => p.location.code === 'paris');
  expect(paris).toMatchObject({ status: 'ORDERED', supplier: { code: 'alps' } });
  expect(Date.parse(paris.expectedAt) - app.parts.clock().getTime()).toBe(3 * 86_400_000);
  const wanted = ['MUG', 'LAMP'].map((sku) => ({
    sku: { code: sku },
    quantity: open.get(`paris ${sku}`).quantity,
    received: 0,
  }));
  expect(paris.lines).toHaveLength(2);
  expect(paris.lines).toEqual(expect.arrayContaining(wanted));
  // Linked both ways.
  expect(paris.proposals.map((p) => p.id).sort()).toEqual(
    [open.get('paris MUG').id, open.get('paris LAMP').id].sort(),
  );
  expect(done.proposals[0].purchaseOrder.id).toBeDefined();
  const lines = paris.lines.map((l) => ({ sku: l.sku.code, quantity: l.quantity }));
  await on.hand('receivePurchaseOrder', { purchaseOrder: paris.id, lines });
  expect(await available('paris', 'MUG')).toBe(open.get('paris MUG').quantity);
  const { data } = await app.gql(
    planner,
    '{ availability(skus: ["MUG"], at: { locations: ["paris"] }) { locations { quantity } } }',
  );
  expect(data.availability).toEqual([{ locations: [{ quantity: open.get('paris MUG').quantity }] }]);
  // The need is covered: the next runs propose nothing.
  await putForecasts(app.db, [['paris', 'MUG', 4]], cutLater(1));
  expect(await runNight(app, nightsLater(1))).toMatchObject({ proposed: 0 });
});

test('a transfer is planned at its source at once, dispatched, received, and there', async () => {
  await on.stock('lyon', 'MUG', 100);
  const open = await night([
    ['paris', 'MUG', 4],
    ['lyon', 'MUG', 1],
  ]);
  const { quantity } = open.get('paris MUG');
  const { planned } = await preview([...open.values()]);
  const { transfers, proposals } = await approve([...open.values()]);
  expect(transfers).toMatchObject([
    {
      status: 'DRAFT',
      from: { code: 'lyon' },
      to: { code: 'paris' },
      lines: [{ sku: { code: 'MUG' }, quantity }],
    },
  ]);
  expect(planned.transfers).toEqual([
    { from: { code: 'lyon' }, location: { code: 'paris' }, lineCount: 1, units: quantity },
  ]);
  expect(proposals).toMatchObject([{ status: 'ORDERED', transfer: { id: transfers[0].id } }]);
  expect(await available('lyon', 'MUG')).toBe(100 - quantity);
  expect(await runNightAgain(app)).toMatchObject({ proposed: 0 });
  await on.hand('dispatchTransfer', { transfer: transfers[0].id });
  expect(await runNightAgain(app)).toMatchObject({ proposed: 0 });
  await on.hand('receiveTransfer', { transfer: transfers[0].id });
  expect(await available('paris', 'MUG')).toBe(quantity);
});

test('drafts: APPROVED until the order is placed; dropped, the need comes back', async () => {
  const open = await night([
    ['paris', 'MUG', 4],
    ['lyon', 'MUG', 4],
  ]);
  const done = await approve([...open.values()], { placeOrders: false });
  expect(done.proposals.map((p) => p.status)).toEqual(['APPROVED', 'APPROVED']);
  expect(await runNightAgain(app)).toMatchObject({ proposed: 0 });
  const at = (code: string) => done.purchaseOrders.find((p) => p.location.code === code);
  await on.act('placePurchaseOrder', { purchaseOrder: at('paris').id });
  await on.act('closePurchaseOrder', { purchaseOrder: at('lyon').id });
  expect((await on.open({ statuses: ['ORDERED'] })).has('paris MUG')).toBe(true);
  expect((await on.open({ statuses: ['SUPERSEDED'] })).get('lyon MUG').closeReason).toBe(
    `its purchase order ${at('lyon').number} was dropped before it was placed`,
  );
  expect(await runNightAgain(app)).toMatchObject({ proposed: 1 });
  expect([...(await on.open()).keys()]).toEqual(['lyon MUG']);
});

test('an edit is kept beside what was proposed, and runs respect it', async () => {
  const open = await night([['paris', 'MUG', 4]]);
  const before = open.get('paris MUG');
  const { proposal } = await edit(before, before.quantity + 10);
  expect(proposal).toMatchObject({
    id: before.id,
    status: 'PROPOSED',
    quantityProposed: before.quantity,
    quantity: before.quantity + 10,
    editReason: 'a school trip',
    editedBy: { name: 'pia' },
  });
  await on.stock('paris', 'MUG', 3);
  await putForecasts(app.db, [['paris', 'MUG', 4]], cutLater(1));
  expect(await runNight(app, nightsLater(1))).toMatchObject({ proposed: 0, superseded: 0, edited: 1 });
  expect((await on.open()).get('paris MUG')).toMatchObject({
    id: before.id,
    quantity: before.quantity + 10,
    quantityProposed: before.quantity,
    quantityNow: before.quantity - 3,
  });
  const { purchaseOrders } = await approve([before]);
  expect(purchaseOrders[0].lines[0].quantity).toBe(before.quantity + 10);
  const [row] = await app.db.rows(
    'SELECT quantity_proposed AS proposed, quantity FROM replenishment_proposal',
  );
  expect(row).toEqual({ proposed: before.quantity, quantity: before.quantity + 10 });
});

test('an edit is of whole packs, with a reason, of what is open', async () => {
  await on.offer('MUG', { packSize: 6, minimumOrder: 10 });
  const open = await night([['paris', 'MUG', 4]]);
  const mug = open.get('paris MUG');
  expect(await edit(mug, 20)).toMatchObject({
    __typename: 'InvalidInput',
    message: 'quantity is 20; alps sells MUG in packs of 6, 12 at least: request 18 or 24.',
  });
  expect(await edit(mug, 6)).toMatchObject({ message: expect.stringMatching(/request 12\.$/) });
  expect(await edit(mug, 0)).toMatchObject({ __typename: 'InvalidInput', path: 'quantity' });
  expect(await edit(mug, 12, '  ')).toMatchObject({ __typename: 'InvalidInput', path: 'reason' });
  await on.act('rejectReplenishmentProposals', { proposals: [mug.id], reason: 'no' });
  expect(await edit(mug, 12)).toMatchObject({ __typename: 'WrongState', state: 'REJECTED' });
});

test('a rejected need rests, and then comes back', async () => {
  const open = await night([
    ['paris', 'MUG', 4],
    ['lyon', 'MUG', 4],
  ]);
  const reject = (proposal: Proposal, more: object = {}) =>
    on.act('rejectReplenishmentProposals', { proposals: [proposal.id], reason: ' end of line ', ...more });
  expect((await reject(open.get('paris MUG'))).proposals).toMatchObject([
    { status: 'REJECTED', closeReason: 'end of line', decidedBy: { name: 'pia' }, restsUntil: cutLater(2) },
  ]);
  await reject(open.get('lyon MUG'), { restDays: 3 });
  // However often the run is repeated today, what was rejected today is not proposed.
  expect(await runNightAgain(app)).toMatchObject({ proposed: 0 });
  const opens = async (days: number) => {
    await putForecasts(
      app.db,
      [
        ['paris', 'MUG', 4],
        ['lyon', 'MUG', 4],
      ],
      cutLater(days),
    );
    await runNight(app, nightsLater(days));
    return [...(await on.open()).keys()].sort();
  };
  expect(await opens(1)).toEqual(['paris MUG']);
  expect(await opens(3)).toEqual(['lyon MUG', 'paris MUG']);
});

test('the same key again is the same approval; another key finds nothing open', async () => {
  const open = await night([['paris', 'MUG', 4]]);
  const input = { proposals: [open.get('paris MUG').id], idempotencyKey: 'once' };
  const first = await on.act('approveReplenishmentProposals', input);
  expect(await on.act('approveReplenishmentProposals', input)).toEqual(first);
  const again = await approve([open.get('paris MUG')]);
  expect(again.refused).toMatchObject([{ reason: 'NOT_OPEN', proposal: { id: open.get('paris MUG').id } }]);
  expect(again.purchaseOrders).toEqual([]);
  const [orders] = await app.db.rows<{ n: number }>('SELECT count(*)::int AS n FROM purchase_order');
  expect(orders!.n).toBe(1);
});

test('ten approvals at once order once', async () => {
  const open = await night([
    ['paris', 'MUG', 4],
    ['paris', 'LAMP', 4],
  ]);
  const answers = await Promise.all(Array.from({ length: 10 }, () => approve([...open.values()])));
  expect(answers.flatMap((a) => a.purchaseOrders)).toHaveLength(1);
  expect(answers.flatMap((a) => a.refused)).toHaveLength(18);
});

test('what is not needed any more is refused, its neighbours go on', async () => {
  const open = await night([
    ['paris', 'MUG', 4],
    ['paris', 'LAMP', 4],
    ['lyon', 'MUG', 4],
  ]);
  await on.stock('paris', 'MUG', 500);
  await app.db.rows(`UPDATE location SET active = false WHERE code = 'lyon'`);
  const stray = Buffer.from('ReplenishmentProposal:019adf00-0000-7000-8000-000000000000').toString('base64');
  const done = await approve([...open.values(), { id: stray }]);
  expect(done.proposals.map((p) => p.sku.code)).toEqual(['LAMP']);
  const reasons = new Map(done.refused.map((r) => [r.reason, r]));
  expect([...reasons.keys()].sort()).toEqual(['NOT_FOUND', 'NOT_NEEDED', 'NOT_SOLD']);
  expect(reasons.get('NOT_NEEDED')).toMatchObject({
    message: expect.stringMatching(/^MUG at paris: the position has grown from 0 to 500/),
    proposal: { id: open.get('paris MUG').id },
  });
  // The planner may know better.
  const forced = await approve([open.get('paris MUG')], { evenIfChanged: true });
  expect(forced.purchaseOrders).toHaveLength(1);
});

test('a source that sold meanwhile is not stripped: approval races sales', async () => {
  await on.stock('lyon', 'MUG', 60);
  const open = await night([
    ['paris', 'MUG', 4],
    ['lyon', 'MUG', 1],
  ]);
  const mug = open.get('paris MUG');
  const sell = () =>
    on.hand('createTransfer', { from: 'lyon', to: 'depot', lines: [{ sku: 'MUG', quantity: 1 }] });
  const [done] = await Promise.all([approve([mug]), ...Array.from({ length: 30 }, sell)]);
  // Either it was first and has its units, or it came too late and was refused.
  if (done.refused.length > 0) {
    expect(done.refused[0]).toMatchObject({ reason: 'SOURCE_SHORT' });
    expect(await available('lyon', 'MUG')).toBe(30);
  } else expect(await available('lyon', 'MUG')).toBe(Math.max(0, 30 - mug.quantity));
  for (let i = 0; i < 30; i++) await sell();
  const late = await approve([mug], { evenIfChanged: true });
  expect(late.refused[0]?.reason).toMatch(/SOURCE_SHORT|NOT_OPEN/);
});

test('two proposals of one source are not given the same units', async () => {
  await on.stock('lyon', 'MUG', 100);
  const open = await night([['paris', 'MUG', 4]]);
  const mug = open.get('paris MUG');
  expect(mug.from).toBeNull();
  // Nothing is forecast in Lyon, so nothing is spared there.
  await putForecasts(
    app.db,
    [
      ['paris', 'MUG', 4],
      ['lyon', 'MUG', 0.1],
    ],
    cutLater(1),
  );
  await runNight(app, nightsLater(1));
  const moved = (await on.open()).get('paris MUG');
  expect(moved).toMatchObject({ source: 'TRANSFER' });
  await on.hand('createTransfer', { from: 'lyon', to: 'depot', lines: [{ sku: 'MUG', quantity: 80 }] });
  const { planned } = await preview([moved]);
  const refused = (await approve([moved])).refused[0];
  expect(refused).toMatchObject({ reason: 'SOURCE_SHORT' });
  expect(planned).toMatchObject({ transfers: [], refused: [refused] });
  expect(refused.message).toMatch(
    /^lyon can spare \d+ of the \d+ MUG for paris \(it keeps \d+ of its 20 for its own need\)/,
  );
});

test('money is looked at again', async () => {
  const open = await night([
    ['paris', 'MUG', 4],
    ['lyon', 'MUG', 4],
  ]);
  const { quantity } = open.get('paris MUG');
  const days = { fromDay: '2026-11-01', toDay: '2026-11-30' };
  const amount = { amountMinor: quantity * 400 + 100, currency: 'EUR' };
  await on.act('setReplenishmentBudget', { budgets: [{ ...days, amount }] });
  const both = [open.get('paris MUG'), open.get('lyon MUG')];
  const { planned } = await preview(both);
  expect(await preview(both)).toEqual({ planned });
  const done = await approve(both);
  // The preview is what then happens, and did nothing itself.
  expect(planned).toEqual({
    purchaseOrders: [
      {
        ...{ supplier: { code: 'alps' }, location: { code: 'paris' }, lineCount: 1, units: quantity },
        costs: [{ amountMinor: quantity * 400, currency: 'EUR' }],
        expectedAt: done.purchaseOrders[0].expectedAt,
      },
    ],
    transfers: [],
    refused: done.refused,
  });
  expect((await preview(both)).planned.refused.map((r: { reason: string }) => r.reason).sort()).toEqual([
    'NOT_OPEN',
    'OVER_BUDGET',
  ]);
  expect(done.proposals.map((p) => p.location.code)).toEqual(['paris']);
  expect(done.refused).toMatchObject([
    { reason: 'OVER_BUDGET', message: expect.stringMatching(/has 100 left/) },
  ]);
});

test('more than a document’s lines become several documents', async () => {
  const codes = Array.from({ length: 205 }, (_, i) => `BULK-${i}`);
  await app.db.rows(`INSERT INTO sku (code, name) SELECT c, c FROM unnest($1::text[]) c`, [codes]);
  await app.db.rows(`
    INSERT INTO sku_supplier (sku_id, supplier_id, unit_cost_minor, currency, updated_at)
    SELECT s.id, p.id, 100, 'EUR', now() FROM sku s, supplier p WHERE s.code LIKE 'BULK-%'`);
  const open = await night(codes.map((code) => ['paris', code, 1]));
  const first = await on.list({ first: 200 });
  const rest = await on.list({ first: 200, after: first.pageInfo.endCursor });
  expect([first.pageInfo.hasNextPage, rest.edges.length]).toEqual([true, 5]);
  expect(open.size).toBe(200);
  const ids = [...first.edges, ...rest.edges].map((e) => e.node.id);
  const input = { idempotencyKey: 'many', proposals: ids };
  const { data } = await app.gql(
    planner,
    `mutation ($input: ApproveReplenishmentProposalsInput!) { approveReplenishmentProposals(input: $input) {
      ... on ApproveReplenishmentProposalsSuccess { purchaseOrders { number } refused { message } } } }`,
    { input },
  );
  expect(data.approveReplenishmentProposals).toMatchObject({ purchaseOrders: [{}, {}], refused: [] });
  const counts = await app.db.rows<{ n: number }>(
    'SELECT count(*)::int AS n FROM purchase_line GROUP BY purchase_id ORDER BY 1',
  );
  expect(counts.map((c) => c.n)).toEqual([5, 200]);
});

describe('the list', () => {
  test('filters, orders, and pages without a gap', async () => {
    await on.supplier('sea', 9);
    await on.offer('SOCK-M', { supplier: 'sea', unitCost: { amountMinor: 100, currency: 'EUR' } });
    await on.stock('lyon', 'LAMP', 100);
    await night([
      ['paris', 'MUG', 4],
      ['paris', 'SOCK-M', 1],
      ['paris', 'LAMP', 1],
      ['lyon', 'LAMP', 0.2],
      ['lyon', 'MUG', 2],
    ]);
    const keys = async (filter: object) => [...(await on.open(filter)).keys()].sort();
    expect(await keys({ location: 'lyon' })).toEqual(['lyon MUG']);
    expect(await keys({ supplier: 'sea' })).toEqual(['paris SOCK-M']);
    expect(await keys({ source: 'TRANSFER' })).toEqual(['paris LAMP']);
    expect(await keys({ from: 'lyon' })).toEqual(['paris LAMP']);
    expect(await keys({ category: 'Outdoor' })).toEqual(['lyon MUG', 'paris LAMP', 'paris MUG']);
    expect(await keys({ category: 'Out' })).toEqual([]);
    expect(await keys({ sku: 'MUG', edited: true })).toEqual([]);
    expect(await keys({ abc: 'A' })).toEqual([]);
    expect(await keys({ statuses: ['ORDERED'] })).toEqual([]);
    const margins: number[] = [];
    let after: string | null = null;
    for (let i = 0; i < 4; i++) {
      const page: Awaited<ReturnType<typeof on.list>> = await on.list({
        first: 1,
        after,
        orderBy: 'LOST_MARGIN',
      });
      margins.push(page.edges[0].node.lostMargin.amountMinor);
      after = page.pageInfo.endCursor;
    }
    expect(margins).toEqual([...margins].sort((a, b) => b - a));
    expect((await on.list({ first: 1, after, orderBy: 'LOST_MARGIN' })).edges).toEqual([]);
  });

  test.each(['nonsense', Buffer.from('5:x').toString('base64url'), Buffer.from('5').toString('base64url')])(
    'after the wrong cursor %s is the client’s error',
    async (after) => {
      await expect(on.list({ after })).rejects.toThrow(/BAD_USER_INPUT/);
    },
  );
});

test('hostile input gets an answer', async () => {
  const open = await night([['paris', 'MUG', 4]]);
  const { id } = open.get('paris MUG');
  const bad = (name: Parameters<typeof on.act>[0], input: object) => on.act(name, input);
  expect(await bad('approveReplenishmentProposals', { proposals: [] })).toMatchObject({ path: 'proposals' });
  expect(await bad('approveReplenishmentProposals', { proposals: [id, id] })).toMatchObject({
    path: 'proposals.1',
  });
  expect(
    await bad('rejectReplenishmentProposals', { proposals: [id], reason: 'x', restDays: 9_999 }),
  ).toMatchObject({ path: 'restDays' });
  expect(
    await bad('rejectReplenishmentProposals', { proposals: [id], reason: 'x'.repeat(501) }),
  ).toMatchObject({ path: 'reason' });
  for (const wrong of [[], [{ id }, { id }], [{ id: 'U2t1OjE=' }]])
    expect((await preview(wrong)).code).toMatch(/INPUT/);
  await expect(bad('approveReplenishmentProposals', { proposals: ['U2t1OjE='] })).rejects.toThrow();
  await expect(on.list({ filter: { statuses: new Array(50).fill('PROPOSED') } })).rejects.toThrow();
});

test('nobody but planners sees or touches proposals', async () => {
  const open = await night([['paris', 'MUG', 4]]);
  const { id } = open.get('paris MUG');
  for (const role of ['STOREFRONT', 'STAFF', 'FEED'] as const) {
    const token = await app.token(role, undefined, ['paris']);
    const asked = await app.gql(token, '{ replenishmentProposals { edges { node { id } } } }');
    expect(asked.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    expect(await preview([{ id }], {}, token)).toMatchObject({ code: 'FORBIDDEN' });
    const node = await app.gql(
      token,
      'query ($id: ID!) { node(id: $id) { id ... on ReplenishmentProposal { quantity } } }',
      { id },
    );
    expect(node.data?.node?.quantity).toBeUndefined();
  }
  const { data } = await app.gql(
    planner,
    'query ($id: ID!) { node(id: $id) { ... on ReplenishmentProposal { quantity } } }',
    { id },
  );
  expect(data.node.quantity).toBe(open.get('paris MUG').quantity);
  expect(DUE.getTime()).toBeLessThan(app.parts.clock().getTime());
});
