// GraphQL mutation eraseCustomer.

import { DATA_STEWARDS } from '../../access/rules/roleSets';
import { commandPrice } from '../../graphql/cost/price';
import { encodeGlobalID } from '../../graphql/ids';
import { mutation, type Success } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { Order } from '../../order/schema/order';
import { refuse } from '../../refusals';
import { type ErasureResult, type ErasureSubject, eraseCustomer } from '../actions/eraseCustomer';
import { Customer } from './customer';

/** Of the customers that only the model joined with the one that a request names. */
export const NOT_INCLUDED =
  'Global IDs of customers that only the model of probable links joined with this one: their data is not included. Review them with identityLinks, and request the same for those that are this person.';

const erased: Success<ErasureResult> = {
  authScopes: DATA_STEWARDS,
  fields: (t) => ({
    order: t.prismaField({
      type: Order,
      nullable: true,
      description: 'The order, as it is now; null if a whole customer was erased.',
      resolve: (query, { orderId }, _args, context) =>
        orderId === null ? null : context.db.prisma.order.findUnique({ ...query, where: { id: orderId } }),
    }),
    openOrders: t.int({
      description: 'Open orders of the customer. Each is erased when it is closed.',
      resolve: ({ openOrders }) => openOrders ?? 0,
    }),
    notIncluded: t.idList({
      description: NOT_INCLUDED,
      resolve: ({ probableIds }) => (probableIds ?? []).map((id) => encodeGlobalID('Customer', id)),
    }),
  }),
};

/** What a request erases. @throws Refused InvalidInput */
function subjectOf(orderId: string | undefined, customerId: string | undefined): ErasureSubject {
  if (orderId !== undefined && customerId === undefined) return { orderId };
  if (orderId === undefined && customerId !== undefined) return { customerId };
  return refuse('InvalidInput', 'Give order or customer, exactly one of them.', { path: 'order' });
}

mutation('eraseCustomer', {
  description:
    'Erases the personal data of a closed order, or of a whole customer with all orders: names, addresses, identifiers and free texts. Stock and amounts stay unchanged.',
  authScopes: DATA_STEWARDS,
  price: commandPrice(),
  input: (t) => ({
    order: t.globalID({
      for: [Order],
      description: 'Global ID of the order. Exactly one of order and customer.',
    }),
    customer: t.globalID({
      for: [Customer],
      description:
        'Global ID of the customer, a former one too. Open orders are erased when they are closed, and imports do not bring the customer back.',
    }),
  }),
  success: erased,
  refusals: [WrongState],
  execute: (input, context, request) =>
    eraseCustomer(
      context.db,
      request({
        ...subjectOf(input.order?.id, input.customer?.id),
        acknowledgeDays: context.config.privacy.erasureAcknowledgeDays,
        limits: context.config.identity.limits,
      }),
    ),
});
