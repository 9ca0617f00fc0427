// Limits of availability requests: size, radius, and how far ahead.

import { type GeoPoint, pointProblem } from '../../location/rules/distance';
import { checkInstant, refuse } from '../../refusals';
import { DAY_MS } from '../../values/time';

export const AVAILABILITY_LIMITS = {
  skus: 100,
  locations: 500,
  /** SKUs × locations of one GraphQL document. */
  cells: 10_000,
  radiusKm: 2_000,
  /** Maximum number of locations, nearest first, at which a SKU is searched when only stocked ones are requested. */
  searched: 2_000,
  /** Maximum number of days between now and a requested date. */
  daysAhead: 366,
  holderLength: 200,
  /** Maximum number of shops that pickupOptions ranks; each is planned with its sources and its opening hours. */
  pickupShops: 50,
} as const;

/** A circle around a point, and the maximum number of locations in it, nearest first. */
export interface Near extends GeoPoint {
  radiusKm: number;
  limit: number;
  /** For each SKU only locations that can promise a unit of it. */
  stocked?: boolean;
}

/** @throws Refused InvalidInput for a point off the globe, a radius or a limit out of bounds */
export function checkNear(near: Near, path: string, maxLimit: number): void {
  const problem = pointProblem(near);
  if (problem !== null) refuse('InvalidInput', `${path}: ${problem}.`, { path });
  const { radiusKm: max } = AVAILABILITY_LIMITS;
  if (!(near.radiusKm > 0 && near.radiusKm <= max)) {
    refuse(
      'InvalidInput',
      `${path}.radiusKm is ${near.radiusKm}; it must be more than 0 and at most ${max}.`,
      {
        path: `${path}.radiusKm`,
      },
    );
  }
  if (near.limit < 1 || near.limit > maxLimit) {
    refuse('InvalidInput', `${path}.limit is ${near.limit}; it must be from 1 to ${maxLimit}.`, {
      path: `${path}.limit`,
    });
  }
}

/** @throws Refused InvalidInput for a date that is past or too far ahead */
export function checkOn(on: Date, path: string, now: Date): void {
  checkInstant(on, path, now, new Date(now.getTime() + AVAILABILITY_LIMITS.daysAhead * DAY_MS));
}

/** @throws Refused InvalidInput when SKUs × locations are more than one answer may contain */
export function checkCells(cells: number): void {
  if (cells <= AVAILABILITY_LIMITS.cells) return;
  refuse(
    'InvalidInput',
    `This asks for ${cells} SKUs × locations; at most ${AVAILABILITY_LIMITS.cells} at once: name fewer of either.`,
    { path: 'at' },
  );
}
