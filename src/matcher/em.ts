// The first model, before there are groups: m by expectation–maximisation within blocks, u from random pairs.

import { BIRTH_DATE, FORENAME, FURTHER, LEVELS, POST, SURNAME } from './agreement';
import { CandidateIndex, type KeyName } from './blocking';
import type { PairComparer } from './comparison';
import { estimateU, usualCounts } from './learn';
import { shareLevels, usualLevels } from './levels';
import { type MatchModel, sharesAmong } from './model';
import type { CodedPeople } from './people';

/**
 * Blocks that EM runs in, and the attributes that their key is made of: those are no evidence within them, and are estimated
 * in the other blocks.
 */
const TRAINING: readonly { kind: KeyName; fixed: readonly number[] }[] = [
  { kind: 'date', fixed: [BIRTH_DATE] },
  { kind: 'postcode', fixed: [POST] },
  { kind: 'words', fixed: [FORENAME, SURNAME, FURTHER] },
];
const MOST_PAIRS = 400_000;
const EM_ROUNDS = 20;

/** Levels of a pair, and how many pairs have the same. */
interface Pattern {
  levels: Uint8Array;
  count: number;
}

/** m by EM, u by random pairs; no aliases yet, every record counts as a person. */
export function firstModel(people: CodedPeople, comparer: PairComparer, blockSize: number): MatchModel {
  const { n } = people;
  const own = Int32Array.from({ length: n }, (_, i) => i);
  const aliases = new Array(comparer.attributes).fill(null);
  const u = estimateU(people, comparer, own, aliases);
  return {
    m: trainM(people, comparer, u, blockSize),
    u,
    // Ten records of each person: refined as soon as there are groups.
    prior: Math.min(0.5, 10 / n),
    shares: sharesAmong(people, own),
    aliases,
  };
}

function trainM(
  people: CodedPeople,
  comparer: PairComparer,
  u: Float64Array,
  blockSize: number,
): Float64Array {
  const usual = usualLevels(comparer.attributes);
  const sums = new Float64Array(usual.length);
  const times = new Uint8Array(comparer.attributes);
  for (const { kind, fixed } of TRAINING) {
    const patterns = patternsIn(people, comparer, new CandidateIndex(people, blockSize, [kind]));
    if (patterns.length === 0) continue;
    const free = Array.from(times, (_, attribute) => !fixed.includes(attribute));
    const m = maximise(patterns, usual, u, free);
    free.forEach((isFree, attribute) => {
      if (!isFree) return;
      times[attribute]!++;
      for (let k = attribute * LEVELS; k < (attribute + 1) * LEVELS; k++) sums[k]! += m[k]!;
    });
  }
  return sums.map((sum, k) => {
    const count = times[Math.trunc(k / LEVELS)]!;
    return count > 0 ? sum / count : Math.max(usual[k]!, 1e-9);
  });
}

function patternsIn(people: CodedPeople, comparer: PairComparer, index: CandidateIndex): Pattern[] {
  const patterns = new Map<string, Pattern>();
  const into = comparer.createComparison();
  let pairs = 0;
  for (let i = 0; i < people.n && pairs < MOST_PAIRS; i++) {
    index.visit(i, (j) => {
      pairs++;
      comparer.compare(i, j, into);
      const key = into.level.join();
      const pattern = patterns.get(key);
      if (pattern) pattern.count++;
      else patterns.set(key, { levels: into.level.slice(), count: 1 });
    });
  }
  return [...patterns.values()];
}

/** EM with u fixed: the share of pairs of one person and m of the free attributes. */
function maximise(
  patterns: readonly Pattern[],
  start: Float64Array,
  u: Float64Array,
  free: readonly boolean[],
): Float64Array {
  const pseudo = usualCounts(free.length);
  let m = start;
  let prior = 0.5;
  for (let round = 0; round < EM_ROUNDS; round++) {
    const counts = new Float64Array(start.length);
    let [matched, total] = [0, 0];
    for (const { levels, count } of patterns) {
      let bits = Math.log2(prior / (1 - prior));
      for (let f = 0; f < free.length; f++) {
        const k = f * LEVELS + levels[f]!;
        if (free[f] && levels[f]! > 0) bits += Math.log2(m[k]! / u[k]!);
      }
      const expected = count / (1 + 2 ** -bits);
      matched += expected;
      total += count;
      for (let f = 0; f < free.length; f++) counts[f * LEVELS + levels[f]!]! += expected;
    }
    prior = Math.min(Math.max(matched / total, 1e-6), 1 - 1e-6);
    m = shareLevels(counts, pseudo);
  }
  return m;
}
