// Whether more than one caller has used this program recently, in any of its processes.

import { fromSiblings, toSiblings } from '../runtime/processes';

declare module '../runtime/processes' {
  interface News {
    /** Callers that a process has served within the last report interval: two of them are enough. */
    callersPresent: string[];
  }
}

/** A caller that sent a request within this time counts as active. */
const PRESENT_MS = 60_000;
const REPORT_EVERY_MS = 1_000;

interface ProcessesSeen {
  key: string;
  at: number;
}

/**
 * Remembers the two callers that were seen last. That is enough to know whether a caller other than a given one is
 * active, with constant memory for any number of callers.
 */
export class Presence {
  #last: ProcessesSeen | null = null;
  #before: ProcessesSeen | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(private readonly hasSiblings: boolean) {
    if (!hasSiblings) return;
    fromSiblings('callersPresent', (keys) => {
      for (const key of keys) this.#note(key, performance.now());
    });
  }

  /** This caller has sent a request to this process. */
  see(key: string, now: number): void {
    this.#note(key, now);
    if (this.hasSiblings) this.#timer ??= setTimeout(() => this.#report(), REPORT_EVERY_MS).unref();
  }

  hasOthersThan(key: string, now: number): boolean {
    return [this.#last, this.#before].some(
      (seen) => seen !== null && seen.key !== key && now - seen.at < PRESENT_MS,
    );
  }

  #note(key: string, now: number): void {
    if (this.#last === null || this.#last.key !== key) {
      this.#before = this.#last;
      this.#last = { key, at: now };
    } else this.#last.at = now;
  }

  #report(): void {
    this.#timer = null;
    const since = performance.now() - 2 * REPORT_EVERY_MS;
    const keys = [this.#last, this.#before].filter((seen) => seen !== null && seen.at >= since);
    if (keys.length > 0)
      void toSiblings(
        'callersPresent',
        keys.map((seen) => seen!.key),
      );
  }
}
