// Parses telephone numbers as people write them into the one form that messages are sent to.

import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';
import { cleanLine } from '../../values/text';

/** A longer text is not one telephone number. */
const MAX_TYPED = 60;
/** Words that introduce an extension, in languages that the library does not cover. */
const EXTENSION_WORDS = /[\s,;]*\b(?:poste|durchwahl|nebenstelle|interno|interne)\b\.?\s*/i;

/** A number as it is kept. */
export interface Phone {
  /** E.164 (`+33612345678`), with an extension as RFC 3966 writes it (`+33123456789;ext=12`). */
  number: string;
  hasExtension: boolean;
}

function readable(typed: string): string {
  return cleanLine(typed).normalize('NFKC').replace(/^tel:/i, '');
}

/**
 * Reads a number. `country` (ISO 3166-1) is where a number without its own country code is dialled. The trunk prefix that
 * some write beside the country code, `+33 (0)6 …`, goes; Italy's 0 is part of its numbers and stays. Null when no such
 * number can exist: a digit is missing, or the country is not known.
 */
export function parsePhone(typed: string, country: string | null): Phone | null {
  const text = readable(typed).replace(/\s+/g, ' ').replace(EXTENSION_WORDS, ' ext. ');
  if (text.length > MAX_TYPED) return null;
  // Many people write 00 instead of +, also where calls abroad begin with other digits.
  const abroad = text
    .replace(/^\(?\s*00\s*/, '+')
    .replace(/^\(\s*(?=\+)/, '')
    .replace(/^([^()]*)\)/, '$1 ');
  const defaultCountry: CountryCode | undefined =
    country !== null && isSupportedCountry(country) ? country : undefined;
  for (const candidate of abroad === text ? [text] : [abroad, text]) {
    const found = parsePhoneNumberFromString(candidate, { defaultCountry, extract: false });
    if (found === undefined || !found.isPossible()) continue;
    // Of the right length only with a trunk prefix that its country does not dial after the country code.
    if (!found.isValid() && found.nationalNumber.startsWith('0')) continue;
    const extension = found.ext === undefined ? '' : `;ext=${found.ext}`;
    return { number: found.number + extension, hasExtension: found.ext !== undefined };
  }
  return null;
}

/** Whether a text contains its country code, so that the country of dialling does not matter. */
export function isInternational(typed: string): boolean {
  return /^\(?\s*(?:\+|00)/.test(readable(typed));
}
