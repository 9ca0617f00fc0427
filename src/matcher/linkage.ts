// Average linkage: groups are merged while the mean weight between their records is high enough, the best pair first.

import type { WeightedPairs } from './candidates';
import { Groups, type PairDecisions } from './groups';
import { MergeQueue } from './mergeQueue';

export interface LinkageOptions {
  /** Least mean weight of a merge, in bits. */
  joinBits: number;
  /** Weight of any pair of records, i < j, also of one that blocking did not find. */
  weigh: (i: number, j: number) => number;
  decisions: PairDecisions;
}

/**
 * Groups records. Every pair of records between two groups counts in their mean: those that blocking did not find are
 * weighed when they are needed. So one strong pair cannot chain two persons together, which is what joining all pairs
 * above a threshold (transitive closure) does.
 */
export function linkByAverage(n: number, pairs: WeightedPairs, options: LinkageOptions): Groups {
  return new AverageLinkage(n, pairs, options).run();
}

class AverageLinkage {
  readonly #groups: Groups;
  readonly #versions: Int32Array;
  /** Sums of the weights between a group and its neighbours. */
  readonly #sums: (Map<number, number> | undefined)[];
  readonly #queue = new MergeQueue();
  readonly #options: LinkageOptions;

  constructor(n: number, { left, right, weight, size }: WeightedPairs, options: LinkageOptions) {
    this.#options = options;
    this.#groups = new Groups(n, options.decisions);
    this.#versions = new Int32Array(n);
    this.#sums = new Array(n);
    const { groupOf, members } = this.#groups;
    for (let p = 0; p < size; p++) {
      const [a, b] = [groupOf[left[p]!]!, groupOf[right[p]!]!];
      if (a === b || this.#sums[a]?.has(b)) continue;
      const isSingle = members[a]!.length === 1 && members[b]!.length === 1;
      this.#connect(a, b, isSingle ? weight[p]! : this.#sumBetween(a, b));
    }
  }

  run(): Groups {
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
      const { a, b, versionA, versionB } = next;
      const isCurrent = this.#versions[a] === versionA && this.#versions[b] === versionB;
      if (isCurrent && !this.#groups.mustStayApart(a, b)) this.#merge(a, b);
    }
    return this.#groups;
  }

  /** Merges b into a; a < b. */
  #merge(a: number, b: number): void {
    const [sumsA, sumsB] = [this.#sums[a]!, this.#sums[b]!];
    sumsA.delete(b);
    sumsB.delete(a);
    const merged: [number, number][] = [];
    for (const [c, sum] of sumsA) merged.push([c, sum + (sumsB.get(c) ?? this.#sumBetween(b, c))]);
    for (const [c, sum] of sumsB) {
      if (!sumsA.has(c)) merged.push([c, sum + this.#sumBetween(a, c)]);
      this.#sums[c]!.delete(b);
    }
    this.#sums[a] = new Map();
    this.#sums[b] = undefined;
    this.#groups.merge(a, b);
    this.#versions[a]!++;
    this.#versions[b]!++;
    for (const [c, sum] of merged) this.#connect(a, c, sum);
  }

  #connect(a: number, b: number, sum: number): void {
    this.#sums[a] ??= new Map();
    this.#sums[b] ??= new Map();
    this.#sums[a]!.set(b, sum);
    this.#sums[b]!.set(a, sum);
    const { members } = this.#groups;
    const mean = sum / (members[a]!.length * members[b]!.length);
    if (mean < this.#options.joinBits) return;
    const [x, y] = a < b ? [a, b] : [b, a];
    this.#queue.push({ mean, a: x, b: y, versionA: this.#versions[x]!, versionB: this.#versions[y]! });
  }

  #sumBetween(a: number, b: number): number {
    const { members } = this.#groups;
    const { weigh } = this.#options;
    let sum = 0;
    for (const i of members[a]!) for (const j of members[b]!) sum += i < j ? weigh(i, j) : weigh(j, i);
    return sum;
  }
}
