// GraphQL queries of locations: by code, by page, around a point, by group.

import { builder } from '../../graphql/builder';
import { codePage } from '../../graphql/keysetPages';
import { checkQuantity, checkText, refuse } from '../../refusals';
import { MAX_SEARCH, typedSearch } from '../../values/typedText';
import {
  type LocationFilter,
  type LocationGroup,
  locationGroups,
  locationPage,
  locationsWithin,
  type NearLocation,
} from '../queries/search';
import { pointProblem } from '../rules/distance';
import { LOCATION_LIMITS } from '../rules/locationInput';
import { GeoPointInput } from './inputs';
import { Location, LocationConnection, LocationKind, locationById } from './location';

const MAX_NEAR = 200;
const MAX_RADIUS_KM = 2_000;

const LocationFilterInput = builder.inputType('LocationFilter', {
  description: 'Locations that meet every condition given.',
  fields: (t) => ({
    kind: t.field({ type: LocationKind, description: 'Only shops, or only warehouses.' }),
    group: t.string({ description: 'Code of a group it belongs to.' }),
    search: t.string({
      description: `Each word must be in code, name or address; case, accents, ligatures and punctuation do not matter. At most ${MAX_SEARCH} characters.`,
    }),
    active: t.boolean({ description: 'Null for both active and closed locations.', defaultValue: true }),
    pickupEnabled: t.boolean({ description: 'Whether orders can be collected there.' }),
  }),
});

/** @throws Refused InvalidInput for texts that no location can have */
function filterOf(filter: typeof LocationFilterInput.$inferInput | null | undefined): LocationFilter {
  const { kind = null, group = null, active = true, pickupEnabled = null } = filter ?? {};
  if (group !== null) checkText(group, 'filter.group', LOCATION_LIMITS.codeLength);
  const search = filter?.search == null ? null : typedSearch(filter.search, 'filter.search');
  return { kind, group, search, active, pickupEnabled };
}

const NearLocationType = builder.objectRef<NearLocation>('NearLocation').implement({
  description: 'A location and its distance.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    location: t.field({
      type: Location,
      resolve: ({ id }, _args, context) => locationById(context).load(id),
    }),
    distanceKm: t.exposeFloat('distanceKm', {
      description: 'Distance from the given point in kilometres, in a straight line.',
    }),
  }),
});

const LocationGroupType = builder.objectRef<LocationGroup>('LocationGroup').implement({
  description: 'A group of locations, such as a region.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Code of the group.' }),
    locationCount: t.exposeInt('locations', { description: 'Number of active locations in it.' }),
  }),
});

const LocationKeyInput = builder.inputType('LocationKey', {
  isOneOf: true,
  description: 'Exactly one of these keys.',
  fields: (t) => ({
    id: t.globalID({ for: [Location], description: 'Its global id.' }),
    code: t.string({ description: 'Location code.' }),
  }),
});

builder.queryFields((t) => ({
  location: t.field({
    type: Location,
    nullable: true,
    description: 'The location with this code or ID; null if there is none.',
    authScopes: { signedIn: true },
    args: {
      by: t.arg({ type: LocationKeyInput, required: true, description: 'Code or ID of the location.' }),
    },
    resolve: (_root, { by }, context) => {
      if (by.id != null) return context.db.prisma.location.findUnique({ where: { id: Number(by.id.id) } });
      const code = by.code ?? '';
      checkText(code, 'by.code', LOCATION_LIMITS.codeLength);
      return context.db.prisma.location.findUnique({ where: { code } });
    },
  }),
  locations: t.connection(
    {
      type: Location,
      description: 'Locations by code.',
      authScopes: { signedIn: true },
      args: { filter: t.arg({ type: LocationFilterInput }) },
      resolve: (_root, { filter, ...args }, context) => {
        const checked = filterOf(filter);
        return codePage(
          args,
          (page) => locationPage(context.db, checked, page),
          (ids) => locationById(context).loadMany(ids),
        );
      },
    },
    LocationConnection,
  ),
  locationsNear: t.field({
    type: [NearLocationType],
    description: 'Locations around a point, nearest first.',
    authScopes: { signedIn: true },
    args: {
      point: t.arg({ type: GeoPointInput, required: true, description: 'Centre of the search.' }),
      radiusKm: t.arg.float({ required: true, defaultValue: 50, description: `At most ${MAX_RADIUS_KM}.` }),
      first: t.arg.int({ required: true, defaultValue: 20, description: `At most ${MAX_NEAR}.` }),
      filter: t.arg({ type: LocationFilterInput }),
    },
    resolve: (_root, { point, radiusKm, first, filter }, context) => {
      const problem = pointProblem(point);
      if (problem !== null) refuse('InvalidInput', `point: ${problem}.`, { path: 'point' });
      if (!(radiusKm > 0 && radiusKm <= MAX_RADIUS_KM)) {
        const message = `radiusKm is ${radiusKm}; it must be more than 0 and at most ${MAX_RADIUS_KM}.`;
        refuse('InvalidInput', message, { path: 'radiusKm' });
      }
      checkQuantity(first, 'first', 1, MAX_NEAR);
      return locationsWithin(context.db, filterOf(filter), point, radiusKm, first);
    },
  }),
  locationGroups: t.field({
    type: [LocationGroupType],
    description: 'All groups of locations, by code.',
    authScopes: { signedIn: true },
    resolve: (_root, _args, context) => locationGroups(context.db),
  }),
}));
