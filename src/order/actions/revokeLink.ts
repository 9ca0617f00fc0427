// revokeOrderLink: the links of an order's page that were sent before stop working, because a stranger has got one.

import { type Command, defineCommand } from '../../access/actions/execute';
import { mustServe } from '../../access/queries/served';
import { lockOrder, saveOrders } from './document';

/** Raises the generation of an order's links. Later notices have the new link. @throws Refused NotFound @throws Forbidden */
export const revokeOrderLink = defineCommand(
  'revokeOrderLink',
  async (tx, command: Command<{ orderId: string }>) => {
    const { input, actor, now } = command;
    const order = await lockOrder(tx, actor, input.orderId);
    await mustServe(tx, command, order);
    order.linkGeneration += 1;
    await saveOrders(tx, now, [order]);
    return { orderId: order.id };
  },
);
