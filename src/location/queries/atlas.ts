// The atlas: all locations in memory, by code, by group and by distance, cached until their edition changes.

import type { Tx } from '../../db/pool';
import { boundedRadius, chordOf, distanceKm, type GeoPoint, onSphere } from '../rules/distance';
import { nearestFirst } from '../rules/nearest';
import { allLocations, type LocationRow } from './rows';

/** A location and its distance from the requested point. */
export interface LocationDistance {
  row: LocationRow;
  distanceKm: number;
}

/** All locations of one edition. */
export class Atlas {
  readonly #byCode = new Map<string, LocationRow>();
  readonly #byGroup = new Map<string, LocationRow[]>();
  readonly #active: LocationRow[];
  /** Unit vectors of the active ones: x, y, z. */
  readonly #points: Float64Array;

  constructor(
    readonly edition: number,
    rows: readonly LocationRow[],
  ) {
    for (const row of rows) this.#byCode.set(row.code, row);
    this.#active = rows.filter((row) => row.active);
    this.#points = new Float64Array(this.#active.length * 3);
    for (const [i, row] of this.#active.entries()) {
      this.#points.set(onSphere(row), i * 3);
      for (const group of row.groups) {
        const others = this.#byGroup.get(group);
        if (others === undefined) this.#byGroup.set(group, [row]);
        else others.push(row);
      }
    }
  }

  /** The location with this code, active or not. */
  at(code: string): LocationRow | undefined {
    return this.#byCode.get(code);
  }

  /** The active locations of a group, by code. */
  group(name: string): readonly LocationRow[] {
    return this.#byGroup.get(name) ?? [];
  }

  /**
   * The nearest `limit` active locations within `radiusKm`, the nearest first, of equal ones the older; `forPickup`: only
   * shops where orders can be collected. Every location costs a few nanoseconds: for the locations that a chain has, no tree
   * is faster.
   */
  near(point: GeoPoint, radiusKm: number, limit: number, forPickup = false): LocationDistance[] {
    const [x, y, z] = onSphere(point);
    const points = this.#points;
    const reach = chordOf(boundedRadius(radiusKm));
    const found: number[] = [];
    const chords: number[] = [];
    for (let i = 0; i < this.#active.length; i += 1) {
      const chord = (points[i * 3]! - x) ** 2 + (points[i * 3 + 1]! - y) ** 2 + (points[i * 3 + 2]! - z) ** 2;
      if (chord > reach) continue;
      if (forPickup && !isPickupShop(this.#active[i]!)) continue;
      found.push(i);
      chords.push(chord);
    }
    return nearestFirst(chords, limit, (a, b) => this.#active[found[a]!]!.id - this.#active[found[b]!]!.id)
      .map((n) => {
        const row = this.#active[found[n]!]!;
        return { row, distanceKm: distanceKm(point, row) };
      })
      .filter((location) => location.distanceKm <= radiusKm);
  }
}

const isPickupShop = (row: LocationRow): boolean => row.kind === 'SHOP' && row.pickupEnabled;

const atlases = new WeakMap<Tx, Promise<Atlas>>();

async function load(tx: Tx): Promise<Atlas> {
  const rows = await allLocations(tx);
  return new Atlas(rows[0]?.edition ?? 0, rows);
}

/** The atlas of at least this edition, as seen through this connection. */
export async function atlasOf(tx: Tx, edition: number): Promise<Atlas> {
  const kept = await atlases.get(tx)?.catch(() => undefined);
  if (kept !== undefined && kept.edition >= edition) return kept;
  const loading = load(tx);
  atlases.set(tx, loading);
  return loading;
}
