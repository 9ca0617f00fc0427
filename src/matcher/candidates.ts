// Candidate pairs with their weights, in arrays that grow.

/** Pairs of records, left < right; the first `size` of each array. */
export interface WeightedPairs {
  size: number;
  left: Int32Array;
  right: Int32Array;
  weight: Float32Array;
}

/** Collects pairs. */
export class PairList implements WeightedPairs {
  size = 0;
  left = new Int32Array(1024);
  right = new Int32Array(1024);
  weight = new Float32Array(1024);

  push(left: number, right: number, weight: number): void {
    if (this.size === this.left.length) this.#grow();
    this.left[this.size] = left;
    this.right[this.size] = right;
    this.weight[this.size++] = weight;
  }

  #grow(): void {
    const length = this.left.length + (this.left.length >> 1);
    const [left, right, weight] = [new Int32Array(length), new Int32Array(length), new Float32Array(length)];
    left.set(this.left);
    right.set(this.right);
    weight.set(this.weight);
    [this.left, this.right, this.weight] = [left, right, weight];
  }
}

/** The pairs, weighed anew; those above the floor. */
export function reweighed(
  pairs: WeightedPairs,
  weigh: (i: number, j: number) => number,
  floor: number,
): WeightedPairs {
  const kept = new PairList();
  for (let p = 0; p < pairs.size; p++) {
    const weight = weigh(pairs.left[p]!, pairs.right[p]!);
    if (weight > floor) kept.push(pairs.left[p]!, pairs.right[p]!, weight);
  }
  return kept;
}
