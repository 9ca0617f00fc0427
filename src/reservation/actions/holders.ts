// Totals of holders: units they have reserved and since when, read under their locks and kept as running totals of one batch.

import type { Command } from '../../access/actions/execute';
import { type BindingQuotas, totalsBy } from '../../access/queries/quotaTotals';
import { firstRefusal, overQuota, type StorefrontQuotas } from '../../access/rules/quotas';
import type { Tx } from '../../db/pool';
import type { Refused } from '../../refusals';
import { DAY_MS, MINUTE_MS } from '../../values/time';
import { expiryOf } from '../rules/reservation';

/** The totals of every storefront. ORDER BY forces the index without ended reservations, which are many more. */
const BY_ACTOR = `
  SELECT owner_id AS "actorId", count(*)::int AS documents, coalesce(sum(units), 0)::int AS units
  FROM (
    SELECT owner_id, units FROM reservation WHERE status = 'ACTIVE' AND expires_at > $1::timestamptz
    ORDER BY expires_at OFFSET 0) r
  GROUP BY owner_id`;

/** Totals of the reservations of every storefront. */
export const reservationTotals = totalsBy(BY_ACTOR);

/** The limits of these totals. */
export const totalLimits = (limits: StorefrontQuotas) => ({
  units: limits.STOREFRONT_UNITS,
  documents: limits.STOREFRONT_RESERVATIONS,
});

/** A holder of one storefront. */
export interface NamedHolder {
  ownerId: number;
  holder: string;
}

/** The reservations of a holder: units by location, and since when it has had any without a pause. */
export interface HolderReservations {
  byLocation: Map<number, number>;
  since: Date | null;
}

/** A holder that reserves again within so many minutes after its last reservation ended has not paused. */
const PAUSE_MINUTES = 10;

const RESERVED = `
  SELECT k.owner_id AS "ownerId", k.holder, r.location_id AS "locationId", r.units
  FROM unnest($1::int[], $2::text[]) AS k(owner_id, holder)
  CROSS JOIN LATERAL (
    SELECT location_id, units, expires_at FROM reservation h
    WHERE h.owner_id = k.owner_id AND h.holder = k.holder AND h.status = 'ACTIVE' OFFSET 0) r
  WHERE r.expires_at > $3`;

// The last reservation of each holder, by the index of holders; "+ 0" keeps the planner from the index of owners, who have
// many more. The ids are uuids of version 7: those below $4 are older than any reservation that can still be extended.
const SINCE = `
  SELECT k.owner_id AS "ownerId", k.holder, coalesce(l.held_since, l.created_at) AS since
  FROM unnest($1::int[], $2::text[]) AS k(owner_id, holder)
  CROSS JOIN LATERAL (
    SELECT * FROM reservation h
    WHERE h.holder = k.holder AND h.id > $4::uuid AND h.owner_id + 0 = k.owner_id
    ORDER BY h.holder DESC, h.id DESC LIMIT 1) l
  WHERE l.status <> 'COMMITTED' AND least(l.expires_at, coalesce(l.ended_at, l.expires_at)) > $3`;

/** Longer than the life of any reservation (`QUOTAS.RESERVATION_LIFE_MINUTES.most` and a day). */
const OLDEST_MS = 4 * DAY_MS;

/** The smallest uuid of version 7 of a time. */
function uuidOf(time: Date): string {
  const hex = Math.max(0, time.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}

const keyOf = ({ ownerId, holder }: NamedHolder): string => `${ownerId}:${holder}`;

/**
 * Reads the reservations of these holders. Call it under their locks, when those of other transactions are committed.
 * Both statements are sent at once.
 */
export async function readHolderReservations(
  tx: Tx,
  now: Date,
  holders: readonly NamedHolder[],
): Promise<Map<string, HolderReservations>> {
  const distinct = [...new Map(holders.map((h) => [keyOf(h), h])).values()];
  if (distinct.length === 0) return new Map();
  const keys = [distinct.map((h) => h.ownerId), distinct.map((h) => h.holder)];
  const pausedAt = new Date(now.getTime() - PAUSE_MINUTES * MINUTE_MS);
  const [reserved, since] = await Promise.all([
    tx.rows<NamedHolder & { locationId: number; units: number }>(RESERVED, [...keys, now]),
    tx.rows<NamedHolder & { since: Date }>(SINCE, [
      ...keys,
      pausedAt,
      uuidOf(new Date(now.getTime() - OLDEST_MS)),
    ]),
  ]);
  const found = new Map(
    distinct.map((h): [string, HolderReservations] => [keyOf(h), { byLocation: new Map(), since: null }]),
  );
  for (const row of reserved) found.get(keyOf(row))!.byLocation.set(row.locationId, row.units);
  for (const row of since) found.get(keyOf(row))!.since = row.since;
  return found;
}

/** A requested reservation, in numbers. */
interface RequestedUnits {
  ownerId: number;
  holder: string | null;
  locationId: number;
  /** Units requested, whether available or not: a refusal must not disclose the stock. */
  units: number;
  holdMinutes: number;
}

/** The quotas of one batch: totals of its holders and storefronts, with what the batch has granted so far. */
export class BatchQuotas {
  constructor(private readonly byHolder: ReadonlyMap<string, HolderReservations>) {}

  #of({ ownerId, holder }: RequestedUnits): HolderReservations | undefined {
    return holder === null ? undefined : this.byHolder.get(keyOf({ ownerId, holder }));
  }

  /** Since when this holder has had units without a pause; null: it has none yet. */
  since(wanted: RequestedUnits): Date | null {
    return this.#of(wanted)?.since ?? null;
  }

  /** The refusal of a request that would exceed a quota; null if it exceeds none. */
  refuse({ limits, totals }: BindingQuotas, wanted: RequestedUnits, now: Date): Refused | null {
    const { ownerId, locationId, units, holdMinutes } = wanted;
    const current = this.#of(wanted);
    // The holder's current reservation at this location is replaced.
    const replaced = current?.byLocation.get(locationId);
    const more = replaced === undefined ? 1 : 0;
    const others = [...(current?.byLocation ?? [])].filter(([id]) => id !== locationId);
    const ofHolder = others.reduce((sum, [, its]) => sum + its, 0);
    const total = totals?.present(ownerId) ?? { units: 0, documents: 0 };
    const lived = current?.since ? Math.floor((now.getTime() - current.since.getTime()) / MINUTE_MS) : 0;
    return firstRefusal([
      overQuota('HOLDER_UNITS', { limit: limits.HOLDER_UNITS, present: ofHolder, asked: units }),
      overQuota('HOLDER_RESERVATIONS', {
        limit: limits.HOLDER_RESERVATIONS,
        present: others.length,
        asked: 1,
      }),
      overQuota('RESERVATION_LIFE_MINUTES', {
        limit: limits.RESERVATION_LIFE_MINUTES,
        present: lived,
        asked: holdMinutes,
      }),
      overQuota('STOREFRONT_RESERVATIONS', {
        limit: limits.STOREFRONT_RESERVATIONS,
        present: total.documents,
        asked: more,
      }),
      overQuota('STOREFRONT_UNITS', {
        limit: limits.STOREFRONT_UNITS,
        present: total.units - (replaced ?? 0),
        asked: units,
      }),
    ]);
  }

  /** Records the units that a request was granted. */
  grant({ totals }: BindingQuotas, wanted: RequestedUnits, key: string, units: number, now: Date): void {
    const current = this.#of(wanted);
    const replaced = current?.byLocation.get(wanted.locationId);
    totals?.grant(wanted.ownerId, key, {
      units: units - (replaced ?? 0),
      documents: replaced === undefined ? 1 : 0,
    });
    if (current === undefined) return;
    current.byLocation.set(wanted.locationId, units);
    current.since ??= now;
  }
}

/** The refusal of more minutes than one request may have; null if they are allowed. */
export function overMinutes({ limits }: BindingQuotas, holdMinutes: number): Refused | null {
  const limit = limits.RESERVATION_MINUTES;
  return overQuota('RESERVATION_MINUTES', { limit, present: 0, asked: holdMinutes });
}

/** The refusal of an extension past the quota of extensions or of a holder's life; null if it is allowed. */
export function overExtension(
  { quotas, now, input }: Pick<Command<{ holdMinutes: number }>, 'quotas' | 'now' | 'input'>,
  reservation: { extensions: number; since: Date; expiresAt: Date },
): Refused | null {
  // An extension that does not prolong the reservation is not limited.
  if (quotas === undefined || expiryOf(now, input.holdMinutes) <= reservation.expiresAt) return null;
  const { limits } = quotas;
  return firstRefusal([
    overMinutes(quotas, input.holdMinutes),
    overQuota('RESERVATION_EXTENSIONS', {
      limit: limits.RESERVATION_EXTENSIONS,
      present: reservation.extensions,
      asked: 1,
    }),
    overQuota('RESERVATION_LIFE_MINUTES', {
      limit: limits.RESERVATION_LIFE_MINUTES,
      present: Math.floor((now.getTime() - reservation.since.getTime()) / MINUTE_MS),
      asked: input.holdMinutes,
    }),
  ]);
}
