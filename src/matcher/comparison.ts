// Compares two records attribute by attribute: the level of agreement of each, and the value agreed on.

import { dateErrors, isYearOnly, yearOf } from './birthDate';
import { PairCache } from './pairCache';
import type { CodedPeople } from './people';
import { editDistance, jaroWinkler } from './similarity';

/** Levels of agreement of names. 0 is always: not known on one side. */
export const NAME = { UNKNOWN: 0, DIFFERS: 1, ELSEWHERE: 2, INITIAL: 3, BEGINNING: 4, SOUND: 5, TYPO: 6, SAME: 7 } as const;
export const DATE = { UNKNOWN: 0, DIFFERS: 1, TWO_DIGITS: 2, YEAR: 3, YEAR_ONLY: 4, ONE_DIGIT: 5, SAME: 6 } as const;
export const POSTCODE = { UNKNOWN: 0, DIFFERS: 1, AREA: 2, DISTRICT: 3, TYPO: 4, SAME: 5 } as const;
export const OTHER = { UNKNOWN: 0, DIFFERS: 1, ALIKE: 2, SAME: 3 } as const;
/** Levels of a postcode where the places agree begin here: two people of one town share its postcodes more often. */
export const IN_PLACE = 5;
/** Two values that are known to be one person's: an alias that was learnt. */
export const ALIAS = 15;
/** Most levels of an attribute. */
export const LEVELS = 16;

export const FORENAME = 0;
export const SURNAME = 1;
export const FURTHER = 2;
export const BIRTH_DATE = 3;
export const POST = 4;
/** Number of the first of the other attributes. */
export const OTHERS = 5;

/** Similarity of two words of names. */
const WORD = { NONE: 0, INITIAL: 1, BEGINNING: 2, SOUND: 3, TYPO: 4, SAME: 5 } as const;
const LEVEL_OF_WORD = [NAME.DIFFERS, NAME.INITIAL, NAME.BEGINNING, NAME.SOUND, NAME.TYPO, NAME.SAME];

/** The result of a comparison; one object serves many pairs. */
export interface Comparison {
  /** By attribute. */
  level: Uint8Array;
  /** Code of the value on the left and on the right that the level is about; −1 where there is none. */
  left: Int32Array;
  right: Int32Array;
}

export class PairComparer {
  readonly #people: CodedPeople;
  readonly #words: PairCache;
  readonly #postcodes: PairCache;
  readonly #others: PairCache[];

  constructor(people: CodedPeople) {
    this.#people = people;
    const { words, sounds, postcodeTexts, otherTexts } = people;
    this.#words = new PairCache((a, b) => wordLikeness(words.texts[a]!, words.texts[b]!, sounds[a] === sounds[b]));
    this.#postcodes = new PairCache((a, b) =>
      editDistance(postcodeTexts.texts[a]!, postcodeTexts.texts[b]!, 1) <= 1 ? 1 : 0,
    );
    this.#others = otherTexts.map(
      ({ texts }) => new PairCache((a, b) => (areAlike(texts[a]!, texts[b]!) ? 1 : 0), 17),
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
    this.#compareNames(i, j, into);
    const { birthDates, dates, postcodes, others } = this.#people;
    const [dateA, dateB] = [birthDates[i]!, birthDates[j]!];
    const dateAgreement = dateA < 0 || dateB < 0 ? DATE.UNKNOWN : dateLevel(dates[dateA]!, dates[dateB]!);
    set(into, BIRTH_DATE, dateAgreement, dateA, dateB);
    let placeAgrees = false;
    for (let k = 0; k < others.length; k++) {
      const [a, b] = [others[k]![i]!, others[k]![j]!];
      let level: number = OTHER.SAME;
      if (a < 0 || b < 0) level = OTHER.UNKNOWN;
      else if (a !== b) level = this.#others[k]!.get(a, b) ? OTHER.ALIKE : OTHER.DIFFERS;
      set(into, OTHERS + k, level, a, b);
      placeAgrees ||= k === this.#people.place && level === OTHER.SAME;
    }
    const post = this.#postcodeLevel(postcodes[i]!, postcodes[j]!);
    set(into, POST, post > 0 && placeAgrees ? post + IN_PLACE : post, postcodes[i]!, postcodes[j]!);
  }

  #postcodeLevel(a: number, b: number): number {
    if (a < 0 || b < 0) return POSTCODE.UNKNOWN;
    if (a === b) return POSTCODE.SAME;
    if (this.#postcodes.get(a, b)) return POSTCODE.TYPO;
    const { districtOf, areaOf } = this.#people;
    if (districtOf[a] === districtOf[b]) return POSTCODE.DISTRICT;
    return areaOf[a] === areaOf[b] ? POSTCODE.AREA : POSTCODE.DIFFERS;
  }

  #likeness(a: number, b: number): number {
    return a === b ? WORD.SAME : this.#words.get(a, b);
  }

  #compareNames(i: number, j: number, into: Comparison): void {
    const { nameAt, names, forenames, surnames } = this.#people;
    const [a0, a1, b0, b1] = [nameAt[i]!, nameAt[i + 1]!, nameAt[j]!, nameAt[j + 1]!];
    set(into, FORENAME, NAME.UNKNOWN, -1, -1);
    set(into, SURNAME, NAME.UNKNOWN, -1, -1);
    set(into, FURTHER, NAME.UNKNOWN, -1, -1);
    if (a0 === a1 || b0 === b1) return;
    if (surnames[i] === 0 || surnames[j] === 0) {
      this.#compareSingle(i, j, into);
      return;
    }
    const [aLast, bLast] = [a1 - surnames[i]!, b1 - surnames[j]!];
    const surname = this.#best(a0, a1, aLast, a1, b0, b1, bLast, b1, into, SURNAME);
    let skipA = -1;
    let skipB = -1;
    if (forenames[i] && forenames[j]) {
      this.#best(a0, aLast, a0, a0 + 1, b0, bLast, b0, b0 + 1, into, FORENAME);
      if (into.level[FORENAME] === NAME.ELSEWHERE) {
        skipA = into.left[FORENAME]!;
        skipB = into.right[FORENAME]!;
      }
    }
    const [aMiddle, bMiddle] = [a0 + forenames[i]!, b0 + forenames[j]!];
    if (aMiddle === aLast || bMiddle === bLast) return;
    let best: number = WORD.NONE;
    let [left, right] = [-1, -1];
    for (let p = aMiddle; p < aLast; p++) {
      for (let q = bMiddle; q < bLast; q++) {
        const [x, y] = [names[p]!, names[q]!];
        if (x === skipA || y === skipB) continue;
        const likeness = this.#likeness(x, y);
        if (likeness > best || left < 0) {
          best = likeness;
          [left, right] = [x, y];
        }
      }
    }
    if (left >= 0 && surname >= 0) set(into, FURTHER, LEVEL_OF_WORD[best]!, left, right);
  }

  /** The most alike of the words in their own place; where these differ, of one in its place with any of the other's name. */
  #best(
    aAll: number, aEnd: number, aFrom: number, aTo: number,
    bAll: number, bEnd: number, bFrom: number, bTo: number,
    into: Comparison, attribute: number,
  ): number {
    const { names } = this.#people;
    let best = -1;
    for (let p = aFrom; p < aTo; p++) {
      for (let q = bFrom; q < bTo; q++) {
        const likeness = this.#likeness(names[p]!, names[q]!);
        if (likeness > best) {
          best = likeness;
          set(into, attribute, LEVEL_OF_WORD[likeness]!, names[p]!, names[q]!);
        }
      }
    }
    if (best > WORD.NONE) return best;
    for (let p = aAll; p < aEnd; p++) {
      for (let q = bAll; q < bEnd; q++) {
        const inPlace = (p >= aFrom && p < aTo) || (q >= bFrom && q < bTo);
        if (!inPlace) continue;
        const likeness = this.#likeness(names[p]!, names[q]!);
        if (likeness >= WORD.TYPO) {
          set(into, attribute, NAME.ELSEWHERE, names[p]!, names[q]!);
          return likeness;
        }
      }
    }
    return best;
  }

  /** One of the names is a single word: it is compared with each of the other's, as what it is most like. */
  #compareSingle(i: number, j: number, into: Comparison): void {
    const { nameAt, names, forenames, surnames } = this.#people;
    const [a0, a1, b0, b1] = [nameAt[i]!, nameAt[i + 1]!, nameAt[j]!, nameAt[j + 1]!];
    let best = -1;
    let attribute = FORENAME;
    let [left, right] = [-1, -1];
    for (let p = a0; p < a1; p++) {
      for (let q = b0; q < b1; q++) {
        const likeness = this.#likeness(names[p]!, names[q]!);
        if (likeness < best) continue;
        const [single, at, begin, end, given, family] =
          a1 - a0 === 1 ? [b1 - b0 === 1, q, b0, b1, forenames[j]!, surnames[j]!] : [false, p, a0, a1, forenames[i]!, surnames[i]!];
        const role = single || at >= end - family ? SURNAME : at < begin + given ? FORENAME : FURTHER;
        if (likeness === best && role !== SURNAME) continue;
        best = likeness;
        attribute = role;
        [left, right] = [names[p]!, names[q]!];
      }
    }
    if (best <= WORD.NONE) attribute = FORENAME;
    set(into, attribute, LEVEL_OF_WORD[best]!, left, right);
  }
}

function set(into: Comparison, attribute: number, level: number, left: number, right: number): void {
  into.level[attribute] = level;
  into.left[attribute] = left;
  into.right[attribute] = right;
}

function wordLikeness(a: string, b: string, soundSame: boolean): number {
  if (a.length === 1 || b.length === 1) return a[0] === b[0] ? WORD.INITIAL : WORD.NONE;
  const longest = Math.max(a.length, b.length);
  const errors = editDistance(a, b, longest >= 8 ? 2 : 1);
  if (longest >= 3 && (errors <= 1 || (longest >= 8 && errors <= 2))) return WORD.TYPO;
  if (soundSame && Math.min(a.length, b.length) > 2) return WORD.SOUND;
  if (Math.min(a.length, b.length) >= 3 && (a.startsWith(b) || b.startsWith(a))) return WORD.BEGINNING;
  return jaroWinkler(a, b) >= 0.88 ? WORD.SOUND : WORD.NONE;
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
