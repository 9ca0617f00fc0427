// How many requests of callers that flood may be under way, so that requests take hardly longer than they take alone.

/** Windows in which requests are measured; with fewer answers than this a window goes on, for a while. */
const WINDOW_MS = 250;
const MIN_ANSWERS = 5;
const LONGEST_WINDOW_MS = 2_000;
/** One window of so many goes back to the least, to learn again how long requests take when few are under way. */
const PROBE_EVERY = 20;
/** How much of what is usual a probe changes. */
const LEARN = 0.3;
const GROW = 1.25;
const SHRINK = 0.5;

export interface SlowdownLimits {
  /** Requests that are always under way. */
  least: number;
  most: number;
  /** Requests may take so many times what they take when `least` are under way. */
  target: number;
}

/**
 * Finds the number of requests at once that keeps a program busy without a queue inside it (of its processor, or of the
 * database's): with more under way each takes longer and no more are answered. Nobody needs to know where that queue
 * would be. The way is that of TCP Vegas and BBR: compare with the usual time, and go back to the least now and then to
 * learn it anew. Times are told apart by the weight of requests, as quick and slow ones may come in any order.
 */
export class Slowdown {
  readonly #usual = new Map<number, number>();
  #limit: number;
  #windows = 0;
  #since = Number.NEGATIVE_INFINITY;
  #answers = 0;
  #took = 0;
  #expected = 0;
  readonly #probed = new Map<number, { answers: number; took: number }>();

  constructor(private readonly limits: SlowdownLimits) {
    this.#limit = limits.least;
  }

  /** Requests that may be under way now. */
  get limit(): number {
    return this.#isProbe ? this.limits.least : this.#limit;
  }

  get #isProbe(): boolean {
    return this.#windows % PROBE_EVERY === 0;
  }

  /** A request of this weight that was begun then has been answered. */
  answered(weight: number, begunAt: number, now: number): void {
    // What was begun in an earlier window was begun under another limit.
    if (begunAt < this.#since) return;
    const ms = now - begunAt;
    this.#answers += 1;
    if (this.#isProbe) {
      const sum = this.#probed.get(weight) ?? { answers: 0, took: 0 };
      this.#probed.set(weight, { answers: sum.answers + 1, took: sum.took + ms });
    }
    const usual = this.#usual.get(weight);
    if (usual === undefined) return;
    this.#took += ms;
    this.#expected += usual;
  }

  /** Ends a window when it is time to, and adjusts the limit to what was seen in it. */
  tick(now: number): void {
    const passed = now - this.#since;
    const isOver = passed >= WINDOW_MS && (this.#answers >= MIN_ANSWERS || passed >= LONGEST_WINDOW_MS);
    if (!isOver) return;
    if (this.#isProbe) this.#learn();
    else this.#adjust();
    // Where nothing was answered there is nothing to go on from, and the next one begins with a probe.
    this.#windows = this.#answers === 0 ? 0 : this.#windows + 1;
    this.#since = now;
    this.#answers = 0;
    this.#took = 0;
    this.#expected = 0;
    this.#probed.clear();
  }

  #learn(): void {
    for (const [weight, { answers, took }] of this.#probed) {
      const ms = took / answers;
      const before = this.#usual.get(weight);
      this.#usual.set(weight, before === undefined ? ms : before + LEARN * (ms - before));
    }
  }

  #adjust(): void {
    if (this.#expected === 0) return;
    const { least, most, target } = this.limits;
    const slowdown = this.#took / this.#expected;
    const next =
      slowdown > target ? this.#limit * Math.max(SHRINK, target / slowdown) : this.#limit * GROW + 0.25;
    this.#limit = Math.min(most, Math.max(least, next));
  }
}
