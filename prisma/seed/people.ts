/** The demonstration's customers: some 2,000 invented people, with twins, households, namesakes and shared telephones among them. */
import { dayNumber, dayOf } from './calendar';
import { MEN, STREETS, SURNAMES, WOMEN } from './personNames';
import { draws, streamOf } from './random';
import type { DayText, PlaceSeed } from './types';

export const PEOPLE = 2_000;

export interface SeedPerson {
  /** From 0. */
  number: number;
  firstName: string;
  surname: string;
  gender: 'F' | 'M';
  birthDate: DayText;
  street: string;
  postalCode: string;
  city: string;
  /** Of a domain that is reserved for examples. */
  email: string;
  /** Telephones are of the ranges that the French regulator reserves for fiction: 06 39 98, and 01 99 00 at home. */
  mobile: string;
  home: string;
  /** Of the web shop. */
  account: string | null;
  loyaltyCard: string | null;
  /** Code of the shop that the person uses most. */
  shop: string;
  language: 'fr' | 'en';
  contactChannel: 'EMAIL' | 'SMS';
}

/** How a person is related to the one before. */
type Relation = 'NONE' | 'TWIN' | 'HOUSEHOLD' | 'SHARED_MOBILE' | 'NAMESAKE';
/** Cumulated shares of the pairs. */
const RELATIONS: readonly (readonly [Relation, number])[] = [
  ['TWIN', 0.012],
  ['HOUSEHOLD', 0.09],
  ['SHARED_MOBILE', 0.115],
  ['NAMESAKE', 0.145],
];

const WITH_ACCOUNT = 0.6;
const WITH_CARD = 0.7;
const WANTS_SMS = 0.3;
const READS_ENGLISH = 0.04;
const ADDRESS_DOMAINS = ['example.org', 'example.com', 'example.net'];
const OLDEST_YEARS = 85;
const YOUNGEST_YEARS = 17;

const fourDigits = (number: number): string => String(number % 10_000).padStart(4, '0');

/** Lower case without accents, as in an address. */
export const addressForm = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z]+/g, '');

function relationOf(number: number): Relation {
  if (number % 2 === 0) return 'NONE';
  const draw = draws(streamOf('relation', String(number)))();
  return RELATIONS.find(([, share]) => draw < share)?.[0] ?? 'NONE';
}

/** What the person has of the one before. */
function sharedWith(before: SeedPerson, relation: Relation): Partial<SeedPerson> {
  const { surname, birthDate, street, postalCode, city, home, shop, mobile, firstName, gender } = before;
  if (relation === 'NONE') return {};
  if (relation === 'NAMESAKE') return { firstName, surname, gender };
  if (relation === 'SHARED_MOBILE') return { surname, street, postalCode, city, home, shop, mobile };
  return { surname, street, postalCode, city, home, shop, ...(relation === 'TWIN' ? { birthDate } : {}) };
}

function buildPerson(
  number: number,
  before: SeedPerson | undefined,
  shops: readonly PlaceSeed[],
  first: number,
): SeedPerson {
  const draw = draws(streamOf('person', String(number)));
  const oneOf = <T>(values: readonly T[]): T => values[Math.floor(draw() * values.length)]!;
  const gender = draw() < 0.5 ? 'F' : 'M';
  // Squared: the first names and surnames of a list are more frequent than the last, as in life.
  const frequent = (values: readonly string[]): string => values[Math.floor(draw() ** 2 * values.length)]!;
  const shop = oneOf(shops);
  const own = {
    ...{ number, gender, firstName: frequent(gender === 'F' ? WOMEN : MEN), surname: frequent(SURNAMES) },
    birthDate: dayOf(
      first - Math.floor((YOUNGEST_YEARS + draw() * (OLDEST_YEARS - YOUNGEST_YEARS)) * 365.25),
    ),
    street: `${1 + Math.floor(draw() * 120)} ${oneOf(STREETS)}`,
    ...{ postalCode: shop.postalCode, city: shop.city, shop: shop.code },
    ...{ mobile: `+3363998${fourDigits(4 * number + 1)}`, home: `+3319900${fourDigits(3 * number + 7)}` },
    account: draw() < WITH_ACCOUNT ? `shopper-${String(number + 1).padStart(5, '0')}` : null,
    loyaltyCard: draw() < WITH_CARD ? `29${String(70_000_000 + number * 37)}` : null,
    language: draw() < READS_ENGLISH ? ('en' as const) : ('fr' as const),
    contactChannel: draw() < WANTS_SMS ? ('SMS' as const) : ('EMAIL' as const),
  } satisfies Omit<SeedPerson, 'email'>;
  const person = { ...own, ...(before === undefined ? {} : sharedWith(before, relationOf(number))) };
  // Twins have two first names.
  if (before !== undefined && person.birthDate === before.birthDate && person.firstName === before.firstName)
    person.firstName = (person.gender === 'F' ? WOMEN : MEN).find((name) => name !== before.firstName)!;
  const email = `${addressForm(person.firstName)}.${addressForm(person.surname)}${number}@${oneOf(ADDRESS_DOMAINS)}`;
  return { ...person, email };
}

/** Births are counted from a day that does not move, so that the people are the same whatever `today` is. */
const COUNTED_FROM = '2026-01-01';

/** The customers of the shops of the mainland, the same for every day. */
export function buildPeople(places: readonly PlaceSeed[]): SeedPerson[] {
  const shops = places.filter(({ kind, timeZone }) => kind === 'SHOP' && timeZone === 'Europe/Paris');
  const first = dayNumber(COUNTED_FROM);
  const people: SeedPerson[] = [];
  for (let number = 0; number < PEOPLE; number++)
    people.push(buildPerson(number, people.at(-1), shops, first));
  return people;
}
