// Rules of stock changes: reasons and where units go, shortages, and how a count is judged.

import { type Caller, seesNumbers } from '../../access/rules/roles';
import { type Refused, refusal, refuse } from '../../refusals';
import type { Inside, Level, Move, MoveReason, Outside } from './units';

/** Units requested of a shelf and available there, as they were at the decision. */
export interface Shortage {
  sku: string;
  location: string;
  requested: number;
  available: number;
}

/** A counted line whose book quantity differs from the expected one. */
export interface StaleLine {
  sku: string;
  location: string;
  expected: number;
  actual: number;
}

/** A counted line with fewer units than are promised from that shelf. */
export interface OverpromisedLine {
  sku: string;
  location: string;
  reserved: number;
  counted: number;
}

declare module '../../refusals' {
  interface RefusalFacts {
    /** Fewer units than requested, in the requested bucket. `available` is null for callers who may not see numbers. */
    NotEnoughStock: { bucket: Inside; lines: (Omit<Shortage, 'available'> & { available: number | null })[] };
    /** The refusal of a count whose shelf changed since its book quantity was read. */
    StaleCount: { lines: StaleLine[] };
    /** Fewer units counted than are promised to customers and transfers. */
    ReservedExceedsCount: { lines: OverpromisedLine[] };
  }
}

/** Maximum number of lines that a message lists; the facts contain all of them. */
const MAX_LISTED = 5;

function listLines<T>(lines: readonly T[], describe: (line: T) => string): string {
  const rest = lines.length - MAX_LISTED;
  return lines.slice(0, MAX_LISTED).map(describe).join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}

const BUCKET_WORDS: Record<Inside, string> = {
  AVAILABLE: 'free',
  RESERVED: 'reserved',
  STAGED: 'staged',
  QUARANTINE: 'in quarantine',
  IN_TRANSIT: 'on their way',
};

/**
 * The one refusal for every shortage. `available` is what the decision was based on: units in `bucket`,
 * less safety stock where that applied. Storefronts see the lines, never the numbers of units.
 */
export function notEnoughStock(
  actor: Caller,
  lines: readonly Shortage[],
  bucket: Inside = 'AVAILABLE',
): Refused {
  const numbers = seesNumbers(actor);
  const problem = numbers
    ? listLines(
        lines,
        (l) =>
          `${l.location} has ${l.available} ${l.sku} ${BUCKET_WORDS[bucket]} of the ${l.requested} requested`,
      )
    : listLines(lines, (l) => `${l.location} does not have the ${l.requested} ${l.sku} requested`);
  return refusal('NotEnoughStock', `${problem}; request fewer, or request them at another location.`, {
    bucket,
    lines: lines.map(({ sku, location, requested, available }) => ({
      sku,
      location,
      requested,
      available: numbers ? available : null,
    })),
  });
}

/** Refuses when any of these lines requests more than is available. @throws Refused NotEnoughStock naming the short ones */
export function refuseShortfall(actor: Caller, lines: readonly Shortage[], bucket?: Inside): void {
  const short = lines.filter((l) => l.requested > l.available);
  if (short.length > 0) throw notEnoughStock(actor, short, bucket);
}

/** Maximum units of one bucket of one shelf; more is a typing error, and PostgreSQL's integer ends at twice this. */
export const MAX_ON_SHELF = 1_000_000_000;

/** Checks that units coming in still fit in a bucket. @throws Refused InvalidInput */
export function checkRoom(inBucket: number, coming: number, path: string): void {
  if (inBucket + coming > MAX_ON_SHELF) {
    refuse(
      'InvalidInput',
      `${path} would make ${inBucket + coming} units in one bucket; at most ${MAX_ON_SHELF} can be stored.`,
      { path },
    );
  }
}

export const ADJUST_REASONS = ['DAMAGED', 'LOST', 'FOUND', 'SOLD', 'OTHER'] as const;
export type AdjustReason = (typeof ADJUST_REASONS)[number];

// `signs` are the directions that a reason can mean.
const ADJUST: Record<AdjustReason, { signs: readonly number[]; outside: Outside; reason: MoveReason }> = {
  DAMAGED: { signs: [-1], outside: 'SHRINKAGE', reason: 'DAMAGED' },
  LOST: { signs: [-1], outside: 'SHRINKAGE', reason: 'LOST' },
  FOUND: { signs: [1], outside: 'SHRINKAGE', reason: 'FOUND' },
  SOLD: { signs: [-1], outside: 'CUSTOMER', reason: 'SOLD' },
  OTHER: { signs: [-1, 1], outside: 'SHRINKAGE', reason: 'ADJUSTED' },
};

/** Checks that a signed change can have this reason. @throws Refused InvalidInput */
export function checkAdjustment(delta: number, reason: AdjustReason, path: string): void {
  const { signs } = ADJUST[reason];
  if (!signs.includes(Math.sign(delta))) {
    const right = signs[0] === 1 ? 'positive' : 'negative';
    const hint = reason === 'SOLD' ? ' Goods that come back are a return.' : '';
    refuse('InvalidInput', `${path} is ${delta}; with the reason ${reason} it must be ${right}.${hint}`, {
      path,
    });
  }
}

/** A move of units from bucket to bucket, without its SKU and location. */
export type BucketChange = Pick<Move, 'from' | 'to' | 'quantity' | 'reason'>;

/** A signed change of what is AVAILABLE, as a move. */
export function adjustment(delta: number, reason: AdjustReason): BucketChange {
  const { outside, reason: why } = ADJUST[reason];
  return delta < 0
    ? { from: 'AVAILABLE', to: outside, quantity: -delta, reason: why }
    : { from: outside, to: 'AVAILABLE', quantity: delta, reason: why };
}

/** The difference found by a count, as a move. */
export function correction(difference: number): BucketChange {
  return { ...adjustment(difference, 'OTHER'), reason: 'COUNTED' };
}

/** Where goods go that leave quarantine. */
export const QUARANTINE_EXITS = ['RESTOCK', 'SCRAP', 'RETURN_TO_VENDOR'] as const;
export type QuarantineExit = (typeof QUARANTINE_EXITS)[number];

const EXITS: Record<QuarantineExit, { to: Move['to']; reason: MoveReason }> = {
  RESTOCK: { to: 'AVAILABLE', reason: 'RELEASED_FROM_QUARANTINE' },
  SCRAP: { to: 'SHRINKAGE', reason: 'SCRAPPED' },
  RETURN_TO_VENDOR: { to: 'SUPPLIER', reason: 'RETURNED_TO_VENDOR' },
};

/** Goods leaving quarantine, as a move. */
export function leaveQuarantine(quantity: number, exit: QuarantineExit): BucketChange {
  return { from: 'QUARANTINE', ...EXITS[exit], quantity };
}

/** A difference needs approval when it is more units than this … */
export const COUNT_APPROVAL_UNITS = 10;
/** … and also more than this share of the book quantity, so that small shares and small numbers need none. */
export const COUNT_APPROVAL_SHARE = 0.2;

/** Units that should be on the shelf itself: staged goods are at the counter, quarantined ones are kept apart. */
export function onShelf(level: Level): number {
  return level.available + level.reserved;
}

/** A count compared with the level: units too many (+) or missing (−), and whether it needs approval. */
export function judgeCount(expected: number, counted: number): { difference: number; big: boolean } {
  const difference = counted - expected;
  const size = Math.abs(difference);
  return { difference, big: size > COUNT_APPROVAL_UNITS && size > COUNT_APPROVAL_SHARE * expected };
}

/** Whether the caller may approve big differences; their own counts then need no approval. */
export function mayApproveCounts(actor: Caller): boolean {
  return actor.role === 'PLANNER' || actor.role === 'ADMIN';
}

/** The refusal of a count whose shelf changed since its book quantity was read. */
export function staleCount(lines: readonly StaleLine[]): Refused {
  const problem = listLines(lines, (l) => `${l.sku} at ${l.location} has ${l.actual}, not ${l.expected}`);
  return refusal('StaleCount', `${problem}; check the shelf and count again with the new number.`, {
    lines: [...lines],
  });
}

/** The refusal of a count of fewer units than are promised. */
export function reservedExceedsCount(lines: readonly OverpromisedLine[]): Refused {
  const problem = listLines(
    lines,
    (l) => `${l.counted} ${l.sku} counted at ${l.location}, but ${l.reserved} are promised from there`,
  );
  const advice =
    'count again; if it is right, first short-pick the orders or release the reservations that need them';
  return refusal('ReservedExceedsCount', `${problem}; ${advice}.`, { lines: [...lines] });
}

/** Where a safety stock comes from, finest rule first; NONE: no rule, no safety stock. */
export const SAFETY_SOURCES = [
  'SKU_LOCATION_CHANNEL',
  'SKU_LOCATION',
  'SKU_CHANNEL',
  'SKU',
  'LOCATION_CHANNEL',
  'LOCATION',
  'CHANNEL',
  'DEFAULT',
  'NONE',
] as const;
export type SafetySource = (typeof SAFETY_SOURCES)[number];
