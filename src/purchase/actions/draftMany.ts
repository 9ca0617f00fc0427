// Purchase orders inside a wider transaction: opened in bulk, and the interface of the module that follows their drafts.

import { v7 as uuid } from 'uuid';
import { keepSkus } from '../../catalog/queries/skus';
import { insertStatement } from '../../db/documentSql';
import type { Tx } from '../../db/pool';
import type { InsertedRow } from '../../values/document';
import { PURCHASE } from '../rules';

/** A purchase order to open. Two lines of one SKU add up. */
export interface PurchasePlan {
  supplierId: number;
  locationId: number;
  lines: readonly { skuId: number; quantity: number }[];
  note: string | null;
  /** When it should be delivered; null if unknown. */
  expectedAt: Date | null;
  /** Whether it is placed with the supplier at once; otherwise it is a draft. */
  order: boolean;
}

const OPEN = `${insertStatement(PURCHASE)} RETURNING id, number`;
const OPEN_LINES = `
  INSERT INTO purchase_line (purchase_id, sku_id, quantity)
  SELECT purchase_id, sku_id, sum(quantity)
  FROM unnest($1::uuid[], $2::int[], $3::int[]) AS l(purchase_id, sku_id, quantity) GROUP BY purchase_id, sku_id`;

/** Opens purchase orders. The calling function has checked that suppliers, locations and SKUs exist. Answers in the order of the plans. */
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
  const rows = drafts.map(
    ({ id, supplierId, locationId, note, expectedAt, order }): InsertedRow<typeof PURCHASE> => ({
      id,
      supplierId,
      locationId,
      note,
      expectedAt,
      status: order ? 'ORDERED' : 'DRAFT',
      orderedAt: order ? now : null,
    }),
  );
  const made = await tx.rows<{ id: string; number: string }>(OPEN, [JSON.stringify(rows), now]);
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
 * Interface of the module whose proposals became purchase orders. The commands that place and close orders take it as a
 * parameter, because this module may not import it; it is called inside the command's own transaction.
 */
export interface PurchaseFollower {
  /** A draft was placed with its supplier. */
  placed(tx: Tx, purchaseId: string): Promise<void>;
  /** A draft was cancelled: nothing was ordered. */
  dropped(tx: Tx, purchaseId: string, number: string, now: Date): Promise<void>;
}
