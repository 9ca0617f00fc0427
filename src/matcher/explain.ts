// Why two records are taken for one person, or not: the bits of each attribute, which add up to the weight.

import { ALIAS, BIRTH_DATE, IN_PLACE, OTHERS, PairComparer, POST } from './comparison';
import { levelOf } from './levels';
import type { MatchResult } from './matcher';
import { PairWeights } from './model';

/** One step of the waterfall. */
export interface EvidencePart {
  attribute: string;
  agreement: string;
  /** The values that it is about, in their normal form; '' where there is none. */
  left: string;
  right: string;
  bits: number;
}

/** The parts, the prior first, add up to `bits`; the chance that the records are of one person follows from it. */
export interface PairEvidence {
  left: string;
  right: string;
  parts: EvidencePart[];
  bits: number;
  probability: number;
}

const NAMES = ['forename', 'surname', 'further names', 'birth date', 'postcode'];
const UNKNOWN = 'not known';
const NAME_LEVELS = [UNKNOWN, 'differs', 'elsewhere in the name', 'initial', 'abbreviated', 'sounds alike', 'typing error', 'same'];
const DATE_LEVELS = [UNKNOWN, 'differs', 'two digits differ', 'same year', 'same year, one only a year', 'one digit differs', 'same'];
const POSTCODE_LEVELS = [UNKNOWN, 'differs', 'same area', 'same district', 'typing error', 'same'];
const OTHER_LEVELS = [UNKNOWN, 'differs', 'alike', 'same'];

function agreementOf(attribute: number, level: number): string {
  if (level === ALIAS) return 'known together';
  if (attribute < BIRTH_DATE) return NAME_LEVELS[level]!;
  if (attribute === BIRTH_DATE) return DATE_LEVELS[level]!;
  if (attribute >= OTHERS) return OTHER_LEVELS[level]!;
  return level > IN_PLACE ? `${POSTCODE_LEVELS[level - IN_PLACE]}, in one place` : POSTCODE_LEVELS[level]!;
}

/**
 * The evidence of two records of a result.
 * @throws RangeError when an id is not among its records
 */
export function explainPair({ people, model, ids }: MatchResult, left: string, right: string): PairEvidence {
  const [i, j] = [left, right].map((id) => {
    const at = ids.indexOf(id);
    if (at < 0) throw new RangeError(`There is no record ${id}`);
    return at;
  }) as [number, number];
  const comparer = new PairComparer(people);
  const weights = new PairWeights(model);
  const into = comparer.createComparison();
  comparer.compare(Math.min(i, j), Math.max(i, j), into);
  const turned = i > j;
  const parts = Array.from(into.level, (_, attribute): EvidencePart => {
    const texts = [into.left[attribute]!, into.right[attribute]!].map((code) => textOf(people, attribute, code));
    if (turned) texts.reverse();
    return {
      attribute: NAMES[attribute] ?? people.attributes[attribute - OTHERS]!,
      agreement: agreementOf(attribute, levelOf(into, attribute, model.aliases)),
      left: texts[0]!,
      right: texts[1]!,
      bits: weights.bitsOf(into, attribute),
    };
  });
  const prior = { attribute: 'prior', agreement: 'any two records', left: '', right: '', bits: weights.priorBits };
  const bits = [prior, ...parts].reduce((sum, part) => sum + part.bits, 0);
  return { left, right, parts: [prior, ...parts], bits, probability: 1 / (1 + 2 ** -bits) };
}

function textOf(people: MatchResult['people'], attribute: number, code: number): string {
  if (code < 0) return '';
  if (attribute < BIRTH_DATE) return people.words.texts[code]!;
  if (attribute === POST) return people.postcodeTexts.texts[code]!;
  if (attribute >= OTHERS) return people.otherTexts[attribute - OTHERS]!.texts[code]!;
  const digits = String(people.dates[code]!).padStart(8, '0');
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
}
