// GraphQL mutation eraseCustomer.

import { ADMINS } from '../../access/rules/roleSets';
import { commandPrice } from '../../graphql/cost/price';
import { mutation } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { changedOrder, ofOrder } from '../../order/schema/orderMutation';
import { eraseCustomer } from '../actions/eraseCustomer';

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
