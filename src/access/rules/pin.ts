// PINs of people on shared tablets: which are too easy, and the start PIN that a manager gives.

import { createHmac } from 'node:crypto';

export const PIN_LIMITS = {
  /** Digits that a PIN has at most. */
  longest: 12,
  /** Hours in which the start PIN of a manager is to be replaced. */
  startHours: 24,
} as const;

/** Why a PIN is not taken. */
export type PinFault = 'NOT_DIGITS' | 'TOO_SHORT' | 'TOO_LONG' | 'TOO_EASY';

/** Patterns on the keys of a pad, which people choose more often than others. */
const PATTERNS = ['2580', '0852', '1470', '0741', '3690', '147258', '258147', '159753', '159357', '147896'];
const FIRST_YEAR = 1900;
const LAST_YEAR = 2099;
const MONTHS = 12;
const DAYS = 31;

const isYear = (text: string): boolean => Number(text) >= FIRST_YEAR && Number(text) <= LAST_YEAR;
const isDayAndMonth = (day: string, month: string): boolean =>
  Number(day) >= 1 && Number(day) <= DAYS && Number(month) >= 1 && Number(month) <= MONTHS;
/** Whether the four digits are a day and a month in either order. */
const isDayOfYear = (text: string): boolean =>
  isDayAndMonth(text.slice(0, 2), text.slice(2)) || isDayAndMonth(text.slice(2), text.slice(0, 2));

/** A year, a day of a year, or a date in one of the usual orders. */
function isDate(pin: string): boolean {
  if (pin.length === 4) return isYear(pin) || isDayOfYear(pin);
  // With two digits of the year, or a year and a month.
  if (pin.length === 6) {
    const isMonthOf = (year: string, month: string): boolean => isYear(year) && isDayAndMonth('1', month);
    return (
      isDayOfYear(pin.slice(0, 4)) ||
      isDayOfYear(pin.slice(2)) ||
      isMonthOf(pin.slice(0, 4), pin.slice(4)) ||
      isMonthOf(pin.slice(2), pin.slice(0, 2))
    );
  }
  if (pin.length !== 8) return false;
  return (
    (isYear(pin.slice(0, 4)) && isDayOfYear(pin.slice(4))) ||
    (isYear(pin.slice(4)) && isDayOfYear(pin.slice(0, 4)))
  );
}

/** Whether each digit follows the one before by the same step, as in 0000, 1234, 9876 and 2468. */
function isSequence(pin: string): boolean {
  const steps = [...pin].slice(1).map((digit, i) => (Number(digit) - Number(pin[i]) + 10) % 10);
  return steps.every((step) => step === steps[0]);
}

/** Whether it is a shorter text, repeated, as 1212 and 123123 are. */
const isRepeated = (pin: string): boolean => `${pin}${pin}`.slice(1, -1).includes(pin);

/** Why this PIN cannot be chosen; null: it can. `shortest` is the least number of digits. */
export function faultOfPin(pin: string, shortest: number): PinFault | null {
  if (!/^\d*$/.test(pin)) return 'NOT_DIGITS';
  if (pin.length < shortest) return 'TOO_SHORT';
  if (pin.length > PIN_LIMITS.longest) return 'TOO_LONG';
  const isEasy =
    new Set(pin).size < 3 ||
    isSequence(pin) ||
    isRepeated(pin) ||
    isDate(pin) ||
    PATTERNS.some((pattern) => pin === pattern);
  return isEasy ? 'TOO_EASY' : null;
}

/** Whether a text can be a PIN at all; what cannot is not hashed. */
export const canBePin = (pin: string): boolean => /^\d{1,12}$/.test(pin);

/**
 * The start PIN that a manager gives: derived from a stored nonce with the server's secret, so that the answer to a retry
 * can be given again although the PIN is not stored.
 */
export function startPin(secretKey: Buffer, nonce: string, length: number): string {
  for (let attempt = 0; ; attempt += 1) {
    const mac = createHmac('sha256', secretKey).update(JSON.stringify(['start-pin', nonce, attempt]));
    const number = mac.digest().readUIntBE(0, 6) % 10 ** length;
    const pin = String(number).padStart(length, '0');
    if (faultOfPin(pin, length) === null) return pin;
  }
}
