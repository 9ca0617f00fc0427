// Returns before the goods arrive: requested by the customer or rejected with a reason.

import { type Command, defineCommand } from '../../access/actions/execute';
import { mustServe } from '../../access/queries/served';
import { mustWorkAt } from '../../access/rules/roles';
import { mustBeActive } from '../../location/queries/locations';
import { checkState, Forbidden } from '../../refusals';
import { unitsBySku } from '../../values/skuUnits';
import { RETURN_STARTS } from '../rules';
import { insertLines, insertReturn, lockReturn } from './document';
import { checkTerms, lockSale, type Reference, type ReturnUnits, timeZoneOf } from './terms';

// Read under the purchase's lock, so that two announcements of the same unit see each other.
const EXPECTED = `
  SELECT l.sku_id AS "skuId", l.quantity - l.covered AS quantity FROM customer_return r JOIN return_line l ON l.return_id = r.id
  WHERE r.status = 'REQUESTED' AND (r.order_id = $1 OR r.receipt = $2)`;

export interface RequestReturnInput extends Reference {
  /** The location it will be brought to; null means the location of the order. */
  locationId: number | null;
  lines: ReturnUnits[];
}

/**
 * Announces a return (an RMA). Units announced before and not received yet count as returned. A storefront announces for
 * its own orders, staff for every order and receipt.
 * @throws Refused NotFound, WrongState, NotReturnable, ReturnWindowClosed, TooManyReturned, InvalidInput
 */
export const requestReturn = defineCommand(
  'requestReturn',
  async (tx, command: Command<RequestReturnInput>) => {
    const { input, actor, now } = command;
    if (input.orderId === null && (actor.role === 'STOREFRONT' || actor.role === 'AGENT')) {
      throw new Forbidden(
        actor.role === 'AGENT'
          ? 'An agent announces returns of orders only; leave receipts to the staff of a shop.'
          : 'A storefront announces returns of its own orders only; leave receipts to the staff of a shop.',
      );
    }
    const sale = await lockSale(tx, actor, now, input);
    if (sale.orderId !== null) await mustServe(tx, command, { id: sale.orderId, number: sale.number! });
    const locationId = input.locationId ?? sale.pickupLocation!.locationId;
    if (input.locationId !== null) await mustBeActive(tx, input.locationId);
    const timeZone = await timeZoneOf(tx, sale, locationId);
    const open = await tx.rows<{ skuId: number; quantity: number }>(EXPECTED, [sale.orderId, sale.receipt]);
    await checkTerms(tx, sale, input.lines, {
      now,
      timeZone,
      announced: new Map(),
      expected: unitsBySku(open),
    });
    const { id } = await insertReturn(tx, { actor, now }, sale, locationId, 'REQUESTED');
    await insertLines(
      tx,
      id,
      input.lines.map((line) => ({ ...line, disposition: null })),
    );
    return { returnId: id };
  },
);

const REJECT = `UPDATE customer_return SET status = 'REJECTED', reject_reason = $2, closed_at = $3 WHERE id = $1`;

/** Rejects an announced return; its units can be announced again. @throws Refused NotFound, WrongState */
export const rejectReturn = defineCommand(
  'rejectReturn',
  async (tx, { input, actor, now }: Command<{ returnId: string; reason: string }>) => {
    const { id, number, status, locationId, location } = await lockReturn(tx, input.returnId);
    mustWorkAt(actor, locationId, location);
    checkState('Return', number, status, RETURN_STARTS.reject, 'rejected');
    await tx.rows(REJECT, [id, input.reason, now]);
    return { returnId: id };
  },
);
