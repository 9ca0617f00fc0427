// The real acts: how each one is asked of the program, and its answer in the model's words.

import type { Asked } from '../../src/access/act';
import type { Caller } from '../../src/access/rules';
import type { Db } from '../../src/db/pool';
import '../../src/order/actions/arrivals';
import { cancelOrder } from '../../src/order/actions/cancel';
import { collectOrder, reissuePickupCode } from '../../src/order/actions/collect';
import { markReady, pickLine, startPicking } from '../../src/order/actions/pick';
import { placeOrder } from '../../src/order/actions/place';
import { shortPick } from '../../src/order/actions/short';
import { hashPickupCode, pickupCode } from '../../src/order/rules/code';
import { createPurchaseOrder, receivePurchaseOrder } from '../../src/purchase/actions';
import { Refused } from '../../src/refusals';
import { extendReservation, releaseReservation } from '../../src/reservation/actions';
import { reserveStock } from '../../src/reservation/actions/reserve';
import type { Reserved } from '../../src/reservation/rules';
import { receiveReturn } from '../../src/return/actions/acts';
import { countStock } from '../../src/stock/actions/counts';
import { adjustStock, quarantineStock, receiveStock, releaseQuarantine } from '../../src/stock/actions/goods';
import { setSafetyStock } from '../../src/stock/actions/safetyStock';
import {
  cancelTransfer,
  createTransfer,
  dispatchTransfer,
  receiveTransfer,
} from '../../src/transfer/actions/acts';
import { ON_RECEIPT } from './judgeGoods';
import type { Answer, Op } from './ops';
import type { State } from './state';

/** Whose acts these are, and what the model's numbers are called in the database. */
export interface Names {
  /** Goes before all codes of this history. */
  tag: string;
  places: { id: number; code: string }[];
  skus: { id: number; code: string }[];
  owners: Caller[];
  staff: Caller;
  planner: Caller;
  supplier: string;
  /** Before anything of this history happened. */
  soldAt: Date;
}

const SECRET = Buffer.alloc(32, 7);
const ready = markReady(SECRET);
const reissue = reissuePickupCode(SECRET);
const CUSTOMER = { name: 'Anne', email: 'anne@example.com', phone: null, contactChannel: 'EMAIL' } as const;
const NO_CODE = hashPickupCode(SECRET, 'none', '222222');

type Call = { who: Caller; run: (ask: <I>(input: I) => Asked<I>) => Promise<unknown> };

/** How an act is asked of the program. */
function callOf(names: Names, state: State, db: Db, op: Op): Call {
  const { staff, planner } = names;
  const sku = (i: number) => ({ skuId: names.skus[i]!.id, sku: names.skus[i]!.code });
  const article = (i: number) => ({ id: names.skus[i]!.id, code: names.skus[i]!.code });
  const at = (i: number) => ({ locationId: names.places[i]!.id, locationCode: names.places[i]!.code });
  const units = (lines: readonly { sku: number; units: number }[]) =>
    lines.map((l) => ({ ...sku(l.sku), quantity: l.units }));
  const note = null;
  const placing = { customer: CUSTOMER, note, reservationId: null, reservationKey: '' };
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
    default: {
      const { id: orderId, owner } = state.orders[op.doc]!;
      const web = names.owners[owner]!;
      switch (op.act) {
        case 'start':
          return { who: staff, run: (ask) => startPicking(db, ask({ orderIds: [orderId] })) };
        case 'pick': {
          const input = { orderId, sku: article(op.sku), scan: null, quantity: op.units };
          return { who: staff, run: (ask) => pickLine(db, ask(input)) };
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
  }
}

const payment = (paid: boolean) => (paid ? ('PAID' as const) : ('PAY_IN_STORE' as const));

/** Said by the program, in the model's words. */
function inWords(names: Names, op: Op, value: unknown): Answer {
  const skuOf = (id: number): number => names.skus.findIndex((s) => s.id === id);
  const raw: unknown = JSON.parse(JSON.stringify(value));
  if (op.act === 'reserve') {
    const { id, expiresAt, certificate } = value as Reserved;
    const lines = certificate.lines.map(
      ({ skuId, requested, held, wasAvailable: was, safetyStock: kept, remaining }) => ({
        sku: skuOf(skuId),
        requested,
        held,
        was,
        kept,
        remaining,
      }),
    );
    return { kind: 'ok', raw, id, until: Date.parse(expiresAt), certificate: lines };
  }
  const told = value as Record<'orderId' | 'transferId' | 'purchaseId', string> & Record<string, number>;
  const id = told.orderId ?? told.transferId ?? told.purchaseId;
  if (op.act === 'short') return { kind: 'ok', raw, id, here: told.replacedHere!, fetched: told.resourced! };
  return { kind: 'ok', raw, ...(id && { id }) };
}

function refusedInWords(names: Names, refused: Refused): Answer {
  const data = refused.data as unknown as {
    kind: string;
    state?: string;
    lines?: { sku: string; requested: number; available: number | null }[];
  };
  const { kind, state, lines } = data;
  const answer: Answer = { kind, raw: JSON.parse(JSON.stringify(data)), ...(state && { state }) };
  if (kind !== 'NotEnoughStock') return answer;
  const short = lines!.map(({ sku, requested, available }) => ({
    sku: names.skus.findIndex((s) => s.code === sku),
    requested,
    available,
  }));
  return { ...answer, short };
}

/** Takes one act on the real program. A refusal is an answer; every other error is thrown. */
export async function perform(names: Names, state: State, db: Db, op: Op, key: string): Promise<Answer> {
  const { who, run } = callOf(names, state, db, op);
  const now = new Date(state.now);
  try {
    return inWords(names, op, await run((input) => ({ who, idempotencyKey: key, input, now })));
  } catch (error) {
    if (error instanceof Refused) return refusedInWords(names, error);
    throw error;
  }
}
