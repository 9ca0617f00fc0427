// Columns and rules of returns: windows, quantities, and the buckets their units move to.

import { DateTime } from 'luxon';
import { checkStorable, checkText, type Refused, refusal } from '../refusals';
import { leaveQuarantine } from '../stock/rules/changes';
import type { Bucket, MoveReason } from '../stock/rules/units';
import { document, type PersonalData } from '../values/document';
import { documentNumber } from '../values/text';

export type ReturnStatus = 'REQUESTED' | 'RECEIVED' | 'REJECTED';

/** The states in which each command is allowed; otherwise WrongState. */
export const RETURN_STARTS = {
  // One that was received goes on taking parcels while announced units are still missing.
  receive: ['REQUESTED', 'RECEIVED'],
  reject: ['REQUESTED'],
} as const satisfies Record<string, readonly ReturnStatus[]>;

/** Where a unit that came back goes. */
export type Disposition = 'RESTOCK' | 'QUARANTINE' | 'SCRAP' | 'RETURN_TO_VENDOR';

declare module '../values/document' {
  interface SqlTypes {
    return_status: ReturnStatus;
    disposition: Disposition;
  }
}

/** Personal data in reasons of returns: a text about the goods is often about the customer as well. */
function returnReason(purpose: string, exported: string): PersonalData {
  return {
    purpose,
    exported,
    erased: 'erased',
    legalBasis: 'CONTRACT',
    retention: 'RETURN',
  };
}

export const RETURN = document('customer_return', {
  id: { sql: 'uuid', inserted: true, locked: true },
  number: {
    sql: 'text',
    inserted: `'R-' || opaque_number('return', nextval('return_number'))`,
    locked: true,
    personal: 'code',
    field: { description: 'Number for people (R-…). Numbers are not sequential.' },
  },
  ownerId: { sql: 'int', inserted: true },
  locationId: { sql: 'int', inserted: true, locked: true },
  orderId: { sql: 'uuid', nullable: true, inserted: true },
  receiptNumber: {
    sql: 'text',
    column: 'receipt',
    nullable: true,
    maxLength: 64,
    inserted: true,
    personal: 'code',
    field: { name: 'receipt', description: 'Number of the till receipt; null for an order.' },
  },
  soldAt: {
    sql: 'timestamptz',
    inserted: true,
    field: { description: 'When the customer received the goods.' },
  },
  status: {
    sql: 'return_status',
    inserted: true,
    locked: true,
    field: { description: 'State of the return.' },
  },
  rejectReason: {
    sql: 'text',
    nullable: true,
    maxLength: 200,
    personal: returnReason('why the return was rejected, as a text for the customer', 'returns.rejectReason'),
    field: { description: 'Why it was rejected.' },
  },
  receivedWithId: { sql: 'uuid', nullable: true },
  createdAt: { sql: 'timestamptz', inserted: '$2::timestamptz', locked: true, field: {} },
  closedAt: {
    sql: 'timestamptz',
    nullable: true,
    inserted: true,
    field: { description: 'When it was received or rejected.' },
  },
});

export const RETURN_LINE = document('return_line', {
  returnId: { sql: 'uuid' },
  line: { sql: 'int' },
  skuId: { sql: 'int' },
  quantity: { sql: 'int', field: { description: 'Number of units.' } },
  reason: {
    sql: 'text',
    maxLength: 200,
    personal: returnReason('why the goods come back, in the customer’s words', 'returns.lines.reason'),
    field: { description: 'Why it is returned, in the customer’s words.' },
  },
  disposition: {
    sql: 'disposition',
    nullable: true,
    field: { description: 'What happens to the units; null for an announced line.' },
  },
  covered: { sql: 'int' },
});

export const RETURN_LIMITS = {
  /** Receipts older than the longest return window there can be are not looked at. */
  receiptDays: 3_650,
} as const;

/** The number of a till's receipt in its one form, however it was typed or scanned. @throws Refused InvalidInput */
export function receiptNumber(typed: string, path: string): string {
  checkStorable(typed, path);
  const number = documentNumber(typed);
  checkText(number, path, RETURN.columns.receiptNumber.maxLength);
  return number;
}

/** What was announced within its window may still arrive this many days after, as parcels take time. */
export const ANNOUNCED_DAYS = 14;

declare module '../refusals' {
  interface RefusalFacts {
    /** The SKU was sold without a right of return: its return window was 0 days. */
    NotReturnable: { sku: string };
    /** Too late: `lastDay` was the last day, in the time zone of the location. */
    ReturnWindowClosed: { sku: string; soldAt: string; lastDay: string };
    /** More than was bought and is not back yet. */
    TooManyReturned: { sku: string; requested: number; returnable: number };
  }
}

/** One SKU of what was bought: units that left, and how many of them came back (or are announced to). */
export interface Bought {
  sold: number;
  returned: number;
}

/** A day and a number of days, in a time zone: the calendar day so many days later, YYYY-MM-DD. */
function dayAfter(instant: Date, timeZone: string, days: number): string {
  return DateTime.fromJSDate(instant, { zone: timeZone }).plus({ days }).toISODate()!;
}

/** The window of one purchase. */
export interface ReturnWindow {
  soldAt: Date;
  timeZone: string;
  /** When these goods were announced, if they were. */
  announcedAt: Date | null;
}

/**
 * The last day on which a SKU may come back: its window counts whole days of the location from the day of sale, and the
 * last one is still in it. Announced in time, it has ANNOUNCED_DAYS from then on, when that is longer.
 */
export function lastDay({ soldAt, timeZone, announcedAt }: ReturnWindow, windowDays: number): string {
  const regular = dayAfter(soldAt, timeZone, windowDays);
  if (announcedAt === null) return regular;
  const extended = dayAfter(announcedAt, timeZone, ANNOUNCED_DAYS);
  // Written year first, days sort as text.
  return [regular, extended].sort()[1]!;
}

/** Whether the return window of a SKU is still open; one of 0 days never was. */
export function isStillReturnable(now: Date, window: ReturnWindow, windowDays: number): boolean {
  return windowDays > 0 && dayAfter(now, window.timeZone, 0) <= lastDay(window, windowDays);
}

/** A SKU of a return: its window at the sale (0 days: never) and the units requested, over all its lines. */
export interface ReturnRequest {
  sku: string;
  windowDays: number;
  requested: number;
  bought: Bought;
}

/** The refusal of a return of this SKU now, or null. */
export function returnProblem(now: Date, window: ReturnWindow, request: ReturnRequest): Refused | null {
  const { sku, requested, bought, windowDays } = request;
  if (windowDays === 0) {
    const message = `${sku} was sold without a right of return (returnWindowDays 0); it cannot be returned.`;
    return refusal('NotReturnable', message, { sku });
  }
  const returnable = Math.max(0, bought.sold - bought.returned);
  if (requested > returnable) {
    const message = `${requested} ${sku} are too many: ${bought.sold} were bought and ${bought.returned} are back already, so ${returnable} can be returned.`;
    return refusal('TooManyReturned', message, { sku, requested, returnable });
  }
  if (isStillReturnable(now, window, windowDays)) return null;
  const last = lastDay(window, windowDays);
  const message = `The last day to bring ${sku} back was ${last}; it cannot be returned any more.`;
  return refusal('ReturnWindowClosed', message, { sku, soldAt: window.soldAt.toISOString(), lastDay: last });
}

/** One move of units, without its SKU and location. */
export interface ReturnStep {
  from: Bucket;
  to: Bucket;
  quantity: number;
  reason: MoveReason;
}

/**
 * The moves of returned units. Units that do not stay pass through QUARANTINE, so that the ledger of the location shows them.
 */
export function returnSteps(disposition: Disposition, quantity: number): ReturnStep[] {
  const to = disposition === 'RESTOCK' ? 'AVAILABLE' : 'QUARANTINE';
  const back: ReturnStep = { from: 'CUSTOMER', to, quantity, reason: 'RETURNED' };
  if (disposition === 'RESTOCK' || disposition === 'QUARANTINE') return [back];
  return [back, leaveQuarantine(quantity, disposition)];
}

/** An open announcement: units by SKU that are still to come. */
export interface Announcement {
  id: string;
  units: ReadonlyMap<number, number>;
}

/** Units of announced SKUs that came with another return. */
export interface Covered {
  id: string;
  skuId: number;
  units: number;
}

/**
 * Which units of a purchase's announcements are covered by goods that came without naming them, the oldest announcement
 * first; `done` are the completed ones.
 */
export function coverAnnouncements(
  announcements: readonly Announcement[],
  brought: ReadonlyMap<number, number>,
): { covered: Covered[]; done: string[] } {
  const left = new Map(brought);
  const covered: Covered[] = [];
  const done: string[] = [];
  for (const { id, units } of announcements) {
    const taken = [...units].map(([skuId, announced]) => ({
      id,
      skuId,
      units: Math.min(announced, left.get(skuId) ?? 0),
      announced,
    }));
    for (const it of taken) left.set(it.skuId, (left.get(it.skuId) ?? 0) - it.units);
    covered.push(...taken.filter((it) => it.units > 0).map(({ announced: _all, ...it }) => it));
    if (taken.some((it) => it.units > 0) && taken.every((it) => it.units === it.announced)) done.push(id);
  }
  return { covered, done };
}
