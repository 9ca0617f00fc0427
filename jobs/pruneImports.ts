// Erases personal data that imports keep.

import type { Parts } from '../src/graphql/context';
import { type PrunedImports, pruneImports as prune } from '../src/sales/actions/imports/prune';
import { Pseudonyms } from '../src/sales/rules/pseudonym';

export function pruneImports(
  { db, secretKey, config }: Parts,
  dueAt: Date,
  progress: (figures: Record<string, number>) => Promise<boolean>,
): Promise<PrunedImports> {
  const keep = { now: dueAt, keepDays: config.importRejectDays };
  return prune(db, new Pseudonyms(secretKey), keep, (done) => progress({ ...done }));
}
