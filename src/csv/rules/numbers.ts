// Numbers as files write them: decimal point or comma, groups of three digits, signs before and behind; never guessed.

/** Which sign stands before the decimals. */
export type DecimalSign = 'POINT' | 'COMMA';

/** How the numbers of a file are written. */
export interface NumberForm {
  decimal: DecimalSign;
  /**
   * True when a flag states it or other numbers of the file prove it. Otherwise 1.234 and 1,234 may each be 1234 or 1.234, and
   * neither is read.
   */
  certain: boolean;
}

/** A number exactly as written: `digits` ÷ 10^`decimals`. */
export interface Decimal {
  digits: number;
  decimals: number;
}

/** What stands in for a value that is not there, as databases and spreadsheets write it. */
const NOTHING = new Set(['', 'null', '\\n', '(null)', '#n/a', 'n/a', 'na', 'nan', '-', '–', '—', '?']);
const SPREADSHEET_ERROR = /^#(?:REF|VALUE|DIV\/0|NAME\?|NUM|NULL|SPILL|CALC)!?$/i;
/** Groups are put apart by a blank (also a narrow or unbreakable one), an apostrophe, or the other of point and comma. */
const GROUP = "[ \\u00A0\\u2007\\u2009\\u202F'’]";
const MAX_DIGITS = 15;
const MAX_DECIMALS = 6;

interface SignPatterns {
  plain: RegExp;
  grouped: RegExp;
  groups: RegExp;
}

function signs(decimal: string, other: string): SignPatterns {
  const tail = `(?:\\${decimal}(\\d*))?`;
  return {
    plain: new RegExp(`^(\\d*)${tail}$`),
    // One sign between all groups: 1.234'567 is no number. Groups never begin with a zero: 0.500 has decimals.
    grouped: new RegExp(`^([1-9]\\d{0,2}(?:(?:\\${other}\\d{3})+|(${GROUP})\\d{3}(?:\\2\\d{3})*))${tail}$`),
    groups: new RegExp(`\\${other}|${GROUP}`, 'g'),
  };
}

const FORMS: Record<DecimalSign, SignPatterns> = { POINT: signs('.', ','), COMMA: signs(',', '.') };
/** One sign with three digits behind it: the sign may end the whole part or put thousands apart. */
const AMBIGUOUS = /^[1-9]\d{0,2}[.,]\d{3}$/;
const quoted = (text: string): string => `'${text.slice(0, 40)}'`;

/** Minus signs as keyboards and typesetters write them: - ‐ ‑ ‒ – − ﹣ － */
const MINUS = '\\u2010-\\u2013\\u2212\\uFE63\\uFF0D-';
const SIGNED = new RegExp(`^(\\()?\\s*([+${MINUS}])?(.*?)([+${MINUS}])?\\s*(\\))?$`, 's');
/** 12.– and 12,-- are whole amounts where prices are written so, and 12 below zero elsewhere. */
const DASH_FOR_ZEROS = new RegExp(`[.,]\\s*[\\u2014${MINUS}]+$`);

/** Sign and absolute value of a text: -5, +5, 5- (SAP), (5), −5. Null: two signs. */
function withoutSign(text: string): { negative: boolean; body: string } | null {
  const [, open, before, body = '', after, close] = SIGNED.exec(text) ?? [];
  const marks = [open !== undefined, before !== undefined, after !== undefined].filter(Boolean).length;
  if (marks > 1 || (open === undefined) !== (close === undefined)) return null;
  const sign = before ?? after;
  return { negative: open !== undefined || (sign !== undefined && sign !== '+'), body: body.trim() };
}

const LEADING_CURRENCY =
  /^([^\p{L}\p{Sc}\d.,]*)((?:\p{L}{0,3}\p{Sc}|[A-Z]{3}|\p{L}{1,3}\.?)\s*)(?=[^\p{L}\p{Sc}\d]*\d[^\p{L}\p{Sc}]*$)/u;
const TRAILING_CURRENCY =
  /(?<=^[^\p{L}\p{Sc}]*[\d.,)]\s*)(\p{L}{0,3}\p{Sc}|[A-Z]{3}|\p{L}{1,3}\.?)([^\p{L}\p{Sc}\d]*)$/u;

/** How a currency is written beside amounts: EUR and €. */
function signsOf(currency: string): string[] {
  const sign = (currencyDisplay: 'symbol' | 'narrowSymbol'): string =>
    new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay })
      .formatToParts(1)
      .find(({ type }) => type === 'currency')!.value;
  return [currency, sign('symbol'), sign('narrowSymbol')];
}

/** An amount without the sign of its currency, or why it has another. Null: its currency was not stated. */
function withoutCurrency(text: string, currency: string | null): string | { problem: string } {
  const found = LEADING_CURRENCY.exec(text)?.[2] ?? TRAILING_CURRENCY.exec(text)?.[1];
  const sign = found?.trim();
  if (sign === undefined) return text;
  if (/^[\p{L}.]*$/u.test(sign) && !/^[A-Z]{3}$/.test(sign)) return text;
  if (currency === null)
    return { problem: `has the currency ${sign}; name the currency of the amounts with --currency` };
  if (!signsOf(currency).includes(sign))
    return { problem: `has the currency ${sign}, but amounts are in ${currency}` };
  return text.replace(LEADING_CURRENCY, '$1').replace(TRAILING_CURRENCY, '$2').trim();
}

/** True when the text means that there is no value: empty, NULL, N/A, a dash. */
export function isNothing(text: string): boolean {
  return text.length < 7 && NOTHING.has(text.toLowerCase());
}

function decimalOf(whole: string, decimals: string, negative: boolean): Decimal | string {
  const digits = whole.replace(/^0+(?=\d)/, '') + decimals;
  if (digits === '') return 'has no digits';
  if (decimals.length > MAX_DECIMALS) return `has more than ${MAX_DECIMALS} decimals`;
  if (digits.length > MAX_DIGITS) return `has more than ${MAX_DIGITS} digits`;
  return { digits: negative ? 0 - Number(digits) : Number(digits), decimals: decimals.length };
}

function decimalIn(body: string, form: DecimalSign): { whole: string; decimals: string } | null {
  const { plain, grouped, groups } = FORMS[form];
  const simple = plain.exec(body);
  if (simple !== null) return { whole: simple[1]!, decimals: simple[2] ?? '' };
  const parts = grouped.exec(body);
  return parts && { whole: parts[1]!.replace(groups, ''), decimals: parts[3] ?? '' };
}

const WRITTEN: Record<DecimalSign, string> = { POINT: 'a decimal point', COMMA: 'a decimal comma' };
const FLAG: Record<DecimalSign, string> = { POINT: '--decimal-point', COMMA: '--decimal-comma' };

/** Why a body is no number in this form, and what would be right. */
function reasonFor(body: string, { decimal, certain }: NumberForm): string {
  if (body === '') return 'is not a number';
  if (SPREADSHEET_ERROR.test(body)) return 'is a spreadsheet’s error, not a number';
  if (/[%‰]/.test(body)) return 'is a percentage, not a number';
  if (/\p{Cf}/u.test(body)) return 'has an invisible character; type it anew';
  if (/^[\d.,]*\d[eE][+-]?\d+$/.test(body)) {
    return 'is written with an exponent, which spreadsheets do to long numbers; write all its digits';
  }
  if (/[^\p{ASCII}]/u.test(body) && /\p{Nd}/u.test(body.replace(/[0-9]/g, '')))
    return 'has digits other than 0 to 9';
  const other = decimal === 'POINT' ? 'COMMA' : 'POINT';
  if (decimalIn(body, other) !== null) {
    return certain
      ? `is no number with ${WRITTEN[decimal]}, as this file is read; groups have three digits`
      : `is a number with ${WRITTEN[other]}; if the file is written so, give ${FLAG[other]}`;
  }
  return 'is not a number';
}

/** What is known of a number beside its text. */
export interface ExpectedNumber {
  /** Larger values cannot be meant, so that 48.857 is no ambiguity where at most 90 is possible. */
  most?: number;
  /** Currency of an amount of money; its sign may stand beside the number; null: not stated. Left out: no amount. */
  currency?: string | null;
}

/** The number that a text states, or why it states none. */
export function decimalOfText(
  text: string,
  form: NumberForm,
  expected: ExpectedNumber = {},
): Decimal | string {
  if (/^\d{1,9}$/.test(text)) return { digits: Number(text), decimals: 0 };
  const { most = Number.POSITIVE_INFINITY, currency } = expected;
  const amount = currency === undefined ? text : withoutCurrency(text, currency);
  if (typeof amount !== 'string') return `${quoted(text)} ${amount.problem}`;
  if (DASH_FOR_ZEROS.test(amount))
    return `${quoted(text)} ends in a dash, which can stand for zeros or for minus; write 12.00 or -12`;
  const signed = withoutSign(amount);
  if (signed === null) return `${quoted(text)} has two signs`;
  const { body, negative } = signed;
  if (!form.certain && AMBIGUOUS.test(body) && Number(body.replace(/[.,]/, '')) <= most) {
    return `${quoted(text)} can mean ${body.replace(/[.,]/, '')} or ${body.replace(',', '.')}; state how the file writes numbers with --decimal-point or --decimal-comma`;
  }
  const parts = decimalIn(body, form.decimal);
  const read = parts === null ? reasonFor(body, form) : decimalOf(parts.whole, parts.decimals, negative);
  return typeof read === 'string' ? `${quoted(text)} ${read}` : read;
}

/** Which decimal sign a text proves; null: none, it may be read both ways or is no number. */
export function decimalSignOf(text: string): DecimalSign | null {
  if (/^\d*$/.test(text)) return null;
  if (DASH_FOR_ZEROS.test(text)) return null;
  const body = withoutSign(text.replace(LEADING_CURRENCY, '$1').replace(TRAILING_CURRENCY, '$2'))?.body;
  if (body === undefined || AMBIGUOUS.test(body)) return null;
  const [point, comma] = [decimalIn(body, 'POINT') !== null, decimalIn(body, 'COMMA') !== null];
  if (point === comma) return null;
  return point ? 'POINT' : 'COMMA';
}

/** The whole number that a decimal is, or null: 12.0 is 12, and 12.5 is none. */
export function wholeOf({ digits, decimals }: Decimal): number | null {
  const value = digits / 10 ** decimals;
  return Number.isInteger(value) ? value : null;
}

/**
 * `times` × a decimal in units of 10^-`digits`, rounded half away from zero where the decimal is finer. Null: it is
 * larger than can be reckoned exactly.
 */
export function scaled(value: Decimal, digits: number, times = 1): number | null {
  const product = value.digits * times * 10 ** Math.max(0, digits - value.decimals);
  if (!Number.isSafeInteger(product)) return null;
  const down = 10 ** Math.max(0, value.decimals - digits);
  const rounded = Math.round(Math.abs(product) / down);
  return product < 0 ? 0 - rounded : rounded;
}

/** True when a decimal needs no more than so many decimals: 12.50 has one. */
export function hasAtMost({ digits, decimals }: Decimal, most: number): boolean {
  return decimals <= most || digits % 10 ** (decimals - most) === 0;
}
