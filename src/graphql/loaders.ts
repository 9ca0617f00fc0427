// Per-request DataLoaders, made on first use, so that a list costs one query per kind of record.

import DataLoader from 'dataloader';
import { oncePer } from '../values/oncePer';
import type { Context } from './context';

const MAX_BATCH = 1_000;

/**
 * Declares a loader: `const skuById = loader((context, ids) => …rows in the order of ids…)`, then
 * `skuById(context).load(id)`. `cacheKey` makes object keys comparable; without
 * `cache` it only batches concurrent loads.
 */
export function loader<K, V>(
  load: (context: Context, keys: readonly K[]) => Promise<readonly (V | Error)[]>,
  cacheKey: (key: K) => unknown = (key) => key,
  cache = true,
): (context: Context) => DataLoader<K, V, unknown> {
  return oncePer(
    (context) =>
      new DataLoader<K, V, unknown>(async (keys) => context.budget.loaders.run(() => load(context, keys)), {
        maxBatchSize: MAX_BATCH,
        cacheKeyFn: cacheKey,
        cache,
      }),
  );
}

/** Puts rows in the order of the requested keys; a key without a row gives null. */
export function inOrderOf<K, V>(keys: readonly K[], rows: readonly V[], keyOf: (row: V) => K): (V | null)[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return keys.map((key) => byKey.get(key) ?? null);
}
