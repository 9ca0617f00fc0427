// Price effects: how demand responds to a price above or below the usual one, learned over many series and shrunk for each.

import type { Series } from '../series';
import type { ForeseenEpisode, PriceEpisode } from './episodes';
import { type FittedEpisode, likelihoodOf, move, posterior, scatterOf } from './estimate';
import { type PriceShares, sharesOf } from './shares';

/** Response of demand to prices. Plain JSON. */
export interface LearnedPrices {
  /** Elasticity of all series: the percentage of demand gained for a price one percent lower. */
  all: number;
  /** Log of sold / expected units of ordinary episodes at the usual price: what is expected is itself estimated. */
  offset: number;
  /** Standard error of `all`. */
  error: number;
  /** Added to the elasticity by value of a grouping, coarse groupings first. */
  groupings: Record<string, Record<string, number>>;
  /** Standard deviation of the elasticities of single series around those of their groups. */
  scatter: number;
  /** Lowest and highest log(price / usual price) with enough evidence; further ones count as these. */
  least: number;
  most: number;
  /** Of the change that prices foretold at the begin of cuts and of rises, the share that came true, 0 … 1. */
  shares: PriceShares;
}

/** Prior standard deviation of the elasticity of all series around 0: without evidence prices have no effect. */
const PRIOR_SD = 1;
/** Largest log of a factor: demand times or by 8. */
const MOST_LOG = Math.log(8);
/** Episodes at or beyond a depth for it to count as known. */
const DEPTH_EPISODES = 20;
/** A grouping with more values than this is not learned by. */
const MOST_VALUES = 2_000;
/** Episodes are not independent: an item is on promotion in many shops at once. */
const DESIGN_EFFECT = 4;
/** Depths from which one is chosen beyond which a deeper cut does no more: many deep cuts are clearances. */
const DEEPEST = [-0.35, -0.5, -0.7, -1] as const;

/** Episodes of a series that are learned from. */
export interface PriceEvidence {
  series: Series;
  /** Mean squared difference of one period's units to the next's, in units². */
  scale: number;
  compared: readonly PriceEpisode[];
  foreseen: readonly ForeseenEpisode[];
}

const isChange = ({ depth }: PriceEpisode) => depth !== 0;
const constant = () => 1;
const elasticity = ({ depth }: PriceEpisode) => -depth;
/** Learns the response to prices; null where no price ever changed. */
export function learnPrices(evidence: readonly PriceEvidence[]): LearnedPrices | null {
  const known = evidence.filter(({ compared }) => compared.some(isChange));
  if (known.length === 0) return null;
  const depths = known
    .flatMap(({ compared }) => compared.filter(isChange).map(({ depth }) => depth))
    .sort((a, b) => a - b);
  const deepest = Math.min(0, depths[DEPTH_EPISODES - 1] ?? 0);
  const most = Math.max(0, depths[depths.length - DEPTH_EPISODES] ?? 0);
  const fits = [...DEEPEST.filter((least) => least > deepest), deepest].map((least) =>
    fitWithin(known, least, most),
  );
  const { learnt } = fits.reduce((a, b) => (b.likelihood > a.likelihood ? b : a));
  learnt.shares = sharesOf(known, (series, depth) =>
    fullFactor(learnt, groupElasticity(learnt, series), depth),
  );
  return learnt;
}

/** Fits elasticities of all, then of groups on top, with depths beyond the limits counted as these. */
function fitWithin(
  evidence: readonly PriceEvidence[],
  least: number,
  most: number,
): { learnt: LearnedPrices; likelihood: number } {
  const known = evidence.map(({ series, compared }) => ({
    series,
    episodes: compared.map(
      (one): FittedEpisode => ({ ...one, depth: Math.max(least, Math.min(most, one.depth)), log: 0 }),
    ),
  }));
  const all = known.flatMap(({ episodes }) => episodes);
  const shares = { cuts: 1, rises: 1 };
  const learnt: LearnedPrices = {
    all: 0,
    error: 0,
    offset: 0,
    groupings: {},
    scatter: 0,
    least,
    most,
    shares,
  };
  learnt.offset = posterior(
    all.filter((one) => !isChange(one)),
    constant,
    PRIOR_SD,
    DESIGN_EFFECT,
  ).value;
  move(all, constant, learnt.offset);
  const { value, information } = posterior(all, elasticity, PRIOR_SD, DESIGN_EFFECT);
  move(all, elasticity, value);
  learnt.all = value;
  learnt.error = 1 / Math.sqrt(information + 1 / PRIOR_SD ** 2);
  for (const name of groupingsByCoarseness(known.map(({ series }) => series))) {
    const groups = new Map<string, FittedEpisode[]>();
    for (const one of known) {
      const value = one.series.groups[name] ?? '';
      const members = groups.get(value) ?? [];
      members.push(...one.episodes);
      groups.set(value, members);
    }
    const estimates = [...groups.values()].map((members) =>
      posterior(members, elasticity, WIDE_SD, DESIGN_EFFECT),
    );
    const sd = Math.sqrt(scatterOf(estimates));
    if (sd < LEAST_SD) continue;
    learnt.groupings[name] = {};
    for (const [value, members] of groups) {
      const change = round(posterior(members, elasticity, sd, DESIGN_EFFECT).value);
      if (Math.abs(change) < LEAST_CHANGE) continue;
      learnt.groupings[name][value] = change;
      move(members, elasticity, change);
    }
  }
  learnt.scatter = Math.sqrt(
    scatterOf(known.map(({ episodes }) => posterior(episodes, elasticity, WIDE_SD, 1))),
  );
  for (const name of ['all', 'error', 'offset', 'scatter', 'least', 'most'] as const)
    learnt[name] = round(learnt[name]);
  return { learnt, likelihood: likelihoodOf(all) };
}

/** Prior standard deviation that lets an elasticity be what its own episodes show, and the least that is worth learning. */
const WIDE_SD = 4;
const LEAST_SD = 0.1;
/** Smaller changes of a group are not kept. */
const LEAST_CHANGE = 0.02;

const round = (value: number) => Number(value.toPrecision(4));

/** Names of groupings with more than one value, those with few values first. */
function groupingsByCoarseness(series: readonly Series[]): string[] {
  const values = new Map<string, Set<string>>();
  for (const one of series)
    for (const [name, value] of Object.entries(one.groups)) {
      const seen = values.get(name) ?? new Set();
      values.set(name, seen.add(value));
    }
  return [...values]
    .filter(([, of]) => of.size > 1 && of.size <= MOST_VALUES)
    .sort(([a, x], [b, y]) => x.size - y.size || (a < b ? -1 : 1))
    .map(([name]) => name);
}

/** Elasticity of the groups of a series. */
function groupElasticity({ all, groupings }: LearnedPrices, { groups }: Series): number {
  let value = all;
  for (const name in groupings) value += groupings[name]![groups[name] ?? ''] ?? 0;
  return value;
}

/** Elasticity of one series, and its standard deviation: that of its groups, adjusted by its own episodes. */
export function elasticityOf(
  learnt: LearnedPrices,
  series: Series,
  episodes: readonly PriceEpisode[],
): { value: number; sd: number } {
  const { scatter, error, offset, least, most } = learnt;
  const value = groupElasticity(learnt, series);
  if (scatter < LEAST_SD || !episodes.some(isChange)) return { value, sd: Math.hypot(scatter, error) };
  const fitted = episodes.map((one) => {
    const depth = Math.max(least, Math.min(most, one.depth));
    return { ...one, depth, log: offset - value * depth };
  });
  const own = posterior(fitted, elasticity, scatter, 1);
  return {
    value: value + own.value,
    sd: Math.hypot(1 / Math.sqrt(own.information + 1 / scatter ** 2), error),
  };
}

/**
 * The factor on demand at a depth; one beyond all that was learned from counts as the last learned, and a lower price never
 * sells less.
 */
function fullFactor({ least, most }: LearnedPrices, elasticity: number, depth: number): number {
  const log = -Math.max(0, elasticity) * Math.max(least, Math.min(most, depth));
  return Math.exp(Math.max(-MOST_LOG, Math.min(MOST_LOG, log)));
}

/** The factor on demand at a depth, as far as such factors came true before. */
export function priceFactor(learnt: LearnedPrices, elasticity: number, depth: number): number {
  const share = depth < 0 ? learnt.shares.cuts : learnt.shares.rises;
  return 1 + share * (fullFactor(learnt, elasticity, depth) - 1);
}
