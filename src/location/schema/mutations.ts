// The mutation upsertLocations.

import { PLANNERS } from '../../access/rules/roleSets';
import { commandPrice, WRITTEN_ROW } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { MAX_BULK } from '../../refusals';
import { type LocationsUpserted, upsertLocations } from '../actions';
import { roundedPoint } from '../rules/distance';
import type { LocationInput, Pickup } from '../rules/locationInput';
import { checkLocations } from '../rules/locationInput';
import { UpsertLocationInput } from './inputs';
import { Location, locationById } from './location';

type UpsertLocationArgs = typeof UpsertLocationInput.$inferInput;

const rangeOf = ({ opensAt, closesAt }: { opensAt: string; closesAt: string }) => ({ opensAt, closesAt });

function pickupOf(sent: UpsertLocationArgs['pickup']): Partial<Pickup> | undefined {
  if (sent == null) return undefined;
  return {
    enabled: sent.enabled ?? undefined,
    leadMinutes: sent.leadMinutes ?? undefined,
    cutOff: sent.cutOff,
    capacityPerHour: sent.capacityPerHour ?? undefined,
    keepDays: sent.keepDays ?? undefined,
  };
}

/** Null means "left out" where a location always has a value. */
function inputOf(sent: UpsertLocationArgs): LocationInput {
  const { address, point } = sent;
  return {
    code: sent.code,
    name: sent.name ?? undefined,
    kind: sent.kind ?? undefined,
    address: address
      ? {
          street: address.street ?? undefined,
          postalCode: address.postalCode ?? undefined,
          city: address.city ?? undefined,
          country: address.country ?? undefined,
        }
      : undefined,
    point: point ? roundedPoint(point) : undefined,
    timeZone: sent.timeZone ?? undefined,
    weeklyHours: sent.weeklyHours?.map((range) => ({ weekday: range.weekday, ...rangeOf(range) })),
    hoursExceptions: sent.hoursExceptions?.map(({ day, ranges }) => ({ day, ranges: ranges.map(rangeOf) })),
    pickup: pickupOf(sent.pickup),
    transferLeadMinutes: sent.transferLeadMinutes ?? undefined,
    // Present only where it was named, so that a request of before it existed is still the same request.
    ...(sent.labelRules == null ? {} : { labelRules: sent.labelRules }),
    groups: sent.groups ? [...new Set(sent.groups)] : undefined,
    active: sent.active ?? undefined,
  };
}

const upsertedLocations: Success<LocationsUpserted> = {
  authScopes: PLANNERS,
  fields: (t) => ({
    created: t.exposeInt('created', { description: 'Number of new locations.' }),
    updated: t.exposeInt('updated', { description: 'Number of changed locations.' }),
    unchanged: t.exposeInt('unchanged', {
      description: 'Number of locations that already had these values.',
    }),
    locations: t.field({
      type: [Location],
      description: 'The locations, in the order of the request.',
      resolve: async ({ ids }, _args, context) => {
        const rows = await locationById(context).loadMany(ids);
        return rows.map((row) => {
          if (row instanceof Error) throw row;
          return row;
        });
      },
    }),
  }),
};

mutation('upsertLocations', {
  description: 'Creates locations and changes existing ones; all of them or none.',
  authScopes: PLANNERS,
  price: commandPrice('locations', 2 * WRITTEN_ROW),
  input: (t) => ({
    locations: t.field({
      type: [UpsertLocationInput],
      required: true,
      description: `Locations to create or change, at most ${MAX_BULK}, each code once.`,
    }),
  }),
  success: upsertedLocations,
  execute: (input, context, request) => {
    const locations = checkLocations(input.locations.map(inputOf), 'locations');
    return upsertLocations(context.db, request({ locations }));
  },
});
