// Series whose recent level is not that ahead: sales that began again after a silence, and a silence that last year ended about now.

import { LENGTHS_OF } from './lengths';
import type { Period, Series } from './series';
import type { View } from './view';

/** A series at such a turn, with the forecast that it suggests. */
export interface Turn {
  kind: 'RESTARTED' | 'DUE';
  /** Turns of one class are learned together: the kind, and how long ago it began or in how many years it occurred. */
  class: string;
  /** Expected units, h = 1 … horizon, if the turn is what it seems to be. */
  mean: number[];
  /** Share of `mean` in the forecast before anything is learned, 0 … 1; the rest is that of the usual method. */
  prior: number;
  /** Periods without sales, and periods since (0: none yet). */
  silence: number;
  since: number;
}

/** What past turns of a class came to. Plain JSON. */
interface LearnedTurn {
  cases: number;
  /** Share of the turn's forecast with which their errors were least, 0 … 1. */
  share: number;
}
export type LearnedTurns = Record<string, LearnedTurn>;

/** Fewest periods with sales that the rate since a silence would have had in it: fewer are chance. */
const MISSED = 6;
/** Number of own periods that weigh as much as the level before the silence, or that of last year's season. */
const OWN_WEIGHT: Readonly<Record<Period, number>> = { DAY: 6, WEEK: 3, MONTH: 2 };
/** Past years whose season is read, and half of the range that it is read over, as a share of a year. */
const YEARS = 3;
const HALF = 7 / 364;
/** A season begins where it sells so many times what it sold in the month before. */
const BEGINNING = 4;
/** Number of past turns that weigh as much as the prior. */
const PRIOR_CASES = 5;
/** Shares that are tried, and standard errors by which one must be better than none. */
const SHARES = [0.25, 0.5, 0.75, 1];
const CHANCE = 2;
/** Relative excess variance of sums at a turn. */
export const TURN_EXCESS = { RESTARTED: 0.15, DUE: 0.5 };
/** Share of a restart's level in its forecast before anything is learned. */
const PRIOR_RESTART = 0.9;

/** Whether the recent past has a silence long enough for a turn: a look at the values that spares most series the rest. */
export function mayTurn(series: Series, origin: number, period: Period): boolean {
  const { windows } = LENGTHS_OF[period];
  const last = Math.min(origin - series.start, series.values.length - 1);
  let quiet = 0;
  for (let i = last; i >= 0; i--) {
    if (series.values[i]! > 0) {
      if (last - i >= windows[3]!) return false;
      quiet = 0;
    } else if (++quiet >= windows[2]!) return true;
  }
  return false;
}

/** The turn of a series at the end of its view; null for most. */
export function turnOf(view: View, period: Period, horizon: number): Turn | null {
  const { y } = view.past;
  const { windows } = LENGTHS_OF[period];
  const n = y.length;
  let since = 0;
  let begin = n;
  // Back to the silence: zeros, at least a month of them, that began within the usual window.
  for (;;) {
    let end = begin;
    while (end > 0 && y[end - 1] === 0) end--;
    if (begin - end >= windows[2]!) return atSilence(view, period, horizon, end, begin - end, since);
    while (end > 0 && y[end - 1]! > 0) end--;
    since = n - end;
    if (end === 0 || since > windows[2]!) return null;
    begin = end;
  }
}

function atSilence(
  view: View,
  period: Period,
  horizon: number,
  end: number,
  silence: number,
  since: number,
): Turn | null {
  const season = seasonOf(view, period, horizon, since);
  if (since === 0) return season && due(view, season, silence);
  const { clear, past, factors } = view;
  const n = clear.length;
  let selling = 0;
  for (let i = n - since; i < n; i++) if (past.y[i]! > 0) selling++;
  if ((selling / since) * silence < MISSED) return null;
  const { windows } = LENGTHS_OF[period];
  const before = season ? season.now : meanOf(clear, Math.max(0, end - windows[3]!), end);
  const weight = OWN_WEIGHT[period];
  const level = (weight * before + meanOf(clear, n - since, n) * since) / (weight + since);
  return {
    kind: 'RESTARTED',
    class: since <= windows[0]! ? 'RESTARTED JUST NOW' : 'RESTARTED',
    mean: Array.from({ length: horizon }, (_, h) => level * factors[n + h]!),
    prior: PRIOR_RESTART,
    silence,
    since,
  };
}

/** A season that is to begin: more certain the more years had it, and none where years had not. */
function due({ clear, factors }: View, { ahead, years, without }: Season, silence: number): Turn {
  return {
    kind: 'DUE',
    class: years > 1 ? 'DUE BY YEARS' : 'DUE BY ONE YEAR',
    mean: ahead.map((units, h) => units * factors[clear.length + h]!),
    prior: years / (years + 0.5 + without),
    silence,
    since: 0,
  };
}

interface Season {
  /** Mean level of past years at the periods ahead, and over the periods since the silence. */
  ahead: number[];
  now: number;
  /** Past years in which sales began then, and in which they did not. */
  years: number;
  without: number;
}

/** What past years sold at this time; null without any year in which sales began about now. */
function seasonOf({ clear }: View, period: Period, horizon: number, since: number): Season | null {
  const { windows, year } = LENGTHS_OF[period];
  const half = Math.max(1, Math.round(HALF * year));
  const n = clear.length;
  const ahead = new Array<number>(horizon).fill(0);
  let now = 0;
  let years = 0;
  let without = 0;
  for (let ago = year; ago <= YEARS * year && n - ago - since - windows[2]! >= 0; ago += year) {
    const at = n - ago;
    const then = Array.from({ length: horizon }, (_, h) =>
      meanOf(clear, Math.max(0, at + h - half), Math.min(n, at + h + half + 1)),
    );
    const quiet = meanOf(clear, at - since - windows[2]!, at - since);
    const sold = Math.max(...then);
    if (!(sold > BEGINNING * quiet)) {
      without++;
      continue;
    }
    years++;
    for (let h = 0; h < horizon; h++) ahead[h]! += then[h]!;
    now += meanOf(clear, at - Math.min(since, half), at + half + 1);
  }
  if (years === 0) return null;
  return { ahead: ahead.map((units) => units / years), now: now / years, years, without };
}

function meanOf(y: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += y[i]!;
  return to > from ? sum / (to - from) : 0;
}

/** A past turn with the usual forecast and what was sold, h = 1 …; NaN where unknown. */
export interface PastTurn {
  turn: Turn;
  usual: readonly number[];
  actual: readonly number[];
  /** Mean squared one-step error of the naive forecast of the series. */
  scale: number;
}

/**
 * Learns by class with which share of the turn's forecast the RMSSE of past turns was least. A share that is not better than
 * none by more than chance is none: where turns are many the pooled methods have learned from them.
 */
export function learnTurns(pasts: readonly PastTurn[]): LearnedTurns {
  const classes = new Map<string, PastTurn[]>();
  for (const past of pasts) {
    if (!(past.scale > 0)) continue;
    const of = classes.get(past.turn.class);
    if (of) of.push(past);
    else classes.set(past.turn.class, [past]);
  }
  return Object.fromEntries(
    [...classes].map(([name, of]) => [name, { cases: of.length, share: bestShare(of) }]),
  );
}

function bestShare(pasts: readonly PastTurn[]): number {
  const without = pasts.map((past) => errorOf(past, 0));
  let best = 0;
  let least = 0;
  for (const share of SHARES) {
    const saved = pasts.map((past, i) => without[i]! - errorOf(past, share));
    const mean = saved.reduce((sum, each) => sum + each, 0) / saved.length;
    const squares = saved.reduce((sum, each) => sum + (each - mean) ** 2, 0);
    if (mean > least && mean * saved.length > CHANCE * Math.sqrt(squares)) {
      least = mean;
      best = share;
    }
  }
  return best;
}

/** RMSSE of the usual forecast with a share of the turn's in it. */
function errorOf({ turn, usual, actual, scale }: PastTurn, share: number): number {
  let squares = 0;
  let count = 0;
  for (const [h, units] of actual.entries()) {
    if (!Number.isFinite(units)) continue;
    squares += (units - usual[h]! - share * (turn.mean[h]! - usual[h]!)) ** 2;
    count++;
  }
  return count > 0 ? Math.sqrt(squares / count / scale) : 0;
}

/**
 * Weight of what is supposed of a turn; it falls with the square of the past ones that were learned from, as a tenth of a
 * wrong supposition still cost 3 % of the RMSSE of such series in wholesale, which sells in lumps.
 */
export function suppositionWeight({ class: name }: Turn, learnt: LearnedTurns): number {
  const cases = learnt[name]?.cases ?? 0;
  return PRIOR_CASES ** 2 / (PRIOR_CASES ** 2 + cases ** 2);
}

/** The usual forecast with the turn's share in it. */
export function turned(usual: readonly number[], turn: Turn, learnt: LearnedTurns): number[] {
  const supposed = suppositionWeight(turn, learnt);
  const share = supposed * turn.prior + (1 - supposed) * (learnt[turn.class]?.share ?? 0);
  return usual.map((units, h) => units + share * (turn.mean[h]! - units));
}
