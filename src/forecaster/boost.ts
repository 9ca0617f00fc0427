// Gradient-boosted regression trees, small and deterministic, for a weighted squared loss.

import { type BinnedColumns, binned, growTree, type Tree, type TreeLimits } from './tree';

/** Rows to learn from: columns[f][row], with a target and a weight a row. */
export interface LearningRows {
  columns: readonly Float32Array[];
  target: Float64Array;
  weight: Float64Array;
}

/** How trees are grown. */
export interface TreeGrowth extends TreeLimits {
  trees: number;
  /** Here a share of the mean leaf's weight. */
  ridge: number;
  /** Shares of rows and of columns that each tree sees. */
  rows: number;
  columns: number;
  seed: number;
}

/** Mulberry32: a small seeded generator, so that learning is deterministic. */
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
 * Learns an additive model of trees on the residuals of a weighted squared loss; leaf-wise growth on histograms.
 * Friedman, J. H. (2001), Annals of Statistics 29(5); Ke, G. et al. (2017), LightGBM, NeurIPS 30.
 *
 * The model's answer starts at 0; the target is therefore best centred. Rows of weight 0 are of no consequence.
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

/** Answer of a tree for a row of the learning set. */
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
