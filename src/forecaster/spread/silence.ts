// A silence that runs out: whether a series that sells nothing any more may sell again, by its own gaps and by what other silences came to.

import type { SpreadFacts } from './facts';

/** By length class of the silence, what past silences that were longer than usual came to. Plain JSON. */
export type LearnedSilences = {
  /** Number of silences. */
  cases: number;
  /** What sold after them, over the level of the year before, in shares of what is usual after a forecast of zero. */
  share: number;
}[];

/** Years in which one of so many series ends, before anything is known of them. */
const LIFE_YEARS = 4;
/** Number of past silences that weigh as much as the prior. */
const PRIOR_CASES = 5;
/** What sold after a silence counts at most as so many times the usual. */
const MOST_SHARE = 2;

/**
 * Probability that a silence is one of the gaps that the series always had, not an end or a pause. Of k + 1 gaps each is
 * the longest with the same probability, and longer ones are rarer in proportion to their length; an end may
 * have come at any time of the silence.
 */
export function usualGap({ knownSilence, longestGap, sales, cadence }: SpreadFacts): number {
  const month = cadence.windows[1];
  if (knownSilence < month || knownSilence <= longestGap) return 1;
  const gap = (1 / (sales + 1)) * ((longestGap + 1) / (knownSilence + 1));
  const ended = Math.min(1, knownSilence / (LIFE_YEARS * cadence.windows[4]));
  return gap / (gap + ended);
}

/** Class of a silence by its length: 1 to 2 months, 2 to 4, 4 to 8 … */
function classOf({ knownSilence, cadence }: SpreadFacts): number {
  return Math.max(0, Math.floor(Math.log2(Math.max(1, knownSilence / cadence.windows[1]))));
}

/** What is expected after such a silence before anything is learned: half for each month of it. */
const priorShare = ({ knownSilence, cadence }: SpreadFacts): number =>
  2 ** (1 - knownSilence / cadence.windows[1]);

/**
 * Share of what usually sells again after a forecast near zero: all of it in a usual gap, and what past silences of
 * this length came to otherwise.
 */
export function returning(facts: SpreadFacts, learnt: LearnedSilences): number {
  const usual = usualGap(facts);
  if (usual === 1) return 1;
  const { cases, share } = learnt[classOf(facts)] ?? { cases: 0, share: 0 };
  const paused = (PRIOR_CASES * priorShare(facts) + cases * share) / (PRIOR_CASES + cases);
  return usual + (1 - usual) * Math.min(1, paused);
}

/** A past silence with what sold after it over what usually does, 0 or more. */
export interface PastSilence {
  facts: SpreadFacts;
  share: number;
}

/** Learns what past silences came to, by class. */
export function learnSilences(pasts: readonly PastSilence[]): LearnedSilences {
  const learnt: LearnedSilences = [];
  for (const { facts, share } of pasts) {
    const at = classOf(facts);
    while (learnt.length <= at) learnt.push({ cases: 0, share: 0 });
    const of = learnt[at]!;
    of.share = (of.share * of.cases + Math.min(MOST_SHARE, share)) / (of.cases + 1);
    of.cases++;
  }
  return learnt;
}
