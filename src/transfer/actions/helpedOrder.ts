// The late order that a transfer is meant for: checked when it is named, and required of agents.

import type { Command } from '../../access/actions/execute';
import { mustServe } from '../../access/queries/served';
import type { Tx } from '../../db/pool';
import { checkState, notFound, refuse } from '../../refusals';
import { sumBySku } from '../../values/skuUnits';
import type { TransferUnits } from '../rules';

interface HelpedOrder {
  id: string;
  number: string;
  status: string;
  locationId: number;
  location: string;
  /** Units that are not at the counter yet, without those of open transfers that are meant for the order. */
  missing: { skuId: number; units: number }[];
}

const OPEN_STATES = ['PLACED', 'AWAITING_TRANSFER', 'PICKING'];

// Agents who help one order take turns, or two transfers would be counted against the same missing units.
const TAKE_TURNS = 'SELECT id FROM customer_order WHERE number = $1 FOR UPDATE';
const HELPED = `
  SELECT o.id, o.number, o.status::text AS status, o.location_id AS "locationId", p.code AS location,
         coalesce(
           (SELECT jsonb_agg(jsonb_build_object('skuId', l.sku_id, 'units', l.reserved + l.awaiting - h.units))
            FROM order_line l
            CROSS JOIN LATERAL (
              SELECT coalesce(sum(u.quantity), 0) AS units FROM transfer t JOIN transfer_line u ON u.transfer_id = t.id
              WHERE t.helps_order_id = o.id AND t.status IN ('DRAFT', 'DISPATCHED') AND u.sku_id = l.sku_id) h
            WHERE l.order_id = o.id), '[]') AS missing
  FROM customer_order o JOIN location p ON p.id = o.location_id WHERE o.number = $1`;

/**
 * The order that a new transfer is meant for; null: it is for none. An agent moves units only for an open order of a
 * customer whom it serves, to the shop of the order, and no more than it misses beside
 * other open transfers for it.
 * @throws Refused InvalidInput, NotFound, WrongState @throws Forbidden
 */
export async function checkHelpedOrder(
  tx: Tx,
  command: Command<{
    toLocationId: number;
    lines: readonly (TransferUnits & { sku: string })[];
    orderNumber?: string | null;
  }>,
): Promise<Pick<HelpedOrder, 'id' | 'number'> | null> {
  const { actor, input } = command;
  const isAgent = actor.role === 'AGENT';
  if (input.orderNumber == null) {
    if (!isAgent) return null;
    const message = 'orderNumber is missing; an agent transfers units only for an open order of a customer.';
    return refuse('InvalidInput', message, { path: 'orderNumber' });
  }
  if (isAgent) await tx.rows(TAKE_TURNS, [input.orderNumber]);
  const [order] = await tx.rows<HelpedOrder>(HELPED, [input.orderNumber]);
  if (order === undefined) throw notFound('Order', [input.orderNumber]);
  await mustServe(tx, command, order);
  const { number, location, missing } = order;
  checkState('Order', number, order.status, OPEN_STATES, 'helped by a transfer');
  if (input.toLocationId !== order.locationId)
    refuse(
      'InvalidInput',
      `Order ${number} is collected at ${location}; the transfer for it goes to ${location}.`,
      {
        path: 'to',
      },
    );
  if (!isAgent) return order;
  for (const { skuId, quantity } of sumBySku(input.lines)) {
    const units = missing.find((one) => one.skuId === skuId)?.units ?? 0;
    if (quantity <= units) continue;
    const { sku } = input.lines.find((line) => line.skuId === skuId)!;
    const message = `lines have ${quantity} of ${sku}, and order ${number} misses ${Math.max(0, units)} beside other open transfers for it; an agent transfers no more than that.`;
    refuse('InvalidInput', message, { path: 'lines' });
  }
  return order;
}
