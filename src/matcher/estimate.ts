// Estimates the model: u from random pairs, m by expectation–maximisation on candidates or from groups.

import { BIRTH_DATE, FORENAME, LEVELS, NAME, OTHERS, type PairComparer, SURNAME, POST } from './comparison';
import { aliasKey, type Aliases } from './model';
import type { CodedPeople } from './people';

/** Numbers that look random and are the same every time (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function shareLevels(counts: Float64Array, pseudo: Float64Array | number): Float64Array {
  const out = new Float64Array(counts.length);
  for (let at = 0; at < counts.length; at += LEVELS) {
    let sum = 0;
    for (let l = 1; l < LEVELS; l++) sum += counts[at + l]! + (typeof pseudo === 'number' ? pseudo : pseudo[at + l]!);
    for (let l = 1; l < LEVELS; l++) out[at + l] = (counts[at + l]! + (typeof pseudo === 'number' ? pseudo : pseudo[at + l]!)) / sum;
  }
  return out;
}

/** u: levels of pairs drawn at random from different groups. */
export function estimateU(people: CodedPeople, comparer: PairComparer, groupOf: Int32Array, draws: number): Float64Array {
  const random = randomNumbers(1);
  const into = comparer.createComparison();
  const counts = new Float64Array(comparer.attributes * LEVELS);
  for (let d = 0; d < draws; d++) {
    const [i, j] = [Math.floor(random() * people.n), Math.floor(random() * people.n)];
    if (i === j || groupOf[i] === groupOf[j]) continue;
    comparer.compare(Math.min(i, j), Math.max(i, j), into);
    for (let f = 0; f < comparer.attributes; f++) counts[f * LEVELS + into.level[f]!]!++;
  }
  return shareLevels(counts, 0.5);
}

/** m: levels of pairs within groups. A record of a group counts equally, whatever the group's size. */
export function estimateM(comparer: PairComparer, groups: number[][], pseudo: Float64Array): { m: Float64Array; pairs: number } {
  const into = comparer.createComparison();
  const counts = new Float64Array(comparer.attributes * LEVELS);
  let pairs = 0;
  for (const members of groups) {
    const n = members.length;
    if (n < 2) continue;
    pairs += (n * (n - 1)) / 2;
    const weight = 1; //2 / n;
    for (let x = 0; x < n; x++) for (let y = x + 1; y < n; y++) {
      comparer.compare(members[x]!, members[y]!, into);
      for (let f = 0; f < comparer.attributes; f++) counts[f * LEVELS + into.level[f]!]! += weight;
    }
  }
  return { m: shareLevels(counts, pseudo), pairs };
}

/** Aliases: different values that groups have together more often than by chance. */
export function learnAliases(people: CodedPeople, groups: number[][], codeOf: (i: number) => number, size: number, least = 2): Aliases {
  const share = new Float64Array(size);
  const together = new Map<number, [number, number]>();
  let known = 0;
  for (const members of groups) {
    const counts = new Map<number, number>();
    let sum = 0;
    for (const i of members) { const code = codeOf(i); if (code >= 0) { counts.set(code, (counts.get(code) ?? 0) + 1); sum++; } }
    if (sum === 0) continue;
    known++;
    for (const [a, x] of counts) share[a]! += x / sum;
    const list = [...counts];
    for (let p = 0; p < list.length; p++) for (let q = p + 1; q < list.length; q++) {
      const key = aliasKey(list[p]![0], list[q]![0]);
      const part = (2 * list[p]![1] * list[q]![1]) / (sum * sum);
      const old = together.get(key);
      if (old) { old[0] += part; old[1]++; } else together.set(key, [part, 1]);
    }
  }
  const aliases: Aliases = new Map();
  for (const [key, [sum, count]] of together) {
    if (count < least) continue;
    const [a, b] = [key % 67_108_864, Math.floor(key / 67_108_864)];
    // One of the groups may be the pair in question itself: it is left out of the count.
    const chance = (2 * share[a]! * share[b]!) / (known * known);
    const bits = Math.log2((sum * (count - 1)) / count / known / chance);
    if (bits > 0) aliases.set(key, bits);
  }
  return aliases;
}
export { FORENAME, SURNAME, BIRTH_DATE, POST, OTHERS, NAME };
