// Amounts of money: whole minor units (cents), exact up to 2^53 - 1, and their products with units.

import { refuse } from '../refusals';

/** The largest amount of minor units: JSON's numbers are exact up to it (RFC 7493), whatever client reads them. */
export const MAX_MINOR = Number.MAX_SAFE_INTEGER;

/** Checks an amount that a client sent. @throws Refused InvalidInput */
export function checkMinor(value: number | bigint, path: string, max: number = MAX_MINOR): number {
  const amount = Number(value);
  if (!Number.isInteger(amount) || amount < 0 || amount > max) {
    const message = `${path} is ${value}; it must be a whole number of minor units (cents) from 0 to ${max}.`;
    refuse('InvalidInput', message, { path });
  }
  return amount;
}

/** What so many units cost at this price, exactly: the product may be larger than JavaScript's numbers are exact. */
export function timesMinor(quantity: number, unitMinor: number): bigint {
  return BigInt(quantity) * BigInt(unitMinor);
}
