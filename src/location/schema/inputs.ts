// GraphQL inputs of locations.

import { LABEL_LIMITS } from '../../catalog/rules/labels';
import { builder } from '../../graphql/builder';
import { LabelValue, LocationKind } from './location';

export const GeoPointInput = builder.inputType('GeoPointInput', {
  description: 'A point on the earth in degrees (WGS 84).',
  fields: (t) => ({
    latitude: t.float({ required: true, description: 'Degrees north, -90 to 90.' }),
    longitude: t.float({ required: true, description: 'Degrees east, -180 to 180.' }),
  }),
});

const AddressInput = builder.inputType('AddressInput', {
  description: 'A postal address. Omitted fields keep their value.',
  fields: (t) => ({
    street: t.string({ description: 'Street and number.' }),
    postalCode: t.string({ description: 'Postal code.' }),
    city: t.string({ description: 'City.' }),
    country: t.string({ description: 'ISO 3166-1 alpha-2 code, such as FR. Required for a new location.' }),
  }),
});

const opensAt = 'Local time, HH:MM.';
const closesAt = 'Local time, HH:MM; 24:00 is midnight. A period past midnight is written as two.';

const WeeklyHoursInput = builder.inputType('WeeklyHoursInput', {
  description: 'One opening period of every week, in local time.',
  fields: (t) => ({
    weekday: t.int({ required: true, description: 'ISO weekday: 1 is Monday, 7 is Sunday.' }),
    opensAt: t.string({ required: true, description: opensAt }),
    closesAt: t.string({ required: true, description: closesAt }),
  }),
});

const HoursRangeInput = builder.inputType('HoursRangeInput', {
  description: 'One opening period of a day, in local time.',
  fields: (t) => ({
    opensAt: t.string({ required: true, description: opensAt }),
    closesAt: t.string({ required: true, description: closesAt }),
  }),
});

const HoursExceptionInput = builder.inputType('HoursExceptionInput', {
  description: 'Opening hours of one day that replace those of its weekday.',
  fields: (t) => ({
    day: t.field({ type: 'Date', required: true, description: 'Local day.' }),
    ranges: t.field({
      type: [HoursRangeInput],
      required: true,
      description: 'Opening periods; empty if closed on that day.',
    }),
  }),
});

const PickupPolicyInput = builder.inputType('PickupPolicyInput', {
  description:
    'How orders are collected at a location. Omitted fields keep their value; a new location gets the defaults.',
  fields: (t) => ({
    enabled: t.boolean({ description: 'Whether orders can be collected here; default true.' }),
    leadMinutes: t.int({ description: 'Minutes of opening time it takes to pick an order; default 120.' }),
    cutOff: t.string({
      description: 'Local time, HH:MM: later orders are picked from the next open day on. Null for none.',
    }),
    capacityPerHour: t.int({
      description: 'Orders that can be picked in one hour of opening time; default 20.',
    }),
    keepDays: t.int({
      description:
        'Open days after which an order that is ready and not collected becomes a NO_SHOW; default 5.',
    }),
  }),
});

const LabelRuleInput = builder.inputType('LabelRuleInput', {
  description: 'How price or weight labels with one prefix are read at a location.',
  fields: (t) => ({
    prefix: t.string({ required: true, description: 'The first two digits, 20 to 29.' }),
    articleDigits: t.int({ required: true, description: 'Digits of the article behind the prefix.' }),
    valueDigits: t.int({
      required: true,
      description:
        'Digits of the value before the last digit; with those of the article 10, or 9 with a check digit between them.',
    }),
    value: t.field({ type: LabelValue, required: true, description: 'What the value is.' }),
  }),
});

export const UpsertLocationInput = builder.inputType('UpsertLocationInput', {
  description:
    'A location to create or change. Omitted fields keep their value at every depth; a new location gets the defaults.',
  fields: (t) => ({
    code: t.string({
      required: true,
      description: 'The retailer’s own code. It identifies the location permanently.',
    }),
    name: t.string({ description: 'Required for a new location.' }),
    kind: t.field({ type: LocationKind, description: 'Required for a new location.' }),
    address: t.field({ type: AddressInput, description: 'Postal address.' }),
    point: t.field({ type: GeoPointInput, description: 'Geographic position. Required for a new location.' }),
    timeZone: t.string({ description: 'IANA time zone, such as Europe/Paris. Required for a new location.' }),
    weeklyHours: t.field({
      type: [WeeklyHoursInput],
      description: 'Replaces the whole list; an empty list means never open.',
    }),
    hoursExceptions: t.field({ type: [HoursExceptionInput], description: 'Replaces the whole list.' }),
    pickup: t.field({ type: PickupPolicyInput, description: 'How orders are collected here.' }),
    transferLeadMinutes: t.int({
      description: 'Minutes from creating a transfer from here until it arrives; default 1440.',
    }),
    labelRules: t.field({
      type: [LabelRuleInput],
      description: `How the shop’s own price and weight labels are read, at most ${LABEL_LIMITS.rules}; replaces the whole list.`,
    }),
    groups: t.stringList({ description: 'Codes of its groups; replaces the whole list.' }),
    active: t.boolean({
      description: 'False closes it permanently: stock and open documents remain, nothing new is promised.',
    }),
  }),
});
