// Rules of stock changes: reasons and where units go, shortages, and how a count is judged.

import { type Caller, seesNumbers } from '../../access/rules/roles';
import { type Refused, refusal, refuse } from '../../refusals';
import type { Inside, Level, Move, MoveReason, Outside } from './units';

/** What was asked of a shelf and what was there, as the decision saw it. */
export interface Shortage {
  sku: string;
  location: string;
  requested: number;
  available: number;
}

/** A counted line that was not what the counter expected the books to say. */
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
    /** Fewer units than requested, in the bucket they were asked of. `available` is null for who may not see numbers. */
    NotEnoughStock: { bucket: Inside; lines: (Omit<Shortage, 'available'> & { available: number | null })[] };
    /** The shelf moved since the counter looked. */
    StaleCount: { lines: StaleLine[] };
    /** Fewer units counted than are promised to customers and transfers. */
    ReservedExceedsCount: { lines: OverpromisedLine[] };
  }
}

/** Lines that a message spells out; the facts carry all of them. */
const SPELLED_OUT = 5;

function spell<T>(lines: readonly T[], say: (line: T) => string): string {
  const rest = lines.length - SPELLED_OUT;
  return lines.slice(0, SPELLED_OUT).map(say).join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}

const WHERE: Record<Inside, string> = {
  AVAILABLE: 'free',
  RESERVED: 'reserved',
  STAGED: 'staged',
  QUARANTINE: 'in quarantine',
  IN_TRANSIT: 'on their way',
};

/**
 * The one refusal for every shortage. `available` is what the decision was taken on: units in `bucket`,
 * after safety stock where that applied. Front ends see which lines, never how many units were left.
 */
export function notEnoughStock(
  actor: Caller,
  lines: readonly Shortage[],
  bucket: Inside = 'AVAILABLE',
): Refused {
  const numbers = seesNumbers(actor);
  const said = numbers
    ? spell(
        lines,
        (l) => `${l.location} has ${l.available} ${l.sku} ${WHERE[bucket]} of the ${l.requested} asked for`,
      )
    : spell(lines, (l) => `${l.location} does not have the ${l.requested} ${l.sku} asked for`);
  return refusal('NotEnoughStock', `${said}; ask for fewer, or somewhere else.`, {
    bucket,
    lines: lines.map(({ sku, location, requested, available }) => ({
      sku,
      location,
      requested,
      available: numbers ? available : null,
    })),
  });
}

/** Refuses when any of these lines asks for more than is there. @throws Refused NotEnoughStock naming the short ones */
export function refuseShortfall(actor: Caller, lines: readonly Shortage[], bucket?: Inside): void {
  const short = lines.filter((l) => l.requested > l.available);
  if (short.length > 0) throw notEnoughStock(actor, short, bucket);
}

/** Units one bucket of one shelf may hold; what is more is a typing mistake, and PostgreSQL's integer ends at twice this. */
export const MAX_ON_SHELF = 1_000_000_000;

/** Checks that units coming in still fit in a bucket. @throws Refused InvalidInput */
export function checkRoom(inBucket: number, coming: number, path: string): void {
  if (inBucket + coming > MAX_ON_SHELF) {
    refuse(
      'InvalidInput',
      `${path} would make ${inBucket + coming} units in one place; at most ${MAX_ON_SHELF} can be kept.`,
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

/** A way of units from bucket to bucket, before it is known whose they are. */
export type BucketChange = Pick<Move, 'from' | 'to' | 'quantity' | 'reason'>;

/** A signed change of what is AVAILABLE, as a move. */
export function adjustment(delta: number, reason: AdjustReason): BucketChange {
  const { outside, reason: why } = ADJUST[reason];
  return delta < 0
    ? { from: 'AVAILABLE', to: outside, quantity: -delta, reason: why }
    : { from: outside, to: 'AVAILABLE', quantity: delta, reason: why };
}

/** The change that a count found, as a move. */
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

/** A difference needs a second pair of eyes when it is more units than this … */
export const COUNT_APPROVAL_UNITS = 10;
/** … and also more than this share of what the books had, so that neither a pallet of screws nor a lone lamp does. */
export const COUNT_APPROVAL_SHARE = 0.2;

/** What should stand on the shelf itself: staged goods wait at the counter, quarantined ones are kept apart. */
export function onShelf(level: Level): number {
  return level.available + level.reserved;
}

/** A count against the books: units too many (+) or missing (−), and whether that is for someone else to approve. */
export function judgeCount(expected: number, counted: number): { difference: number; big: boolean } {
  const difference = counted - expected;
  const size = Math.abs(difference);
  return { difference, big: size > COUNT_APPROVAL_UNITS && size > COUNT_APPROVAL_SHARE * expected };
}

/** Who approves big differences, and so has no need to wait for it. */
export function mayApproveCounts(actor: Caller): boolean {
  return actor.role === 'PLANNER' || actor.role === 'ADMIN';
}

/** The shelf moved since the counter looked. */
export function staleCount(lines: readonly StaleLine[]): Refused {
  const said = spell(lines, (l) => `${l.sku} at ${l.location} stands at ${l.actual}, not ${l.expected}`);
  return refusal('StaleCount', `${said}; look at the shelf again and count with the new number.`, {
    lines: [...lines],
  });
}

/** Fewer units counted than are promised. */
export function reservedExceedsCount(lines: readonly OverpromisedLine[]): Refused {
  const said = spell(
    lines,
    (l) => `${l.counted} ${l.sku} counted at ${l.location}, but ${l.reserved} are promised from there`,
  );
  const advice =
    'count again; if it is right, first short-pick the orders or release the holds that want them';
  return refusal('ReservedExceedsCount', `${said}; ${advice}.`, { lines: [...lines] });
}

/** Where a safety stock comes from, finest rule first; NONE: no rule, nothing is kept back. */
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
