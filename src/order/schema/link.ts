// The address of an order's page, and the mutation that revokes the links that were sent.

import { ORDER_SERVICE } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { commandPrice } from '../../graphql/cost/price';
import { mutation } from '../../graphql/mutation';
import { revokeOrderLink } from '../actions/revokeLink';
import { orderPageUrl, orderToken } from '../rules/orderLink';
import { Order } from './order';
import { changedOrder, ofOrder } from './orderMutation';

builder.prismaObjectField(Order, 'pageUrl', (t) =>
  t.string({
    nullable: true,
    description:
      'Address of the page on which the customer follows the order without signing in; null without PUBLIC_URL. Whoever has it sees the pickup code.',
    authScopes: { roles: ['STOREFRONT'] },
    resolve: (order, _args, { caller, secretKey, config: { contact } }) =>
      caller.role === 'STOREFRONT'
        ? orderPageUrl({ secretKey, publicUrl: contact.publicUrl }, order, null)
        : null,
  }),
);

builder.prismaObjectField(Order, 'pagePath', (t) =>
  t.string({
    nullable: true,
    description:
      'Path on this server of the page of `pageUrl`, for a web shop under the same host name. Whoever has it sees the pickup code.',
    authScopes: { roles: ['STOREFRONT'] },
    resolve: (order, _args, { caller, secretKey }) =>
      caller.role === 'STOREFRONT' ? `/o/${orderToken(secretKey, order)}` : null,
  }),
);

mutation('revokeOrderLink', {
  description:
    'Revokes all links of the order’s page that were sent, because a stranger has got one. Later notices have a new link, and so has `pageUrl`. The pickup code stays the same: use reissuePickupCode to change it too.',
  authScopes: ORDER_SERVICE,
  price: commandPrice(),
  input: ofOrder,
  success: changedOrder,
  execute: (input, context, request) => revokeOrderLink(context.db, request({ orderId: input.order.id })),
});
