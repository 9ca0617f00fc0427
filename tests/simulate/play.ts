// Plays one history: every step is taken on the program and judged by the model, alone or in any order of many.

import { createHash } from 'node:crypto';
import type { Db } from '../../src/db/pool';
import { isUnreachable, lostToOthers } from '../../src/db/transaction';
import { markNoShows, sendReminders } from '../../src/order/actions/remindAndExpire';
import { expireReservations } from '../../src/reservation/actions/commands';
import { balanceLedger } from '../../src/stock/actions/balance';
import { sealLedger } from '../../src/stock/actions/seal';
import { perform } from './acts';
import type { Names } from './callTools';
import { type CallGate, drawFrom, SEEDED_BUG } from './gate';
import { judge } from './judge';
import { noShows } from './judgeOrders';
import { type CallAnswer, Mismatch, type Op, resolve, same } from './ops';
import { newState, type SimulatedState } from './state';
import { type DrawnFault, PLACES, type SimulationStep, SKUS } from './steps';
import { waysOf } from './ways';
import { compare, makeNames, proveAll, readReal, START, sorted, witness } from './world';

const MINUTE_MS = 60_000;
/** Tries of a client that hears nothing: faults come one at a time. */
const MAX_TRIES = 6;
/** Units of every SKU at every location when a history begins. */
const FIRST_UNITS = 6;
/** After this long everything that can end by time has ended. */
const LONG_MS = 400 * 86_400_000;

/** Two processes on one database, and the gate between. */
export interface PlayStage {
  dbs: readonly [Db, Db];
  gate: CallGate;
}

interface SentCall {
  op: Op;
  key: string;
  answer: CallAnswer;
}

/** Waits for all of them, and only then throws what one of them threw. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

type Crowd = Extract<SimulationStep, { do: 'crowd' }>;

class Player {
  state = newState(PLACES, SKUS, START);
  readonly sent: SentCall[] = [];
  readonly heard = new Map<string, CallAnswer>();
  readonly #hash = createHash('sha256');
  readonly #ids = new Map<string, string>();
  readonly lines: string[] = [];
  #keys = 0;

  constructor(
    readonly stage: PlayStage,
    readonly names: Names,
  ) {}

  /** Writes down what happened; ids, which are never the same twice, by the order in which they were met. */
  note(what: unknown): void {
    const known = (id: string): string => {
      const name = this.#ids.get(id) ?? `#${this.#ids.size + 1}`;
      this.#ids.set(id, name);
      return name;
    };
    const line = JSON.stringify(what, (key, value: unknown) =>
      key === 'raw' ? undefined : key === 'id' ? known(String(value)) : value,
    );
    this.#hash.update(`${line}\n`);
    this.lines.push(line);
  }

  get digest(): string {
    return this.#hash.digest('hex');
  }

  key(): string {
    this.#keys += 1;
    return `k${this.#keys}`;
  }

  /** A client that says the same again, under the same key, until it is answered. */
  async insist<T>(work: () => Promise<T>, between: () => Promise<unknown> = async () => {}): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        const again =
          isUnreachable(error) || lostToOthers(error) || (error as Error).message.includes(SEEDED_BUG);
        if (!again || tries === MAX_TRIES) throw error;
      }
      await between();
    }
  }

  ask(process: number, op: Op, key: string): Promise<CallAnswer> {
    return this.insist(() => perform(this.names, this.state, this.stage.dbs[process]!, op, key));
  }

  #remember(op: Op, key: string, answer: CallAnswer): void {
    this.sent.push({ op, key, answer });
    this.heard.set(key, answer);
    this.note({ op, answer });
  }

  async one(process: number, op: Op): Promise<void> {
    const key = this.key();
    const answer = await this.ask(process, op, key);
    await witness(this.stage.dbs[0], this.names, this.state, op, answer);
    this.#remember(op, key, answer);
    judge(this.state, op, answer, false);
  }

  /** Lets all clients ask at once, the late ones later. Who hears nothing asks again when nobody else asks any more. */
  #askAll(
    { turns, lateAfter }: Crowd,
    wishes: readonly { op: Op; key: string; to: Crowd['clients'][number]['to'] }[],
  ): Promise<CallAnswer[][]> {
    const late: (() => void)[] = [];
    const asking = new Set<Promise<unknown>>();
    let turn = Promise.resolve<unknown>(null);
    const calm = (): Promise<unknown> => {
      turn = turn.then(() => Promise.allSettled(asking));
      return turn;
    };
    const once = (process: number, op: Op, key: string): Promise<CallAnswer> => {
      const asked = perform(this.names, this.state, this.stage.dbs[process]!, op, key);
      asking.add(asked);
      return asked.finally(() => asking.delete(asked));
    };
    const later = (): Promise<unknown> => new Promise((go) => late.push(() => go(null)));
    const saying = async (
      op: Op,
      key: string,
      to: (typeof wishes)[number]['to'][number],
    ): Promise<CallAnswer> => {
      if (to.late) await later();
      return this.insist(() => once(to.process, op, key), calm);
    };
    const work = (): Promise<CallAnswer[][]> =>
      // All to their end, also when one fails: nothing of theirs may be under way afterwards.
      allOf(wishes.map(({ op, to, key }) => allOf(to.map((one) => saying(op, key, one)))));
    const begin = (): void => {
      for (const go of late) go();
    };
    const latecomers = { after: lateAfter, begin };
    const anyLate = wishes.some(({ to }) => to.some((t) => t.late));
    return this.stage.gate.oneByOne(drawFrom(turns), work, anyLate ? latecomers : null);
  }

  /** Several clients at once: there must be an order, one after the other, in which the model gives the same answers. */
  async crowd(step: Crowd): Promise<void> {
    const wishes = step.clients.flatMap(({ ask, to }) =>
      resolve(this.state, ask).map((op) => ({ op, to, key: this.key() })),
    );
    const all = await this.#askAll(step, wishes);
    const done = wishes.map(({ op, key }, i) => {
      const [first, ...again] = all[i]!;
      for (const answer of again) same('the same said twice', sorted(answer.raw), sorted(first!.raw));
      this.#remember(op, key, first!);
      return { op, answer: first! };
    });
    const real = await readReal(this.stage.dbs[0], this.names);
    this.state = this.#inSomeOrder(this.state, done, real);
  }

  #inSomeOrder(
    state: SimulatedState,
    left: readonly { op: Op; answer: CallAnswer }[],
    real: Awaited<ReturnType<typeof readReal>>,
  ): SimulatedState {
    let why = '';
    const search = (from: SimulatedState, rest: typeof left): SimulatedState | null => {
      if (rest.length === 0) {
        try {
          compare(this.names, from, real);
          return from;
        } catch (error) {
          why = (error as Error).message;
          return null;
        }
      }
      for (const next of rest) {
        const after = structuredClone(from);
        try {
          judge(after, next.op, next.answer, true);
        } catch (error) {
          if (!(error instanceof Mismatch)) throw error;
          why ||= error.message;
          continue;
        }
        const found = search(
          after,
          rest.filter((r) => r !== next),
        );
        if (found !== null) return found;
      }
      return null;
    };
    const found = search(state, left);
    if (found === null) throw new Mismatch(`no order of these acts explains their answers: ${why}`);
    return found;
  }

  /** What the clock sets off: holds end, reminders go out, goods that were not fetched go back. */
  async jobs(): Promise<void> {
    const now = new Date(this.state.now);
    const [db, other] = this.stage.dbs;
    await this.insist(() => expireReservations(db, now));
    await this.insist(() => sendReminders(other, now));
    await this.insist(() => markNoShows(db, now));
    for (const hold of this.state.holds)
      if (hold.status === 'ACTIVE' && hold.until <= this.state.now) hold.status = 'EXPIRED';
    noShows(this.state);
  }

  /** Moves are sealed and summed, as far as nobody may still write an older one. */
  async seal(): Promise<void> {
    const [db, other] = this.stage.dbs;
    await this.insist(() => sealLedger(db, new Date(this.state.now), 0));
    await this.insist(() => balanceLedger(other));
  }

  async step(step: SimulationStep): Promise<void> {
    if (step.do === 'wait') this.state.now += step.minutes * MINUTE_MS;
    else if (step.do === 'jobs') await this.jobs();
    else if (step.do === 'seal') await this.seal();
    else if (step.do === 'act') {
      for (const op of resolve(this.state, step.ask)) await this.one(step.process, op);
    } else if (step.do === 'fulfil' || step.do === 'correct') {
      for (const ask of waysOf(this.state, step))
        for (const op of resolve(this.state, ask)) await this.one(step.process, op);
    } else if (step.do === 'crowd') await this.crowd(step);
    else {
      const sent = this.sent[step.at % Math.max(1, this.sent.length)];
      if (sent === undefined) return;
      if (step.do === 'again') {
        const answer = await this.ask(step.process, sent.op, sent.key);
        same('the answer to what was said before', sorted(answer.raw), sorted(sent.answer.raw));
      } else if ('lines' in sent.op && sent.op.act !== 'arrive') {
        const op = { ...sent.op, lines: [...sent.op.lines, ...sent.op.lines] } as Op;
        same('another request under a used key', (await this.ask(0, op, sent.key)).kind, 'KeyReused');
      }
    }
  }

  async compare(): Promise<void> {
    const real = await readReal(this.stage.dbs[0], this.names);
    compare(this.names, this.state, real);
    const { shelves, now } = this.state;
    this.note({ now, shelves });
    if (this.stage.gate.deadlocks > 0)
      throw new Mismatch('two transactions waited for each other in a circle');
  }
}

/** What a history was, for comparing two of them. */
export interface Played {
  digest: string;
  lines: string[];
}

/**
 * Plays a history in a world of its own on this stage, with the model beside it after every step, and at the end proves
 * the ledger, every certificate and every remembered answer. @throws Mismatch, and whatever error the program lets out
 */
export async function play(stage: PlayStage, tag: string, history: readonly DrawnFault[]): Promise<Played> {
  const { gate } = stage;
  gate.arm(null);
  gate.deadlocks = 0;
  const player = new Player(stage, await makeNames(stage.dbs[0], tag));
  const skus = Array.from({ length: SKUS }, (_, sku) => ({ sku, units: FIRST_UNITS }));
  // Some shelves are not opened yet: whoever is first there opens them.
  for (const place of [0, 1, 2] as const)
    await player.one(0, { act: 'receive', place, lines: skus.slice(place) });
  for (const { step, fault } of history) {
    gate.arm(fault);
    player.note({ step, fault });
    await player.step(step);
    gate.arm(null);
    await player.compare();
  }
  player.state.now += LONG_MS;
  await player.jobs();
  await player.compare();
  await proveAll(stage.dbs[0], player.names, player.state, player.heard);
  await stage.dbs[0].rows('UPDATE location SET active = false WHERE id = ANY($1::int[])', [
    player.names.places.map((p) => p.id),
  ]);
  return { digest: player.digest, lines: player.lines };
}
