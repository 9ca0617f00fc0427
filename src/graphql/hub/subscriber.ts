// One subscriber: its changed keys, delivered no faster than it reads and than its minimum gap allows.

/** A watcher and its keys, as made by `shelfKey` and the hub's `orderKey` and `queueKey`. */
export interface WatchRequest {
  actorId: number;
  /** A key for the client's address. */
  addressKey: string;
  keys: readonly string[];
  /** Throws when the watcher may no longer see this; the stream ends with that error. */
  recheck(): Promise<unknown>;
}

/** A stream of keys to re-read: first all of them, then those that changed; all of them again after notices were missed. */
export type KeyStream = AsyncIterableIterator<ReadonlySet<string>>;

const OVER: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** One subscriber. Keys wait in a set, so a reader that never reads costs no more than its keys. */
export class Watcher implements KeyStream {
  readonly #waiting: Set<string>;
  readonly #readers: ((result: Promise<IteratorResult<ReadonlySet<string>, undefined>>) => void)[] = [];
  #over: Promise<never> | Promise<typeof OVER> | null = null;
  #lastAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    readonly request: WatchRequest,
    private readonly gapMs: number,
    /** Nothing is delivered before LISTEN is active: data read from then on cannot become stale without a notice. */
    private readonly isListening: () => boolean,
    private readonly left: (watcher: Watcher) => void,
  ) {
    this.#waiting = new Set(request.keys);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<ReadonlySet<string>, undefined>> {
    if (this.#over !== null) {
      const last = this.#over;
      this.#over = Promise.resolve(OVER);
      return last;
    }
    return new Promise((resolve) => {
      this.#readers.push(resolve);
      this.#serve();
    });
  }

  return(): Promise<typeof OVER> {
    this.end();
    return Promise.resolve(OVER);
  }

  /** These keys changed. */
  notify(keys: Iterable<string>): void {
    for (const key of keys) this.#waiting.add(key);
    this.#serve();
  }

  /** No more events; with an error, that is the last thing the reader gets. */
  end(error?: unknown): void {
    if (this.#over !== null) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#waiting.clear();
    this.left(this);
    const last = error === undefined ? Promise.resolve(OVER) : Promise.reject(error);
    last.catch(() => {}); // a disconnected reader never receives it
    const [first, ...others] = this.#readers.splice(0);
    this.#over = first === undefined ? last : Promise.resolve(OVER);
    first?.(last);
    for (const other of others) other(Promise.resolve(OVER));
  }

  #serve(): void {
    if (this.#over !== null || this.#waiting.size === 0 || this.#readers.length === 0 || !this.isListening())
      return;
    const early = this.#lastAt + this.gapMs - performance.now();
    if (early > 0) {
      this.#timer ??= setTimeout(() => {
        this.#timer = null;
        this.#serve();
      }, early);
      return;
    }
    this.#lastAt = performance.now();
    const value = new Set(this.#waiting);
    this.#waiting.clear();
    this.#readers.shift()!(Promise.resolve({ done: false, value }));
  }
}
