// Remembers a small number for a pair of codes: similarities are computed once for each pair of distinct texts.

/** A table of fixed size; a pair may displace another, which is then computed again. */
export class PairCache {
  readonly #keys: Float64Array;
  readonly #values: Int8Array;
  readonly #mask: number;

  constructor(
    readonly compute: (a: number, b: number) => number,
    bits: number,
  ) {
    this.#keys = new Float64Array(1 << bits).fill(-1);
    this.#values = new Int8Array(1 << bits);
    this.#mask = (1 << bits) - 1;
  }

  /** The value of two codes in any order. */
  get(a: number, b: number): number {
    const low = Math.min(a, b);
    const high = Math.max(a, b);
    const key = high * 67_108_864 + low;
    let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
    hash = (hash ^ (hash >>> 15)) & this.#mask;
    if (this.#keys[hash] === key) return this.#values[hash]!;
    const value = this.compute(low, high);
    this.#keys[hash] = key;
    this.#values[hash] = value;
    return value;
  }
}

/** Size of a cache, as a power of two, for so many records. */
export function cacheBits(n: number): number {
  return Math.min(21, Math.max(12, Math.ceil(Math.log2(n * 32 + 1))));
}
