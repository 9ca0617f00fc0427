// Why two records are taken for one person, or not: the bits of each attribute, which add up to the weight.

import { ALIAS, BIRTH_DATE, IN_LOCALITY, OTHERS, POST } from './agreement';
import { PairComparer } from './comparison';
import { levelOf } from './levels';
import type { MatchResult } from './matcher';
import { type MatchModel, PairWeights } from './model';
import type { CodedPeople } from './people';

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
const NAME_LEVELS = [
  UNKNOWN,
  'differs',
  'elsewhere in the name',
  'initial',
  'abbreviated',
  'sounds alike',
  'typing error',
  'same',
];
const DATE_LEVELS = [
  UNKNOWN,
  'differs',
  'two digits differ',
  'same year',
  'same year, one only a year',
  'one digit differs',
  'same',
];
const POSTCODE_LEVELS = [UNKNOWN, 'differs', 'same area', 'same district', 'typing error', 'same'];
const OTHER_LEVELS = [UNKNOWN, 'differs', 'alike', 'same'];

function agreementOf(attribute: number, level: number): string {
  if (level === ALIAS) return 'known together';
  if (attribute < BIRTH_DATE) return NAME_LEVELS[level]!;
  if (attribute === BIRTH_DATE) return DATE_LEVELS[level]!;
  if (attribute >= OTHERS) return OTHER_LEVELS[level]!;
  return level > IN_LOCALITY
    ? `${POSTCODE_LEVELS[level - IN_LOCALITY]}, in one locality`
    : POSTCODE_LEVELS[level]!;
}

/** Explains pairs of records of a result. The function throws a RangeError for an id that is not among its records. */
export function createExplainer({
  people,
  model,
  ids,
}: MatchResult): (left: string, right: string) => PairEvidence {
  const comparer = new PairComparer(people);
  const weights = new PairWeights(model);
  const numbers = new Map(ids.map((id, i) => [id, i]));
  return (left, right) => {
    const [i, j] = [left, right].map((id) => {
      const at = numbers.get(id);
      if (at === undefined) throw new RangeError(`There is no record ${id}`);
      return at;
    }) as [number, number];
    return evidenceOf(people, model, comparer, weights, { left, right, i, j });
  };
}

function evidenceOf(
  people: CodedPeople,
  model: MatchModel,
  comparer: PairComparer,
  weights: PairWeights,
  { left, right, i, j }: { left: string; right: string; i: number; j: number },
): PairEvidence {
  const into = comparer.createComparison();
  comparer.compare(Math.min(i, j), Math.max(i, j), into);
  const turned = i > j;
  const parts = Array.from(into.level, (_, attribute): EvidencePart => {
    const texts = [into.left[attribute]!, into.right[attribute]!].map((code) =>
      textOf(people, attribute, code),
    );
    if (turned) texts.reverse();
    return {
      attribute: NAMES[attribute] ?? people.attributes[attribute - OTHERS]!,
      agreement: agreementOf(attribute, levelOf(into, attribute, model.aliases)),
      left: texts[0]!,
      right: texts[1]!,
      bits: weights.bitsOf(into, attribute),
    };
  });
  const prior = {
    attribute: 'prior',
    agreement: 'any two records',
    left: '',
    right: '',
    bits: weights.priorBits,
  };
  const bits = [prior, ...parts].reduce((sum, part) => sum + part.bits, 0);
  return { left, right, parts: [prior, ...parts], bits, probability: 1 / (1 + 2 ** -bits) };
}

function textOf(people: CodedPeople, attribute: number, code: number): string {
  if (code < 0) return '';
  if (attribute < BIRTH_DATE) return people.words.texts[code]!;
  if (attribute === POST) return people.postcodeTexts.texts[code]!;
  if (attribute >= OTHERS) return people.otherTexts[attribute - OTHERS]!.texts[code]!;
  const digits = String(people.dates[code]!).padStart(8, '0');
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
}
