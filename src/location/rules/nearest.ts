// The nearest few of many, without sorting all of them.

/** Puts the k-th smallest value at index k, smaller ones before it (C. A. R. Hoare, "Algorithm 65: Find", CACM 4(7), 1961). */
function select(values: Float64Array, k: number): number {
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const pivot = values[(left + right) >> 1]!;
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i += 1;
      while (values[j]! > pivot) j -= 1;
      if (i <= j) {
        const swapped = values[i]!;
        values[i] = values[j]!;
        values[j] = swapped;
        i += 1;
        j -= 1;
      }
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else break;
  }
  return values[k]!;
}

/** Indexes of the `limit` smallest distances, the smallest first; `tie` orders indexes of equal ones. */
export function nearestFirst(
  distances: readonly number[],
  limit: number,
  tie: (a: number, b: number) => number,
): number[] {
  const most =
    distances.length > limit ? select(Float64Array.from(distances), limit - 1) : Number.POSITIVE_INFINITY;
  const chosen: number[] = [];
  for (let i = 0; i < distances.length; i += 1) if (distances[i]! <= most) chosen.push(i);
  return chosen.sort((a, b) => distances[a]! - distances[b]! || tie(a, b)).slice(0, limit);
}
