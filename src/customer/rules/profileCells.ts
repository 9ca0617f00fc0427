// Cells of a line about a person: texts that are checked without being repeated in the reason, which is stored with the rejected line.

import { type Cells, UnreadableCell } from '../../sales/rules/cells';
import { type DateOrder, dayProblem, momentIn } from '../../sales/rules/parseText';
import { cleanLine } from '../../values/text';
import { CONSENT_CHANNELS, CONSENT_PURPOSES, type ConsentChannel, type ConsentPurpose } from './consent';

/** Characters of a name, a street or a town. */
const MAX_PERSONAL = 200;

/** A cell that names or describes a person; null: empty. @throws UnreadableCell */
export function personalIn(cells: Cells, column: string, max = MAX_PERSONAL): string | null {
  const text = cleanLine(cells(column) ?? '');
  if (text.length > max)
    throw new UnreadableCell(`${column} has ${text.length} characters; it may have ${max}`);
  return text || null;
}

/** A cell of a few words. @throws UnreadableCell */
export function wordIn<W extends string>(cells: Cells, column: string, words: readonly W[]): W | null {
  const text = cells(column);
  if (text === undefined) return null;
  const found = words.find((word) => word === text.toUpperCase());
  if (found === undefined)
    throw new UnreadableCell(`${column} is '${text.slice(0, 40)}'; write ${words.join(', ')}`);
  return found;
}

const EARLIEST_BIRTH = '1880-01-01';

/** A date of birth; the reason does not repeat it. @throws UnreadableCell */
export function birthDateIn(cells: Cells, order: DateOrder, today: string): string | null {
  const text = cells('birthDate');
  if (text === undefined) return null;
  const day = momentIn(text, order, 'UTC')?.day;
  if (day === undefined) {
    const advice = `a day like 1980-11-28, or give --dates for another order of day and month`;
    throw new UnreadableCell(`birthDate is no day that is read as ${order}; write ${advice}`);
  }
  if (day > today || day < EARLIEST_BIRTH)
    throw new UnreadableCell(`birthDate is not between ${EARLIEST_BIRTH} and today`);
  return day;
}

/** When something is so: a day, or a moment, without a zone in UTC; not after `latest`. @throws UnreadableCell */
export function instantIn(cells: Cells, column: string, order: DateOrder, latest: Date): Date | null {
  const text = cells(column);
  if (text === undefined) return null;
  const moment = momentIn(text, order, 'UTC');
  if (moment === null) throw new UnreadableCell(`${column}: ${dayProblem(text, order)}`);
  const at = new Date(Date.parse(`${moment.day}T00:00:00Z`) + moment.second * 1_000);
  if (at > latest) throw new UnreadableCell(`${column} is '${text.slice(0, 40)}', which lies in the future`);
  return at;
}

const LANGUAGE = /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i;

export function languageIn(cells: Cells): string | null {
  const text = cells('language')?.replace('_', '-');
  if (text === undefined) return null;
  if (!LANGUAGE.test(text))
    throw new UnreadableCell(`language is '${text.slice(0, 40)}'; write a code such as fr or pt-BR`);
  try {
    return Intl.getCanonicalLocales(text)[0] ?? null;
  } catch {
    throw new UnreadableCell(`language is '${text.slice(0, 40)}'; write a code such as fr or pt-BR`);
  }
}

export function countryIn(cells: Cells, column = 'country'): string | null {
  const text = cells(column)?.toUpperCase();
  if (text === undefined) return null;
  if (!/^[A-Z]{2}$/.test(text))
    throw new UnreadableCell(`${column} is '${text.slice(0, 40)}'; write a code of two letters such as FR`);
  return text;
}

/** A purpose, with a channel or for all of them. */
export interface StatedPurpose {
  purpose: ConsentPurpose;
  channel: ConsentChannel | null;
}

/** `MARKETING EMAIL|SURVEY`: purposes, each with a channel or for all of them. @throws UnreadableCell */
export function purposesIn(cells: Cells, column: string): StatedPurpose[] {
  const entries = (cells(column) ?? '').split(/[|;,]/).map((entry) => entry.trim());
  return entries.filter(Boolean).map((entry) => {
    const [purpose, channel = null, ...more] = entry.toUpperCase().split(/[\s:]+/);
    const known = CONSENT_PURPOSES.find((one) => one === purpose);
    const over = CONSENT_CHANNELS.find((one) => one === channel);
    if (known === undefined || more.length > 0 || (channel !== null && over === undefined)) {
      const advice = `write a purpose (${CONSENT_PURPOSES.join(', ')}), and a channel behind it (${CONSENT_CHANNELS.join(', ')}) unless it is for all, such as MARKETING EMAIL; separate several by |`;
      throw new UnreadableCell(`${column} has '${entry.slice(0, 40)}'; ${advice}`);
    }
    return { purpose: known, channel: over ?? null };
  });
}

/** Names of columns that are verified: `email|loyaltyCard`. @throws UnreadableCell for what names none of these columns */
export function columnNamesIn<C extends string>(text: string, columns: readonly C[]): C[] {
  const names = text.split(/[\s|;,]+/).filter(Boolean);
  return names.map((name) => {
    const found = columns.find((one) => one.toLowerCase() === name.toLowerCase());
    if (found === undefined) {
      const advice = `write names of the columns that are verified: ${columns.join(', ')}`;
      throw new UnreadableCell(`verified has '${name.slice(0, 40)}'; ${advice}`);
    }
    return found;
  });
}
