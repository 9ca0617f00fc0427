// Price and weight labels, which scales and shops print themselves: an EAN-13 that begins with 2, with the digits of the
// article and then those of its price or weight. Which digits are which is a rule of the shop.

import { gtinCheckDigit, gtinProblem, normaliseGtin } from './codes';

export const LABEL_VALUES = ['PRICE', 'WEIGHT'] as const;

/** How labels with one prefix are read. Between article and value there may be a check digit of the value. */
export interface LabelRule {
  /** 20 to 29. */
  prefix: string;
  articleDigits: number;
  valueDigits: number;
  /** A price in minor units, or a weight in grams. */
  value: (typeof LABEL_VALUES)[number];
}

export const LABEL_LIMITS = { rules: 10, leastArticleDigits: 3, leastValueDigits: 4 } as const;

/** Digits of an EAN-13 between its prefix and its check digit. */
const BETWEEN = 10;

/** What is wrong with the rules of a location, in one sentence, or null. */
export function labelRulesProblem(rules: readonly LabelRule[]): string | null {
  const { leastArticleDigits, leastValueDigits, rules: most } = LABEL_LIMITS;
  if (rules.length > most) return `a location has at most ${most} rules, not ${rules.length}`;
  const seen = new Set<string>();
  for (const { prefix, articleDigits, valueDigits } of rules) {
    const shown = `the rule of prefix '${prefix.slice(0, 20)}'`;
    if (!/^2\d$/.test(prefix)) return `${shown} must have two digits from 20 to 29`;
    if (seen.has(prefix)) return `${shown} is there twice; name each prefix once`;
    seen.add(prefix);
    if (articleDigits < leastArticleDigits || valueDigits < leastValueDigits)
      return `${shown} needs at least ${leastArticleDigits} digits of the article and ${leastValueDigits} of the value`;
    const digits = articleDigits + valueDigits;
    if (digits !== BETWEEN && digits !== BETWEEN - 1)
      return `${shown} has ${digits} digits of article and value: it must be ${BETWEEN}, or ${BETWEEN - 1} with a check digit between them`;
  }
  return null;
}

/** Whether a scan may be such a label. */
export const isLabel = (scan: string): boolean =>
  gtinProblem(scan) === null && /^02\d{12}$/.test(normaliseGtin(scan));

/** What a label states. */
export interface Label {
  /** The GTIN of the article, as 14 digits: the label's with zeros for the value. */
  gtin: string;
  value: LabelRule['value'];
  /** In minor units or grams. */
  amount: number;
}

/** Reads a GTIN of 14 digits as a label; null when no rule is for it. */
export function readLabel(gtin: string, rules: readonly LabelRule[]): Label | null {
  const digits = gtin.slice(1);
  const rule = gtin.startsWith('02') ? rules.find(({ prefix }) => digits.startsWith(prefix)) : undefined;
  if (rule === undefined) return null;
  const body = digits.slice(0, 2 + rule.articleDigits).padEnd(12, '0');
  const amount = Number(digits.slice(12 - rule.valueDigits, 12));
  return { gtin: `0${body}${gtinCheckDigit(body)}`, value: rule.value, amount };
}
