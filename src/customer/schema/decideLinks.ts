// GraphQL mutations joinCustomers and splitCustomer.

import { DATA_STEWARDS } from '../../access/rules/roleSets';
import { commandPrice } from '../../graphql/cost/price';
import { encodeGlobalID } from '../../graphql/ids';
import { mutation, type Success } from '../../graphql/mutation';
import { checkCount, refuse } from '../../refusals';
import { typedLine } from '../../values/typedText';
import { joinCustomers, MAX_JOINED_CUSTOMERS, splitCustomer } from '../actions/decideLinks';
import { Customer } from './customer';
import { CustomerKey, identifierKeys } from './customerKey';

const MAX_REASON = 200;
const MAX_SPLIT = 50;

const decided = (description: string): Success<{ customerIds: string[] }> => ({
  authScopes: DATA_STEWARDS,
  fields: (t) => ({
    customers: t.idList({
      description,
      resolve: ({ customerIds }) => customerIds.map((id) => encodeGlobalID('Customer', id)),
    }),
  }),
});

mutation('joinCustomers', {
  description:
    'Decides that customers are one person. The customer with the earliest identifier is found by the IDs of all; splitCustomer undoes it.',
  authScopes: DATA_STEWARDS,
  price: commandPrice(),
  input: (t) => ({
    customers: t.globalIDList({
      required: true,
      for: [Customer],
      description: `Global IDs of the customers, former ones too; 2 to ${MAX_JOINED_CUSTOMERS}. Each names what is certainly one customer with it; two that only the model joined into one are confirmed.`,
    }),
    reason: t.string({ required: true, description: 'Why they are one person.' }),
    evenIfForbidden: t.boolean({
      description: 'Also if a person decided that they must never be one; false if omitted.',
    }),
  }),
  success: decided('Global ID of the customer that they are now.'),
  execute: ({ customers, reason, evenIfForbidden }, context, request) => {
    checkCount(customers, 'customers', MAX_JOINED_CUSTOMERS);
    const customerIds = [...new Set(customers.map(({ id }) => id))];
    if (customerIds.length < 2)
      refuse('InvalidInput', 'customers names one customer only; name two or more.', { path: 'customers' });
    return joinCustomers(
      context.db,
      request({
        customerIds,
        reason: typedLine(reason, 'reason', MAX_REASON),
        evenIfForbidden: evenIfForbidden ?? false,
        limits: context.config.identity.limits,
      }),
    );
  },
});

mutation('splitCustomer', {
  description:
    'Decides that some identifiers of a customer belong to another person. Rules and models do not join them again; joinCustomers does.',
  authScopes: DATA_STEWARDS,
  price: commandPrice(),
  input: (t) => ({
    customer: t.globalID({
      required: true,
      for: [Customer],
      description: 'Global ID of the customer, a former one too.',
    }),
    identifiers: t.field({
      type: [CustomerKey],
      required: true,
      description: `The identifiers of the other person; at most ${MAX_SPLIT}.`,
    }),
    reason: t.string({ required: true, description: 'Why they are another person’s.' }),
    forbid: t.boolean({
      description: 'Whether the two must never be one again, not by a person either; false if omitted.',
    }),
  }),
  success: decided('Global IDs of the customer that stays, and of the one split off.'),
  execute: async ({ customer, identifiers, reason, forbid }, context, request) => {
    checkCount(identifiers, 'identifiers', MAX_SPLIT);
    return splitCustomer(
      context.db,
      request({
        customerId: customer.id,
        identifiers: await identifierKeys(context, identifiers, 'identifiers'),
        reason: typedLine(reason, 'reason', MAX_REASON),
        isForbidden: forbid ?? false,
        limits: context.config.identity.limits,
      }),
    );
  },
});
