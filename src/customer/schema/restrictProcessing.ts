// GraphQL mutation restrictProcessing.

import { DATA_STEWARDS } from '../../access/rules/roleSets';
import { commandPrice } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { restrictProcessing } from '../actions/restrictProcessing';
import { Customer } from './customer';

const restriction: Success<{ isRestricted: boolean }> = {
  authScopes: DATA_STEWARDS,
  fields: (t) => ({
    isRestricted: t.exposeBoolean('isRestricted', { description: 'Whether it is restricted now.' }),
  }),
};

mutation('restrictProcessing', {
  description:
    'Restricts the processing of a customer’s data, or lifts the restriction. While it is restricted, only DATA_STEWARD tokens find the customer, and no address may be used except for transactional messages.',
  authScopes: DATA_STEWARDS,
  price: commandPrice(),
  input: (t) => ({
    customer: t.globalID({
      required: true,
      for: [Customer],
      description: 'Global ID of the customer, a former one too.',
    }),
    restricted: t.boolean({ required: true, description: 'Whether it is restricted from now on.' }),
  }),
  success: restriction,
  execute: ({ customer, restricted }, context, request) =>
    restrictProcessing(
      context.db,
      request({
        customerId: customer.id,
        isRestricted: restricted,
        limits: context.config.identity.limits,
      }),
    ),
});
