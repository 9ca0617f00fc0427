// unlockPickupCode: the shop's manager lets an order take codes again, with a reason that stays on record.

import { v7 as uuid } from 'uuid';
import { type Command, defineCommand } from '../../access/actions/execute';
import { checkState, Forbidden } from '../../refusals';
import { MAX_CODE_ATTEMPTS } from '../rules/code';
import { must } from '../rules/status';
import { lockOrder, saveOrders } from './document';

const RECORD = `
  INSERT INTO pickup_code_unlock (id, order_id, actor_id, command_id, attempts, reason, at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)`;

/**
 * Strangers' guesses must not keep a customer from the goods: the code that the customer has opens the order again.
 * @throws Forbidden for who is no manager @throws Refused WrongState when the order is not READY, or takes codes anyway
 */
export const unlockPickupCode = defineCommand(
  'unlockPickupCode',
  async (tx, { input, actor, now, commandId }: Command<{ orderId: string; reason: string }>) => {
    if (actor.role !== 'ADMIN' && actor.manager !== true) {
      throw new Forbidden(
        `${actor.name} is not a manager; ask the shop's manager, or an administrator to make one with updateActor.`,
      );
    }
    const order = await lockOrder(tx, actor, input.orderId);
    must('unlockPickupCode', order);
    const isLocked = order.codeAttempts >= MAX_CODE_ATTEMPTS;
    checkState('PickupCode', order.number, isLocked ? 'LOCKED' : 'OPEN', ['LOCKED'], 'unlocked');
    const attempts = order.codeAttempts;
    order.codeAttempts = 0;
    await tx.rows(RECORD, [uuid(), order.id, actor.actorId, commandId, attempts, input.reason, now]);
    await saveOrders(tx, now, [order]);
    return { orderId: order.id };
  },
);
