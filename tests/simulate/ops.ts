// A command as it is sent: what was drawn, with the documents it is about and the numbers that depend on the world.

import { OPEN_ORDERS, type SimulatedState, type SkuUnits } from './state';
import type { DrawnCall, PickedObject } from './steps';

type Drawn<A extends DrawnCall['act']> = Extract<DrawnCall, { act: A }>;

/** `doc` is the location of its document in the state's list of its kind. */
export type Op =
  | Drawn<
      | 'reserve'
      | 'order'
      | 'receive'
      | 'adjust'
      | 'safety'
      | 'send'
      | 'setAside'
      | 'letGo'
      | 'tillReturn'
      | 'buy'
    >
  | ((
      | Drawn<'commit' | 'release' | 'extend' | 'start' | 'pick' | 'unpick' | 'short' | 'broken'>
      | Drawn<'ready' | 'reissue' | 'cancel'>
      | Drawn<'dispatch' | 'callOff' | 'giveBack' | 'deliver'>
      | Drawn<'cancelLine' | 'recall' | 'reverseArrival' | 'reverseDelivery'>
      /** Units of the first line. */
      | (Drawn<'receiveLate'> & { sku: number })
      /** Codes issued when it was sent: the right one is made of the last. */
      | (Drawn<'collect'> & { codes: number; first: number | null })
      /** What is counted out of the van; null: all as sent. */
      | (Drawn<'arrive'> & { lines: SkuUnits[] | null })
    ) & { doc: number })
  | (Drawn<'count'> & { counted: number; expected: number });

/** The documents in which a command is at home, as `which` chooses: those in these states, or blindly any. */
export function choose(
  list: readonly { status: string }[],
  which: PickedObject,
  able: readonly string[] | null,
): number | null {
  if (which.doc !== undefined) return which.doc;
  const fit = list.flatMap((d, i) => (which.blind || able === null || able.includes(d.status) ? [i] : []));
  return fit[which.at % Math.max(1, fit.length)] ?? null;
}

const ABLE: Partial<
  Record<DrawnCall['act'], ['holds' | 'orders' | 'transfers' | 'purchases', readonly string[]]>
> = {
  commit: ['holds', ['ACTIVE']],
  release: ['holds', ['ACTIVE']],
  extend: ['holds', ['ACTIVE']],
  start: ['orders', ['PLACED']],
  pick: ['orders', ['PICKING']],
  pickAll: ['orders', ['PICKING']],
  unpick: ['orders', ['PICKING', 'AWAITING_TRANSFER']],
  short: ['orders', ['PICKING']],
  broken: ['orders', ['PICKING', 'AWAITING_TRANSFER']],
  ready: ['orders', ['PICKING']],
  collect: ['orders', ['READY']],
  reissue: ['orders', ['READY']],
  cancel: ['orders', OPEN_ORDERS],
  giveBack: ['orders', ['COLLECTED']],
  dispatch: ['transfers', ['DRAFT']],
  callOff: ['transfers', ['DRAFT']],
  arrive: ['transfers', ['DISPATCHED']],
  deliver: ['purchases', ['ORDERED', 'PARTIALLY_RECEIVED']],
  cancelLine: ['orders', OPEN_ORDERS],
  recall: ['transfers', ['DISPATCHED']],
  receiveLate: ['transfers', ['RECEIVED']],
  reverseArrival: ['transfers', ['RECEIVED']],
  reverseDelivery: ['purchases', ['PARTIALLY_RECEIVED', 'RECEIVED', 'CLOSED']],
};

/** What is counted out of a van in which the first line differs by so many units. */
function countedOut(lines: readonly SkuUnits[], differs: number): SkuUnits[] | null {
  if (differs === 0) return null;
  return lines.map((l, i) => (i === 0 ? { ...l, units: Math.max(0, l.units + differs) } : l));
}

/** What is sent for a drawn act in this world; nothing when there is no document for it. */
export function resolve(state: SimulatedState, ask: DrawnCall): Op[] {
  if (ask.act === 'count') {
    const { onShelf } = state.shelves[ask.place]![ask.sku]!;
    return [{ ...ask, counted: Math.max(0, onShelf + ask.differs), expected: onShelf + Number(ask.stale) }];
  }
  if (!('which' in ask)) return [ask];
  const [kind, able] = ABLE[ask.act]!;
  const doc = choose(state[kind], ask.which, able);
  if (doc === null) return [];
  if (ask.act === 'pickAll') {
    return state.orders[doc]!.lines.flatMap((l) =>
      l.reserved > 0 ? [{ act: 'pick', which: ask.which, sku: l.sku, units: l.reserved, doc }] : [],
    );
  }
  if (ask.act === 'collect') {
    const order = state.orders[doc]!;
    const first = ask.part ? (order.lines.find((l) => l.staged > 0)?.sku ?? null) : null;
    return [{ ...ask, doc, codes: order.codes, first }];
  }
  if (ask.act === 'arrive') {
    return [{ ...ask, doc, lines: countedOut(state.transfers[doc]!.lines, ask.differs) }];
  }
  if (ask.act === 'receiveLate') return [{ ...ask, doc, sku: state.transfers[doc]!.lines[0]!.sku }];
  return [{ ...ask, doc }];
}

/** Units of a line of a certificate. */
export interface CertifiedLine {
  sku: number;
  requested: number;
  held: number;
  was: number;
  kept: number;
  remaining: number;
}

/** A transfer that a command opened. */
export interface CountOpened {
  id: string;
  from: number;
  lines: SkuUnits[];
}

/** What a client was answered, in the model's words. `raw` is it word for word. */
export interface CallAnswer {
  /** `ok`, or the kind of the refusal. */
  kind: string;
  raw: unknown;
  /** Of refusals: the state the document is in; the lines that were short. */
  state?: string;
  short?: { sku: number; requested: number; available: number | null }[];
  /** The new document. */
  id?: string;
  /** Of reservations. */
  until?: number;
  certificate?: CertifiedLine[];
  /** Of orders and what opens transfers for them, as they stand in the database right after. */
  lines?: { sku: number; reserved: number; awaiting: number }[];
  opened?: CountOpened[];
  collectBy?: number | null;
  /** Of short picks. */
  here?: number;
  fetched?: number;
}

/** What the model expected and what came do not agree. */
export class Mismatch extends Error {}

/** @throws Mismatch unless both are the same, as JSON */
export function same(what: string, came: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(came), JSON.stringify(expected)];
  if (a !== b) throw new Mismatch(`${what}: the program says ${a}, the model ${b}`);
}
