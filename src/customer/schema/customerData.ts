// GraphQL query customerData: the stored data of one customer by e-mail address.

import { builder } from '../../graphql/builder';
import { documentPage } from '../../graphql/connections';
import { checkEmail } from '../../order/rules/customer';
import { Order, OrderConnection } from '../../order/schema/order';
import { CUSTOMER_ADMINS } from './access';

builder.queryField('customerData', (t) =>
  t.prismaConnection(
    {
      type: Order,
      cursor: 'id',
      description:
        'All orders of one customer, found by e-mail address, newest first: what is stored about this person.',
      authScopes: CUSTOMER_ADMINS,
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
