// Commands that set policies, suppliers of SKUs with their prices, and budgets.

import { type Command, defineCommand } from '../../access/actions/execute';
import type { PolicyRow } from '../queries/policies';

/** A rule as it is set; `remove` deletes the rule of this scope. Null settings are left to coarser rules. */
export type PolicyInput = Omit<PolicyRow, 'id'> & { remove: boolean };

// unnest would flatten the array of weekdays, so the rules are passed as JSON.
const SAVE_POLICIES = `
  INSERT INTO replenishment_policy (sku_id, category, location_id, location_group, active, kind, review_days,
    review_weekdays, service_measure, service_a, service_b, service_c, shelf_capacity, presentation_minimum,
    reorder_point, order_quantity, maximum, supplied_from_id, transfer_cost_minor, priority, updated_at)
  SELECT r."skuId", r.category, r."locationId", r."group", r.active, r.kind, r."reviewDays",
    ARRAY(SELECT w::int FROM jsonb_array_elements_text(r."reviewWeekdays") w), r.measure, r."serviceA", r."serviceB",
    r."serviceC", r."shelfCapacity", r."presentationMinimum", r."reorderPoint", r."orderQuantity", r.maximum,
    r."suppliedFromId", r."transferCostMinor", r.priority, $2
  FROM jsonb_to_recordset($1::jsonb) AS r("skuId" int, category text, "locationId" int, "group" text, active boolean,
    kind replenishment_kind, "reviewDays" int, "reviewWeekdays" jsonb, measure service_measure, "serviceA" float8,
    "serviceB" float8, "serviceC" float8, "shelfCapacity" int, "presentationMinimum" int, "reorderPoint" int,
    "orderQuantity" int, maximum int, "suppliedFromId" int, "transferCostMinor" bigint, priority int)
  ORDER BY coalesce(r."skuId", 0), coalesce(r.category, ''), coalesce(r."locationId", 0), coalesce(r."group", '')
  ON CONFLICT (coalesce(sku_id, 0), coalesce(category, ''), coalesce(location_id, 0), coalesce(location_group, ''))
  DO UPDATE SET active = EXCLUDED.active, kind = EXCLUDED.kind, review_days = EXCLUDED.review_days,
    review_weekdays = EXCLUDED.review_weekdays, service_measure = EXCLUDED.service_measure,
    service_a = EXCLUDED.service_a, service_b = EXCLUDED.service_b, service_c = EXCLUDED.service_c,
    shelf_capacity = EXCLUDED.shelf_capacity, presentation_minimum = EXCLUDED.presentation_minimum,
    reorder_point = EXCLUDED.reorder_point, order_quantity = EXCLUDED.order_quantity, maximum = EXCLUDED.maximum,
    supplied_from_id = EXCLUDED.supplied_from_id, transfer_cost_minor = EXCLUDED.transfer_cost_minor,
    priority = EXCLUDED.priority, updated_at = EXCLUDED.updated_at
  RETURNING id`;
const REMOVE_POLICIES = `
  DELETE FROM replenishment_policy WHERE id IN (
    SELECT p.id FROM unnest($1::int[], $2::text[], $3::int[], $4::text[]) AS r(sku_id, category, location_id, location_group)
    JOIN replenishment_policy p ON coalesce(p.sku_id, 0) = coalesce(r.sku_id, 0)
      AND coalesce(p.category, '') = coalesce(r.category, '') AND coalesce(p.location_id, 0) = coalesce(r.location_id, 0)
      AND coalesce(p.location_group, '') = coalesce(r.location_group, '')
    ORDER BY p.id FOR UPDATE OF p)
  RETURNING id`;

/** Sets whole rules and removes rules, in bulk; each scope once. */
export const setReplenishmentPolicy = defineCommand(
  'setReplenishmentPolicy',
  async (tx, { input, now }: Command<{ rules: PolicyInput[] }>) => {
    const kept = input.rules.filter((r) => !r.remove);
    const toRemove = input.rules.filter((r) => r.remove);
    const removed =
      toRemove.length === 0
        ? []
        : await tx.rows(REMOVE_POLICIES, [
            toRemove.map((r) => r.skuId),
            toRemove.map((r) => r.category),
            toRemove.map((r) => r.locationId),
            toRemove.map((r) => r.group),
          ]);
    const saved =
      kept.length === 0 ? [] : await tx.rows<{ id: number }>(SAVE_POLICIES, [JSON.stringify(kept), now]);
    return { savedIds: saved.map((r) => r.id), removed: removed.length };
  },
);

/** A supplier of a SKU; `remove`: the SKU is no longer bought there. */
export interface SkuSupplierInput {
  skuId: number;
  supplierId: number;
  remove: boolean;
  unitCostMinor: number;
  currency: string;
  packSize: number;
  minimumOrder: number;
  preferred: boolean;
  leadTimeDays: number | null;
}

// At most one supplier of a SKU is preferred: the one set last.
const UNPREFER = `
  UPDATE sku_supplier o SET preferred = false, updated_at = $3
  FROM unnest($1::int[], $2::int[]) AS n(sku_id, supplier_id)
  WHERE o.sku_id = n.sku_id AND o.supplier_id <> n.supplier_id AND o.preferred`;
const SAVE_OFFERS = `
  INSERT INTO sku_supplier (sku_id, supplier_id, unit_cost_minor, currency, pack_size, minimum_order, preferred,
    lead_time_days, updated_at)
  SELECT *, $9 FROM unnest($1::int[], $2::int[], $3::bigint[], $4::text[], $5::int[], $6::int[], $7::boolean[], $8::int[])
    AS o(sku_id, supplier_id, unit_cost_minor, currency, pack_size, minimum_order, preferred, lead_time_days)
  ORDER BY sku_id, supplier_id
  ON CONFLICT (sku_id, supplier_id) DO UPDATE SET unit_cost_minor = EXCLUDED.unit_cost_minor,
    currency = EXCLUDED.currency, pack_size = EXCLUDED.pack_size, minimum_order = EXCLUDED.minimum_order,
    preferred = EXCLUDED.preferred, lead_time_days = EXCLUDED.lead_time_days, updated_at = EXCLUDED.updated_at`;
const REMOVE_OFFERS = `
  DELETE FROM sku_supplier o USING unnest($1::int[], $2::int[]) AS r(sku_id, supplier_id)
  WHERE o.sku_id = r.sku_id AND o.supplier_id = r.supplier_id RETURNING o.sku_id`;

/** Sets and removes what suppliers sell, in bulk; each pair once, one preferred supplier a SKU at most. */
export const setSkuSupplier = defineCommand(
  'setSkuSupplier',
  async (tx, { input, now }: Command<{ offers: SkuSupplierInput[] }>) => {
    const kept = input.offers.filter((o) => !o.remove);
    const toRemove = input.offers.filter((o) => o.remove);
    const removed =
      toRemove.length === 0
        ? []
        : await tx.rows(REMOVE_OFFERS, [toRemove.map((o) => o.skuId), toRemove.map((o) => o.supplierId)]);
    const preferred = kept.filter((o) => o.preferred);
    if (preferred.length > 0)
      await tx.rows(UNPREFER, [preferred.map((o) => o.skuId), preferred.map((o) => o.supplierId), now]);
    if (kept.length > 0)
      await tx.rows(SAVE_OFFERS, [
        kept.map((o) => o.skuId),
        kept.map((o) => o.supplierId),
        kept.map((o) => o.unitCostMinor),
        kept.map((o) => o.currency),
        kept.map((o) => o.packSize),
        kept.map((o) => o.minimumOrder),
        kept.map((o) => o.preferred),
        kept.map((o) => o.leadTimeDays),
        now,
      ]);
    return {
      saved: kept.map(({ skuId, supplierId }) => ({ skuId, supplierId })),
      removed: removed.length,
    };
  },
);

/** Money for the purchases of some days; null removes the budget. */
export interface BudgetInput {
  supplierId: number | null;
  locationId: number | null;
  fromDay: string;
  toDay: string;
  currency: string;
  amountMinor: number | null;
}

const SAVE_BUDGETS = `
  INSERT INTO replenishment_budget (supplier_id, location_id, from_day, to_day, currency, amount_minor, updated_at)
  SELECT *, $7 FROM unnest($1::int[], $2::int[], $3::date[], $4::date[], $5::text[], $6::bigint[])
    AS b(supplier_id, location_id, from_day, to_day, currency, amount_minor)
  ORDER BY coalesce(supplier_id, 0), coalesce(location_id, 0), from_day, to_day, currency
  ON CONFLICT (coalesce(supplier_id, 0), coalesce(location_id, 0), from_day, to_day, currency)
  DO UPDATE SET amount_minor = EXCLUDED.amount_minor, updated_at = EXCLUDED.updated_at
  RETURNING id`;
const REMOVE_BUDGETS = `
  DELETE FROM replenishment_budget b
  USING unnest($1::int[], $2::int[], $3::date[], $4::date[], $5::text[]) AS r(supplier_id, location_id, from_day, to_day, currency)
  WHERE coalesce(b.supplier_id, 0) = coalesce(r.supplier_id, 0) AND coalesce(b.location_id, 0) = coalesce(r.location_id, 0)
    AND b.from_day = r.from_day AND b.to_day = r.to_day AND b.currency = r.currency
  RETURNING b.id`;

const scopes = (budgets: readonly BudgetInput[]) => [
  budgets.map((b) => b.supplierId),
  budgets.map((b) => b.locationId),
  budgets.map((b) => b.fromDay),
  budgets.map((b) => b.toDay),
  budgets.map((b) => b.currency),
];

/** Sets and removes budgets, in bulk; each scope once. */
export const setReplenishmentBudget = defineCommand(
  'setReplenishmentBudget',
  async (tx, { input, now }: Command<{ budgets: BudgetInput[] }>) => {
    const kept = input.budgets.filter((b) => b.amountMinor !== null);
    const toRemove = input.budgets.filter((b) => b.amountMinor === null);
    const removed = toRemove.length === 0 ? [] : await tx.rows(REMOVE_BUDGETS, scopes(toRemove));
    const saved =
      kept.length === 0
        ? []
        : await tx.rows<{ id: number }>(SAVE_BUDGETS, [...scopes(kept), kept.map((b) => b.amountMinor), now]);
    return { savedIds: saved.map((r) => r.id), removed: removed.length };
  },
);
