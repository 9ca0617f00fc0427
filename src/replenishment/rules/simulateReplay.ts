// Replays a shelf's history under two policies; each review uses only what was known at its time.

import { forecast, type LearnedModel, learn } from '../../forecaster/forecaster';
import type { Axis, Mark, Series } from '../../forecaster/series';
import type { MeanAndSpread } from '../../forecaster/spread/stored';
import { orderable } from './need';
import type { Settings } from './policy';
import { assess, leadTimeOf, type ShelfFacts } from './shelf';
import { drawn, leadDaysAt, type ReviewSeen, type Simulated, simulate } from './simulate';

/** Days simulated before the counted ones, so that neither policy is judged by its initial stock. */
export const WARM_UP_DAYS = 14;
/** Days ahead that a forecast made again has. */
const HORIZON_DAYS = 28;

/** What a replay of one shelf goes by. Days are numbers on the axis. */
export interface ReplayedShelf {
  /** The shelf in this run: its settings, supplier and lead times. */
  facts: ShelfFacts;
  /** Its whole history; what comes after a review is not shown to it. */
  series: Series;
  /** The first simulated day, warming up included, and the last. */
  firstDay: number;
  lastDay: number;
  /** Forecasts that were made then, by their cut day. */
  stored: ReadonlyMap<number, MeanAndSpread>;
}

/** The model for remade forecasts: learned once, up to the day before the first replayed day. */
export interface RemakeModel {
  axis: Axis;
  marks: readonly Mark[];
  learnt: LearnedModel;
}

/** Learns the model for remade forecasts from the days before the first replayed one. */
export function learnThen(
  axis: Axis,
  series: readonly Series[],
  marks: readonly Mark[],
  firstDay: number,
  most: number,
): RemakeModel {
  const known = series.map((one) => knownAt(one, firstDay - 1)).filter((one) => one.values.length > 0);
  const learnt = learn({ axis, series: known, marks }, firstDay - 1, HORIZON_DAYS, { series: most });
  return { axis, marks, learnt };
}

/** Forecasts of one shelf by cut day: the stored ones, else remade from what was known on that day. */
export class ForecastsThen {
  made = 0;
  read = 0;
  readonly #known = new Map<number, MeanAndSpread>();

  constructor(
    private readonly shelf: Pick<ReplayedShelf, 'series' | 'stored'>,
    private readonly again: RemakeModel | null,
  ) {}

  /** The forecast that knew the days up to `cut`. */
  at(cut: number): MeanAndSpread {
    const known = this.#known.get(cut);
    if (known !== undefined) return known;
    const stored = this.shelf.stored.get(cut);
    const found = stored ?? this.#make(cut);
    this.#known.set(cut, found);
    if (stored === undefined) this.made++;
    else this.read++;
    return found;
  }

  #make(cut: number): MeanAndSpread {
    if (this.again === null)
      throw new Error(`there is no forecast of day ${cut} and nothing to make one from`);
    const { axis, marks, learnt } = this.again;
    return forecast(knownAt(this.shelf.series, cut), axis, marks, learnt, cut, HORIZON_DAYS);
  }
}

/**
 * A series as it was known at the end of a day. Prices are cut too, as they would reveal future promotions: the
 * last known price continues.
 */
export function knownAt(series: Series, cut: number): Series {
  const length = Math.max(0, cut + 1 - series.start);
  const { values, censored } = series;
  const paid = series.prices?.subarray(0, length);
  const prices = paid && new Float64Array(paid.length + HORIZON_DAYS).fill(paid.at(-1) ?? Number.NaN);
  prices?.set(paid!);
  return { ...series, values: values.subarray(0, length), censored: censored?.subarray(0, length), prices };
}

const SINGLE = { packSize: 1, minimumOrder: 1 };

/** Days from one review to the next: of fixed weekdays, their average. */
export function reviewDaysOf({ review }: Pick<Settings, 'review'>): number {
  return review.weekdays.length === 0 ? review.days : Math.max(1, Math.round(7 / review.weekdays.length));
}

/** Cut days of the reviews of a policy, the first of which makes the initial stock. */
export function reviewCuts(firstDay: number, lastDay: number, reviewDays: number): number[] {
  const cuts: number[] = [];
  for (let day = firstDay; day <= lastDay; day += reviewDays) cuts.push(day - 1);
  return cuts;
}

/** Demand per day: the units sold. Where the shelf was empty this is a lower bound, the same for both policies. */
export function demandOver({ series, firstDay, lastDay }: ReplayedShelf): Float64Array {
  return Float64Array.from({ length: lastDay - firstDay + 1 }, (_, i) => {
    const units = series.values[firstDay + i - series.start];
    return units === undefined || Number.isNaN(units) ? 0 : Math.max(0, units);
  });
}

/**
 * Simulates one policy over the shelf's history. `facts` are the shelf's under that policy. Lead times are drawn from what is
 * known of them, the same for every policy that orders on the same day.
 */
export function replay(shelf: ReplayedShelf, facts: ShelfFacts, then: ForecastsThen): Simulated {
  const reviewDays = facts.review.reviewDays;
  const seed = `${facts.locationId}:${shelf.series.key}`;
  const { distribution } = leadTimeOf(facts);
  const packs = (facts.regular === null ? facts.offer : null) ?? SINGLE;
  const needAt = (day: number, onHand: number, onOrder: number) => {
    const forecastThen = then.at(shelf.firstDay + day - 1);
    const seen: ShelfFacts = {
      ...facts,
      forecast: { mean: forecastThen.mean, spread: forecastThen.spread, method: '', cutDay: '' },
      onHand: { available: onHand, reserved: 0, staged: 0, quarantine: 0 },
      incoming: onOrder > 0 ? [{ kind: 'ON_ORDER', units: onOrder, inDays: 0 }] : [],
      returnsPerDay: [],
    };
    return assess(seen).need;
  };
  return simulate({
    demand: demandOver(shelf),
    initialStock: Math.ceil(needAt(0, 0, 0).level),
    reviewDays,
    order: ({ day, onHand, onOrder }: ReviewSeen) => orderable(needAt(day, onHand, onOrder), packs).quantity,
    leadDays: (review) => leadDaysAt(distribution, drawn(seed, shelf.firstDay + review * reviewDays)),
    warmUpDays: WARM_UP_DAYS,
  });
}
