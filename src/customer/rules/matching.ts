// Probable links: what the matcher's groups of records mean for the log of links and for proposals. Pure; nothing is written here.

import { createExplainer } from '../../matcher/explain';
import { type MatchResult, matchPeople } from '../../matcher/matcher';
import type { PersonRecord } from '../../matcher/people';
import { type Pair, pairOf } from './links';

/** One step of a waterfall of evidence, without the values that were compared: these stay with the person's records. */
export interface StoredEvidence {
  attribute: string;
  agreement: string;
  bits: number;
}

/** Two identifiers that are probably one person's. The steps of the evidence add up to `bits`. */
export interface WeighedPair {
  pair: Pair;
  bits: number;
  evidence: StoredEvidence[];
}

/** A proposal that waits for a person. */
export interface OpenProposal {
  id: string;
  pair: Pair;
}

/** What is known at the start of a run. Identifiers that rules or people joined are one unit, named by its lowest identifier. */
export interface MatchState {
  /** One for each identifier with statements; its id is the identifier's, see `recordId`. */
  records: PersonRecord[];
  /** Of every identifier of their customers. */
  unitOf: ReadonlyMap<number, number>;
  /** Pairs that a person keeps apart. */
  apart: readonly Pair[];
  /** Pairs that the model joined, and neither a rule nor a person decided about. */
  modelJoins: readonly Pair[];
  openProposals: readonly OpenProposal[];
  /** Pairs that a person accepted or rejected, see `pairText`. */
  decided: ReadonlySet<string>;
}

/** What is to be written, if it still fits when it is. */
export interface LinkPlan {
  joins: WeighedPair[];
  /** Joins of the model that no longer hold. */
  withdrawals: WeighedPair[];
  /** New proposals, and open ones with their present evidence. */
  proposals: WeighedPair[];
  /** Open proposals that no longer hold. */
  obsoleteIds: string[];
}

/** Log2 odds from which groups are joined, and from which joining them is proposed. */
export interface MatchThresholds {
  joinBits: number;
  proposeBits: number;
}

/** Attributes that are compared beside name, date of birth and postal code, in the order of `PersonRecord.others`. */
export const OTHER_ATTRIBUTES = [
  ...(['city', 'gender', 'occupation', 'birthplace', 'street', 'e-mail', 'telephone'] as const),
] as const;
const LOCALITY = 0;
const ID_DIGITS = 15;
const FURTHER_RECORDS = 'further records';

/** The id of an identifier's record: texts in the order of the numbers, because the matcher names groups by the lowest text. */
export const recordId = (identifierId: number): string => String(identifierId).padStart(ID_DIGITS, '0');
export const pairText = ([low, high]: Pair): string => `${low} ${high}`;

const rounded = (bits: number): number => Math.round(bits * 100) / 100;
const sumOf = (evidence: readonly StoredEvidence[]): number =>
  rounded(evidence.reduce((sum, { bits }) => sum + bits, 0));

/** Units that links connect. */
class Connections {
  readonly #parent = new Map<number, number>();

  root(unit: number): number {
    let at = unit;
    for (let next = this.#parent.get(at); next !== undefined; next = this.#parent.get(at)) at = next;
    if (at !== unit) this.#parent.set(unit, at);
    return at;
  }

  /** False: they were connected before. */
  connect(a: number, b: number): boolean {
    const [x, y] = [this.root(a), this.root(b)];
    if (x === y) return false;
    this.#parent.set(Math.max(x, y), Math.min(x, y));
    return true;
  }
}

/** Identifiers of the same unit belong together; those that a person keeps apart stay so, with all of their units. */
function decisionsForMatcher({ records, unitOf, apart }: MatchState) {
  const firstOf = new Map<number, string>();
  const together: [string, string][] = [];
  for (const { id } of records) {
    const unit = unitOf.get(Number(id))!;
    const first = firstOf.get(unit);
    if (first === undefined) firstOf.set(unit, id);
    else together.push([first, id]);
  }
  const parted = apart.flatMap(([low, high]): [string, string][] => {
    const [a, b] = [low, high].map((id) => firstOf.get(unitOf.get(id) ?? -1));
    return a === undefined || b === undefined || a === b ? [] : [[a, b]];
  });
  return { together, apart: parted };
}

/** The groups of a result, and what is proposed between them. */
class MatchedGroups {
  readonly #groupOf: ReadonlyMap<number, string>;
  readonly #odds: ReadonlyMap<string, number>;

  constructor({ ids, groups, proposals }: MatchResult) {
    this.#groupOf = new Map(ids.map((id, i) => [Number(id), groups[i]!]));
    this.#odds = new Map(proposals.map((one) => [[...one.groups].sort().join(' '), one.odds]));
  }

  has([low, high]: Pair): boolean {
    return this.#groupOf.has(low) && this.#groupOf.has(high);
  }

  areOne([low, high]: Pair): boolean {
    return this.#groupOf.get(low) === this.#groupOf.get(high);
  }

  /** The two groups of a pair, as one text. */
  between([low, high]: Pair): string {
    return [this.#groupOf.get(low), this.#groupOf.get(high)].sort().join(' ');
  }

  /** The odds with which it is proposed that the groups of this pair are one person; undefined if it is not. */
  proposedOdds(pair: Pair): number | undefined {
    return this.#odds.get(this.between(pair));
  }
}

/** Waterfalls of pairs. */
class Evidence {
  readonly #explain: ReturnType<typeof createExplainer>;

  constructor(result: MatchResult) {
    this.#explain = createExplainer(result);
  }

  of(pair: Pair): WeighedPair {
    const { parts } = this.#explain(recordId(pair[0]), recordId(pair[1]));
    const evidence = parts
      .map(({ attribute, agreement, bits }) => ({ attribute, agreement, bits: rounded(bits) }))
      .filter(({ attribute, bits }) => attribute === 'prior' || bits !== 0);
    return { pair, bits: sumOf(evidence), evidence };
  }

  /** With what the other records of both groups add or take, so that it adds up to the odds of the groups. */
  towards(pair: Pair, odds: number): WeighedPair {
    const { evidence, bits } = this.of(pair);
    const rest = rounded(rounded(odds) - bits);
    if (rest === 0) return { pair, bits, evidence };
    const further = { attribute: FURTHER_RECORDS, agreement: 'of both customers', bits: rest };
    return { pair, bits: rounded(odds), evidence: [...evidence, further] };
  }
}

/**
 * What a run changes. A join of the model is withdrawn only when it would not even be proposed: evidence that goes up and down around
 * a threshold does not join and part a customer again and again. Planned again after it was written, nothing is left to do.
 */
export function planLinks(state: MatchState, thresholds: MatchThresholds): LinkPlan {
  const attributes = OTHER_ATTRIBUTES;
  const result = matchPeople(
    { attributes, locality: LOCALITY, records: state.records },
    { ...thresholds, decisions: decisionsForMatcher(state) },
  );
  const groups = new MatchedGroups(result);
  const evidence = new Evidence(result);
  const units = ([low, high]: Pair): [number, number] => [state.unitOf.get(low)!, state.unitOf.get(high)!];
  const connections = new Connections();
  const withdrawals: WeighedPair[] = [];
  for (const pair of state.modelJoins.filter((one) => groups.has(one))) {
    if (groups.areOne(pair) || groups.proposedOdds(pair) !== undefined) connections.connect(...units(pair));
    else withdrawals.push(evidence.of(pair));
  }
  const joins: WeighedPair[] = [];
  for (const { left, right } of [...result.links].sort((a, b) => b.bits - a.bits)) {
    const pair = pairOf(Number(left), Number(right));
    if (connections.connect(...units(pair))) joins.push(evidence.of(pair));
  }
  const { covered, obsoleteIds, refreshed } = reviewOpen(state, groups, evidence);
  const fresh = result.proposals.flatMap(({ left, right, odds }) => {
    const pair = pairOf(Number(left), Number(right));
    const [a, b] = units(pair);
    const isOpen = covered.has(groups.between(pair)) || state.decided.has(pairText(pair));
    return isOpen || connections.root(a) === connections.root(b) ? [] : [evidence.towards(pair, odds)];
  });
  return { joins, withdrawals, proposals: [...refreshed, ...fresh], obsoleteIds };
}

/** Which open proposals still hold; the pairs of groups that they cover are not proposed a second time. */
function reviewOpen({ openProposals }: MatchState, groups: MatchedGroups, evidence: Evidence) {
  const covered = new Set<string>();
  const obsoleteIds: string[] = [];
  const refreshed: WeighedPair[] = [];
  for (const { id, pair } of openProposals) {
    // Identifiers that this run did not read are left as they are, and so are pairs above the threshold that a limit keeps apart.
    if (!groups.has(pair) || groups.areOne(pair)) continue;
    const odds = groups.proposedOdds(pair);
    const between = groups.between(pair);
    if (odds === undefined || covered.has(between)) obsoleteIds.push(id);
    else refreshed.push(evidence.towards(pair, odds));
    covered.add(between);
  }
  return { covered, obsoleteIds, refreshed };
}
