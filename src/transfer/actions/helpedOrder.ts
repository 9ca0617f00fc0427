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
  /** Units that are not at the counter yet. */
  missing: { skuId: number; units: number }[];
}

const OPEN_STATES = ['PLACED', 'AWAITING_TRANSFER', 'PICKING'];

const HELPED = `
  SELECT o.id, o.number, o.status::text AS status, o.location_id AS "locationId", p.code AS location,
         coalesce(
           (SELECT jsonb_agg(jsonb_build_object('skuId', l.sku_id, 'units', l.reserved + l.awaiting))
            FROM order_line l WHERE l.order_id = o.id), '[]') AS missing
  FROM customer_order o JOIN location p ON p.id = o.location_id WHERE o.number = $1`;

/**
 * The number of the order that a new transfer is meant for; null: it is for none. An agent moves units only for an open order of a
 * customer whom it serves, to the shop of the order, and no more than it misses.
 * @throws Refused InvalidInput, NotFound, WrongState @throws Forbidden
 */
export async function checkHelpedOrder(
  tx: Tx,
  command: Command<{
    toLocationId: number;
    lines: readonly (TransferUnits & { sku: string })[];
    orderNumber?: string | null;
  }>,
): Promise<string | null> {
  const { actor, input } = command;
  const isAgent = actor.role === 'AGENT';
  if (input.orderNumber == null) {
    if (!isAgent) return null;
    const message = 'orderNumber is missing; an agent transfers units only for an open order of a customer.';
    return refuse('InvalidInput', message, { path: 'orderNumber' });
  }
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
  if (!isAgent) return number;
  for (const { skuId, quantity } of sumBySku(input.lines)) {
    const units = missing.find((one) => one.skuId === skuId)?.units ?? 0;
    if (quantity <= units) continue;
    const { sku } = input.lines.find((line) => line.skuId === skuId)!;
    const message = `lines have ${quantity} of ${sku}, and order ${number} misses ${units}; an agent transfers no more than that.`;
    refuse('InvalidInput', message, { path: 'lines' });
  }
  return number;
}
