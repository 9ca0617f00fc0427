// The traffic of the mixed day: 90 % reads, 8 % reservations, 2 % orders and collections; and all answers to it.

import {
  COMMANDS,
  type CommandAnswer,
  type DayCommand,
  type GrantedReservation,
  judge,
  NEARBY,
  ONE_SKU,
  PICKUP,
  type Sent,
} from './dayAnswers';
import { type Counter, OrderLives } from './dayOrders';
import { type People, type Size, shopCode, skuCode } from './dayWorld';
import { type Client, newClient, type Outcome } from './load';

const SHARE = { looking: 0.9, holding: 0.98 };
const LOOKING = { oneSku: 0.6, nearby: 0.85 };
const HOLDING = { repeated: 0.05, replacing: 0.2 };
/** Requests that are drawn once and sent again and again: the looking costs its client no JSON. */
const DRAWN = 2_000;
const NEARBY_SKUS = 20;
const NEAR = { radiusKm: 150, limit: 10 };
const MOST_LINES = 5;
const MOST_UNITS = 3;
/** The shortest possible: most reservations of the day expire and are swept during it. */
const HOLD_MINUTES = 1;
/** Refusals after which a client may still place an order, or reserve again. */
const FRESH_MS = 30_000;
const REMEMBERED_RESERVATIONS = 2_000;
/** How much more one SKU is wanted than the next: s of Zipf's law. */
const ZIPF = 1.1;

/** Draws 0 … n − 1, the first ones most often (Zipf). */
function zipf(n: number, random: () => number): () => number {
  const sums: number[] = [];
  let sum = 0;
  for (let i = 1; i <= n; i += 1) {
    sum += i ** -ZIPF;
    sums.push(sum);
  }
  return () => {
    const wanted = random() * sum;
    let [low, high] = [0, n - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** All clients of one day. `sendNext` is what `offer` calls. */
export class Traffic implements Counter {
  readonly sent: Sent[] = [];
  /** Requests by what they were for. */
  readonly counts = { looking: 0, holding: 0, ordering: 0 };
  readonly orders: OrderLives;
  private readonly reservations: GrantedReservation[] = [];
  private readonly looks: Buffer[];
  private readonly hotShop: () => number;
  private readonly hotSku: () => number;
  private readonly run = Math.random().toString(36).slice(2, 8);
  private keys = 0;

  constructor(
    readonly client: Client,
    private readonly people: People,
    private readonly size: Size,
    private readonly random: () => number = Math.random,
  ) {
    this.hotShop = zipf(size.shops, random);
    this.hotSku = zipf(size.skus, random);
    this.looks = Array.from({ length: DRAWN }, () => this.look());
    this.orders = new OrderLives(this, people, random);
  }

  draw(n: number): number {
    return Math.floor(this.random() * n);
  }

  /** Sends what comes next. @throws Error what is neither answered nor politely refused */
  async sendNext(): Promise<Outcome> {
    const dice = this.random();
    if (dice < SHARE.looking) {
      this.counts.looking += 1;
      return judge(await this.client.sendBytes(this.looks[this.draw(DRAWN)]!));
    }
    if (dice < SHARE.holding) {
      this.counts.holding += 1;
      return this.reserve();
    }
    this.counts.ordering += 1;
    return this.orders.next();
  }

  /** Creates a command under a new key, and records it; `send` sends it. */
  command(command: DayCommand, token: string, input: object): Sent {
    this.keys += 1;
    const variables = { input: { idempotencyKey: `${this.run}-${this.keys}`, ...input } };
    const sent: Sent = {
      command,
      request: this.client.prepare(token, COMMANDS[command], variables),
      answer: null,
    };
    this.sent.push(sent);
    return sent;
  }

  /** Sends a command (again). Null: refused for now. @throws Error also when it had another answer before */
  async send(sent: Sent): Promise<CommandAnswer | null> {
    const answer = await this.client.sendBytes(sent.request);
    if (judge(answer) === 'busy') return null;
    const text = answer.body.toString();
    if (sent.answer !== null && sent.answer !== text)
      throw new Error(`a repeat was answered ${text} after ${sent.answer}`);
    sent.answer = text;
    return (JSON.parse(text) as { data: { answer: CommandAnswer } }).data.answer;
  }

  /** A reservation that may become an order, taken out of the list. */
  takeReservation(): GrantedReservation | undefined {
    const since = performance.now() - FRESH_MS;
    for (;;) {
      const reservation = this.reservations.splice(this.draw(this.reservations.length), 1)[0];
      if (reservation === undefined || reservation.madeAt > since) return reservation;
    }
  }

  private async reserve(): Promise<Outcome> {
    const dice = this.random();
    const before = this.sent[this.sent.length - 1 - this.draw(Math.min(this.sent.length, DRAWN))];
    if (dice < HOLDING.repeated && before?.answer != null) {
      return (await this.send(before)) === null ? 'busy' : 'ok';
    }
    const old = dice < HOLDING.replacing ? this.takeReservation() : undefined;
    const shop = old?.shop ?? this.hotShop();
    const holder = old?.holder ?? `${this.run}-basket-${this.sent.length}`;
    const lines = this.basket(1 + this.draw(MOST_LINES));
    const input = { location: shopCode(shop), lines, holder, holdMinutes: HOLD_MINUTES };
    const answer = await this.send(this.command('reserveStock', this.people.web, input));
    if (answer === null) return 'busy';
    if (answer.reservation !== undefined) {
      this.reservations.push({ id: answer.reservation.id, shop, holder, lines, madeAt: performance.now() });
      if (this.reservations.length > REMEMBERED_RESERVATIONS)
        this.reservations.splice(0, REMEMBERED_RESERVATIONS / 2);
    }
    return 'ok';
  }

  private basket(lines: number): { sku: string; quantity: number }[] {
    const skus = new Set(Array.from({ length: lines }, () => skuCode(this.hotSku())));
    return [...skus].map((sku) => ({ sku, quantity: 1 + this.draw(MOST_UNITS) }));
  }

  private look(): Buffer {
    const { web } = this.people;
    const dice = this.random();
    const near = { latitude: 43.5 + this.random() * 4.5, longitude: -0.5 + this.random() * 3, ...NEAR };
    if (dice < LOOKING.oneSku) {
      const shops = [...new Set([this.hotShop(), this.draw(this.size.shops), this.draw(this.size.shops)])];
      return this.client.prepare(web, ONE_SKU, { sku: skuCode(this.hotSku()), shops: shops.map(shopCode) });
    }
    if (dice < LOOKING.nearby) {
      const skus = new Set<string>();
      while (skus.size < Math.min(NEARBY_SKUS, this.size.skus)) skus.add(skuCode(this.draw(this.size.skus)));
      return this.client.prepare(web, NEARBY, { skus: [...skus], near });
    }
    return this.client.prepare(web, PICKUP, { lines: this.basket(1 + this.draw(3)), near });
  }
}

/** Connections of the day's clients: more than are under way while all is well, so that waiting happens at the server. */
const CONNECTIONS = 1_000;

/** A client for the day's traffic. */
export function dayClient(url: string): Client {
  return newClient(url, CONNECTIONS);
}
