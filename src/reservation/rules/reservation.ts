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

/** The INSERT is written by hand, because thousands of reservations are made per second. */
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
      legalBasis: 'CONTRACT',
      retention: 'RESERVATION',
      exported: { onlyBy: 'exportCustomer' },
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
  /** Number of times it was extended. */
  extensions: { sql: 'int', locked: true },
  /** Since when its holder has had units without a pause; null: since it was made. */
  heldSince: { sql: 'timestamptz', nullable: true },
});

export const RESERVATION_LIMITS = {
  /** Life of a reservation when the client names none: about one checkout. */
  defaultHoldMinutes: 15,
  minHoldMinutes: 1,
  maxHoldMinutes: 1_440,
  /** A reservation ends at the latest this long after it was made, however often it is extended. */
  maxLifeMinutes: 4_320,
  /** Maximum number of reservations that one transaction of the sweep ends. */
  sweepBatch: 500,
} as const;

/** Codes of SKUs and locations are shorter; a longer text is not looked up. */
export const MAX_CODE_LENGTH = 100;

/** Whether a reservation has expired: it does not count from the instant of `expiresAt` on, swept or not. */
export function isPast(expiresAt: Date, now: Date): boolean {
  return expiresAt.getTime() <= now.getTime();
}

/** The status as everyone must see it: an ACTIVE reservation past its time is EXPIRED even before it is swept. */
export function statusAt(
  reservation: { status: ReservationStatus; expiresAt: Date },
  now: Date,
): ReservationStatus {
  return reservation.status === 'ACTIVE' && isPast(reservation.expiresAt, now)
    ? 'EXPIRED'
    : reservation.status;
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

/** The expiry of a reservation made at `now`. */
export function expiryOf(now: Date, holdMinutes: number): Date {
  return new Date(now.getTime() + holdMinutes * MINUTE_MS);
}

/**
 * The expiry of a reservation that is extended to `holdMinutes` from now; never earlier than before.
 * @throws Refused InvalidInput when it would outlive its longest life
 */
export function extendedUntil(
  reservation: { createdAt: Date; expiresAt: Date },
  now: Date,
  holdMinutes: number,
): Date {
  const until = expiryOf(now, holdMinutes);
  const last = expiryOf(reservation.createdAt, RESERVATION_LIMITS.maxLifeMinutes);
  if (until > last) {
    const left = Math.max(0, Math.floor((last.getTime() - now.getTime()) / MINUTE_MS));
    refuse(
      'InvalidInput',
      `holdMinutes is ${holdMinutes}; this reservation can last ${left} minutes more: ` +
        `none lasts longer than ${RESERVATION_LIMITS.maxLifeMinutes} minutes in all.`,
      { path: 'holdMinutes' },
    );
  }
  return new Date(Math.max(until.getTime(), reservation.expiresAt.getTime()));
}

/** One SKU of a basket beside what its shelf has, in units. */
export interface WantedLine {
  requested: number;
  /** In the AVAILABLE bucket, with those of reservations past their time. */
  free: number;
  /** In the current reservation of the same holder: available again, for this basket only. */
  own: number;
  /** Not promised through this channel. */
  safetyStock: number;
}

/** Units that a reservation takes of each line, in their order; null if it is refused. */
export type ReservationDecision = number[] | null;

/**
 * Decides a basket: all of it or nothing; with `allowPartial` the available units, and a refusal only when there are none.
 * A line that is not whole gets at most `mostInPart`, or what its holder has already: otherwise the granted units would
 * disclose the stock to callers who may not see numbers.
 */
export function decideReservation(
  lines: readonly WantedLine[],
  allowPartial: boolean,
  mostInPart = Number.POSITIVE_INFINITY,
): ReservationDecision {
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
  /** In the AVAILABLE bucket when it was decided, with the holder's own reservation. */
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
 * the holder is not in it: a retry sends it again, and the erasure of a customer finds it in one column only.
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
