// Codes as files write them: SKUs by their own code or an alias, locations with their local day.

import { DateTime } from 'luxon';
import { unitsByScan } from '../../catalog/queries/gtins';
import { findSkuIds } from '../../catalog/queries/skus';
import type { Tx } from '../../db/pool';
import type { SellingLocation } from '../rules/line';

/** Largest number of cached codes; with more the cache is emptied. */
const MAX_REMEMBERED = 500_000;

/** A SKU, and the units of it that its code, or the scan of a case, stands for. */
export interface CodedUnits {
  id: number;
  units: number;
}

/** Why a line of sales or of a count with this code is not stored. */
export function skuProblem(code: string, found: CodedUnits | undefined): string {
  const shown = `'${code.slice(0, 64)}'`;
  return found === undefined
    ? `there is no SKU ${shown}; create it, or make it an alias with upsertSkuAliases`
    : `${shown} is the GTIN of a case of ${found.units} units; state the code of the SKU and its units`;
}

/** SKUs by the codes, aliases and GTINs of one import. */
export class SkuIdCache {
  readonly #ids = new Map<string, CodedUnits>();

  constructor(private readonly tx: Tx) {}

  /** Looks up the codes that are not known yet; answers those that name no SKU. */
  async learn(codes: Iterable<string>): Promise<string[]> {
    if (this.#ids.size > MAX_REMEMBERED) this.#ids.clear();
    const request = [...new Set(codes)].filter((code) => !this.#ids.has(code));
    if (request.length === 0) return [];
    for (const [code, id] of await findSkuIds(this.tx, request)) this.#ids.set(code, { id, units: 1 });
    const rest = request.filter((code) => !this.#ids.has(code));
    for (const [code, { id, units }] of await unitsByScan(this.tx, rest)) this.#ids.set(code, { id, units });
    return request.filter((code) => !this.#ids.has(code));
  }

  /** Clears the cache, for when a code became an alias meanwhile. */
  clear(): void {
    this.#ids.clear();
  }

  /** The SKU of a code that was learned; undefined when it names none. */
  of(code: string): CodedUnits | undefined {
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
