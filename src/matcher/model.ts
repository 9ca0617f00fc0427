// The Fellegi–Sunter model: how many bits each agreement speaks for one person, or each disagreement against.

import {
  BIRTH_DATE,
  type Comparison,
  DATE,
  FORENAME,
  FURTHER,
  IN_LOCALITY,
  LEVELS,
  NAME,
  OTHER,
  OTHERS,
  POST,
  POSTCODE,
  SURNAME,
} from './agreement';
import { yearOf } from './birthDate';
import type { CodedPeople } from './people';

/** Share of persons that have a value, by code; and the chance that two persons have the same one. */
export interface ValueShares {
  shares: Float64Array;
  /** Sum of the squared shares. */
  coincidence: number;
}

/** Shares of all values that agreements may be about. */
export interface PeopleShares {
  /** By role of the word (forename, surname, further names), and of all words. */
  words: [ValueShares, ValueShares, ValueShares];
  anyWord: ValueShares;
  dates: ValueShares;
  /** By code of the date. */
  years: ValueShares;
  postcodes: ValueShares;
  /** By code of the postcode. */
  districts: ValueShares;
  areas: ValueShares;
  others: ValueShares[];
}

/** Bits for two different values that one person is known to have: Will and William, a village and its county. */
export type Aliases = Map<number, number>;
export const aliasKey = (a: number, b: number): number => (a < b ? b * 67_108_864 + a : a * 67_108_864 + b);

export interface MatchModel {
  /** Chance of a level if two records are of one person (m) and if they are of two (u): [attribute × LEVELS + level]. */
  m: Float64Array;
  u: Float64Array;
  /** Chance that two records drawn at random are of one person. */
  prior: number;
  shares: PeopleShares;
  /** By attribute. */
  aliases: (Aliases | null)[];
}

/** What a level is about, if rarer values are stronger evidence: the shares of the values. */
function sharesOf(shares: PeopleShares, attribute: number, level: number): ValueShares | null {
  if (attribute <= FURTHER) {
    if (level === NAME.ELSEWHERE) return shares.anyWord;
    return level >= NAME.BEGINNING ? shares.words[attribute as 0 | 1 | 2] : null;
  }
  if (attribute === BIRTH_DATE) {
    if (level === DATE.SAME || level === DATE.ONE_DIGIT) return shares.dates;
    return level === DATE.YEAR || level === DATE.YEAR_ONLY ? shares.years : null;
  }
  if (attribute === POST) {
    level = level > IN_LOCALITY ? level - IN_LOCALITY : level;
    if (level === POSTCODE.SAME || level === POSTCODE.TYPO) return shares.postcodes;
    if (level === POSTCODE.DISTRICT) return shares.districts;
    return level === POSTCODE.AREA ? shares.areas : null;
  }
  return level === OTHER.SAME || level === OTHER.ALIKE ? shares.others[attribute - OTHERS]! : null;
}

/** The weights of a model as tables. */
export class PairWeights {
  readonly priorBits: number;
  readonly #attributes: number;
  readonly #bits: Float64Array;
  readonly #terms: (Float64Array | null)[];
  readonly #aliases: (Aliases | null)[];

  constructor({ m, u, prior, shares, aliases }: MatchModel) {
    this.priorBits = Math.log2(prior / (1 - prior));
    this.#attributes = m.length / LEVELS;
    this.#bits = Float64Array.from(m, (value, k) => (k % LEVELS === 0 ? 0 : Math.log2(value / u[k]!)));
    this.#terms = Array.from(m, (_, k) => {
      const about = sharesOf(shares, Math.trunc(k / LEVELS), k % LEVELS);
      if (about === null) return null;
      const { coincidence } = about;
      return about.shares.map((share) => Math.log2(coincidence / share));
    });
    this.#aliases = aliases;
  }

  /** Bits of one attribute; 0 where it is not known. */
  bitsOf({ level, left, right }: Comparison, attribute: number): number {
    const l = level[attribute]!;
    if (l === 0) return 0;
    const at = attribute * LEVELS + l;
    const [a, b] = [left[attribute]!, right[attribute]!];
    if (a !== b) {
      const alias = this.#aliases[attribute]?.get(aliasKey(a, b));
      if (alias !== undefined) return alias;
    }
    const bits = this.#bits[at]!;
    const terms = this.#terms[at];
    return terms ? bits + Math.min(terms[a]!, terms[b]!) : bits;
  }

  /** The whole weight: prior and all attributes. */
  weightOf(comparison: Comparison): number {
    let sum = this.priorBits;
    for (let attribute = 0; attribute < this.#attributes; attribute++)
      sum += this.bitsOf(comparison, attribute);
    return sum;
  }
}

/** Shares of values among persons: a group counts as one person, its records in equal parts. */
export function sharesAmong(people: CodedPeople, groupOf: Int32Array): PeopleShares {
  const { n, words, nameAt, names, forenames, surnames, dates, postcodeTexts } = people;
  const sizes = new Float64Array(n);
  for (const group of groupOf) sizes[group]!++;
  const role = [0, 1, 2, 3].map(() => new Float64Array(words.size));
  for (let i = 0; i < n; i++) {
    const part = 1 / sizes[groupOf[i]!]!;
    const [from, to] = [nameAt[i]!, nameAt[i + 1]!];
    for (let p = from; p < to; p++) {
      const which = p < from + forenames[i]! ? FORENAME : p >= to - surnames[i]! ? SURNAME : FURTHER;
      role[which]![names[p]!]! += part;
      role[3]![names[p]!]! += part;
    }
  }
  const count = (codes: Int32Array, size: number, map?: ArrayLike<number>): ValueShares => {
    const counts = new Float64Array(size);
    for (let i = 0; i < n; i++) {
      const code = codes[i]!;
      if (code >= 0) counts[map ? map[code]! : code]! += 1 / sizes[groupOf[i]!]!;
    }
    const made = valueShares(counts);
    return map ? { ...made, shares: Float64Array.from(map, (code) => made.shares[code]!) } : made;
  };
  const years = codesOf(dates.map(yearOf));
  return {
    words: [valueShares(role[0]!), valueShares(role[1]!), valueShares(role[2]!)],
    anyWord: valueShares(role[3]!),
    dates: count(people.birthDates, dates.length),
    years: count(people.birthDates, years.size, years.codes),
    postcodes: count(people.postcodes, postcodeTexts.size),
    districts: count(people.postcodes, people.districts.size, people.districtOf),
    areas: count(people.postcodes, people.areas.size, people.areaOf),
    others: people.others.map((codes, k) => count(codes, people.otherTexts[k]!.size)),
  };
}

function codesOf(values: number[]): { codes: number[]; size: number } {
  const known = new Map<number, number>();
  const codes = values.map((value) => {
    const code = known.get(value) ?? known.size;
    known.set(value, code);
    return code;
  });
  return { codes, size: known.size };
}

/** A value seen once is taken for as rare as half of one person more: no share is ever 0. */
function valueShares(counts: Float64Array): ValueShares {
  let sum = 0;
  for (const count of counts) sum += count;
  const shares = counts.map((count) => (count + 0.5) / (sum + 1));
  let coincidence = 0;
  for (const count of counts) coincidence += (count / Math.max(sum, 1)) ** 2;
  return { shares, coincidence: Math.max(coincidence, 1 / (sum + 1) ** 2, 1e-9) };
}
