// upsertSkuAliases: codes that stand for a SKU. What was sold under such a code becomes the SKU's history.

import { act, type Command } from '../../access/act';
import type { Tx } from '../../db/pool';
import { refuse } from '../../refusals';

export interface AliasInput {
  code: string;
  skuId: number;
}

const LOCK_FEEDS = `
  SELECT pg_advisory_xact_lock(hashtext('comptoir sales feed'), id)
  FROM (SELECT id FROM sales_feed ORDER BY id) f`;
// Lines are searched through for the code's SKU; a SKU changes its code rarely.
const TAKE_TIME = `SELECT set_config('statement_timeout', '300000', true)`;
const CHAINED = `
  SELECT k.code FROM unnest($1::text[], $2::int[]) AS k(code, sku_id) JOIN sku s ON s.id = k.sku_id
  WHERE s.code = k.code OR EXISTS (SELECT FROM sku_alias a WHERE a.code = s.code) OR s.code = ANY($1::text[])
  ORDER BY k.code`;
const UPSERT = `
  INSERT INTO sku_alias AS a (code, sku_id, created_at)
  SELECT code, sku_id, $3 FROM unnest($1::text[], $2::int[]) AS k(code, sku_id) ORDER BY code
  ON CONFLICT (code) DO UPDATE SET sku_id = EXCLUDED.sku_id WHERE a.sku_id <> EXCLUDED.sku_id`;
const OLD = `
  SELECT s.id AS old, k.sku_id AS new FROM unnest($1::text[], $2::int[]) AS k(code, sku_id) JOIN sku s ON s.code = k.code
  ORDER BY s.id`;
const MOVE_DAYS = `
  WITH moved AS (
    DELETE FROM daily_sales WHERE sku_id = $1 AND location_id = ANY (ARRAY(SELECT id FROM location)) RETURNING *)
  INSERT INTO daily_sales AS d (location_id, sku_id, day, channel, feed_id, units, returned_units, revenue_minor,
                                stocked_out)
  SELECT location_id, $2, day, channel, feed_id, units, returned_units, revenue_minor, stocked_out FROM moved
  ORDER BY location_id, day, channel, feed_id
  ON CONFLICT (location_id, sku_id, day, channel, feed_id) DO UPDATE
  SET units = d.units + EXCLUDED.units, returned_units = d.returned_units + EXCLUDED.returned_units,
      revenue_minor = d.revenue_minor + EXCLUDED.revenue_minor,
      stocked_out = d.stocked_out AND EXCLUDED.stocked_out
  RETURNING 1 AS moved`;
const MOVE_LINES = 'UPDATE sales_line SET sku_id = $2 WHERE sku_id = $1';
const MOVE_RETURNS = `
  UPDATE return_event SET sku_id = $2 WHERE sku_id = $1 AND location_id = ANY (ARRAY(SELECT id FROM location))`;

/**
 * Says which SKUs these codes stand for. Imports follow from now on; where a code was a SKU of its own, the history of
 * that one moves to the SKU. An alias of an alias is refused. @throws Refused InvalidInput
 */
export const upsertSkuAliases = act(
  'upsertSkuAliases',
  async (tx: Tx, { input, now }: Command<{ aliases: AliasInput[] }>): Promise<{ moved: number }> => {
    const codes = input.aliases.map((a) => a.code);
    const skuIds = input.aliases.map((a) => a.skuId);
    await tx.rows(TAKE_TIME);
    await tx.rows(LOCK_FEEDS);
    const [chained] = await tx.rows<{ code: string }>(CHAINED, [codes, skuIds]);
    if (chained !== undefined) {
      const message = `alias '${chained.code}' must stand for a SKU that is itself no alias, and another than its own; name that SKU.`;
      refuse('InvalidInput', message, { path: 'aliases' });
    }
    const renamed = await tx.rows<{ old: number; new: number }>(OLD, [codes, skuIds]);
    await tx.rows(UPSERT, [codes, skuIds, now]);
    let moved = 0;
    for (const { old, new: to } of renamed) {
      moved += (await tx.rows(MOVE_DAYS, [old, to])).length;
      await tx.rows(MOVE_LINES, [old, to]);
      await tx.rows(MOVE_RETURNS, [old, to]);
    }
    return { moved };
  },
);
