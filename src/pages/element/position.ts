// The position of the visitor. Only a tap requests it; what is sent is rounded to some hundred metres.

import type { Point } from './client';

const TIMEOUT_MS = 10_000;
const OLDEST_MS = 600_000;
const DECIMALS = 3;

export const rounded = (degrees: number): number => Number(degrees.toFixed(DECIMALS));

/** Null where the visitor or the device refuses. */
export function visitorPosition(): Promise<Point | null> {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(null);
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude } }) => resolve({ latitude, longitude }),
      () => resolve(null),
      { timeout: TIMEOUT_MS, maximumAge: OLDEST_MS },
    );
  });
}
