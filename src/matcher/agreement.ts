// Attributes of people and levels of agreement: the vocabulary of comparisons.

/** Levels of agreement of names. 0 is always: not known on one side. */
export const NAME = {
  UNKNOWN: 0,
  DIFFERS: 1,
  ELSEWHERE: 2,
  INITIAL: 3,
  BEGINNING: 4,
  SOUND: 5,
  TYPO: 6,
  SAME: 7,
} as const;
export const DATE = {
  UNKNOWN: 0,
  DIFFERS: 1,
  TWO_DIGITS: 2,
  YEAR: 3,
  YEAR_ONLY: 4,
  ONE_DIGIT: 5,
  SAME: 6,
} as const;
export const POSTCODE = { UNKNOWN: 0, DIFFERS: 1, AREA: 2, DISTRICT: 3, TYPO: 4, SAME: 5 } as const;
export const OTHER = { UNKNOWN: 0, DIFFERS: 1, ALIKE: 2, SAME: 3 } as const;
/** Levels of a postcode where the localities agree begin here: two people of one town have the same postcode more often. */
export const IN_LOCALITY = 5;
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

/** The result of a comparison; one object serves many pairs. */
export interface Comparison {
  /** By attribute. */
  level: Uint8Array;
  /** Code of the value on the left and on the right that the level is about; −1 where there is none. */
  left: Int32Array;
  right: Int32Array;
}

/** Writes the level of one attribute. */
export function setLevel(
  into: Comparison,
  attribute: number,
  level: number,
  left: number,
  right: number,
): void {
  into.level[attribute] = level;
  into.left[attribute] = left;
  into.right[attribute] = right;
}
