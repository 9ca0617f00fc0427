// GraphQL query customerData and mutation eraseCustomer: the stored data of one customer and its erasure.

import { ADMINS } from '../access/rules/roleSets';
import { builder } from '../graphql/builder';
import { documentPage } from '../graphql/connections';
import { commandPrice } from '../graphql/cost/price';
import { mutation } from '../graphql/mutation';
import { WrongState } from '../graphql/refusal';
import { checkEmail } from '../order/rules/customer';
import { Order, OrderConnection } from '../order/schema/order';
import { changedOrder, ofOrder } from '../order/schema/orderMutation';
import { eraseCustomer } from './actions';

builder.queryField('customerData', (t) =>
  t.prismaConnection(
    {
      type: Order,
      cursor: 'id',
      description:
        'All orders of one customer, found by e-mail address, newest first: what is stored about this person.',
      authScopes: ADMINS,
      args: { email: t.arg.string({ required: true, description: 'E-mail address of the customer.' }) },
      resolve: (query, _root, { email }, { db }) =>
        db.prisma.order.findMany({
          ...documentPage(query),
          where: { customerEmail: checkEmail(email, 'email') },
          orderBy: { id: 'desc' },
        }),
    },
    OrderConnection,
  ),
);

mutation('eraseCustomer', {
  description:
    'Erases the personal data of a closed order: name, addresses and free texts. Stock and amounts stay unchanged.',
  authScopes: ADMINS,
  price: commandPrice(),
  input: ofOrder,
  success: changedOrder,
  refusals: [WrongState],
  execute: (input, context, request) => eraseCustomer(context.db, request({ orderId: input.order.id })),
});
