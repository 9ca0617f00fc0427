// Which identifiers belong to one customer: a pure function of the log of links, whatever order its rows come in.

import type { IdentifierKind } from './identifiers';

export type LinkKind = 'JOIN' | 'SPLIT' | 'FORBID';
/** In the order in which they count. */
const ORIGINS = ['PERSON', 'RULE', 'MODEL'] as const;
export type LinkOrigin = (typeof ORIGINS)[number];

/** A row of the log; of one pair and origin the row with the highest id counts. */
export interface IdentityLink {
  id: number;
  kind: LinkKind;
  lowId: number;
  highId: number;
  origin: LinkOrigin;
  /** Of a model: how much evidence there is. */
  bits: number | null;
}

export interface LinkedIdentifier {
  id: number;
  kind: IdentifierKind;
  /** See `IdentifierKey`. */
  scope: string;
  /** Used by several people: it joins nothing. */
  isShared: boolean;
}

/** Most identifiers of a kind and scope in one customer; a kind that is missing has no limit. */
export type IdentifierLimits = Readonly<Record<string, number>>;

/** A person may join this many times as many identifiers of a kind as rules and models may. */
export const PERSON_LIMIT_FACTOR = 10;

/** Why a JOIN has no effect. */
export type JoinObstacle =
  | { reason: 'SHARED' | 'FORBIDDEN' | 'SPLIT' }
  | { reason: 'LIMIT'; kind: IdentifierKind; count: number; limit: number };

/** A JOIN of the log without effect. */
export type LinkConflict = JoinObstacle & { lowId: number; highId: number; origin: LinkOrigin };

const pairKey = (a: number, b: number): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

/** Of each pair the row that counts: the last one of the strongest origin. */
export function decisionsOf(links: readonly IdentityLink[]): IdentityLink[] {
  const decisions = new Map<string, IdentityLink>();
  for (const link of links) {
    const key = pairKey(link.lowId, link.highId);
    const before = decisions.get(key);
    const order = before === undefined ? -1 : ORIGINS.indexOf(link.origin) - ORIGINS.indexOf(before.origin);
    if (order < 0 || (order === 0 && link.id > before!.id)) decisions.set(key, link);
  }
  return [...decisions.values()];
}

/** Groups of identifiers that only grow. */
class IdentifierGroups {
  readonly #groupOf = new Map<number, Group>();

  constructor(identifiers: readonly LinkedIdentifier[]) {
    for (const { id, kind, scope } of identifiers) {
      const counts = new Map([[`${kind} ${scope}`, { kind, count: 1 }]]);
      this.#groupOf.set(id, { members: [id], counts, apart: new Map() });
    }
  }

  of(id: number): Group | undefined {
    return this.#groupOf.get(id);
  }

  /** Keeps two identifiers apart: against everything, or against what no person decided. */
  keepApart({ lowId, highId, kind }: IdentityLink): void {
    const reason = kind === 'FORBID' ? 'FORBIDDEN' : 'SPLIT';
    this.of(lowId)?.apart.set(highId, reason);
    this.of(highId)?.apart.set(lowId, reason);
  }

  unite(a: Group, b: Group): void {
    const [small, large] = a.members.length < b.members.length ? [a, b] : [b, a];
    for (const id of small.members) {
      large.members.push(id);
      this.#groupOf.set(id, large);
    }
    for (const [key, { kind, count }] of small.counts)
      large.counts.set(key, { kind, count: (large.counts.get(key)?.count ?? 0) + count });
    for (const [id, reason] of small.apart)
      large.apart.set(id, reason === 'FORBIDDEN' ? reason : (large.apart.get(id) ?? reason));
  }

  /** Why two groups may not become one; null: they may. */
  obstacle(a: Group, b: Group, origin: LinkOrigin, limits: IdentifierLimits): JoinObstacle | null {
    const [few, others] = a.apart.size < b.apart.size ? [a, b] : [b, a];
    for (const [id, reason] of few.apart)
      if (this.of(id) === others && (reason === 'FORBIDDEN' || origin !== 'PERSON')) return { reason };
    for (const [key, { kind, count }] of a.counts) {
      const limit = (limits[kind] ?? Infinity) * (origin === 'PERSON' ? PERSON_LIMIT_FACTOR : 1);
      const together = count + (b.counts.get(key)?.count ?? 0);
      // A group that a person made larger still takes identifiers of other kinds.
      if (together > limit && together > count) return { reason: 'LIMIT', kind, count: together, limit };
    }
    return null;
  }
}

interface Group {
  members: number[];
  /** By kind and scope. */
  counts: Map<string, { kind: IdentifierKind; count: number }>;
  /** Identifiers that may not become members. */
  apart: Map<number, 'FORBIDDEN' | 'SPLIT'>;
}

/** Customers as they follow from the log. */
export interface DerivedCustomers {
  /** Of each identifier the lowest id of its customer. */
  lowestOf: Map<number, number>;
  conflicts: LinkConflict[];
}

/**
 * Customers of these identifiers. JOINs are applied in the order of their origin, then (of a model) the most evidence first, then of
 * their ids; so the rows may come in any order. One without effect is reported. A FORBID keeps its pair apart in any case, a SPLIT of
 * a person keeps it apart until a person joins it again.
 */
export function deriveCustomers(
  identifiers: readonly LinkedIdentifier[],
  links: readonly IdentityLink[],
  limits: IdentifierLimits,
): DerivedCustomers {
  const groups = new IdentifierGroups(identifiers);
  const shared = new Set(identifiers.filter((one) => one.isShared).map((one) => one.id));
  const decisions = decisionsOf(links);
  for (const link of decisions)
    if (link.kind === 'FORBID' || (link.kind === 'SPLIT' && link.origin === 'PERSON')) groups.keepApart(link);
  const joins = decisions
    .filter((link) => link.kind === 'JOIN')
    .sort(
      (a, b) =>
        ORIGINS.indexOf(a.origin) - ORIGINS.indexOf(b.origin) ||
        (b.bits ?? 0) - (a.bits ?? 0) ||
        a.lowId - b.lowId ||
        a.highId - b.highId,
    );
  const conflicts: LinkConflict[] = [];
  for (const { lowId, highId, origin } of joins) {
    const [a, b] = [groups.of(lowId), groups.of(highId)];
    if (a === undefined || b === undefined || a === b) continue;
    const obstacle: JoinObstacle | null =
      shared.has(lowId) || shared.has(highId) ? { reason: 'SHARED' } : groups.obstacle(a, b, origin, limits);
    if (obstacle === null) groups.unite(a, b);
    else conflicts.push({ lowId, highId, origin, ...obstacle });
  }
  const lowestOf = new Map<number, number>();
  for (const { id } of identifiers) {
    if (lowestOf.has(id)) continue;
    const { members } = groups.of(id)!;
    const lowest = members.reduce((low, member) => Math.min(low, member));
    for (const member of members) lowestOf.set(member, lowest);
  }
  return { lowestOf, conflicts };
}

/** A pair for a new row of the log. */
export type Pair = readonly [lowId: number, highId: number];

/** A JOIN that is not in the log yet, as if it were its last row. */
export const joinToCome = (
  [lowId, highId]: Pair,
  origin: LinkOrigin,
  bits: number | null = null,
): IdentityLink => ({ id: Number.MAX_SAFE_INTEGER, kind: 'JOIN', lowId, highId, origin, bits });

export const pairOf = (a: number, b: number): Pair => (a < b ? [a, b] : [b, a]);

/** All pairs of one of these with one of those. */
export function pairsBetween(these: readonly number[], those: readonly number[]): Pair[] {
  return these.flatMap((a) => those.map((b) => pairOf(a, b)));
}

/**
 * The pairs that a person's join of customers writes: the first identifiers of both, and every pair that a person kept apart,
 * for a pair that stays apart would undo the join.
 */
export function pairsOfJoin(
  these: readonly number[],
  those: readonly number[],
  links: readonly IdentityLink[],
): Pair[] {
  const between = new Set(pairsBetween(these, those).map(([a, b]) => pairKey(a, b)));
  const apart = decisionsOf(links).filter(
    (link) =>
      link.kind !== 'JOIN' && link.origin === 'PERSON' && between.has(pairKey(link.lowId, link.highId)),
  );
  const first = pairOf(Math.min(...these), Math.min(...those));
  return [
    first,
    ...apart
      .map((link): Pair => [link.lowId, link.highId])
      .filter(([a, b]) => pairKey(a, b) !== pairKey(...first)),
  ];
}
