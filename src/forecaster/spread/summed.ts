// The distribution of a sum of cells that was not forecast as one: from those of its cells, and what cells have in common.

import { totalOf } from '../series';
import { COVERED, RANKS } from './calibration';
import { expectedSum } from './spread';
import { HEAD, type MeanAndSpread, round, storedAt, storedLengths } from './stored';

/** A sum that was forecast as one, with the cells that it is the sum of. */
export interface ForecastWhole {
  whole: MeanAndSpread;
  cells: readonly MeanAndSpread[];
}

/** Mean and variance of the demand over h = 1 … length. */
function momentsOf({ mean, spread }: MeanAndSpread, length: number): { mean: number; variance: number } {
  const { factor, extra, excess } = storedAt(spread, length);
  const units = Math.max(0, factor * expectedSum(mean, 1, length) + extra * length);
  return { mean: units, variance: units + excess * units * units };
}

/** Variance of sums of cells where all pairs of them have the same correlation. */
function varianceOf(variances: readonly number[], correlation: number): number {
  const independent = totalOf(variances);
  const together = totalOf(variances.map(Math.sqrt)) ** 2;
  return independent + correlation * (together - independent);
}

/** The correlation of the cells with which they have the variance of their whole. */
function correlationIn({ whole, cells }: ForecastWhole, length: number): number {
  const variances = cells.map((cell) => momentsOf(cell, length).variance);
  const independent = varianceOf(variances, 0);
  const together = varianceOf(variances, 1);
  if (!(together > independent)) return 0;
  const correlation = (momentsOf(whole, length).variance - independent) / (together - independent);
  return Math.min(1, Math.max(0, correlation));
}

/** A forecast whose distributions have the given means, excess variances and bounds by length, and the calibration of another. */
function withLengths(
  mean: readonly number[],
  calibration: readonly number[],
  lengths: readonly { length: number; excess: number; bound: number }[],
): MeanAndSpread {
  const head = calibration.slice(1, HEAD);
  const usual = [...COVERED, ...RANKS];
  return {
    mean: [...mean],
    spread: [
      lengths.length,
      ...usual.map((level, i) => head[i] ?? level),
      ...lengths.flatMap(({ length, excess, bound }) => [
        ...[length, 1, 0, round(excess)],
        Number.isFinite(bound) ? round(bound) : 0,
      ]),
    ],
  };
}

/** The forecast of a whole with the means of its distributions on its means for every length, so that they add up like these. */
export function onItsMean({ mean, spread }: MeanAndSpread): MeanAndSpread {
  const lengths = storedLengths(spread).map((length) => {
    const { excess, bound } = storedAt(spread, length);
    return { length, excess, bound };
  });
  return lengths.length === 0 ? { mean, spread } : withLengths(mean, spread, lengths);
}

/**
 * The forecast of the sum of some of a whole's cells: its mean is the sum of theirs, and the cells have in common what all
 * cells of the whole have. Sales of cells rise and fall together (weather, season), so that a sum of independent
 * cells would be too sure of itself.
 */
export function summedForecast(cells: readonly MeanAndSpread[], of: ForecastWhole): MeanAndSpread {
  const horizon = Math.max(0, ...cells.map(({ mean }) => mean.length));
  const mean = Array.from({ length: horizon }, (_, h) => totalOf(cells.map((cell) => cell.mean[h] ?? 0)));
  const lengths = storedLengths(of.whole.spread).map((length) => {
    const variance = varianceOf(
      cells.map((cell) => momentsOf(cell, length).variance),
      correlationIn(of, length),
    );
    const units = expectedSum(mean, 1, length);
    return {
      length,
      excess: units > 0 ? Math.max(0, (variance - units) / (units * units)) : 0,
      bound: totalOf(cells.map(({ spread }) => storedAt(spread, length).bound)),
    };
  });
  return lengths.length === 0 ? { mean, spread: [] } : withLengths(mean, of.whole.spread, lengths);
}
