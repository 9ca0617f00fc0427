// How many requests of one busy caller may run at a time, so that other callers are hardly slowed down.

import { performance } from 'node:perf_hooks';

/** Requests of one caller under way at most. */
const MOST = 64;
/** Requests of one caller that never wait for each other, and the least that are under way: a slow statement or a lock must not stop a whole caller. */
export const FREE = 4;
const MICROSECONDS = 1_000;

/**
 * As many requests as the event loop does in `sliceMs`: that is how much longer another caller's request takes because of
 * them. What a request costs is measured: the loop's busy time by the answers given. Where requests cost the database more
 * than the loop, the window is halved while more than half of the pool's connections are in use, and grows by one otherwise.
 */
export class FairWindow {
  size = FREE;
  #loopMs = 0;
  #byDatabase = MOST;
  #answered = 0;
  #last = performance.eventLoopUtilization();
  #lastCpu = process.cpuUsage();

  constructor(
    private readonly sliceMs: number,
    /** The share of the pool's connections that are in use, from 0 to 1. */
    private readonly databaseUse: () => number,
  ) {}

  /** Measures from now on. */
  begin(): void {
    this.#answered = 0;
    this.#last = performance.eventLoopUtilization();
    this.#lastCpu = process.cpuUsage();
  }

  /** A request has been answered. */
  note(): void {
    this.#answered += 1;
  }

  /** Decides anew, from what was measured since the last time. */
  adjust(): void {
    if (this.#answered > 0) {
      // The loop's busy time has in it what other programs took of the core, the processor time what threads did beside it.
      const { user, system } = process.cpuUsage(this.#lastCpu);
      const busyMs = Math.min(
        performance.eventLoopUtilization(this.#last).active,
        (user + system) / MICROSECONDS,
      );
      const measured = busyMs / this.#answered;
      this.#loopMs = this.#loopMs === 0 ? measured : (this.#loopMs + measured) / 2;
      this.begin();
    }
    this.#byDatabase =
      this.databaseUse() > 0.5 ? Math.max(FREE, this.#byDatabase / 2) : Math.min(MOST, this.#byDatabase + 1);
    const byLoop = this.#loopMs === 0 ? FREE : this.sliceMs / this.#loopMs;
    this.size = Math.max(FREE, Math.floor(Math.min(MOST, byLoop, this.#byDatabase)));
  }
}
