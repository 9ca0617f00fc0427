// Policy replay: the last weeks of real history under two policies, with the forecasts as they were known then.

import type { Tx } from '../../db/pool';
import { eventsBetween, marksOf } from '../../forecast/queries/events';
import { AXIS, type ForecastCalendar, HISTORY_DAYS, historiesOf } from '../../forecast/queries/history';
import type { Series } from '../../forecaster/series';
import type { MeanAndSpread } from '../../forecaster/spread/stored';
import { refuse } from '../../refusals';
import { shelfPage } from '../../sales/queries/series';
import { shelfKey } from '../../values/keys';
import { slicesOf } from '../../values/lists';
import { dayNumber, dayOf } from '../../values/time';
import type { ShelfFacts } from '../rules/shelf';
import { addSimulated, nothingSimulated, type Simulated } from '../rules/simulate';
import { changedFacts, type PolicyChange } from '../rules/simulateOutlook';
import {
  ForecastsThen,
  learnThen,
  type RemakeModel,
  type ReplayedShelf,
  replay,
  reviewCuts,
  reviewDaysOf,
  WARM_UP_DAYS,
} from '../rules/simulateReplay';
import { type DryRunFilter, eachDryShelf } from './whatIfShelves';

/** Weeks that a replay counts at most, and shelves, and forecasts that it may need. */
export const MAX_REPLAY_WEEKS = 26;
export const MAX_REPLAY_SHELVES = 500;
export const MAX_REPLAY_FORECASTS = 10_000;
/** Series that are learned from at most, where forecasts are made again. */
const LEARN_SERIES = 200;
/** Shelves read at once. */
const CHUNK = 100;

export interface ReplayRequest {
  a: PolicyChange;
  b: PolicyChange;
  weeks: number;
  filter: DryRunFilter;
}

/** One shelf under both policies. */
export interface ReplayRow {
  skuId: number;
  locationId: number;
  a: Simulated;
  b: Simulated;
  unitCostMinor: number | null;
  costCurrency: string | null;
}

export interface ReplayResult {
  shelves: number;
  /** The counted days; locations are some hours apart, these are the first one's. */
  fromDay: string | null;
  toDay: string | null;
  a: Simulated;
  b: Simulated;
  /** Forecasts that were made then, and that were made again. */
  forecastsRead: number;
  forecastsMade: number;
  /** Counted days on which shelves were empty: their sales are a lower bound of the demand. */
  censoredDays: number;
  rows: ReplayRow[];
}

interface Candidate {
  facts: ShelfFacts;
  skuId: number;
  /** Under A and under B. */
  policies: readonly [ShelfFacts, ShelfFacts];
  firstDay: number;
  lastDay: number;
  cuts: number[];
}

/** The shelf under a change, with the review interval of its policy, whatever the weekday of this run. */
function under(facts: ShelfFacts, change: PolicyChange): ShelfFacts {
  const changed = changedFacts(facts, change);
  const reviewDays = change.reviewDays ?? reviewDaysOf(changed.policy);
  return { ...changed, review: { due: true, reviewDays } };
}

async function candidatesOf(tx: Tx, { a, b, weeks, filter }: ReplayRequest, at: Date): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  await eachDryShelf(tx, filter, at, MAX_REPLAY_SHELVES, ({ skuId, facts }) => {
    const policies = [under(facts, a), under(facts, b)] as const;
    const lastDay = dayNumber(facts.forecast!.cutDay);
    const firstDay = lastDay - 7 * weeks - WARM_UP_DAYS + 1;
    const cuts = new Set(policies.flatMap((p) => reviewCuts(firstDay, lastDay, p.review.reviewDays)));
    candidates.push({ facts, skuId, policies, firstDay, lastDay, cuts: [...cuts] });
  });
  const forecasts = candidates.reduce((sum, { cuts }) => sum + cuts.length, 0);
  if (forecasts > MAX_REPLAY_FORECASTS) {
    const message = `This replay has ${forecasts} reviews of shelves; at most ${MAX_REPLAY_FORECASTS} are replayed at once. Ask for fewer shelves or weeks, or for rarer reviews.`;
    refuse('InvalidInput', message, { path: 'filter' });
  }
  return candidates;
}

const STORED = `
  SELECT location_id AS "locationId", sku_id AS "skuId", cut_day AS "cutDay", mean, spread
  FROM demand_forecast d
  WHERE (location_id, sku_id) IN (SELECT * FROM unnest($1::int[], $2::int[])) AND cut_day = ANY($3::date[])`;

interface StoredRow extends MeanAndSpread {
  locationId: number;
  skuId: number;
  cutDay: string;
}

/** Forecasts of these shelves that were made on their reviews, by shelf and cut day. */
async function storedOf(
  tx: Tx,
  some: readonly Candidate[],
): Promise<Map<string, Map<number, MeanAndSpread>>> {
  const days = new Set(some.flatMap(({ cuts }) => cuts));
  const rows = await tx.rows<StoredRow>(STORED, [
    some.map(({ facts }) => facts.locationId),
    some.map(({ skuId }) => skuId),
    [...days].map(dayOf),
  ]);
  const stored = new Map<string, Map<number, MeanAndSpread>>();
  for (const { mean, spread, cutDay, ...key } of rows) {
    const own = stored.get(shelfKey(key)) ?? new Map<number, MeanAndSpread>();
    stored.set(shelfKey(key), own.set(dayNumber(cutDay), { mean, spread }));
  }
  return stored;
}

/** Whole histories of shelves up to a location's last known day, by shelf. */
async function seriesOfShelves(
  tx: Tx,
  shelves: readonly { locationId: number; skuId: number }[],
  lastDay: number,
  at: Date,
  calendar: ForecastCalendar,
): Promise<Map<string, Series>> {
  const { histories } = await historiesOf(tx, shelves, dayOf(lastDay), at, 0, calendar);
  return new Map(histories.map((h) => [shelfKey(h), h.series]));
}

/** The model for remade forecasts, learned from the shelves themselves, and from other shelves if they are few. */
async function againFrom(
  tx: Tx,
  candidates: readonly Candidate[],
  known: readonly Series[],
  at: Date,
  calendar: ForecastCalendar,
): Promise<RemakeModel> {
  const sample = [...known];
  if (sample.length < LEARN_SERIES) {
    const { facts, lastDay } = candidates[0]!;
    const neighbours = await shelfPage(tx, facts.locationId, 0, LEARN_SERIES);
    const shelves = neighbours.map((skuId) => ({ locationId: facts.locationId, skuId }));
    const own = new Set(sample.map((series) => series.key));
    for (const series of (await seriesOfShelves(tx, shelves, lastDay, at, calendar)).values())
      if (!own.has(series.key)) sample.push(series);
  }
  const firstDay = Math.min(...candidates.map((c) => c.firstDay));
  return learnThen(AXIS, sample, calendar.marks, firstDay, LEARN_SERIES);
}

/**
 * Replays the last `weeks` of every shelf of a filter under both policies. Reads only; forecasts are those made then
 * where they are still stored, else remade from the history up to the review.
 * @throws Refused InvalidInput past MAX_REPLAY_SHELVES or MAX_REPLAY_FORECASTS
 */
export async function replayPolicy(tx: Tx, request: ReplayRequest, at: Date): Promise<ReplayResult> {
  const candidates = await candidatesOf(tx, request, at);
  const result: ReplayResult = {
    shelves: 0,
    fromDay: null,
    toDay: null,
    a: nothingSimulated(),
    b: nothingSimulated(),
    forecastsRead: 0,
    forecastsMade: 0,
    censoredDays: 0,
    rows: [],
  };
  const [first] = candidates;
  if (first === undefined) return result;
  result.fromDay = dayOf(first.firstDay + WARM_UP_DAYS);
  result.toDay = dayOf(first.lastDay);
  const calendar = await calendarOf(tx, first.lastDay);
  const shelves = await shelvesOf(tx, candidates, at, calendar);
  const missing = shelves.some(({ shelf, candidate }) =>
    candidate.cuts.some((cut) => !shelf.stored.has(cut)),
  );
  const known = shelves.map(({ shelf }) => shelf.series);
  const again = missing ? await againFrom(tx, candidates, known, at, calendar) : null;
  for (const { shelf, candidate } of shelves) addReplayed(result, shelf, candidate, again);
  return result;
}

async function calendarOf(tx: Tx, lastDay: number): Promise<ForecastCalendar> {
  const events = await eventsBetween(tx, dayOf(lastDay - HISTORY_DAYS), dayOf(lastDay), null);
  return { events, marks: marksOf(events) };
}

/** The candidates with their histories and what was forecast then; those that never sold are left out. */
async function shelvesOf(
  tx: Tx,
  candidates: readonly Candidate[],
  at: Date,
  calendar: ForecastCalendar,
): Promise<{ shelf: ReplayedShelf; candidate: Candidate }[]> {
  const shelves: { shelf: ReplayedShelf; candidate: Candidate }[] = [];
  for (const lastDay of new Set(candidates.map((c) => c.lastDay))) {
    const those = candidates.filter((c) => c.lastDay === lastDay);
    for (const some of slicesOf(those, CHUNK)) {
      const keys = some.map(({ facts, skuId }) => ({ locationId: facts.locationId, skuId }));
      const series = await seriesOfShelves(tx, keys, lastDay, at, calendar);
      const stored = await storedOf(tx, some);
      some.forEach((candidate, i) => {
        const key = shelfKey(keys[i]!);
        const own = series.get(key);
        if (own === undefined) return;
        const { facts, firstDay } = candidate;
        const shelf = { facts, series: own, firstDay, lastDay, stored: stored.get(key) ?? new Map() };
        shelves.push({ shelf, candidate });
      });
    }
  }
  return shelves;
}

function addReplayed(
  result: ReplayResult,
  shelf: ReplayedShelf,
  { facts, skuId, policies }: Candidate,
  again: RemakeModel | null,
): void {
  const then = new ForecastsThen(shelf, again);
  const [a, b] = [replay(shelf, policies[0], then), replay(shelf, policies[1], then)];
  addSimulated(result.a, a);
  addSimulated(result.b, b);
  result.shelves += 1;
  result.forecastsRead += then.read;
  result.forecastsMade += then.made;
  const counted = shelf.firstDay + WARM_UP_DAYS - shelf.series.start;
  for (let i = Math.max(0, counted); i < shelf.series.values.length; i += 1)
    result.censoredDays += shelf.series.censored?.[i] ?? 0;
  const { locationId, offer } = facts;
  const [unitCostMinor, costCurrency] = [offer?.unitCostMinor ?? null, offer?.currency ?? null];
  result.rows.push({ skuId, locationId, a, b, unitCostMinor, costCurrency });
}
