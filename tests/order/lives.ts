// Lives of orders, holds and transfers: the steps that can be drawn, and a world that takes each on the real thing and on the model.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { markNoShows, sendReminders } from '../../src/order/actions/remindAndExpire';
import { expireReservations } from '../../src/reservation/actions/commands';
import { stockDrift } from '../../src/stock/queries/levels';
import type { TestApp } from '../support/app';
import { type ModelOrder, type ModelTransfer, OrderModel, SKUS, type SkuCode, type Where } from './model';
import { freshKey, type OrderMutation, type Orders, ordersOn } from './support';

const sku = fc.constantFrom(...SKUS);
const few = fc.integer({ min: 1, max: 3 });
const mostly = fc.constantFrom(true, true, true, false);
/** Which document a step is about: mostly one that can take it, now and then any at all. */
const which = fc.record({ at: fc.nat({ max: 1_000 }), blind: fc.constantFrom(false, false, false, true) });
type PickedOrder = { at: number; blind: boolean };
const basket = fc
  .record({ LAMP: fc.nat({ max: 3 }), MUG: fc.nat({ max: 2 }) })
  .filter((b) => b.LAMP + b.MUG > 0);
const of = <A extends string>(act: A) => ({ act: fc.constant(act), which });
export const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('stock' as const),
      place: fc.constantFrom<Where>('paris', 'depot'),
      sku,
      units: few,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      act: fc.constant('place' as const),
      basket,
      transfer: fc.boolean(),
      paid: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('hold' as const), basket }) },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('rush' as const),
      sku,
      customers: fc.integer({ min: 2, max: 12 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ ...of('commit'), paid: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record(of('start')) },
  { weight: 4, arbitrary: fc.record({ ...of('pick'), sku, units: few }) },
  { weight: 5, arbitrary: fc.record(of('pickAll')) },
  {
    weight: 3,
    arbitrary: fc.record({ ...of('short'), sku, units: few, damaged: fc.boolean(), resource: fc.boolean() }),
  },
  { weight: 6, arbitrary: fc.record(of('ready')) },
  {
    weight: 5,
    arbitrary: fc.record({ ...of('collect'), right: mostly, paid: mostly, part: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record(of('reissue')) },
  { weight: 1, arbitrary: fc.record(of('cancel')) },
  { weight: 4, arbitrary: fc.record(of('dispatch')) },
  { weight: 4, arbitrary: fc.record({ ...of('arrive'), lost: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record(of('callOff')) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant('wait' as const), minutes: fc.constantFrom(5, 20, 600, 9_000) }),
  },
);
export type LifeStep = typeof step extends fc.Arbitrary<infer S> ? S : never;

const ABLE = {
  start: 'PLACED',
  pick: 'PICKING',
  pickAll: 'PICKING',
  short: 'PICKING',
  ready: 'PICKING',
  collect: 'READY',
  reissue: 'READY',
  cancel: '',
};
const WRONG = '222222';
/** Life of a reservation that names none. */
const HOLD_MINUTES = 15;
const linesOf = (b: Record<SkuCode, number>) =>
  SKUS.filter((s) => b[s] > 0).map((s) => ({ sku: s, quantity: b[s] }));

/** One life of the little world: the model, and the real thing beside it. */
export class OrderWorld {
  readonly model = new OrderModel();
  constructor(
    readonly app: TestApp,
    readonly o: Orders,
  ) {}

  #of<T extends { status: string }>(list: T[], which: PickedOrder, able: string): T | undefined {
    const fit = which.blind ? list : list.filter((x) => able === '' || x.status === able);
    return fit[which.at % Math.max(1, fit.length)];
  }

  async #newTransfer(order: ModelOrder, lines: [SkuCode, number][]): Promise<void> {
    const known = new Set(this.model.transfers.map((t) => t.id));
    const fresh = (await this.o.transfers(order.id)).filter((t) => !known.has(t.id));
    assert.equal(fresh.length, 1);
    this.model.transfers.push({ id: fresh[0]!.id, order, status: 'DRAFT', lines });
  }

  /** A command said twice under one key, as a tablet with bad Wi-Fi does: one effect, one answer. */
  async #twice<Name extends OrderMutation>(
    token: string,
    name: Name,
    input: Record<string, unknown>,
    expected: string,
  ) {
    const keyed = { ...input, idempotencyKey: freshKey() };
    const [first, again] = await Promise.all([
      this.o.act(token, name, keyed),
      this.o.act(token, name, keyed),
    ]);
    const kindOf = (answer: unknown) => (answer as { __typename: string }).__typename;
    assert.deepEqual([kindOf(first), kindOf(again)], [expected, expected]);
    return first;
  }

  async run(s: LifeStep): Promise<void> {
    if (s.act === 'stock') {
      await this.o.stock(s.place, [{ sku: s.sku, quantity: s.units }]);
      this.model.stock(s.place, s.sku, s.units);
    } else if (s.act === 'wait') await this.#wait(s.minutes);
    else if (s.act === 'rush') await this.#rush(s.sku, s.customers);
    else if (s.act === 'place' || s.act === 'hold' || s.act === 'commit') await this.#begin(s);
    else if (s.act === 'dispatch' || s.act === 'arrive' || s.act === 'callOff') {
      const transfer = this.#of(this.model.transfers, s.which, s.act === 'arrive' ? 'DISPATCHED' : 'DRAFT');
      if (transfer) await this.#drive(s, transfer);
    } else {
      const order = this.#of(this.model.orders, s.which, ABLE[s.act]);
      if (order) await this.#serve(s, order);
    }
    await this.#compare();
  }

  async #wait(minutes: number): Promise<void> {
    this.app.wait(minutes);
    const now = this.app.parts.clock();
    await Promise.all([
      expireReservations(this.app.db, now),
      sendReminders(this.app.db, now),
      markNoShows(this.app.db, now),
    ]);
    this.model.passed(now.getTime());
  }

  /** Many want one unit each, all at once: as many get it as there are. */
  async #rush(code: SkuCode, customers: number): Promise<void> {
    const { available } = this.model.levels.paris[code];
    const answers = await Promise.all(
      Array.from({ length: customers }, () => this.o.reserveOr([{ sku: code, quantity: 1 }])),
    );
    const got = answers.filter((a) => a.__typename === 'ReserveStockSuccess');
    assert.equal(got.length, Math.min(customers, available));
    const until = this.app.parts.clock().getTime() + HOLD_MINUTES * 60_000;
    for (const { reservation } of got) {
      this.model.held(reservation.id, { LAMP: 0, MUG: 0, [code]: 1 }, until);
    }
  }

  async #begin(s: Extract<LifeStep, { act: 'place' | 'hold' | 'commit' }>): Promise<void> {
    const { o, model } = this;
    const customer = { name: 'Anne', email: 'anne@example.com', contactChannel: 'EMAIL' };
    if (s.act === 'place') {
      const lacking = model.lacking(s.basket, s.transfer);
      const input = { location: 'paris', lines: linesOf(s.basket), allowTransfer: s.transfer, customer };
      const payment = s.paid ? 'PAID' : 'PAY_IN_STORE';
      const expected = lacking ? 'NotEnoughStock' : 'PlaceOrderSuccess';
      const answer = await this.#twice(o.web, 'placeOrder', { ...input, payment }, expected);
      if (lacking) return;
      const { order, fetched } = model.placed(answer.order.id, s.basket, s.paid);
      if (fetched.length > 0) await this.#newTransfer(order, fetched);
    } else if (s.act === 'hold') {
      if (model.lacking(s.basket, false)) return;
      const id = await o.reserve(linesOf(s.basket));
      model.held(id, s.basket, this.app.parts.clock().getTime() + HOLD_MINUTES * 60_000);
    } else {
      const hold = this.#of(model.holds, s.which, 'ACTIVE');
      if (hold === undefined) return;
      const able = hold.status === 'ACTIVE';
      const input = { reservation: hold.id, customer, payment: s.paid ? 'PAID' : 'PAY_IN_STORE' };
      const answer = await this.#twice(o.web, 'placeOrder', input, able ? 'PlaceOrderSuccess' : 'WrongState');
      if (able) model.committed(hold, answer.order.id, s.paid);
      else assert.equal(answer.state, hold.status);
    }
  }

  async #drive(
    s: Extract<LifeStep, { act: 'dispatch' | 'arrive' | 'callOff' }>,
    transfer: ModelTransfer,
  ): Promise<void> {
    const { o, model } = this;
    const [first, ...rest] = transfer.lines;
    const counted = [
      { sku: first![0], quantity: first![1] - 1 },
      ...rest.map(([code]) => ({ sku: code, quantity: 0 })),
    ];
    const [token, name, expected] =
      s.act === 'dispatch'
        ? ([o.depot, 'dispatchTransfer', model.dispatch(transfer)] as const)
        : s.act === 'callOff'
          ? ([o.depot, 'cancelTransfer', model.callOff(transfer)] as const)
          : ([o.paris, 'receiveTransfer', model.receive(transfer, s.lost)] as const);
    const more = s.act === 'arrive' && s.lost ? { lines: counted } : {};
    assert.equal((await o.transferAct(token, name, transfer.id, more)).__typename, expected);
  }

  async #serve(
    s: Extract<
      LifeStep,
      { act: 'start' | 'pick' | 'pickAll' | 'short' | 'ready' | 'collect' | 'reissue' | 'cancel' }
    >,
    order: ModelOrder,
  ): Promise<void> {
    const { o, model } = this;
    const { id } = order;
    if (s.act === 'start')
      await this.#twice(o.paris, 'startPicking', { orders: [id] }, model.startPicking(order));
    if (s.act === 'pick') {
      const input = { order: id, sku: s.sku, quantity: s.units };
      await this.#twice(o.paris, 'pickLine', input, model.pick(order, s.sku, s.units));
    }
    if (s.act === 'pickAll') {
      for (const { sku: code, reserved } of order.lines.filter((l) => l.reserved > 0)) {
        const input = { order: id, sku: code, quantity: reserved };
        await this.#twice(o.paris, 'pickLine', input, model.pick(order, code, reserved));
      }
    }
    if (s.act === 'short') {
      const { sku: code, units, damaged, resource } = s;
      const input = {
        order: id,
        sku: code,
        quantity: units,
        reason: damaged ? 'DAMAGED' : 'NOT_FOUND',
        resource,
      };
      const outcome = model.shortPick(order, code, units, damaged, resource);
      const expected = typeof outcome === 'string' ? outcome : 'ShortPickSuccess';
      await this.#twice(o.paris, 'shortPick', input, expected);
      if (typeof outcome === 'number' && outcome > 0) await this.#newTransfer(order, [[code, outcome]]);
    }
    if (s.act === 'ready') {
      const expected = model.markReady(order);
      const answer = await this.#twice(o.paris, 'markReady', { order: id, stagingArea: 'A' }, expected);
      if (expected === 'MarkReadySuccess') order.collectBy = answer.order.collectBy;
      if (expected === 'MarkReadySuccess') order.code = await o.code(id);
    }
    if (s.act === 'reissue') {
      const expected = order.status === 'READY' ? 'ReissuePickupCodeSuccess' : 'WrongState';
      await this.#twice(o.web, 'reissuePickupCode', { order: id }, expected);
      if (expected === 'WrongState') return;
      order.attempts = 0;
      order.code = await o.code(id);
    }
    if (s.act === 'collect') {
      const staged = order.lines.find((l) => l.staged > 0);
      const lines = s.part && staged ? [{ sku: staged.sku, quantity: 1 }] : undefined;
      const input = { order: id, code: s.right ? order.code || WRONG : WRONG, paid: s.paid, lines };
      await this.#twice(
        o.paris,
        'collectOrder',
        input,
        model.collect(order, s.right, s.paid, lines !== undefined),
      );
    }
    if (s.act === 'cancel')
      await this.#twice(o.web, 'cancelOrder', { order: id, reason: 'OTHER' }, model.cancel(order));
  }

  /** Every order's status and lines, and every shelf, as the model has them. */
  async #compare(): Promise<void> {
    const lines = await this.app.db.rows<{ id: string; line: string }>(LINES);
    const real = lines.map((r) => `${r.id} ${r.line}`);
    const expected = this.model.orders.flatMap((order) =>
      order.lines.map((l) =>
        [
          Buffer.from(order.id, 'base64').toString().slice(6),
          order.status,
          l.sku,
          ...[l.reserved, l.awaiting, l.staged, l.collected, l.cancelled, l.short],
        ].join(' '),
      ),
    );
    assert.deepEqual(real.sort(), expected.sort());
    for (const place of ['paris', 'depot'] as const)
      for (const code of SKUS)
        assert.deepEqual(
          { place, code, ...(await this.o.level(place, code)) },
          { place, code, ...this.model.levels[place][code] },
        );
  }
}

const LINES = `
  SELECT o.id, concat_ws(' ', o.status, s.code, l.reserved, l.awaiting, l.staged, l.collected, l.cancelled, l.short) AS line
  FROM customer_order o JOIN order_line l ON l.order_id = o.id JOIN sku s ON s.id = l.sku_id`;
// Said once only, whatever happened: no customer is notified twice that one code is ready, or told before.
const READY_NOTICES = `
  SELECT o.number FROM customer_order o
  WHERE (SELECT count(*) FROM outbox m WHERE m.order_id = o.id AND m.topic = 'notice.order_ready') <> o.code_generation`;

const VERIFY = 'query ($id: ID!) { verifyReservation(id: $id) { lines { problems } } }';
/** Units of every SKU at every location when a life begins. */
const FIRST_UNITS = 6;

/** Takes all steps of one life on a fresh app, comparing after each; throws where the two part. */
export async function live(
  app: TestApp,
  steps: readonly LifeStep[],
  before: (step: LifeStep, index: number) => void = () => {},
): Promise<void> {
  const world = new OrderWorld(app, await ordersOn(app));
  for (const place of ['paris', 'depot'] as const)
    for (const code of SKUS) await world.run({ act: 'stock', place, sku: code, units: FIRST_UNITS });
  for (const [i, s] of steps.entries()) {
    before(s, i);
    await world.run(s);
  }
  const planner = await app.token('PLANNER', `planner-${freshKey()}`);
  for (const { id } of world.model.holds) {
    const { data } = await app.gql(planner, VERIFY, { id });
    const wrong = data.verifyReservation.lines.flatMap((l: { problems: string[] }) => l.problems);
    assert.equal(wrong.join(' '), '');
  }
  assert.deepEqual(await stockDrift(app.db), []);
  assert.deepEqual(await app.db.rows(READY_NOTICES), []);
}
