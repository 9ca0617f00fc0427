// Planners' overrides of proposals whose interval has ended, with the sales since.

import type { Tx } from '../../db/pool';
import { refuse } from '../../refusals';
import { type JudgedOverride, judgeOverride, type Override } from '../rules/simulateEdit';

export interface EditFilter {
  /** Runs of the proposals: cut days, both included. */
  fromCutDay: string;
  toCutDay: string;
  /** The interval of an override must have ended before this day. */
  before: string;
  locationIds: readonly number[] | null;
  skuIds: readonly number[] | null;
}

/** One override and its evaluation. */
export interface EditRow extends Override {
  id: string;
  locationId: number;
  skuId: number;
  plannerId: number | null;
  reason: string | null;
  rejected: boolean;
  cutDay: string;
  /** Days of the interval on which the shelf was empty. */
  censoredDays: number;
  judged: JudgedOverride;
}

/** Overrides that are judged at once. */
export const MAX_EDITS = 10_000;

// The interval ends the day before the goods of the next review's order could be there.
const EDITS = `
  SELECT p.id, p.location_id AS "locationId", p.sku_id AS "skuId", p.position, p.quantity_proposed AS proposed,
    CASE WHEN p.status = 'REJECTED' THEN 0 ELSE p.quantity END AS decided, p.status = 'REJECTED' AS rejected,
    coalesce(CASE WHEN p.status = 'REJECTED' THEN p.decided_by_id END, p.edited_by_id) AS "plannerId",
    coalesce(p.close_reason, p.edit_reason) AS reason, p.cut_day AS "cutDay",
    p.until - p.cut_day - 1 AS days, s.units AS demand, s.empty AS "censoredDays"
  FROM (SELECT *, expected_on + (explanation->>'reviewDays')::int AS until FROM replenishment_proposal
        WHERE (edited_at IS NOT NULL OR status = 'REJECTED') AND cut_day BETWEEN $1::date AND $2::date) p
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(f.units), 0)::int AS units, count(DISTINCT f.day) FILTER (WHERE f.stocked_out)::int AS empty
    FROM daily_sales f
    WHERE f.location_id = p.location_id AND f.sku_id = p.sku_id AND f.day > p.cut_day AND f.day < p.until) s
  WHERE p.until <= $3::date AND p.status IN ('APPROVED', 'ORDERED', 'REJECTED')
    AND (p.status <> 'REJECTED' OR p.decided_by_id IS NOT NULL)
    AND ($4::int[] IS NULL OR p.location_id = ANY($4::int[])) AND ($5::int[] IS NULL OR p.sku_id = ANY($5::int[]))
  ORDER BY p.id DESC LIMIT $6`;

/** All overrides of a filter that can be judged, the newest first. @throws Refused InvalidInput past MAX_EDITS */
export async function judgedEdits(tx: Tx, filter: EditFilter): Promise<EditRow[]> {
  const { fromCutDay, toCutDay, before, locationIds, skuIds } = filter;
  const values = [fromCutDay, toCutDay, before, locationIds, skuIds, MAX_EDITS + 1];
  const rows = await tx.rows<Omit<EditRow, 'judged'>>(EDITS, values);
  if (rows.length > MAX_EDITS) {
    const message = `There are more than ${MAX_EDITS} overrides in these days; ask for fewer days, locations or SKUs.`;
    refuse('InvalidInput', message, { path: 'filter' });
  }
  return rows.map((row) => ({ ...row, judged: judgeOverride(row) }));
}
