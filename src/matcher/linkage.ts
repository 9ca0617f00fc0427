// Average linkage: groups are merged while the mean weight between their records is high enough, the best pair first.

/** Candidate pairs and their weights. */
export interface WeightedPairs {
  left: Int32Array;
  right: Int32Array;
  weight: Float64Array;
}

export interface LinkageOptions {
  /** The least mean weight, in bits. */
  join: number;
  weigh: (i: number, j: number) => number;
}

class Heap {
  key: number[] = []; a: number[] = []; b: number[] = []; va: number[] = []; vb: number[] = [];
  get size() { return this.key.length; }
  less(x: number, y: number): boolean {
    if (this.key[x] !== this.key[y]) return this.key[x]! > this.key[y]!;
    if (this.a[x] !== this.a[y]) return this.a[x]! < this.a[y]!;
    return this.b[x]! < this.b[y]!;
  }
  swap(x: number, y: number) { for (const arr of [this.key, this.a, this.b, this.va, this.vb]) { const t = arr[x]!; arr[x] = arr[y]!; arr[y] = t; } }
  push(k: number, a: number, b: number, va: number, vb: number) {
    this.key.push(k); this.a.push(a); this.b.push(b); this.va.push(va); this.vb.push(vb);
    let i = this.size - 1;
    while (i > 0) { const p = (i - 1) >> 1; if (!this.less(i, p)) break; this.swap(i, p); i = p; }
  }
  pop(): [number, number, number, number, number] {
    const out: [number, number, number, number, number] = [this.key[0]!, this.a[0]!, this.b[0]!, this.va[0]!, this.vb[0]!];
    this.swap(0, this.size - 1);
    for (const arr of [this.key, this.a, this.b, this.va, this.vb]) arr.pop();
    let i = 0; const n = this.size;
    for (;;) { let m = i; const l = 2 * i + 1; if (l < n && this.less(l, m)) m = l; if (l + 1 < n && this.less(l + 1, m)) m = l + 1; if (m === i) break; this.swap(i, m); i = m; }
    return out;
  }
}

/** Group of each record, named by its first record. */
export function averageLinkage(n: number, pairs: WeightedPairs, { join, weigh }: LinkageOptions, start?: Int32Array): Int32Array {
  const members: number[][] = Array.from({ length: n }, () => []);
  const groupOf = start ? start.slice() : Int32Array.from({ length: n }, (_, i) => i);
  for (let i = 0; i < n; i++) members[groupOf[i]!]!.push(i);
  const version = new Int32Array(n);
  const near: (Map<number, number> | null)[] = Array.from({ length: n }, () => new Map());
  const sumBetween = (a: number, b: number): number => {
    let sum = 0;
    for (const i of members[a]!) for (const j of members[b]!) sum += i < j ? weigh(i, j) : weigh(j, i);
    return sum;
  };
  const heap = new Heap();
  const offer = (a: number, b: number, sum: number): void => {
    const mean = sum / (members[a]!.length * members[b]!.length);
    if (mean < join) return;
    const [x, y] = a < b ? [a, b] : [b, a];
    heap.push(mean, x, y, version[x]!, version[y]!);
  };
  for (let p = 0; p < pairs.left.length; p++) {
    const [a, b] = [groupOf[pairs.left[p]!]!, groupOf[pairs.right[p]!]!];
    if (a === b || near[a]!.has(b)) continue;
    const sum = start ? sumBetween(a, b) : pairs.weight[p]!;
    near[a]!.set(b, sum);
    near[b]!.set(a, sum);
    offer(a, b, sum);
  }
  while (heap.size > 0) {
    const [, a, b, va, vb] = heap.pop();
    if (version[a] !== va || version[b] !== vb || near[a] === null || near[b] === null) continue;
    const [na, nb] = [near[a]!, near[b]!];
    na.delete(b); nb.delete(a);
    const others = new Set([...na.keys(), ...nb.keys()]);
    const merged = new Map<number, number>();
    for (const c of others) {
      const sum = (na.get(c) ?? sumBetween(a, c)) + (nb.get(c) ?? sumBetween(b, c));
      merged.set(c, sum);
      near[c]!.delete(b);
      near[c]!.set(a, sum);
    }
    for (const i of members[b]!) { groupOf[i] = a; members[a]!.push(i); }
    members[b] = [];
    near[a] = merged; near[b] = null;
    version[a]!++; version[b]!++;
    for (const [c, sum] of merged) offer(a, c, sum);
  }
  return groupOf;
}
