// Blocking: which pairs of records are compared at all. Two records meet where they share a key of any kind.

import { monthDayOf, yearOf } from './birthDate';
import type { CodedPeople } from './people';

/** Adds the keys that a record has of one kind. */
type KeyKind = (people: CodedPeople, i: number, add: (a: number, b: number, c?: number) => void) => void;

const eachWord = (people: CodedPeople, i: number, visit: (word: number) => void): void => {
  for (let p = people.nameAt[i]!; p < people.nameAt[i + 1]!; p++) visit(people.names[p]!);
};

/** Keys of a word of the name together with another code, where that is known. */
const wordWith =
  (code: (people: CodedPeople, i: number) => number, sound = false): KeyKind =>
  (people, i, add) => {
    const other = code(people, i);
    if (other >= 0) eachWord(people, i, (word) => add(sound ? people.sounds[word]! : word, other));
  };

const dateOf = (people: CodedPeople, i: number): number => {
  const code = people.birthDates[i]!;
  return code < 0 ? -1 : people.dates[code]!;
};
const year = (people: CodedPeople, i: number): number => {
  const date = dateOf(people, i);
  return date < 0 ? -1 : yearOf(date);
};
const monthDay = (people: CodedPeople, i: number): number => {
  const date = dateOf(people, i);
  return date < 0 ? -1 : monthDayOf(date);
};
const district = (people: CodedPeople, i: number): number => {
  const code = people.postcodes[i]!;
  return code < 0 ? -1 : people.districtOf[code]!;
};
const area = (people: CodedPeople, i: number): number => {
  const code = people.postcodes[i]!;
  return code < 0 ? -1 : people.areaOf[code]!;
};

const KINDS = {
  words: (people, i, add) => {
    eachWord(people, i, (a) => eachWord(people, i, (b) => a < b && add(a, b)));
  },
  sounds: (people, i, add) => {
    const { sounds } = people;
    eachWord(people, i, (a) =>
      eachWord(people, i, (b) => sounds[a]! < sounds[b]! && add(sounds[a]!, sounds[b]!)),
    );
  },
  word: (people, i, add) => eachWord(people, i, (word) => add(word, 0)),
  sound: (people, i, add) => eachWord(people, i, (word) => add(people.sounds[word]!, 0)),
  date: (people, i, add) => {
    const date = dateOf(people, i);
    if (date < 0) return;
    const [month, day] = [Math.trunc(date / 100) % 100, date % 100];
    add(yearOf(date), Math.min(month, day), Math.max(month, day));
  },
  nearDateSound: (people, i, add) => {
    const date = dateOf(people, i);
    if (date < 0) return;
    for (let p = 1, digit = 0; digit < 8; digit++, p *= 10) {
      const rest = date - (Math.trunc(date / p) % 10) * p;
      eachWord(people, i, (word) => add(people.sounds[word]!, rest, digit));
    }
  },
  postcode: (people, i, add) => people.postcodes[i]! >= 0 && add(people.postcodes[i]!, 0),
  districtWord: wordWith(district),
  areaSound: wordWith(area, true),
  yearWord: wordWith(year),
  yearSound: wordWith(year, true),
  monthDayWord: wordWith(monthDay),
  yearDistrict: (people, i, add) => {
    if (year(people, i) >= 0 && district(people, i) >= 0) add(year(people, i), district(people, i));
  },
  monthDayArea: (people, i, add) => {
    if (monthDay(people, i) >= 0 && area(people, i) >= 0) add(monthDay(people, i), area(people, i));
  },
} satisfies Record<string, KeyKind>;
export type KeyName = keyof typeof KINDS;

/** Keys of another attribute with a word, the year, the day of the year or the district; alone, if it identifies. */
function kindsOfOther(people: CodedPeople, k: number): KeyKind[] {
  const codes = people.others[k]!;
  const value = (_: CodedPeople, i: number): number => codes[i]!;
  const withOther =
    (other: (people: CodedPeople, i: number) => number): KeyKind =>
    (all, i, add) => {
      if (codes[i]! >= 0 && other(all, i) >= 0) add(codes[i]!, other(all, i));
    };
  const kinds = [wordWith(value), withOther(year), withOther(monthDay), withOther(district)];
  if (people.otherTexts[k]!.size > people.n / IDENTIFYING)
    kinds.push((_, i, add) => codes[i]! >= 0 && add(codes[i]!, 0));
  return kinds;
}

/** An attribute with at least one distinct value in so many records, such as an e-mail address, is a key by itself. */
const IDENTIFYING = 20;

const mix = (a: number, b: number, c: number): number => {
  let h = Math.imul(a + 0x7f4a7c15, 0x9e3779b1);
  h = Math.imul((h ^ (h >>> 15)) + b, 0x85ebca6b);
  h = Math.imul((h ^ (h >>> 13)) + c, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/** Records by key of one kind. */
interface BlockTable {
  /** Records, those of one key together, in the order of `rank` within it. */
  members: Int32Array;
  /** entries[entryAt[i] … entryAt[i + 1]) are positions in `members` of record i. */
  entryAt: Int32Array;
  entries: Int32Array;
  /** Begin and end of the block by position; one in a large block has a window of neighbours. */
  from: Int32Array;
  to: Int32Array;
}

function tableOf(people: CodedPeople, kind: KeyKind, rank: Int32Array, most: number): BlockTable {
  const keys: number[] = [];
  const { n } = people;
  const entryAt = new Int32Array(n + 1);
  const seen = new Set<number>();
  for (let i = 0; i < n; i++) {
    seen.clear();
    kind(people, i, (a, b, c = 0) => seen.add(mix(a, b, c)));
    for (const key of seen) keys.push(key);
    entryAt[i + 1] = keys.length;
  }
  const size = keys.length;
  // One number sorts by key, then by rank: key × n + rank stays exact under 2^53 for n up to two million.
  const order = new Float64Array(size);
  for (let i = 0; i < n; i++)
    for (let e = entryAt[i]!; e < entryAt[i + 1]!; e++) order[e] = keys[e]! * n + rank[i]!;
  order.sort();
  const byRank = new Int32Array(n);
  for (let i = 0; i < n; i++) byRank[rank[i]!] = i;
  const [members, from, to] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)];
  const entries = new Int32Array(size);
  const next = entryAt.slice(0, n);
  for (let begin = 0; begin < size; ) {
    const key = Math.floor(order[begin]! / n);
    let end = begin;
    while (end < size && Math.floor(order[end]! / n) === key) end++;
    const large = end - begin > most;
    for (let slot = begin; slot < end; slot++) {
      const record = byRank[order[slot]! - key * n]!;
      members[slot] = record;
      entries[next[record]!++] = slot;
      from[slot] = large ? Math.max(begin, slot - (most >> 2)) : begin;
      to[slot] = large ? Math.min(end, slot + (most >> 2) + 1) : end;
    }
    begin = end;
  }
  return { members, entryAt, entries, from, to };
}

/** An order in which records that may be one person stand near each other: by surname, forename, date. */
function sortedNeighbourhood(people: CodedPeople): Int32Array {
  const { n, nameAt, names, words } = people;
  const text = (i: number): string => {
    const [from, to] = [nameAt[i]!, nameAt[i + 1]!];
    return from === to
      ? ''
      : `${words.texts[names[to - 1]!]} ${words.texts[names[from]!]} ${dateOf(people, i)}`;
  };
  const texts = Array.from({ length: n }, (_, i) => text(i));
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) =>
    texts[a]! < texts[b]! ? -1 : texts[a]! > texts[b]! ? 1 : a - b,
  );
  const rank = new Int32Array(n);
  order.forEach((record, slot) => {
    rank[record] = slot;
  });
  return rank;
}

/** The candidates of each record over all kinds of keys. */
export class CandidateIndex {
  readonly #tables: BlockTable[];
  readonly #stamp: Int32Array;

  /** @param most largest block whose records are all candidates of each other. @param only these kinds instead of all */
  constructor(people: CodedPeople, most: number, only?: readonly KeyName[]) {
    const rank = sortedNeighbourhood(people);
    const kinds: KeyKind[] = only
      ? only.map((name) => KINDS[name])
      : [...Object.values(KINDS), ...people.others.flatMap((_, k) => kindsOfOther(people, k))];
    this.#tables = kinds.map((kind) => tableOf(people, kind, rank, most));
    this.#stamp = new Int32Array(people.n).fill(-1);
  }

  /** Visits every candidate with a higher number than `i` once. */
  visit(i: number, candidate: (j: number) => void): void {
    const stamp = this.#stamp;
    for (const { members, entryAt, entries, from, to } of this.#tables) {
      for (let e = entryAt[i]!; e < entryAt[i + 1]!; e++) {
        const slot = entries[e]!;
        for (let q = from[slot]!; q < to[slot]!; q++) {
          const j = members[q]!;
          if (j <= i || stamp[j] === i) continue;
          stamp[j] = i;
          candidate(j);
        }
      }
    }
  }
}
