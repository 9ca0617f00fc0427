// Business days: hours past midnight belong to the evening they began in, and days whose clocks change at midnight.

import type { LocationCalendar, WeeklyHours } from '../../src/location/rules/hours';
import {
  addOpenDays,
  addOpenMinutes,
  closingAfter,
  isOpenAt,
  nextOpenDay,
} from '../../src/location/rules/openTime';
import { noShowAt, promiseReadyAt } from '../../src/location/rules/pickup';

const ALL = [1, 2, 3, 4, 5, 6, 7];

function every(opensAt: string, closesAt: string, weekdays = ALL): WeeklyHours[] {
  return weekdays.map((weekday) => ({ weekday, opensAt, closesAt }));
}

/** Open from 18:00 to 02:00 of the next day, on Thursday, Friday and Saturday evenings. */
const EVENINGS: LocationCalendar = {
  timeZone: 'Europe/Paris',
  weekly: [...every('18:00', '24:00', [4, 5, 6]), ...every('00:00', '02:00', [5, 6, 7])],
  exceptions: [],
};
const paris = (local: string): Date => new Date(`${local}+01:00`);

test('a late evening is one business day', () => {
  // Ready on Friday evening, or after its midnight: the next open day is Saturday's evening, which ends on Sunday.
  expect(addOpenDays(EVENINGS, paris('2026-11-27T20:00'), 1)).toEqual(paris('2026-11-29T02:00'));
  expect(addOpenDays(EVENINGS, paris('2026-11-28T01:00'), 1)).toEqual(paris('2026-11-29T02:00'));
  expect(addOpenDays(EVENINGS, paris('2026-11-26T20:00'), 2)).toEqual(paris('2026-11-29T02:00'));
  // After the last closing the calendar's day counts again.
  expect(addOpenDays(EVENINGS, paris('2026-11-28T03:00'), 1)).toEqual(paris('2026-12-04T02:00'));
  expect(nextOpenDay(EVENINGS, paris('2026-11-28T01:00'))).toEqual(paris('2026-11-28T18:00'));
  expect(closingAfter(EVENINGS, paris('2026-11-28T01:00'))).toEqual(paris('2026-11-28T02:00'));
  expect(isOpenAt(EVENINGS, paris('2026-11-28T01:59'))).toBe(true);
  expect(isOpenAt(EVENINGS, paris('2026-11-28T02:00'))).toBe(false);
  expect(addOpenMinutes(EVENINGS, paris('2026-11-28T01:00'), 60)).toEqual(paris('2026-11-28T18:00'));
});

test('an order after midnight is past the cut-off of its evening', () => {
  const policy = { leadMinutes: 30, cutOff: '22:00', capacityPerHour: 20, keepDays: 1 };
  const ask = { calendar: EVENINGS, policy, queuedOrders: 0 };
  const early = promiseReadyAt({ ...ask, now: paris('2026-11-27T21:00') });
  expect(early.readyAt).toEqual(paris('2026-11-27T21:30'));
  for (const now of [paris('2026-11-27T22:30'), paris('2026-11-28T00:30')]) {
    const late = promiseReadyAt({ ...ask, now });
    expect(late.readyAt).toEqual(paris('2026-11-28T18:30'));
    expect(late.because[0]?.rule).toBe('CUT_OFF');
  }
  expect(noShowAt(EVENINGS, policy, paris('2026-11-28T00:30'))).toEqual(paris('2026-11-29T02:00'));
});

test('a cut-off after midnight is one of the night, not of the morning before', () => {
  const policy = { leadMinutes: 30, cutOff: '01:00', capacityPerHour: 20, keepDays: 1 };
  const ask = { calendar: EVENINGS, policy, queuedOrders: 0 };
  expect(promiseReadyAt({ ...ask, now: paris('2026-11-27T19:00') }).readyAt).toEqual(
    paris('2026-11-27T19:30'),
  );
  expect(promiseReadyAt({ ...ask, now: paris('2026-11-28T00:45') }).readyAt).toEqual(
    paris('2026-11-28T01:15'),
  );
  expect(promiseReadyAt({ ...ask, now: paris('2026-11-28T01:10') }).readyAt).toEqual(
    paris('2026-11-28T18:30'),
  );
});

test('a shop that never closes has the days of the calendar', () => {
  const always = { ...EVENINGS, weekly: every('00:00', '24:00') };
  expect(addOpenDays(always, paris('2026-11-27T20:00'), 1)).toEqual(paris('2026-11-29T00:00'));
  expect(nextOpenDay(always, paris('2026-11-27T00:30'))).toEqual(paris('2026-11-28T00:00'));
});

test('an exception replaces the hours of its own day of the calendar only', () => {
  const closed = { ...EVENINGS, exceptions: [{ day: '2026-11-28', ranges: [] }] };
  expect(closingAfter(closed, paris('2026-11-27T20:00'))).toEqual(paris('2026-11-28T00:00'));
  // Sunday's first two hours are open as written: whoever closes the whole evening states it for both days.
  expect(addOpenDays(closed, paris('2026-11-27T20:00'), 1)).toEqual(paris('2026-11-29T02:00'));
});

test('Greenland leaps from Saturday 23:00 to Sunday: Saturday ends there', () => {
  const nuuk: LocationCalendar = {
    timeZone: 'America/Nuuk',
    weekly: every('20:00', '24:00'),
    exceptions: [],
  };
  // 2026-03-29T01:00Z is where Saturday ends, as 23:00 to 24:00 do not exist.
  expect(closingAfter(nuuk, new Date('2026-03-29T00:00Z'))).toEqual(new Date('2026-03-29T01:00Z'));
  expect(addOpenDays(nuuk, new Date('2026-03-27T23:00Z'), 1)).toEqual(new Date('2026-03-29T01:00Z'));
  // Three open hours on that Saturday: 22:00Z to 01:00Z; then Sunday's from 21:00Z on.
  expect(addOpenMinutes(nuuk, new Date('2026-03-28T22:00Z'), 180)).toEqual(new Date('2026-03-29T21:00Z'));
  // In autumn the hour from 23:00 comes twice: five open hours, from 22:00Z to 02:00Z … and one more.
  expect(closingAfter(nuuk, new Date('2026-10-24T22:30Z'))).toEqual(new Date('2026-10-25T02:00Z'));
});

const ZONES = [
  'America/Nuuk',
  'America/Scoresbysund',
  'America/Santiago',
  'America/Havana',
  'Africa/Cairo',
  'Asia/Beirut',
  'Atlantic/Azores',
  'Australia/Lord_Howe',
  'Europe/Paris',
];
const HOURS: [string, string][] = [
  ['00:00', '24:00'],
  ['22:00', '24:00'],
  ['23:30', '24:00'],
  ['00:00', '01:30'],
  ['09:00', '19:00'],
];
const STEP_MS = 15 * 60_000;

const dayIn = (timeZone: string): ((at: number) => string) => {
  const format = new Intl.DateTimeFormat('sv', { timeZone });
  return (at) => format.format(at);
};

test.each(ZONES)(
  'in %s no day runs into the next, and open minutes are those at which it is open',
  (timeZone) => {
    const dayOf = dayIn(timeZone);
    for (const [opensAt, closesAt] of HOURS) {
      const calendar: LocationCalendar = { timeZone, weekly: every(opensAt, closesAt), exceptions: [] };
      for (const from of changesOf(timeZone)) {
        const begin = from - 36 * 3_600_000;
        let open = 0;
        for (let at = begin; at < from + 60 * 3_600_000; at += STEP_MS) {
          if (!isOpenAt(calendar, new Date(at))) continue;
          open += 1;
          const found = addOpenMinutes(calendar, new Date(begin), (open - 1) * 15)!.getTime();
          expect([timeZone, opensAt, new Date(found).toISOString()]).toEqual([
            timeZone,
            opensAt,
            new Date(at).toISOString(),
          ]);
          // The last millisecond of a day is one of that day, or of the range that goes on after midnight.
          const end = addOpenDays(calendar, new Date(at), 1)!.getTime() - 1;
          expect(dayOf(end) > dayOf(at)).toBe(true);
        }
      }
    }
  },
);

/** The instants of 2026 at which the zone's clocks change. */
function changesOf(timeZone: string): number[] {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const offset = (at: number): string =>
    format.formatToParts(at).find((part) => part.type === 'timeZoneName')!.value;
  const changes: number[] = [];
  for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += 3_600_000) {
    if (offset(at) !== offset(at - 3_600_000)) changes.push(at);
  }
  return changes;
}
