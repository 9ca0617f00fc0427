// Many clients at once on a real program, and the auditor who knows what each of them was answered.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Tx } from '../../src/db/pool';
import { stockDrift } from '../../src/stock/queries/levels';

/** No answer within this time is a hang. Longer than any time-out of the program. */
export const ANSWER_LIMIT_MS = 30_000;
const RETRY_MS = 20;
/** Between two requests of a client while it gets 503: each of these requests is later repeated twice and audited. */
const UNAVAILABLE_PAUSE_MS = 100;
const AUDITORS = 20;
const PLACES = ['paris', 'lyon', 'depot'];
const SKUS = ['TENT-2', 'LAMP', 'SOCK-M', 'MUG'];
const HOLD_MINUTES = 120;
/** Customers who order: one alone would meet the quota of open orders. */
const CUSTOMERS = 1_000;

const REFUSAL = '__typename ... on Refusal { message } ';

/** Each asks for what a repeat must answer again, word for word. */
const ACTS = {
  receiveStock: `mutation ($input: ReceiveStockInput!) { answer: receiveStock(input: $input) { ${REFUSAL} } }`,
  adjustStock: `mutation ($input: AdjustStockInput!) { answer: adjustStock(input: $input) { ${REFUSAL} } }`,
  reserveStock: `mutation ($input: ReserveStockInput!) { answer: reserveStock(input: $input) { ${REFUSAL}
    ... on ReserveStockSuccess { reservation { id expiresAt lines { sku { code } quantity } certificate { asOf lines { position } } } } } }`,
  releaseReservation: `mutation ($input: ReleaseReservationInput!) { answer: releaseReservation(input: $input) { ${REFUSAL}
    ... on ReleaseReservationSuccess { reservation { id status } } } }`,
  placeOrder: `mutation ($input: PlaceOrderInput!) { answer: placeOrder(input: $input) { ${REFUSAL}
    ... on PlaceOrderSuccess { order { id number } } } }`,
  cancelOrder: `mutation ($input: CancelOrderInput!) { answer: cancelOrder(input: $input) { ${REFUSAL}
    ... on CancelOrderSuccess { order { id status } } } }`,
};
type TrafficCommand = keyof typeof ACTS;

interface TrafficLine {
  sku: string;
  quantity: number;
}
/** Units that a success moves on the shelves of one location. */
interface TrafficEffect {
  location: string;
  lines: TrafficLine[];
  available: 1 | -1 | 0;
  reserved: 1 | -1 | 0;
}
interface TrafficAnswer {
  __typename: string;
  reservation?: { id: string };
  order?: { id: string };
}
interface TrafficCall {
  act: TrafficCommand;
  input: Record<string, unknown> & { idempotencyKey: string };
  effect: TrafficEffect;
  /** What the client was answered; null until then. */
  told: TrafficAnswer | null;
}

const succeeded = ({ told }: TrafficCall): boolean => told?.__typename.endsWith('Success') ?? false;

/** The basket of a client: what it holds and what it has ordered, with the units. */
interface Mine {
  holds: { id: string; location: string; lines: TrafficLine[] }[];
  orders: { id: string; location: string; lines: TrafficLine[] }[];
}

/** Tokens of a till (FEED) and of a web shop (STOREFRONT). */
export interface Tokens {
  till: string;
  shop: string;
}

export interface Traffic {
  /** Lets `clients` send one request after the other to `url()` until `enough`. A client whose call is cut goes home. */
  run(clients: number, url: () => string, enough: () => boolean): Promise<void>;
  /** How many were answered, answered with 503, or cut off without an answer so far. */
  counts(): { answered: number; unavailable: number; cut: number };
  /** Repeats, twice at once, every request whose outcome is unknown. */
  settle(url: string): Promise<void>;
  /** Proves that all that was answered holds, and that nothing else happened. Throws, or fails an expectation. */
  audit(url: string, db: Tx): Promise<void>;
}

/** Makes the traffic of one test; numbers are drawn from `seed`. */
export function newTraffic(tokens: Tokens, seed: number): Traffic {
  const sent: TrafficCall[] = [];
  const counts = { answered: 0, unavailable: 0, cut: 0 };
  let state = seed;
  /** A number from 0 to n − 1. */
  const draw = (n: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };

  async function post(
    url: string,
    { act, input }: TrafficCall,
  ): Promise<TrafficAnswer | 'UNAVAILABLE' | 'CUT'> {
    const token = act === 'receiveStock' || act === 'adjustStock' ? tokens.till : tokens.shop;
    let status: number;
    let body: {
      data?: { answer: TrafficAnswer };
      errors?: { message: string; extensions?: { code?: string } }[];
    };
    try {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: ACTS[act], variables: { input } }),
        signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      });
      status = response.status;
      body = (await response.json()) as typeof body;
    } catch (error) {
      if ((error as Error).name === 'TimeoutError') throw new Error(`${act} got no answer in time`);
      return 'CUT';
    }
    if (status === 503 && body.errors?.[0]?.extensions?.code === 'UNAVAILABLE') return 'UNAVAILABLE';
    if (status !== 200 || body.errors || !body.data) {
      throw new Error(`${act} was answered with ${status} ${JSON.stringify(body)}`);
    }
    // Waited too long for its turn: nothing was done, as with the 503, and nothing is remembered.
    return body.data.answer.__typename === 'Busy' ? 'UNAVAILABLE' : body.data.answer;
  }

  /** Says it until it is answered, as a client does. */
  async function insist(url: string, request: TrafficCall): Promise<TrafficAnswer | 'UNAVAILABLE' | 'CUT'> {
    const deadline = performance.now() + ANSWER_LIMIT_MS;
    for (;;) {
      const told = await post(url, request);
      if (told !== 'UNAVAILABLE' || performance.now() > deadline) return told;
      await sleep(RETRY_MS);
    }
  }

  function basket(): TrafficLine[] {
    const skus = new Set(Array.from({ length: 1 + draw(3) }, () => SKUS[draw(SKUS.length)]!));
    return [...skus].map((sku) => ({ sku, quantity: 1 + draw(3) }));
  }

  function nextAct(mine: Mine): TrafficCall {
    const idempotencyKey = `key-${sent.length}`;
    const location = PLACES[draw(PLACES.length)]!;
    const lines = basket();
    const make = (
      act: TrafficCommand,
      input: Record<string, unknown>,
      effect: Omit<TrafficEffect, 'location' | 'lines'>,
      of = { location, lines },
    ): TrafficCall => ({
      act,
      input: { idempotencyKey, ...input },
      effect: { ...effect, ...of },
      told: null,
    });
    const dice = draw(100);
    if (dice < 15) return make('receiveStock', { location, lines }, { available: 1, reserved: 0 });
    if (dice < 25) {
      const changes = lines.map((l) => ({ sku: l.sku, delta: -l.quantity, reason: 'SOLD' }));
      return make('adjustStock', { location, lines: changes }, { available: -1, reserved: 0 });
    }
    const hold = dice < 60 ? mine.holds.shift() : undefined;
    if (hold && dice < 40) {
      return make('releaseReservation', { reservation: hold.id }, { available: 1, reserved: -1 }, hold);
    }
    const customer = { name: 'Ada Example', email: `ada-${draw(CUSTOMERS)}@example.org` };
    const order = { customer, payment: 'PAID' };
    if (hold)
      return make('placeOrder', { reservation: hold.id, ...order }, { available: 0, reserved: 0 }, hold);
    const placed = dice < 70 ? mine.orders.shift() : undefined;
    if (placed) {
      const reason = 'CUSTOMER_CHANGED_MIND';
      return make('cancelOrder', { order: placed.id, reason }, { available: 1, reserved: -1 }, placed);
    }
    if (dice < 75) {
      const shop = { location: PLACES[draw(2)]!, lines };
      return make('placeOrder', { ...shop, ...order }, { available: -1, reserved: 1 }, shop);
    }
    return make(
      'reserveStock',
      { location, lines, holdMinutes: HOLD_MINUTES },
      { available: -1, reserved: 1 },
    );
  }

  function remember(mine: Mine, done: TrafficCall): void {
    if (!succeeded(done)) return;
    const { location, lines } = done.effect;
    const id = done.told!.reservation?.id ?? done.told!.order?.id;
    if (done.act === 'reserveStock') mine.holds.push({ id: id!, location, lines });
    if (done.act === 'placeOrder') mine.orders.push({ id: id!, location, lines });
  }

  async function client(url: () => string, enough: () => boolean): Promise<void> {
    const mine: Mine = { holds: [], orders: [] };
    while (!enough()) {
      const request = nextAct(mine);
      sent.push(request);
      const told = await post(url(), request);
      if (told === 'CUT') {
        counts.cut += 1;
        return;
      }
      if (told === 'UNAVAILABLE') {
        counts.unavailable += 1;
        await sleep(UNAVAILABLE_PAUSE_MS);
        continue;
      }
      counts.answered += 1;
      request.told = told;
      remember(mine, request);
    }
  }

  /** What the shelves must hold when exactly the requests that were answered with a success took effect. */
  function expectedLevels(): Map<string, { available: number; reserved: number }> {
    const levels = new Map<string, { available: number; reserved: number }>();
    for (const { effect } of sent.filter(succeeded)) {
      for (const { sku, quantity } of effect.lines) {
        const shelf = `${effect.location} ${sku}`;
        const level = levels.get(shelf) ?? { available: 0, reserved: 0 };
        level.available += effect.available * quantity;
        level.reserved += effect.reserved * quantity;
        levels.set(shelf, level);
      }
    }
    return levels;
  }

  /** Does it for all of them, a few at a time. */
  async function forAll(
    requests: TrafficCall[],
    work: (request: TrafficCall) => Promise<void>,
  ): Promise<void> {
    const left = requests.values();
    const worker = async (): Promise<void> => {
      for (const request of left) await work(request);
    };
    await Promise.all(Array.from({ length: AUDITORS }, worker));
  }

  return {
    counts: () => ({ ...counts }),
    async run(clients, url, enough) {
      await Promise.all(Array.from({ length: clients }, () => client(url, enough)));
    },
    async settle(url) {
      const unknown = sent.filter((s) => s.told === null);
      await forAll(unknown, async (request) => {
        const [first, second] = await Promise.all([insist(url, request), insist(url, request)]);
        expect(second).toEqual(first);
        if (typeof first === 'string') throw new Error(`${request.act} is still ${first}`);
        request.told = first;
      });
    },
    async audit(url, db) {
      await forAll(sent, async (request) => expect(await insist(url, request)).toEqual(request.told));
      const commands = await db.rows<{ key: string }>(
        'SELECT c.key FROM command c JOIN actor a ON a.id = c.actor_id WHERE a.name = ANY($1)',
        [['till', 'shop']],
      );
      expect(commands.map((c) => c.key).sort()).toEqual(sent.map((s) => s.input.idempotencyKey).sort());
      const levels = await db.rows<{ shelf: string; available: number; reserved: number }>(
        `SELECT l.code || ' ' || s.code AS shelf, v.available, v.reserved FROM stock_level v
         JOIN location l ON l.id = v.location_id JOIN sku s ON s.id = v.sku_id`,
      );
      const expected = expectedLevels();
      for (const { shelf, available, reserved } of levels) {
        expect([shelf, available, reserved]).toEqual([
          shelf,
          expected.get(shelf)?.available ?? 0,
          expected.get(shelf)?.reserved ?? 0,
        ]);
        expected.delete(shelf);
      }
      expect([...expected.values()].filter((l) => l.available !== 0 || l.reserved !== 0)).toEqual([]);
      expect(await stockDrift(db)).toEqual([]);
    },
  };
}
