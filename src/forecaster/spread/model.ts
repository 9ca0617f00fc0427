// Negative binomial demand learned over all series at once: boosted trees for the mean and the excess variance of sums.

import { logGamma } from '../logGamma';
import { answer, binned, growTree, type Tree } from '../tree';
import type { SpreadFacts } from './facts';
import { type LearnedSilences, returning } from './silence';

/** Past sums with the features known before them: one row a sum. */
export interface SumRows {
  /** rows[i] is the result of `describe`. */
  rows: readonly (readonly number[])[];
  actual: Float64Array;
  /** Expectation before the trees (`startOf`), in units; always above 0. */
  expected: Float64Array;
}

/**
 * Trees whose answers add up to the logarithms of a factor on the expectation (`place`) and of the relative excess
 * variance.
 */
export interface SpreadModel {
  place: Tree[];
  width: Tree[];
}

const TREES = 40;
const GROWING = { depth: 3, leaves: 8, rate: 0.1, ridge: 30, leastGain: 1e-6 };
const BINS = 32;
/** Fewest rows of a leaf: 1/LEAVES of all rows, within these limits. */
const FEWEST = [20, 150] as const;
const LEAVES = 150;
/** Tenths of the rows that a tree is grown on. */
const TENTHS = 6;
/** Logarithm of the relative excess variance before learning: that of an average series. */
const WIDTH_START = -0.7;
/** Limits of the logarithms that the trees answer. */
const MOST_LOG_FACTOR = 3;
const LEAST_WIDTH = -5;
const MOST_WIDTH = 3;
/** Weight of the level of the last year in an expectation: what sold for long may sell again. */
export const YEAR_SHARE = 0.2;
/** A forecast below this share of the year's level is replaced by a flat expectation. */
const SILENT = 0.05;
/** Lower limit of the expectation, in units per period. */
export const LEAST_UNITS = 0.002;
/** Units per period added to levels, so that ratios of small levels stay moderate. */
const CALM = 0.05;

/** Expectation of a sum before the trees: factor × forecast + extra × length. */
export interface StartingExpectation {
  factor: number;
  extra: number;
}

/** The forecast, moved a little towards the level of the last year; only that level where the forecast is near zero. */
export function startOf(facts: SpreadFacts, silences: LearnedSilences = []): StartingExpectation {
  const { expected, levels } = facts;
  const year = levels[4]!;
  if (!isNearZero(facts))
    return { factor: 1 + (YEAR_SHARE * (year - expected)) / expected, extra: LEAST_UNITS };
  return {
    factor: 1,
    extra: YEAR_SHARE * returning(facts, silences) * Math.max(0, year - expected) + LEAST_UNITS,
  };
}

/** Whether the forecast is near zero beside the level of the last year. */
export function isNearZero({ expected, levels }: SpreadFacts): boolean {
  return !(expected > SILENT * levels[4]! && expected > 0);
}

/**
 * Feature row of a sum for the trees.
 * @param index index in `lengths` of the number of periods
 * @param sum units that the forecast expects over these periods
 */
export function describe(
  facts: SpreadFacts,
  lengths: readonly number[],
  index: number,
  sum: number,
): number[] {
  const length = lengths[index]!;
  const level = sum / length;
  const ratio = (other: number) => Math.log((other + CALM) / (level + CALM));
  const [short, month, trail, half, year] = facts.levels as [number, number, number, number, number];
  const scale = (year + CALM) * length;
  return [
    Math.log(level + 0.01),
    Math.log(sum + 0.1),
    length,
    ratio(short),
    ratio(month),
    ratio(trail),
    ratio(half),
    ratio(year),
    ratio(seasonAgo(facts, length, level)),
    facts.quiet,
    facts.quietYear,
    Math.log(1 + facts.silence),
    Math.log(1 + facts.known),
    facts.excess[index]!,
    facts.excessLately[index]!,
    facts.excess[Math.min(3, facts.excess.length - 1)]!,
    Math.log((facts.middle[index]! + CALM * length) / scale),
    Math.log((facts.high[index]! + CALM * length) / scale),
    Math.log((facts.peak + 0.5) / (year + CALM)),
    Math.log((short + CALM) / (month + CALM)),
  ];
}

/** Mean units per period of the same season a year ago; `expected` where the past is shorter. */
function seasonAgo({ units, counts, cadence }: SpreadFacts, length: number, expected: number): number {
  const size = units.length - 1;
  const from = size - cadence.windows[4] - cadence.margin;
  const to = Math.min(size, size - cadence.windows[4] + length + cadence.margin);
  if (from < 0) return expected;
  const seen = counts[to]! - counts[from]!;
  return seen > 0 ? (units[to]! - units[from]!) / seen : expected;
}

/** Parameters that the model predicts for one row: a factor on the expectation and the relative excess variance. */
export function factorAndExcess(
  model: SpreadModel,
  row: readonly number[],
): { factor: number; excess: number } {
  return {
    factor: Math.exp(within(answer(model.place, row), -MOST_LOG_FACTOR, MOST_LOG_FACTOR)),
    excess: Math.exp(within(WIDTH_START + answer(model.width, row), LEAST_WIDTH, MOST_WIDTH)),
  };
}

const within = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));

/**
 * Boosts mean and dispersion of a negative binomial in turn, by Newton steps on its likelihood: the idea of gradient
 * boosting for location, scale and shape (Mayr et al. 2012; Duan et al. 2020, NGBoost). Deterministic. Without rows
 * the model has no trees.
 */
export function learnModel({ rows, actual, expected }: SumRows): SpreadModel {
  const count = rows.length;
  const model: SpreadModel = { place: [], width: [] };
  if (count === 0) return model;
  const known = binned(
    rows[0]!.map((_, f) => Float64Array.from(rows, (row) => row[f]!)),
    BINS,
  );
  const growing = { ...GROWING, fewest: within(count / LEAVES, ...FEWEST) };
  const logFactor = new Float64Array(count);
  const width = new Float64Array(count).fill(WIDTH_START);
  const slope = new Float64Array(count);
  const bend = new Float64Array(count);
  for (let t = 0; t < TREES; t++) {
    const taken = Int32Array.from({ length: count }, (_, i) => i).filter(
      (i) => (Math.imul(i + 1, 2654435761 + 40503 * t) >>> 7) % 10 < TENTHS,
    );
    for (let i = 0; i < count; i++) {
      const mean = expected[i]! * Math.exp(logFactor[i]!);
      const weight = 1 / (1 + Math.exp(width[i]!) * mean);
      slope[i] = (actual[i]! - mean) * weight;
      bend[i] = mean * weight;
    }
    const moving = growTree(known, taken, slope, bend, growing);
    model.place.push(moving);
    for (let i = 0; i < count; i++)
      logFactor[i] = within(logFactor[i]! + answer([moving], rows[i]!), -MOST_LOG_FACTOR, MOST_LOG_FACTOR);
    for (let i = 0; i < count; i++) {
      const step = widthStep(actual[i]!, expected[i]! * Math.exp(logFactor[i]!), width[i]!);
      slope[i] = step.slope;
      bend[i] = step.bend;
    }
    const widening = growTree(known, taken, slope, bend, growing);
    model.width.push(widening);
    for (let i = 0; i < count; i++)
      width[i] = within(width[i]! + answer([widening], rows[i]!), LEAST_WIDTH, MOST_WIDTH);
  }
  return model;
}

/** Slope, and curvature with a lower limit, of the log-likelihood in the logarithm of the relative excess variance. */
function widthStep(actual: number, mean: number, width: number): { slope: number; bend: number } {
  const apart = 0.1;
  const here = logLikelihood(actual, mean, Math.exp(width));
  const up = logLikelihood(actual, mean, Math.exp(width + apart));
  const down = logLikelihood(actual, mean, Math.exp(width - apart));
  const excess = mean * Math.exp(width);
  return {
    slope: (up - down) / (2 * apart),
    bend: Math.max((2 * here - up - down) / (apart * apart), 0.01 + (0.15 * excess) / (1 + excess)),
  };
}

/**
 * Log-likelihood of a negative binomial with mean m and variance m + ψ m², without the terms that do not depend on ψ.
 * @param excess ψ, above 0
 */
export function logLikelihood(actual: number, mean: number, excess: number): number {
  const size = 1 / excess;
  const odds = mean * excess;
  return (
    logGamma(actual + size) -
    logGamma(size) -
    size * Math.log1p(odds) +
    (actual > 0 ? actual * Math.log(odds / (1 + odds)) : 0)
  );
}
