// Gradient-boosted regression trees, small and deterministic, for a weighted squared loss.

import { type BinnedColumns, binned, growTree, type Tree, type TreeLimits } from './tree';

/** Training rows: columns[f][row] is feature f of a row; every row has a target and a weight. */
export interface LearningRows {
  columns: readonly Float32Array[];
  target: Float64Array;
  weight: Float64Array;
}

/** Parameters of boosting. */
export interface TreeGrowth extends TreeLimits {
  trees: number;
  /** L2 regularisation, as a share of the weight of a mean leaf. */
  ridge: number;
  /** Shares of rows and of columns sampled for each tree, 0 … 1. */
  rows: number;
  columns: number;
  seed: number;
}

/**
 * Mulberry32, a small seeded pseudo-random generator: learning is deterministic.
 * @returns a function that returns the next number in [0, 1)
 */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Gradient boosting of regression trees on a weighted squared loss, with leaf-wise growth on histograms.
 * Friedman, J. H. (2001), Annals of Statistics 29(5); Ke, G. et al. (2017), LightGBM, NeurIPS 30.
 * The prediction starts at 0, so the target should be centred. Rows of weight 0 are never sampled.
 * @returns trees whose answers are added up (`answer`); empty when there are fewer than 2 · growth.fewest rows
 */
export function boost({ columns, target, weight }: LearningRows, growth: TreeGrowth): Tree[] {
  const count = target.length;
  if (count < 2 * growth.fewest || columns.length === 0) return [];
  const random = seeded(growth.seed);
  const known = binned(columns);
  const fitted = new Float64Array(count);
  const gradient = new Float64Array(count);
  const order = new Int32Array(count);
  const trees: Tree[] = [];
  for (let t = 0; t < growth.trees; t++) {
    let taken = 0;
    let total = 0;
    for (let i = 0; i < count; i++) {
      gradient[i] = weight[i]! * (target[i]! - fitted[i]!);
      if (weight[i]! > 0 && random() < growth.rows) {
        order[taken++] = i;
        total += weight[i]!;
      }
    }
    const used = columns
      .map((_, f) => f)
      .filter((f) => known.edges[f]!.length > 0 && random() < growth.columns);
    if (used.length === 0 || taken < 2 * growth.fewest) continue;
    const limits = { ...growth, ridge: (growth.ridge * total) / growth.leaves };
    const tree = growTree(known, order.subarray(0, taken), gradient, weight, limits, used);
    trees.push(tree);
    for (let i = 0; i < count; i++) fitted[i]! += walk(tree, known, i);
  }
  return trees;
}

/** Answer of one tree for a row of the training set, found in its bins. */
function walk(tree: Tree, { bins, edges }: BinnedColumns, row: number): number {
  let node = 0;
  while (tree.column[node]! >= 0) {
    const f = tree.column[node]!;
    const bin = bins[f]![row]!;
    const below = bin < edges[f]!.length && edges[f]![bin]! <= tree.cut[node]!;
    node = below ? tree.left[node]! : tree.right[node]!;
  }
  return tree.cut[node]!;
}
