// A priority queue of merges that may be done: the highest mean weight first, then the lowest numbers.

/** A merge of two groups, valid while both still have these versions. */
export interface PossibleMerge {
  mean: number;
  a: number;
  b: number;
  versionA: number;
  versionB: number;
}

function isBefore(x: PossibleMerge, y: PossibleMerge): boolean {
  if (x.mean !== y.mean) return x.mean > y.mean;
  return x.a === y.a ? x.b < y.b : x.a < y.a;
}

/** A binary heap. */
export class MergeQueue {
  readonly #heap: PossibleMerge[] = [];

  push(merge: PossibleMerge): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(merge);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(merge, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = merge;
  }

  /** The best merge; undefined when there is none. */
  pop(): PossibleMerge | undefined {
    const heap = this.#heap;
    const best = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return best;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return best;
  }
}
