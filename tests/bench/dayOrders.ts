// Orders of the mixed day, each driven through its states one step per request: placed, picked, made ready, collected; or not.

import {
  CODE,
  type CommandAnswer,
  type DayCommand,
  type GrantedReservation,
  judge,
  type Sent,
} from './dayAnswers';
import type { People } from './dayWorld';
import type { Client, Outcome } from './load';

/** How an order is meant to end; short: some units are not found, and the rest is fetched. */
type Fate = 'fetched' | 'cancelled' | 'left' | 'short';

/** Where orders come from, and how their commands are sent. */
export interface Counter {
  readonly client: Client;
  takeReservation(): GrantedReservation | undefined;
  command(command: DayCommand, token: string, input: object): Sent;
  send(sent: Sent): Promise<CommandAnswer | null>;
}

interface Life {
  /** Null until it is placed. */
  id: string | null;
  reservation: Pick<GrantedReservation, 'shop' | 'lines'> & { id?: string };
  /** Lines with units that are still to be picked. */
  toPick: { sku: string; quantity: number }[];
  fate: Fate;
  step: Exclude<DayCommand, 'reserveStock'> | 'code';
  code: string;
  /** The step as it was sent, when it is not known yet whether it was done: it is sent again under the same key. */
  sent: Sent | null;
}

const CUSTOMER = { customer: { name: 'Ada Example', email: 'ada@example.org' }, payment: 'PAID' };
const FATES: readonly (readonly [Fate, number])[] = [
  ['cancelled', 0.1],
  ['left', 0.2],
  ['short', 0.3],
  ['fetched', 1],
];

export class OrderLives {
  /** Ids of orders that wait at the counter and will not be collected. */
  readonly leftBehind: string[] = [];
  private readonly waiting: Life[] = [];

  constructor(
    private readonly traffic: Counter,
    private readonly people: People,
    private readonly random: () => number,
  ) {}

  /** Takes the next step of the order that has waited longest, or begins the life of a new one. */
  async next(): Promise<Outcome> {
    const life = this.waiting.shift() ?? this.begin(this.traffic.takeReservation());
    try {
      const outcome = life.step === 'code' ? await this.readCode(life) : await this.command(life, life.step);
      if (outcome === 'busy') this.waiting.push(life);
      return outcome;
    } catch (error) {
      this.waiting.push(life);
      throw error;
    }
  }

  private begin(reservation: GrantedReservation | undefined): Life {
    const from = reservation ?? { shop: 0, lines: [{ sku: 'S1', quantity: 1 }] };
    const dice = this.random();
    const fate = FATES.find(([, share]) => dice < share)![0];
    const toPick = from.lines.map((line) => ({ ...line }));
    return { id: null, reservation: from, toPick, fate, step: 'placeOrder', code: '', sent: null };
  }

  private async readCode(life: Life): Promise<Outcome> {
    const { client } = this.traffic;
    const answer = await client.sendBytes(client.prepare(this.people.web, CODE, { id: life.id }));
    const outcome = judge(answer);
    if (outcome !== 'ok') return outcome;
    const { order } = (JSON.parse(answer.body.toString()) as { data: { order: { pickupCode: string } } })
      .data;
    life.code = order.pickupCode;
    life.step = 'collectOrder';
    this.waiting.push(life);
    return 'ok';
  }

  /** Takes the step and decides on the next; an order is left alone after a final refusal of its command. */
  private async command(life: Life, step: Exclude<Life['step'], 'code'>): Promise<Outcome> {
    const answer = await this.send(life, step);
    if (answer === null) return 'busy';
    life.sent = null;
    if (!answer.__typename.endsWith('Success')) return 'ok';
    life.id ??= answer.order?.id ?? null;
    const next = this.after(life, answer);
    if (next !== null) {
      life.step = next;
      this.waiting.push(life);
    }
    return 'ok';
  }

  private send(life: Life, step: Exclude<Life['step'], 'code'>): Promise<CommandAnswer | null> {
    const { id: order, reservation, toPick, sent } = life;
    const { web, staff } = this.people;
    const line = toPick[0];
    const source =
      reservation.id === undefined
        ? { location: 'shop-1', lines: reservation.lines }
        : { reservation: reservation.id };
    const inputs = {
      placeOrder: { ...CUSTOMER, ...source },
      startPicking: { orders: [order] },
      shortPick: { order, sku: line?.sku, quantity: 1, reason: 'NOT_FOUND', resource: false },
      pickLine: { order, ...line },
      markReady: { order, stagingArea: 'shelf 7' },
      collectOrder: { order, code: life.code },
      cancelOrder: { order, reason: 'CUSTOMER_CHANGED_MIND' },
    };
    const token = step === 'placeOrder' || step === 'cancelOrder' ? web : staff[reservation.shop]!;
    life.sent = sent ?? this.traffic.command(step, token, inputs[step]);
    return this.traffic.send(life.sent);
  }

  private after(life: Life, answer: CommandAnswer): Life['step'] | null {
    const { toPick, fate, step } = life;
    switch (step) {
      case 'placeOrder':
        return fate === 'cancelled' ? 'cancelOrder' : 'startPicking';
      case 'startPicking':
        return fate === 'short' && (toPick.length > 1 || toPick[0]!.quantity > 1) ? 'shortPick' : 'pickLine';
      case 'shortPick':
        toPick[0]!.quantity -= answer.short ?? 0;
        life.toPick = toPick.filter((line) => line.quantity > 0);
        return 'pickLine';
      case 'pickLine':
        toPick.shift();
        return toPick.length > 0 ? 'pickLine' : 'markReady';
      case 'markReady':
        if (fate !== 'left') return 'code';
        this.leftBehind.push(life.id!);
        return null;
      default:
        return null;
    }
  }
}
