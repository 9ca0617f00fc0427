// What the element remembers in the browser: the chosen shop, the visitor's random id and the last reservation. Where the
// browser stores nothing, as in private windows, it is remembered until the page is left.

import { newKey, type Point } from './client';

export interface RememberedShop extends Point {
  code: string;
  name: string;
}

/** A reservation of the visitor. */
export interface RememberedReservation {
  id: string;
  /** When it ends, on the clock of the server. */
  expiresAt: string;
  /** When it ends, on that of the visitor, which may be wrong. */
  endsAtMs: number;
  shop: RememberedShop;
  /** Holder and lines. */
  key: string;
}

interface Memory {
  shop?: RememberedShop;
  visitor?: string;
  reservation?: RememberedReservation | null;
}

const STORED_AS = 'comptoir';
let unstored: Memory = {};

export function remembered(): Memory {
  try {
    return { ...unstored, ...(JSON.parse(localStorage.getItem(STORED_AS) ?? '{}') as Memory) };
  } catch {
    return unstored;
  }
}

export function remember(change: Memory): void {
  unstored = { ...remembered(), ...change };
  try {
    localStorage.setItem(STORED_AS, JSON.stringify(unstored));
  } catch {}
}

/** A random id of this browser, by which its own reservations do not count against it. */
export function visitor(): string {
  const known = remembered().visitor;
  if (known !== undefined) return known;
  const made = newKey();
  remember({ visitor: made });
  return made;
}
