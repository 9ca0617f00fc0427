// What can be drawn: commands of clients, several of them at once, the passing of time, and what goes wrong meanwhile.

import fc from 'fast-check';

/** SKUs and locations of one history. Locations 0 and 1 are shops, 2 is a warehouse. */
export const SKUS = 3;
export const PLACES = 3;
/** Storefronts; a basket's holder is known by its owner and its name. */
export const OWNERS = 2;
export const CHANNELS = ['ONLINE', 'PHONE'] as const;
export const DISPOSITIONS = ['RESTOCK', 'QUARANTINE', 'SCRAP', 'RETURN_TO_VENDOR'] as const;
export const EXITS = ['RESTOCK', 'SCRAP', 'RETURN_TO_VENDOR'] as const;

const sku = fc.nat(SKUS - 1);
const place = fc.constantFrom(0, 0, 0, 1, 2);
const shop = fc.constantFrom(0, 0, 0, 1);
const few = fc.integer({ min: 1, max: 4 });
const owner = fc.constantFrom(0, 0, 1);
const channel = fc.constantFrom(...CHANNELS);
const seldom = fc.constantFrom(false, false, false, true);
const mostly = fc.constantFrom(true, true, true, false);
const lines = fc.array(fc.record({ sku, units: few }), { minLength: 1, maxLength: 3 });
/** Which document a command is about: mostly one that can take it, now and then any at all. */
const which: fc.Arbitrary<PickedObject> = fc.record({
  at: fc.nat(999),
  blind: fc.constantFrom(false, false, false, false, true),
});
export interface PickedObject {
  at: number;
  blind: boolean;
  /** This very one. */
  doc?: number;
}

const is = <A extends string>(act: A) => fc.constant(act);
const minutes = fc.constantFrom(1, 5, 15, 15, 60, 600);

const reserve = fc.record({
  act: is('reserve'),
  place: shop,
  owner,
  holder: fc.constantFrom(null, null, 'h1', 'h2'),
  channel,
  partial: seldom,
  minutes,
  lines,
});
const order = fc.record({
  act: is('order'),
  place: shop,
  owner,
  channel,
  transfer: fc.boolean(),
  partial: seldom,
  paid: mostly,
  lines: fc.uniqueArray(fc.record({ sku, units: few }), {
    minLength: 1,
    maxLength: 3,
    selector: (l) => l.sku,
  }),
});
const commit = fc.record({ act: is('commit'), which, paid: mostly });
const release = fc.record({ act: is('release'), which });
const extend = fc.record({ act: is('extend'), which, minutes: fc.constantFrom(1, 10, 60, 1_440) });
const receive = fc.record({ act: is('receive'), place, lines });
const adjust = fc.record({
  act: is('adjust'),
  place,
  sku,
  delta: fc.constantFrom(-3, -2, -1, -1, 2),
  sold: fc.boolean(),
});
const cancel = fc.record({ act: is('cancel'), which });
const safety = fc
  .record({
    act: is('safety'),
    sku: fc.option(sku, { freq: 4, nil: null }),
    place: fc.option(shop, { freq: 2, nil: null }),
    channel: fc.option(channel, { freq: 2, nil: null }),
    units: fc.option(fc.integer({ min: 0, max: 4 }), { freq: 3, nil: null }),
  })
  // A rule for every SKU at every location would be other histories' too.
  .filter((s) => s.sku !== null || s.place !== null);
const pick = fc.record({ act: is('pick'), which, sku, units: fc.integer({ min: 1, max: 5 }) });

const hotSku = fc.constantFrom(0, 0, 0, 1, 2);
const hotPlace = fc.constantFrom<0 | 1>(0, 0, 0, 0, 1);
const hotLines = fc.array(fc.record({ sku: hotSku, units: few }), { minLength: 1, maxLength: 3 });
/** The same acts, more often on the same shelves. */
const hot = <T extends object>(act: fc.Arbitrary<T>, more: object): fc.Arbitrary<T> =>
  fc.tuple(act, fc.record({ place: hotPlace, ...more })).map(([a, b]): T => ({ ...a, ...b }));
const onceEach = (lines: { sku: number; units: number }[]) =>
  lines.filter((l, i) => lines.findIndex((other) => other.sku === l.sku) === i);

/** Acts that may be taken by several clients at once. */
const crowded = fc.oneof(
  { weight: 8, arbitrary: hot(reserve, { lines: hotLines }) },
  {
    weight: 5,
    arbitrary: hot(order, { lines: hotLines.map(onceEach) }).map((o) => ({ ...o, transfer: false })),
  },
  { weight: 3, arbitrary: commit },
  { weight: 2, arbitrary: release },
  { weight: 1, arbitrary: extend },
  { weight: 2, arbitrary: hot(receive, { lines: hotLines }) },
  { weight: 2, arbitrary: hot(adjust, { sku: hotSku }) },
  { weight: 1, arbitrary: cancel },
  { weight: 1, arbitrary: safety },
);

const whole = fc.oneof(
  { weight: 9, arbitrary: reserve },
  { weight: 6, arbitrary: order },
  { weight: 3, arbitrary: commit },
  { weight: 2, arbitrary: release },
  { weight: 2, arbitrary: extend },
  { weight: 4, arbitrary: receive },
  { weight: 2, arbitrary: adjust },
  { weight: 1, arbitrary: cancel },
  { weight: 2, arbitrary: safety },
  { weight: 5, arbitrary: fc.record({ act: is('start'), which }) },
  { weight: 2, arbitrary: pick },
  { weight: 5, arbitrary: fc.record({ act: is('pickAll'), which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: is('short'),
      which,
      sku,
      units: few,
      damaged: fc.boolean(),
      resource: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: is('unpick'), which, sku, units: fc.constantFrom(1, 1, 2) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      act: is('broken'),
      which,
      sku,
      units: fc.constantFrom(1, 1, 2),
      resource: mostly,
    }),
  },
  { weight: 5, arbitrary: fc.record({ act: is('ready'), which }) },
  {
    weight: 4,
    arbitrary: fc.record({ act: is('collect'), which, right: mostly, paid: mostly, part: seldom }),
  },
  { weight: 1, arbitrary: fc.record({ act: is('reissue'), which }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: is('send'), from: place, to: place, lines }).filter((s) => s.from !== s.to),
  },
  { weight: 4, arbitrary: fc.record({ act: is('dispatch'), which }) },
  {
    weight: 4,
    arbitrary: fc.record({ act: is('arrive'), which, differs: fc.constantFrom(0, 0, -2, -1, 1) }),
  },
  { weight: 1, arbitrary: fc.record({ act: is('callOff'), which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: is('giveBack'),
      which,
      place: shop,
      lines: fc.array(fc.record({ sku, units: few, disposition: fc.constantFrom(...DISPOSITIONS) }), {
        minLength: 1,
        maxLength: 2,
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: is('tillReturn'),
      receipt: fc.nat(1),
      place: shop,
      sku,
      units: few,
      disposition: fc.constantFrom(...DISPOSITIONS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: is('count'),
      place,
      sku,
      differs: fc.constantFrom(-3, -1, 0, 1, 14),
      stale: seldom,
      byPlanner: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: is('setAside'), place, sku, units: few }) },
  {
    weight: 1,
    arbitrary: fc.record({ act: is('letGo'), place, sku, units: few, exit: fc.constantFrom(...EXITS) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      act: is('cancelLine'),
      which,
      sku,
      units: fc.constantFrom(null, 1, 1, 2),
      byCustomer: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: is('recall'), which }) },
  { weight: 1, arbitrary: fc.record({ act: is('receiveLate'), which, units: fc.constantFrom(1, 1, 2) }) },
  { weight: 2, arbitrary: fc.record({ act: is('reverseArrival'), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      act: is('reverseDelivery'),
      which,
      whole: fc.boolean(),
      sku,
      units: fc.constantFrom(1, 1, 2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: is('buy'), place, lines }) },
  {
    weight: 2,
    arbitrary: fc.record({
      act: is('deliver'),
      which,
      sku,
      units: fc.integer({ min: 1, max: 6 }),
      close: seldom,
    }),
  },
);
export type DrawnCall = typeof whole extends fc.Arbitrary<infer A> ? A : never;

/** To which of the two processes it is said; later, when others are in the middle of it. */
interface To {
  process: number;
  late: boolean;
}
const to = (process: number, late = false): To => ({ process, late });
/** One client of several at once: what it asks, and whom, maybe twice. */
const client = fc.record({
  ask: crowded,
  to: fc.constantFrom<To[]>(
    [to(0)],
    [to(0)],
    [to(1)],
    [to(0, true)],
    [to(1, true)],
    [to(0), to(1)],
    [to(0), to(0)],
    [to(0), to(0, true)],
  ),
});

const step = fc.oneof(
  { weight: 60, arbitrary: fc.record({ do: is('act'), ask: whole, process: fc.nat(1) }) },
  {
    weight: 14,
    arbitrary: fc.record({
      do: is('crowd'),
      clients: fc.array(client, { minLength: 3, maxLength: 6 }),
      /** Decides whose statement is next. */
      turns: fc.nat(0xffff),
      /** Statements after which the late ones come. */
      lateAfter: fc.nat(20),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: is('again'), at: fc.nat(999), process: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ do: is('reuse'), at: fc.nat(999) }) },
  {
    weight: 9,
    arbitrary: fc.record({ do: is('wait'), minutes: fc.constantFrom(5, 15, 20, 90, 1_500, 9_000, -60) }),
  },
  { weight: 5, arbitrary: fc.record({ do: is('jobs') }) },
  { weight: 2, arbitrary: fc.record({ do: is('seal') }) },
  /** An order on its whole way from the shelf to its customer. */
  { weight: 5, arbitrary: fc.record({ do: is('fulfil'), which, part: seldom, process: fc.nat(1) }) },
  /** Goods that move, and what they were moved by is corrected. */
  {
    weight: 8,
    arbitrary: fc.record({
      do: is('correct'),
      which,
      how: fc.constantFrom('RECALL', 'LATE', 'REVERSE', 'DELIVERY', 'UNWANTED'),
      whole: fc.boolean(),
      process: fc.nat(1),
    }),
  },
);
export type SimulationStep = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Statements of a transaction that a fault may hit: the longest act sends about as many. */
const MOST_STATEMENTS = 14;

/** What goes wrong once in one of the processes. */
export interface FaultStep {
  process: number;
  /** The n-th statement from now on that goes to the database, or the next BEGIN or COMMIT. */
  at: number | 'BEGIN' | 'COMMIT';
  /** The statement never arrives; it is done and nobody hears of it; the program itself breaks there. */
  how: 'CUT_BEFORE' | 'CUT_AFTER' | 'BUG';
}

const fault = fc.record({
  process: fc.nat(1),
  at: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 1, max: MOST_STATEMENTS }) },
    { weight: 1, arbitrary: fc.constant('BEGIN' as const) },
    { weight: 2, arbitrary: fc.constant('COMMIT' as const) },
  ),
  how: fc.constantFrom<FaultStep['how']>('CUT_BEFORE', 'CUT_AFTER', 'BUG'),
});

/** A step, and what goes wrong while it is taken: with one step of six. */
const told = fc.record({
  step,
  fault: fc.option(fault, { freq: 1, nil: null }).chain((f) => fc.constantFrom(f, null, null)),
});
export type DrawnFault = typeof told extends fc.Arbitrary<infer T> ? T : never;

/** Histories of up to so many steps. */
export const history = (steps: number): fc.Arbitrary<DrawnFault[]> =>
  // Without the bias of a first run to small values, which here is the only one.
  fc.noBias(
    fc.array(told, { minLength: Math.max(1, Math.floor(steps * 0.75)), maxLength: steps, size: 'max' }),
  );
