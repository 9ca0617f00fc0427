// GraphQL inputs of locations.

import { builder } from '../../graphql/builder';
import { LocationKind } from './location';

export const GeoPointInput = builder.inputType('GeoPointInput', {
  description: 'Degrees, WGS 84.',
  fields: (t) => ({
    latitude: t.float({ required: true, description: 'North, -90 to 90.' }),
    longitude: t.float({ required: true, description: 'East, -180 to 180.' }),
  }),
});

const AddressInput = builder.inputType('AddressInput', {
  fields: (t) => ({
    street: t.string(),
    postalCode: t.string(),
    city: t.string(),
    country: t.string({ description: 'ISO 3166-1 alpha-2, e.g. FR. A new location needs it.' }),
  }),
});

const opensAt = 'HH:MM, local.';
const closesAt = 'HH:MM, local; 24:00 is midnight. Past midnight is written as two.';

const WeeklyHoursInput = builder.inputType('WeeklyHoursInput', {
  fields: (t) => ({
    weekday: t.int({ required: true, description: 'ISO weekday: 1 is Monday, 7 is Sunday.' }),
    opensAt: t.string({ required: true, description: opensAt }),
    closesAt: t.string({ required: true, description: closesAt }),
  }),
});

const HoursRangeInput = builder.inputType('HoursRangeInput', {
  fields: (t) => ({
    opensAt: t.string({ required: true, description: opensAt }),
    closesAt: t.string({ required: true, description: closesAt }),
  }),
});

const HoursExceptionInput = builder.inputType('HoursExceptionInput', {
  fields: (t) => ({
    day: t.field({ type: 'Date', required: true, description: 'Local.' }),
    ranges: t.field({ type: [HoursRangeInput], required: true, description: 'None: closed on that day.' }),
  }),
});

const PickupPolicyInput = builder.inputType('PickupPolicyInput', {
  fields: (t) => ({
    enabled: t.boolean({ description: 'Whether orders can be collected here; default true.' }),
    leadMinutes: t.int({ description: 'Open minutes it takes to pick an order; default 120.' }),
    cutOff: t.string({
      description: 'HH:MM, local: what is ordered later is begun on the next open day. Null: none.',
    }),
    capacityPerHour: t.int({ description: 'Orders picked in an open hour; default 20.' }),
    keepDays: t.int({ description: 'Open days for which a ready order is kept; default 5.' }),
  }),
});

export const UpsertLocationInput = builder.inputType('UpsertLocationInput', {
  description: 'A location. What is left out, at every depth, stays as it is; a new one gets the default.',
  fields: (t) => ({
    code: t.string({ required: true, description: 'The retailer’s own code; names the location for ever.' }),
    name: t.string({ description: 'A new location needs it.' }),
    kind: t.field({ type: LocationKind, description: 'A new location needs it.' }),
    address: t.field({ type: AddressInput }),
    point: t.field({ type: GeoPointInput, description: 'A new location needs it.' }),
    timeZone: t.string({ description: 'IANA, e.g. Europe/Paris. A new location needs it.' }),
    weeklyHours: t.field({ type: [WeeklyHoursInput], description: 'Replaced as a whole; none: never open.' }),
    hoursExceptions: t.field({ type: [HoursExceptionInput], description: 'Replaced as a whole.' }),
    pickup: t.field({ type: PickupPolicyInput }),
    transferLeadMinutes: t.int({
      description: 'From deciding on a transfer from here to its arrival; default 1440.',
    }),
    groups: t.stringList({ description: 'Codes of its groups; replaced as a whole.' }),
    active: t.boolean({
      description: 'False closes it for good: its stock and open documents stay, nothing new is promised.',
    }),
  }),
});
