// Calendars and prices: where they land on the axis, by hand-worked examples, and that forecasts hear of them.

import { firstDayOf, marksOf, pricesOf, readCalendar, readPrices } from '../../src/cli/forecastFile/known';
import { dayNumber, periodOfDate } from '../../src/cli/forecastFile/periods';
import { learningOrigins } from '../../src/cli/forecastFile/request';
import type { Axis } from '../../src/forecaster/series';
import { forecastCli, forecastOf, made, table, wide, write } from './files';

const M5 = `date,wm_yr_wk,weekday,wday,month,year,d,event_name_1,event_type_1,event_name_2,event_type_2,snap_CA,snap_TX
2024-01-01,11,Monday,3,1,2024,d_1,NewYear,National,,,1,0
2024-01-02,11,Tuesday,4,1,2024,d_2,,,,,0,1
2024-01-03,12,Wednesday,5,1,2024,d_3,Sale,Cultural,NewYear,Cultural,1,1
`;
const axis: Axis = { period: 'DAY', firstDay: '2024-01-01' };
const states = new Map([
  ['dept', new Set(['FOODS'])],
  ['state', new Set(['CA', 'NY'])],
]);

test('a calendar like M5’s: events for all, a flag for the series of its state', async () => {
  const calendar = await readCalendar(write('m5.csv', M5));
  expect(firstDayOf(calendar)).toBe('2024-01-01');
  expect(calendar.flags).toEqual(['snap_CA', 'snap_TX']);
  expect(marksOf(calendar, axis, states)).toEqual([
    { name: 'NewYear', of: null, periods: [0, 2] },
    { name: 'snap_CA', of: { grouping: 'state', value: 'CA' }, periods: [0, 2] },
    // No series is of TX: nothing says whom it concerns.
    { name: 'snap_TX', of: null, periods: [1, 2] },
    { name: 'Sale', of: null, periods: [2] },
  ]);
});

test('a plain calendar on days and weeks; what was before the first day is left out', async () => {
  const calendar = await readCalendar(
    write('plain.csv', 'date,name\n2023-12-31,Eve\n2024-01-09,Fair\n2024-01-10,Fair\n2024-01-15,Fair\n'),
  );
  expect(marksOf(calendar, axis, states)).toEqual([{ name: 'Fair', of: null, periods: [8, 9, 14] }]);
  expect(marksOf(calendar, { ...axis, period: 'WEEK' }, states)).toEqual([
    { name: 'Fair', of: null, periods: [1, 2] },
  ]);
});

test('prices from a week of the calendar, a date or a number on', async () => {
  const calendar = await readCalendar(write('m5b.csv', M5));
  const byWeek = write('weeks.csv', 'key,from_wm_yr_wk,sell_price\nA,12,2.5\nA,11,2\nB,12,7\n');
  const prices = await readPrices(byWeek, axis, calendar);
  expect(pricesOf(prices.get('A'), 4)).toEqual(Float64Array.of(2, 2, 2.5, 2.5));
  expect(pricesOf(prices.get('B'), 4)).toEqual(Float64Array.of(Number.NaN, Number.NaN, 7, 7));
  expect(pricesOf(prices.get('C'), 4)).toBeUndefined();
  const byDate = write('dates.csv', 'sku,from,price\nA,2023-06-01,2\nA,2024-01-03,2.5\n');
  expect(pricesOf((await readPrices(byDate, axis, null)).get('A'), 3)).toEqual(Float64Array.of(2, 2, 2.5));
  const byNumber = write('numbers.csv', 'sku,from,price\nA,1,2\nA,3,2.5\n');
  const unnamed: Axis = { period: 'DAY', firstDay: null };
  expect(pricesOf((await readPrices(byNumber, unnamed, null)).get('A'), 3)).toEqual(
    Float64Array.of(2, 2, 2.5),
  );
});

test('dates: days that are none, weeks and months', () => {
  expect(dayNumber('1970-01-02')).toBe(1);
  expect(dayNumber('2023-02-29')).toBeNull();
  expect(dayNumber('29.02.2024')).toBeNull();
  expect(periodOfDate('2024-03-31', 'MONTH', '2023-11-15')).toBe(4);
  expect(periodOfDate('2024-01-07', 'WEEK', '2024-01-01')).toBe(0);
  expect(periodOfDate('2023-12-31', 'WEEK', '2024-01-01')).toBe(-1);
});

test('learning is done at the first origin and again when four weeks have passed', () => {
  const at = (...numbers: number[]) => numbers.map((number) => ({ label: '', number }));
  expect(learningOrigins(at(1856, 1884, 1912), 'DAY')).toEqual([1856, 1884, 1912]);
  expect(learningOrigins(at(100, 107, 114, 121, 128, 135), 'DAY')).toEqual([100, 128]);
  const daily = at(...Array.from({ length: 400 }, (_, i) => i));
  expect(learningOrigins(daily, 'DAY').length).toBeLessThanOrEqual(12);
});

test('forecasts run with a calendar and prices, and later prices of another series change nothing', async () => {
  const series = made(8, 84, 5);
  const file = write('series.csv', wide(series));
  const days = Array.from({ length: 112 }, (_, t) => {
    const date = new Date(Date.UTC(2024, 0, 1 + t)).toISOString().slice(0, 10);
    return `${date},d_${t + 1},${t % 28 === 0 ? 'PayDay' : ''},${t % 10 === 0 ? 1 : 0}`;
  });
  const calendar = write('calendar.csv', `date,d,event_name_1,snap_CA\n${days.join('\n')}\n`);
  const priced = series.map(({ key }) => `${key},1,3.5\n${key},60,2.9\n`).join('');
  const prices = write('prices.csv', `key,from,price\n${priced}`);
  const args = [file, '--calendar', calendar, '--prices', prices, '--horizon', '14'];
  const rows = table(await forecastOf(...args));
  expect(rows).toHaveLength(8 * 14);
  expect(rows.every(({ mean }) => Number.isFinite(Number(mean)))).toBe(true);
  const { err } = await forecastCli(...args, '--learn-from', file, '--threads', '1');
  expect(err).toMatch(/8 series, 8 forecasts\..*from 8 series/s);
});
