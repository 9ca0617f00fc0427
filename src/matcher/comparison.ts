// Compares two records attribute by attribute: the level of agreement of each, and the value agreed on.

import {
  BIRTH_DATE,
  type Comparison,
  DATE,
  IN_LOCALITY,
  OTHER,
  OTHERS,
  POST,
  POSTCODE,
  setLevel,
} from './agreement';
import { dateErrors, isYearOnly, yearOf } from './birthDate';
import { NameComparer } from './nameComparison';
import { cacheBits, PairCache } from './pairCache';
import type { CodedPeople } from './people';
import { editDistance } from './similarity';

export class PairComparer {
  readonly #people: CodedPeople;
  readonly #names: NameComparer;
  readonly #postcodes: PairCache;
  readonly #others: PairCache[];

  constructor(people: CodedPeople) {
    this.#people = people;
    const { postcodeTexts, otherTexts } = people;
    this.#names = new NameComparer(people);
    const bits = cacheBits(people.n);
    this.#postcodes = new PairCache(
      (a, b) => (editDistance(postcodeTexts.texts[a]!, postcodeTexts.texts[b]!, 1) <= 1 ? 1 : 0),
      bits,
    );
    this.#others = otherTexts.map(
      ({ texts }) => new PairCache((a, b) => (areAlike(texts[a]!, texts[b]!) ? 1 : 0), bits - 3),
    );
  }

  get attributes(): number {
    return OTHERS + this.#people.others.length;
  }

  createComparison(): Comparison {
    const size = this.attributes;
    return { level: new Uint8Array(size), left: new Int32Array(size), right: new Int32Array(size) };
  }

  compare(i: number, j: number, into: Comparison): void {
    this.#names.compare(i, j, into);
    const { birthDates, dates, postcodes, others } = this.#people;
    const [dateA, dateB] = [birthDates[i]!, birthDates[j]!];
    const dateAgreement = dateA < 0 || dateB < 0 ? DATE.UNKNOWN : dateLevel(dates[dateA]!, dates[dateB]!);
    setLevel(into, BIRTH_DATE, dateAgreement, dateA, dateB);
    let localityAgrees = false;
    for (let k = 0; k < others.length; k++) {
      const [a, b] = [others[k]![i]!, others[k]![j]!];
      let level: number = OTHER.SAME;
      if (a < 0 || b < 0) level = OTHER.UNKNOWN;
      else if (a !== b) level = this.#others[k]!.get(a, b) ? OTHER.ALIKE : OTHER.DIFFERS;
      setLevel(into, OTHERS + k, level, a, b);
      localityAgrees ||= k === this.#people.locality && level === OTHER.SAME;
    }
    const post = this.#postcodeLevel(postcodes[i]!, postcodes[j]!);
    setLevel(
      into,
      POST,
      post > 0 && localityAgrees ? post + IN_LOCALITY : post,
      postcodes[i]!,
      postcodes[j]!,
    );
  }

  #postcodeLevel(a: number, b: number): number {
    if (a < 0 || b < 0) return POSTCODE.UNKNOWN;
    if (a === b) return POSTCODE.SAME;
    if (this.#postcodes.get(a, b)) return POSTCODE.TYPO;
    const { districtOf, areaOf } = this.#people;
    if (districtOf[a] === districtOf[b]) return POSTCODE.DISTRICT;
    return areaOf[a] === areaOf[b] ? POSTCODE.AREA : POSTCODE.DIFFERS;
  }
}

function areAlike(a: string, b: string): boolean {
  if (editDistance(a, b, 1) <= 1 && Math.min(a.length, b.length) > 3) return true;
  const words = new Set(a.split(' '));
  return b.split(' ').some((word) => word.length > 3 && words.has(word));
}

function dateLevel(a: number, b: number): number {
  if (a === b) return DATE.SAME;
  const errors = dateErrors(a, b);
  if (errors === 1) return DATE.ONE_DIGIT;
  if (yearOf(a) === yearOf(b)) return isYearOnly(a) || isYearOnly(b) ? DATE.YEAR_ONLY : DATE.YEAR;
  return errors === 2 ? DATE.TWO_DIGITS : DATE.DIFFERS;
}
