// Survivorship: of several statements about a person, which value of each attribute counts, and why.

import type { PersonFacts } from './interactions';

/** What one interaction states about a person. */
export interface PersonStatement extends PersonFacts {
  /** Ids grow in the order in which statements were recorded. */
  interactionId: number;
  source: string;
  at: Date;
  isVerified: boolean;
}

/** Which criterion decided. `ONLY_VALUE`: no statement differs. */
export const SURVIVORSHIP_RULES = [
  ...(['ONLY_VALUE', 'VERIFIED', 'LATEST', 'MOST_TRUSTED', 'LAST_RECORDED'] as const),
] as const;
export type SurvivorshipRule = (typeof SURVIVORSHIP_RULES)[number];

export type PersonAttribute = keyof PersonFacts;

/**
 * Attributes that are taken from one statement together: the street of one statement and the town of another are no address, nor are
 * two halves of two names a name.
 */
const ATTRIBUTE_GROUPS: readonly (readonly PersonAttribute[])[] = [
  ['fullName', 'firstName', 'surname'],
  ['birthDate'],
  ['birthPlace'],
  ['street', 'postalCode', 'city', 'country'],
  ['gender'],
  ['occupation'],
  ['language'],
  ['contactChannel'],
];

/** The value of an attribute that counts, and where it comes from. */
export interface SurvivingValue {
  attribute: PersonAttribute;
  value: string;
  rule: SurvivorshipRule;
  source: string;
  at: Date;
  isVerified: boolean;
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/**
 * How much a source is trusted: its position in the list of trusted sources, or that of its kind (`customers` of `customers:crm`); those
 * not listed are trusted least.
 */
function trustIn(source: string, trustedSources: readonly string[]): number {
  const own = trustedSources.indexOf(source);
  const position = own >= 0 ? own : trustedSources.indexOf(source.split(':')[0]!);
  return position === -1 ? trustedSources.length : position;
}

type Criterion = [rule: SurvivorshipRule, order: number];

/**
 * The first criterion by which two statements differ: verified before claimed, then the later day, then the more trusted source.
 * Statements of one day are equally recent, because systems report at different hours; only then their source matters.
 */
function firstDifference(
  a: PersonStatement,
  b: PersonStatement,
  trustedSources: readonly string[],
): Criterion {
  const compared: Criterion[] = [
    ['VERIFIED', Number(b.isVerified) - Number(a.isVerified)],
    ['LATEST', dayOf(b.at).localeCompare(dayOf(a.at))],
    ['MOST_TRUSTED', trustIn(a.source, trustedSources) - trustIn(b.source, trustedSources)],
    ['LAST_RECORDED', b.at.getTime() - a.at.getTime() || b.interactionId - a.interactionId],
  ];
  return compared.find(([, order]) => order !== 0) ?? ['ONLY_VALUE', 0];
}

const isStated = (value: string | null | undefined): value is string => value != null && value !== '';
/** Two spellings that differ in capitals or blanks only are one value. */
const comparable = (value: string | null | undefined): string =>
  (value ?? '').normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();

/** The values of each attribute that count. Attributes that no statement has are left out. */
export function survivingValues(
  statements: readonly PersonStatement[],
  trustedSources: readonly string[],
): SurvivingValue[] {
  return ATTRIBUTE_GROUPS.flatMap((group) => {
    const stated = statements
      .filter((one) => group.some((attribute) => isStated(one[attribute])))
      .sort((a, b) => firstDifference(a, b, trustedSources)[1]);
    const [winner, ...others] = stated;
    if (winner === undefined) return [];
    const rival = others.find((one) =>
      group.some((attribute) => comparable(one[attribute]) !== comparable(winner[attribute])),
    );
    const rule = rival === undefined ? 'ONLY_VALUE' : firstDifference(winner, rival, trustedSources)[0];
    const { source, at, isVerified } = winner;
    return group.flatMap((attribute) => {
      const value = winner[attribute];
      return isStated(value) ? [{ attribute, value, rule, source, at, isVerified }] : [];
    });
  });
}

/** The name to greet a person with; null when none is known. */
export function nameOf(values: readonly SurvivingValue[]): string | null {
  const statedValue = (attribute: PersonAttribute): string | undefined =>
    values.find((one) => one.attribute === attribute)?.value;
  const parts = [statedValue('firstName'), statedValue('surname')].filter((part) => part !== undefined);
  return statedValue('fullName') ?? (parts.length > 0 ? parts.join(' ') : null);
}
