// The locations' GraphQL face: what a shop or a warehouse is, and when its doors are open.

import { INTERNAL } from '../../access/rules/roleSets';
import { seesNumbers } from '../../access/rules/roles';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import { inOrderOf, loader } from '../../graphql/loaders';
import { checkQuantity } from '../../refusals';
import { locationRows } from '../queries/rows';
import type { GeoPoint } from '../rules/distance';
import type { HoursException, HoursRange, LocationCalendar, WeeklyHours } from '../rules/hours';
import type { Pickup, PostalAddress } from '../rules/locationInput';
import { closingAfter, type HoursOfDay, hoursOfDays, isOpenAt, nextOpening } from '../rules/openTime';

/** Location rows by id, one query a request. */
export const locationById = loader(async ({ db }, ids: readonly number[]) => {
  const rows = await locationRows(db, ids);
  return inOrderOf(ids, rows, (r) => r.id).map((row, i) => row ?? new Error(`no location ${ids[i]}`));
});
export const LocationKind = builder.enumType('LocationKind', { values: ['SHOP', 'WAREHOUSE'] as const });

const MAX_OPENING_DAYS = 60;

const GeoPointType = builder.objectRef<GeoPoint>('GeoPoint').implement({
  description: 'Degrees, WGS 84.',
  authScopes: { signedIn: true },
  fields: (t) => ({ latitude: t.exposeFloat('latitude'), longitude: t.exposeFloat('longitude') }),
});

const AddressType = builder.objectRef<PostalAddress>('Address').implement({
  description: 'Where to find it.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    street: t.exposeString('street'),
    postalCode: t.exposeString('postalCode'),
    city: t.exposeString('city'),
    country: t.exposeString('country', { description: 'ISO 3166-1 alpha-2, e.g. FR.' }),
  }),
});

const HoursRangeType = builder.objectRef<HoursRange>('HoursRange').implement({
  description: 'One opening, by the clock on the wall there.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    opensAt: t.exposeString('opensAt', { description: 'HH:MM, local.' }),
    closesAt: t.exposeString('closesAt', { description: 'HH:MM, local; 24:00 is midnight.' }),
  }),
});

const WeeklyHoursType = builder.objectRef<WeeklyHours>('WeeklyHours').implement({
  description: 'One opening of every week.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    weekday: t.exposeInt('weekday', { description: 'ISO weekday: 1 is Monday, 7 is Sunday.' }),
    opensAt: t.exposeString('opensAt', { description: 'HH:MM, local.' }),
    closesAt: t.exposeString('closesAt', { description: 'HH:MM, local; 24:00 is midnight.' }),
  }),
});

const HoursExceptionType = builder.objectRef<HoursException>('HoursException').implement({
  description: 'What replaces the week’s hours on one day.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    day: t.expose('day', { type: 'Date', description: 'Local.' }),
    ranges: t.field({
      type: [HoursRangeType],
      description: 'None: closed.',
      resolve: (exception) => [...exception.ranges],
    }),
  }),
});

const OpeningDay = builder.objectRef<HoursOfDay>('OpeningDay').implement({
  description: 'The hours of one local day.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    day: t.expose('day', { type: 'Date', description: 'Local.' }),
    ranges: t.field({
      type: [HoursRangeType],
      description: 'None: closed.',
      resolve: (day) => [...day.ranges],
    }),
    exceptional: t.exposeBoolean('exceptional', {
      description: 'They replace the week’s hours on this day.',
    }),
  }),
});

const PickupType = builder.objectRef<Pickup>('PickupPolicy').implement({
  description: 'How orders are collected here.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    enabled: t.exposeBoolean('enabled'),
    leadMinutes: t.exposeInt('leadMinutes', { description: 'Open minutes it takes to pick an order.' }),
    cutOff: t.exposeString('cutOff', {
      nullable: true,
      description: 'HH:MM, local: what is ordered later is begun on the next open day. Null: none.',
    }),
    capacityPerHour: t.int({
      nullable: true,
      description:
        'Orders picked in an open hour. Null for STOREFRONT tokens: with it a promise would tell how many orders wait.',
      resolve: (pickup, _args, { caller }) => (seesNumbers(caller) ? pickup.capacityPerHour : null),
    }),
    keepDays: t.exposeInt('keepDays', { description: 'Open days for which a ready order is kept.' }),
  }),
});

interface Clocked {
  timeZone: string;
  weeklyHours: unknown;
  hoursExceptions: unknown;
}

/** The calendar in a row: its JSON was checked when it was written. */
export function calendarOf({ timeZone, weeklyHours, hoursExceptions }: Clocked): LocationCalendar {
  return {
    timeZone,
    weekly: weeklyHours as WeeklyHours[],
    exceptions: hoursExceptions as HoursException[],
  };
}

export const Location = builder.prismaNode('Location', {
  id: { field: 'id' },
  nullable: true,
  description: 'A shop or a warehouse.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    code: t.exposeString('code', { description: 'The retailer’s own code; never changes.' }),
    name: t.exposeString('name'),
    kind: t.expose('kind', { type: LocationKind }),
    address: t.field({ type: AddressType, resolve: (location) => location }),
    point: t.field({ type: GeoPointType, resolve: (location) => location }),
    timeZone: t.exposeString('timeZone', {
      description: 'IANA, e.g. Europe/Paris: all its hours are in it.',
    }),
    weeklyHours: t.field({
      type: [WeeklyHoursType],
      resolve: (location) => [...calendarOf(location).weekly],
    }),
    hoursExceptions: t.field({
      type: [HoursExceptionType],
      description: 'Days that depart from the week: holidays, sales Sundays.',
      resolve: (location) => [...calendarOf(location).exceptions],
    }),
    isOpen: t.boolean({
      description: 'Its doors are open now.',
      resolve: (location, _args, { now }) => isOpenAt(calendarOf(location), now),
    }),
    closesAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the doors that are open now close; null while they are closed.',
      resolve: (location, _args, { now }) => closingAfter(calendarOf(location), now),
    }),
    nextOpening: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When its doors open next, after now; null when not within 60 days.',
      resolve: (location, _args, { now }) => {
        const calendar = calendarOf(location);
        if (!isOpenAt(calendar, now)) return nextOpening(calendar, now);
        const closes = closingAfter(calendar, now);
        return closes && nextOpening(calendar, closes);
      },
    }),
    openingDays: t.field({
      type: [OpeningDay],
      description: `Hours by day from today on, 1 to ${MAX_OPENING_DAYS} days; the first is today, there.`,
      args: { days: t.arg.int({ required: true, defaultValue: 7 }) },
      resolve: (location, { days }, { now }) => {
        checkQuantity(days, 'days', 1, MAX_OPENING_DAYS);
        return hoursOfDays(calendarOf(location), now, days);
      },
    }),
    pickup: t.field({
      type: PickupType,
      resolve: (location) => ({
        enabled: location.pickupEnabled,
        leadMinutes: location.pickupLeadMinutes,
        cutOff: location.pickupCutOff,
        capacityPerHour: location.pickupCapacityPerHour,
        keepDays: location.pickupKeepDays,
      }),
    }),
    transferLeadMinutes: t.exposeInt('transferLeadMinutes', {
      description: 'From deciding on a transfer from here to its arrival.',
      authScopes: INTERNAL,
    }),
    groups: t.exposeStringList('groups', { description: 'Codes of the groups it is in.' }),
    active: t.exposeBoolean('active', {
      description: 'False: closed for good; nothing new is held or ordered, what is goes on.',
    }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
});

export const LocationConnection = connectionOf(Location);
