// GraphQL types of what a customer can expect: open orders with their lateness, and goods that may still be returned.

import { SKU_FIELD } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { loader } from '../../graphql/loaders';
import { Order } from '../../order/schema/order';
import { type ReturnableLine, returnableLines } from '../../return/queries';
import { isStillReturnable, lastDay, RETURN_LIMITS } from '../../return/rules';
import { DAY_MS } from '../../values/time';
import { collectedOrders, type OpenOrderRow, openOrders } from '../queries/documents';
import { promiseState } from '../rules/promises';
import type { CustomerView } from '../rules/view';
import { CUSTOMER_READERS } from './access';
import { orderById } from './documents';
import { AwaitedStepEnum } from './enums';

type ShownPromise = OpenOrderRow & ReturnType<typeof promiseState>;

export const promisesOf = loader<CustomerView, ShownPromise[]>(async ({ db, now }, views) =>
  (await openOrders(db, views)).map((own) => own.map((row) => ({ ...row, ...promiseState(row, now) }))),
);

export const CustomerPromise = builder.objectRef<ShownPromise>('CustomerPromise').implement({
  description: 'An open order of a customer: what was promised, and where it stands by its documents.',
  authScopes: CUSTOMER_READERS,
  fields: (t) => ({
    order: t.field({
      type: Order,
      nullable: true,
      description: 'The order; null if this token may not read it.',
      resolve: ({ orderId }, _args, context) => orderById(context).load(orderId),
    }),
    promisedAt: t.expose('promisedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was promised to be ready; null if nothing was promised.',
    }),
    collectBy: t.expose('collectBy', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when it is kept; null while it is not ready.',
    }),
    waitsFor: t.expose('waitsFor', { type: AwaitedStepEnum, description: 'What it waits for.' }),
    isLate: t.exposeBoolean('isLate', {
      description: 'Whether the promised time has passed without the order being ready.',
    }),
    lateMinutes: t.exposeInt('lateMinutes', {
      description: 'Minutes since the promised time; 0 if it is not late.',
    }),
    isAtRisk: t.exposeBoolean('isAtRisk', {
      description:
        'Whether units that it waits for are expected after the promised time, which has not passed yet.',
    }),
    unitsToPick: t.exposeInt('unitsToPick', { description: 'Units still to be picked.' }),
    unitsAwaited: t.exposeInt('unitsAwaited', { description: 'Units that come from another location.' }),
    unitsReady: t.exposeInt('unitsReady', { description: 'Units that wait at the counter.' }),
    transferExpectedAt: t.expose('transferExpectedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the last transfer for it is expected; null if it waits for none.',
    }),
  }),
});

interface ReturnableUnits extends ReturnableLine {
  lastDay: string;
}

/** What each customer may still bring back. */
export const returnablesOf = loader<CustomerView, ReturnableUnits[]>(async ({ db, now }, views) => {
  const since = new Date(now.getTime() - RETURN_LIMITS.receiptDays * DAY_MS);
  const orders = await collectedOrders(db, views, since);
  const lines = await returnableLines(db, orders.flat());
  const open = lines.filter((line) => isStillReturnable(now, line, line.windowDays));
  const shown = open.map((line) => ({ ...line, lastDay: lastDay(line, line.windowDays) }));
  return orders.map((own) => own.flatMap((orderId) => shown.filter((line) => line.orderId === orderId)));
});

export const CustomerReturnable = builder.objectRef<ReturnableUnits>('CustomerReturnable').implement({
  description: 'Units of one SKU that a customer may still bring back.',
  authScopes: CUSTOMER_READERS,
  fields: (t) => ({
    sku: t.field(SKU_FIELD),
    order: t.field({
      type: Order,
      nullable: true,
      description: 'The order they were bought with; null if this token may not read it.',
      resolve: ({ orderId }, _args, context) => orderById(context).load(orderId),
    }),
    quantity: t.exposeInt('units', { description: 'Units that may be returned.' }),
    announced: t.exposeInt('announced', { description: 'Units of these that a return announces already.' }),
    until: t.expose('lastDay', {
      type: 'Date',
      description: 'The last day, local to where they were collected.',
    }),
  }),
});
