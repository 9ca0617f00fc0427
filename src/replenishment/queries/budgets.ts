// Reads of budgets: granted, spent and remaining amounts.

import type { Tx } from '../../db/pool';
import { MAX_MINOR } from '../../values/money';

/** A budget with what purchase orders of its days have used of it, in minor units of its currency. */
export interface BudgetRow {
  id: number;
  supplierId: number | null;
  locationId: number | null;
  fromDay: string;
  toDay: string;
  currency: string;
  amountMinor: number;
  spentMinor: number;
}

// Orders count by the day on which they were placed, at the current cost of their supplier; closed orders count the units received.
// Approved proposals whose order is still a draft count by the day of their approval. No budget is larger than MAX_MINOR, so
// what is spent beyond it need not be distinguished.
const SPENT = `
  LEFT JOIN LATERAL (
    SELECT least(coalesce(sum(CASE WHEN p.status = 'CLOSED' THEN l.received ELSE greatest(l.quantity, l.received) END::numeric
                              * s.unit_cost_minor), 0), ${MAX_MINOR})::bigint AS minor
    FROM purchase_order p JOIN location o ON o.id = p.location_id JOIN purchase_line l ON l.purchase_id = p.id
    JOIN sku_supplier s ON s.sku_id = l.sku_id AND s.supplier_id = p.supplier_id AND s.currency = b.currency
    WHERE (p.ordered_at AT TIME ZONE o.time_zone)::date BETWEEN b.from_day AND b.to_day
      AND p.ordered_at > b.from_day - interval '1 day' AND p.ordered_at < b.to_day + interval '2 days'
      AND (b.supplier_id IS NULL OR p.supplier_id = b.supplier_id)
      AND (b.location_id IS NULL OR p.location_id = b.location_id)) placed ON true
  LEFT JOIN LATERAL (
    SELECT least(coalesce(sum(r.quantity::numeric * r.unit_cost_minor), 0), ${MAX_MINOR})::bigint AS minor
    FROM replenishment_proposal r JOIN location o ON o.id = r.location_id
    WHERE r.status = 'APPROVED' AND r.source = 'SUPPLIER' AND r.currency = b.currency
      AND (r.decided_at AT TIME ZONE o.time_zone)::date BETWEEN b.from_day AND b.to_day
      AND (b.supplier_id IS NULL OR r.supplier_id = b.supplier_id)
      AND (b.location_id IS NULL OR r.location_id = b.location_id)) approved ON true`;
const SELECT = `
  SELECT b.id, b.supplier_id AS "supplierId", b.location_id AS "locationId", b.from_day AS "fromDay", b.to_day AS "toDay",
         b.currency, b.amount_minor AS "amountMinor",
         coalesce(placed.minor, 0) + coalesce(approved.minor, 0) AS "spentMinor"
  FROM replenishment_budget b ${SPENT}`;
const ON_DAYS = `${SELECT} WHERE b.from_day <= $2::date AND b.to_day >= $1::date ORDER BY b.id`;
const PAGE = `${SELECT} WHERE b.id > $1 AND ($3::date IS NULL OR $3 BETWEEN b.from_day AND b.to_day) ORDER BY b.id LIMIT $2`;
const BY_IDS = `${SELECT} WHERE b.id = ANY($1::int[]) ORDER BY b.id`;

/** Budgets for any of the days from … to. */
export function budgetsOn(tx: Tx, fromDay: string, toDay: string): Promise<BudgetRow[]> {
  return tx.rows<BudgetRow>(ON_DAYS, [fromDay, toDay]);
}

/** A page of budgets in the order of their ids, beyond `afterId`; of one day or of all (null). */
export function budgetPage(tx: Tx, day: string | null, afterId: number, limit: number): Promise<BudgetRow[]> {
  return tx.rows<BudgetRow>(PAGE, [afterId, limit, day]);
}

/** Budgets by their ids. */
export function budgetsById(tx: Tx, ids: readonly number[]): Promise<BudgetRow[]> {
  return tx.rows<BudgetRow>(BY_IDS, [ids]);
}
