// The calendar as the forecaster takes it: whom an event concerns, marks that come back, closed days and prices ahead.

import { concerns, eventsAt, eventsBetween, groupsFor, marksOf } from '../../src/forecast/queries/events';
import { historiesOf } from '../../src/forecast/queries/history';
import type { CalendarEvent } from '../../src/sales/rules/calendar';
import { dayNumber } from '../../src/values/time';
import { startApp, type TestApp } from '../support/app';
import { CUT, NIGHT, putSales } from './support';

const event = (more: Partial<CalendarEvent>): CalendarEvent => ({
  code: 'E',
  name: 'Event',
  kind: 'OTHER',
  fromDay: '2026-11-27',
  toDay: '2026-11-28',
  location: null,
  country: null,
  category: null,
  sku: null,
  priceFactor: null,
  ...more,
});
const TENT = { location: 'paris', country: 'FR', category: 'Outdoor/Tents', sku: 'TENT-2' };

test.each([
  [{}, true],
  [{ country: 'FR' }, true],
  [{ country: 'BE' }, false],
  [{ location: 'paris', category: 'Outdoor' }, true],
  [{ location: 'lyon', category: 'Outdoor' }, false],
  [{ category: 'Outdoor/Tents' }, true],
  [{ category: 'Outdoor/Te' }, false],
  [{ category: 'Outdoor/Tents/Small' }, false],
  [{ sku: 'TENT-2' }, true],
  [{ sku: 'LAMP' }, false],
])('an event of %j concerns a tent in Paris: %s', (of, expected) => {
  expect(concerns(event(of), TENT)).toBe(expected);
  // The forecaster comes to the same answer by groups.
  const marks = marksOf([event(of)]);
  const groups = groupsFor(marks, TENT);
  expect(marks.every((mark) => mark.of === null || groups[mark.of.grouping] === mark.of.value)).toBe(
    expected,
  );
});

test('what comes back under the same name is one mark, days are counted once', () => {
  const marks = marksOf([
    event({ code: 'BF26', name: 'Black Friday' }),
    event({ code: 'BF25', name: 'Black Friday', fromDay: '2025-11-28', toDay: '2025-11-28' }),
    event({ code: 'BF26b', name: 'Black Friday', fromDay: '2026-11-28', toDay: '2026-11-29' }),
    event({ code: 'P', name: 'Black Friday', location: 'paris', category: 'Outdoor/Tents' }),
  ]);
  const days = ['2025-11-28', '2026-11-27', '2026-11-28', '2026-11-29'].map(dayNumber);
  expect(marks).toEqual([
    { name: 'Black Friday', of: null, periods: days },
    {
      name: 'Black Friday',
      of: { grouping: 'location+category2', value: 'paris|Outdoor/Tents' },
      periods: days.slice(1, 3),
    },
  ]);
  expect(groupsFor(marks, TENT)).toEqual({
    category: 'Outdoor/Tents',
    location: 'paris',
    sku: 'TENT-2',
    'location+category2': 'paris|Outdoor/Tents',
  });
});

test('at a location only its own events and everybody’s', () => {
  const all = [
    event({ code: 'a' }),
    event({ code: 'b', location: 'lyon' }),
    event({ code: 'c', country: 'FR' }),
  ];
  expect(eventsAt(all, 'paris', 'FR').map((e) => e.code)).toEqual(['a', 'c']);
  expect(eventsAt(all, 'lyon', 'BE').map((e) => e.code)).toEqual(['a', 'b']);
});

describe('in the database', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
    await putSales(app.db, [
      { location: 'paris', sku: 'TENT-2', day: '2026-11-20', units: 4 },
      { location: 'paris', sku: 'TENT-2', day: '2026-11-23', units: 2, stockedOut: true },
      { location: 'paris', sku: 'TENT-2', day: '2026-11-26', units: 99 },
      { location: 'paris', sku: 'LAMP', day: '2026-11-24', units: 1 },
    ]);
    await app.db.rows(
      `INSERT INTO calendar_event (code, name, kind, from_day, to_day, location_id, category, price_factor, updated_at) VALUES
         ('SHUT', 'Works', 'CLOSED', '2026-11-22', '2026-11-22', (SELECT id FROM location WHERE code = 'paris'), NULL, NULL, now()),
         ('SHUT2', 'Works', 'CLOSED', '2026-11-26', '2026-11-27', (SELECT id FROM location WHERE code = 'paris'), NULL, NULL, now()),
         ('SALE', 'Sale', 'PROMOTION', '2026-11-24', '2026-11-26', NULL, 'Outdoor/Tents', 0.5, now()),
         ('PAST', 'Past', 'OTHER', '2020-01-01', '2020-01-02', NULL, NULL, NULL, now())`,
    );
  });
  afterAll(() => app.close());

  test('a history ends at the cut, knows no sales on closed days, and the prices that are announced', async () => {
    const events = await eventsBetween(app.db, '2026-01-01', '2026-12-31', null);
    expect(events.map((e) => e.code)).toEqual(['SHUT2', 'SALE', 'SHUT']);
    const ids = await app.db.rows<{ skuId: number; locationId: number }>(
      `SELECT s.id AS "skuId", l.id AS "locationId" FROM sku s, location l WHERE l.code = 'paris' ORDER BY s.id`,
    );
    const { histories, withoutHistory } = await historiesOf(app.db, ids, CUT, NIGHT, 4, {
      events,
      marks: marksOf(events),
    });
    expect(withoutHistory).toBe(2);
    expect(histories.map((h) => h.series.groups.sku)).toEqual(['TENT-2', 'LAMP']);
    const [tent, lamp] = histories.map((h) => h.series);
    expect(tent!.start).toBe(dayNumber('2026-11-20'));
    expect([...tent!.values]).toEqual([4, 0, Number.NaN, 2, 0]);
    expect([...tent!.censored!]).toEqual([0, 0, 0, 1, 0]);
    // Known prices to the cut, announced ones after it.
    expect([...tent!.prices!]).toEqual([1000, 1000, 1000, 1000, 1000, 500, 500, 1000, 1000]);
    expect([...lamp!.prices!]).toEqual([1000, 1000, 1000, 1000, 1000]);
    expect(histories.map((h) => h.closed)).toEqual([
      [2, 3],
      [2, 3],
    ]);
  });

  test('the price of a promotion that is on at the cut counts once, and not after its end', async () => {
    const [tent] = await app.db.rows<{ skuId: number; locationId: number }>(
      `SELECT s.id AS "skuId", l.id AS "locationId" FROM sku s, location l WHERE l.code = 'paris' AND s.code = 'TENT-2'`,
    );
    await putSales(app.db, [{ location: 'paris', sku: 'TENT-2', day: '2026-11-24', units: 3 }]);
    await app.db.rows(`UPDATE daily_sales SET revenue_minor = 1500 WHERE day = '2026-11-24' AND units = 3`);
    const events = await eventsBetween(app.db, '2026-01-01', '2026-12-31', null);
    const calendar = { events, marks: marksOf(events) };
    const { histories } = await historiesOf(app.db, [tent!], CUT, NIGHT, 4, calendar);
    expect([...histories[0]!.series.prices!].slice(3)).toEqual([1000, 500, 500, 500, 1000, 1000]);
  });
});
