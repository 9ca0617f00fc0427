// Per-request DataLoaders, made on first use, so that a list costs one query per kind of record.

import DataLoader from 'dataloader';
import type { Db } from '../db/pool';
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

/** Declares a loader of records that are known to exist: `read` gives those of some ids, in any order. */
export function loaderById<K, V extends { id: K }>(
  what: string,
  read: (context: Context, ids: K[]) => Promise<V[]>,
): (context: Context) => DataLoader<K, V, unknown> {
  return loader<K, V>(async (context, ids) => {
    const rows = await read(context, [...ids]);
    return inOrderOf(ids, rows, ({ id }) => id).map((row, i) => row ?? new Error(`no ${what} ${ids[i]}`));
  });
}

/** Declares a loader of records by their codes, for facts that are kept with codes. */
export function loaderByCode<V>(
  idsByCode: (db: Db, codes: readonly string[]) => Promise<Map<string, number>>,
  byId: (context: Context) => DataLoader<number, V, unknown>,
): (context: Context) => DataLoader<string, V, unknown> {
  return loader<string, V>(async (context, codes) => {
    const ids = await idsByCode(context.db, codes);
    return byId(context).loadMany(codes.map((code) => ids.get(code)!));
  });
}
