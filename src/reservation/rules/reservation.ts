// Columns and rules of reservations: states, expiry, and how much of a basket a shelf can promise.

import { atpOf } from '../../availability/rules/shelf';
import { refuse } from '../../refusals';
import { document } from '../../values/document';
import { MINUTE_MS } from '../../values/time';

export type ReservationStatus = 'ACTIVE' | 'COMMITTED' | 'RELEASED' | 'EXPIRED';

declare module '../../values/document' {
  interface SqlTypes {
    reservation_status: ReservationStatus;
  }
}

/** The INSERT is written by hand: reservations are made by the thousand a second. */
export const RESERVATION = document('reservation', {
  id: { sql: 'uuid', locked: true },
  ownerId: { sql: 'int', locked: true },
  holder: {
    sql: 'text',
    nullable: true,
    maxLength: 200,
    locked: true,
    personal: {
      purpose: 'the storefront’s own id of a basket or visitor, which has one reservation a location',
      retention: 'as long as the reservation, or until the order that it became is erased',
      exported: { not: 'only the storefront knows whose id it is' },
      erased: null,
    },
    field: { description: 'The storefront’s own ID of the basket; null if it gave none.' },
  },
  locationId: { sql: 'int', locked: true },
  channel: {
    sql: 'text',
    locked: true,
    personal: 'code',
    field: { description: 'The sales channel it was promised to.' },
  },
  status: { sql: 'reservation_status', locked: true },
  expiresAt: { sql: 'timestamptz', locked: true, field: { description: 'When it expires.' } },
  certificate: { sql: 'jsonb', personal: 'facts' },
  createdAt: { sql: 'timestamptz', locked: true, field: {} },
  endedAt: { sql: 'timestamptz', nullable: true },
  units: { sql: 'int' },
  /** Times that it was extended. */
  extensions: { sql: 'int', locked: true },
  /** Since when its holder has had units without a pause; null: since it was made. */
  heldSince: { sql: 'timestamptz', nullable: true },
});

export const RESERVATION_LIMITS = {
  /** Life of a reservation when the client names none: about one checkout. */
  defaultHoldMinutes: 15,
  minHoldMinutes: 1,
  maxHoldMinutes: 1_440,
  /** However often it is extended, a reservation ends this long after it was made; what lasts longer is an order. */
  maxLifeMinutes: 4_320,
  /** Reservations that one transaction of the sweep ends. */
  sweepBatch: 500,
} as const;

/** Codes of SKUs and locations are shorter; what is longer is not looked up. */
export const MAX_CODE_LENGTH = 100;

/** A hold past its time does not count, swept or not. It ends at the very instant it names. */
export function isPast(expiresAt: Date, now: Date): boolean {
  return expiresAt.getTime() <= now.getTime();
}

/** The status as everyone must see it: an ACTIVE hold past its time is EXPIRED though nobody swept it yet. */
export function statusAt(hold: { status: ReservationStatus; expiresAt: Date }, now: Date): ReservationStatus {
  return hold.status === 'ACTIVE' && isPast(hold.expiresAt, now) ? 'EXPIRED' : hold.status;
}

/** @throws Refused InvalidInput when a reservation may not live that long */
export function checkHoldMinutes(minutes: number, path: string): void {
  const { minHoldMinutes: min, maxHoldMinutes: max } = RESERVATION_LIMITS;
  if (!Number.isInteger(minutes) || minutes < min || minutes > max) {
    refuse('InvalidInput', `${path} is ${minutes}; it must be a whole number from ${min} to ${max}.`, {
      path,
    });
  }
}

/** When a reservation made at `now` for so many minutes ends. */
export function expiryOf(now: Date, holdMinutes: number): Date {
  return new Date(now.getTime() + holdMinutes * MINUTE_MS);
}

/**
 * When a reservation ends that is extended to `holdMinutes` from now. Never earlier than it ended before.
 * @throws Refused InvalidInput when it would outlive its longest life
 */
export function extendedUntil(
  hold: { createdAt: Date; expiresAt: Date },
  now: Date,
  holdMinutes: number,
): Date {
  const until = expiryOf(now, holdMinutes);
  const last = expiryOf(hold.createdAt, RESERVATION_LIMITS.maxLifeMinutes);
  if (until > last) {
    const left = Math.max(0, Math.floor((last.getTime() - now.getTime()) / MINUTE_MS));
    refuse(
      'InvalidInput',
      `holdMinutes is ${holdMinutes}; this hold can live ${left} minutes more: ` +
        `none lives longer than ${RESERVATION_LIMITS.maxLifeMinutes} minutes in all.`,
      { path: 'holdMinutes' },
    );
  }
  return new Date(Math.max(until.getTime(), hold.expiresAt.getTime()));
}

/** One SKU of a basket beside what its shelf has, in units. */
export interface WantedLine {
  requested: number;
  /** In the AVAILABLE bucket, holds past their time counted as free. */
  free: number;
  /** Held by the same holder already: would come free, for this basket only. */
  own: number;
  /** Kept back from this channel. */
  safetyStock: number;
}

/** What a reservation takes of each line, in the order of the lines, or null when it is refused. */
export type HoldDecision = number[] | null;

/**
 * Decides a basket: all of it or nothing; with `allowPartial` what there is, and nothing only when there is nothing.
 * A line that is not whole gets at most `mostInPart`, or what its holder has already: whoever may not see numbers would
 * otherwise read them off what it is given.
 */
export function decideHold(
  lines: readonly WantedLine[],
  allowPartial: boolean,
  mostInPart = Number.POSITIVE_INFINITY,
): HoldDecision {
  const taken = lines.map((line) => {
    const atp = atpOf(line);
    return line.requested <= atp ? line.requested : Math.min(atp, Math.max(mostInPart, line.own));
  });
  const complete = taken.every((units, i) => units === lines[i]?.requested);
  if (complete || (allowPartial && taken.some((units) => units > 0))) return taken;
  return null;
}

/** One line of a certificate, in units: `remaining` = `wasAvailable` − `held`. */
export interface CertificateLine {
  skuId: number;
  requested: number;
  held: number;
  /** In the AVAILABLE bucket when it was decided, the holder's own hold counted as there. */
  wasAvailable: number;
  safetyStock: number;
  remaining: number;
  /** Ledger position of the shelf right after. */
  position: number;
}

/** What a reservation was decided on. `asOf` is an ISO instant. */
export interface Certificate {
  asOf: string;
  lines: CertificateLine[];
}

/**
 * A reservation that was just made, as JSON: it is ACTIVE, instants are ISO texts. It is kept as the answer for retries, so
 * the holder is not in it: whoever retries sends it again, and the erasure of a customer finds it in one place only.
 */
export interface Reserved {
  id: string;
  ownerId: number;
  locationId: number;
  channel: string;
  expiresAt: string;
  createdAt: string;
  certificate: Certificate;
}
