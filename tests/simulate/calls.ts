// The real acts, and how each one is asked of the program.

import type { Db } from '../../src/db/pool';
import { awaitingOrders } from '../../src/order/actions/arrivals';
import { cancelOrder } from '../../src/order/actions/cancel';
import { collectOrder, reissuePickupCode } from '../../src/order/actions/collect';
import { markReady, pickLine, startPicking } from '../../src/order/actions/pick';
import { placeOrder } from '../../src/order/actions/place';
import { reportBroken, shortPick } from '../../src/order/actions/short';
import { undoPick } from '../../src/order/actions/undoPick';
import { hashPickupCode, pickupCode } from '../../src/order/rules/code';
import { createPurchaseOrder, receivePurchaseOrder } from '../../src/purchase/actions/commands';
import { extendReservation, releaseReservation } from '../../src/reservation/actions/commands';
import { reserveStock } from '../../src/reservation/actions/reserve';
import { receiveReturn } from '../../src/return/actions/receive';
import { countStock } from '../../src/stock/actions/counts';
import { adjustStock, quarantineStock, receiveStock, releaseQuarantine } from '../../src/stock/actions/goods';
import { setSafetyStock } from '../../src/stock/actions/safetyStock';
import { cancelTransferWith, createTransfer, dispatchTransfer } from '../../src/transfer/actions/commands';
import { receiveTransferWith } from '../../src/transfer/actions/receive';
import { type Call, type Names, type Of, type Tools, toolsOf } from './callTools';
import { correctionCall } from './correctionCalls';
import { ON_RECEIPT } from './judgeGoods';
import type { Op } from './ops';
import type { SimulatedState } from './state';

const cancelTransfer = cancelTransferWith(awaitingOrders);
const receiveTransfer = receiveTransferWith(awaitingOrders);

const SECRET = Buffer.alloc(32, 7);
const ready = markReady(SECRET);
const reissue = reissuePickupCode(SECRET);
const CUSTOMER = { name: 'Anne', email: 'anne@example.com', phone: null, contactChannel: 'EMAIL' } as const;
const NO_CODE = hashPickupCode(SECRET, 'none', '222222');

const payment = (paid: boolean) => (paid ? ('PAID' as const) : ('PAY_IN_STORE' as const));

const note = null;
const placing = { customer: CUSTOMER, note, reservationId: null, reservationKey: '' };

/** Holds, and orders made of them or of shelves. */
function basketCall(
  { names, state, db, at, units }: Tools,
  op: Of<'reserve' | 'extend' | 'release' | 'commit' | 'order'>,
): Call {
  switch (op.act) {
    case 'reserve': {
      const { holder, channel, partial: allowPartial, minutes: holdMinutes } = op;
      const input = { ...at(op.place), channel, holder, holdMinutes, allowPartial, lines: units(op.lines) };
      return { who: names.owners[op.owner]!, run: (ask) => reserveStock(db, ask(input)) };
    }
    case 'extend':
    case 'release': {
      const { id, owner } = state.holds[op.doc]!;
      const input = { reservationId: id, reservationKey: 'hold' };
      const who = names.owners[owner]!;
      if (op.act === 'release') return { who, run: (ask) => releaseReservation(db, ask(input)) };
      return { who, run: (ask) => extendReservation(db, ask({ ...input, holdMinutes: op.minutes })) };
    }
    case 'commit': {
      const { id, owner } = state.holds[op.doc]!;
      const more = { direct: null, allowTransfer: false, allowPartial: false, payment: payment(op.paid) };
      const input = { ...placing, ...more, reservationId: id, reservationKey: 'hold' };
      return { who: names.owners[owner]!, run: (ask) => placeOrder(db, ask(input)) };
    }
    case 'order': {
      const direct = { locationId: at(op.place).locationId, channel: op.channel, lines: units(op.lines) };
      const how = { payment: payment(op.paid), allowTransfer: op.transfer, allowPartial: op.partial };
      return {
        who: names.owners[op.owner]!,
        run: (ask) => placeOrder(db, ask({ ...placing, ...how, direct })),
      };
    }
  }
}

/** What is done to the shelves of one location. */
function shelfCall(
  { names, db, sku, at, units }: Tools,
  op: Of<'safety' | 'receive' | 'adjust' | 'setAside' | 'letGo' | 'count'>,
): Call {
  const { staff, planner } = names;
  switch (op.act) {
    case 'safety': {
      const rule = {
        skuId: op.sku === null ? null : names.skus[op.sku]!.id,
        locationId: op.place === null ? null : names.places[op.place]!.id,
        channel: op.channel,
        quantity: op.units,
      };
      return { who: planner, run: (ask) => setSafetyStock(db, ask({ rules: [rule] })) };
    }
    case 'receive':
      return {
        who: staff,
        run: (ask) => receiveStock(db, ask({ ...at(op.place), lines: units(op.lines), note })),
      };
    case 'adjust': {
      const reason = op.delta > 0 ? ('FOUND' as const) : op.sold ? ('SOLD' as const) : ('LOST' as const);
      const lines = [{ skuId: sku(op.sku).skuId, delta: op.delta, reason, note }];
      return { who: staff, run: (ask) => adjustStock(db, ask({ ...at(op.place), lines })) };
    }
    case 'setAside':
      return {
        who: staff,
        run: (ask) => quarantineStock(db, ask({ ...at(op.place), lines: units([op]), reason: 'odd' })),
      };
    case 'letGo': {
      const lines = [{ skuId: sku(op.sku).skuId, quantity: op.units, exit: op.exit }];
      return { who: staff, run: (ask) => releaseQuarantine(db, ask({ ...at(op.place), lines, note })) };
    }
    case 'count': {
      const lines = [{ skuId: sku(op.sku).skuId, quantity: op.counted, expectedQuantity: op.expected }];
      return {
        who: op.byPlanner ? planner : staff,
        run: (ask) => countStock(db, ask({ ...at(op.place), lines })),
      };
    }
  }
}

/** What comes back from customers and what is bought. */
function tradeCall(
  { names, state, db, sku, at, units }: Tools,
  op: Of<'tillReturn' | 'giveBack' | 'buy' | 'deliver'>,
): Call {
  const { staff, planner } = names;
  switch (op.act) {
    case 'tillReturn': {
      const lines = [{ ...sku(op.sku), quantity: op.units, reason: 'x', disposition: op.disposition }];
      const sold = names.skus.map(({ id }) => ({ skuId: id, quantity: ON_RECEIPT }));
      const receipt = { number: `${names.tag}-${op.receipt}`, soldAt: names.soldAt, lines: sold };
      const input = { ...at(op.place), returnId: null, orderId: null, receipt, lines };
      return { who: staff, run: (ask) => receiveReturn(db, ask(input)) };
    }
    case 'giveBack': {
      const lines = op.lines.map((l) => ({
        ...sku(l.sku),
        quantity: l.units,
        reason: 'x',
        disposition: l.disposition,
      }));
      const input = {
        ...at(op.place),
        returnId: null,
        orderId: state.orders[op.doc]!.id,
        receipt: null,
        lines,
      };
      return { who: staff, run: (ask) => receiveReturn(db, ask(input)) };
    }
    case 'buy': {
      const { locationId } = at(op.place);
      const { supplier } = names;
      const input = { supplier, locationId, lines: units(op.lines), expectedAt: null, note, order: true };
      return { who: planner, run: (ask) => createPurchaseOrder(db, ask(input)) };
    }
    case 'deliver': {
      const input = { purchaseId: state.purchases[op.doc]!.id, lines: units([op]), close: op.close };
      return { who: staff, run: (ask) => receivePurchaseOrder(db, ask(input)) };
    }
  }
}

/** What goes between locations. */
function transferCall(
  { names, state, db, units }: Tools,
  op: Of<'send' | 'dispatch' | 'callOff' | 'arrive'>,
): Call {
  const { staff } = names;
  switch (op.act) {
    case 'send': {
      const [from, to] = [names.places[op.from]!, names.places[op.to]!];
      const input = {
        fromLocationId: from.id,
        fromCode: from.code,
        toLocationId: to.id,
        expectedAt: null,
        note,
      };
      return { who: staff, run: (ask) => createTransfer(db, ask({ ...input, lines: units(op.lines) })) };
    }
    case 'dispatch':
    case 'callOff':
    case 'arrive': {
      const transferId = state.transfers[op.doc]!.id;
      if (op.act === 'dispatch')
        return { who: staff, run: (ask) => dispatchTransfer(db, ask({ transferId })) };
      if (op.act === 'callOff') return { who: staff, run: (ask) => cancelTransfer(db, ask({ transferId })) };
      const lines = op.lines && units(op.lines);
      return { who: staff, run: (ask) => receiveTransfer(db, ask({ transferId, lines })) };
    }
  }
}

/** What is done with an order until it is fetched. */
function orderCall(
  { names, state, db, article }: Tools,
  op: Of<'start' | 'pick' | 'unpick' | 'short' | 'broken' | 'ready' | 'reissue' | 'cancel' | 'collect'>,
): Call {
  const { staff } = names;
  const { id: orderId, owner } = state.orders[op.doc]!;
  const web = names.owners[owner]!;
  switch (op.act) {
    case 'start':
      return { who: staff, run: (ask) => startPicking(db, ask({ orderIds: [orderId] })) };
    case 'pick': {
      const input = { orderId, sku: article(op.sku), scan: null, quantity: op.units };
      return { who: staff, run: (ask) => pickLine(db, ask(input)) };
    }
    case 'unpick': {
      const input = { orderId, sku: article(op.sku), quantity: op.units };
      return { who: staff, run: (ask) => undoPick(db, ask(input)) };
    }
    case 'broken': {
      const input = { orderId, sku: article(op.sku), quantity: op.units, resource: op.resource };
      return { who: staff, run: (ask) => reportBroken(db, ask(input)) };
    }
    case 'short': {
      const reason = op.damaged ? ('DAMAGED' as const) : ('NOT_FOUND' as const);
      const input = { orderId, sku: article(op.sku), quantity: op.units, reason, resource: op.resource };
      return { who: staff, run: (ask) => shortPick(db, ask(input)) };
    }
    case 'ready':
      return { who: staff, run: (ask) => ready(db, ask({ orderId, stagingPlace: 'A' })) };
    case 'reissue':
      return { who: web, run: (ask) => reissue(db, ask({ orderId })) };
    case 'cancel':
      return { who: web, run: (ask) => cancelOrder(db, ask({ orderId, reason: 'OTHER', note })) };
    case 'collect': {
      const right = op.right && op.codes > 0;
      const codeHash = right
        ? hashPickupCode(SECRET, orderId, pickupCode(SECRET, orderId, op.codes))
        : NO_CODE;
      const lines = op.first === null ? null : [{ sku: article(op.first), quantity: 1 }];
      const input = { orderId, codeHash, collectedBy: null, lines, paid: op.paid };
      return { who: staff, run: (ask) => collectOrder(db, ask(input)) };
    }
  }
}

/** How a command is asked of the program, by whom. */
export function callOf(names: Names, state: SimulatedState, db: Db, op: Op): Call {
  const tools = toolsOf(names, state, db);
  switch (op.act) {
    case 'reserve':
    case 'extend':
    case 'release':
    case 'commit':
    case 'order':
      return basketCall(tools, op);
    case 'safety':
    case 'receive':
    case 'adjust':
    case 'setAside':
    case 'letGo':
    case 'count':
      return shelfCall(tools, op);
    case 'tillReturn':
    case 'giveBack':
    case 'buy':
    case 'deliver':
      return tradeCall(tools, op);
    case 'send':
    case 'dispatch':
    case 'callOff':
    case 'arrive':
      return transferCall(tools, op);
    case 'cancelLine':
    case 'recall':
    case 'receiveLate':
    case 'reverseArrival':
    case 'reverseDelivery':
      return correctionCall(tools, op);
    default:
      return orderCall(tools, op);
  }
}
