// The query customerContext: one request has all that an agent needs, with suggestions that can be sent as they are.

import { bestSource, durationText, suggestionsFor } from '../../src/contact/rules/suggestions';
import { startApp, type TestApp } from '../support/app';
import { CONTEXT, mailOf, servedOn } from './served';
import { contactsOn, email, line } from './support';

let app: TestApp;
let on: Awaited<ReturnType<typeof servedOn>>;
let contacts: Awaited<ReturnType<typeof contactsOn>>;
beforeAll(async () => {
  app = await startApp();
  on = await servedOn(app);
  contacts = await contactsOn(app);
  await on.shop('bercy', 48.8396, 2.3826);
  await on.shop('nation', 48.8484, 2.3959);
});
afterAll(() => app.close());

const minutesAgo = (minutes: number): string =>
  new Date(app.parts.clock().getTime() - minutes * 60_000).toISOString();

test('nobody is null, and a customer without anything to do has no suggestions', async () => {
  expect((await on.context('nobody')).context).toBeNull();
  await on.people.record({ identifiers: [on.people.seen('EMAIL', mailOf('calm'), 0)] });
  const by = { email: mailOf('calm') };
  const { data, errors } = await app.gql(on.agent, CONTEXT, { by });
  expect(errors).toBeUndefined();
  expect(data.customerContext).toMatchObject({
    lastContacts: [],
    openCases: [],
    contactPromises: [],
    suggestions: [],
  });
});

test('a late order, units in a near shop, and a call that was promised: the agent sees it all and sends the suggestions', async () => {
  const order = await on.lateOrder('berthe');
  await on.stock('bercy', [{ sku: 'TENT-2', quantity: 1 }]);
  await on.stock('nation', [{ sku: 'TENT-2', quantity: 5 }]);
  const late = { orderNumber: order.number, topic: 'LATE_ORDER', identifiers: [email(mailOf('berthe'))] };
  await contacts.ingest([line('i-1', { ...late, channel: 'INSTAGRAM', at: minutesAgo(300) })], 'chatwoot');
  await contacts.ingest(
    [
      line('t-1', {
        ...{ ...late, channel: 'PHONE', at: minutesAgo(200), stateAt: minutesAgo(199), handler: 'phone:1' },
        ...{ promise: 'CALL_BACK', promisedFor: minutesAgo(90) },
      }),
    ],
    'phone',
  );
  const { context, errors } = await on.context('berthe');
  expect(errors).toBeUndefined();
  expect(context).toMatchObject({
    customer: { openOrders: [{ isLate: true, lateMinutes: 45, order: { number: order.number } }] },
    lastContacts: [
      { externalId: 't-1', channel: 'PHONE', promise: 'CALL_BACK', agent: { code: 'phone:1' } },
      { externalId: 'i-1', channel: 'INSTAGRAM', promise: null },
    ],
    openCases: [{ topic: 'LATE_ORDER', orderNumber: order.number }],
    contactPromises: [{ promise: 'CALL_BACK', overdueMinutes: 90, orderNumber: order.number }],
  });
  expect(context!.suggestions.map(({ kind, mutation }) => [kind, mutation])).toEqual([
    ['CALL_BACK', 'noteContact'],
    ['TRANSFER', 'createTransfer'],
  ]);
  const [call, transfer] = context!.suggestions;
  expect(call).toMatchObject({
    toComplete: ['resolved'],
    input: { channel: 'PHONE', direction: 'OUTBOUND' },
  });
  expect(transfer!.reason).toMatch(/is 45 minutes late .* nation, \d\.\d km from paris, has all of them/);
  expect(transfer!.input).toEqual({
    ...{ from: 'nation', to: 'paris', orderNumber: order.number },
    lines: [{ sku: 'TENT-2', quantity: 2 }],
  });
  expect(await on.act(on.agent, 'createTransfer', transfer!.input as object)).toMatchObject({
    __typename: 'CreateTransferSuccess',
    transfer: {
      status: 'DRAFT',
      note: `For order ${order.number}`,
      from: { code: 'nation' },
      lines: [{ quantity: 2 }],
    },
  });
  const noted = await contacts.send(on.agent, 'noteContact', { ...(call!.input as object), resolved: false });
  expect(noted.answer).toMatchObject({ contact: { channel: 'PHONE', orderNumber: order.number } });
  const after = (await on.context('berthe')).context!;
  expect(after.contactPromises).toEqual([]);
  // The units are on their way: the same transfer is not suggested again.
  expect(after.suggestions).toEqual([]);
});

test('a ready order near its end, a locked code, and a return window that closes', async () => {
  const who = 'celeste';
  await on.orders.stock('paris', [{ sku: 'MUG', quantity: 10 }]);
  const lines = [{ sku: 'MUG', quantity: 2 }];
  const collected = await on.orders.ready(lines);
  await on.orders.act(on.orders.paris, 'collectOrder', {
    ...{ order: collected.id, code: await on.orders.code(collected.id) },
  });
  await on.owns(who, collected.number, 'ORDER_COLLECTED');
  const ready = await on.orders.ready(lines);
  await on.owns(who, ready.number);
  expect((await on.context(who)).context!.suggestions).toEqual([]);
  await app.db.rows('UPDATE customer_order SET code_attempts = 5 WHERE number = $1', [ready.number]);
  const toGo = Date.parse(ready.collectBy!) - app.parts.clock().getTime();
  app.wait(toGo / 60_000 - 60);
  const { suggestions } = (await on.context(who)).context!;
  expect(suggestions.map(({ kind, toComplete }) => [kind, ...toComplete])).toEqual([
    ['UNLOCK_PICKUP_CODE', 'reason'],
    ['REMIND'],
  ]);
  expect(suggestions[1]!.reason).toContain('goes back to the shelf in 60 minutes');
  const unlock = { ...(suggestions[0]!.input as object), reason: 'identified by telephone' };
  expect(await on.act(on.agent, 'unlockPickupCode', unlock)).toMatchObject({ order: { status: 'READY' } });
  const reminder = await contacts.send(on.agent, 'noteContact', { ...(suggestions[1]!.input as object) });
  expect(reminder.answer).toMatchObject({
    contact: { topic: 'COLLECTION_REMINDER', orderNumber: ready.number },
  });
  app.wait(24 * 24 * 60);
  const closing = (await on.context(who)).context!.suggestions.find(({ kind }) => kind === 'RETURN');
  expect(closing).toMatchObject({ mutation: 'requestReturn', orderNumber: collected.number });
  expect(await on.act(on.agent, 'requestReturn', closing.input as object)).toMatchObject({
    return: { status: 'REQUESTED' },
  });
  const left = (await on.context(who)).context!.suggestions.filter(({ kind }) => kind === 'RETURN');
  expect(left).toEqual([]);
});

test.each(['STAFF', 'PLANNER', 'FEED', 'AUDITOR', 'MONITOR', 'STOREFRONT'] as const)(
  '%s may not',
  async (role) => {
    const { errors } = await on.context('berthe', await app.token(role));
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  },
);

test('the statements are as many for one contact and order as for dozens', async () => {
  const statements = async (who: string): Promise<number> => {
    let fewest = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 3; run += 1) {
      const before = app.db.statements();
      expect((await on.context(who)).errors).toBeUndefined();
      fewest = Math.min(fewest, app.db.statements() - before);
    }
    return fewest;
  };
  const few = await statements('berthe');
  const [order] = (await on.context('berthe')).context!.customer.openOrders;
  await contacts.ingest(
    Array.from({ length: 60 }, (_, i) =>
      line(`more-${i}`, {
        ...{ orderNumber: order.order.number, topic: `T-${i}`, at: minutesAgo(i), stateAt: minutesAgo(i) },
        ...{ promise: 'CALL_BACK', promisedFor: minutesAgo(i), identifiers: [email(mailOf('berthe'))] },
      }),
    ),
  );
  for (let i = 0; i < 4; i += 1) await on.lateOrder('berthe');
  const { context } = await on.context('berthe');
  expect(context!.lastContacts).toHaveLength(20);
  expect(context!.suggestions.length).toBeGreaterThan(5);
  // Two statements look for units near shops, however many orders wait for some; the first order waits for none.
  expect(await statements('berthe')).toBeLessThanOrEqual(few + 2);
  expect(few).toBeLessThanOrEqual(40);
});

describe('rules', () => {
  const now = new Date('2026-11-25T09:00:00Z');
  const later = (hours: number): Date => new Date(now.getTime() + hours * 3_600_000);
  const windows = { collectHours: 24, returnDays: 3, cancelHours: 24 };
  const order = {
    ...{ id: 'O', number: 'C-1', location: 'paris', contactChannel: 'SMS' as const, isReady: false },
    ...{ isCodeLocked: false, lateMinutes: 0, isAtRisk: false, collectBy: null, awaited: [], near: [] },
  };
  const awaited = [{ skuId: 1, sku: 'A', units: 2 }];
  const at = (location: string, distanceKm: number, units: number) => ({
    ...{ location, distanceKm },
    units: [{ skuId: 1, sku: 'A', units }],
  });
  const call = {
    ...{ promise: 'CALL_BACK', promisedFor: later(-1), channel: 'EMAIL' as const, topic: null },
    ...{ orderNumber: null, location: null },
  };
  const bought = { id: 'O', number: 'C-2', until: later(48), units: awaited };
  const none = { identifier: null, orders: [], promises: [], returnables: [] };

  test.each<[string, object, string[]]>([
    ['nothing', {}, []],
    ['an order in time', { orders: [order] }, []],
    ['late, nothing near, not long', { orders: [{ ...order, lateMinutes: 60, awaited }] }, []],
    [
      'late, nothing near, for a day',
      { orders: [{ ...order, lateMinutes: 1_440, awaited }] },
      ['CANCELLATION'],
    ],
    [
      'very late with units near',
      { orders: [{ ...order, lateMinutes: 9_999, awaited, near: [at('x', 1, 1)] }] },
      ['TRANSFER'],
    ],
    [
      'at risk with units near',
      { orders: [{ ...order, isAtRisk: true, awaited, near: [at('x', 1, 2)] }] },
      ['TRANSFER'],
    ],
    ['units near an order in time', { orders: [{ ...order, awaited, near: [at('x', 1, 2)] }] }, []],
    ['late and being picked', { orders: [{ ...order, lateMinutes: 60, near: [at('x', 1, 2)] }] }, []],
    ['ready for long', { orders: [{ ...order, isReady: true, collectBy: later(25) }] }, []],
    ['ready until tomorrow', { orders: [{ ...order, isReady: true, collectBy: later(24) }] }, ['REMIND']],
    ['ready until just now', { orders: [{ ...order, isReady: true, collectBy: now }] }, []],
    ['a locked code', { orders: [{ ...order, isReady: true, isCodeLocked: true }] }, ['UNLOCK_PICKUP_CODE']],
    ['a locked code of an order not ready', { orders: [{ ...order, isCodeLocked: true }] }, []],
    ['a promise overdue', { promises: [call] }, ['CALL_BACK']],
    ['a promise in time', { promises: [{ ...call, promisedFor: later(1) }] }, []],
    ['a promise without a time', { promises: [{ ...call, promisedFor: null }] }, []],
    ['a window that closes', { returnables: [bought] }, ['RETURN']],
    ['a window open for long', { returnables: [{ ...bought, until: later(73) }] }, []],
    ['a window that has closed', { returnables: [{ ...bought, until: later(-1) }] }, []],
    [
      'several',
      { promises: [call], returnables: [bought], orders: [{ ...order, isReady: true, collectBy: later(1) }] },
      ['CALL_BACK', 'REMIND', 'RETURN'],
    ],
  ])('%s', (_name, served, kinds) => {
    expect(suggestionsFor({ ...none, ...served }, now, windows).map(({ kind }) => kind)).toEqual(kinds);
  });

  test('a call names what only the agent knows, and reaches a customer without an order by its identifier', () => {
    const [unknown] = suggestionsFor({ ...none, promises: [call] }, now, windows);
    expect(unknown).toMatchObject({
      toComplete: ['location', 'identifiers', 'resolved'],
      input: { channel: 'PHONE' },
    });
    const identifier = { kind: 'EMAIL', value: 'a@example.com', scope: '' };
    const mail = { ...call, promise: 'REFUND', location: 'paris' };
    const [known] = suggestionsFor({ ...none, identifier, promises: [mail] }, now, windows);
    expect(known).toMatchObject({
      toComplete: ['resolved'],
      input: { channel: 'EMAIL', identifiers: [identifier] },
    });
  });

  test('the nearest of the locations that have most', () => {
    expect(bestSource([])).toBeNull();
    expect(bestSource([at('x', 1, 0)])).toBeNull();
    expect(bestSource([at('x', 1, 1), at('y', 9, 2), at('z', 4, 2)])?.location).toBe('z');
  });

  test.each([
    [1, '1 minute'],
    [119, '119 minutes'],
    [120, '2 hours'],
    [2_879, '47 hours'],
    [2_880, '2 days'],
  ])('%i minutes are %s', (minutes, text) => expect(durationText(minutes)).toBe(text));
});
