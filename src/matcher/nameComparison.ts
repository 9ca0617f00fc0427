// Compares two names word by word: forenames, surnames and further names, whatever order they are written in.

import { type Comparison, FORENAME, FURTHER, NAME, SURNAME, setLevel } from './agreement';
import { cacheBits, PairCache } from './pairCache';
import type { CodedPeople } from './people';
import { editDistance, jaroWinkler } from './similarity';

/** Similarity of two words of names. */
const WORD = { NONE: 0, INITIAL: 1, BEGINNING: 2, SOUND: 3, TYPO: 4, SAME: 5 } as const;
const LEVEL_OF_WORD = [NAME.DIFFERS, NAME.INITIAL, NAME.BEGINNING, NAME.SOUND, NAME.TYPO, NAME.SAME];

/** Positions of the parts of a name among all words: forename, further names from `further`, surnames from `last`. */
interface NameSpan {
  begin: number;
  further: number;
  last: number;
  end: number;
}

const emptySpan = (): NameSpan => ({ begin: 0, further: 0, last: 0, end: 0 });

export class NameComparer {
  readonly #people: CodedPeople;
  readonly #words: PairCache;
  // One object each for all pairs: objects made for every pair were most of the time of a comparison.
  readonly #a = emptySpan();
  readonly #b = emptySpan();

  constructor(people: CodedPeople) {
    this.#people = people;
    const { words, sounds } = people;
    this.#words = new PairCache(
      (a, b) => wordLikeness(words.texts[a]!, words.texts[b]!, sounds[a] === sounds[b]),
      cacheBits(people.n),
    );
  }

  compare(i: number, j: number, into: Comparison): void {
    setLevel(into, FORENAME, NAME.UNKNOWN, -1, -1);
    setLevel(into, SURNAME, NAME.UNKNOWN, -1, -1);
    setLevel(into, FURTHER, NAME.UNKNOWN, -1, -1);
    this.#span(i, this.#a);
    this.#span(j, this.#b);
    const [a, b] = [this.#a, this.#b];
    if (a.begin === a.end || b.begin === b.end) return;
    if (a.last === a.end || b.last === b.end) {
      this.#compareSingle(a, b, into);
      return;
    }
    this.#compareInRole(a.last, a.end, b.last, b.end, into, SURNAME);
    if (a.further > a.begin && b.further > b.begin)
      this.#compareInRole(a.begin, a.further, b.begin, b.further, into, FORENAME);
    this.#compareFurther(a, b, into);
  }

  #span(i: number, into: NameSpan): void {
    const { nameAt, forenames, surnames } = this.#people;
    into.begin = nameAt[i]!;
    into.further = into.begin + forenames[i]!;
    into.end = nameAt[i + 1]!;
    into.last = into.end - surnames[i]!;
  }

  #likeness(p: number, q: number): number {
    const { names } = this.#people;
    const [a, b] = [names[p]!, names[q]!];
    return a === b ? WORD.SAME : this.#words.get(a, b);
  }

  /** The most alike of two words in one role; where these differ, one of them elsewhere in the other's name. */
  #compareInRole(
    aFrom: number,
    aTo: number,
    bFrom: number,
    bTo: number,
    into: Comparison,
    role: number,
  ): void {
    const { names } = this.#people;
    let best = -1;
    for (let p = aFrom; p < aTo; p++) {
      for (let q = bFrom; q < bTo; q++) {
        const likeness = this.#likeness(p, q);
        if (likeness <= best) continue;
        best = likeness;
        setLevel(into, role, LEVEL_OF_WORD[likeness]!, names[p]!, names[q]!);
      }
    }
    if (best > WORD.NONE) return;
    const [a, b] = [this.#a, this.#b];
    // Within a surname's role the forename is searched too, and the other way round.
    const [aEnd, bEnd] = role === SURNAME ? [a.end, b.end] : [a.last, b.last];
    for (let p = a.begin; p < aEnd; p++) {
      for (let q = b.begin; q < bEnd; q++) {
        if (!((p >= aFrom && p < aTo) || (q >= bFrom && q < bTo))) continue;
        if (this.#likeness(p, q) < WORD.TYPO) continue;
        setLevel(into, role, NAME.ELSEWHERE, names[p]!, names[q]!);
        return;
      }
    }
  }

  /** The most alike of the further names, without those that a forename has been found in. */
  #compareFurther(a: NameSpan, b: NameSpan, into: Comparison): void {
    const { names } = this.#people;
    const isUsed = into.level[FORENAME] === NAME.ELSEWHERE;
    const [usedA, usedB] = isUsed ? [into.left[FORENAME]!, into.right[FORENAME]!] : [-1, -1];
    let best = -1;
    for (let p = a.further; p < a.last; p++) {
      for (let q = b.further; q < b.last; q++) {
        if (names[p] === usedA || names[q] === usedB) continue;
        const likeness = this.#likeness(p, q);
        if (likeness <= best) continue;
        best = likeness;
        setLevel(into, FURTHER, LEVEL_OF_WORD[likeness]!, names[p]!, names[q]!);
      }
    }
  }

  /** One of the names is a single word: it counts as the part of the other name that it is most like. */
  #compareSingle(a: NameSpan, b: NameSpan, into: Comparison): void {
    const { names } = this.#people;
    const isSingleA = a.end - a.begin === 1;
    const areBothSingle = isSingleA && b.end - b.begin === 1;
    const whole = isSingleA ? b : a;
    let best = -1;
    let role = FORENAME;
    let [left, right] = [-1, -1];
    for (let p = a.begin; p < a.end; p++) {
      for (let q = b.begin; q < b.end; q++) {
        const likeness = this.#likeness(p, q);
        const at = isSingleA ? q : p;
        const partOf = at < whole.further ? FORENAME : FURTHER;
        const roleHere = areBothSingle || at >= whole.last ? SURNAME : partOf;
        if (likeness < best || (likeness === best && roleHere !== SURNAME)) continue;
        best = likeness;
        role = roleHere;
        [left, right] = [names[p]!, names[q]!];
      }
    }
    // A word like none of them may be a pet name: a forename that differs counts less against than a surname.
    if (best === WORD.NONE) role = FORENAME;
    setLevel(into, role, LEVEL_OF_WORD[best]!, left, right);
  }
}

/** @param soundSame whether their phonetic keys are the same */
function wordLikeness(a: string, b: string, soundSame: boolean): number {
  if (a.length === 1 || b.length === 1) return a[0] === b[0] ? WORD.INITIAL : WORD.NONE;
  const longest = Math.max(a.length, b.length);
  const errors = editDistance(a, b, longest >= 8 ? 2 : 1);
  if (longest >= 3 && (errors <= 1 || (longest >= 8 && errors <= 2))) return WORD.TYPO;
  if (soundSame && Math.min(a.length, b.length) > 2) return WORD.SOUND;
  if (Math.min(a.length, b.length) >= 3 && (a.startsWith(b) || b.startsWith(a))) return WORD.BEGINNING;
  return jaroWinkler(a, b) >= 0.88 ? WORD.SOUND : WORD.NONE;
}
