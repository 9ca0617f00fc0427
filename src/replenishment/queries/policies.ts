// Reads of policies: the rules as they were set, ready to look shelves up in.

import type { Tx } from '../../db/pool';
import {
  type AbcClass,
  type Policy,
  type PolicyRule,
  type PolicyShelf,
  PolicyTable,
  type ReplenishmentKind,
  type ServiceMeasure,
} from '../rules/policy';

/** A rule's row. */
export interface PolicyRow {
  id: number;
  skuId: number | null;
  category: string | null;
  locationId: number | null;
  group: string | null;
  active: boolean | null;
  kind: ReplenishmentKind | null;
  reviewDays: number | null;
  reviewWeekdays: number[];
  measure: ServiceMeasure | null;
  serviceA: number | null;
  serviceB: number | null;
  serviceC: number | null;
  shelfCapacity: number | null;
  presentationMinimum: number | null;
  reorderPoint: number | null;
  orderQuantity: number | null;
  maximum: number | null;
  suppliedFromId: number | null;
  transferCostMinor: number | null;
  priority: number | null;
}

const COLUMNS = `
  id, sku_id AS "skuId", category, location_id AS "locationId", location_group AS "group", active, kind,
  review_days AS "reviewDays", review_weekdays AS "reviewWeekdays", service_measure AS measure, service_a AS "serviceA",
  service_b AS "serviceB", service_c AS "serviceC", shelf_capacity AS "shelfCapacity",
  presentation_minimum AS "presentationMinimum", reorder_point AS "reorderPoint", order_quantity AS "orderQuantity",
  maximum, supplied_from_id AS "suppliedFromId", transfer_cost_minor AS "transferCostMinor", priority`;
const COARSE = `SELECT ${COLUMNS} FROM replenishment_policy WHERE sku_id IS NULL`;
const OF_SKUS = `SELECT ${COLUMNS} FROM replenishment_policy WHERE sku_id = ANY($1::int[])`;
const PAGE = `
  SELECT ${COLUMNS} FROM replenishment_policy
  WHERE id > $1 AND ($3::int IS NULL OR sku_id = $3) AND ($4::int IS NULL OR location_id = $4)
    AND ($5::text IS NULL OR category = $5) AND ($6::text IS NULL OR location_group = $6)
  ORDER BY id LIMIT $2`;
const BY_IDS = `SELECT ${COLUMNS} FROM replenishment_policy WHERE id = ANY($1::int[]) ORDER BY id`;

function ruleOf(row: PolicyRow): PolicyRule {
  const { id, skuId, category, locationId, group, reviewDays, reviewWeekdays, ...settings } = row;
  const reviewed = reviewDays !== null || reviewWeekdays.length > 0;
  const review = reviewed ? { days: reviewDays ?? 7, weekdays: reviewWeekdays } : null;
  return { id, skuId, category, locationId, group, settings: { ...settings, review } };
}

/** The rules without a SKU: few, read once a run. */
export async function coarseRules(tx: Tx): Promise<PolicyRule[]> {
  return (await tx.rows<PolicyRow>(COARSE)).map(ruleOf);
}

/** The rules for these very SKUs. */
export async function skuRules(tx: Tx, skuIds: readonly number[]): Promise<PolicyRule[]> {
  return (await tx.rows<PolicyRow>(OF_SKUS, [skuIds])).map(ruleOf);
}

export interface PolicyFilter {
  skuId: number | null;
  locationId: number | null;
  category: string | null;
  group: string | null;
}

/** A page of rules that match the filter, in the order of their ids, after `afterId`. */
export function policyPage(
  tx: Tx,
  { skuId, locationId, category, group }: PolicyFilter,
  afterId: number,
  limit: number,
): Promise<PolicyRow[]> {
  return tx.rows<PolicyRow>(PAGE, [afterId, limit, skuId, locationId, category, group]);
}

/** Rules by their ids. */
export function policiesById(tx: Tx, ids: readonly number[]): Promise<PolicyRow[]> {
  return tx.rows<PolicyRow>(BY_IDS, [ids]);
}

const SHELVES = `
  SELECT k.sku_id AS "skuId", k.location_id AS "locationId", s.category, l.groups, coalesce(c.class::text, 'C') AS abc
  FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS k(location_id, sku_id, ord)
  JOIN sku s ON s.id = k.sku_id JOIN location l ON l.id = k.location_id LEFT JOIN sku_class c ON c.sku_id = k.sku_id
  ORDER BY k.ord`;

/** The policies of these shelves with the rules they come from, and their classes, in their order. */
export async function policiesOf(
  tx: Tx,
  shelves: readonly { locationId: number; skuId: number }[],
): Promise<{ policy: Policy; abc: AbcClass }[]> {
  const rows = await tx.rows<PolicyShelf & { abc: AbcClass }>(SHELVES, [
    shelves.map((s) => s.locationId),
    shelves.map((s) => s.skuId),
  ]);
  const table = new PolicyTable([
    ...(await coarseRules(tx)),
    ...(await skuRules(
      tx,
      rows.map((r) => r.skuId),
    )),
  ]);
  return rows.map((row) => ({ policy: table.at(row), abc: row.abc }));
}
