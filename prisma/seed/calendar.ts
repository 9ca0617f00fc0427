/** Days as numbers, and the French trading year: public holidays, the two sales, Black Friday. */
import type { DayText, SalesZone } from './types';

const MILLISECONDS_PER_DAY = 86_400_000;

/** Days since 1970-01-01. Refuses what is not a real day written 'YYYY-MM-DD'. */
export function dayNumber(day: DayText): number {
  const number = Date.parse(`${day}T00:00:00Z`) / MILLISECONDS_PER_DAY;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(number) || dayOf(number) !== day) {
    throw new RangeError(`'${day}' is not a day: expected a real date such as '2025-03-31'`);
  }
  return number;
}

/** The day 'YYYY-MM-DD' of a day number. */
export function dayOf(number: number): DayText {
  return new Date(number * MILLISECONDS_PER_DAY).toISOString().slice(0, 10);
}

/** ISO weekday of a day number: 1 Monday to 7 Sunday. */
export function isoWeekday(number: number): number {
  return ((((number + 3) % 7) + 7) % 7) + 1;
}

export function yearOf(number: number): number {
  return Number(dayOf(number).slice(0, 4));
}

/** Day number of a date in a year, such as (2025, '12-25'). */
export function dateIn(year: number, monthDay: string): number {
  return dayNumber(`${year}-${monthDay}`);
}

/** Easter Sunday of a Gregorian year, by the method of Meeus, Jones and Butcher. */
function easterSunday(year: number): number {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
  const f = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114;
  return Date.UTC(year, Math.floor(f / 31) - 1, (f % 31) + 1) / MILLISECONDS_PER_DAY;
}

/** A holiday's name and day; `strict` ones close every shop. */
interface Holiday {
  number: number;
  name: string;
  strict: boolean;
}

/** Extra holidays of a region: Alsace-Moselle keeps two more, La Réunion one. */
export type HolidayRegion = 'COMMON' | 'ALSACE' | 'REUNION';

/** The public holidays of a French region in a year, in no particular order. */
export function publicHolidays(year: number, region: HolidayRegion): Holiday[] {
  const easter = easterSunday(year);
  const holidays: Holiday[] = [
    { number: dateIn(year, '01-01'), name: "Jour de l'an", strict: true },
    { number: easter + 1, name: 'Lundi de Pâques', strict: false },
    { number: dateIn(year, '05-01'), name: 'Fête du travail', strict: true },
    { number: dateIn(year, '05-08'), name: 'Victoire de 1945', strict: false },
    { number: easter + 39, name: 'Ascension', strict: false },
    { number: easter + 50, name: 'Lundi de Pentecôte', strict: false },
    { number: dateIn(year, '07-14'), name: 'Fête nationale', strict: false },
    { number: dateIn(year, '08-15'), name: 'Assomption', strict: false },
    { number: dateIn(year, '11-01'), name: 'Toussaint', strict: false },
    { number: dateIn(year, '11-11'), name: 'Armistice de 1918', strict: false },
    { number: dateIn(year, '12-25'), name: 'Noël', strict: true },
  ];
  if (region === 'ALSACE') {
    holidays.push({ number: easter - 2, name: 'Vendredi saint', strict: true });
    holidays.push({ number: dateIn(year, '12-26'), name: 'Saint-Étienne', strict: true });
  }
  if (region === 'REUNION') {
    holidays.push({ number: dateIn(year, '12-20'), name: "Abolition de l'esclavage", strict: true });
  }
  return holidays;
}

/** The first day on or after `from` that falls on this ISO weekday. */
function nextWeekday(from: number, weekday: number): number {
  return from + ((weekday - isoWeekday(from) + 7) % 7);
}

/** The sales (soldes) last four weeks by law. */
const SALES_DAYS = 28;

/**
 * First days of a year's two sales, by the rules of the code de commerce (D310-15-2 and its annex):
 * the second Wednesday of January (the first, if the second falls after the 12th) and the last
 * Wednesday of June (the one before, if the last falls after the 28th); the first Wednesday of July
 * in the Alpes-Maritimes; the first Saturdays of February and September in La Réunion.
 */
function salesStarts(year: number, zone: SalesZone): [number, number] {
  if (zone === 'REUNION')
    return [nextWeekday(dateIn(year, '02-01'), 6), nextWeekday(dateIn(year, '09-01'), 6)];
  const secondWednesday = nextWeekday(dateIn(year, '01-01'), 3) + 7;
  const winter = secondWednesday > dateIn(year, '01-12') ? secondWednesday - 7 : secondWednesday;
  if (zone === 'ALPES_MARITIMES') return [winter, nextWeekday(dateIn(year, '07-01'), 3)];
  const lastWednesday = nextWeekday(dateIn(year, '06-24'), 3);
  return [winter, lastWednesday > dateIn(year, '06-28') ? lastWednesday - 7 : lastWednesday];
}

/** Which week of a sale (0 to 3) the day falls in, or -1 outside of the sales. */
function salesWeek(number: number, zone: SalesZone): number {
  for (const start of salesStarts(yearOf(number), zone)) {
    if (number >= start && number < start + SALES_DAYS) return Math.floor((number - start) / 7);
  }
  return -1;
}

/** Black Friday of a year: the day after the fourth Thursday of November. */
function blackFriday(year: number): number {
  return nextWeekday(dateIn(year, '11-01'), 4) + 22;
}

/** Days from the Monday of Black Friday's week (0) to Cyber Monday (7), or -1 outside of it. */
function blackWeekDay(number: number): number {
  const offset = number - (blackFriday(yearOf(number)) - 4);
  return offset >= 0 && offset <= 7 ? offset : -1;
}

/** What the calendar says of one day. */
export interface DayFacts {
  number: number;
  year: number;
  isoWeekday: number;
  /** How much of the year has passed, 0 on 1 January. */
  yearFraction: number;
  /** 1 on Christmas Eve; 0 or less from Christmas on. */
  daysUntilChristmas: number;
  /** As `salesWeek` and `blackWeekDay` say. */
  salesWeek: number;
  blackWeekDay: number;
}

const DAYS_PER_YEAR = 365.25;

/** The facts of `days` days from day number `first`, in a zone. */
export function dayFacts(zone: SalesZone, first: number, days: number): DayFacts[] {
  return Array.from({ length: days }, (_, offset) => {
    const number = first + offset;
    const year = yearOf(number);
    return {
      number,
      year,
      isoWeekday: isoWeekday(number),
      yearFraction: (number - dateIn(year, '01-01')) / DAYS_PER_YEAR,
      daysUntilChristmas: dateIn(year, '12-25') - number,
      salesWeek: salesWeek(number, zone),
      blackWeekDay: blackWeekDay(number),
    };
  });
}
