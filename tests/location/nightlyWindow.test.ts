// A location's night: one for every day, also where the clocks change.

import { nightlyWindowAt } from '../../src/location/rules/nightlyWindow';

const night = (zone: string, at: string, hour = 1) => {
  const { cutDay, beganAt } = nightlyWindowAt(zone, new Date(at), hour);
  return `${cutDay} ${beganAt.toISOString()}`;
};

test.each([
  ['Europe/Paris', '2026-11-25T00:00:00Z', '2026-11-24 2026-11-25T00:00:00.000Z'],
  ['Europe/Paris', '2026-11-24T23:59:59Z', '2026-11-23 2026-11-24T00:00:00.000Z'],
  ['Europe/Paris', '2026-11-25T22:59:59Z', '2026-11-24 2026-11-25T00:00:00.000Z'],
  ['Asia/Kolkata', '2026-11-24T20:00:00Z', '2026-11-24 2026-11-24T19:30:00.000Z'],
  ['Pacific/Kiritimati', '2026-11-25T11:00:00Z', '2026-11-25 2026-11-25T11:00:00.000Z'],
  ['Pacific/Honolulu', '2026-11-25T11:00:00Z', '2026-11-24 2026-11-25T11:00:00.000Z'],
])('in %s at %s it is the night after %s', (zone, at, expected) => {
  expect(night(zone, at)).toBe(expected);
});

test('London has no 1 o’clock on 29 March, and two on 25 October: one night each', () => {
  // 00:59:59 GMT is followed by 02:00 BST.
  expect(night('Europe/London', '2026-03-29T00:59:59Z')).toBe('2026-03-27 2026-03-28T01:00:00.000Z');
  expect(night('Europe/London', '2026-03-29T01:00:00Z')).toBe('2026-03-28 2026-03-29T01:00:00.000Z');
  expect(night('Europe/London', '2026-10-25T00:00:00Z')).toBe('2026-10-24 2026-10-25T00:00:00.000Z');
  expect(night('Europe/London', '2026-10-25T01:30:00Z')).toBe('2026-10-24 2026-10-25T00:00:00.000Z');
});

test('through a year, every day has exactly one night, in order', () => {
  for (const zone of [
    'Europe/London',
    'America/Sao_Paulo',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'Africa/Cairo',
  ]) {
    const seen: string[] = [];
    for (let at = Date.UTC(2025, 11, 25); at < Date.UTC(2027, 0, 1); at += 3 * 3_600_000) {
      const { cutDay } = nightlyWindowAt(zone, new Date(at), 1);
      if (seen.at(-1) !== cutDay) seen.push(cutDay);
    }
    const next = (day: string) => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
    for (let i = 1; i < seen.length; i += 1) expect(seen[i]).toBe(next(seen[i - 1]!));
  }
});
