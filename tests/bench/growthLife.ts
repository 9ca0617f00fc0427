// Two years of a chain, move by move: goods come in, are held, given back and sold, no shelf ever below nothing.

export interface GrowthSize {
  locations: number;
  skus: number;
  moves: number;
  /** Reservations to keep of those in the moves; the oldest are left out, as after their retention. */
  reservations: number;
  /** Units of an arrival: a shelf with few reservations needs few. */
  arrives: number;
}

/** The first ids of locations and SKUs, the others follow without gaps; and the actor of the commands. */
export interface Ids {
  firstLocation: number;
  firstSku: number;
  actor: number;
}

type Write = (line: string) => void;
interface Beside {
  command: Write;
  reservation: Write;
  line: Write;
}

interface OpenReservation {
  n: number;
  shelf: number;
  quantity: number;
  was: number;
  position: number;
  at: string;
}

const SPAN_MS = 2 * 365 * 86_400_000;
const MOVES_A_COMMAND = 5;
/** Moves that happen in the same millisecond, as it were. */
const MOVES_AN_INSTANT = 10;
const LOW = 5;
const SOLD_PERCENT = 8;
/** Share of the moves that are reservations (and as many are their ends). */
const RESERVATION_SHARE = 0.43;
const HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const stamp = (ms: number): string => new Date(ms).toISOString();

/** Generates the moves in their order; their sums are consistent at any time. */
export class Life {
  static readonly columns =
    'id, sku_id, from_location_id, from_bucket, to_location_id, to_bucket, quantity, reason, document_id, command_id, created_at';
  done = 0;
  readonly #ids: Ids;
  readonly #size: GrowthSize;
  readonly #until: number;
  readonly #available: Int32Array;
  readonly #reserved: Int32Array;
  readonly #position: Float64Array;
  readonly #openReservations: number;
  readonly #reservations: OpenReservation[] = [];
  #oldest = 0;
  #reservedCount = 0;
  readonly #documentEvery: number;
  #random = 0x2545f491;
  #at = '';
  #head = '';

  constructor(ids: Ids, size: GrowthSize, until: Date, openReservations: number) {
    const shelves = size.locations * size.skus;
    if (size.moves < 2 * shelves) throw new Error('There must be at least two moves for every level.');
    this.#ids = ids;
    this.#size = size;
    this.#until = until.getTime();
    this.#available = new Int32Array(shelves);
    this.#reserved = new Int32Array(shelves);
    this.#position = new Float64Array(shelves);
    this.#openReservations = Math.min(openReservations, Math.ceil(shelves / 100));
    this.#documentEvery = Math.max(1, Math.floor((size.moves * RESERVATION_SHARE) / size.reservations));
  }

  #draw(below: number): number {
    let x = this.#random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#random = x;
    return Math.floor(((x >>> 0) / 4_294_967_296) * below);
  }

  /** Half of what happens happens to a quarter of the SKUs, which lie anywhere. */
  #anyShelf(): number {
    const share = this.#draw(1_000_000) / 1_000_000;
    const sku = (Math.floor(share * share * this.#size.skus) * 7_919) % this.#size.skus;
    return this.#draw(this.#size.locations) * this.#size.skus + sku;
  }

  #uuid(n: number): string {
    return `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
  }

  #locationId = (shelf: number): number => this.#ids.firstLocation + Math.floor(shelf / this.#size.skus);
  #sku = (shelf: number): number => this.#ids.firstSku + (shelf % this.#size.skus);

  /** Generates so many more moves. */
  live(moves: number, move: Write, beside: Beside): void {
    for (let i = 0; i < moves; i += 1) {
      if (this.done % MOVES_AN_INSTANT === 0) {
        this.#at = stamp(this.#until - SPAN_MS + Math.floor((this.done / this.#size.moves) * SPAN_MS));
      }
      if (this.done % MOVES_A_COMMAND === 0) this.#newCommand(beside);
      this.done += 1;
      this.#next(move, beside);
    }
  }

  #newCommand({ command }: Beside): void {
    const id = this.done / MOVES_A_COMMAND + 1;
    const key = `${this.#draw(0x7fffffff).toString(16)}-${this.#draw(0x7fffffff).toString(16)}-${id.toString(16)}`;
    command(
      `${id}\t${this.#ids.actor}\t${key}\treserveStock\t${HASH}\t{"value": {"id": "${this.#uuid(id)}"}}\t${this.#at}\n`,
    );
    this.#head = `${id}\t${this.#at}\n`;
  }

  #next(move: Write, beside: Beside): void {
    const open = this.#reservations.length - this.#oldest;
    if (open > this.#openReservations && this.done > this.#available.length && this.#draw(2) === 0) {
      this.#giveBack(move, beside);
      return;
    }
    // Every shelf is filled once before anything else happens to it.
    const shelf = this.done <= this.#available.length ? this.done - 1 : this.#anyShelf();
    if (this.#available[shelf]! < LOW) this.#arrive(shelf, move);
    else if (this.#draw(100) < SOLD_PERCENT) this.#sell(shelf, move);
    else this.#reserve(shelf, move);
  }

  #write(move: Write, shelf: number, way: string, document: string): void {
    const locationId = this.#locationId(shelf);
    const [from, to, quantity, reason] = way.split(' ');
    this.#position[shelf] = this.done;
    move(
      `${this.done}\t${this.#sku(shelf)}\t${locationId}\t${from}\t${locationId}\t${to}\t${quantity}\t${reason}\t${document}\t${this.#head}`,
    );
  }

  #arrive(shelf: number, move: Write): void {
    this.#available[shelf]! += this.#size.arrives;
    this.#write(move, shelf, `SUPPLIER AVAILABLE ${this.#size.arrives} RECEIVED`, '\\N');
  }

  #sell(shelf: number, move: Write): void {
    this.#available[shelf]! -= 1;
    this.#write(move, shelf, 'AVAILABLE CUSTOMER 1 SOLD', '\\N');
  }

  #reserve(shelf: number, move: Write): void {
    const quantity = 1 + this.#draw(2);
    const reservation = {
      n: ++this.#reservedCount,
      shelf,
      quantity,
      was: this.#available[shelf]!,
      position: this.done,
      at: this.#at,
    };
    this.#reservations.push(reservation);
    this.#available[shelf]! -= quantity;
    this.#reserved[shelf]! += quantity;
    this.#write(move, shelf, `AVAILABLE RESERVED ${quantity} HELD`, this.#uuid(reservation.n));
  }

  #giveBack(move: Write, beside: Beside): void {
    const reservation = this.#reservations[this.#oldest]!;
    this.#oldest += 1;
    // What has ended goes, in large pieces.
    if (this.#oldest === 100_000) {
      this.#reservations.splice(0, this.#oldest);
      this.#oldest = 0;
    }
    this.#available[reservation.shelf]! += reservation.quantity;
    this.#reserved[reservation.shelf]! -= reservation.quantity;
    this.#write(
      move,
      reservation.shelf,
      `RESERVED AVAILABLE ${reservation.quantity} HOLD_RELEASED`,
      this.#uuid(reservation.n),
    );
    if (reservation.n % this.#documentEvery === 0) this.#document(reservation, this.#at, beside);
  }

  #document(reservation: OpenReservation, endedAt: string | null, beside: Beside): void {
    const { quantity, was, position } = reservation;
    const [locationId, sku, id] = [
      this.#locationId(reservation.shelf),
      this.#sku(reservation.shelf),
      this.#uuid(reservation.n),
    ];
    const line = { skuId: sku, requested: quantity, held: quantity, wasAvailable: was, safetyStock: 0 };
    const lines = [{ ...line, remaining: was - quantity, position }];
    const expires = endedAt ?? stamp(this.#until + SPAN_MS);
    beside.reservation(
      `${id}\t${this.#ids.actor}\t${locationId}\tONLINE\t${endedAt ? 'RELEASED' : 'ACTIVE'}\t${expires}\t${JSON.stringify({ asOf: reservation.at, lines })}\t${reservation.at}\t${endedAt ?? '\\N'}\n`,
    );
    beside.line(`${id}\t${sku}\t${quantity}\t${quantity}\n`);
  }

  /** Writes the reservations that are still active. */
  end(beside: Beside): void {
    for (const reservation of this.#reservations.slice(this.#oldest))
      this.#document(reservation, null, beside);
  }

  /** The levels as they are now, one line each. */
  *levels(): Generator<string> {
    for (let shelf = 0; shelf < this.#available.length; shelf += 1) {
      yield `${this.#locationId(shelf)}\t${this.#sku(shelf)}\t${this.#available[shelf]}\t${this.#reserved[shelf]}\t${this.#position[shelf]}\n`;
    }
  }
}
