// The mutation unlockPickupCode, and the GraphQL type of its record.

import { CODE_UNLOCKERS, STAFF_OR_PLANNERS } from '../../access/rules/roleSets';
import { ACTOR_FIELD } from '../../access/schema/summary';
import { builder } from '../../graphql/builder';
import { commandPrice } from '../../graphql/cost/price';
import { documentFields } from '../../graphql/documentFields';
import { mutation } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { checkText, refuse } from '../../refusals';
import { unlockPickupCode } from '../actions/unlock';
import { PICKUP_CODE_UNLOCK } from '../rules/columns';
import { Order } from './order';
import { changedOrder } from './orderMutation';

const MAX_UNLOCKS = 100;

builder.prismaObject('PickupCodeUnlock', {
  description: 'A manager let an order accept pickup codes again.',
  authScopes: STAFF_OR_PLANNERS,
  fields: (t) => ({
    // Its order is closed soon afterwards.
    ...documentFields(t, PICKUP_CODE_UNLOCK, {}, 'at'),
    actor: t.field({
      ...ACTOR_FIELD,
      description: 'The manager, or an administrator.',
    }),
  }),
});

builder.prismaObjectField(Order, 'codeUnlocks', (t) =>
  t.relation('codeUnlocks', {
    description: 'When managers unlocked its pickup code, and why.',
    authScopes: STAFF_OR_PLANNERS,
    query: { orderBy: { id: 'asc' }, take: MAX_UNLOCKS },
  }),
);

mutation('unlockPickupCode', {
  description:
    'Lets an order whose pickup code is locked accept codes again; the code stays the same. For STAFF who are managers of its location, AGENT tokens for customers whom they serve, and administrators.',
  authScopes: CODE_UNLOCKERS,
  price: commandPrice(),
  input: (t) => ({
    order: t.globalID({ required: true, for: [Order] }),
    reason: t.string({ required: true, description: 'Why, for example how the customer was identified.' }),
  }),
  success: changedOrder,
  refusals: [WrongState],
  execute: (input, context, request) => {
    const reason = input.reason.trim();
    if (reason === '') {
      refuse('InvalidInput', 'reason is empty; state why the code is unlocked.', { path: 'reason' });
    }
    checkText(reason, 'reason', PICKUP_CODE_UNLOCK.columns.reason.maxLength);
    const what = { orderId: input.order.id, reason };
    return unlockPickupCode(context.db, request(what));
  },
});
