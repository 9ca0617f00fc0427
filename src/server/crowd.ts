// How many requests each caller has at the other processes of this program, as they last said.

import { fromSiblings, toSiblings } from '../processes';

declare module '../processes' {
  interface News {
    /** The callers present at a process, those with the most requests first. */
    callersPresent: { process: number; populations: [key: string, population: number][] };
  }
}

const TELL_EVERY_MS = 100;
/** What was said so long ago is not so any more; its process may be dead. */
const STALE_MS = 1_000;
/** Callers that one process tells of. */
const MAX_TOLD = 100;

interface Heard {
  at: number;
  populations: Map<string, number>;
}

/** Those with requests, the most first; and two that are present, which is enough for everyone to have another. */
function told(present: [string, number][]): [string, number][] {
  const busy = present.filter(([, population]) => population > 0);
  if (busy.length > 1) return busy.sort(([, a], [, b]) => b - a).slice(0, MAX_TOLD);
  return [...busy, ...present.filter(([, population]) => population === 0).slice(0, 2)];
}

/** What the siblings of this process said of their callers. */
export class Crowd {
  readonly #heard = new Map<number, Heard>();
  #timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly shares: boolean,
    private readonly populations: () => Iterable<[string, number]>,
  ) {
    if (shares) {
      fromSiblings('callersPresent', ({ process: sibling, populations: its }) =>
        this.#heard.set(sibling, { at: performance.now(), populations: new Map(its) }),
      );
    }
  }

  /** Has this process tell of its callers soon. */
  touch(): void {
    if (this.shares) this.#timer ??= setTimeout(() => this.#tell(), TELL_EVERY_MS).unref();
  }

  /** Requests of a caller at other processes. */
  populationOf(key: string): number {
    let sum = 0;
    for (const { populations } of this.#fresh()) sum += populations.get(key) ?? 0;
    return sum;
  }

  /** Whether another caller is present at other processes. */
  hasOthers(key: string, unheeded: string): boolean {
    for (const { populations } of this.#fresh()) {
      for (const other of populations.keys()) if (other !== key && other !== unheeded) return true;
    }
    return false;
  }

  *#fresh(): Generator<Heard> {
    const oldest = performance.now() - STALE_MS;
    for (const [sibling, heard] of this.#heard) {
      if (heard.at >= oldest) yield heard;
      else this.#heard.delete(sibling);
    }
  }

  #tell(): void {
    this.#timer = null;
    const populations = told([...this.populations()]);
    void toSiblings('callersPresent', { process: process.pid, populations });
    if (populations.length > 0) this.touch();
  }
}
