// setSafetyStock: units withheld from promises, by SKU, location and channel.

import { type Command, defineCommand } from '../../access/actions/execute';
import { notify } from '../../db/notify';
import type { Tx } from '../../db/pool';
import { shelfKey } from '../../values/keys';

/** One rule; null means "every". `quantity` in units, null removes the rule. */
export interface SafetyRule {
  skuId: number | null;
  locationId: number | null;
  channel: string | null;
  quantity: number | null;
}

// In key order, so that two imports cannot deadlock.
const SAVE = `
  INSERT INTO safety_stock (sku_id, location_id, channel, quantity, updated_at)
  SELECT sku_id, location_id, channel, quantity, $5
  FROM unnest($1::int[], $2::int[], $3::text[], $4::int[]) AS r(sku_id, location_id, channel, quantity)
  ORDER BY coalesce(sku_id, 0), coalesce(location_id, 0), coalesce(channel, '')
  ON CONFLICT (coalesce(sku_id, 0), coalesce(location_id, 0), coalesce(channel, ''))
    DO UPDATE SET quantity = EXCLUDED.quantity, updated_at = EXCLUDED.updated_at
  RETURNING id`;

const REMOVE = `
  DELETE FROM safety_stock WHERE id IN (
    SELECT s.id
    FROM unnest($1::int[], $2::int[], $3::text[]) AS r(sku_id, location_id, channel)
    JOIN safety_stock s ON coalesce(s.sku_id, 0) = coalesce(r.sku_id, 0)
      AND coalesce(s.location_id, 0) = coalesce(r.location_id, 0)
      AND coalesce(s.channel, '') = coalesce(r.channel, '')
    ORDER BY coalesce(s.sku_id, 0), coalesce(s.location_id, 0), coalesce(s.channel, '') FOR UPDATE OF s)
  RETURNING id`;

const columns = (rules: readonly SafetyRule[]) => [
  rules.map((r) => r.skuId),
  rules.map((r) => r.locationId),
  rules.map((r) => r.channel),
];

/**
 * Sets and removes rules in bulk; each key once. Subscribers of a shelf are notified of rules for exactly that shelf only, because a
 * coarser rule affects every shelf of the chain.
 */
export const setSafetyStock = defineCommand(
  'setSafetyStock',
  async (tx: Tx, { input, now }: Command<{ rules: SafetyRule[] }>) => {
    const kept = input.rules.filter((r) => r.quantity !== null);
    const removals = input.rules.filter((r) => r.quantity === null);
    const removed = removals.length > 0 ? await tx.rows(REMOVE, columns(removals)) : [];
    const saved =
      kept.length > 0
        ? await tx.rows<{ id: number }>(SAVE, [...columns(kept), kept.map((r) => r.quantity), now])
        : [];
    const exact = input.rules.filter((r) => r.locationId !== null && r.skuId !== null);
    await notify(
      tx,
      'stock',
      exact.map(({ locationId, skuId }) => shelfKey({ locationId: locationId!, skuId: skuId! })),
    );
    return { savedIds: saved.map((r) => r.id), removed: removed.length };
  },
);
