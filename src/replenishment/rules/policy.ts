// The policy of a shelf: rules for a SKU or category at a location or group; for each setting the most specific rule wins.

import { dayNumber } from '../../values/time';
export type ReplenishmentKind = 'ORDER_UP_TO' | 'REORDER_POINT' | 'MIN_MAX';
export type ServiceMeasure = 'CYCLE_SERVICE' | 'FILL_RATE';
export type AbcClass = 'A' | 'B' | 'C';

/** How a shelf is refilled. Quantities are sellable units. */
export interface Settings {
  /** False: nothing is proposed for it. */
  active: boolean;
  /** (R, S), (s, Q) or (s, S), looked at on review days. */
  kind: ReplenishmentKind;
  review: Review;
  measure: ServiceMeasure;
  /** Service targets by class, 0.5 … 0.9999. */
  serviceA: number;
  serviceB: number;
  serviceC: number;
  /** Capacity of the shelf; null: no limit. */
  shelfCapacity: number | null;
  /** Units that are always to lie there to be seen. */
  presentationMinimum: number;
  /** s of (s, Q) and (s, S); null: from the service target. */
  reorderPoint: number | null;
  /** Q of (s, Q); null: a week's demand. */
  orderQuantity: number | null;
  /** S of (s, S); null: s and a week's demand. */
  maximum: number | null;
  /** The location that usually supplies this one; null: its suppliers do. */
  suppliedFromId: number | null;
  /** What moving a unit here from another location costs, in minor units of the SKU's currency. */
  transferCostMinor: number;
  /** Where money is short, a higher priority is served first, whatever its margin. */
  priority: number;
}

/** Review days: these ISO weekdays, or when there are none every `days` days, counted from Monday 5 January 1970. */
export interface Review {
  days: number;
  weekdays: readonly number[];
}

export type Setting = keyof Settings;
export const SETTINGS = [
  'active',
  'kind',
  'review',
  'measure',
  'serviceA',
  'serviceB',
  'serviceC',
  'shelfCapacity',
  'presentationMinimum',
  'reorderPoint',
  'orderQuantity',
  'maximum',
  'suppliedFromId',
  'transferCostMinor',
  'priority',
] as const satisfies readonly Setting[];

/** Defaults where no rule sets them. */
export const USUAL_SETTINGS: Settings = {
  active: true,
  kind: 'ORDER_UP_TO',
  review: { days: 1, weekdays: [] },
  measure: 'FILL_RATE',
  serviceA: 0.98,
  serviceB: 0.95,
  serviceC: 0.9,
  shelfCapacity: null,
  presentationMinimum: 0,
  reorderPoint: null,
  orderQuantity: null,
  maximum: null,
  suppliedFromId: null,
  transferCostMinor: 0,
  priority: 0,
};

/** Scope of a rule; null means every. A rule has a SKU or a category, a location or a group, not both. */
export interface Scope {
  skuId: number | null;
  /** With everything below it: 'Outdoor' is for 'Outdoor/Tents' too. */
  category: string | null;
  locationId: number | null;
  group: string | null;
}

/** A rule names some settings; null leaves one to the next coarser rule. */
export interface PolicyRule extends Scope {
  id: number;
  settings: { [S in Setting]: Settings[S] | null };
}

/** A shelf as rules see it. */
export interface PolicyShelf {
  skuId: number;
  category: string;
  locationId: number;
  groups: readonly string[];
}

/** The settings of a shelf, and the rule (null: the usual) that each comes from. */
export interface Policy extends Settings {
  from: Record<Setting, PolicyRule | null>;
}

const keyOf = (s: Scope): string =>
  `${s.skuId ?? ''}\u0000${s.category ?? ''}\u0000${s.locationId ?? ''}\u0000${s.group ?? ''}`;

/** Rules by their scope, to look policies up in. */
export class PolicyTable {
  readonly #rules: ReadonlyMap<string, PolicyRule>;
  readonly #named: ReadonlySet<number | null>;
  /** Policies of SKUs that no rule names: alike for all of one category at one location. */
  readonly #alike = new Map<string, Policy>();

  constructor(rules: readonly PolicyRule[]) {
    this.#rules = new Map(rules.map((rule) => [keyOf(rule), rule]));
    this.#named = new Set(rules.map((rule) => rule.skuId));
  }

  /**
   * The policy of a shelf. Finest first: SKU, then its category from the longest to the shortest, then every SKU;
   * within each the location, then its groups by name, then every location.
   */
  at(shelf: PolicyShelf): Policy {
    if (this.#named.has(shelf.skuId)) return this.#resolve(shelf);
    const key = `${shelf.locationId}:${shelf.category}`;
    let found = this.#alike.get(key);
    if (found === undefined) {
      found = this.#resolve(shelf);
      this.#alike.set(key, found);
    }
    return found;
  }

  #resolve(shelf: PolicyShelf): Policy {
    const policy: Policy = {
      ...USUAL_SETTINGS,
      from: Object.fromEntries(SETTINGS.map((s) => [s, null])) as Policy['from'],
    };
    if (this.#rules.size === 0) return policy;
    for (const rule of this.#fitting(shelf)) {
      for (const setting of SETTINGS) {
        const value = rule.settings[setting];
        if (value === null || policy.from[setting] !== null) continue;
        // A group's rule may name a location of the group itself, which is not supplied from itself.
        if (setting === 'suppliedFromId' && value === shelf.locationId) continue;
        Object.assign(policy, { [setting]: value });
        policy.from[setting] = rule;
      }
    }
    return policy;
  }

  *#fitting({ skuId, category, locationId, groups }: PolicyShelf): Generator<PolicyRule> {
    const scopes = [
      { locationId, group: null },
      ...[...groups].sort().map((group) => ({ locationId: null, group })),
      { locationId: null, group: null },
    ];
    const things = [
      { skuId, category: null },
      ...ancestors(category).map((c) => ({ skuId: null, category: c })),
      { skuId: null, category: null },
    ];
    for (const thing of things) {
      for (const scope of scopes) {
        const rule = this.#rules.get(keyOf({ ...thing, ...scope }));
        if (rule !== undefined) yield rule;
      }
    }
  }
}

/** 'a/b/c' → 'a/b/c', 'a/b', 'a'. */
function ancestors(category: string): string[] {
  const parts = category.split('/').filter((part) => part !== '');
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('/'));
}

/** The service target of a class. */
export function targetOf(policy: Settings, abc: AbcClass): { measure: ServiceMeasure; level: number } {
  const level = { A: policy.serviceA, B: policy.serviceB, C: policy.serviceC }[abc];
  return { measure: policy.measure, level };
}

/** Monday 5 January 1970. */
const FIRST_MONDAY = 4;

/** Whether a day (YYYY-MM-DD, local) is a review day, and how many days it is from there to the next one. */
export function reviewOn(review: Review, day: string): { due: boolean; reviewDays: number } {
  const number = dayNumber(day) - FIRST_MONDAY;
  if (review.weekdays.length === 0) {
    return { due: number % review.days === 0, reviewDays: review.days };
  }
  const weekday = (((number % 7) + 7) % 7) + 1;
  const ahead = review.weekdays.map((w) => ((w - weekday + 6) % 7) + 1);
  return { due: review.weekdays.includes(weekday), reviewDays: Math.min(...ahead) };
}
