// Made-up persons with several records each, from which the matcher learns how records of one person differ.

import type { PersonFacts } from '../../src/customer/rules/interactions';
import { randomNumbers } from '../../src/matcher/random';
import type { People, Told } from './people';

const FORENAMES =
  'Adele Bruno Chloe Denis Elsa Farid Gilles Helene Irene Jules Karim Laure Marc Nadia Oscar'.split(' ');
const SURNAMES =
  'Abadie Bonnet Carpentier Delorme Esnault Fabre Garnier Huet Imbert Joly Keller Lambert'.split(' ');
const ENDS = ['', 'ot', 'eau', 'in', 'ier'];

/** The n-th person: names repeat, the whole of name, date and postal code does not. */
export function person(n: number): PersonFacts {
  const random = randomNumbers(n + 1);
  const whole = (below: number): number => Math.floor(random() * below);
  const two = (value: number): string => String(value).padStart(2, '0');
  return {
    firstName: FORENAMES[n % FORENAMES.length]!,
    surname: SURNAMES[whole(SURNAMES.length)]! + ENDS[whole(ENDS.length)]!,
    birthDate: `${1940 + whole(65)}-${two(1 + whole(12))}-${two(1 + whole(28))}`,
    postalCode: `75${String(1 + whole(20)).padStart(3, '0')}`,
    city: 'Paris',
  };
}

/** Two interactions of each of these persons, by addresses that nobody verified: `n.a@…` and `n.b@…`. */
export function recordsOfPairs(people: People, from: number, count: number): Told[] {
  return Array.from({ length: count }, (_, i) => from + i).flatMap((n): Told[] => [
    { identifiers: [people.seen('EMAIL', `${n}.a@pair.example`)], person: person(n) },
    { identifiers: [people.seen('EMAIL', `${n}.b@pair.example`)], person: person(n) },
  ]);
}
