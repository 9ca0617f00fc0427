// Decides from which places missing units are fetched, and says why.

/** Units of one SKU. */
export interface Units {
  skuId: number;
  quantity: number;
}

/** A place that could send units: how far and how long away it is, and its ATP (units) by SKU id. */
export interface SourceCandidate {
  locationId: number;
  code: string;
  kind: 'SHOP' | 'WAREHOUSE';
  distanceKm: number;
  /** Minutes from deciding on a transfer to its arrival. */
  leadMinutes: number;
  atp: ReadonlyMap<number, number>;
}

/** Why a place was taken or passed over. The sentence names no units, so that anyone may read it. */
export interface SourcingStep {
  location: string;
  took: Units[];
  because: string;
}

export interface SourcePlan {
  transfers: { fromLocationId: number; lines: Units[] }[];
  /** What no candidate has. */
  missing: Units[];
  log: SourcingStep[];
}

/** Candidates that were passed over are explained up to this many; a plan is stored with its order. */
const MAX_PASSED_OVER = 20;
/** Lines compared before the plan settles for the greedy one (fewest places is NP-hard): some 5 ms. */
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
export function summed(lines: readonly Units[]): Units[] {
  const bySku = new Map<number, number>();
  for (const { skuId, quantity } of lines) bySku.set(skuId, (bySku.get(skuId) ?? 0) + quantity);
  return [...bySku].filter(([, q]) => q > 0).map(([skuId, quantity]) => ({ skuId, quantity }));
}

function takes(candidate: SourceCandidate, left: Remaining): Units[] {
  return [...left].flatMap(([skuId, quantity]) => {
    const taken = Math.min(quantity, candidate.atp.get(skuId) ?? 0);
    return taken > 0 ? [{ skuId, quantity: taken }] : [];
  });
}

function without(left: Remaining, lines: readonly Units[]): Remaining {
  const rest = new Map(left);
  for (const { skuId, quantity } of lines) {
    const now = (rest.get(skuId) ?? 0) - quantity;
    if (now > 0) rest.set(skuId, now);
    else rest.delete(skuId);
  }
  return rest;
}

const units = (lines: readonly Units[]): number => lines.reduce((sum, l) => sum + l.quantity, 0);

/** Again and again the place that gives most of what is left, until nothing is. */
function greedySet(candidates: readonly SourceCandidate[], target: Remaining): SourceCandidate[] {
  const chosen: SourceCandidate[] = [];
  for (let left = target; left.size > 0; ) {
    let best: SourceCandidate | undefined;
    let most = 0;
    for (const candidate of candidates) {
      const gives = chosen.includes(candidate) ? 0 : units(takes(candidate, left));
      if (gives > most) [best, most] = [candidate, gives];
    }
    if (best === undefined) break;
    chosen.push(best);
    left = without(left, takes(best, left));
  }
  return chosen;
}

/** Fewer shops, then fewer kilometres in all. */
function betterOf(a: SourceCandidate[] | null, b: SourceCandidate[]): SourceCandidate[] {
  if (a === null) return b;
  const shops = (set: SourceCandidate[]) => set.filter((c) => c.kind === 'SHOP').length;
  const far = (set: SourceCandidate[]) => set.reduce((sum, c) => sum + c.distanceKm, 0);
  return (shops(b) - shops(a) || far(b) - far(a)) < 0 ? b : a;
}

interface Market {
  /** Who has a SKU, preferred places first. */
  suppliers: ReadonlyMap<number, readonly SourceCandidate[]>;
  /** By SKU: the most that one place, two places, three … can give together. */
  most: ReadonlyMap<number, readonly number[]>;
}

function marketOf(candidates: readonly SourceCandidate[], target: Remaining): Market {
  const suppliers = new Map<number, SourceCandidate[]>();
  const most = new Map<number, number[]>();
  for (const skuId of target.keys()) {
    const having = candidates.filter((c) => (c.atp.get(skuId) ?? 0) > 0);
    let sum = 0;
    const quantities = having.map((c) => c.atp.get(skuId) ?? 0).sort((a, b) => b - a);
    suppliers.set(skuId, having);
    most.set(
      skuId,
      quantities.slice(0, MAX_EXACT_PLACES).map((quantity) => {
        sum += quantity;
        return sum;
      }),
    );
  }
  return { suppliers, most };
}

/** The best set of exactly `size` places that covers the target, or null; looks at no more than the budget allows. */
function coverOf(
  { suppliers, most }: Market,
  target: Remaining,
  size: number,
  budget: { steps: number },
): SourceCandidate[] | null {
  let best: SourceCandidate[] | null = null;
  const enough = (skuId: number, quantity: number, places: number): boolean =>
    (most.get(skuId) ?? []).slice(0, places).some((sum) => sum >= quantity);
  const search = (chosen: SourceCandidate[], left: Remaining): void => {
    if (left.size === 0) best = betterOf(best, chosen);
    const places = size - chosen.length;
    if (left.size === 0 || ![...left].every(([skuId, quantity]) => enough(skuId, quantity, places))) return;
    // Every cover has a place with this SKU; the one fewest have makes the fewest branches.
    const branches = [...left.keys()]
      .map((skuId) => suppliers.get(skuId) ?? [])
      .reduce((a, b) => (b.length < a.length ? b : a));
    for (const candidate of branches) {
      if (chosen.includes(candidate)) continue;
      budget.steps -= left.size;
      if (budget.steps < 0) return;
      search([...chosen, candidate], without(left, takes(candidate, left)));
    }
  };
  search([], target);
  return best;
}

function fewestPlaces(candidates: readonly SourceCandidate[], target: Remaining): SourceCandidate[] {
  const greedy = greedySet(candidates, target);
  const market = marketOf(candidates, target);
  const budget = { steps: MAX_STEPS };
  for (let size = 1; size <= Math.min(greedy.length, MAX_EXACT_PLACES); size += 1) {
    const exact = coverOf(market, target, size, budget);
    if (exact !== null) return exact.sort(preference);
    if (budget.steps < 0) break;
  }
  return greedy.sort(preference);
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
 * Plans from which places `need` (units by SKU, already without what is there) is fetched: the fewest places, then
 * warehouses before shops, then the nearest. Exact up to three places and a bounded search, greedy beyond. What nobody
 * has is `missing`; the rest is planned all the same, the caller decides whether a part is welcome. `log` says why each
 * place was taken or not.
 */
export function planSources(need: readonly Units[], candidates: readonly SourceCandidate[]): SourcePlan {
  const wanted = summed(need);
  const sorted = [...candidates].sort(preference);
  const found = wanted.map(({ skuId, quantity }) => {
    const there = candidates.reduce((sum, c) => sum + Math.max(0, c.atp.get(skuId) ?? 0), 0);
    return { skuId, quantity: Math.min(quantity, there), missing: Math.max(0, quantity - there) };
  });
  const target: Remaining = new Map(found.filter((f) => f.quantity > 0).map((f) => [f.skuId, f.quantity]));
  const missing = found
    .filter((f) => f.missing > 0)
    .map(({ skuId, missing: quantity }) => ({ skuId, quantity }));
  let left = target;
  const taken = fewestPlaces(sorted, target).flatMap((place) => {
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
