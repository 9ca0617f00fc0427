// Records of people as numbers: every distinct word, date, postcode and category has a code, so that pairs compare fast.

import { birthDateOf } from './birthDate';
import { phoneticKey } from './phonetic';
import { postcodeOf } from './postcode';
import { isTitle, wordsOf } from './text';

/** One record as its source has it; what is not known is ''. */
export interface PersonRecord {
  id: string;
  forename: string;
  surname: string;
  /** May stand beside or instead of the two parts. */
  fullName: string;
  birthDate: string;
  postcode: string;
  /** Other attributes, in the order of `PeopleInput.attributes`. */
  others: readonly string[];
}

export interface PeopleInput {
  /** Names of the other attributes: locality, gender, occupation, e-mail … */
  attributes: readonly string[];
  /** Which of them is the locality that postcodes lie in; −1: none. */
  locality: number;
  records: readonly PersonRecord[];
}

/** Distinct texts by code. */
export class Dictionary {
  readonly texts: string[] = [];
  readonly #codes = new Map<string, number>();

  /** The code of a text, a new one if it is new. −1 for ''. */
  add(text: string): number {
    if (text === '') return -1;
    let code = this.#codes.get(text);
    if (code === undefined) {
      code = this.texts.length;
      this.texts.push(text);
      this.#codes.set(text, code);
    }
    return code;
  }

  get size(): number {
    return this.texts.length;
  }
}

/** Most words of a name that are looked at; a name with more is a sentence. */
const MOST_WORDS = 8;

/** The records, ordered by their ids whatever the order of the input; codes are −1 where nothing is known. */
export interface CodedPeople {
  n: number;
  ids: string[];
  words: Dictionary;
  /** Code of a word's phonetic key. */
  sounds: Int32Array;
  soundCount: number;
  /** names[nameAt[i]] … names[nameAt[i + 1] − 1]: forename, further names, surnames of record i. */
  nameAt: Int32Array;
  names: Int32Array;
  /** How many of the words at the beginning are forenames (0 or 1) and how many at the end are surnames. */
  forenames: Uint8Array;
  surnames: Uint8Array;
  birthDates: Int32Array;
  /** YYYYMMDD by code of a date. */
  dates: number[];
  postcodes: Int32Array;
  postcodeTexts: Dictionary;
  /** By code of a postcode. */
  districtOf: number[];
  areaOf: number[];
  districts: Dictionary;
  areas: Dictionary;
  attributes: readonly string[];
  locality: number;
  others: Int32Array[];
  otherTexts: Dictionary[];
}

interface NameParts {
  words: string[];
  forenames: number;
  surnames: number;
}

/** A single word may be either name; it counts as neither. */
function namePartsOf({ forename, surname, fullName }: PersonRecord): NameParts {
  const all = wordsOf(fullName === '' ? `${forename} ${surname}` : fullName);
  const telling = all.filter((word) => !isTitle(word));
  const words = (telling.length > 0 ? telling : all).slice(0, MOST_WORDS);
  if (words.length < 2) return { words, forenames: 0, surnames: 0 };
  const family = new Set(wordsOf(surname).filter((word) => !isTitle(word)));
  const inName = words.filter((word) => family.has(word));
  const last = inName.length > 0 && inName.length < words.length ? [...new Set(inName)] : [words.at(-1)!];
  const rest = [...words];
  for (const word of last) rest.splice(rest.lastIndexOf(word), 1);
  const given = wordsOf(forename).filter((word) => !isTitle(word));
  const first = rest.find((word) => word === given[0]) ?? rest[0];
  if (first === undefined) return { words: last, forenames: 0, surnames: last.length };
  rest.splice(rest.indexOf(first), 1);
  return { words: [first, ...rest, ...last], forenames: 1, surnames: last.length };
}

/**
 * Codes all records. Their order in the input does not matter.
 * @throws RangeError when an id occurs twice
 */
export function codePeople({ attributes, locality, records }: PeopleInput): CodedPeople {
  const sorted = [...records].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const n = sorted.length;
  const twice = sorted.findIndex(({ id }, i) => id === sorted[i + 1]?.id);
  if (twice >= 0) throw new RangeError(`The id ${sorted[twice]!.id} occurs twice`);
  const words = new Dictionary();
  const [postcodeTexts, districts, areas] = [new Dictionary(), new Dictionary(), new Dictionary()];
  const [districtOf, areaOf]: [number[], number[]] = [[], []];
  const nameAt = new Int32Array(n + 1);
  const names: number[] = [];
  const [forenames, surnames] = [new Uint8Array(n), new Uint8Array(n)];
  const [birthDates, postcodes] = [new Int32Array(n), new Int32Array(n)];
  const dateTexts = new Dictionary();
  const otherTexts = attributes.map(() => new Dictionary());
  const others = attributes.map(() => new Int32Array(n).fill(-1));
  sorted.forEach((record, i) => {
    const name = namePartsOf(record);
    for (const word of name.words) names.push(words.add(word));
    nameAt[i + 1] = names.length;
    forenames[i] = name.forenames;
    surnames[i] = name.surnames;
    const date = birthDateOf(record.birthDate);
    birthDates[i] = date === null ? -1 : dateTexts.add(String(date));
    const postcode = postcodeOf(record.postcode);
    postcodes[i] = postcode === null ? -1 : postcodeTexts.add(postcode.full);
    if (postcode !== null) {
      districtOf[postcodes[i]!] ??= districts.add(postcode.district);
      areaOf[postcodes[i]!] ??= areas.add(postcode.area);
    }
    record.others.forEach((text, k) => {
      others[k]![i] = otherTexts[k]!.add(wordsOf(text).join(' '));
    });
  });
  const keys = new Dictionary();
  const sounds = Int32Array.from(words.texts, (word) => keys.add(phoneticKey(word) || word));
  return {
    ...{
      n,
      ids: sorted.map(({ id }) => id),
      words,
      sounds,
      soundCount: keys.size,
      nameAt,
      forenames,
      surnames,
    },
    ...{
      names: Int32Array.from(names),
      birthDates,
      dates: dateTexts.texts.map(Number),
      postcodes,
      postcodeTexts,
      districtOf,
      areaOf,
      districts,
      areas,
    },
    ...{ attributes, locality, others, otherTexts },
  };
}
