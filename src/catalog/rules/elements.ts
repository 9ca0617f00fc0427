// GS1 element strings, as GS1-128, DataMatrix and QR codes carry them, in brackets, raw or as a GS1 Digital Link: their syntax.

import { cleanLine, firstCharacters } from '../../values/text';

/** The separator behind values of variable length, as scanners send FNC1: ASCII 29. */
const FNC1 = '\u001d';
const SYMBOLOGY = /^\][A-Za-z][0-9A-Za-z]/;
/** The symbologies whose data are element strings: GS1-128, DataMatrix, DataBar, QR and DotCode. */
const GS1_SYMBOLOGY = /^\](?:C1|d2|e0|Q3|J1)/;
const OUTER = /^[\s\u2800\p{Cc}\p{Cf}]+|[\s\u2800\p{Cc}\p{Cf}]+$/gu;
/** Digits that no GTIN has in number: an element string whose values before the GTIN have fixed lengths. */
const UNANNOUNCED = /^(?:(?:1[1-7]\d{6}|20\d\d)*0[12]\d{14}|00\d{18})/;
const LINK = /^https?:\/\//i;
const SHOWN_CHARACTERS = 40;

/** The values of an element string by application identifier, or what is wrong with it in one sentence. */
export type ElementString = { values: ReadonlyMap<string, string> } | { problem: string };

interface Element {
  identifier: string;
  value: string;
}

/** Digits of the application identifiers that begin with these two. No other beginnings are assigned. */
const IDENTIFIER_LENGTHS = new Map<string, number>();
for (const [length, beginnings] of [
  [2, '00 01 02 03 10 11 12 13 15 16 17 20 21 22 30 37 90 91 92 93 94 95 96 97 98 99'],
  [3, '23 24 25 40 41 42 71'],
  [4, '31 32 33 34 35 36 39 43 70 72 80 81 82'],
] as const) {
  for (const beginning of beginnings.split(' ')) IDENTIFIER_LENGTHS.set(beginning, length);
}

/** Characters of identifier and value together, where that is fixed: no separator need follow (figure 5.10.1-2). */
const FIXED_LENGTHS = new Map<string, number>();
for (const [length, beginnings] of [
  [20, '00'],
  [16, '01 02 03 41'],
  [8, '11 12 13 15 16 17'],
  [4, '20'],
  [10, '31 32 33 34 35 36'],
] as const) {
  for (const beginning of beginnings.split(' ')) FIXED_LENGTHS.set(beginning, length);
}

const TITLES: Record<string, string> = {
  '00': 'SSCC',
  '01': 'GTIN',
  '02': 'GTIN of the contents',
  '10': 'batch',
  '11': 'production date',
  '12': 'due date',
  '13': 'packaging date',
  '15': 'best-before date',
  '16': 'sell-by date',
  '17': 'expiry date',
  '21': 'serial number',
  '30': 'count of items',
  '37': 'count of contents',
};
const DATES = new Set(['11', '12', '13', '15', '16', '17']);
const COUNTS = new Set(['30', '37']);
const SHORT_TEXTS = new Set(['10', '21', '22']);
const MAX_COUNT_DIGITS = 8;
const MAX_SHORT_TEXT = 20;
/** The longest value that any identifier has. */
const MAX_TEXT = 90;
/** Any other character than these 82 of GS1 (figure 7.11-1), of which a blank is none. */
const NO_CHARACTER_OF_GS1 = /[^!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]/u;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** What an identifier stands for, with the identifier. */
export const elementTitle = (identifier: string): string =>
  `${TITLES[identifier] ?? 'value'} (${identifier})`;

/** Reads an element string; null for any other text, such as a bare GTIN. */
export function elementString(scanned: string): ElementString | null {
  const text = scanned.replace(OUTER, '');
  const data = text.replace(SYMBOLOGY, '').replace(OUTER, '');
  if (LINK.test(data)) return checked(linkElements(data));
  if (data.startsWith('(')) return checked(bracketElements(data));
  const isGs1 = GS1_SYMBOLOGY.test(text) || data.includes(FNC1);
  const raw = data.replace(/[\s\u2800]+/gu, '');
  return isGs1 || UNANNOUNCED.test(raw) ? checked(rawElements(raw)) : null;
}

/** The date of six digits YYMMDD; day 00 is the last of the month. The century is the one nearest to `thisYear`. */
export function elementDate(digits: string, thisYear: number): string {
  const { twoDigits, month, day } = dateParts(digits);
  // General Specifications 7.12: 51 to 99 years ahead is the last century, 50 to 99 years back the next one.
  const ahead = twoDigits - (thisYear % 100);
  const centuries = ahead >= 51 ? -100 : ahead <= -50 ? 100 : 0;
  const year = thisYear + ahead + centuries;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const last = lastDay(month, isLeap);
  const shownDay = String(day === 0 ? last : Math.min(day, last)).padStart(2, '0');
  return `${year}-${digits.slice(2, 4)}-${shownDay}`;
}

const dateParts = (digits: string) => ({
  twoDigits: Number(digits.slice(0, 2)),
  month: Number(digits.slice(2, 4)),
  day: Number(digits.slice(4, 6)),
});

const lastDay = (month: number, isLeap: boolean): number =>
  month === 2 && isLeap ? 29 : MONTH_DAYS[month - 1]!;

const shown = (text: string): string => `'${firstCharacters(cleanLine(text), SHOWN_CHARACTERS)}'`;

/** Checks each value, and that none occurs again with another one. */
function checked(read: Element[] | string): ElementString {
  if (typeof read === 'string') return { problem: read };
  const values = new Map<string, string>();
  for (const { identifier, value } of read) {
    const problem = valueProblem(identifier, value);
    if (problem !== null) return { problem };
    const before = values.get(identifier);
    if (before !== undefined && before !== value) {
      const both = `${shown(before)} and ${shown(value)}`;
      return { problem: `${elementTitle(identifier)} occurs twice, as ${both}: a code has it once` };
    }
    values.set(identifier, value);
  }
  return { values };
}

const NO_IDENTIFIER = 'is no GS1 application identifier, such as 01, 10, 17 or 21';

function rawElements(data: string): Element[] | string {
  const elements: Element[] = [];
  let at = 0;
  while (at < data.length) {
    const beginning = data.slice(at, at + 2);
    const length = IDENTIFIER_LENGTHS.get(beginning);
    const identifier = data.slice(at, at + (length ?? 2));
    if (length === undefined || !/^\d+$/.test(identifier) || identifier.length < length) {
      return `${shown(identifier)} at position ${at + 1} of the code ${NO_IDENTIFIER}`;
    }
    const separator = data.indexOf(FNC1, at);
    const upTo = separator < 0 ? data.length : separator;
    const end = Math.min(upTo, at + (FIXED_LENGTHS.get(beginning) ?? data.length));
    elements.push({ identifier, value: data.slice(at + length, end) });
    at = data[end] === FNC1 ? end + 1 : end;
  }
  return elements.length === 0 ? 'the code has no data' : elements;
}

function bracketElements(data: string): Element[] | string {
  const marks = [...data.matchAll(/\((\d{2,4})\)/g)];
  if (marks[0]?.index !== 0) {
    return `${shown(data)} must begin with an application identifier in brackets, such as (01)`;
  }
  const elements: Element[] = [];
  for (const [i, mark] of marks.entries()) {
    const identifier = mark[1]!;
    if (IDENTIFIER_LENGTHS.get(identifier.slice(0, 2)) !== identifier.length)
      return `(${identifier}) ${NO_IDENTIFIER}`;
    const text = data.slice(mark.index + mark[0].length, marks[i + 1]?.index ?? data.length);
    const value = text.replace(OUTER, '');
    // A GTIN may be typed with the blanks and dashes between its digits.
    elements.push({
      identifier,
      value: ['01', '02'].includes(identifier) ? value.replace(/[\s-]/g, '') : value,
    });
  }
  return elements;
}

/** A GS1 Digital Link: …/01/<GTIN>/10/<batch>/21/<serial>?17=<expiry>. Other parameters are none of ours. */
function linkElements(data: string): Element[] | string {
  const needed = 'a GS1 Digital Link has /01/ and the 14 digits of a GTIN in its path';
  if (!URL.canParse(data)) return `${shown(data)} is no address: ${needed}`;
  const { pathname, searchParams } = new URL(data);
  const badly = pathname.split('/').find((segment) => decoded(segment) === null);
  if (badly !== undefined)
    return `${shown(badly)} in the link is badly encoded: % must precede two digits 0-9, A-F of UTF-8`;
  const segments = pathname.split('/').map((segment) => decoded(segment)!);
  const from = segments.lastIndexOf('01');
  if (from < 0) return `link ${shown(data)} names no article: ${needed}`;
  const gtin = segments[from + 1] ?? '';
  const isShort = /^(?:\d{8}|\d{12,13})$/.test(gtin);
  const elements: Element[] = [{ identifier: '01', value: isShort ? gtin.padStart(14, '0') : gtin }];
  for (let i = from + 2; i + 1 < segments.length; i += 2) {
    elements.push({ identifier: segments[i]!, value: segments[i + 1]! });
  }
  for (const [name, value] of searchParams) {
    if (/^\d{2,4}$/.test(name)) elements.push({ identifier: name, value });
  }
  const unknown = elements.find(
    ({ identifier }) => IDENTIFIER_LENGTHS.get(identifier.slice(0, 2)) !== identifier.length,
  );
  return unknown === undefined ? elements : `${shown(unknown.identifier)} in the link ${NO_IDENTIFIER}`;
}

/** A segment of a path; null if it is badly encoded. */
function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/** What is wrong with the value of an identifier, in one sentence, or null. The check digit of a GTIN is not looked at. */
function valueProblem(identifier: string, value: string): string | null {
  const title = elementTitle(identifier);
  const fixed = FIXED_LENGTHS.get(identifier.slice(0, 2));
  if (fixed !== undefined) {
    const digits = fixed - identifier.length;
    if (!/^\d+$/.test(value) || value.length !== digits) {
      const padded = identifier === '01' ? '; a shorter GTIN has zeros before it' : '';
      return `${title} is ${shown(value)} with ${value.length} characters: it must be ${digits} digits${padded}`;
    }
    return DATES.has(identifier) ? dateProblem(title, value) : null;
  }
  if (value === '') return `${title} is empty: leave it out, or write its value after (${identifier})`;
  if (COUNTS.has(identifier)) {
    if (/^\d+$/.test(value) && value.length <= MAX_COUNT_DIGITS) return null;
    return `${title} is ${shown(value)}: it must be 1 to ${MAX_COUNT_DIGITS} digits, and then the separator FNC1 or the end`;
  }
  const most = SHORT_TEXTS.has(identifier) ? MAX_SHORT_TEXT : MAX_TEXT;
  if (value.length > most) {
    return `${title} is ${shown(value)} with ${value.length} characters: it has at most ${most}. If other data follow it, set the scanner to send the separator FNC1 (ASCII 29)`;
  }
  const wrong = NO_CHARACTER_OF_GS1.exec(value);
  if (wrong === null) return null;
  const point = wrong[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return `${title} has the character U+${point} at its position ${wrong.index + 1}: use letters A-Z, digits and ! " % & ' ( ) * + , - . / : ; < = > ? _`;
}

function dateProblem(title: string, digits: string): string | null {
  const { twoDigits, month, day } = dateParts(digits);
  const form = 'it must be YYMMDD, such as 261231, with day 00 for the last of the month';
  if (month < 1 || month > 12)
    return `${title} '${digits}' has month ${digits.slice(2, 4)}, which does not exist: ${form}`;
  const last = lastDay(month, twoDigits % 4 === 0);
  if (day <= last) return null;
  return `${title} '${digits}' has day ${day} in a month of ${last} days: ${form}`;
}
