// Learns from groups: how records of one person agree (m), how those of two do (u), and which values are aliases.

import { FORENAME, LEVELS, OTHERS, SURNAME } from './agreement';
import type { PairComparer } from './comparison';
import { levelOf, shareLevels, usualLevels } from './levels';
import { type Aliases, aliasKey, type MatchModel, sharesAmong } from './model';
import type { CodedPeople } from './people';
import { randomNumbers } from './random';

/** Random pairs; of few records there are not so many different ones. */
const MOST_DRAWS = 500_000;
const DRAWS_A_RECORD = 40;
/** Weight of what is usual, in pairs. */
const USUAL_PAIRS = 20;
/** Groups that must have two values together before these count as aliases. */
const LEAST_GROUPS = 2;

/** The usual chances as counts. */
export function usualCounts(attributes: number): Float64Array {
  return usualLevels(attributes).map((share) => share * USUAL_PAIRS);
}

/** u: levels of pairs drawn at random from different groups. */
export function estimateU(
  people: CodedPeople,
  comparer: PairComparer,
  groupOf: Int32Array,
  aliases: readonly (Aliases | null)[],
): Float64Array {
  const random = randomNumbers(1);
  const into = comparer.createComparison();
  const counts = new Float64Array(comparer.attributes * LEVELS);
  const draws = Math.min(MOST_DRAWS, people.n * DRAWS_A_RECORD);
  for (let draw = 0; draw < draws; draw++) {
    const [i, j] = [Math.floor(random() * people.n), Math.floor(random() * people.n)];
    if (i === j || groupOf[i] === groupOf[j]) continue;
    comparer.compare(Math.min(i, j), Math.max(i, j), into);
    for (let f = 0; f < comparer.attributes; f++) counts[f * LEVELS + levelOf(into, f, aliases)]!++;
  }
  return shareLevels(counts, new Float64Array(counts.length).fill(0.5));
}

/** m: levels of pairs within groups; and how many such pairs there are. */
function estimateM(
  comparer: PairComparer,
  groups: readonly number[][],
  aliases: readonly (Aliases | null)[],
): { m: Float64Array; pairs: number } {
  const into = comparer.createComparison();
  const counts = new Float64Array(comparer.attributes * LEVELS);
  let pairs = 0;
  for (const members of groups) {
    const sorted = [...members].sort((a, b) => a - b);
    pairs += (sorted.length * (sorted.length - 1)) / 2;
    for (let x = 0; x < sorted.length; x++) {
      for (let y = x + 1; y < sorted.length; y++) {
        comparer.compare(sorted[x]!, sorted[y]!, into);
        for (let f = 0; f < comparer.attributes; f++) counts[f * LEVELS + levelOf(into, f, aliases)]!++;
      }
    }
  }
  return { m: shareLevels(counts, usualCounts(comparer.attributes)), pairs };
}

/** The model that groups show, as if they were the persons. */
export function learnModel(
  people: CodedPeople,
  comparer: PairComparer,
  groupOf: Int32Array,
  groups: readonly number[][],
): MatchModel {
  const { n, words, nameAt, names, forenames, surnames, others, otherTexts } = people;
  const aliases: (Aliases | null)[] = new Array(comparer.attributes).fill(null);
  const forename = (i: number): number => (forenames[i] ? names[nameAt[i]!]! : -1);
  const surname = (i: number): number => (surnames[i] ? names[nameAt[i + 1]! - 1]! : -1);
  aliases[FORENAME] = learnAliases(groups, forename, words.size);
  aliases[SURNAME] = learnAliases(groups, surname, words.size);
  others.forEach((codes, k) => {
    aliases[OTHERS + k] = learnAliases(groups, (i) => codes[i]!, otherTexts[k]!.size);
  });
  const { m, pairs } = estimateM(comparer, groups, aliases);
  return {
    m,
    u: estimateU(people, comparer, groupOf, aliases),
    prior: Math.max(pairs, 1) / ((n * (n - 1)) / 2 + 1),
    shares: sharesAmong(people, groupOf),
    aliases,
  };
}

/** Counts of the values of one group. */
function valuesOf(
  members: readonly number[],
  codeOf: (i: number) => number,
): { values: [number, number][]; sum: number } {
  const counts = new Map<number, number>();
  let sum = 0;
  for (const i of members) {
    const code = codeOf(i);
    if (code < 0) continue;
    counts.set(code, (counts.get(code) ?? 0) + 1);
    sum++;
  }
  return { values: [...counts], sum };
}

/**
 * Pairs of different values that groups have together more often than chance would: Will and William, a village and its
 * county. Their bits are log2 of how often two records of a person have them over how often two persons do. One of the
 * groups is left out of the count, as it may be that of the pair which is asked about.
 */
function learnAliases(groups: readonly number[][], codeOf: (i: number) => number, size: number): Aliases {
  const shares = new Float64Array(size);
  const together = new Map<number, { sum: number; groups: number }>();
  let known = 0;
  for (const members of groups) {
    const { values, sum } = valuesOf(members, codeOf);
    if (sum === 0) continue;
    known++;
    for (const [code, count] of values) shares[code]! += count / sum;
    for (let x = 0; x < values.length; x++) {
      for (let y = x + 1; y < values.length; y++) {
        const key = aliasKey(values[x]![0], values[y]![0]);
        const entry = together.get(key) ?? { sum: 0, groups: 0 };
        entry.sum += (2 * values[x]![1] * values[y]![1]) / (sum * sum);
        entry.groups++;
        together.set(key, entry);
      }
    }
  }
  const aliases: Aliases = new Map();
  for (const [key, { sum, groups: count }] of together) {
    if (count < LEAST_GROUPS) continue;
    const [low, high] = [key % 67_108_864, Math.floor(key / 67_108_864)];
    const chance = (2 * shares[low]! * shares[high]!) / (known * known);
    const bits = Math.log2((sum * (count - 1)) / count / known / chance);
    if (bits > 0) aliases.set(key, bits);
  }
  return aliases;
}
