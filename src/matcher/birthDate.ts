// Dates of birth as eight digits, as far as they are known, and how two of them differ.

const ISO = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})/;
const DAY_FIRST = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})/;
const YEAR = /^(\d{4})(?:[-/.](\d{1,2}))?$/;
const PACKED = /^(\d{4})(\d{2})(\d{2})$/;

const packed = (year: string, month: string, day: string): number =>
  Number(year) * 10_000 + Number(month) * 100 + Number(day);

/**
 * YYYYMMDD as a number; month or day 0 where they are not given; null where there is no year. Impossible months and days
 * are kept: most are one typing error away from the true one. Of two numbers before a year the first is the day.
 */
export function birthDateOf(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const iso = ISO.exec(trimmed) ?? PACKED.exec(trimmed);
  if (iso) return packed(iso[1]!, iso[2]!, iso[3]!);
  const day = DAY_FIRST.exec(trimmed);
  if (day) return packed(day[3]!, day[2]!, day[1]!);
  const year = YEAR.exec(trimmed);
  return year ? packed(year[1]!, year[2] ?? '0', '0') : null;
}

export const yearOf = (date: number): number => Math.trunc(date / 10_000);
export const monthDayOf = (date: number): number => date % 10_000;

/** Whether a date is only as exact as its year: nothing more is given, or 1 January, by which many systems write that. */
export const isYearOnly = (date: number): boolean => monthDayOf(date) === 101 || monthDayOf(date) < 100;

/** Digits by which two dates differ; an exchange of neighbours or of day and month counts as one. */
export function dateErrors(a: number, b: number): number {
  if (a === b) return 0;
  const swapped = yearOf(a) * 10_000 + (a % 100) * 100 + (Math.trunc(a / 100) % 100);
  if (swapped === b) return 1;
  let errors = 0;
  let [x, y] = [a, b];
  let [lastX, lastY] = [-1, -1];
  let exchanged = false;
  for (let i = 0; i < 8; i++) {
    const [p, q] = [x % 10, y % 10];
    if (p !== q) {
      errors++;
      exchanged ||= lastX === q && lastY === p && lastX !== lastY;
    }
    [lastX, lastY] = [p, q];
    x = Math.trunc(x / 10);
    y = Math.trunc(y / 10);
  }
  return errors === 2 && exchanged ? 1 : errors;
}
