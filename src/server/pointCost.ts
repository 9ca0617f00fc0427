// Measures how much of the event loop's time a point of cost takes on this machine, under its present load.

import { performance } from 'node:perf_hooks';

/** A point is about a microsecond; what is measured is taken between these bounds. */
const USUAL_MS = 0.001;
const LEAST_MS = USUAL_MS / 10;
const MOST_MS = USUAL_MS * 5;
const MICROSECONDS = 1_000;

/**
 * Points compare requests with each other; the part of a command that PostgreSQL does is in them, and shared by the requests of a
 * batch. How long the loop is busy with them is measured.
 */
export class PointCost {
  ms = USUAL_MS;
  #points = 0;
  #last = performance.eventLoopUtilization();
  #lastCpu = process.cpuUsage();

  /** Measures from now on. */
  begin(): void {
    this.#points = 0;
    this.#last = performance.eventLoopUtilization();
    this.#lastCpu = process.cpuUsage();
  }

  /** A request of so many points was answered. */
  note(points: number): void {
    this.#points += points;
  }

  /** Decides anew, from what was measured since the last time. */
  adjust(): void {
    if (this.#points === 0) return;
    // The loop's busy time has in it what other programs took of the core, the processor time what threads did beside it.
    const { user, system } = process.cpuUsage(this.#lastCpu);
    const busyMs = Math.min(
      performance.eventLoopUtilization(this.#last).active,
      (user + system) / MICROSECONDS,
    );
    const measured = Math.min(MOST_MS, Math.max(LEAST_MS, busyMs / this.#points));
    this.ms = (this.ms + measured) / 2;
    this.begin();
  }
}
