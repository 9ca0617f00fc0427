// Opening hours, open time across clock changes, and the explained promise of a pickup.
import fc from 'fast-check';
import { DateTime } from 'luxon';
import {
  HOURS_LIMITS,
  type LocationCalendar,
  timeZoneProblem,
  validateHours,
  type WeeklyHours,
} from '../../src/location/rules/hours';
import {
  addOpenDays,
  addOpenMinutes,
  HORIZON_DAYS,
  isOpenAt,
  nextOpenDay,
  nextOpening,
} from '../../src/location/rules/openTime';
import { noShowAt, type PickupPolicy, promiseReadyAt, validatePolicy } from '../../src/location/rules/pickup';

const every = (opensAt: string, closesAt: string, weekdays = [1, 2, 3, 4, 5, 6, 7]): WeeklyHours[] =>
  weekdays.map((weekday) => ({ weekday, opensAt, closesAt }));

const calendar = (weekly: WeeklyHours[], more: Partial<LocationCalendar> = {}): LocationCalendar => ({
  timeZone: 'Europe/Paris',
  weekly,
  exceptions: [],
  ...more,
});

/** Mondays to Saturdays with a lunch break, Bastille Day closed, Christmas Eve short. */
const shop = calendar(
  [...every('09:00', '12:30', [1, 2, 3, 4, 5, 6]), ...every('14:00', '19:00', [1, 2, 3, 4, 5, 6])],
  {
    exceptions: [
      { day: '2026-07-14', ranges: [] },
      { day: '2026-12-24', ranges: [{ opensAt: '09:00', closesAt: '15:00' }] },
      { day: '2026-12-25', ranges: [] },
    ],
  },
);

const at = (local: string, zone = 'Europe/Paris') => DateTime.fromISO(local, { zone }).toJSDate();
const local = (instant: Date | null, zone = 'Europe/Paris') =>
  instant && DateTime.fromJSDate(instant, { zone }).toFormat("yyyy-MM-dd'T'HH:mm");
const minutesBetween = (a: Date, b: Date) => (b.getTime() - a.getTime()) / 60_000;

describe('validateHours', () => {
  const problems = (weekly: WeeklyHours[], exceptions: LocationCalendar['exceptions'] = []) =>
    validateHours({ weekly, exceptions });

  test('accepts lunch breaks, touching ranges, 24:00 and closed days', () => {
    expect(validateHours(shop)).toEqual([]);
    expect(problems([...every('08:00', '12:00'), ...every('12:00', '24:00')])).toEqual([]);
    expect(problems([])).toEqual([]);
  });

  test.each([
    [{ weekday: 8, opensAt: '09:00', closesAt: '10:00' }, /weekday 8 is not an ISO weekday/],
    [{ weekday: 1.5, opensAt: '09:00', closesAt: '10:00' }, /weekday 1.5/],
    [{ weekday: 1, opensAt: '9:00', closesAt: '10:00' }, /Monday: opensAt '9:00' is not a time/],
    [{ weekday: 1, opensAt: '24:00', closesAt: '24:00' }, /Monday: opensAt '24:00'/],
    [{ weekday: 2, opensAt: '09:00', closesAt: '24:01' }, /Tuesday: closesAt '24:01'/],
    [{ weekday: 7, opensAt: '20:00', closesAt: '02:00' }, /Sunday: closes at 02:00, not after .* two ranges/],
    [{ weekday: 7, opensAt: '20:00', closesAt: '20:00' }, /Sunday: closes at 20:00, not after/],
  ])('refuses %j', (range, message) => {
    expect(problems([range])).toEqual([expect.stringMatching(message)]);
  });

  test('names overlapping ranges, whatever their order', () => {
    expect(problems([...every('11:00', '14:00', [3]), ...every('09:00', '11:01', [3])])).toEqual([
      'Wednesday: 09:00-11:01 overlaps 11:00-14:00',
    ]);
  });

  test('reads exceptions as strictly', () => {
    const range = { opensAt: '10:00', closesAt: '09:00' };
    expect(problems([], [{ day: '2026-02-30', ranges: [] }])).toEqual([expect.stringMatching(/2026-02-30/)]);
    expect(problems([], [{ day: '1/2/2026', ranges: [] }])).toEqual([expect.stringMatching(/YYYY-MM-DD/)]);
    expect(problems([], [{ day: '2026-05-01', ranges: [range] }])).toEqual([
      expect.stringMatching(/^2026-05-01: closes at 09:00/),
    ]);
    const mayDay = { day: '2026-05-01', ranges: [] };
    expect(problems([], [mayDay, mayDay])).toEqual([expect.stringMatching(/more than one exception/)]);
  });

  test('has limits', () => {
    const many = Array.from({ length: HOURS_LIMITS.rangesPerDay + 1 }, (_, hour) => ({
      weekday: 1,
      opensAt: `1${hour}:00`,
      closesAt: `1${hour}:30`,
    }));
    expect(problems(many)).toEqual([expect.stringMatching(/Monday: 7 ranges are too many/)]);
    expect(problems(Array(10_000).fill(many[0]))).toEqual([expect.stringMatching(/10000 weekly ranges/)]);
    const days = Array(HOURS_LIMITS.exceptions + 1).fill({ day: '2026-05-01', ranges: [] });
    expect(problems([], days)).toEqual([expect.stringMatching(/exceptions are too many/)]);
  });
});

test('timeZoneProblem takes the regions of the IANA database, spelt as there', () => {
  for (const zone of ['Europe/Paris', 'Indian/Reunion', 'UTC', 'Europe/Kyiv', 'Asia/Kolkata', 'America/Nuuk'])
    expect([zone, timeZoneProblem(zone)]).toEqual([zone, null]);
  for (const zone of ['America/Port-au-Prince', 'America/Argentina/Buenos_Aires', 'US/Eastern'])
    expect([zone, timeZoneProblem(zone)]).toEqual([zone, null]);
  for (const zone of ['', 'Paris', '+02:00', 'UTC+2', 'Europe/Paris;', 'Mars/Olympus'])
    expect([zone, timeZoneProblem(zone)]).toEqual([zone, expect.stringMatching(/not an IANA time zone/)]);
  for (const zone of ['Etc/GMT-2', 'etc/gmt-2', 'Etc/UTC', 'Etc/GMT', 'GMT', 'CET', 'EST', 'Zulu', 'Japan'])
    expect([zone, timeZoneProblem(zone)]).toEqual([zone, expect.stringMatching(/fixed offset/)]);
  expect(timeZoneProblem('europe/paris')).toBe('is written Europe/Paris');
  expect(timeZoneProblem('EUROPE/PARIS')).toBe('is written Europe/Paris');
  expect(timeZoneProblem('utc')).toBe('is written UTC');
  for (const zone of ['us/eastern', 'Europe/kyiv'])
    expect([zone, timeZoneProblem(zone)]).toEqual([zone, expect.stringMatching(/not spelt as/)]);
});

describe('open time on ordinary days', () => {
  test('opens and closes on the minute, with a lunch break', () => {
    const open = (time: string) => isOpenAt(shop, at(`2026-06-01T${time}`));
    expect(['08:59', '09:00', '12:29', '12:30', '13:59', '14:00', '18:59', '19:00'].map(open)).toEqual([
      ...[false, true, true, false, false, true, true, false],
    ]);
    expect(isOpenAt(shop, at('2026-05-31T10:00'))).toBe(false); // a Sunday
  });

  test('skips nights, lunch, Sundays and holidays', () => {
    expect(local(addOpenMinutes(shop, at('2026-06-01T12:00'), 60))).toBe('2026-06-01T14:30');
    expect(local(addOpenMinutes(shop, at('2026-06-06T18:30'), 60))).toBe('2026-06-08T09:30');
    expect(local(addOpenMinutes(shop, at('2026-07-13T18:30'), 60))).toBe('2026-07-15T09:30');
    expect(local(addOpenMinutes(shop, at('2026-12-24T14:30'), 60))).toBe('2026-12-26T09:30');
    expect(local(nextOpening(shop, at('2026-12-24T15:00')))).toBe('2026-12-26T09:00');
    expect(local(nextOpenDay(shop, at('2026-12-24T03:00')))).toBe('2026-12-26T09:00');
  });

  test('work that ends at closing time is ready at the next opening', () => {
    expect(local(addOpenMinutes(shop, at('2026-06-01T18:00'), 60))).toBe('2026-06-02T09:00');
  });

  test('two ranges that meet at midnight are one opening', () => {
    const bar = calendar([...every('20:00', '24:00', [5]), ...every('00:00', '02:00', [6])]);
    expect(isOpenAt(bar, at('2026-06-06T00:00'))).toBe(true);
    expect(local(addOpenMinutes(bar, at('2026-06-05T23:30'), 60))).toBe('2026-06-06T00:30');
  });

  test('a shop overseas keeps its own clock', () => {
    const reunion = calendar(every('08:00', '18:00'), { timeZone: 'Indian/Reunion' });
    expect(isOpenAt(reunion, new Date('2026-03-29T04:00:00Z'))).toBe(true);
    expect(isOpenAt(reunion, new Date('2026-03-29T14:00:00Z'))).toBe(false);
    expect(addOpenMinutes(reunion, new Date('2026-03-29T13:30:00Z'), 60)?.toISOString()).toBe(
      '2026-03-30T04:30:00.000Z',
    );
  });

  test('n open days on is that day’s last closing time, today not counted', () => {
    expect(local(addOpenDays(shop, at('2026-06-01T10:00'), 1))).toBe('2026-06-02T19:00');
    expect(local(addOpenDays(shop, at('2026-06-05T10:00'), 2))).toBe('2026-06-08T19:00');
    expect(local(addOpenDays(shop, at('2026-12-23T10:00'), 2))).toBe('2026-12-26T19:00');
    const always = calendar(every('00:00', '24:00'));
    expect(local(addOpenDays(always, at('2026-06-01T10:00'), 3))).toBe('2026-06-05T00:00');
  });

  test('a location that never opens, or not for that long, answers null', () => {
    const closed = calendar([]);
    const from = at('2026-06-01T10:00');
    expect(nextOpening(closed, from)).toBeNull();
    expect(nextOpenDay(closed, from)).toBeNull();
    expect(addOpenDays(closed, from, 1)).toBeNull();
    expect(isOpenAt(closed, from)).toBe(false);
    expect(addOpenMinutes(shop, from, HORIZON_DAYS * 24 * 60)).toBeNull();
    expect(addOpenMinutes(shop, from, Number.POSITIVE_INFINITY)).toBeNull();
  });

  test('wrong arguments are the caller’s bug', () => {
    const from = at('2026-06-01T10:00');
    expect(() => addOpenMinutes(shop, from, -1)).toThrow(/0 or more, not -1/);
    expect(() => addOpenMinutes(shop, from, Number.NaN)).toThrow(/NaN/);
    expect(() => addOpenDays(shop, from, 0)).toThrow(/from 1, not 0/);
    expect(() => nextOpening(shop, new Date(Number.NaN))).toThrow(/local time of Invalid Date/);
    expect(() => nextOpening({ ...shop, timeZone: 'Mars/Olympus' }, from)).toThrow(/Mars\/Olympus/);
  });
});

describe('open time when the clocks change', () => {
  const night = calendar(every('00:00', '06:00'));

  test('Paris springs forward on 2026-03-29: the night has five open hours', () => {
    expect(local(addOpenMinutes(night, at('2026-03-29T00:00'), 240))).toBe('2026-03-29T05:00');
    expect(local(addOpenMinutes(night, at('2026-03-29T00:00'), 300))).toBe('2026-03-30T00:00');
    expect(isOpenAt(shop, new Date('2026-03-30T07:00:00Z'))).toBe(true);
    expect(isOpenAt(shop, new Date('2026-03-28T07:59:59Z'))).toBe(false);
  });

  test('Paris falls back on 2026-10-25: the night has seven open hours', () => {
    expect(local(addOpenMinutes(night, at('2026-10-25T00:00'), 240))).toBe('2026-10-25T03:00');
    expect(local(addOpenMinutes(night, at('2026-10-25T00:00'), 420))).toBe('2026-10-26T00:00');
  });

  test('a time that does not exist is the moment of the jump; one that comes twice is kept open through', () => {
    const early = calendar(every('02:30', '04:00'));
    expect(nextOpening(early, at('2026-03-29T00:00'))?.toISOString()).toBe('2026-03-29T01:00:00.000Z');
    const never = calendar(every('02:10', '02:50', [7]));
    expect(local(nextOpening(never, at('2026-03-29T00:00')))).toBe('2026-04-05T02:10');
    expect(nextOpening(early, at('2026-10-25T00:00'))?.toISOString()).toBe('2026-10-25T00:30:00.000Z');
    const late = calendar(every('01:00', '02:30'));
    expect(isOpenAt(late, new Date('2026-10-25T01:29:59Z'))).toBe(true);
    expect(isOpenAt(late, new Date('2026-10-25T01:30:00Z'))).toBe(false);
    // Two ranges that meet inside the repeated hour count that hour once.
    const meeting = calendar([...every('01:00', '02:30'), ...every('02:30', '05:00')]);
    expect(local(addOpenMinutes(meeting, at('2026-10-25T00:00'), 299))).toBe('2026-10-25T04:59');
    expect(local(addOpenMinutes(meeting, at('2026-10-25T00:00'), 300))).toBe('2026-10-26T01:00');
  });

  test('zones that jump at midnight itself', () => {
    const cairo = calendar(every('00:00', '24:00', [4, 5]), { timeZone: 'Africa/Cairo' });
    // Friday 2026-04-24 begins at 01:00; Thursday 2026-10-29 has its last hour twice.
    const spring = at('2026-04-23T00:00', 'Africa/Cairo');
    expect(local(addOpenMinutes(cairo, spring, 24 * 60), 'Africa/Cairo')).toBe('2026-04-24T01:00');
    expect(local(addOpenMinutes(cairo, spring, 47 * 60), 'Africa/Cairo')).toBe('2026-04-30T00:00');
    const autumn = at('2026-10-29T00:00', 'Africa/Cairo');
    expect(local(addOpenMinutes(cairo, autumn, 25 * 60), 'Africa/Cairo')).toBe('2026-10-30T00:00');
  });
});

describe('open time, for any calendar', () => {
  const zones = ['Europe/Paris', 'Indian/Reunion', 'Africa/Cairo', 'America/Havana', 'Australia/Lord_Howe'];
  const hhmm = (minute: number) =>
    minute === 1440 ? '24:00' : new Date(minute * 60_000).toISOString().slice(11, 16);
  const ranges = fc
    .uniqueArray(fc.integer({ min: 0, max: 1440 }), { minLength: 2, maxLength: 6 })
    .map((marks) => {
      const sorted = marks.sort((a, b) => a - b);
      return Array.from({ length: Math.floor(sorted.length / 2) }, (_, pair) => ({
        opensAt: hhmm(sorted[2 * pair] ?? 0),
        closesAt: hhmm(sorted[2 * pair + 1] ?? 0),
      }));
    });
  const anyCalendar: fc.Arbitrary<LocationCalendar> = fc.record({
    timeZone: fc.constantFrom(...zones),
    weekly: fc
      .uniqueArray(fc.record({ weekday: fc.integer({ min: 1, max: 7 }), ranges }), {
        minLength: 1,
        selector: (day) => day.weekday,
      })
      .map((days) => days.flatMap(({ weekday, ranges }) => ranges.map((range) => ({ weekday, ...range })))),
    exceptions: fc.uniqueArray(
      fc.record({
        day: fc.constantFrom('2026-03-29', '2026-10-25', '2026-11-01'),
        ranges: fc.oneof(fc.constant([]), ranges),
      }),
      { selector: (exception) => exception.day, maxLength: 3 },
    ),
  });
  // Half of all instants fall on days when some zone above changes its clock.
  const around = (iso: string) =>
    fc
      .integer({ min: -36 * 3600, max: 36 * 3600 })
      .map((seconds) => new Date(Date.parse(iso) + seconds * 1000));
  const anyInstant = fc.oneof(
    fc
      .integer({ min: 0, max: 365 * 86_400 })
      .map((seconds) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000)),
    fc.oneof(
      ...[
        '2026-03-29',
        '2026-10-25',
        '2026-04-24',
        '2026-10-30',
        '2026-03-08',
        '2026-11-01',
        '2026-04-05',
      ].map(around),
    ),
  );
  const anyMinutes = fc.integer({ min: 0, max: 900 });

  test('generated calendars are valid ones', () => {
    fc.assert(fc.property(anyCalendar, (any) => validateHours(any).length === 0));
  });

  test('isOpenAt agrees with the wall clock, except within a repeated hour', () => {
    fc.assert(
      fc.property(anyCalendar, anyInstant, (any, instant) => {
        const wall = DateTime.fromJSDate(instant, { zone: any.timeZone });
        fc.pre(wall.getPossibleOffsets().length === 1);
        const rows =
          any.exceptions.find((one) => one.day === wall.toISODate())?.ranges ??
          any.weekly.filter((one) => one.weekday === wall.weekday);
        const time = wall.toFormat('HH:mm:ss');
        expect(isOpenAt(any, instant)).toBe(rows.some((row) => row.opensAt <= time && time < row.closesAt));
      }),
      { numRuns: 1000 },
    );
  });

  test('addOpenMinutes ends in open time, after exactly that many open minutes', () => {
    fc.assert(
      fc.property(anyCalendar, anyInstant, anyMinutes, (any, from, minutes) => {
        const to = addOpenMinutes(any, from, minutes);
        fc.pre(to !== null && minutesBetween(from, to) < 4 * 1440);
        if (!to) return;
        expect(isOpenAt(any, to)).toBe(true);
        // All clock changes and hours are on whole minutes: count those, and the seconds at both ends.
        let open = 0;
        for (let t = from.getTime(); t < to.getTime(); ) {
          const next = Math.min(Math.floor(t / 60_000 + 1) * 60_000, to.getTime());
          if (isOpenAt(any, new Date(t))) open += next - t;
          t = next;
        }
        expect(open).toBe(minutes * 60_000);
      }),
      { numRuns: 25 },
    );
  });

  test('addOpenMinutes is monotone in both arguments, and additive', () => {
    fc.assert(
      fc.property(anyCalendar, anyInstant, anyMinutes, anyMinutes, (any, from, a, b) => {
        const first = addOpenMinutes(any, from, a);
        const both = addOpenMinutes(any, from, a + b);
        fc.pre(first !== null && both !== null);
        if (!first || !both) return;
        expect(first >= from && both >= first).toBe(true);
        expect(addOpenMinutes(any, first, b)).toEqual(both);
        const later = addOpenMinutes(any, new Date(from.getTime() + b * 60_000), a);
        if (later) expect(later >= first).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('promises add up from now to ready, and lie in open time', () => {
    const anyPolicy: fc.Arbitrary<PickupPolicy> = fc.record({
      leadMinutes: fc.integer({ min: 0, max: 600 }),
      cutOff: fc.option(fc.integer({ min: 0, max: 1439 }).map(hhmm)),
      capacityPerHour: fc.integer({ min: 1, max: 60 }),
      keepDays: fc.integer({ min: 1, max: 10 }),
    });
    const anyQueue = fc.integer({ min: 0, max: 40 });
    const anyWait = fc.option(fc.integer({ min: -600, max: 6000 }), { nil: undefined });
    fc.assert(
      fc.property(
        anyCalendar,
        anyPolicy,
        anyInstant,
        anyQueue,
        anyWait,
        (any, policy, now, queuedOrders, wait) => {
          const earliest = wait === undefined ? undefined : new Date(now.getTime() + wait * 60_000);
          const { readyAt, because } = promiseReadyAt({ calendar: any, policy, now, queuedOrders, earliest });
          let reached = now;
          for (const step of because) {
            expect(step.from).toEqual(reached);
            expect(step.to > step.from).toBe(true);
            expect(step.detail).toMatch(/^[^\n]+\.$/);
            reached = step.to;
          }
          if (!readyAt) return expect(because.at(-1)?.rule).toBe('NEVER_OPEN');
          expect(reached).toEqual(readyAt);
          expect(isOpenAt(any, readyAt)).toBe(true);
          const busier = promiseReadyAt({
            calendar: any,
            policy,
            now,
            queuedOrders: queuedOrders + 5,
            earliest,
          });
          if (busier.readyAt) expect(busier.readyAt >= readyAt).toBe(true);
          const keptUntil = noShowAt(any, policy, readyAt);
          if (keptUntil) expect(keptUntil > readyAt).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('promiseReadyAt', () => {
  const policy: PickupPolicy = { leadMinutes: 30, cutOff: '17:00', capacityPerHour: 6, keepDays: 3 };
  const promise = (now: string, queuedOrders = 0, earliest?: string) => {
    const ask = {
      calendar: shop,
      policy,
      now: at(now),
      queuedOrders,
      earliest: earliest ? at(earliest) : undefined,
    };
    const { readyAt, because } = promiseReadyAt(ask);
    return [
      ...because.map((step) => `${step.rule} ${local(step.to)?.slice(5)}`),
      `= ${local(readyAt)?.slice(5)}`,
    ];
  };

  test('open and nothing waiting: the lead time alone', () => {
    expect(promise('2026-06-01T10:00')).toEqual(['LEAD_TIME 06-01T10:30', '= 06-01T10:30']);
  });

  test('closed, with a queue, over lunch', () => {
    expect(promise('2026-06-01T08:00', 20)).toEqual([
      'CLOSED 06-01T09:00',
      'QUEUE 06-01T12:20',
      'LEAD_TIME 06-01T14:20',
      '= 06-01T14:20',
    ]);
  });

  test('a queue that is no whole number of minutes is rounded up', () => {
    const slow = { ...policy, capacityPerHour: 7 };
    const { because } = promiseReadyAt({
      calendar: shop,
      policy: slow,
      now: at('2026-06-01T10:00'),
      queuedOrders: 1,
    });
    expect(because[0]?.detail).toMatch(/^1 order ahead at 7 an hour: .* \(9 open minutes\)\.$/);
  });

  test('the cut-off is the last minute that counts for today', () => {
    expect(promise('2026-06-01T17:00')).toEqual(['LEAD_TIME 06-01T17:30', '= 06-01T17:30']);
    expect(promise('2026-06-01T17:00:01')).toEqual([
      'CUT_OFF 06-02T09:00',
      'LEAD_TIME 06-02T09:30',
      '= 06-02T09:30',
    ]);
    expect(promise('2026-06-06T17:30')[0]).toBe('CUT_OFF 06-08T09:00'); // Saturday: Sunday is no open day
    expect(promise('2026-06-01T20:00')[0]).toBe('CLOSED 06-02T09:00'); // past closing, that is the reason
    expect(promise('2026-06-07T18:00')[0]).toBe('CLOSED 06-08T09:00'); // no cut-off on a closed day
  });

  test('goods on their way come first, and the queue is worked off meanwhile', () => {
    expect(promise('2026-06-01T10:00', 6, '2026-06-02T10:00')).toEqual([
      'TRANSFER_ARRIVAL 06-02T10:00',
      'LEAD_TIME 06-02T10:30',
      '= 06-02T10:30',
    ]);
    expect(promise('2026-06-01T10:00', 12, '2026-06-01T11:00')).toEqual([
      'TRANSFER_ARRIVAL 06-01T11:00',
      'QUEUE 06-01T12:00',
      'LEAD_TIME 06-01T14:00',
      '= 06-01T14:00',
    ]);
    expect(promise('2026-06-01T10:00', 0, '2026-06-01T18:00')).toEqual([
      'TRANSFER_ARRIVAL 06-01T18:00',
      'CUT_OFF 06-02T09:00',
      'LEAD_TIME 06-02T09:30',
      '= 06-02T09:30',
    ]);
    expect(promise('2026-06-01T10:00', 0, '2026-06-01T09:00')).toEqual([
      'LEAD_TIME 06-01T10:30',
      '= 06-01T10:30',
    ]);
  });

  test('states why in sentences with local times', () => {
    const { because } = promiseReadyAt({
      calendar: shop,
      policy,
      now: at('2026-06-01T17:30'),
      queuedOrders: 8,
    });
    expect(because.map((step) => step.detail)).toEqual([
      'Mon 1 Jun 2026 17:30 is past the cut-off of 17:00: work starts on the next open day, Tue 2 Jun 2026 09:00.',
      '8 orders ahead at 6 an hour: done at Tue 2 Jun 2026 10:20 (80 open minutes).',
      'Picking takes 30 open minutes: ready at Tue 2 Jun 2026 10:50.',
    ]);
  });

  test('a location that never opens promises nothing and reports it', () => {
    const ask = { calendar: calendar([]), policy, now: at('2026-06-01T10:00'), queuedOrders: 0 };
    expect(promiseReadyAt(ask)).toEqual({
      readyAt: null,
      because: [expect.objectContaining({ rule: 'NEVER_OPEN', from: ask.now })],
    });
  });

  test('kept for whole open days, then a no-show', () => {
    expect(local(noShowAt(shop, policy, at('2026-07-10T10:30')))).toBe('2026-07-15T19:00');
    expect(noShowAt(calendar([]), policy, at('2026-07-10T10:30'))).toBeNull();
  });
});

test('validatePolicy names each number out of bounds', () => {
  expect(validatePolicy({ leadMinutes: 0, cutOff: null, capacityPerHour: 1, keepDays: 1 })).toEqual([]);
  expect(validatePolicy({ leadMinutes: -1, cutOff: '24:00', capacityPerHour: 0, keepDays: 31 })).toEqual([
    'leadMinutes -1 is not a whole number from 0 to 10080',
    'capacityPerHour 0 is not a whole number from 1 to 10000',
    'keepDays 31 is not a whole number from 1 to 30',
    "cutOff '24:00' is not a time from 00:00 to 23:59 (HH:MM)",
  ]);
});
