// GraphQL query of a shop's days: kept promises, waits, short picks, and orders by state.

import { STAFF_OR_PLANNERS } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { LOCATION_FIELD } from '../../location/schema/location';
import { checkCount } from '../../refusals';
import { type PickupDayPart, pickupDayParts } from '../queries/pickupDays';
import { ORDER_LIMITS } from '../rules/limits';
import { OrderStatusEnum } from './enums';
import { resolveLocation } from './queries';

const OrderStatusCount = builder.objectRef<PickupDayPart>('OrderStatusCount').implement({
  description: 'Orders in one state.',
  authScopes: STAFF_OR_PLANNERS,
  fields: (t) => ({
    status: t.field({ type: OrderStatusEnum, description: 'The state.', resolve: ({ status }) => status }),
    count: t.exposeInt('orders', { description: 'Number of orders.' }),
  }),
});

interface DayOfPickup {
  locationId: number;
  day: string;
  parts: PickupDayPart[];
  /** Seconds that customers waited, the shortest first. */
  waits: number[];
}

type Counted = 'orders' | 'promisesDue' | 'promisesKept' | 'linesPicked' | 'linesShort';
const sumOf = (parts: readonly PickupDayPart[], key: Counted): number =>
  parts.reduce((sum, part) => sum + part[key], 0);

const PickupDay = builder.objectRef<DayOfPickup>('PickupDay').implement({
  description:
    'The orders promised for one day at a location, and what has become of them. Orders without a promised time count on the day that they were placed.',
  authScopes: STAFF_OR_PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a day at a location'),
      resolve: ({ locationId, day }) => cacheId('PickupDay', locationId, day),
    }),
    location: t.field(LOCATION_FIELD),
    day: t.field({
      type: 'Date',
      description: 'The day, in the location’s time zone.',
      resolve: ({ day }) => day,
    }),
    orders: t.int({ description: 'Number of orders.', resolve: ({ parts }) => sumOf(parts, 'orders') }),
    promisesDue: t.int({
      description: 'Orders whose promised time is over, without those cancelled before it.',
      resolve: ({ parts }) => sumOf(parts, 'promisesDue'),
    }),
    promisesKept: t.int({
      description: 'Those of them that were ready by the promised time.',
      resolve: ({ parts }) => sumOf(parts, 'promisesKept'),
    }),
    linesPicked: t.int({
      description: 'Lines of orders that were picked, or could not be.',
      resolve: ({ parts }) => sumOf(parts, 'linesPicked'),
    }),
    linesShort: t.int({
      description: 'Those of them of which units could not be found.',
      resolve: ({ parts }) => sumOf(parts, 'linesShort'),
    }),
    byStatus: t.field({
      type: [OrderStatusCount],
      description: 'The orders by state, without states that none is in.',
      resolve: ({ parts }) => parts,
    }),
    waits: t.int({
      description: 'Customers who reported their arrival and got their goods.',
      resolve: ({ waits }) => waits.length,
    }),
    medianWaitSeconds: t.int({
      nullable: true,
      description: 'Seconds from arrival to handover that half of them waited at most; null without any.',
      resolve: ({ waits }) => waits[Math.ceil(waits.length / 2) - 1] ?? null,
    }),
    longestWaitSeconds: t.int({
      nullable: true,
      description: 'Seconds that one of them waited longest; null without any.',
      resolve: ({ waits }) => waits.at(-1) ?? null,
    }),
  }),
});

builder.queryField('pickupDays', (t) =>
  t.field({
    description: `Days of pickup at a location in the order of the argument: kept promises, waits, short picks, and orders by state. At most ${ORDER_LIMITS.pickupDays} days.`,
    type: [PickupDay],
    authScopes: STAFF_OR_PLANNERS,
    args: {
      location: t.arg.string({ required: true, description: 'Location code.' }),
      days: t.arg({ type: ['Date'], required: true, description: 'The days, in the location’s time zone.' }),
    },
    resolve: async (_root, { location, days }, context) => {
      checkCount(days, 'days', ORDER_LIMITS.pickupDays);
      const locationId = await resolveLocation(context, location, 'location');
      const parts = await pickupDayParts(context.reads, locationId, [...new Set(days)], context.now);
      return days.map((day): DayOfPickup => {
        const own = parts.filter((part) => part.day === day);
        return {
          locationId,
          day,
          parts: own,
          waits: own.flatMap((part) => part.waits).sort((a, b) => a - b),
        };
      });
    },
  }),
);
