// Commands of picking: starting a wave, picking lines by scan, and marking an order as ready with a pickup code.

import { type Command, defineCommand } from '../../access/actions/execute';
import { mustWorkAt } from '../../access/rules/roles';
import { skuCodes } from '../../catalog/queries/skus';
import { isCaseScan } from '../../catalog/rules/scan';
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

/** Starts a wave of orders of one shop, picked by the caller: PLACED → PICKING. @throws Refused NotFound, WrongState, InvalidInput */
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

/** An article, resolved by the schema layer from its code or from a scan. */
export interface Article {
  id: number;
  code: string;
}

/** A scan: its digits, and the article they stand for, if any. */
export interface Scan {
  gtin: string;
  article: Article | null;
}

export interface PickInput {
  orderId: string;
  /** The line being picked; null: any line of the order that matches the scan. */
  sku: Article | null;
  /** Null: picked without a scan. */
  scan: Scan | null;
  quantity: number;
}

/** The line that is picked. A scan that does not match is refused with the scanned and the expected articles. */
function scannedLine(order: LockedOrder, input: PickInput, codes: ReadonlyMap<number, string>): OrderLine {
  const { sku, scan } = input;
  const wanted = sku?.id ?? scan?.article?.id;
  const fits = scan === null || (scan.article !== null && scan.article.id === wanted);
  const line = fits ? order.lines.find((l) => l.skuId === wanted) : undefined;
  if (line !== undefined) return line;
  // A named line that the order does not have is answered with NotFound, not with WrongScan.
  if (scan === null || (fits && sku !== null)) return lineOf(order, sku!);
  const expected =
    sku !== null ? [sku.code] : order.lines.filter((l) => l.reserved > 0).map((l) => codes.get(l.skuId)!);
  const unknown = isCaseScan(scan.gtin)
    ? 'a case of no article we know (scan one unit)'
    : 'no article we know';
  const was = scan.article?.code ?? unknown;
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
 * Takes units of one line off the shelf: RESERVED → STAGED, never more than the line still needs.
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

/** Checks that a line still needs so many units. @throws Refused WrongState when it is done, else InvalidInput */
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
 * Marks an order as ready: its goods are at `stagingPlace`, its customer gets a pickup code and one notice. The returned
 * command derives codes from the server's secret. @throws Refused WrongState, LinesOpen
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

/** Issues the next code of an order. Only its hash is stored; the code itself can be derived again. */
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
