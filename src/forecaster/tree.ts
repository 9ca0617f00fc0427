// Regression trees on histograms of binned columns; a leaf answers with a share of Newton's step on a loss.

/**
 * One tree in flat arrays. Node i tests column[i] ≤ cut[i]: true goes to left[i], false to right[i]. A leaf has
 * column −1, and cut[i] is its answer.
 */
export interface Tree {
  column: number[];
  cut: number[];
  left: number[];
  right: number[];
}

/** Parameters of one tree. */
export interface TreeLimits {
  leaves: number;
  /** Most cuts on the way to a leaf; no limit if omitted. */
  depth?: number;
  /** Learning rate: share of the Newton step, 0 … 1. */
  rate: number;
  /** Fewest rows of a leaf. */
  fewest: number;
  /** L2 regularisation, added to the curvature of a leaf. */
  ridge: number;
  /** A cut must gain more than this; 0 if omitted. */
  leastGain?: number;
}

/** Columns divided into bins once for all trees. */
export interface BinnedColumns {
  /** bins[f][row] = number of the first edge at or above the value. */
  bins: Uint8Array[];
  edges: Float64Array[];
}

/** Most bins of a column. */
const BINS = 64;
/** Largest number of values from which the edges of a column are chosen. */
const SAMPLE = 20_000;

/**
 * Upper edges of the bins of a column, from a sample; a value above the last edge falls into one more bin. Bins hold equal
 * numbers of rows, but for a value that fills one by itself: the other values share the bins that are left. Quantiles
 * would leave one bin to a column that nearly always has the same value, as prices have.
 */
function edgesOf(column: ArrayLike<number>, most: number): Float64Array {
  const step = Math.max(1, Math.floor(column.length / SAMPLE));
  const sample = new Float64Array(Math.ceil(column.length / step));
  for (let i = 0, j = 0; i < column.length; i += step, j++) sample[j] = column[i]!;
  sample.sort();
  const values: number[] = [];
  const counts: number[] = [];
  for (const value of sample) {
    if (value === values[values.length - 1]) counts[counts.length - 1]!++;
    else {
      values.push(value);
      counts.push(1);
    }
  }
  const isLarge = (v: number) => counts[v]! * most >= sample.length;
  let rest = sample.length;
  let left = most;
  counts.forEach((count, v) => {
    if (!isLarge(v)) return;
    rest -= count;
    left--;
  });
  const edges: number[] = [];
  let inBin = 0;
  for (let v = 0; v < values.length - 1 && edges.length < most - 1; v++) {
    if (!isLarge(v)) inBin += counts[v]!;
    if (!isLarge(v) && !isLarge(v + 1) && inBin * left < rest) continue;
    edges.push(values[v]!);
    inBin = 0;
  }
  return Float64Array.from(edges);
}

/** Number of the first edge at or above a value. */
function binOf(edges: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= edges[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Divides every column into at most `most` bins (64 or fewer) at the quantiles of its values. */
export function binned(columns: readonly ArrayLike<number>[], most = BINS): BinnedColumns {
  const edges = columns.map((column) => edgesOf(column, most));
  const bins = columns.map((column, f) => {
    const own = new Uint8Array(column.length);
    for (let i = 0; i < own.length; i++) own[i] = binOf(edges[f]!, column[i]!);
    return own;
  });
  return { bins, edges };
}

/** A leaf that may still be split, with its best cut; `gain` 0: none. */
interface OpenLeaf {
  node: number;
  depth: number;
  from: number;
  to: number;
  sums: Float64Array;
  gain: number;
  column: number;
  bin: number;
}

interface GrowingData extends BinnedColumns {
  slope: Float64Array;
  bend: Float64Array;
  order: Int32Array;
  used: readonly number[];
  limits: TreeLimits;
}

/** Numbers stored for a bin: sum of slopes, sum of curvatures, number of rows. */
const KEPT = 3;

function histogram({ bins, slope, bend, order, used }: GrowingData, from: number, to: number): Float64Array {
  const sums = new Float64Array(used.length * BINS * KEPT);
  for (let u = 0; u < used.length; u++) {
    const column = bins[used[u]!]!;
    const base = u * BINS * KEPT;
    for (let k = from; k < to; k++) {
      const row = order[k]!;
      const at = base + column[row]! * KEPT;
      sums[at]! += slope[row]!;
      sums[at + 1]! += bend[row]!;
      sums[at + 2]!++;
    }
  }
  return sums;
}

/** Finds the best cut of a leaf and writes it into the leaf. */
function weigh({ used, edges, limits }: GrowingData, open: OpenLeaf): void {
  const { fewest, ridge, leastGain = 0 } = limits;
  const { sums } = open;
  let total = 0;
  let heavy = 0;
  let rows = 0;
  for (let b = 0; b < BINS; b++) {
    total += sums[b * KEPT]!;
    heavy += sums[b * KEPT + 1]!;
    rows += sums[b * KEPT + 2]!;
  }
  const whole = (total * total) / (heavy + ridge);
  let best = leastGain;
  for (let u = 0; u < used.length; u++) {
    const base = u * BINS * KEPT;
    let left = 0;
    let leftHeavy = 0;
    let leftRows = 0;
    const last = edges[used[u]!]!.length;
    for (let b = 0; b < last; b++) {
      left += sums[base + b * KEPT]!;
      leftHeavy += sums[base + b * KEPT + 1]!;
      leftRows += sums[base + b * KEPT + 2]!;
      if (leftRows < fewest) continue;
      if (rows - leftRows < fewest) break;
      const right = total - left;
      const gain =
        (left * left) / (leftHeavy + ridge) + (right * right) / (heavy - leftHeavy + ridge) - whole;
      if (gain > best) {
        best = gain;
        open.gain = gain;
        open.column = u;
        open.bin = b;
      }
    }
  }
}

/**
 * Grows one tree, always splitting the leaf with the largest gain. A leaf answers rate × Σ slope / (Σ bend + ridge)
 * over its rows.
 * @param order indexes of the rows to learn from; reordered in place
 * @param slope negative gradient of the loss, one number a row
 * @param bend curvature of the loss, one number a row
 * @param used indexes of the columns that may be tested
 */
export function growTree(
  known: BinnedColumns,
  order: Int32Array,
  slope: Float64Array,
  bend: Float64Array,
  limits: TreeLimits,
  used: readonly number[] = known.edges.map((_, f) => f),
): Tree {
  const data: GrowingData = { ...known, slope, bend, order, used, limits };
  const { bins, edges } = known;
  const tree: Tree = { column: [], cut: [], left: [], right: [] };
  const leaf = (from: number, to: number): number => {
    let sum = 0;
    let heavy = 0;
    for (let k = from; k < to; k++) {
      sum += slope[order[k]!]!;
      heavy += bend[order[k]!]!;
    }
    tree.column.push(-1);
    tree.cut.push((limits.rate * sum) / (heavy + limits.ridge));
    tree.left.push(-1);
    tree.right.push(-1);
    return tree.column.length - 1;
  };
  const spare = new Int32Array(order.length);
  const sums = histogram(data, 0, order.length);
  const at = { from: 0, to: order.length, depth: 0, gain: 0, column: 0, bin: 0 };
  const open: OpenLeaf[] = [{ ...at, node: leaf(0, order.length), sums }];
  weigh(data, open[0]!);
  for (let leaves = 1; leaves < limits.leaves; leaves++) {
    let best = 0;
    for (let i = 1; i < open.length; i++) if (open[i]!.gain > open[best]!.gain) best = i;
    const parent = open[best]!;
    if (!(parent.gain > 0)) break;
    const column = bins[used[parent.column]!]!;
    let middle = parent.from;
    let aside = 0;
    for (let k = parent.from; k < parent.to; k++) {
      const row = order[k]!;
      if (column[row]! <= parent.bin) order[middle++] = row;
      else spare[aside++] = row;
    }
    order.set(spare.subarray(0, aside), middle);
    tree.column[parent.node] = used[parent.column]!;
    tree.cut[parent.node] = edges[used[parent.column]!]![parent.bin]!;
    const depth = parent.depth + 1;
    const left: OpenLeaf = { ...parent, depth, gain: 0, node: leaf(parent.from, middle), to: middle };
    const right: OpenLeaf = { ...parent, depth, gain: 0, node: leaf(middle, parent.to), from: middle };
    tree.left[parent.node] = left.node;
    tree.right[parent.node] = right.node;
    open[best] = left;
    open.push(right);
    if (depth >= (limits.depth ?? Number.POSITIVE_INFINITY)) continue;
    // Only the histogram of the smaller side is computed; the other is the difference to the parent.
    const [small, large] = left.to - left.from < right.to - right.from ? [left, right] : [right, left];
    small.sums = histogram(data, small.from, small.to);
    large.sums = parent.sums;
    for (let i = 0; i < large.sums.length; i++) large.sums[i]! -= small.sums[i]!;
    weigh(data, left);
    weigh(data, right);
  }
  return tree;
}

/** Sum of the answers of all trees for one row of column values; 0 without trees. */
export function answer(trees: readonly Tree[], row: ArrayLike<number>): number {
  let sum = 0;
  for (const tree of trees) {
    const { column, cut, left, right } = tree;
    let node = 0;
    let f = column[0]!;
    while (f >= 0) {
      node = row[f]! <= cut[node]! ? left[node]! : right[node]!;
      f = column[node]!;
    }
    sum += cut[node]!;
  }
  return sum;
}
