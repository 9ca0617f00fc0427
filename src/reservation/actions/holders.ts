// Totals of holders: units they have reserved and since when, read under their locks, and kept as running totals of one batch.

import type { Command } from '../../access/actions/execute';
import { type BindingQuotas, totalsBy } from '../../access/queries/quotaTotals';
import { firstRefusal, overQuota, type StorefrontQuotas } from '../../access/rules/quotas';
import type { Tx } from '../../db/pool';
import type { Refused } from '../../refusals';
import { DAY_MS, MINUTE_MS } from '../../values/time';
import { expiryOf } from '../rules/reservation';

/** The reservations of every storefront. In the order of the index that it must be read from, as ended ones are many more. */
const BY_ACTOR = `
  SELECT owner_id AS "actorId", count(*)::int AS documents, coalesce(sum(units), 0)::int AS units
  FROM (
    SELECT owner_id, units FROM reservation WHERE status = 'ACTIVE' AND expires_at > $1::timestamptz
    ORDER BY expires_at OFFSET 0) r
  GROUP BY owner_id`;

/** What the storefronts of a database have reserved. */
export const reservationTotals = totalsBy(BY_ACTOR);

/** The limits of those. */
export const totalLimits = (limits: StorefrontQuotas) => ({
  units: limits.STOREFRONT_UNITS,
  documents: limits.STOREFRONT_RESERVATIONS,
});

/** A holder of one storefront. */
export interface NamedHolder {
  ownerId: number;
  holder: string;
}

/** What a holder has: its reservations by location, with their units, and since when it has had any without a pause. */
export interface HeldBy {
  byLocation: Map<number, number>;
  since: Date | null;
}

/** A holder who takes units again within so many minutes after the last were given back has not paused. */
const PAUSE_MINUTES = 10;

const HELD = `
  SELECT k.owner_id AS "ownerId", k.holder, r.location_id AS "locationId", r.units
  FROM unnest($1::int[], $2::text[]) AS k(owner_id, holder)
  CROSS JOIN LATERAL (
    SELECT location_id, units, expires_at FROM reservation h
    WHERE h.owner_id = k.owner_id AND h.holder = k.holder AND h.status = 'ACTIVE' OFFSET 0) r
  WHERE r.expires_at > $3`;

// Its last reservation, by the index of holders; "+ 0" keeps the planner from that of owners, who have all there are.
// The ids are uuids of version 7: those below $4 are older than any life that could go on.
const SINCE = `
  SELECT k.owner_id AS "ownerId", k.holder, coalesce(l.held_since, l.created_at) AS since
  FROM unnest($1::int[], $2::text[]) AS k(owner_id, holder)
  CROSS JOIN LATERAL (
    SELECT * FROM reservation h
    WHERE h.holder = k.holder AND h.id > $4::uuid AND h.owner_id + 0 = k.owner_id
    ORDER BY h.holder DESC, h.id DESC LIMIT 1) l
  WHERE l.status <> 'COMMITTED' AND least(l.expires_at, coalesce(l.ended_at, l.expires_at)) > $3`;

/** Longer than any reservation lives (`QUOTAS.RESERVATION_LIFE_MINUTES.most` and a day). */
const OLDEST_MS = 4 * DAY_MS;

/** The least uuid of version 7 of a time. */
function uuidOf(time: Date): string {
  const hex = Math.max(0, time.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}

const keyOf = ({ ownerId, holder }: NamedHolder): string => `${ownerId}:${holder}`;

/**
 * What these holders have now. Call it behind their locks: what another transaction gave them is then committed. Both
 * statements are sent at once.
 */
export async function heldByHolders(
  tx: Tx,
  now: Date,
  holders: readonly NamedHolder[],
): Promise<Map<string, HeldBy>> {
  const distinct = [...new Map(holders.map((h) => [keyOf(h), h])).values()];
  if (distinct.length === 0) return new Map();
  const keys = [distinct.map((h) => h.ownerId), distinct.map((h) => h.holder)];
  const pausedAt = new Date(now.getTime() - PAUSE_MINUTES * MINUTE_MS);
  const [held, since] = await Promise.all([
    tx.rows<NamedHolder & { locationId: number; units: number }>(HELD, [...keys, now]),
    tx.rows<NamedHolder & { since: Date }>(SINCE, [
      ...keys,
      pausedAt,
      uuidOf(new Date(now.getTime() - OLDEST_MS)),
    ]),
  ]);
  const found = new Map(
    distinct.map((h): [string, HeldBy] => [keyOf(h), { byLocation: new Map(), since: null }]),
  );
  for (const row of held) found.get(keyOf(row))!.byLocation.set(row.locationId, row.units);
  for (const row of since) found.get(keyOf(row))!.since = row.since;
  return found;
}

/** A reservation that is requested, in numbers. */
interface RequestedUnits {
  ownerId: number;
  holder: string | null;
  locationId: number;
  /** Units requested, whether they are there or not: a refusal must not reveal what is there. */
  units: number;
  holdMinutes: number;
}

/** The quotas of one batch: what its holders and storefronts have, with what the batch has granted so far. */
export class QuotaBook {
  constructor(private readonly held: ReadonlyMap<string, HeldBy>) {}

  #of({ ownerId, holder }: RequestedUnits): HeldBy | undefined {
    return holder === null ? undefined : this.held.get(keyOf({ ownerId, holder }));
  }

  /** Since when this holder has had units without a pause; null: it has none yet. */
  since(wanted: RequestedUnits): Date | null {
    return this.#of(wanted)?.since ?? null;
  }

  /** Refuses what would be more than a quota; null: all of them allow it. */
  refuse({ limits, totals }: BindingQuotas, wanted: RequestedUnits, now: Date): Refused | null {
    const { ownerId, locationId, units, holdMinutes } = wanted;
    const held = this.#of(wanted);
    // What the holder has here already is replaced.
    const replaced = held?.byLocation.get(locationId);
    const more = replaced === undefined ? 1 : 0;
    const others = [...(held?.byLocation ?? [])].filter(([id]) => id !== locationId);
    const ofHolder = others.reduce((sum, [, its]) => sum + its, 0);
    const total = totals?.present(ownerId) ?? { units: 0, documents: 0 };
    const lived = held?.since ? Math.floor((now.getTime() - held.since.getTime()) / MINUTE_MS) : 0;
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

  /** Writes down what a request was granted. */
  grant({ totals }: BindingQuotas, wanted: RequestedUnits, key: string, units: number, now: Date): void {
    const held = this.#of(wanted);
    const replaced = held?.byLocation.get(wanted.locationId);
    totals?.grant(wanted.ownerId, key, {
      units: units - (replaced ?? 0),
      documents: replaced === undefined ? 1 : 0,
    });
    if (held === undefined) return;
    held.byLocation.set(wanted.locationId, units);
    held.since ??= now;
  }
}

/** Refuses a life longer than one request may ask for; null: it may. */
export function overMinutes({ limits }: BindingQuotas, holdMinutes: number): Refused | null {
  const limit = limits.RESERVATION_MINUTES;
  return overQuota('RESERVATION_MINUTES', { limit, present: 0, asked: holdMinutes });
}

/** Refuses to extend a reservation once more, or past the longest life of its holder; null: it may be. */
export function overExtension(
  { quotas, now, input }: Pick<Command<{ holdMinutes: number }>, 'quotas' | 'now' | 'input'>,
  held: { extensions: number; since: Date; expiresAt: Date },
): Refused | null {
  // What does not prolong it changes nothing.
  if (quotas === undefined || expiryOf(now, input.holdMinutes) <= held.expiresAt) return null;
  const { limits } = quotas;
  return firstRefusal([
    overMinutes(quotas, input.holdMinutes),
    overQuota('RESERVATION_EXTENSIONS', {
      limit: limits.RESERVATION_EXTENSIONS,
      present: held.extensions,
      asked: 1,
    }),
    overQuota('RESERVATION_LIFE_MINUTES', {
      limit: limits.RESERVATION_LIFE_MINUTES,
      present: Math.floor((now.getTime() - held.since.getTime()) / MINUTE_MS),
      asked: input.holdMinutes,
    }),
  ]);
}
