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

/** Why a location was taken or passed over. The sentence names no units, so that anyone may read it. */
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

/** Candidates that were passed over are explained up to this many; a plan is stored with its order. */
const MAX_PASSED_OVER = 20;
/** Lines compared before the plan settles for the greedy one (fewest locations is NP-hard): some 0.5 ms. */
const MAX_STEPS = 10_000;
/** Beyond this many places an exact search isn't worth its time: such an order is a mess in any case. */
const MAX_EXACT_PLACES = 3;

type Remaining = Map<number, number>;

/** Warehouse before shop, then nearest; the code decides what is left, so that equal questions get equal plans. */
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

/** A question in numbers: rows of candidates in the order of preference, columns of SKUs. */
interface Matrix {
  candidates: readonly SourceCandidate[];
  skuIds: readonly number[];
  /** Units of each SKU that are looked for. */
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
  // What all of them have together is all that can be looked for.
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
 * Again and again the place that gives most of what is left, the preferred one of equals, until nothing is. What a location
 * gives only shrinks as less is left, so that most of them need not be counted again.
 */
function greedySet({ gives, need }: Matrix): number[] {
  const chosen: number[] = [];
  const bounds = gives.map(() => Number.POSITIVE_INFINITY);
  for (let left = need; ; ) {
    let [best, most] = [-1, 0];
    const visit = (place: number): void => {
      bounds[place] = gainOf(gives[place]!, left);
      if (bounds[place]! > most || (bounds[place] === most && place < best))
        [best, most] = [place, bounds[place]!];
    };
    // First the likeliest: it spares counting most of the others.
    if (bounds.length > 0) visit(bounds.indexOf(Math.max(...bounds)));
    for (let place = 0; place < bounds.length; place += 1) {
      if (bounds[place]! > most || (bounds[place] === most && place < best)) visit(place);
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
  const shops = (set: readonly number[]) => set.filter((place) => candidates[place]!.kind === 'SHOP').length;
  const far = (set: readonly number[]) => set.reduce((sum, place) => sum + candidates[place]!.distanceKm, 0);
  return (shops(b) - shops(a) || far(b) - far(a)) < 0 ? b : a;
}

interface Market {
  /** Who has a SKU, preferred locations first. */
  suppliers: readonly (readonly number[])[];
  /** By SKU: the most that one location, two locations, three … can give together. */
  most: readonly (readonly number[])[];
}

function marketOf({ gives, skuIds }: Matrix): Market {
  const suppliers: number[][] = skuIds.map(() => []);
  for (const [place, row] of gives.entries())
    for (let sku = 0; sku < row.length; sku += 1) if (row[sku]! > 0) suppliers[sku]!.push(place);
  const most = suppliers.map((places, sku) => {
    const largest: number[] = Array(MAX_EXACT_PLACES).fill(0);
    for (const place of places) {
      let units = gives[place]![sku]!;
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

/** The best set of exactly `size` locations that covers the need, or null; looks at no more than the budget allows. */
function coverOf(
  { candidates, gives, need }: Matrix,
  { suppliers, most }: Market,
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
    const places = size - chosen.length;
    if (places === 0 || !open.every((sku) => most[sku]![places - 1]! >= left[sku]!)) return;
    // Every cover has a location with this SKU; the one fewest have makes the fewest branches.
    const branches = open.map((sku) => suppliers[sku]!).reduce((a, b) => (b.length < a.length ? b : a));
    for (const place of branches) {
      if (chosen.includes(place)) continue;
      budget.steps -= open.length;
      if (budget.steps < 0) return;
      const row = gives[place]!;
      const missing = open.filter((sku) => left[sku]! > row[sku]!);
      search([...chosen, place], missing.length === 0 ? left : rest(row, left), missing);
    }
  };
  const open = need.flatMap((units, sku) => (units > 0 ? [sku] : []));
  search([], need, open);
  return best;
}

/** The locations that together have all that is looked for, in the order of preference. */
function fewestPlaces(matrix: Matrix): SourceCandidate[] {
  const greedy = greedySet(matrix);
  const inOrder = (places: readonly number[]) =>
    [...places].sort((a, b) => a - b).map((place) => matrix.candidates[place]!);
  if (greedy.length === 0) return [];
  const market = marketOf(matrix);
  const budget = { steps: MAX_STEPS };
  for (let size = 1; size <= Math.min(greedy.length, MAX_EXACT_PLACES); size += 1) {
    const exact = coverOf(matrix, market, size, budget);
    if (exact !== null) return inOrder(exact);
    if (budget.steps < 0) break;
  }
  return inOrder(greedy);
}

const placeWord = (c: SourceCandidate): string =>
  `${c.kind === 'WAREHOUSE' ? 'a warehouse' : 'a shop'} ${Math.round(c.distanceKm)} km away`;

function whyTaken(candidate: SourceCandidate, places: number, missing: boolean): string {
  const what = missing ? 'everything that can be found' : 'everything that is missing';
  if (places === 1) return `It alone has ${what}: ${placeWord(candidate)}.`;
  return `One of ${places} places, the fewest found, that together have ${what}: ${placeWord(candidate)}.`;
}

function whyPassedOver(candidate: SourceCandidate, chosen: SourceCandidate[], target: Remaining): string {
  const takesNow = takes(candidate, target);
  if (takesNow.length === 0) return 'It has nothing of what is missing.';
  const first = chosen[0];
  const whole = without(target, takesNow).size === 0;
  if (chosen.length === 1 && first !== undefined) {
    if (!whole) return `It has only a part, and ${first.code} has everything.`;
    const kind =
      first.kind !== candidate.kind ? 'a warehouse is asked before a shop' : 'another place is nearer';
    return `It has everything too, but ${kind}: ${first.code}.`;
  }
  return `It has a part too, but ${chosen.map((c) => c.code).join(', ')} suffice without it.`;
}

/**
 * Plans from which locations `need` (units by SKU, already without what is there) is fetched: the fewest locations, then
 * warehouses before shops, then the nearest. Exact up to three locations and a bounded search, greedy beyond. What nobody
 * has is `missing`; the rest is planned all the same, the caller decides whether a part is welcome. `log` says why each
 * location was taken or not.
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
  const taken = fewestPlaces(matrix).flatMap((place) => {
    const lines = takes(place, left);
    left = without(left, lines);
    return lines.length > 0 ? [{ place, lines }] : [];
  });
  const places = taken.map((t) => t.place);
  const log = taken.map(
    ({ place, lines }): SourcingStep => ({
      location: place.code,
      took: lines,
      because: whyTaken(place, places.length, missing.length > 0),
    }),
  );
  if (target.size > 0) {
    for (const place of sorted.filter((c) => !places.includes(c)).slice(0, MAX_PASSED_OVER)) {
      log.push({ location: place.code, took: [], because: whyPassedOver(place, places, target) });
    }
  }
  return {
    transfers: taken.map(({ place, lines }) => ({ fromLocationId: place.locationId, lines })),
    missing,
    log,
  };
}
