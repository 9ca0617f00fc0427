// What the commands on one order have in common: their input, and their success.

import { STOREFRONTS_OR_STAFF } from '../../access/rules/roleSets';
import type { InputFields, Success, SuccessFields } from '../../graphql/mutation';
import { Order } from './order';

/** The command's own answer keeps ids; the order is read as it is now. */
export interface Done {
  orderId: string;
}

/** The field of a success that shows its order. */
export const orderField = <S extends Done>(t: SuccessFields<S>) =>
  t.prismaField({
    type: Order,
    resolve: (query, { orderId }, _args, context) =>
      context.db.prisma.order.findUniqueOrThrow({ ...query, where: { id: orderId } }),
  });

/** The success of a command on one order. */
export const changedOrder: Success<Done> = {
  description: 'The order, as it is now.',
  authScopes: STOREFRONTS_OR_STAFF,
  fields: (t) => ({ order: orderField(t) }),
};

/** The input of a command that names one order and no more. */
export const ofOrder = (t: InputFields) => ({ order: t.globalID({ required: true, for: [Order] }) });
