// GraphQL types of an order's promise: when it would be ready, and the reasons for its time and its sources.

import { STAFF_OR_PLANNERS } from '../../access/rules/roleSets';
import { seesNumbers } from '../../access/rules/roles';
import { PromiseStep, QUEUE_HIDDEN } from '../../availability/schema/pickup';
import { Sku, skuByCode } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { publicSteps, type PromiseStep as Step } from '../../location/rules/pickup';
import { Location, locationByCode } from '../../location/schema/location';

/** The stored form of `promise`, in which times are ISO texts. */
interface StoredPromise {
  because?: { rule: Step['rule']; from: string; to: string; detail: string }[];
  sourcing?: OrderSourcing[];
}

/** One location that was used or passed over as a source, as it is stored. */
export interface OrderSourcing {
  location: string;
  took: { sku: string; quantity: number }[];
  because: string;
}

export const OrderPromise = builder
  .objectRef<{ readyAt: Date | null; stored: StoredPromise }>('OrderPromise')
  .implement({
    description: 'When the order was promised to be ready, with the calculation of that time.',
    authScopes: { signedIn: true },
    fields: (t) => ({
      readyAt: t.expose('readyAt', {
        type: 'DateTime',
        nullable: true,
        description: 'Promised time; null if opening hours did not allow one.',
      }),
      steps: t.field({
        type: [PromiseStep],
        description: QUEUE_HIDDEN,
        resolve: ({ stored }, _args, { caller }) => {
          const steps = (stored.because ?? []).map((s) => ({
            ...s,
            from: new Date(s.from),
            to: new Date(s.to),
          }));
          return seesNumbers(caller) ? steps : publicSteps(steps);
        },
      }),
    }),
  });

const OrderSourcingUnits = builder.objectRef<OrderSourcing['took'][number]>('OrderSourcingUnits').implement({
  description: 'Units that a location was to send.',
  authScopes: STAFF_OR_PLANNERS,
  fields: (t) => ({
    sku: t.field({ type: Sku, resolve: (units, _args, context) => skuByCode(context).load(units.sku) }),
    quantity: t.exposeInt('quantity', { description: 'Units to send.' }),
  }),
});

export const OrderSourcingStep = builder.objectRef<OrderSourcing>('OrderSourcingStep').implement({
  description: 'Why a location was chosen to send units for this order, or was not.',
  authScopes: STAFF_OR_PLANNERS,
  fields: (t) => ({
    location: t.field({
      type: Location,
      description: 'The location that was considered.',
      resolve: (step, _args, context) => locationByCode(context).load(step.location),
    }),
    units: t.field({
      type: [OrderSourcingUnits],
      description: 'Units it was to send; empty if it was not chosen.',
      resolve: (step) => step.took,
    }),
    reason: t.exposeString('because', { description: 'The reason, as an English sentence.' }),
  }),
});

/** The stored promise of an order; empty for orders that were placed before promises were stored. */
export const storedPromise = (promise: unknown): StoredPromise =>
  Array.isArray(promise) ? {} : (promise as StoredPromise);
