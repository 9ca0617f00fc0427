// Off the shelf and to the counter: waves, scans, and the goods made ready with a code.

import { type Command, defineCommand } from '../../access/actions/execute';
import { mustWorkAt } from '../../access/rules/roles';
import { skuCodes } from '../../catalog/queries/skus';
import type { Tx } from '../../db/pool';
import { noShowAt } from '../../location/rules/pickup';
import { enqueue } from '../../outbox/actions/enqueue';
import { notFound, refuse } from '../../refusals';
import { lockShelves, post } from '../../stock/ledger';
import { hashPickupCode, pickupCode } from '../rules/code';
import { type OrderLine, unitsIn } from '../rules/lines';
import { remindAt } from '../rules/reminder';
import { must } from '../rules/status';
import {
  carry,
  type LockedOrder,
  lineOf,
  lockOrder,
  lockOrders,
  noteHoursSeen,
  saveOrders,
} from './document';
import { about } from './notices';

/** Takes orders of one shop into a wave: PLACED → PICKING, by the caller. @throws Refused NotFound, WrongState, InvalidInput */
export const startPicking = defineCommand(
  'startPicking',
  async (tx, { input, actor, now }: Command<{ orderIds: string[] }>) => {
    const orders = await lockOrders(tx, input.orderIds);
    const found = new Set(orders.map((o) => o.id));
    const unknown = input.orderIds.filter((id) => !found.has(id));
    if (unknown.length > 0) throw notFound('Order', unknown);
    for (const order of orders) mustWorkAt(actor, order.locationId, order.locationCode);
    const shops = [...new Set(orders.map((o) => o.locationCode))];
    if (shops.length > 1) {
      refuse('InvalidInput', `orders are of ${shops.join(' and ')}; a wave is of one shop.`, {
        path: 'orders',
      });
    }
    for (const order of orders) {
      must('startPicking', order);
      order.status = 'PICKING';
      order.pickingAt = now;
      order.pickerId = actor.actorId;
    }
    await saveOrders(tx, now, orders);
    return { orderIds: input.orderIds, locationId: orders[0]!.locationId };
  },
);

/** An article as it was resolved by the face: by its code or by what was scanned. */
export interface Article {
  id: number;
  code: string;
}

/** What was scanned: its digits, and the article they stand for, if any. */
export interface Scan {
  gtin: string;
  article: Article | null;
}

export interface PickInput {
  orderId: string;
  /** The line the picker is at; null: any line of the order that the scan fits. */
  sku: Article | null;
  /** Null: the picker vouches for it. */
  scan: Scan | null;
  quantity: number;
}

/** The line that is picked. A scan that does not fit is refused, saying what it was and what is expected. */
function scannedLine(order: LockedOrder, input: PickInput, codes: ReadonlyMap<number, string>): OrderLine {
  const { sku, scan } = input;
  const wanted = sku?.id ?? scan?.article?.id;
  const fits = scan === null || (scan.article !== null && scan.article.id === wanted);
  const line = fits ? order.lines.find((l) => l.skuId === wanted) : undefined;
  if (line !== undefined) return line;
  // A line that the picker named and the order lacks is another mistake than a wrong scan.
  if (scan === null || (fits && sku !== null)) return lineOf(order, sku!);
  const expected =
    sku !== null ? [sku.code] : order.lines.filter((l) => l.reserved > 0).map((l) => codes.get(l.skuId)!);
  const was = scan.article === null ? 'no article we know' : scan.article.code;
  refuse(
    'WrongScan',
    `${scan.gtin} is ${was}; order ${order.number} wants ${expected.join(', ') || 'nothing more'}.`,
    {
      scanned: scan.gtin,
      scannedSku: scan.article?.code ?? null,
      expectedSkus: expected,
    },
  );
}

/**
 * Takes units of one line off the shelf: RESERVED → STAGED, never more than the line still asks for.
 * @throws Refused WrongState, WrongScan, NotFound, InvalidInput
 */
export const pickLine = defineCommand(
  'pickLine',
  async (tx, { input, actor, now, commandId }: Command<PickInput>, sendWithCommit) => {
    const order = await lockOrder(tx, actor, input.orderId);
    must('pick', order);
    const codes = await skuCodes(
      tx,
      order.lines.map((l) => l.skuId),
    );
    const line = scannedLine(order, input, codes);
    mustBeLeft(order, line, codes.get(line.skuId)!, input.quantity);
    const shelves = await lockShelves(tx, [{ locationId: order.locationId, skuId: line.skuId }]);
    const step = { from: 'reserved', to: 'staged', bucket: 'STAGED', reason: 'PICKED', commandId } as const;
    await post(tx, shelves, now, [carry(order, line, { ...step, quantity: input.quantity })], sendWithCommit);
    sendWithCommit(saveOrders(tx, now, [order]));
    return { orderId: order.id, skuId: line.skuId };
  },
);

/** Checks that a line still asks for so many units. @throws Refused WrongState when it is done, else InvalidInput */
export function mustBeLeft(order: LockedOrder, line: OrderLine, sku: string, quantity: number): void {
  if (line.reserved === 0) {
    const state = line.awaiting > 0 ? 'AWAITING_TRANSFER' : line.staged > 0 ? 'PICKED' : 'SHORT';
    refuse(
      'WrongState',
      `Line ${sku} of order ${order.number} has nothing left to pick; go on with another line.`,
      {
        what: 'OrderLine',
        key: sku,
        state,
        allowedStates: ['TO_PICK'],
      },
    );
  }
  if (quantity > line.reserved) {
    const left = `only ${line.reserved} of ${sku} are left to pick for order ${order.number}`;
    refuse('InvalidInput', `quantity is ${quantity}; ${left}.`, { path: 'quantity' });
  }
}

/**
 * Makes an order ready: its goods stand at `stagingPlace`, its customer gets a code and one notice. The returned act
 * derives codes from the server's secret. @throws Refused WrongState, LinesOpen
 */
export function markReady(secretKey: Buffer) {
  return defineCommand(
    'markReady',
    async (tx, { input, actor, now }: Command<{ orderId: string; stagingPlace: string }>) => {
      const order = await lockOrder(tx, actor, input.orderId);
      must('markReady', order);
      const open = order.lines.filter((l) => l.reserved + l.awaiting > 0);
      if (open.length > 0) await refuseOpen(tx, order, open);
      order.status = 'READY';
      order.stagingPlace = input.stagingPlace;
      order.readyAt = now;
      order.collectBy = noShowAt(order.calendar, order.policy, now);
      order.remindAt = order.collectBy && remindAt(now, order.collectBy);
      issueCode(secretKey, order);
      await saveOrders(tx, now, [order]);
      await noteHoursSeen(tx, [order]);
      const facts = { readyAt: now, collectBy: order.collectBy };
      await enqueue(tx, now, [about('notice.order_ready', order, facts), about('order.ready', order, facts)]);
      return { orderId: order.id };
    },
  );
}

/** Gives an order its next code. Only the hash is kept; the code itself can be derived again, not read. */
export function issueCode(secretKey: Buffer, order: LockedOrder): void {
  order.codeGeneration += 1;
  order.codeAttempts = 0;
  order.codeHash = hashPickupCode(secretKey, order.id, pickupCode(secretKey, order.id, order.codeGeneration));
}

async function refuseOpen(tx: Tx, order: LockedOrder, open: readonly OrderLine[]): Promise<never> {
  const codes = await skuCodes(
    tx,
    open.map((l) => l.skuId),
  );
  const skus = open.map((l) => codes.get(l.skuId)!);
  const [unitsToPick, unitsAwaited] = [unitsIn(open, 'reserved'), unitsIn(open, 'awaiting')];
  const still = `${unitsToPick} units to pick and ${unitsAwaited} on their way (${skus.slice(0, 5).join(', ')})`;
  refuse('LinesOpen', `Order ${order.number} still has ${still}; pick them or report them short first.`, {
    number: order.number,
    skus,
    unitsToPick,
    unitsAwaited,
  });
}
