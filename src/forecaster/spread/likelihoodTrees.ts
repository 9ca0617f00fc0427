// Trees grown level by level on gradients and curvatures: what boosting of a likelihood with two parameters needs.

import { binOf, type Tree } from '../boost';

/** Columns of what is known, cut into bins once for all trees. */
export interface BinnedColumns {
  /** bins[f][row] = number of the first edge at or above the value. */
  bins: Uint8Array[];
  edges: Float64Array[];
}

/** How a tree is grown. */
export interface LikelihoodTreeGrowth {
  depth: number;
  /** Share of a leaf's step that is taken. */
  rate: number;
  /** Rows that a leaf must have. */
  fewest: number;
  /** Curvature that pulls a leaf's answer to 0. */
  ridge: number;
}

const BINS = 32;

/** Cuts every column at the quantiles of its values. */
export function binned(columns: readonly Float64Array[]): BinnedColumns {
  const edges = columns.map((column) => {
    const sorted = Float64Array.from(column).sort();
    const cuts: number[] = [];
    for (let b = 1; b < BINS; b++) {
      const cut = sorted[Math.floor((b * sorted.length) / BINS)]!;
      if (cut < sorted[sorted.length - 1]! && (cuts.length === 0 || cut > cuts[cuts.length - 1]!))
        cuts.push(cut);
    }
    return Float64Array.from(cuts);
  });
  const bins = columns.map((column, f) => Uint8Array.from(column, (value) => binOf(edges[f]!, value)));
  return { bins, edges };
}

interface LeafCut {
  column: number;
  bin: number;
}

/** The cut of `rows` that gains most by Newton's step on either side; null: none gains. */
function bestCut(
  { bins, edges }: BinnedColumns,
  rows: Int32Array,
  slope: Float64Array,
  bend: Float64Array,
  growing: LikelihoodTreeGrowth,
): LeafCut | null {
  let slopes = 0;
  let bends = 0;
  for (const row of rows) {
    slopes += slope[row]!;
    bends += bend[row]!;
  }
  const whole = (slopes * slopes) / (bends + growing.ridge);
  let best = 1e-6;
  let cut: LeafCut | null = null;
  const sums = new Float64Array(3 * BINS);
  for (let column = 0; column < bins.length; column++) {
    const of = bins[column]!;
    const last = edges[column]!.length;
    if (last === 0) continue;
    sums.fill(0);
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]!;
      const at = 3 * of[row]!;
      sums[at]! += slope[row]!;
      sums[at + 1]! += bend[row]!;
      sums[at + 2]!++;
    }
    let left = 0;
    let leftBend = 0;
    let leftRows = 0;
    for (let bin = 0; bin < last; bin++) {
      left += sums[3 * bin]!;
      leftBend += sums[3 * bin + 1]!;
      leftRows += sums[3 * bin + 2]!;
      if (leftRows < growing.fewest) continue;
      if (rows.length - leftRows < growing.fewest) break;
      const gain =
        (left * left) / (leftBend + growing.ridge) +
        (slopes - left) ** 2 / (bends - leftBend + growing.ridge) -
        whole;
      if (gain > best) {
        best = gain;
        cut = { column, bin };
      }
    }
  }
  return cut;
}

/** One tree whose leaves answer with a share of Newton's step: Σ slope / (Σ bend + ridge) of their rows. */
export function growTree(
  known: BinnedColumns,
  rows: Int32Array,
  slope: Float64Array,
  bend: Float64Array,
  growing: LikelihoodTreeGrowth,
): Tree {
  const tree: Tree = { column: [], cut: [], left: [], right: [] };
  const leaf = (of: Int32Array): number => {
    let slopes = 0;
    let bends = growing.ridge;
    for (const row of of) {
      slopes += slope[row]!;
      bends += bend[row]!;
    }
    tree.column.push(-1);
    tree.cut.push((growing.rate * slopes) / bends);
    tree.left.push(-1);
    tree.right.push(-1);
    return tree.column.length - 1;
  };
  let level = [{ node: leaf(rows), rows }];
  for (let depth = 0; depth < growing.depth; depth++) {
    const next: typeof level = [];
    for (const open of level) {
      const cut = bestCut(known, open.rows, slope, bend, growing);
      if (!cut) continue;
      const of = known.bins[cut.column]!;
      const below = open.rows.filter((row) => of[row]! <= cut.bin);
      const above = open.rows.filter((row) => of[row]! > cut.bin);
      const left = leaf(below);
      const right = leaf(above);
      tree.column[open.node] = cut.column;
      tree.cut[open.node] = known.edges[cut.column]![cut.bin]!;
      tree.left[open.node] = left;
      tree.right[open.node] = right;
      next.push({ node: left, rows: below }, { node: right, rows: above });
    }
    level = next;
  }
  return tree;
}
