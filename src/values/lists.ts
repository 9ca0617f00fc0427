// Lists: grouped by a key, and cut into shorter ones.

/** Groups values by a key, in the order in which keys first occur. */
export function groupBy<K, V>(values: Iterable<V>, keyOf: (value: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

/** A list cut into lists of at most `size` values, in its order. */
export function* slicesOf<V>(values: readonly V[], size: number): Generator<V[]> {
  for (let from = 0; from < values.length; from += size) yield values.slice(from, from + size);
}
