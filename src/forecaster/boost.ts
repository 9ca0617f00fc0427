// Gradient-boosted regression trees over histograms, small and deterministic, for a weighted squared loss.

/** Rows to learn from: columns[f][row], with a target and a weight a row. */
export interface LearningRows {
  columns: readonly Float32Array[];
  target: Float64Array;
  weight: Float64Array;
}

/** How trees are grown. */
export interface TreeGrowth {
  trees: number;
  leaves: number;
  /** Share of a tree's answer that is believed. */
  rate: number;
  /** Rows a leaf must have. */
  fewest: number;
  /** Ridge on a leaf's answer, as a share of the mean leaf's weight. */
  ridge: number;
  /** Shares of rows and of columns that each tree sees. */
  rows: number;
  columns: number;
  seed: number;
}

/**
 * One tree in flat arrays. Node i asks whether column[i] ≤ cut[i]; yes goes to left[i], no to right[i]. A leaf has
 * column −1 and answers cut[i].
 */
export interface Tree {
  column: number[];
  cut: number[];
  left: number[];
  right: number[];
}

/** Histogram bins of a column at most. */
const BINS = 64;

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

/** Upper edges of a column's bins, by quantiles of a sample; a value above the last edge falls into one more bin. */
function edgesOf(column: Float32Array): Float32Array {
  const step = Math.max(1, Math.floor(column.length / 20_000));
  const sample = new Float32Array(Math.ceil(column.length / step));
  for (let i = 0, j = 0; i < column.length; i += step, j++) sample[j] = column[i]!;
  sample.sort();
  const edges: number[] = [];
  for (let b = 1; b < BINS; b++) {
    const edge = sample[Math.floor((b * sample.length) / BINS)]!;
    if (edge < sample[sample.length - 1]! && (edges.length === 0 || edge > edges[edges.length - 1]!))
      edges.push(edge);
  }
  return Float32Array.from(edges);
}

/** Number of the first edge at or above a value. */
export function binOf(edges: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= edges[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A leaf that may yet be split. */
interface OpenLeaf {
  node: number;
  from: number;
  to: number;
  sums: Float64Array;
  gain: number;
  column: number;
  bin: number;
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
  const edges = columns.map(edgesOf);
  const bins = columns.map((column, f) => Uint8Array.from(column, (value) => binOf(edges[f]!, value)));
  const fitted = new Float64Array(count);
  const gradient = new Float64Array(count);
  const order = new Int32Array(count);
  const spare = new Int32Array(count);
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
    const used = columns.map((_, f) => f).filter((f) => edges[f]!.length > 0 && random() < growth.columns);
    if (used.length === 0 || taken < 2 * growth.fewest) continue;
    const ridge = (growth.ridge * total) / growth.leaves;
    const tree = grow({ bins, edges, gradient, weight, order, spare, used, growth, ridge }, taken);
    trees.push(tree);
    for (let i = 0; i < count; i++) fitted[i]! += walk(tree, bins, edges, i);
  }
  return trees;
}

interface GrowingData {
  bins: Uint8Array[];
  edges: Float32Array[];
  gradient: Float64Array;
  weight: Float64Array;
  order: Int32Array;
  spare: Int32Array;
  used: number[];
  growth: TreeGrowth;
  ridge: number;
}

/** Numbers kept of a bin: gradient, weight, rows. */
const KEPT = 3;

function histogram(ground: GrowingData, from: number, to: number): Float64Array {
  const { bins, gradient, weight, order, used } = ground;
  const sums = new Float64Array(used.length * BINS * KEPT);
  for (let u = 0; u < used.length; u++) {
    const column = bins[used[u]!]!;
    const base = u * BINS * KEPT;
    for (let k = from; k < to; k++) {
      const row = order[k]!;
      const at = base + column[row]! * KEPT;
      sums[at]! += gradient[row]!;
      sums[at + 1]! += weight[row]!;
      sums[at + 2]!++;
    }
  }
  return sums;
}

/** The best cut of a leaf, written into it. */
function weigh(ground: GrowingData, open: OpenLeaf): void {
  const { used, edges, growth, ridge } = ground;
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
  open.gain = 0;
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
      if (leftRows < growth.fewest) continue;
      if (rows - leftRows < growth.fewest) break;
      const right = total - left;
      const gain =
        (left * left) / (leftHeavy + ridge) + (right * right) / (heavy - leftHeavy + ridge) - whole;
      if (gain > open.gain) {
        open.gain = gain;
        open.column = u;
        open.bin = b;
      }
    }
  }
}

function grow(ground: GrowingData, taken: number): Tree {
  const { bins, edges, gradient, weight, order, spare, used, growth, ridge } = ground;
  const tree: Tree = { column: [], cut: [], left: [], right: [] };
  const leaf = (from: number, to: number): number => {
    let sum = 0;
    let heavy = 0;
    for (let k = from; k < to; k++) {
      sum += gradient[order[k]!]!;
      heavy += weight[order[k]!]!;
    }
    tree.column.push(-1);
    tree.cut.push((growth.rate * sum) / (heavy + ridge));
    tree.left.push(-1);
    tree.right.push(-1);
    return tree.column.length - 1;
  };
  const root: OpenLeaf = {
    node: leaf(0, taken),
    from: 0,
    to: taken,
    sums: histogram(ground, 0, taken),
    gain: 0,
    column: 0,
    bin: 0,
  };
  weigh(ground, root);
  const open: OpenLeaf[] = [root];
  for (let leaves = 1; leaves < growth.leaves; leaves++) {
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
    const left: OpenLeaf = { ...parent, node: leaf(parent.from, middle), to: middle };
    const right: OpenLeaf = { ...parent, node: leaf(middle, parent.to), from: middle };
    tree.left[parent.node] = left.node;
    tree.right[parent.node] = right.node;
    // Only the smaller side is counted; the other is what remains of the parent.
    const [small, large] = left.to - left.from < right.to - right.from ? [left, right] : [right, left];
    small.sums = histogram(ground, small.from, small.to);
    large.sums = parent.sums;
    for (let i = 0; i < large.sums.length; i++) large.sums[i]! -= small.sums[i]!;
    weigh(ground, left);
    weigh(ground, right);
    open[best] = left;
    open.push(right);
  }
  return tree;
}

/** Answer of a tree for a row of the learning set. */
function walk(tree: Tree, bins: Uint8Array[], edges: Float32Array[], row: number): number {
  let node = 0;
  while (tree.column[node]! >= 0) {
    const f = tree.column[node]!;
    const bin = bins[f]![row]!;
    const below = bin < edges[f]!.length && edges[f]![bin]! <= tree.cut[node]!;
    node = below ? tree.left[node]! : tree.right[node]!;
  }
  return tree.cut[node]!;
}

/** The model's answer for one row: the sum over its trees. */
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
