// Turns of requests in one process: callers are served one after the other, however many requests each of them sends.

import { Slowdown } from './slowdown';

export interface FairLimits {
  /** What all requests under way weigh together at most; the others wait for their turn. */
  whole: number;
  /** Requests of callers that flood under way at least while somebody else is there. */
  share: number;
  /** More of them are under way as long as requests take no longer than so many times what they take with `share`. */
  slowdown: number;
  /** A caller floods when it never had fewer requests here than this in a whole window. */
  floodAt: number;
  windowMs: number;
  /** A caller that had a request so lately is still there. */
  presentMs: number;
  /** A request under way for so long mostly waits itself (for a lock, a report), and weighs nothing any more. */
  heavyMs: number;
  /** A request that has waited for so long is not begun any more. */
  maxWaitMs: number;
}

/** One caller's requests in this process. */
interface Line {
  key: string;
  /** Those under way. */
  running: number;
  /** Those of them that have been under way for so long that they mostly wait themselves. */
  slow: number;
  /** All of them, under way or waiting. */
  population: number;
  /** The smallest population of the present window. */
  lowest: number;
  floods: boolean;
  seenAt: number;
  waiting: Turn[];
}

/** One request's turn. */
export interface Turn {
  line: Line;
  weight: number;
  state: 'WAITING' | 'RUNNING' | 'OVER';
  since: number;
  begin: () => void;
  /** Called instead of `begin` when it has waited too long; it is over then. */
  expire: () => void;
}

const TICK_MS = 100;
/** Slow requests of one caller that do not keep its other ones waiting; more of them than that are a flood of slow ones. */
const MAX_SLOW = 8;

/**
 * Fair queueing by caller. While nobody floods nothing waits, and who is alone has the process to itself. A caller whose
 * requests stand in a queue (they never got few in a whole window) has only so many under way, as long as others are
 * present, that theirs take hardly longer than alone. What it loses is a queue inside the program and the database, not
 * the work that is done.
 */
export class FairQueue {
  readonly #lines = new Map<string, Line>();
  /** Lines in which somebody waits, in the order of their turns. */
  readonly #ring = new Set<Line>();
  /** Those that weigh something, in the order in which they were begun. */
  readonly #heavy = new Set<Turn>();
  readonly #slowdown: Slowdown;
  #weight = 0;
  #floods = 0;
  #windowAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly limits: FairLimits,
    /** Whose presence is nobody's concern: they wait for others, others not for them. */
    private readonly unheeded: string | null = null,
    /** Whether somebody else than this caller is present at the other processes of the program. */
    private readonly othersElsewhere: (key: string) => boolean = () => false,
  ) {
    const { share, slowdown, whole } = limits;
    this.#slowdown = new Slowdown({ least: share, most: whole, target: slowdown });
  }

  /** Callers that have requests here. */
  get callers(): number {
    let callers = 0;
    for (const { population } of this.#lines.values()) if (population > 0) callers += 1;
    return callers;
  }

  /** Requests of a caller, under way or waiting. */
  populationOf(key: string): number {
    return this.#lines.get(key)?.population ?? 0;
  }

  /** All callers that are present, with their requests. */
  *populations(): Generator<[key: string, population: number]> {
    for (const { key, population } of this.#lines.values()) yield [key, population];
  }

  /** Whether somebody else is present whom this caller could be in the way of. */
  hasOthers(key: string): boolean {
    const heeded = this.unheeded !== null && this.#lines.has(this.unheeded) ? 1 : 0;
    const own = key !== this.unheeded && this.#lines.has(key) ? 1 : 0;
    return this.#lines.size - heeded - own > 0 || this.othersElsewhere(key);
  }

  /** Gives a request its turn: `begin` is called at once, or later in the order of callers. */
  enter(key: string, weight: number, begin: () => void, expire: () => void): Turn {
    const now = performance.now();
    const line = this.#lineOf(key, now);
    line.population += 1;
    line.seenAt = now;
    const turn: Turn = { line, weight, state: 'WAITING', since: now, begin, expire };
    if (line.waiting.length === 0 && this.#mayRun(turn)) {
      this.#run(turn);
      begin();
    } else {
      line.waiting.push(turn);
      this.#ring.add(line);
    }
    return turn;
  }

  /** A request has been answered, or its client has gone. */
  leave(turn: Turn): void {
    if (turn.state === 'OVER') return;
    const { line } = turn;
    if (turn.state === 'WAITING') {
      line.waiting.splice(line.waiting.indexOf(turn), 1);
      if (line.waiting.length === 0) this.#ring.delete(line);
    } else {
      const now = performance.now();
      if (line.floods) this.#slowdown.answered(turn.weight, turn.since, now);
      line.running -= 1;
      if (this.#heavy.delete(turn)) this.#weight -= turn.weight;
      else line.slow -= 1;
    }
    turn.state = 'OVER';
    line.population -= 1;
    line.lowest = Math.min(line.lowest, line.population);
    this.#serve();
  }

  #lineOf(key: string, now: number): Line {
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = { key, running: 0, slow: 0, population: 0, lowest: 0, floods: false, seenAt: now, waiting: [] };
      this.#lines.set(key, line);
      this.#timer ??= setInterval(() => this.#tick(performance.now()), TICK_MS).unref();
    }
    return line;
  }

  #mayRun({ line, weight }: Turn): boolean {
    // One of each caller always: nobody waits because of others' slow requests.
    if (line.running === 0) return true;
    if (line.floods && this.hasOthers(line.key)) {
      const counted = line.running - Math.min(line.slow, MAX_SLOW);
      return counted < this.#slowdown.limit / Math.max(1, this.#floods);
    }
    return this.#weight + weight <= this.limits.whole;
  }

  #run(turn: Turn): void {
    turn.state = 'RUNNING';
    turn.since = performance.now();
    turn.line.running += 1;
    this.#weight += turn.weight;
    this.#heavy.add(turn);
  }

  /** Begins what may begin, one of each caller in turn. */
  #serve(): void {
    for (let begun = true; begun && this.#ring.size > 0; ) {
      begun = false;
      for (const line of [...this.#ring]) {
        const [turn] = line.waiting;
        if (turn === undefined || !this.#mayRun(turn)) continue;
        line.waiting.shift();
        // To the end of the ring, or out of it.
        this.#ring.delete(line);
        if (line.waiting.length > 0) this.#ring.add(line);
        this.#run(turn);
        begun = true;
        // Not within the answer of another request; and what came over the network meanwhile is read first.
        setImmediate(() => turn.state !== 'OVER' && turn.begin());
      }
    }
  }

  #tick(now: number): void {
    for (const turn of this.#heavy) {
      if (now - turn.since < this.limits.heavyMs) break;
      this.#heavy.delete(turn);
      this.#weight -= turn.weight;
      turn.line.slow += 1;
    }
    if (this.#floods > 0) this.#slowdown.tick(now);
    for (const line of this.#ring) {
      while (line.waiting[0] !== undefined && now - line.waiting[0].since > this.limits.maxWaitMs) {
        const turn = line.waiting[0];
        this.leave(turn);
        turn.expire();
      }
    }
    if (now - this.#windowAt >= this.limits.windowMs) this.#beginWindow(now);
    this.#serve();
    if (this.#lines.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #beginWindow(now: number): void {
    this.#windowAt = now;
    this.#floods = 0;
    for (const line of this.#lines.values()) {
      line.floods = line.lowest >= this.limits.floodAt;
      line.lowest = line.population;
      if (line.floods) this.#floods += 1;
      const isGone = line.population === 0 && now - line.seenAt > this.limits.presentMs;
      if (isGone) this.#lines.delete(line.key);
    }
  }
}
