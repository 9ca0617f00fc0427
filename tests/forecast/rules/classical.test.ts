// The classical methods against numbers worked by hand.

import { adida, imapa } from '../../../src/forecaster/aggregate';
import { movingMean } from '../../../src/forecaster/classical';
import { croston, sba, tsb } from '../../../src/forecaster/croston';
import { ses, sesFit } from '../../../src/forecaster/ses';
import { theta } from '../../../src/forecaster/theta';

test('SES with a constant of ½ moves half of every error', () => {
  // Start (4 + 8 + 6 + 2) / 4 = 5; then 4.5, 6.25, 6.125, 4.0625.
  expect(sesFit([4, 8, 6, 2], 0, 4, [0.5])).toEqual({ level: 4.0625, alpha: 0.5 });
});

test('SES chooses the constant with the least squared one-step errors', () => {
  // A level that jumps once is followed best by the quickest constant, noise around one level by the slowest.
  const jump = [...new Array(40).fill(10), ...new Array(40).fill(30)];
  expect(sesFit(jump).alpha).toBe(0.5);
  const noise = Array.from({ length: 80 }, (_, i) => 10 + (i % 2 === 0 ? 3 : -3));
  expect(sesFit(noise).alpha).toBe(0.02);
  expect(ses([])).toBe(0);
});

test("Croston's rate is smoothed size over smoothed gap, started at the mean of the first four", () => {
  // Sizes 3, 1, 2, 4 after gaps 2, 2, 1, 3 start at 2.5 and 2; the fifth sale, 5 after 4, with α = 0.1:
  // size 2.5 + 0.1 × 2.5 = 2.75, gap 2 + 0.1 × 2 = 2.2.
  const y = [0, 3, 0, 1, 2, 0, 0, 4, 0, 0, 0, 5];
  expect(croston(y)).toBeCloseTo(2.75 / 2.2, 12);
  // Syntetos and Boylan take off α / 2 of it.
  expect(sba(y)).toBeCloseTo((0.95 * 2.75) / 2.2, 12);
});

test('the gap is never believed to be shorter than the time since the last sale', () => {
  const y = [2, 2, 2, 2, ...new Array(20).fill(0)];
  expect(croston(y)).toBeCloseTo(2 / 20, 12);
  expect(croston([0, 0, 0])).toBe(0);
});

test('TSB falls while nothing sells, and is right about a steady seller', () => {
  expect(tsb(new Array(50).fill(3))).toBeCloseTo(3, 12);
  const sold = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 4 : 0));
  expect(tsb(sold)).toBeGreaterThan(1.5);
  expect(tsb(sold)).toBeLessThan(2.5);
  // Chance falls by (1 − β) a period.
  expect(tsb([...sold, ...new Array(60).fill(0)])).toBeLessThan(0.8 * tsb(sold));
  expect(tsb([0, 0, 0, 0])).toBe(0);
});

test('ADIDA sums over the mean gap and divides back; iMAPA is the mean over all gaps up to it', () => {
  // Every second period 4: gap 2, sums of 4 each, so 2 a period, without any noise left.
  const y = Array.from({ length: 40 }, (_, i) => (i % 2 === 1 ? 4 : 0));
  expect(adida(y)).toBeCloseTo(2, 12);
  expect(imapa(y)).toBeCloseTo((ses(y) + 2) / 2, 12);
});

test('Theta adds half the slope of the line to the level', () => {
  // A straight line of slope 2: SES with α = ½ (the quickest) lags behind it by (1 − α) / α × 2 in the long run;
  // half the slope times 1/α gives the level back.
  const line = Array.from({ length: 60 }, (_, i) => 100 + 2 * i);
  const { level, alpha } = sesFit(line);
  const [first, second] = theta(line, 2);
  expect(alpha).toBe(0.5);
  expect(first).toBeCloseTo(level + 1 * (0 + 1 / alpha), 9);
  expect(second! - first!).toBeCloseTo(1, 12);
  expect(theta([], 3)).toEqual([0, 0, 0]);
  // A falling line never goes below nothing.
  expect(theta([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0], 90).every((units) => units >= 0)).toBe(true);
});

test('a moving mean of more values than there are is that of all', () => {
  expect(movingMean([1, 2, 3, 4], 2)).toBe(3.5);
  expect(movingMean([1, 2, 3, 4], 9)).toBe(2.5);
  expect(movingMean([], 9)).toBe(0);
});
