// Chooses the source of a need: a supplier, or the surplus of a warehouse or an overstocked shop.

/** Units that a location can give away without falling below its own need. */
export interface Surplus {
  locationId: number;
  code: string;
  warehouse: boolean;
  units: number;
  /** Free units that must stay there, for its own need. */
  keep: number;
  /** Mean days until they are there. */
  leadDays: number;
}

/** The supplier's side of the choice. */
export interface SupplyOffer {
  /** Mean days until the goods are there. */
  leadDays: number;
  unitCostMinor: number;
}

export interface SourceInput {
  /** Units needed. */
  units: number;
  /** Null: no supplier sells it, or the location is supplied from another. */
  offer: SupplyOffer | null;
  surpluses: readonly Surplus[];
  /** The location that usually supplies this one. */
  regularId: number | null;
  /** What moving one unit costs, in minor units. */
  transferCostMinor: number;
}

/** The choice and why; `from` null: the supplier. */
export type SourceChoice =
  | { source: 'TRANSFER'; from: Surplus; reason: string }
  | { source: 'SUPPLIER'; reason: string }
  | { source: 'NONE'; reason: string };

/**
 * Chooses one source for a whole need. The location's regular source first, even for a part (the rest is requested
 * again in the next run); then a location that can spare all of it, the soonest first, where that is not later than the
 * supplier or moving a unit costs less than buying one; then the supplier; and without one the location that can spare
 * the most.
 */
export function chooseSource({
  units,
  offer,
  surpluses,
  regularId,
  transferCostMinor,
}: SourceInput): SourceChoice {
  const spare = surpluses.filter((s) => s.units > 0).sort(bySuitability(regularId));
  const regular = spare.find((s) => s.locationId === regularId);
  const whole = spare.find((s) => s.units >= units);
  if (regular !== undefined && (regular.units >= units || whole === undefined)) {
    const part = regular.units >= units ? '' : `, and has ${regular.units} of ${units} to spare`;
    return {
      source: 'TRANSFER',
      from: regular,
      reason: `${regular.code} usually supplies this location${part}.`,
    };
  }
  if (whole !== undefined) {
    const reason = whyTransfer(whole, offer, transferCostMinor);
    if (reason !== null) return { source: 'TRANSFER', from: whole, reason };
  }
  if (offer !== null) return { source: 'SUPPLIER', reason: whySupplier(spare, units) };
  const most = [...spare].sort((a, b) => b.units - a.units)[0];
  if (most !== undefined) {
    const reason = `no supplier delivers here, and ${most.code} can spare the most.`;
    return { source: 'TRANSFER', from: most, reason };
  }
  return { source: 'NONE', reason: 'no supplier delivers it here, and no location can spare any.' };
}

function bySuitability(regularId: number | null): (a: Surplus, b: Surplus) => number {
  return (a, b) =>
    Number(b.locationId === regularId) - Number(a.locationId === regularId) ||
    a.leadDays - b.leadDays ||
    Number(b.warehouse) - Number(a.warehouse) ||
    b.units - a.units ||
    a.locationId - b.locationId;
}

const days = (n: number): string => `${Math.round(n * 10) / 10} ${n === 1 ? 'day' : 'days'}`;

function whyTransfer(from: Surplus, offer: SupplyOffer | null, costMinor: number): string | null {
  const has = `${from.code} has ${from.units} beyond its own need`;
  if (offer === null) return `${has}, and no supplier delivers here.`;
  if (from.leadDays <= offer.leadDays)
    return `${has} and is here in ${days(from.leadDays)}, the supplier in ${days(offer.leadDays)}.`;
  if (costMinor < offer.unitCostMinor)
    return `${has}, and moving a unit costs ${costMinor}, buying one ${offer.unitCostMinor} (minor units).`;
  return null;
}

function whySupplier(spare: readonly Surplus[], units: number): string {
  const most = Math.max(0, ...spare.map((s) => s.units));
  if (most === 0) return 'no other location has any beyond its own need.';
  if (most < units) return `other locations can spare ${most} of ${units} at most.`;
  return 'moving it from another location would be neither sooner nor cheaper.';
}

/** What one location can spare: more for the locations that it supplies anyway than for others. */
export interface Spare {
  locationId: number;
  code: string;
  warehouse: boolean;
  /** The location that usually supplies it: it never sends anything back there. */
  regularId: number | null;
  /** Free units on its shelf. */
  free: number;
  /** Units for locations that it supplies. */
  forSupplied: number;
  /** Units for all other locations: at most as many. */
  forOthers: number;
}

/** A location with a need. */
export interface Receiver {
  locationId: number;
  regularId: number | null;
  warehouse: boolean;
}

/**
 * What locations can spare of one SKU while it is given away: a running account, so that no two get the same units.
 */
export class SurplusAccount {
  readonly #left = new Map<number, Spare>();

  constructor(spares: readonly Spare[]) {
    for (const s of spares) this.#left.set(s.locationId, { ...s });
  }

  /**
   * What others can still spare for a location; its regular source spares what it keeps for the locations it supplies.
   * Nothing goes back to a source, and nothing from a shop to a warehouse.
   */
  for(receiver: Receiver, days: (fromId: number) => number): Surplus[] {
    return [...this.#left.values()].flatMap((s) => {
      if (s.locationId === receiver.locationId || s.regularId === receiver.locationId) return [];
      if (receiver.warehouse && !s.warehouse) return [];
      const units = s.locationId === receiver.regularId ? s.forSupplied : s.forOthers;
      if (units <= 0) return [];
      const { locationId, code, warehouse, free } = s;
      return [{ locationId, code, warehouse, units, keep: free - units, leadDays: days(locationId) }];
    });
  }

  /** Gives units away; what a supplied location gets still counts as stock of the location that supplies it. */
  take(locationId: number, units: number, supplied: boolean): void {
    const spare = this.#left.get(locationId);
    if (spare === undefined || (supplied ? spare.forSupplied : spare.forOthers) < units)
      throw new Error(`location ${locationId} has no ${units} units to spare`);
    spare.free -= units;
    spare.forSupplied -= units;
    spare.forOthers = Math.max(0, Math.min(spare.forOthers - (supplied ? 0 : units), spare.forSupplied));
  }
}

/**
 * Units that a location can spare: what lies free on its shelf, and no more than its position is above its own level, so
 * that giving them away never makes a need of its own.
 */
export function surplusUnits(free: number, position: number, level: number): number {
  return Math.max(0, Math.floor(Math.min(free, position - level) + 1e-9));
}
