// The table of service figures: what each counts, over what, in which direction it is better; and their values from sums.

import { type Interval, ofMean, wilson } from './intervals';

export type FigureForm = 'SHARE' | 'MEAN' | 'QUANTILE' | 'SCORE';

export interface FigureDefinition {
  name: string;
  form: FigureForm;
  numerator: string;
  denominator: string;
  /** What one observation is. */
  grain: string;
  isHigherBetter: boolean;
  unit: string;
  /** Null: no target is set. */
  target: number | null;
  /** Rises whenever the same facts would give another value. */
  version: number;
}

const define = (
  name: string,
  form: FigureForm,
  grain: string,
  [numerator, denominator]: [string, string],
  [unit, direction, target]: [string, 'UP' | 'DOWN', number | null],
): FigureDefinition => ({
  ...{ name, form, numerator, denominator, grain, unit, target },
  ...{ isHigherBetter: direction === 'UP', version: 1 },
});

const ANSWERS = 'answers in the period to the question';
const SOLVED = 'cases opened in the period and resolved more than the days of CASE_REOPEN_DAYS ago';
const CLOSED = 'orders placed in the period that were collected or not collected in time';

export const FIGURES: readonly FigureDefinition[] = [
  define('CSAT', 'SHARE', 'answer', ['answers of 4 or 5 of 5', ANSWERS], ['share', 'UP', 0.85]),
  define(
    'NPS',
    'SCORE',
    'answer',
    ['100 × (answers of 9 or 10, less those of 0 to 6, of 10)', ANSWERS],
    ['points', 'UP', 40],
  ),
  define('CES', 'MEAN', 'answer', ['sum of the ease from 1 to 7', ANSWERS], ['points', 'UP', 5.5]),
  define(
    'FCR_ON_CHANNEL',
    'SHARE',
    'case',
    ['those with one inbound contact on their first channel that were not reopened', SOLVED],
    ['share', 'UP', 0.75],
  ),
  define(
    'ONCE_AND_DONE',
    'SHARE',
    'case',
    ['those with one inbound contact on all channels together that were not reopened', SOLVED],
    ['share', 'UP', 0.7],
  ),
  define(
    'REOPEN_RATE',
    'SHARE',
    'case',
    ['those reopened within CASE_REOPEN_DAYS', SOLVED],
    ['share', 'DOWN', 0.1],
  ),
  define(
    'AHT',
    'MEAN',
    'contact',
    ['seconds of handling and of work after it', 'contacts begun in the period with seconds of handling'],
    ['seconds', 'DOWN', null],
  ),
  ...(['P50', 'P90'] as const).map((q) =>
    define(
      `FIRST_RESPONSE_${q}`,
      'QUANTILE',
      'contact',
      ['seconds to the first response', 'inbound contacts begun in the period with a first response'],
      ['seconds', 'DOWN', q === 'P90' ? 14_400 : 3_600],
    ),
  ),
  define(
    'KEPT_PROMISES',
    'SHARE',
    'order',
    [
      'those ready by the promised time',
      'orders placed in the period whose promised time is over, without those cancelled before it',
    ],
    ['share', 'UP', 0.95],
  ),
  ...(['P50', 'P90'] as const).map((q) =>
    define(
      `ORDER_TO_READY_${q}`,
      'QUANTILE',
      'order',
      ['seconds from order to ready', 'orders placed in the period that became ready'],
      ['seconds', 'DOWN', null],
    ),
  ),
  ...(['P50', 'P90'] as const).map((q) =>
    define(
      `WAIT_AT_PICKUP_${q}`,
      'QUANTILE',
      'order',
      ['seconds from “I’m here” to hand-over', 'orders placed in the period and collected after “I’m here”'],
      ['seconds', 'DOWN', q === 'P90' ? 300 : 120],
    ),
  ),
  define('NO_SHOW_RATE', 'SHARE', 'order', ['those not collected in time', CLOSED], ['share', 'DOWN', 0.05]),
  define(
    'SHORT_PICK_RATE',
    'SHARE',
    'order line',
    ['lines with units that could not be found', 'lines of orders placed in the period that were picked'],
    ['share', 'DOWN', 0.02],
  ),
];

/** Sums over the observations of one figure; of a quantile, its value and bounds. */
export interface FigureSums {
  name: string;
  /** Null: all channels together. */
  channel: string | null;
  n: number;
  /** Of a share, the successes. */
  sum: number;
  squares: number;
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface FigureValue {
  definition: FigureDefinition;
  channel: string | null;
  n: number;
  value: number | null;
  interval: Interval | null;
}

const BY_NAME = new Map(FIGURES.map((one) => [one.name, one]));

/** The value and the interval of a figure. */
export function figureOf({ name, channel, n, sum, squares, value, low, high }: FigureSums): FigureValue {
  const definition = BY_NAME.get(name);
  if (definition === undefined) throw new Error(`no figure ${name}`);
  const of = { definition, channel, n };
  if (n === 0) return { ...of, value: null, interval: null };
  switch (definition.form) {
    case 'SHARE':
      return { ...of, value: sum / n, interval: wilson(sum, n) };
    case 'QUANTILE':
      return { ...of, value, interval: low === null || high === null ? null : { low, high } };
    case 'SCORE':
    case 'MEAN':
      return { ...of, value: sum / n, interval: ofMean(sum, squares, n) };
  }
}
