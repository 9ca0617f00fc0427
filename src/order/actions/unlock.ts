// unlockPickupCode: a manager of the shop lets an order accept codes again, with a recorded reason.

import { v7 as uuid } from 'uuid';
import { type Command, defineCommand } from '../../access/actions/execute';
import { mustServe } from '../../access/queries/served';
import { insertStatement } from '../../db/documentSql';
import { checkState, Forbidden } from '../../refusals';
import type { InsertedRow } from '../../values/document';
import { MAX_CODE_ATTEMPTS } from '../rules/code';
import { PICKUP_CODE_UNLOCK } from '../rules/columns';
import { must } from '../rules/status';
import { lockOrder, saveOrders } from './document';

const RECORD = insertStatement(PICKUP_CODE_UNLOCK);

/**
 * Resets the wrong codes of an order, because a stranger's guesses must not lock a customer out; the customer's code works again.
 * @throws Forbidden for callers who are no managers @throws Refused WrongState when the order is not READY, or accepts codes anyway
 */
export const unlockPickupCode = defineCommand(
  'unlockPickupCode',
  async (tx, command: Command<{ orderId: string; reason: string }>) => {
    const { input, actor, now, commandId } = command;
    if (actor.role !== 'ADMIN' && actor.role !== 'AGENT' && actor.manager !== true) {
      throw new Forbidden(
        `${actor.name} is not a manager; ask the shop's manager, or an administrator to make one with updateActor.`,
      );
    }
    const order = await lockOrder(tx, actor, input.orderId);
    await mustServe(tx, command, order);
    must('unlockPickupCode', order);
    const isLocked = order.codeAttempts >= MAX_CODE_ATTEMPTS;
    checkState('PickupCode', order.number, isLocked ? 'LOCKED' : 'OPEN', ['LOCKED'], 'unlocked');
    const attempts = order.codeAttempts;
    order.codeAttempts = 0;
    const unlock: InsertedRow<typeof PICKUP_CODE_UNLOCK> = {
      id: uuid(),
      orderId: order.id,
      actorId: actor.actorId,
      commandId,
      attempts,
      reason: input.reason,
    };
    await tx.rows(RECORD, [JSON.stringify([unlock]), now]);
    await saveOrders(tx, now, [order]);
    return { orderId: order.id };
  },
);
