// After average linkage: what is left over joins the group that explains it best, if no other group explains it as well.

import type { Comparison } from './agreement';
import type { WeightedPairs } from './candidates';
import type { PairComparer } from './comparison';
import type { Groups } from './groups';
import type { PairWeights } from './model';

/** Pairs below this weight do not bring two groups together. */
const NEAR_BITS = -8;
const MOST_ROUNDS = 6;
/** Most records of a group that evidence is taken from. */
const MOST_MEMBERS = 40;

/** A group, the group that explains it best, and how much better than all others or none: log2 odds. */
export interface GroupChoice {
  group: number;
  best: number;
  odds: number;
}

/** Weighs groups against each other. */
export class GroupEvidence {
  readonly #comparer: PairComparer;
  readonly #weights: PairWeights;
  readonly #into: Comparison;
  readonly #sums: Float64Array;
  readonly #known: Int32Array;
  readonly #remembered = new Map<string, number>();

  constructor(comparer: PairComparer, weights: PairWeights) {
    this.#comparer = comparer;
    this.#weights = weights;
    this.#into = comparer.createComparison();
    this.#sums = new Float64Array(comparer.attributes);
    this.#known = new Int32Array(comparer.attributes);
  }

  /** Mean weight of the records of a group towards another group, in bits. */
  towards(members: readonly number[], others: readonly number[]): number {
    // Groups only grow, so that the first record and the number of records name one.
    const key = `${members[0]} ${members.length} ${others[0]} ${others.length}`;
    const remembered = this.#remembered.get(key);
    if (remembered !== undefined) return remembered;
    const some = members.slice(0, MOST_MEMBERS);
    let sum = 0;
    for (const i of some) sum += this.#ofRecord(i, others.slice(0, MOST_MEMBERS));
    this.#remembered.set(key, sum / some.length);
    return sum / some.length;
  }

  /**
   * Weight of one record towards a group: each of its values may be a copy of any of those that the group has, so the
   * likelihood ratios of an attribute are averaged over the group's records before the attributes are added up. A
   * postcode that few of a person's records have thus still speaks for that person.
   */
  #ofRecord(i: number, others: readonly number[]): number {
    const [sums, known, into] = [this.#sums.fill(0), this.#known.fill(0), this.#into];
    for (const j of others) {
      this.#comparer.compare(Math.min(i, j), Math.max(i, j), into);
      for (let f = 0; f < sums.length; f++) {
        if (into.level[f] === 0) continue;
        sums[f]! += 2 ** this.#weights.bitsOf(into, f);
        known[f]!++;
      }
    }
    let bits = this.#weights.priorBits;
    for (let f = 0; f < sums.length; f++) if (known[f]! > 0) bits += Math.log2(sums[f]! / known[f]!);
    return bits;
  }
}

/** For each group that has a larger neighbour: which explains it best. The most certain first. */
export function groupChoices(groups: Groups, pairs: WeightedPairs, evidence: GroupEvidence): GroupChoice[] {
  const { groupOf, members } = groups;
  const neighbours = new Map<number, Set<number>>();
  for (let p = 0; p < pairs.size; p++) {
    const [a, b] = [groupOf[pairs.left[p]!]!, groupOf[pairs.right[p]!]!];
    if (a === b || pairs.weight[p]! < NEAR_BITS) continue;
    const isSmaller =
      members[a]!.length < members[b]!.length || (members[a]!.length === members[b]!.length && a > b);
    const [group, larger] = isSmaller ? [a, b] : [b, a];
    const list = neighbours.get(group);
    if (list) list.add(larger);
    else neighbours.set(group, new Set([larger]));
  }
  const choices: GroupChoice[] = [];
  for (const [group, larger] of neighbours) {
    const open = [...larger].filter((each) => !groups.mustStayApart(group, each)).sort((a, b) => a - b);
    const bits = open.map((each) => evidence.towards(members[group]!, members[each]!));
    if (bits.length === 0) continue;
    const at = bits.indexOf(Math.max(...bits));
    // 1 is for none of them: whoever it is has no other record here.
    const rest = bits.reduce((sum, each, k) => (k === at ? sum : sum + 2 ** each), 1);
    choices.push({ group, best: open[at]!, odds: bits[at]! - Math.log2(rest) });
  }
  return choices.sort((x, y) => y.odds - x.odds || x.group - y.group);
}

/** Lets groups join the groups that explain them, in rounds: evidence changes as groups grow. @returns choices left over */
export function adopt(
  groups: Groups,
  pairs: WeightedPairs,
  evidence: GroupEvidence,
  joinBits: number,
): GroupChoice[] {
  let choices = groupChoices(groups, pairs, evidence);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const changed = new Set<number>();
    for (const { group, best, odds } of choices) {
      if (odds < joinBits || changed.has(group) || changed.has(best)) continue;
      groups.merge(group, best);
      changed.add(group).add(best);
    }
    if (changed.size === 0) break;
    choices = groupChoices(groups, pairs, evidence);
  }
  return choices.filter(({ odds }) => odds < joinBits);
}
