// The model's world: documents and shelves as plain data, and what can be said of them.

/** One SKU at one location, without its documents. Units. */
export interface SimulatedShelf {
  /** On the shelf itself: available and reserved. */
  onShelf: number;
  staged: number;
  quarantine: number;
  inTransit: number;
}

export interface SimulatedReservation {
  id: string;
  owner: number;
  place: number;
  holder: string | null;
  channel: string;
  made: number;
  until: number;
  status: string;
  /** Units by SKU. */
  units: number[];
}

export interface SimulatedOrderLine {
  sku: number;
  reserved: number;
  awaiting: number;
  staged: number;
  collected: number;
  cancelled: number;
  short: number;
  returned: number;
}

export interface SimulatedOrder {
  id: string;
  owner: number;
  place: number;
  channel: string;
  status: string;
  picking: boolean;
  paid: boolean;
  attempts: number;
  /** Codes issued so far. */
  codes: number;
  collectBy: number | null;
  lines: SimulatedOrderLine[];
}

export interface SkuUnits {
  sku: number;
  units: number;
}

export interface Transfer {
  id: string;
  from: number;
  to: number;
  /** The order that waits for it. */
  order: string | null;
  status: string;
  lines: TransferLine[];
}

export interface TransferLine extends SkuUnits {
  /** Units that arrive as stock, because the order does not wait for them any more. */
  freed: number;
  /** Units that the receipt posted. */
  received: number;
}

/** The lines of a transfer as it begins. */
export const drafted = (lines: readonly SkuUnits[]): TransferLine[] =>
  lines.map((line) => ({ ...line, freed: 0, received: 0 }));

export interface SimulatedPurchase {
  id: string;
  place: number;
  status: string;
  lines: (SkuUnits & { received: number })[];
}

/** Everything there is, at `now`. Plain data, so that it can be copied whole. */
export interface SimulatedState {
  now: number;
  /** By location and SKU. */
  shelves: SimulatedShelf[][];
  /** Units kept back by `sku:place:channel`, an empty part for every one. */
  safety: Record<string, number>;
  holds: SimulatedReservation[];
  orders: SimulatedOrder[];
  transfers: Transfer[];
  purchases: SimulatedPurchase[];
  /** Units that came back by `receipt:sku`. */
  receipts: Record<string, number>;
}

export function newState(places: number, skus: number, now: number): SimulatedState {
  const shelf = (): SimulatedShelf => ({ onShelf: 0, staged: 0, quarantine: 0, inTransit: 0 });
  const shelves = Array.from({ length: places }, () => Array.from({ length: skus }, shelf));
  return { now, shelves, safety: {}, holds: [], orders: [], transfers: [], purchases: [], receipts: {} };
}

export const OPEN_ORDERS = ['PLACED', 'AWAITING_TRANSFER', 'PICKING', 'READY'];

const sum = <T>(list: readonly T[], units: (item: T) => number): number =>
  list.reduce((n, item) => n + units(item), 0);

export const isPast = (state: SimulatedState, hold: SimulatedReservation): boolean => hold.until <= state.now;

/** Units promised from a shelf; with `alive` those of reservations past their time are left out. */
function reservedAt(state: SimulatedState, place: number, sku: number, alive: boolean): number {
  const held = (h: SimulatedReservation): number =>
    h.place === place && h.status === 'ACTIVE' && !(alive && isPast(state, h)) ? h.units[sku]! : 0;
  const ordered = (o: SimulatedOrder): number =>
    o.place === place ? sum(o.lines, (l) => (l.sku === sku ? l.reserved : 0)) : 0;
  const planned = (t: Transfer): number =>
    t.from === place && t.status === 'DRAFT' ? sum(t.lines, (l) => (l.sku === sku ? l.units : 0)) : 0;
  return sum(state.holds, held) + sum(state.orders, ordered) + sum(state.transfers, planned);
}

/** What the RESERVED bucket must have. */
export const reserved = (state: SimulatedState, place: number, sku: number): number =>
  reservedAt(state, place, sku, false);

/** What the AVAILABLE bucket must have. */
export const available = (state: SimulatedState, place: number, sku: number): number =>
  state.shelves[place]![sku]!.onShelf - reservedAt(state, place, sku, false);

/** Units free to be promised: AVAILABLE, and those that reservations past their time still keep. */
export const free = (state: SimulatedState, place: number, sku: number): number =>
  state.shelves[place]![sku]!.onShelf - reservedAt(state, place, sku, true);

/** Units kept back from a channel: SKU before location before channel. */
export function keptBack(state: SimulatedState, place: number, sku: number, channel: string): number {
  for (const at of [`${sku}:${place}`, `${sku}:`, `:${place}`])
    for (const seller of [channel, '']) {
      const units = state.safety[`${at}:${seller}`];
      if (units !== undefined) return units;
    }
  return 0;
}

/** Available to promise. */
export const promisable = (state: SimulatedState, place: number, sku: number, channel: string): number =>
  Math.max(0, free(state, place, sku) - keptBack(state, place, sku, channel));

/** Reservations past their time on these shelves give their units back. */
export function sweep(state: SimulatedState, place: number, skus: readonly number[]): void {
  for (const hold of state.holds) {
    if (hold.status !== 'ACTIVE' || !isPast(state, hold) || hold.place !== place) continue;
    if (skus.some((sku) => hold.units[sku]! > 0)) hold.status = 'EXPIRED';
  }
}

/** The status that an order's lines ask for. */
export function settle(order: SimulatedOrder): void {
  const all = (where: 'reserved' | 'awaiting' | 'staged'): number => sum(order.lines, (l) => l[where]);
  if (all('reserved') + all('awaiting') + all('staged') === 0) order.status = 'CANCELLED';
  else if (all('awaiting') > 0 && !(order.picking && all('reserved') > 0)) order.status = 'AWAITING_TRANSFER';
  else order.status = order.picking ? 'PICKING' : 'PLACED';
}

/** Adds up the lines of one SKU, in the order in which SKUs are first named. */
export function summed(lines: readonly SkuUnits[]): SkuUnits[] {
  const units = new Map<number, number>();
  for (const l of lines) units.set(l.sku, (units.get(l.sku) ?? 0) + l.units);
  return [...units].map(([sku, n]) => ({ sku, units: n }));
}
