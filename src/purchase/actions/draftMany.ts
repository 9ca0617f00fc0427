// Purchase orders inside a wider transaction: opened in bulk, and what the module above does when they are placed or dropped.

import { v7 as uuid } from 'uuid';
import { keepSkus } from '../../catalog/queries/skus';
import type { Tx } from '../../db/pool';

/** A purchase order to open. SKUs stand in its lines once. */
export interface PurchasePlan {
  supplierId: number;
  locationId: number;
  lines: readonly { skuId: number; quantity: number }[];
  note: string | null;
  /** When it should be delivered. */
  expectedAt: Date;
  /** Placed with the supplier at once; otherwise a draft. */
  order: boolean;
}

const OPEN = `
  INSERT INTO purchase_order (id, number, supplier_id, location_id, status, note, created_at, ordered_at, expected_at)
  SELECT id, 'P-' || nextval('purchase_number'), supplier_id, location_id,
         CASE WHEN placed THEN 'ORDERED' ELSE 'DRAFT' END::purchase_status, note, $7::timestamptz, CASE WHEN placed THEN $7::timestamptz END,
         expected_at
  FROM (SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::timestamptz[], $6::boolean[])
          WITH ORDINALITY AS p(id, supplier_id, location_id, note, expected_at, placed, ord) ORDER BY ord) p
  RETURNING id, number`;
const OPEN_LINES = `
  INSERT INTO purchase_line (purchase_id, sku_id, quantity)
  SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[])`;

/** Opens purchase orders. The caller knows that suppliers, locations and SKUs exist. Answers in the order of the plans. */
export async function openPurchases(
  tx: Tx,
  now: Date,
  plans: readonly PurchasePlan[],
): Promise<{ id: string; number: string }[]> {
  if (plans.length === 0) return [];
  await keepSkus(
    tx,
    plans.flatMap((plan) => plan.lines.map((line) => line.skuId)),
  );
  const drafts = plans.map((plan) => ({ ...plan, id: uuid() }));
  const made = await tx.rows<{ id: string; number: string }>(OPEN, [
    drafts.map((d) => d.id),
    drafts.map((d) => d.supplierId),
    drafts.map((d) => d.locationId),
    drafts.map((d) => d.note),
    drafts.map((d) => d.expectedAt),
    drafts.map((d) => d.order),
    now,
  ]);
  const lines = drafts.flatMap((d) => d.lines.map((line) => ({ ...line, purchaseId: d.id })));
  await tx.rows(OPEN_LINES, [
    lines.map((l) => l.purchaseId),
    lines.map((l) => l.skuId),
    lines.map((l) => l.quantity),
  ]);
  const numbers = new Map(made.map((m) => [m.id, m.number]));
  return drafts.map(({ id }) => ({ id, number: numbers.get(id)! }));
}

/**
 * The module above whose proposals became purchase orders. The commands that location and drop drafts take it as a parameter,
 * as this module may not import it; it is called inside the command's own transaction.
 */
export interface PurchaseFollower {
  /** A draft was placed with its supplier. */
  placed(tx: Tx, purchaseId: string): Promise<void>;
  /** A draft was dropped: nothing was ever ordered. */
  dropped(tx: Tx, purchaseId: string, number: string, now: Date): Promise<void>;
}
