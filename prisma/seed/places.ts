/** The chain's twelve shops and two warehouses, as they stand: addresses, hours, pickup, groups. */
import type { WeeklyHours } from '../../src/location/rules/hours';
import { type HoursPolicy, hoursExceptions } from './hours';
import type { DayText, PlaceGroupSeed, PlaceSeed, PlaceTraits } from './types';

/** The groups that locations name in `groupCodes`. */
export const placeGroups: PlaceGroupSeed[] = [
  { code: 'all-shops', name: 'Tous les magasins' },
  { code: 'metropole', name: 'Magasins de métropole' },
  { code: 'ile-de-france', name: 'Île-de-France' },
  { code: 'sud', name: 'Sud' },
  { code: 'grand-ouest', name: 'Grand Ouest' },
  { code: 'nord-est', name: 'Nord et Est' },
  { code: 'outre-mer', name: 'Outre-mer' },
  { code: 'warehouses', name: 'Entrepôts' },
];

/** The weekly timetable that gives these weekdays these ranges ('10:00-19:30'). */
function week(...rows: [weekdays: number[], ...ranges: string[]][]): WeeklyHours[] {
  const hours = rows.flatMap(([weekdays, ...ranges]) =>
    weekdays.flatMap((weekday) =>
      ranges.map((range) => ({ weekday, opensAt: range.slice(0, 5), closesAt: range.slice(6) })),
    ),
  );
  return hours.sort((a, b) => a.weekday - b.weekday || (a.opensAt < b.opensAt ? -1 : 1));
}

const MONDAY_TO_SATURDAY = [1, 2, 3, 4, 5, 6];
const TUESDAY_TO_SATURDAY = [2, 3, 4, 5, 6];
const cityHours = week([MONDAY_TO_SATURDAY, '10:00-19:30']);

// Wednesdays are strong because schools are off; a shop near offices and a station lives on weekdays.
const cityWeek = [0.72, 0.8, 1.05, 0.82, 1.08, 1.75, 1.05];
const officeWeek = [0.92, 0.95, 1.05, 0.98, 1.25, 1.4, 0.8];
const leisureWeek = [0.62, 0.66, 1.0, 0.74, 1.02, 1.75, 1.5];

const ordinary: PlaceTraits = {
  footfall: 1,
  rangeShare: 0.85,
  weekdayProfile: cityWeek,
  salesZone: 'MAINLAND',
  notCarried: [],
};

/** A city shop's figures, where a location does not say otherwise. */
const pickupDefaults = {
  pickupEnabled: true,
  pickupLeadMinutes: 120,
  pickupCutOff: '17:30',
  pickupCapacityPerHour: 8,
  pickupKeepDays: 5,
  transferLeadMinutes: 24 * 60,
};
type PickupFigures = typeof pickupDefaults;

/** The attributes of a location that do not depend on `today`. */
type PlaceBase = Omit<
  PlaceSeed,
  'country' | 'timeZone' | 'hoursExceptions' | 'traits' | keyof PickupFigures
> &
  Partial<PickupFigures & Pick<PlaceSeed, 'timeZone'>> & {
    policy: HoursPolicy;
    traits?: Partial<PlaceTraits>;
  };

const closing: HoursPolicy = { onHolidays: 'CLOSED', region: 'COMMON', decemberSundays: true };
const opening: HoursPolicy = { onHolidays: 'SHORT', region: 'COMMON', decemberSundays: true };

const bases: PlaceBase[] = [
  {
    code: 'paris-rivoli',
    name: 'Paris Rivoli',
    kind: 'SHOP',
    street: '88 rue de Rivoli',
    postalCode: '75004',
    city: 'Paris',
    latitude: 48.8579,
    longitude: 2.3494,
    weeklyHours: week([MONDAY_TO_SATURDAY, '09:30-20:30'], [[7], '11:00-19:30']),
    pickupLeadMinutes: 60,
    pickupCutOff: '19:00',
    pickupCapacityPerHour: 24,
    groupCodes: ['all-shops', 'metropole', 'ile-de-france'],
    policy: opening,
    traits: { footfall: 2.2, rangeShare: 1 },
  },
  {
    code: 'paris-bercy',
    name: 'Paris Bercy',
    kind: 'SHOP',
    street: '32 cour Saint-Émilion',
    postalCode: '75012',
    city: 'Paris',
    latitude: 48.8333,
    longitude: 2.3863,
    weeklyHours: week([[1, 2, 3, 4, 5, 6, 7], '11:00-20:00']),
    pickupCapacityPerHour: 12,
    groupCodes: ['all-shops', 'metropole', 'ile-de-france'],
    policy: opening,
    traits: { footfall: 1.2, weekdayProfile: leisureWeek },
  },
  {
    code: 'lyon-part-dieu',
    name: 'Lyon Part-Dieu',
    kind: 'SHOP',
    street: '17 rue du Docteur Bouchut',
    postalCode: '69003',
    city: 'Lyon',
    latitude: 45.761,
    longitude: 4.857,
    weeklyHours: week([MONDAY_TO_SATURDAY, '09:30-20:00']),
    pickupLeadMinutes: 60,
    pickupCutOff: '18:30',
    pickupCapacityPerHour: 18,
    groupCodes: ['all-shops', 'metropole'],
    policy: opening,
    traits: { footfall: 1.6, rangeShare: 0.96, weekdayProfile: officeWeek },
  },
  {
    code: 'marseille-joliette',
    name: 'Marseille La Joliette',
    kind: 'SHOP',
    street: '10 place de la Joliette',
    postalCode: '13002',
    city: 'Marseille',
    latitude: 43.3044,
    longitude: 5.3667,
    weeklyHours: week([MONDAY_TO_SATURDAY, '10:00-19:30'], [[7], '11:00-18:00']),
    groupCodes: ['all-shops', 'metropole', 'sud'],
    policy: opening,
    traits: { footfall: 1.1, weekdayProfile: leisureWeek },
  },
  {
    code: 'toulouse-capitole',
    name: 'Toulouse Capitole',
    kind: 'SHOP',
    street: "21 rue d'Alsace-Lorraine",
    postalCode: '31000',
    city: 'Toulouse',
    latitude: 43.6045,
    longitude: 1.4457,
    weeklyHours: cityHours,
    groupCodes: ['all-shops', 'metropole', 'sud'],
    policy: closing,
    traits: { footfall: 1.1, rangeShare: 0.9 },
  },
  {
    code: 'nice-massena',
    name: 'Nice Masséna',
    kind: 'SHOP',
    street: '15 avenue Jean-Médecin',
    postalCode: '06000',
    city: 'Nice',
    latitude: 43.6992,
    longitude: 7.2699,
    weeklyHours: cityHours,
    groupCodes: ['all-shops', 'metropole', 'sud'],
    policy: closing,
    traits: { footfall: 0.9, rangeShare: 0.8, salesZone: 'ALPES_MARITIMES' },
  },
  {
    code: 'nantes-crebillon',
    name: 'Nantes Crébillon',
    kind: 'SHOP',
    street: '14 rue Crébillon',
    postalCode: '44000',
    city: 'Nantes',
    latitude: 47.2136,
    longitude: -1.5611,
    weeklyHours: week([[1], '14:00-19:00'], [TUESDAY_TO_SATURDAY, '10:00-19:00']),
    groupCodes: ['all-shops', 'metropole', 'grand-ouest'],
    policy: closing,
    traits: { footfall: 0.9 },
  },
  {
    code: 'strasbourg-kleber',
    name: 'Strasbourg Kléber',
    kind: 'SHOP',
    street: '9 place Kléber',
    postalCode: '67000',
    city: 'Strasbourg',
    latitude: 48.5834,
    longitude: 7.7457,
    weeklyHours: week([MONDAY_TO_SATURDAY, '09:30-19:00']),
    groupCodes: ['all-shops', 'metropole', 'nord-est'],
    policy: { ...closing, region: 'ALSACE' },
    traits: { footfall: 0.95 },
  },
  {
    code: 'bordeaux-sainte-catherine',
    name: 'Bordeaux Sainte-Catherine',
    kind: 'SHOP',
    street: '112 rue Sainte-Catherine',
    postalCode: '33000',
    city: 'Bordeaux',
    latitude: 44.8372,
    longitude: -0.5738,
    weeklyHours: cityHours,
    groupCodes: ['all-shops', 'metropole', 'grand-ouest'],
    policy: closing,
    traits: { footfall: 1.1, rangeShare: 0.88 },
  },
  {
    code: 'lille-bethune',
    name: 'Lille Béthune',
    kind: 'SHOP',
    street: '38 rue de Béthune',
    postalCode: '59000',
    city: 'Lille',
    latitude: 50.6336,
    longitude: 3.0629,
    weeklyHours: cityHours,
    groupCodes: ['all-shops', 'metropole', 'nord-est'],
    policy: closing,
    traits: { footfall: 1.2, rangeShare: 0.9 },
  },
  {
    code: 'rennes-monnaie',
    name: 'Rennes La Monnaie',
    kind: 'SHOP',
    street: '6 rue de la Monnaie',
    postalCode: '35000',
    city: 'Rennes',
    latitude: 48.1119,
    longitude: -1.6822,
    weeklyHours: week([TUESDAY_TO_SATURDAY, '10:00-12:30', '14:00-19:00']),
    pickupLeadMinutes: 180,
    pickupCutOff: '16:00',
    pickupCapacityPerHour: 4,
    pickupKeepDays: 7,
    transferLeadMinutes: 48 * 60,
    groupCodes: ['all-shops', 'metropole', 'grand-ouest'],
    policy: closing,
    traits: { footfall: 0.65, rangeShare: 0.6 },
  },
  {
    code: 'saint-denis-leclerc',
    name: 'Saint-Denis de La Réunion',
    kind: 'SHOP',
    street: '45 rue Maréchal-Leclerc',
    postalCode: '97400',
    city: 'Saint-Denis',
    latitude: -20.8789,
    longitude: 55.4481,
    timeZone: 'Indian/Reunion',
    weeklyHours: week([[1, 2, 3, 4, 5], '09:00-12:30', '13:30-18:00'], [[6], '09:00-18:00']),
    pickupLeadMinutes: 180,
    pickupCutOff: '15:30',
    pickupCapacityPerHour: 5,
    pickupKeepDays: 10,
    transferLeadMinutes: 12 * 24 * 60,
    groupCodes: ['all-shops', 'outre-mer'],
    policy: { ...closing, region: 'REUNION' },
    traits: { footfall: 0.7, rangeShare: 0.65, salesZone: 'REUNION', notCarried: ['snow'] },
  },
  {
    code: 'dc-orleans',
    name: "Entrepôt d'Orléans",
    kind: 'WAREHOUSE',
    street: '240 rue des Genêts',
    postalCode: '45770',
    city: 'Saran',
    latitude: 47.9514,
    longitude: 1.8747,
    weeklyHours: week([MONDAY_TO_SATURDAY, '06:00-21:00']),
    pickupEnabled: false,
    transferLeadMinutes: 12 * 60,
    groupCodes: ['warehouses'],
    policy: { ...closing, decemberSundays: false },
    // The website's own demand is worth several shops.
    traits: { footfall: 2.4, rangeShare: 1, weekdayProfile: [1.15, 1.05, 1.0, 0.95, 0.85, 0.8, 1.2] },
  },
  {
    code: 'dc-miramas',
    name: 'Entrepôt de Miramas',
    kind: 'WAREHOUSE',
    street: '3 avenue Clésud',
    postalCode: '13140',
    city: 'Miramas',
    latitude: 43.6206,
    longitude: 5.0094,
    weeklyHours: week([[1, 2, 3, 4, 5], '05:00-20:00']),
    pickupEnabled: false,
    transferLeadMinutes: 12 * 60,
    groupCodes: ['warehouses'],
    policy: { ...closing, decemberSundays: false },
    traits: { footfall: 0, rangeShare: 0.75 },
  },
];

/** All locations, with their dated hours from a year before `today` to a year after it. */
export function buildPlaces(today: DayText): PlaceSeed[] {
  return bases.map(({ policy, traits, ...base }) => ({
    country: 'FR',
    timeZone: 'Europe/Paris',
    ...pickupDefaults,
    ...base,
    hoursExceptions: hoursExceptions(base.weeklyHours, policy, today),
    traits: { ...ordinary, ...traits },
  }));
}
