// Codes as files write them: SKUs by their own code or an alias, locations with their local day.

import { DateTime } from 'luxon';
import { findSkuIds } from '../../catalog/queries/skus';
import type { Tx } from '../../db/pool';
import type { SellingLocation } from '../rules/line';

/** Largest number of cached codes; with more the cache is emptied. */
const MAX_REMEMBERED = 500_000;

/** SKU ids by the codes and aliases of one import. */
export class SkuIdCache {
  readonly #ids = new Map<string, number>();

  constructor(private readonly tx: Tx) {}

  /** Looks up the codes that are not known yet; answers those that name no SKU. */
  async learn(codes: Iterable<string>): Promise<string[]> {
    if (this.#ids.size > MAX_REMEMBERED) this.#ids.clear();
    const request = [...new Set(codes)].filter((code) => !this.#ids.has(code));
    if (request.length === 0) return [];
    for (const [code, id] of await findSkuIds(this.tx, request)) this.#ids.set(code, id);
    return request.filter((code) => !this.#ids.has(code));
  }

  /** Clears the cache, for when a code became an alias meanwhile. */
  clear(): void {
    this.#ids.clear();
  }

  /** The id of a code that was learned; undefined when it names no SKU. */
  idOf(code: string): number | undefined {
    return this.#ids.get(code);
  }
}

const LOCATIONS = 'SELECT id, code, time_zone AS "timeZone" FROM location ORDER BY id';

/** All locations by code, with their local day at `now`. */
export async function locationsByCode(tx: Tx, now: Date): Promise<Map<string, SellingLocation>> {
  const rows = await tx.rows<{ id: number; code: string; timeZone: string }>(LOCATIONS);
  return new Map(
    rows.map(({ id, code, timeZone }) => {
      const today = DateTime.fromJSDate(now, { zone: timeZone }).toISODate()!;
      return [code, { id, timeZone, today }];
    }),
  );
}
