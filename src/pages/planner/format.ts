// Numbers, money and days in the present language. Formats are kept: to make one takes longer than to use it.

import { locale } from '../foundation/language';
import type { Amount } from './entries';

const kept = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function keep<Format extends Intl.NumberFormat | Intl.DateTimeFormat>(
  name: string,
  make: () => Format,
): Format {
  const key = `${locale.value} ${name}`;
  const known = kept.get(key) as Format | undefined;
  if (known !== undefined) return known;
  const made = make();
  kept.set(key, made);
  return made;
}

export const numberText = (value: number, digits = 0): string =>
  keep(
    `number ${digits}`,
    () => new Intl.NumberFormat(locale.value, { maximumFractionDigits: digits }),
  ).format(value);

export const signedText = (value: number): string =>
  keep('signed', () => {
    const options = { maximumFractionDigits: 1, signDisplay: 'exceptZero' } as const;
    return new Intl.NumberFormat(locale.value, options);
  }).format(value);

/** Money in whole units: cents are of no use for decisions. */
export function amountText({ amountMinor, currency }: Amount): string {
  const format = keep(`money ${currency}`, () => {
    const options = { style: 'currency', currency, maximumFractionDigits: 0 } as const;
    return new Intl.NumberFormat(locale.value, options);
  }) as Intl.NumberFormat;
  const exact = keep(
    `exact ${currency}`,
    () => new Intl.NumberFormat(locale.value, { style: 'currency', currency }),
  );
  return format.format(amountMinor / 10 ** (exact.resolvedOptions().maximumFractionDigits ?? 2));
}

export const amountsText = (amounts: readonly Amount[]): string =>
  amounts.length === 0 ? '–' : amounts.map(amountText).join(' + ');

/** A day such as "jeu. 3 déc.". */
export const dayText = (day: string): string =>
  keep('day', () => {
    const options = { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' } as const;
    return new Intl.DateTimeFormat(locale.value, options);
  }).format(Date.parse(day));
