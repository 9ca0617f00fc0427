// A semaphore: limits concurrent work; the rest waits in order of arrival.

export const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as Promise<unknown> | null | undefined)?.then === 'function';

export class CostGate {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly most: number) {}

  /** Runs the work, at once when the gate has capacity. Work must not wait for other work behind the same gate. */
  run<T>(work: () => T | Promise<T>): T | Promise<T> {
    if (this.#running < this.most) {
      this.#running += 1;
      return this.#start(work);
    }
    return new Promise<void>((resolve) => this.#waiting.push(resolve)).then(() => this.#start(work));
  }

  #start<T>(work: () => T | Promise<T>): T | Promise<T> {
    let result: T | Promise<T>;
    try {
      result = work();
    } catch (error) {
      this.#leave();
      throw error;
    }
    if (isPromise(result)) result.then(this.#leave, this.#leave);
    else this.#leave();
    return result;
  }

  /** Gives the slot of a finished request to the caller that has waited longest. */
  readonly #leave = (): void => {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  };
}
