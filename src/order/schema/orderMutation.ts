// Shared input and success of the mutations on one order.

import { ORDER_SERVICE } from '../../access/rules/roleSets';
import type { InputFields, Success, SuccessFields } from '../../graphql/mutation';
import { Order } from './order';

/** The result of a command contains ids only; the order is read in its present state. */
export interface Done {
  orderId: string;
}

/** The field `order` of a success. */
export const orderField = <S extends Done>(t: SuccessFields<S>) =>
  t.prismaField({
    type: Order,
    resolve: (query, { orderId }, _args, context) =>
      context.db.prisma.order.findUniqueOrThrow({ ...query, where: { id: orderId } }),
  });

/** The success of a command on one order. */
export const changedOrder: Success<Done> = {
  description: 'The order, as it is now.',
  authScopes: ORDER_SERVICE,
  fields: (t) => ({ order: orderField(t) }),
};

/** The input of a command that has no other field than the order. */
export const ofOrder = (t: InputFields) => ({ order: t.globalID({ required: true, for: [Order] }) });
