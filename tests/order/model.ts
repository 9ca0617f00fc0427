// A small model of order lives at one shop with one depot behind it: what every command must answer and where every unit must be.

export const SKUS = ['LAMP', 'MUG'] as const;
export type SkuCode = (typeof SKUS)[number];
export type Where = 'paris' | 'depot';
type UnitsBySku = Record<SkuCode, number>;

interface Buckets {
  available: number;
  reserved: number;
  staged: number;
  quarantine: number;
  inTransit: number;
}

export interface ModelLine {
  sku: SkuCode;
  reserved: number;
  awaiting: number;
  staged: number;
  collected: number;
  cancelled: number;
  short: number;
}

export interface ModelOrder {
  id: string;
  status: string;
  picking: boolean;
  paid: boolean;
  collectBy: string | null;
  attempts: number;
  code: string;
  lines: ModelLine[];
}

export interface ModelTransfer {
  id: string;
  order: ModelOrder | null;
  status: string;
  lines: [SkuCode, number][];
}

export interface OrderModelReservation {
  id: string;
  until: number;
  status: string;
  lines: [SkuCode, number][];
}

const OPEN = ['PLACED', 'AWAITING_TRANSFER', 'PICKING', 'READY'];

/** The world as it must be. Each method takes one command to its end, or answers the refusal that must come. */
export class OrderModel {
  readonly orders: ModelOrder[] = [];
  readonly transfers: ModelTransfer[] = [];
  readonly holds: OrderModelReservation[] = [];
  readonly levels = {} as Record<Where, Record<SkuCode, Buckets>>;

  constructor() {
    for (const place of ['paris', 'depot'] as const) {
      this.levels[place] = {} as Record<SkuCode, Buckets>;
      for (const sku of SKUS)
        this.levels[place][sku] = { available: 0, reserved: 0, staged: 0, quarantine: 0, inTransit: 0 };
    }
  }

  #move(
    place: Where,
    sku: SkuCode,
    from: keyof Buckets | null,
    to: keyof Buckets | null,
    units: number,
  ): void {
    const level = this.levels[place][sku];
    if (from) level[from] -= units;
    if (to) level[to] += units;
  }

  stock(place: Where, sku: SkuCode, units: number): void {
    this.#move(place, sku, null, 'available', units);
  }

  /** The units of each SKU that a basket can't have; null: it can have all. */
  lacking(basket: UnitsBySku, allowTransfer: boolean): boolean {
    return SKUS.some((sku) => {
      const depot = allowTransfer ? this.levels.depot[sku].available : 0;
      return this.levels.paris[sku].available + depot < basket[sku];
    });
  }

  placed(id: string, basket: UnitsBySku, paid: boolean): { order: ModelOrder; fetched: [SkuCode, number][] } {
    const fetched: [SkuCode, number][] = [];
    const lines = SKUS.filter((sku) => basket[sku] > 0).map((sku) => {
      const here = Math.min(basket[sku], this.levels.paris[sku].available);
      const there = basket[sku] - here;
      this.#move('paris', sku, 'available', 'reserved', here);
      this.#move('depot', sku, 'available', 'reserved', there);
      if (there > 0) fetched.push([sku, there]);
      return this.#line(sku, here, there);
    });
    return { order: this.#order(id, lines, paid), fetched };
  }

  #line(sku: SkuCode, reserved: number, awaiting: number): ModelLine {
    return { sku, reserved, awaiting, staged: 0, collected: 0, cancelled: 0, short: 0 };
  }

  #order(id: string, lines: ModelLine[], paid: boolean): ModelOrder {
    const order = { id, status: '', picking: false, paid, collectBy: null, attempts: 0, code: '', lines };
    this.orders.push(order);
    this.#settle(order);
    return order;
  }

  held(id: string, basket: UnitsBySku, until: number): void {
    const lines = SKUS.filter((sku) => basket[sku] > 0).map((sku): [SkuCode, number] => [sku, basket[sku]]);
    for (const [sku, units] of lines) this.#move('paris', sku, 'available', 'reserved', units);
    this.holds.push({ id, until, status: 'ACTIVE', lines });
  }

  committed(hold: OrderModelReservation, id: string, paid: boolean): ModelOrder {
    hold.status = 'COMMITTED';
    return this.#order(
      id,
      hold.lines.map(([sku, units]) => this.#line(sku, units, 0)),
      paid,
    );
  }

  /** Time passes: holds end, and orders that were not fetched close. */
  passed(now: number): void {
    for (const hold of this.holds.filter((h) => h.status === 'ACTIVE' && h.until <= now)) {
      hold.status = 'EXPIRED';
      for (const [sku, units] of hold.lines) this.#move('paris', sku, 'reserved', 'available', units);
    }
    for (const order of this.orders) {
      if (order.status !== 'READY' || Date.parse(order.collectBy!) > now) continue;
      order.status = 'NO_SHOW';
      this.#back(order);
    }
  }

  #back(order: ModelOrder): void {
    for (const line of order.lines) {
      this.#move('paris', line.sku, 'staged', 'available', line.staged);
      this.#move('paris', line.sku, 'reserved', 'available', line.reserved);
      line.cancelled += line.staged + line.reserved + line.awaiting;
      line.staged = line.reserved = line.awaiting = 0;
    }
  }

  #settle(order: ModelOrder): void {
    const sum = (place: 'reserved' | 'awaiting' | 'staged') => order.lines.reduce((n, l) => n + l[place], 0);
    if (sum('reserved') + sum('awaiting') + sum('staged') === 0) order.status = 'CANCELLED';
    else if (sum('awaiting') > 0 && !(order.picking && sum('reserved') > 0))
      order.status = 'AWAITING_TRANSFER';
    else order.status = order.picking ? 'PICKING' : 'PLACED';
  }

  startPicking(order: ModelOrder): string {
    if (order.status !== 'PLACED') return 'WrongState';
    order.status = 'PICKING';
    order.picking = true;
    return 'StartPickingSuccess';
  }

  /** What picking or short-picking so many units of a line must be refused with, if anything. */
  #pickable(order: ModelOrder, sku: SkuCode, units: number): ModelLine | string {
    if (order.status !== 'PICKING') return 'WrongState';
    const line = order.lines.find((l) => l.sku === sku);
    if (line === undefined) return 'NotFound';
    if (line.reserved === 0) return 'WrongState';
    return units > line.reserved ? 'InvalidInput' : line;
  }

  pick(order: ModelOrder, sku: SkuCode, units: number): string {
    const line = this.#pickable(order, sku, units);
    if (typeof line === 'string') return line;
    line.reserved -= units;
    line.staged += units;
    this.#move('paris', sku, 'reserved', 'staged', units);
    return 'PickLineSuccess';
  }

  shortPick(
    order: ModelOrder,
    sku: SkuCode,
    units: number,
    damaged: boolean,
    resource: boolean,
  ): string | number {
    const line = this.#pickable(order, sku, units);
    if (typeof line === 'string') return line;
    this.#move('paris', sku, 'reserved', damaged ? 'quarantine' : null, units);
    const here = damaged && resource ? Math.min(units, this.levels.paris[sku].available) : 0;
    this.#move('paris', sku, 'available', 'reserved', here);
    const there = resource ? Math.min(units - here, this.levels.depot[sku].available) : 0;
    this.#move('depot', sku, 'available', 'reserved', there);
    line.reserved += here - units;
    line.awaiting += there;
    line.short += units - here - there;
    this.#settle(order);
    return there;
  }

  markReady(order: ModelOrder): string {
    if (order.status !== 'PICKING') return 'WrongState';
    if (order.lines.some((l) => l.reserved + l.awaiting > 0)) return 'LinesOpen';
    order.status = 'READY';
    return 'MarkReadySuccess';
  }

  collect(order: ModelOrder, rightCode: boolean, paid: boolean, part: boolean): string {
    if (order.status !== 'READY') return 'WrongState';
    if (order.attempts >= 5) return 'PickupCodeLocked';
    if (!rightCode) {
      order.attempts += 1;
      return 'WrongPickupCode';
    }
    if (!order.paid && !paid) return 'PaymentDue';
    order.status = 'COLLECTED';
    const first = order.lines.find((l) => l.staged > 0);
    for (const line of order.lines) {
      const taken = part ? Number(line === first) : line.staged;
      this.#move('paris', line.sku, 'staged', null, taken);
      line.staged -= taken;
      line.collected += taken;
    }
    this.#back(order);
    return 'CollectOrderSuccess';
  }

  cancel(order: ModelOrder): string {
    if (!OPEN.includes(order.status)) return 'WrongState';
    for (const transfer of this.transfers.filter((t) => t.order === order)) {
      if (transfer.status === 'DISPATCHED') transfer.order = null;
      if (transfer.status !== 'DRAFT') continue;
      transfer.status = 'CANCELLED';
      for (const [sku, units] of transfer.lines) this.#move('depot', sku, 'reserved', 'available', units);
    }
    this.#back(order);
    order.status = 'CANCELLED';
    return 'CancelOrderSuccess';
  }

  dispatch(transfer: ModelTransfer): string {
    if (transfer.status !== 'DRAFT') return 'WrongState';
    transfer.status = 'DISPATCHED';
    for (const [sku, units] of transfer.lines) {
      this.#move('depot', sku, 'reserved', null, units);
      this.#move('paris', sku, null, 'inTransit', units);
    }
    return 'DispatchTransferSuccess';
  }

  callOff(transfer: ModelTransfer): string {
    if (transfer.status !== 'DRAFT') return 'WrongState';
    transfer.status = 'CANCELLED';
    for (const [sku, units] of transfer.lines) {
      this.#move('depot', sku, 'reserved', 'available', units);
      this.#missing(transfer.order!, sku, units);
    }
    this.#settle(transfer.order!);
    return 'CancelTransferSuccess';
  }

  /** `lost`: nothing but the first SKU's units came, one fewer than sent. */
  receive(transfer: ModelTransfer, lost: boolean): string {
    if (transfer.status !== 'DISPATCHED') return 'WrongState';
    transfer.status = 'RECEIVED';
    const { order } = transfer;
    const arrived = transfer.lines.map(([, sent], i) => (lost ? (i === 0 ? sent - 1 : 0) : sent));
    transfer.lines.forEach(([sku, sent], i) => {
      this.#move('paris', sku, 'inTransit', null, sent);
      this.#move('paris', sku, null, order ? 'reserved' : 'available', arrived[i]!);
      if (order === null) return;
      const line = order.lines.find((l) => l.sku === sku)!;
      line.awaiting -= arrived[i]!;
      line.reserved += arrived[i]!;
      this.#missing(order, sku, sent - arrived[i]!);
    });
    if (order !== null) this.#settle(order);
    return 'ReceiveTransferSuccess';
  }

  /** Awaited units that will not come: found at the shop, as the depot isn't asked twice, or given up. */
  #missing(order: ModelOrder, sku: SkuCode, units: number): void {
    const line = order.lines.find((l) => l.sku === sku)!;
    const here = Math.min(units, this.levels.paris[sku].available);
    this.#move('paris', sku, 'available', 'reserved', here);
    line.awaiting -= units;
    line.reserved += here;
    line.short += units - here;
  }
}
