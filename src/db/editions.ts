// Editions of the tables with rows cached in memory: a cached row is valid until its table's edition changes.

import { oncePer } from '../values/oncePer';
import type { Tx } from './pool';
import { shared } from './shared';

/** The present edition by table. */
export interface Editions {
  location: number;
  sku: number;
}

const EDITIONS = 'SELECT what, number FROM edition';

const sharedReadOf = oncePer((tx: Tx) =>
  shared(async () => {
    const rows = await tx.rows<{ what: keyof Editions; number: number }>(EDITIONS);
    return Object.fromEntries(rows.map((r) => [r.what, r.number])) as unknown as Editions;
  }),
);

/** The present editions: one small statement shared by all concurrent calls on this pool. */
export function editions(tx: Tx): Promise<Editions> {
  return sharedReadOf(tx)();
}
