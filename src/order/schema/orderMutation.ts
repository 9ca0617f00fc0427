// What every act on one order answers with, and what it is asked with.

import { builder } from '../../graphql/builder';
import { IDEMPOTENCY_KEY_DESCRIPTION } from '../../graphql/commandRequest';
import { Order } from './order';

/** The act's own answer keeps ids; the order is read as it is now. */
export interface Done {
  orderId: string;
}

/** The success of an act on one order. */
export function orderSuccess(name: string) {
  return builder.objectRef<Done>(name).implement({
    description: 'The order, as it is now.',
    authScopes: { roles: ['STOREFRONT', 'STAFF'] },
    fields: (t) => ({
      order: t.prismaField({
        type: Order,
        resolve: (query, { orderId }, _args, context) =>
          context.db.prisma.order.findUniqueOrThrow({ ...query, where: { id: orderId } }),
      }),
    }),
  });
}

/** An input that names one order and no more. */
export function oneOrderInput(name: string) {
  return builder.inputType(name, {
    fields: (t) => ({
      idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
      order: t.globalID({ required: true, for: [Order] }),
    }),
  });
}
