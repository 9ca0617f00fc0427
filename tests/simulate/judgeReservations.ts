// What the model says of reservations and safety stocks: each command's answer is compared with the state, which it then changes.

import { type CallAnswer, type Op, same } from './ops';
import {
  free,
  isPast,
  keptBack,
  type SimulatedOrder,
  type SimulatedReservation,
  type SimulatedState,
  summed,
  sweep,
} from './state';

type Of<A extends Op['act']> = Extract<Op, { act: A }>;

const MINUTE_MS = 60_000;
/** However often it is extended, a reservation ends this long after it was made. */
const MAX_LIFE_MINUTES = 4_320;

/** The status as everyone must see it. */
const statusOf = (state: SimulatedState, hold: SimulatedReservation): string =>
  hold.status === 'ACTIVE' && isPast(state, hold) ? 'EXPIRED' : hold.status;

/** What a basket gets of each line, and what it is decided on; null: it is refused. */
export function reserve(state: SimulatedState, op: Of<'reserve'>, answer: CallAnswer): void {
  const { place, owner, holder, channel } = op;
  const mine = (h: SimulatedReservation): boolean =>
    holder !== null && h.status === 'ACTIVE' && h.owner === owner && h.place === place && h.holder === holder;
  sweep(
    state,
    place,
    op.lines.map((l) => l.sku),
  );
  for (const hold of state.holds) if (mine(hold) && isPast(state, hold)) hold.status = 'EXPIRED';
  const old = state.holds.find(mine);
  const lines = summed(op.lines).map(({ sku, units: requested }) => {
    const own = old?.units[sku] ?? 0;
    const there = free(state, place, sku);
    const kept = keptBack(state, place, sku, channel);
    const most = Math.max(0, there - kept) + own;
    return { sku, requested, most, held: Math.min(requested, most), was: there + own, kept };
  });
  const granted = lines.every((l) => l.held === l.requested) || (op.partial && lines.some((l) => l.held > 0));
  if (!granted) {
    const short = lines.filter((l) => l.most < l.requested);
    same('reserve', answer.kind, 'NotEnoughStock');
    same(
      'lines that are short',
      answer.short,
      short.map(({ sku, requested }) => ({ sku, requested, available: null })),
    );
    return;
  }
  same('reserve', answer.kind, 'ok');
  same(
    'certificate',
    answer.certificate,
    lines.map(({ sku, requested, held, was, kept }) => ({
      sku,
      requested,
      held,
      was,
      kept,
      remaining: was - held,
    })),
  );
  const until = state.now + op.minutes * MINUTE_MS;
  same('end of the reservation', answer.until, until);
  if (old) old.status = 'RELEASED';
  const units = state.shelves[place]!.map((_, sku) => lines.find((l) => l.sku === sku)?.held ?? 0);
  const made = state.now;
  state.holds.push({ id: answer.id!, owner, place, holder, channel, made, until, status: 'ACTIVE', units });
}

/** @returns the reservation when it can still be acted on; what it must be refused with was checked */
function living(state: SimulatedState, doc: number, answer: CallAnswer): SimulatedReservation | null {
  const hold = state.holds[doc]!;
  const status = statusOf(state, hold);
  if (status === 'ACTIVE') return hold;
  same('kind', answer.kind, 'WrongState');
  same('state', answer.state, status);
  return null;
}

export function extend(state: SimulatedState, op: Of<'extend'>, answer: CallAnswer): void {
  const hold = living(state, op.doc, answer);
  if (hold === null) return;
  const until = state.now + op.minutes * MINUTE_MS;
  const tooLong = until > hold.made + MAX_LIFE_MINUTES * MINUTE_MS;
  same('extend', answer.kind, tooLong ? 'InvalidInput' : 'ok');
  if (!tooLong) hold.until = Math.max(hold.until, until);
}

export function release(state: SimulatedState, op: Of<'release'>, answer: CallAnswer): void {
  const hold = living(state, op.doc, answer);
  if (hold === null) return;
  same('release', answer.kind, 'ok');
  hold.status = 'RELEASED';
}

/** A reservation becomes an order: its units stay where they are. */
export function commit(state: SimulatedState, op: Of<'commit'>, answer: CallAnswer): void {
  const hold = living(state, op.doc, answer);
  if (hold === null) return;
  same('commit', answer.kind, 'ok');
  hold.status = 'COMMITTED';
  const lines = hold.units.flatMap((reserved, sku) =>
    reserved > 0
      ? [{ sku, reserved, awaiting: 0, staged: 0, collected: 0, cancelled: 0, short: 0, returned: 0 }]
      : [],
  );
  state.orders.push(newOrder(hold, answer.id!, op.paid, lines));
}

/** An order as it begins. */
export function newOrder(
  of: { owner: number; place: number; channel: string },
  id: string,
  paid: boolean,
  lines: SimulatedOrder['lines'],
): SimulatedOrder {
  const { owner, place, channel } = of;
  const status = lines.some((l) => l.awaiting > 0) ? 'AWAITING_TRANSFER' : 'PLACED';
  return {
    id,
    owner,
    place,
    channel,
    status,
    picking: false,
    paid,
    attempts: 0,
    codes: 0,
    collectBy: null,
    lines,
  };
}

export function safety(state: SimulatedState, op: Of<'safety'>, answer: CallAnswer): void {
  same('setSafetyStock', answer.kind, 'ok');
  const key = `${op.sku ?? ''}:${op.place ?? ''}:${op.channel ?? ''}`;
  if (op.units === null) delete state.safety[key];
  else state.safety[key] = op.units;
}
