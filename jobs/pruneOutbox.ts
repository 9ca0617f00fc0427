// Deletes old messages from the outbox.

import type { Parts } from '../src/graphql/context';
import { pruneOutbox as prune } from '../src/outbox/actions/prune';

export function pruneOutbox(
  { db }: Parts,
  dueAt: Date,
  progress: (figures: Record<string, number>) => Promise<boolean>,
): Promise<{ pruned: number }> {
  return prune(db, dueAt, (pruned) => progress({ pruned }));
}
