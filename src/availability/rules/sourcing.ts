// Chooses the locations that send missing units, and explains the choice.

import { sumBySku } from '../../values/skuUnits';

/** Units of one SKU. */
export interface SkuQuantity {
  skuId: number;
  quantity: number;
}

/** A location that could send units: how far and how long away it is, and its ATP (units) by SKU id. */
export interface SourceCandidate {
  locationId: number;
  code: string;
  kind: 'SHOP' | 'WAREHOUSE';
  distanceKm: number;
  /** Minutes from deciding on a transfer to its arrival. */
  leadMinutes: number;
  atp: ReadonlyMap<number, number>;
}

/** Why a location was used or passed over. The sentence contains no numbers of units, so that every caller may read it. */
export interface SourcingStep {
  location: string;
  took: SkuQuantity[];
  because: string;
}

export interface SourcePlan {
  transfers: { fromLocationId: number; lines: SkuQuantity[] }[];
  /** What no candidate has. */
  missing: SkuQuantity[];
  log: SourcingStep[];
}

/** Maximum number of passed-over candidates that are explained; a plan is stored with its order. */
const MAX_PASSED_OVER = 20;
/** Maximum number of compared lines before the greedy plan is used (the fewest locations are NP-hard): some 0.5 ms. */
const MAX_STEPS = 10_000;
/** Beyond this many locations an exact search is not worth its time: an order in so many parcels is inconvenient in any case. */
const MAX_EXACT_LOCATIONS = 3;

type Remaining = Map<number, number>;

/** Warehouses before shops, then the nearest; the code decides the rest, so that equal requests get equal plans. */
function preference(a: SourceCandidate, b: SourceCandidate): number {
  return (
    Number(a.kind === 'SHOP') - Number(b.kind === 'SHOP') ||
    a.distanceKm - b.distanceKm ||
    (a.code < b.code ? -1 : 1)
  );
}

/** Adds up the lines of one SKU; lines of no units fall away. */
export function summed(lines: readonly SkuQuantity[]): SkuQuantity[] {
  return sumBySku(lines).filter(({ quantity }) => quantity > 0);
}

function takes(candidate: SourceCandidate, left: Remaining): SkuQuantity[] {
  return [...left].flatMap(([skuId, quantity]) => {
    const taken = Math.min(quantity, candidate.atp.get(skuId) ?? 0);
    return taken > 0 ? [{ skuId, quantity: taken }] : [];
  });
}

function without(left: Remaining, lines: readonly SkuQuantity[]): Remaining {
  const rest = new Map(left);
  for (const { skuId, quantity } of lines) {
    const now = (rest.get(skuId) ?? 0) - quantity;
    if (now > 0) rest.set(skuId, now);
    else rest.delete(skuId);
  }
  return rest;
}

/** A sourcing problem in numbers: rows of candidates in the order of preference, columns of SKUs. */
interface Matrix {
  candidates: readonly SourceCandidate[];
  skuIds: readonly number[];
  /** Units of each SKU to be found. */
  need: readonly number[];
  /** By candidate and SKU, never below 0. */
  gives: readonly (readonly number[])[];
}

function matrixOf(wanted: readonly SkuQuantity[], candidates: readonly SourceCandidate[]): Matrix {
  const skuIds = wanted.map((w) => w.skuId);
  const sums: number[] = skuIds.map(() => 0);
  const gives = candidates.map(({ atp }) => {
    const row: number[] = [];
    for (let sku = 0; sku < skuIds.length; sku += 1) {
      const units = Math.max(0, atp.get(skuIds[sku]!) ?? 0);
      sums[sku]! += units;
      row.push(units);
    }
    return row;
  });
  // No more can be found than all candidates have together.
  const need = wanted.map(({ quantity }, sku) => Math.min(quantity, sums[sku]!));
  return { candidates, skuIds, need, gives };
}

function gainOf(row: readonly number[], left: readonly number[]): number {
  let gain = 0;
  for (let sku = 0; sku < left.length; sku += 1) gain += Math.min(left[sku]!, row[sku]!);
  return gain;
}

const rest = (row: readonly number[], left: readonly number[]): number[] =>
  left.map((units, sku) => Math.max(0, units - row[sku]!));

/**
 * Repeatedly chooses the location that gives most of the remaining need, the preferred one of equals. What a location gives
 * only shrinks as the need shrinks, so that most of them need not be counted again.
 */
function greedySet({ gives, need }: Matrix): number[] {
  const chosen: number[] = [];
  const bounds = gives.map(() => Number.POSITIVE_INFINITY);
  for (let left = need; ; ) {
    let [best, most] = [-1, 0];
    const visit = (location: number): void => {
      bounds[location] = gainOf(gives[location]!, left);
      if (bounds[location]! > most || (bounds[location] === most && location < best))
        [best, most] = [location, bounds[location]!];
    };
    // The most promising one goes first, which spares counting most of the others.
    if (bounds.length > 0) visit(bounds.indexOf(Math.max(...bounds)));
    for (let location = 0; location < bounds.length; location += 1) {
      if (bounds[location]! > most || (bounds[location] === most && location < best)) visit(location);
    }
    if (best < 0) return chosen;
    chosen.push(best);
    bounds[best] = 0;
    left = rest(gives[best]!, left);
  }
}

/** Fewer shops, then fewer kilometres in all. */
function betterOf(
  candidates: readonly SourceCandidate[],
  a: readonly number[] | null,
  b: readonly number[],
): readonly number[] {
  if (a === null) return b;
  const shops = (set: readonly number[]) =>
    set.filter((location) => candidates[location]!.kind === 'SHOP').length;
  const totalKm = (set: readonly number[]) =>
    set.reduce((sum, location) => sum + candidates[location]!.distanceKm, 0);
  return (shops(b) - shops(a) || totalKm(b) - totalKm(a)) < 0 ? b : a;
}

interface SupplyIndex {
  /** The locations that have each SKU, preferred ones first. */
  suppliers: readonly (readonly number[])[];
  /** By SKU: the maximum that one location, two locations, three … can give together. */
  most: readonly (readonly number[])[];
}

function indexSupply({ gives, skuIds }: Matrix): SupplyIndex {
  const suppliers: number[][] = skuIds.map(() => []);
  for (const [location, row] of gives.entries())
    for (let sku = 0; sku < row.length; sku += 1) if (row[sku]! > 0) suppliers[sku]!.push(location);
  const most = suppliers.map((locations, sku) => {
    const largest: number[] = Array(MAX_EXACT_LOCATIONS).fill(0);
    for (const location of locations) {
      let units = gives[location]![sku]!;
      for (let i = 0; i < largest.length; i += 1)
        if (units > largest[i]!) [largest[i], units] = [units, largest[i]!];
    }
    let sum = 0;
    return largest.map((units) => {
      sum += units;
      return sum;
    });
  });
  return { suppliers, most };
}

/** The best set of exactly `size` locations that covers the need, or null; stops when the budget is spent. */
function coverOf(
  { candidates, gives, need }: Matrix,
  { suppliers, most }: SupplyIndex,
  size: number,
  budget: { steps: number },
): readonly number[] | null {
  let best: readonly number[] | null = null;
  /** `open`: the SKUs of which something is left. */
  const search = (chosen: readonly number[], left: readonly number[], open: readonly number[]): void => {
    if (open.length === 0) {
      best = betterOf(candidates, best, chosen);
      return;
    }
    const locations = size - chosen.length;
    if (locations === 0 || !open.every((sku) => most[sku]![locations - 1]! >= left[sku]!)) return;
    // Every cover has a location with this SKU; branching on the SKU that the fewest locations have tries the least.
    const branches = open.map((sku) => suppliers[sku]!).reduce((a, b) => (b.length < a.length ? b : a));
    for (const location of branches) {
      if (chosen.includes(location)) continue;
      budget.steps -= open.length;
      if (budget.steps < 0) return;
      const row = gives[location]!;
      const missing = open.filter((sku) => left[sku]! > row[sku]!);
      search([...chosen, location], missing.length === 0 ? left : rest(row, left), missing);
    }
  };
  const open = need.flatMap((units, sku) => (units > 0 ? [sku] : []));
  search([], need, open);
  return best;
}

/** The locations that together cover the need, in the order of preference. */
function fewestLocations(matrix: Matrix): SourceCandidate[] {
  const greedy = greedySet(matrix);
  const inOrder = (locations: readonly number[]) =>
    [...locations].sort((a, b) => a - b).map((location) => matrix.candidates[location]!);
  if (greedy.length === 0) return [];
  const supply = indexSupply(matrix);
  const budget = { steps: MAX_STEPS };
  for (let size = 1; size <= Math.min(greedy.length, MAX_EXACT_LOCATIONS); size += 1) {
    const exact = coverOf(matrix, supply, size, budget);
    if (exact !== null) return inOrder(exact);
    if (budget.steps < 0) break;
  }
  return inOrder(greedy);
}

const describeLocation = (c: SourceCandidate): string =>
  `${c.kind === 'WAREHOUSE' ? 'a warehouse' : 'a shop'} ${Math.round(c.distanceKm)} km away`;

function explainTaken(candidate: SourceCandidate, locations: number, missing: boolean): string {
  const what = missing ? 'everything that is available' : 'everything that is missing';
  if (locations === 1) return `It alone has ${what}: ${describeLocation(candidate)}.`;
  return `One of ${locations} locations, the fewest found, that together have ${what}: ${describeLocation(candidate)}.`;
}

function explainPassedOver(candidate: SourceCandidate, chosen: SourceCandidate[], target: Remaining): string {
  const takesNow = takes(candidate, target);
  if (takesNow.length === 0) return 'It has nothing of what is missing.';
  const first = chosen[0];
  const whole = without(target, takesNow).size === 0;
  if (chosen.length === 1 && first !== undefined) {
    if (!whole) return `It has only a part, but ${first.code} has everything.`;
    const kind =
      first.kind !== candidate.kind ? 'warehouses come before shops' : 'another location is nearer';
    return `It has everything too, but ${kind}: ${first.code}.`;
  }
  return `It has a part too, but ${chosen.map((c) => c.code).join(', ')} suffice without it.`;
}

/**
 * Plans from which locations `need` (units by SKU, without those at the destination) is sent: the fewest locations, then
 * warehouses before shops, then the nearest. The plan is exact up to three locations and a bounded search, greedy beyond.
 * Units that no candidate has are `missing`; the rest is planned all the same, and the caller decides whether a part is
 * enough. `log` explains why each location was used or not.
 */
export function planSources(
  need: readonly SkuQuantity[],
  candidates: readonly SourceCandidate[],
): SourcePlan {
  const wanted = summed(need);
  const sorted = [...candidates].sort(preference);
  const matrix = matrixOf(wanted, sorted);
  const target: Remaining = new Map(
    wanted.flatMap(({ skuId }, sku) => (matrix.need[sku]! > 0 ? [[skuId, matrix.need[sku]!] as const] : [])),
  );
  const missing = wanted.flatMap(({ skuId, quantity }, sku) =>
    quantity > matrix.need[sku]! ? [{ skuId, quantity: quantity - matrix.need[sku]! }] : [],
  );
  let left = target;
  const taken = fewestLocations(matrix).flatMap((location) => {
    const lines = takes(location, left);
    left = without(left, lines);
    return lines.length > 0 ? [{ location, lines }] : [];
  });
  const locations = taken.map((t) => t.location);
  const log = taken.map(
    ({ location, lines }): SourcingStep => ({
      location: location.code,
      took: lines,
      because: explainTaken(location, locations.length, missing.length > 0),
    }),
  );
  if (target.size > 0) {
    for (const location of sorted.filter((c) => !locations.includes(c)).slice(0, MAX_PASSED_OVER)) {
      log.push({
        location: location.code,
        took: [],
        because: explainPassedOver(location, locations, target),
      });
    }
  }
  return {
    transfers: taken.map(({ location, lines }) => ({ fromLocationId: location.locationId, lines })),
    missing,
    log,
  };
}
