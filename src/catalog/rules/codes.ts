// Validation of SKU codes, GTINs and prices.

import { MAX_MINOR } from '../../values/money';
import { cleanLine, withoutBlanks } from '../../values/text';
import { type ElementString, elementString, elementTitle } from './elements';

export const CATALOG_LIMITS = {
  codeLength: 64,
  nameLength: 200,
  categoryLength: 100,
  pickPositionLength: 50,
  /** GTINs of a SKU beside its own. */
  furtherGtins: 20,
  attributes: 50,
  attributeLength: 200,
  packSize: 100_000,
  /** Characters of a scanned code: a GTIN with the other data of a GS1 code, or a GS1 Digital Link. */
  scanLength: 400,
  returnWindowDays: 3_650,
  /** Minor units. */
  priceMinor: MAX_MINOR,
} as const;

/** Money as the field writes it: whole minor units (cents) and an ISO 4217 code. */
export type Price = { amountMinor: number; currency: string };

const GTIN_LENGTHS = [8, 12, 13, 14];
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/**
 * What is wrong with a GTIN-8, -12, -13 or -14, in one sentence that states which check digit would be right, or null.
 * Spaces and dashes, as printed under bar codes, are overlooked, as is what a scanner adds before and behind. A GS1 code
 * that has the GTIN (01) among its data is one too, or a logistic label with the GTIN of its contents (02) and their count
 * (37); it is checked as a whole.
 */
export function gtinProblem(gtin: string): string | null {
  const { scanLength } = CATALOG_LIMITS;
  if (gtin.length > scanLength) {
    return `a GTIN has at most 14 digits, not ${gtin.length} characters, and a GS1 code at most ${scanLength} characters`;
  }
  const read = elementString(gtin);
  if (read === null) return digitsProblem(plainDigits(gtin), gtin);
  if ('problem' in read) return read.problem;
  const digits = articleDigits(read);
  if (digits !== undefined) return digitsProblem(digits, digits);
  if (read.values.has('02'))
    return 'the code has a GTIN of the contents (02) without their count (37), of at least 1';
  const present = [...read.values.keys()].slice(0, 5).map(elementTitle).join(', ');
  return `the code has no GTIN (01), only ${present}; scan the code that names the article`;
}

/** The GTIN in a GS1 code: the article's, or that of the contents of a logistic unit where their count is stated. */
function articleDigits(read: ElementString): string | undefined {
  if ('problem' in read) return undefined;
  return read.values.get('01') ?? (Number(read.values.get('37')) > 0 ? read.values.get('02') : undefined);
}

function digitsProblem(digits: string, text: string): string | null {
  const shown = `GTIN '${cleanLine(text)}'`;
  if (!/^\d+$/.test(digits)) return `${shown} must be digits only`;
  if (!GTIN_LENGTHS.includes(digits.length)) {
    return `${shown} has ${digits.length} digits: a GTIN has 8, 12, 13 or 14`;
  }
  if (/^0+$/.test(digits)) return `${shown} is all zeros, which names nothing`;
  const expected = gtinCheckDigit(digits.slice(0, -1));
  if (digits.endsWith(String(expected))) return null;
  return `${shown} ends in check digit ${digits.at(-1)}, but its other digits require ${expected}`;
}

/** A valid GTIN as the 14 digits it is stored and compared by (GS1: shorter ones are padded with zeros, so
 * that the UPC 036000291452 and the EAN 0036000291452 are one article). An invalid one is refused. */
export function normaliseGtin(gtin: string): string {
  const problem = gtinProblem(gtin);
  if (problem) throw new RangeError(problem);
  const read = elementString(gtin);
  const digits = read !== null ? articleDigits(read) : undefined;
  return (digits ?? plainDigits(gtin)).padStart(14, '0');
}

/** The form in which 14 stored digits are printed: the shortest GTIN they can be (GTIN-8 has six zeros in front). */
export function printedGtin(stored: string): string {
  if (stored.startsWith('000000')) return stored.slice(6);
  if (stored.startsWith('00')) return stored.slice(2);
  return stored.startsWith('0') ? stored.slice(1) : stored;
}

/** What to search for instead of a GS1 code: its GTIN as printed. Null for any other text. */
export function gtinInElements(text: string): string | null {
  if (text.length > CATALOG_LIMITS.scanLength || elementString(text) === null) return null;
  return gtinProblem(text) === null ? printedGtin(normaliseGtin(text)) : null;
}

/** The GS1 check digit for the digits before it: weights 3 and 1 from the right, up to the next ten. */
export function gtinCheckDigit(body: string): number {
  const sum = [...body]
    .reverse()
    .reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 3 : 1), 0);
  return (10 - (sum % 10)) % 10;
}

/** What is wrong with a SKU code, in one sentence, or null. Codes are compared exactly, upper and lower case differ. */
export function skuCodeProblem(code: string): string | null {
  const { codeLength } = CATALOG_LIMITS;
  if (code.length === 0) return `a SKU code must have 1 to ${codeLength} characters, and this one is empty`;
  if (code.length > codeLength) return `a SKU code has at most ${codeLength} characters, not ${code.length}`;
  const wrong = [...code].findIndex((character) => !/[A-Za-z0-9._/-]/.test(character));
  if (wrong >= 0) {
    const character = [...code][wrong];
    return `SKU code '${code}' has '${character}' at position ${wrong + 1}: use letters A-Z, digits and . _ / -`;
  }
  return /^[A-Za-z0-9]/.test(code) ? null : `SKU code '${code}' must begin with a letter or a digit`;
}

/** What is wrong with a price, in one sentence, or null. Zero is a price (samples, gifts); less is not. */
export function priceProblem({ amountMinor, currency }: Price): string | null {
  if (!CURRENCIES.has(currency)) {
    return `currency '${currency}' is not an ISO 4217 code in capitals, such as EUR`;
  }
  if (!Number.isInteger(amountMinor)) {
    return `price ${amountMinor} is not a whole number of minor units (cents) of ${currency}`;
  }
  if (amountMinor < 0 || amountMinor > CATALOG_LIMITS.priceMinor) {
    return `price ${amountMinor} is not within 0 to ${CATALOG_LIMITS.priceMinor} minor units`;
  }
  return null;
}

function plainDigits(gtin: string): string {
  // Digits of other scripts are none of a GTIN: no scanner sends them.
  if (/[^\0-\x7F]/.test(gtin) && /\p{Nd}/u.test(gtin.replace(/[0-9]/g, ''))) return gtin;
  return withoutBlanks(gtin).replaceAll('-', '');
}
