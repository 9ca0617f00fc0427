// GraphQL types of locations: address, opening hours and pickup policy.

import { INTERNAL } from '../../access/rules/roleSets';
import { seesNumbers } from '../../access/rules/roles';
import type { LabelRule } from '../../catalog/rules/labels';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import type { Context } from '../../graphql/context';
import { loaderByCode, loaderById } from '../../graphql/loaders';
import { checkQuantity } from '../../refusals';
import { locationIdsByCode } from '../queries/locations';
import { locationRows } from '../queries/rows';
import type { GeoPoint } from '../rules/distance';
import type { HoursException, HoursRange, LocationCalendar, WeeklyHours } from '../rules/hours';
import type { Pickup, PostalAddress } from '../rules/locationInput';
import { closingAfter, type HoursOfDay, hoursOfDays, isOpenAt, nextOpening } from '../rules/openTime';

/** Location rows by id, one query a request. */
export const locationById = loaderById('location', ({ db }, ids: number[]) => locationRows(db, ids));

/** Locations by code, for facts that are kept with codes. */
export const locationByCode = loaderByCode(locationIdsByCode, locationById);

export const LocationKind = builder.enumType('LocationKind', {
  description: 'Whether a location sells to customers or only stores goods.',
  values: {
    SHOP: { description: 'Customers can buy and collect here.' },
    WAREHOUSE: { description: 'Stores goods and supplies shops.' },
  } as const,
});

const MAX_OPENING_DAYS = 60;

const GeoPointType = builder.objectRef<GeoPoint>('GeoPoint').implement({
  description: 'A point on the earth in degrees (WGS 84).',
  authScopes: { signedIn: true },
  fields: (t) => ({
    latitude: t.exposeFloat('latitude', { description: 'Degrees north, -90 to 90.' }),
    longitude: t.exposeFloat('longitude', { description: 'Degrees east, -180 to 180.' }),
  }),
});

const AddressType = builder.objectRef<PostalAddress>('Address').implement({
  description: 'A postal address.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    street: t.exposeString('street', { description: 'Street and number.' }),
    postalCode: t.exposeString('postalCode', { description: 'Postal code.' }),
    city: t.exposeString('city', { description: 'City.' }),
    country: t.exposeString('country', { description: 'ISO 3166-1 alpha-2 code, such as FR.' }),
  }),
});

const HoursRangeType = builder.objectRef<HoursRange>('HoursRange').implement({
  description: 'One opening period of a day, in local time.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    opensAt: t.exposeString('opensAt', { description: 'Local time, HH:MM.' }),
    closesAt: t.exposeString('closesAt', { description: 'Local time, HH:MM; 24:00 is midnight.' }),
  }),
});

const WeeklyHoursType = builder.objectRef<WeeklyHours>('WeeklyHours').implement({
  description: 'One opening period of every week, in local time.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    weekday: t.exposeInt('weekday', { description: 'ISO weekday: 1 is Monday, 7 is Sunday.' }),
    opensAt: t.exposeString('opensAt', { description: 'Local time, HH:MM.' }),
    closesAt: t.exposeString('closesAt', { description: 'Local time, HH:MM; 24:00 is midnight.' }),
  }),
});

const HoursExceptionType = builder.objectRef<HoursException>('HoursException').implement({
  description: 'Opening hours of one day that replace those of its weekday.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    day: t.expose('day', { type: 'Date', description: 'Local day.' }),
    ranges: t.field({
      type: [HoursRangeType],
      description: 'Opening periods; empty if closed on that day.',
      resolve: (exception) => [...exception.ranges],
    }),
  }),
});

const OpeningDay = builder.objectRef<HoursOfDay>('OpeningDay').implement({
  description: 'Opening hours of one local day.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    day: t.expose('day', { type: 'Date', description: 'Local day.' }),
    ranges: t.field({
      type: [HoursRangeType],
      description: 'Opening periods; empty if closed on that day.',
      resolve: (day) => [...day.ranges],
    }),
    exceptional: t.exposeBoolean('exceptional', {
      description: 'Whether an exception replaces the weekly hours on this day.',
    }),
  }),
});

const PickupType = builder.objectRef<Pickup>('PickupPolicy').implement({
  description: 'How orders are collected at a location.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    enabled: t.exposeBoolean('enabled', { description: 'Whether orders can be collected here.' }),
    leadMinutes: t.exposeInt('leadMinutes', {
      description: 'Minutes of opening time it takes to pick an order.',
    }),
    cutOff: t.exposeString('cutOff', {
      nullable: true,
      description:
        'Local time, HH:MM: later orders are picked from the next open day on. Null if there is none.',
    }),
    capacityPerHour: t.int({
      nullable: true,
      description:
        'Orders that can be picked in one hour of opening time. Null for STOREFRONT tokens, because the number of waiting orders could be derived from it.',
      resolve: (pickup, _args, { caller }) => (seesNumbers(caller) ? pickup.capacityPerHour : null),
    }),
    keepDays: t.exposeInt('keepDays', {
      description: 'Open days after which an order that is ready and not collected becomes a NO_SHOW.',
    }),
  }),
});

export const LabelValue = builder.enumType('LabelValue', {
  description: 'What the value on a label is.',
  values: {
    PRICE: { description: 'A price in minor units of the currency of the SKU.' },
    WEIGHT: { description: 'A weight in grams.' },
  } as const,
});

const LabelRuleType = builder.objectRef<LabelRule>('LabelRule').implement({
  description: 'How price or weight labels with one prefix are read at a location.',
  authScopes: INTERNAL,
  fields: (t) => ({
    prefix: t.exposeString('prefix', { description: 'The first two digits, 20 to 29.' }),
    articleDigits: t.exposeInt('articleDigits', { description: 'Digits of the article behind the prefix.' }),
    valueDigits: t.exposeInt('valueDigits', { description: 'Digits of the value before the last digit.' }),
    value: t.expose('value', { type: LabelValue, description: 'What the value is.' }),
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
    code: t.exposeString('code', { description: 'The retailer’s own code. It never changes.' }),
    name: t.exposeString('name', { description: 'Name of the location.' }),
    kind: t.expose('kind', { type: LocationKind, description: 'Shop or warehouse.' }),
    address: t.field({ type: AddressType, description: 'Postal address.', resolve: (location) => location }),
    point: t.field({
      type: GeoPointType,
      description: 'Geographic position.',
      resolve: (location) => location,
    }),
    timeZone: t.exposeString('timeZone', {
      description: 'IANA time zone, such as Europe/Paris, of all its local times and days.',
    }),
    weeklyHours: t.field({
      type: [WeeklyHoursType],
      description: 'Opening hours of a usual week.',
      resolve: (location) => [...calendarOf(location).weekly],
    }),
    hoursExceptions: t.field({
      type: [HoursExceptionType],
      description: 'Days with other opening hours, such as holidays.',
      resolve: (location) => [...calendarOf(location).exceptions],
    }),
    isOpen: t.boolean({
      description: 'Whether it is open now.',
      resolve: (location, _args, { now }) => isOpenAt(calendarOf(location), now),
    }),
    closesAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it closes; null if it is closed now.',
      resolve: (location, _args, { now }) => closingAfter(calendarOf(location), now),
    }),
    nextOpening: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it opens next, after now; null if it does not open within 60 days.',
      resolve: (location, _args, { now }) => {
        const calendar = calendarOf(location);
        if (!isOpenAt(calendar, now)) return nextOpening(calendar, now);
        const closes = closingAfter(calendar, now);
        return closes && nextOpening(calendar, closes);
      },
    }),
    openingDays: t.field({
      type: [OpeningDay],
      description: `Opening hours day by day, from today (local) on.`,
      args: {
        days: t.arg.int({
          required: true,
          defaultValue: 7,
          description: `Number of days, 1 to ${MAX_OPENING_DAYS}.`,
        }),
      },
      resolve: (location, { days }, { now }) => {
        checkQuantity(days, 'days', 1, MAX_OPENING_DAYS);
        return hoursOfDays(calendarOf(location), now, days);
      },
    }),
    pickup: t.field({
      type: PickupType,
      description: 'How orders are collected here.',
      resolve: (location) => ({
        enabled: location.pickupEnabled,
        leadMinutes: location.pickupLeadMinutes,
        cutOff: location.pickupCutOff,
        capacityPerHour: location.pickupCapacityPerHour,
        keepDays: location.pickupKeepDays,
      }),
    }),
    transferLeadMinutes: t.exposeInt('transferLeadMinutes', {
      description: 'Minutes from creating a transfer from here until it arrives.',
      authScopes: INTERNAL,
    }),
    labelRules: t.field({
      type: [LabelRuleType],
      description:
        'How the shop’s own price and weight labels are read: EAN-13 that begin with 2. A label is of the SKU whose GTIN has zeros for the value.',
      authScopes: INTERNAL,
      select: { labelRules: true },
      resolve: ({ labelRules }) => labelRules as unknown as LabelRule[],
    }),
    groups: t.exposeStringList('groups', { description: 'Codes of the groups it belongs to.' }),
    active: t.exposeBoolean('active', {
      description:
        'False if closed permanently: nothing new is reserved or ordered, open documents are completed.',
    }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
});

/** The field of a row that has the id of a location. */
export const LOCATION_FIELD = {
  type: Location,
  resolve: ({ locationId }: { locationId: number }, _args: object, context: Context) =>
    locationById(context).load(locationId),
};

export const LocationConnection = connectionOf(Location);
