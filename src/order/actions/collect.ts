// Commands at the counter: a customer's departure and arrival, a new pickup code, and the handover of all or some goods.

import { timingSafeEqual } from 'node:crypto';
import { type Command, defineCommand } from '../../access/actions/execute';
import { enqueue } from '../../outbox/actions/enqueue';
import { type Refused, refusal, refuse } from '../../refusals';
import { lockShelves, type Move, post } from '../../stock/ledger';
import { MAX_CODE_ATTEMPTS } from '../rules/code';
import { NEW_CODES, WRONG_CODES } from '../rules/limits';
import { amountOf, type OrderLine } from '../rules/lines';
import { must } from '../rules/status';
import { checkAllowance, spend, takeTurns } from './allowance';
import { carry, type LockedOrder, lineOf, lockOrder, saveOrders, shelvesOf } from './document';
import { about } from './notices';
import { type Article, issueCode } from './pick';

/** Issues a new pickup code; the old one becomes invalid. @throws Refused WrongState, AllowanceSpent */
export function reissuePickupCode(secretKey: Buffer) {
  return defineCommand(
    'reissuePickupCode',
    async (tx, { input, actor, now }: Command<{ orderId: string }>) => {
      const order = await lockOrder(tx, actor, input.orderId);
      must('reissuePickupCode', order);
      await checkAllowance(tx, NEW_CODES, order.id, now);
      await spend(tx, NEW_CODES, order.id, now);
      issueCode(secretKey, order);
      await saveOrders(tx, now, [order]);
      const facts = { readyAt: order.readyAt, collectBy: order.collectBy, newCode: true };
      await enqueue(tx, now, [about('notice.order_ready', order, facts)]);
      return { orderId: order.id };
    },
  );
}

/** Records that the customer is on the way; only the first call counts. @throws Refused WrongState before READY */
export const onMyWay = defineCommand(
  'onMyWay',
  async (tx, { input, actor, now }: Command<{ orderId: string }>) => {
    const order = await lockOrder(tx, actor, input.orderId);
    must('onMyWay', order);
    order.onTheWayAt ??= now;
    await saveOrders(tx, now, [order]);
    return { orderId: order.id };
  },
);

/** Records that the customer has arrived; a new note ("bay 4") replaces the old one. @throws Refused WrongState before READY */
export const imHere = defineCommand(
  'imHere',
  async (tx, { input, actor, now }: Command<{ orderId: string; arrivalNote: string | null }>) => {
    const order = await lockOrder(tx, actor, input.orderId);
    must('imHere', order);
    order.arrivedAt ??= now;
    order.arrivalNote = input.arrivalNote ?? order.arrivalNote;
    await saveOrders(tx, now, [order]);
    return { orderId: order.id };
  },
);

export interface CollectInput {
  orderId: string;
  /** Keyed hash of the shown code; never the code itself, because requests are stored. */
  codeHash: string;
  /** Name of the person who took the goods, if it was not the customer. */
  collectedBy: string | null;
  /** The units taken, one line per SKU; null: everything. */
  lines: { sku: Article; quantity: number }[] | null;
  /** Whether a pay-in-store order was paid at the counter. */
  paid: boolean;
}

/** Compares in constant time, so that the duration does not reveal how much of a guess was right. */
function sameHash(given: string, stored: string | null): boolean {
  if (stored === null) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(stored)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Counts a wrong code. The refusal is returned, not thrown, so that the count is committed. */
function wrongCode(order: LockedOrder): Refused {
  order.codeAttempts += 1;
  const { number } = order;
  const attemptsLeft = MAX_CODE_ATTEMPTS - order.codeAttempts;
  const advice = attemptsLeft > 0 ? `${attemptsLeft} attempts left` : 'it is locked now, have a new one sent';
  return refusal('WrongPickupCode', `This is not the code of order ${number}; ${advice}.`, {
    number,
    attemptsLeft,
  });
}

function lockedCode({ number, codeAttempts: attempts }: LockedOrder): never {
  const message = `Order ${number} takes no more codes after ${attempts} wrong ones; send the customer a new one, or have the shop's manager unlock it (unlockPickupCode).`;
  refuse('PickupCodeLocked', message, { number, attempts });
}

/** Units taken by line. @throws Refused NotFound, InvalidInput for more units than are staged, or none */
function takenUnits(order: LockedOrder, lines: CollectInput['lines']): Map<OrderLine, number> {
  if (lines === null) return new Map(order.lines.map((l) => [l, l.staged]));
  const taken = new Map<OrderLine, number>();
  for (const [i, { sku, quantity }] of lines.entries()) {
    const line = lineOf(order, sku);
    if (quantity > line.staged) {
      const path = `lines.${i}.quantity`;
      refuse(
        'InvalidInput',
        `${path} is ${quantity}; only ${line.staged} of ${sku.code} wait for the customer.`,
        {
          path,
        },
      );
    }
    taken.set(line, quantity);
  }
  if ([...taken.values()].every((q) => q === 0)) {
    refuse('InvalidInput', 'lines take nothing; use cancelOrder when the customer wants none of it.', {
      path: 'lines',
    });
  }
  return taken;
}

/** Records the payment. @throws Refused PaymentDue when goods would be handed over unpaid */
function takePayment(
  order: LockedOrder,
  taken: ReadonlyMap<OrderLine, number>,
  paid: boolean,
  now: Date,
): void {
  if (order.paidAt !== null) return;
  if (paid) {
    order.paidAt = now;
    return;
  }
  const due = amountOf(order.lines, (line) => taken.get(line) ?? 0);
  const dueText = due === null ? '' : `: ${due.amountMinor} ${due.currency} (minor units)`;
  refuse(
    'PaymentDue',
    `Order ${order.number} is paid in store${dueText}; take the money and set paid to true.`,
    {
      number: order.number,
      amountMinor: due?.amountMinor ?? null,
      currency: due?.currency ?? null,
    },
  );
}

/** The moves of a handover: taken units go to the customer, the others back to the shelf. */
function handover(order: LockedOrder, taken: ReadonlyMap<OrderLine, number>, commandId: number): Move[] {
  return order.lines.flatMap((line) => {
    const out = { from: 'staged', to: 'collected', bucket: 'CUSTOMER', reason: 'COLLECTED' } as const;
    const back = { from: 'staged', to: 'cancelled', bucket: 'AVAILABLE', reason: 'NOT_COLLECTED' } as const;
    const taking = carry(order, line, { ...out, quantity: taken.get(line) ?? 0, commandId });
    return [taking, carry(order, line, { ...back, quantity: line.staged, commandId })];
  });
}

/**
 * Hands an order over against its code: STAGED → CUSTOMER; units that are not taken go back to the shelf and are cancelled.
 * Wrong codes are counted: after MAX_CODE_ATTEMPTS an order needs a new code, after WRONG_CODES a caller has to wait. The
 * handovers of one caller are therefore serialized.
 * @throws Refused WrongState, WrongPickupCode, PickupCodeLocked, PaymentDue, NotFound, InvalidInput; AllowanceSpent
 */
export const collectOrder = defineCommand(
  'collectOrder',
  async (
    tx,
    { input, actor, now, commandId }: Command<CollectInput>,
    sendWithCommit,
  ): Promise<{ orderId: string } | Refused> => {
    const holder = String(actor.actorId);
    await takeTurns(tx, WRONG_CODES, holder);
    await checkAllowance(tx, WRONG_CODES, holder, now);
    const order = await lockOrder(tx, actor, input.orderId);
    must('collect', order);
    if (order.codeAttempts >= MAX_CODE_ATTEMPTS) lockedCode(order);
    if (!sameHash(input.codeHash, order.codeHash)) {
      const refused = wrongCode(order);
      await saveOrders(tx, now, [order]);
      await spend(tx, WRONG_CODES, holder, now);
      return refused;
    }
    const taken = takenUnits(order, input.lines);
    takePayment(order, taken, input.paid, now);
    const shelves = await lockShelves(tx, shelvesOf(order));
    await post(tx, shelves, now, handover(order, taken, commandId), sendWithCommit);
    order.status = 'COLLECTED';
    order.closedAt = now;
    order.collectedBy = input.collectedBy;
    order.handedOverById = actor.actorId;
    sendWithCommit(saveOrders(tx, now, [order]));
    const whole = order.lines.every((l) => l.collected === l.quantity);
    sendWithCommit(enqueue(tx, now, [about('order.collected', order, { whole })]));
    return { orderId: order.id };
  },
);
