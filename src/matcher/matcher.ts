// Which records are one person: blocking, Fellegi–Sunter weights, average linkage, adoption of what is left over.

import { adopt, type GroupChoice, GroupEvidence } from './adoption';
import { CandidateIndex } from './blocking';
import { PairList, reweighed, type WeightedPairs } from './candidates';
import { PairComparer } from './comparison';
import { firstModel } from './em';
import type { Groups, PairDecisions } from './groups';
import { learnModel } from './learn';
import { linkByAverage } from './linkage';
import { type MatchModel, PairWeights } from './model';
import { type CodedPeople, codePeople, type PeopleInput } from './people';

/** Raised when a change of the matcher changes its weights or groups: evidence of another version is weighed anew. */
export const MATCHER_VERSION = 1;

export interface MatchOptions {
  /** Log2 odds from which groups are joined; default 0: as likely as not. */
  joinBits?: number;
  /** Log2 odds from which joining is proposed; default −4: one in seventeen. */
  proposeBits?: number;
  /** Pairs of ids that people have decided on. Ids that are not among the records count for nothing. */
  decisions?: {
    together: readonly (readonly [string, string])[];
    apart: readonly (readonly [string, string])[];
  };
  onProgress?: (step: string) => void;
}

/** Two records that connect their group or, in a proposal, two groups. */
export interface RecordLink {
  left: string;
  right: string;
  /** Weight of this pair alone, in bits. */
  bits: number;
}

/** Two groups that may be one person. */
export interface ProposedMerge extends RecordLink {
  /** Groups, named by the lowest id of their records. */
  groups: [string, string];
  /** Log2 odds that they are one person, over all their records. */
  odds: number;
}

export interface MatchResult {
  /** In the order of `ids`; a group is named by the lowest id of its records. */
  ids: string[];
  groups: string[];
  /** The strongest pairs that connect each group: one fewer than it has records. */
  links: RecordLink[];
  /** The most likely first. */
  proposals: ProposedMerge[];
  people: CodedPeople;
  model: MatchModel;
}

/** Largest block whose records are all compared; in a larger one each is compared with its neighbours by name and date. */
const BLOCK_SIZE = 50;
/** Weights below these are forgotten: after the first model, before a linkage, before adoption. */
const FIRST_FLOOR = -16;
const LINKAGE_FLOOR = -6;
const LAST_FLOOR = -12;
const ROUNDS = 2;

/**
 * Groups records of people. Pure: the same records give the same groups in whatever order they come.
 * @throws RangeError when an id occurs twice
 */
export function matchPeople(input: PeopleInput, options: MatchOptions = {}): MatchResult {
  const { joinBits = 0, proposeBits = -4, onProgress = () => {} } = options;
  const people = codePeople(input);
  const comparer = new PairComparer(people);
  const decisions = numbersOf(people, options.decisions);
  onProgress('estimating');
  let model = firstModel(people, comparer, BLOCK_SIZE);
  onProgress('comparing');
  const candidates = compareCandidates(people, comparer, model);
  let groups: Groups | null = null;
  for (let round = 1; round <= ROUNDS; round++) {
    onProgress(`grouping ${candidates.size} pairs, round ${round}`);
    const weigh = weigher(comparer, model);
    const pairs = reweighed(candidates, weigh, LINKAGE_FLOOR);
    groups = linkByAverage(people.n, pairs, { joinBits, weigh, decisions });
    model = learnModel(people, comparer, groups.groupOf, groups.lists());
  }
  onProgress('adopting');
  const pairs = reweighed(candidates, weigher(comparer, model), LAST_FLOOR);
  const left = adopt(groups!, pairs, new GroupEvidence(comparer, new PairWeights(model)), joinBits);
  return {
    ids: people.ids,
    groups: Array.from(groups!.groupOf, (group) => people.ids[group]!),
    links: strongestLinks(people, groups!.groupOf, pairs),
    proposals: proposedMerges(
      people,
      groups!.groupOf,
      pairs,
      left.filter(({ odds }) => odds >= proposeBits),
    ),
    people,
    model,
  };
}

function weigher(comparer: PairComparer, model: MatchModel): (i: number, j: number) => number {
  const weights = new PairWeights(model);
  const into = comparer.createComparison();
  return (i, j) => {
    comparer.compare(i, j, into);
    return weights.weightOf(into);
  };
}

/** All pairs that blocking finds and that are not hopeless. */
function compareCandidates(people: CodedPeople, comparer: PairComparer, model: MatchModel): WeightedPairs {
  const index = new CandidateIndex(people, BLOCK_SIZE);
  const weigh = weigher(comparer, model);
  const candidates = new PairList();
  for (let i = 0; i < people.n; i++) {
    index.visit(i, (j) => {
      const weight = weigh(i, j);
      if (weight > FIRST_FLOOR) candidates.push(i, j, weight);
    });
  }
  return candidates;
}

function numbersOf({ ids }: CodedPeople, decisions: MatchOptions['decisions']): PairDecisions {
  if (!decisions) return { together: [], apart: [] };
  const numbers = new Map(ids.map((id, i) => [id, i]));
  const known = (pairs: readonly (readonly [string, string])[]): [number, number][] =>
    pairs.flatMap(([a, b]) => {
      const [i, j] = [numbers.get(a), numbers.get(b)];
      return i === undefined || j === undefined || i === j ? [] : [[i, j] as [number, number]];
    });
  return { together: known(decisions.together), apart: known(decisions.apart) };
}

/** The heaviest pairs that connect each group (a maximum spanning tree, by Kruskal). */
function strongestLinks({ n, ids }: CodedPeople, groupOf: Int32Array, pairs: WeightedPairs): RecordLink[] {
  const inside: number[] = [];
  for (let p = 0; p < pairs.size; p++)
    if (groupOf[pairs.left[p]!] === groupOf[pairs.right[p]!]) inside.push(p);
  inside.sort((p, q) => pairs.weight[q]! - pairs.weight[p]! || p - q);
  const parent = Int32Array.from({ length: n }, (_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  const links: RecordLink[] = [];
  for (const p of inside) {
    const [a, b] = [root(pairs.left[p]!), root(pairs.right[p]!)];
    if (a === b) continue;
    parent[a] = b;
    links.push({ left: ids[pairs.left[p]!]!, right: ids[pairs.right[p]!]!, bits: pairs.weight[p]! });
  }
  return links;
}

/** Proposals with the heaviest pair of records between the two groups. */
function proposedMerges(
  { n, ids }: CodedPeople,
  groupOf: Int32Array,
  pairs: WeightedPairs,
  choices: readonly GroupChoice[],
): ProposedMerge[] {
  const keyOf = (a: number, b: number): number => Math.min(a, b) * n + Math.max(a, b);
  const heaviest = new Map(choices.map(({ group, best }) => [keyOf(group, best), -1]));
  for (let p = 0; p < pairs.size; p++) {
    const key = keyOf(groupOf[pairs.left[p]!]!, groupOf[pairs.right[p]!]!);
    const known = heaviest.get(key);
    if (known !== undefined && (known < 0 || pairs.weight[p]! > pairs.weight[known]!)) heaviest.set(key, p);
  }
  return choices.map(({ group, best, odds }) => {
    const p = heaviest.get(keyOf(group, best))!;
    const [left, right] = [ids[pairs.left[p]!]!, ids[pairs.right[p]!]!];
    return { groups: [ids[best]!, ids[group]!], odds, left, right, bits: pairs.weight[p]! };
  });
}
