// What a shelf needs: its level by policy and target, less its position, as terms that add up to the quantity.

import type { Settings } from './policy';

/** What each term of an explanation stands for, in the order in which they are listed. */
export const TERM_KINDS = [
  'FORECAST',
  'SAFETY_STOCK',
  'SHOPS_FORECAST',
  'SHOPS_STOCK',
  'PRESENTATION',
  'FIXED_LEVEL',
  'ON_HAND',
  'RESERVED',
  'STAGED',
  'QUARANTINE',
  'ON_ORDER',
  'APPROVED',
  'TRANSFERS_IN',
  'RETURNS',
  'UP_TO_MAXIMUM',
  'ORDER_QUANTITY',
  'WHOLE_UNITS',
  'PACK_SIZE',
  'MINIMUM_ORDER',
  'CAPACITY',
  'SOURCE',
  'BUDGET',
  'MOST_UNITS',
] as const;
export type TermKind = (typeof TERM_KINDS)[number];

/** Units that a term adds to the quantity (less than 0: subtracts), and why. The sum of all terms is the quantity. */
export interface Term {
  kind: TermKind;
  units: number;
  description: string;
}

/** Units on hand and on their way; `positionOf` is the part that serves future demand. */
export interface Stock {
  available: number;
  /** Reserved for customers and still on the shelf, without expired reservations. */
  reserved: number;
  staged: number;
  quarantine: number;
  /** Still to come from suppliers, as far as it comes within the interval. */
  onOrder: number;
  /** Approved proposals whose purchase order is still a draft. */
  approved: number;
  /** Planned and on its way from other locations. */
  transfersIn: number;
  /** Resaleable units that are expected back from customers within the interval. */
  returns: number;
}

/** The inventory position: units that will serve demand that is still to come. */
export function positionOf(stock: Stock): number {
  return stock.available + stock.onOrder + stock.approved + stock.transfersIn + stock.returns;
}

/** Result of the demand side: see `orderUpTo`. */
export interface Target {
  /** Order-up-to level of the forecast alone. */
  level: number;
  /** Expected demand over lead time and review period. */
  mean: number;
}

/** For a warehouse: what the shops that it supplies will want beyond what they have. */
export interface Echelon {
  /** Units that the shops' demand adds to the level. */
  demand: number;
  /** Units that the shops have or get, as far as their own demand uses them. */
  stock: number;
  shops: number;
}

export interface NeedInput {
  policy: Settings;
  target: Target;
  stock: Stock;
  /** Units of a usual order where (s, Q) and (s, S) leave it open. */
  usualQuantity: number;
  echelon?: Echelon | null;
}

/** What is needed, before packs and limits. */
export interface Need {
  /** Units that the position is compared with: S, or s of (s, Q) and (s, S). */
  level: number;
  position: number;
  /** Whole units to get; 0: nothing is needed. */
  units: number;
  /** Units that the shelf still has room for; null: no limit. */
  room: number | null;
  terms: Term[];
}

/** Quantities of one proposal at most. */
export const MOST_UNITS = 1_000_000;

/** Thousandths of units: the precision of an explanation, so that its terms add up exactly. */
export const rounded = (units: number): number => Math.round(units * 1_000) / 1_000;

/** Adds terms up; rounded to thousandths, so that floating point noise is not shown. */
export const sumOfTerms = (terms: readonly Term[]): number =>
  rounded(terms.reduce((sum, term) => sum + term.units, 0));

/**
 * What a shelf needs by its policy: (R, S) raises the position to the level; (s, Q) and (s, S) order Q, or up to S, once
 * it is below s (at s, where the planner has set it) (Silver, Pyke & Thomas 2017, ch. 6.3).
 */
export function needOf({ policy, target, stock, usualQuantity, echelon = null }: NeedInput): Need {
  const terms = levelTerms(policy, target, echelon);
  const level = sumOfTerms(terms);
  terms.push(...stockTerms(stock));
  // The shops' stock is already netted against their demand in the level.
  const position = rounded(positionOf(stock));
  const short = rounded(level - position);
  const fixed = policy.kind !== 'ORDER_UP_TO' && policy.reorderPoint !== null;
  const wanted = fixed ? short >= 0 : short > 0;
  if (wanted && policy.kind === 'MIN_MAX') {
    const top = Math.max(level, policy.maximum ?? level + usualQuantity);
    if (top > level)
      terms.push({
        kind: 'UP_TO_MAXIMUM',
        units: rounded(top - level),
        description: `once ordered, up to ${units(top)}`,
      });
  }
  if (wanted && policy.kind === 'REORDER_POINT') {
    const lot = policy.orderQuantity ?? Math.max(1, Math.ceil(usualQuantity));
    const lots = fixed ? Math.floor(short / lot + 1e-9) + 1 : Math.ceil(short / lot - 1e-9);
    const description = lots === 1 ? `one order quantity of ${lot}` : `${lots} order quantities of ${lot}`;
    terms.push({ kind: 'ORDER_QUANTITY', units: rounded(lots * lot - short), description });
  }
  const raw = sumOfTerms(terms);
  const whole = wanted && raw > 0 ? Math.ceil(raw) : 0;
  if (whole > raw && whole > 0)
    terms.push({ kind: 'WHOLE_UNITS', units: rounded(whole - raw), description: 'whole units' });
  return { level, position, units: whole, room: roomOf(policy, stock), terms };
}

function levelTerms(policy: Settings, target: Target, echelon: Echelon | null): Term[] {
  if (policy.kind !== 'ORDER_UP_TO' && policy.reorderPoint !== null) {
    return [
      { kind: 'FIXED_LEVEL', units: policy.reorderPoint, description: 'the reorder point of the policy' },
    ];
  }
  const mean = rounded(target.mean);
  const safety = rounded(target.level - mean);
  const terms: Term[] = [
    { kind: 'FORECAST', units: mean, description: 'expected demand over lead time and review period' },
    { kind: 'SAFETY_STOCK', units: safety, description: 'safety stock, for the service target' },
  ];
  if (echelon !== null) {
    const shops = `${echelon.shops} ${echelon.shops === 1 ? 'location' : 'locations'} supplied from here`;
    terms.push(
      {
        kind: 'SHOPS_FORECAST',
        units: rounded(echelon.demand),
        description: `demand and safety of ${shops}`,
      },
      { kind: 'SHOPS_STOCK', units: -rounded(echelon.stock), description: 'what they have or get' },
    );
  }
  const lift = rounded(Math.max(0, policy.presentationMinimum - Math.max(0, safety)));
  if (lift > 0) {
    const description = `the shelf is never to show fewer than ${policy.presentationMinimum}`;
    terms.push({ kind: 'PRESENTATION', units: lift, description });
  }
  return terms;
}

function stockTerms(stock: Stock): Term[] {
  const onHand = stock.available + stock.reserved + stock.staged + stock.quarantine;
  const all: Term[] = [
    { kind: 'ON_HAND', units: -onHand, description: 'on hand' },
    { kind: 'RESERVED', units: stock.reserved, description: 'of which promised to customers or locations' },
    { kind: 'STAGED', units: stock.staged, description: 'of which picked and waiting for customers' },
    { kind: 'QUARANTINE', units: stock.quarantine, description: 'of which not for sale' },
    { kind: 'ON_ORDER', units: -stock.onOrder, description: 'still to come from suppliers in time' },
    {
      kind: 'APPROVED',
      units: -stock.approved,
      description: 'approved before, its purchase order not placed yet',
    },
    { kind: 'TRANSFERS_IN', units: -stock.transfersIn, description: 'on its way from other locations' },
    { kind: 'RETURNS', units: -rounded(stock.returns), description: 'resaleable returns expected in time' },
  ];
  return all.filter((term) => term.kind === 'ON_HAND' || term.units !== 0);
}

function roomOf(policy: Settings, stock: Stock): number | null {
  if (policy.shelfCapacity === null) return null;
  const onHand = stock.available + stock.reserved + stock.staged + stock.quarantine;
  const coming = stock.onOrder + stock.approved + stock.transfersIn;
  return Math.max(0, policy.shelfCapacity - onHand - coming);
}

/** How a supplier sells a SKU. */
export interface Packs {
  packSize: number;
  minimumOrder: number;
}

/** A quantity with the terms that make it of a need. */
export interface OrderableQuantity {
  quantity: number;
  terms: Term[];
}

/**
 * Makes a need orderable: up to whole packs and the minimum order, then down again to the capacity of the shelf, in packs.
 * 0 when not even the least order has room.
 */
export function orderable(need: Need, { packSize, minimumOrder }: Packs): OrderableQuantity {
  const terms = [...need.terms];
  let quantity = need.units;
  if (quantity === 0) return { quantity, terms };
  const to = (kind: TermKind, units: number, description: string): void => {
    if (units !== quantity) terms.push({ kind, units: units - quantity, description });
    quantity = units;
  };
  const packs = (n: number): number => Math.ceil(n / packSize) * packSize;
  to('PACK_SIZE', packs(quantity), `in packs of ${packSize}`);
  const least = packs(minimumOrder);
  if (quantity < least) to('MINIMUM_ORDER', least, `the supplier sells no fewer than ${minimumOrder}`);
  const most = Math.floor(Math.min(need.room ?? MOST_UNITS, MOST_UNITS) / packSize) * packSize;
  if (quantity > most) {
    const fits = most < least ? 0 : most;
    if (need.room !== null && need.room < MOST_UNITS)
      to('CAPACITY', fits, `the shelf has room for ${need.room} more`);
    else to('MOST_UNITS', fits, `no proposal is for more than ${MOST_UNITS}`);
  }
  return { quantity, terms };
}

/** Makes a need of what another location can spare: single units, up to the capacity of the shelf. */
export function transferable(need: Need, surplus: number, from: string): OrderableQuantity {
  const { quantity, terms } = orderable(need, { packSize: 1, minimumOrder: 1 });
  if (quantity <= surplus) return { quantity, terms };
  const description = `${from} can spare ${surplus}`;
  return { quantity: surplus, terms: [...terms, { kind: 'SOURCE', units: surplus - quantity, description }] };
}

const units = (n: number): string => `${rounded(n)}`;
