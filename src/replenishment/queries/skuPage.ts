// Reads of a run for a page of SKUs: stock levels, incoming units, offers, and proposals that are open or rest.

import type { Tx } from '../../db/pool';
import type { AbcClass } from '../rules/policy';
import type { ScheduledReceipt } from '../rules/shelf';

export interface PlannedSkuRow {
  skuId: number;
  category: string;
  priceMinor: number | null;
  currency: string | null;
  active: boolean;
  /** ISO day from which it is not sold any more; null: none. */
  discontinuedOn: string | null;
  abc: AbcClass;
}

const SKU = `
  SELECT s.id AS "skuId", s.category, s.price_minor AS "priceMinor", s.currency, s.active,
         s.discontinued_on AS "discontinuedOn",
         coalesce(c.class::text, 'C') AS abc
  FROM sku s LEFT JOIN sku_class c ON c.sku_id = s.id`;
const SKUS = `${SKU} WHERE s.id > $1 ORDER BY s.id LIMIT $2`;
const SKUS_BY_ID = `${SKU} WHERE s.id = ANY($1::int[]) ORDER BY s.id`;

/** The next SKUs by id. */
export function skusAfter(tx: Tx, afterId: number, limit: number): Promise<PlannedSkuRow[]> {
  return tx.rows<PlannedSkuRow>(SKUS, [afterId, limit]);
}

/** These SKUs, by id. */
export function skusById(tx: Tx, ids: readonly number[]): Promise<PlannedSkuRow[]> {
  return tx.rows<PlannedSkuRow>(SKUS_BY_ID, [ids]);
}

interface ShelfKeyColumns {
  locationId: number;
  skuId: number;
}

export interface OnHandRow extends ShelfKeyColumns {
  available: number;
  reserved: number;
  staged: number;
  quarantine: number;
}

// Expired reservations do not count, whether or not they were released yet.
const ON_HAND = `
  WITH past AS (
    SELECT r.location_id, l.sku_id, sum(l.quantity) AS units
    FROM reservation r JOIN reservation_line l ON l.reservation_id = r.id AND l.sku_id = ANY($1::int[])
    WHERE r.status = 'ACTIVE' AND r.expires_at <= $2
    GROUP BY 1, 2)
  SELECT l.location_id AS "locationId", l.sku_id AS "skuId", l.available + coalesce(p.units, 0) AS available,
         l.reserved - coalesce(p.units, 0) AS reserved, l.staged, l.quarantine
  FROM stock_level l LEFT JOIN past p ON p.location_id = l.location_id AND p.sku_id = l.sku_id
  WHERE l.sku_id = ANY($1::int[])`;

/** Stock on hand of these SKUs by shelf. */
export function onHand(tx: Tx, skuIds: readonly number[], now: Date): Promise<OnHandRow[]> {
  return tx.rows<OnHandRow>(ON_HAND, [skuIds, now]);
}

export interface IncomingRow extends ShelfKeyColumns {
  kind: ScheduledReceipt['kind'];
  units: number;
  /** Local day on which it is expected; null: not known. */
  day: string | null;
}

// Of a transfer for a customer's order only the units that the order does not wait for any more come to the shelf.
const INCOMING = `
  SELECT p.location_id AS "locationId", l.sku_id AS "skuId", 'ON_ORDER' AS kind,
         sum(l.quantity - l.received) AS units, (p.expected_at AT TIME ZONE o.time_zone)::date AS day
  FROM purchase_line l JOIN purchase_order p ON p.id = l.purchase_id JOIN location o ON o.id = p.location_id
  WHERE l.sku_id = ANY($1::int[]) AND p.status IN ('ORDERED', 'PARTIALLY_RECEIVED') AND l.quantity > l.received
  GROUP BY 1, 2, 5
  UNION ALL
  SELECT location_id, sku_id, 'APPROVED', sum(quantity), expected_on
  FROM replenishment_proposal WHERE sku_id = ANY($1::int[]) AND status = 'APPROVED'
  GROUP BY 1, 2, 5
  UNION ALL
  SELECT t.to_location_id, l.sku_id, 'TRANSFERS_IN',
         sum(CASE WHEN t.order_id IS NULL THEN l.quantity ELSE l.freed END), (t.expected_at AT TIME ZONE o.time_zone)::date
  FROM transfer_line l JOIN transfer t ON t.id = l.transfer_id JOIN location o ON o.id = t.to_location_id
  WHERE l.sku_id = ANY($1::int[]) AND t.status IN ('DRAFT', 'DISPATCHED')
    AND (t.order_id IS NULL OR l.freed > 0)
  GROUP BY 1, 2, 5`;

/** Incoming units of these SKUs by shelf. */
export function incoming(tx: Tx, skuIds: readonly number[]): Promise<IncomingRow[]> {
  return tx.rows<IncomingRow>(INCOMING, [skuIds]);
}

export interface OfferRow {
  skuId: number;
  supplierId: number;
  supplier: string;
  unitCostMinor: number;
  currency: string;
  packSize: number;
  minimumOrder: number;
  /** Days that are stated for the SKU, or else for the supplier. */
  leadTimeDays: number;
}

const OFFERS = `
  SELECT DISTINCT ON (o.sku_id) o.sku_id AS "skuId", o.supplier_id AS "supplierId", s.code AS supplier,
         o.unit_cost_minor AS "unitCostMinor", o.currency, o.pack_size AS "packSize", o.minimum_order AS "minimumOrder",
         coalesce(o.lead_time_days, s.lead_time_days) AS "leadTimeDays"
  FROM sku_supplier o JOIN supplier s ON s.id = o.supplier_id
  WHERE o.sku_id = ANY($1::int[])
  ORDER BY o.sku_id, o.preferred DESC, o.unit_cost_minor, o.supplier_id`;

/** The supplier each of these SKUs is bought from: the preferred one, or else the cheapest. */
export function offers(tx: Tx, skuIds: readonly number[]): Promise<OfferRow[]> {
  return tx.rows<OfferRow>(OFFERS, [skuIds]);
}

/** An open proposal. */
export interface OpenProposalRow extends ShelfKeyColumns {
  id: string;
  supplierId: number | null;
  fromLocationId: number | null;
  quantity: number;
  quantityNow: number;
  level: number;
  position: number;
  unitCostMinor: number | null;
  currency: string | null;
  edited: boolean;
  cutDay: string;
}

// Locked, so that no planner edits what is about to be superseded.
const OPEN = `
  SELECT id, location_id AS "locationId", sku_id AS "skuId", supplier_id AS "supplierId",
         from_location_id AS "fromLocationId", quantity, quantity_now AS "quantityNow",
         level, position, unit_cost_minor AS "unitCostMinor", currency, edited_at IS NOT NULL AS edited, cut_day AS "cutDay"
  FROM replenishment_proposal WHERE status = 'PROPOSED' AND sku_id = ANY($1::int[])
  ORDER BY id FOR UPDATE`;

/** The open proposals for these SKUs, locked. */
export function openForUpdate(tx: Tx, skuIds: readonly number[]): Promise<OpenProposalRow[]> {
  return tx.rows<OpenProposalRow>(OPEN, [skuIds]);
}

const RESTING = `
  SELECT location_id AS "locationId", sku_id AS "skuId", max(rests_until) AS until
  FROM replenishment_proposal WHERE status = 'REJECTED' AND sku_id = ANY($1::int[]) AND rests_until IS NOT NULL
  GROUP BY 1, 2`;

/** Needs that a planner rejected, with the day until which they rest. */
export function resting(tx: Tx, skuIds: readonly number[]): Promise<(ShelfKeyColumns & { until: string })[]> {
  return tx.rows(RESTING, [skuIds]);
}

export interface OpenLocationRow {
  locationId: number;
  code: string;
  warehouse: boolean;
  groups: string[];
  timeZone: string;
  transferLeadMinutes: number;
}

const OPEN_LOCATIONS = `
  SELECT id AS "locationId", code, kind = 'WAREHOUSE' AS warehouse, groups, time_zone AS "timeZone",
         transfer_lead_minutes AS "transferLeadMinutes"
  FROM location WHERE active ORDER BY id`;

/** The locations that are open for business. */
export function openLocations(tx: Tx): Promise<OpenLocationRow[]> {
  return tx.rows<OpenLocationRow>(OPEN_LOCATIONS);
}
