// Baskets of orders without a reservation: decided under the lock, at the shop and at locations that can send units.

import { mustWorkAt } from '../../access/rules/roles';
import { inactiveSkus, notSold } from '../../catalog/queries/skus';
import type { Tx } from '../../db/pool';
import type { Refused } from '../../refusals';
import { lockSwept } from '../../reservation/actions/sweep';
import type { LockedShelves } from '../../stock/ledger';
import { type ChannelShelf, levelsOf, safetyStocks } from '../../stock/queries/levels';
import { notEnoughStock } from '../../stock/rules/changes';
import { shelfKey } from '../../values/keys';
import { type Basket, notAPickupLocation, type PickupLocation, type PlaceCommand } from './basket';
import {
  type Sourced,
  type SourceSearch,
  StockAllocator,
  searchShelves,
  searchSources,
  source,
  takeSourced,
} from './sourcing';

/** Under the lock a shop lacks a SKU that it had when sources were searched. The transaction runs again with a new search. */
class ReadTooEarly extends Error {
  /** PostgreSQL's code of a serialization failure, on which `inTransaction` runs the work again. */
  readonly code = '40001';
}

function shopShelves({ input }: PlaceCommand): ChannelShelf[] {
  const { locationId, channel, lines } = input.direct!;
  return lines.map(({ skuId }) => ({ locationId, channel, skuId }));
}

/** Reads, without locks, sources for the units that the shops lack for all these orders together. */
async function searches(
  tx: Tx,
  now: Date,
  commands: readonly PlaceCommand[],
): Promise<Map<PlaceCommand, SourceSearch>> {
  const wanting = commands.filter((c) => c.input.allowTransfer);
  const found = new Map<PlaceCommand, SourceSearch>();
  if (wanting.length === 0) return found;
  const demand = new Map<string, number>();
  for (const { input } of commands) {
    for (const { skuId, quantity } of input.direct?.lines ?? []) {
      const key = shelfKey({ locationId: input.direct!.locationId, skuId });
      demand.set(key, (demand.get(key) ?? 0) + quantity);
    }
  }
  const keys = wanting.flatMap(shopShelves);
  const levels = await levelsOf(tx, keys);
  const kept = await safetyStocks(tx, keys);
  // One search per shop and channel, whatever the number of baskets.
  const lacking = new Map<string, Set<number>>();
  keys.forEach((k, i) => {
    if (levels[i]!.available - kept[i]! >= demand.get(shelfKey(k))!) return;
    const group = `${k.locationId}:${k.channel}`;
    lacking.set(group, (lacking.get(group) ?? new Set()).add(k.skuId));
  });
  const bySearch = new Map<string, SourceSearch>();
  for (const command of wanting) {
    const { locationId: toLocationId, channel } = command.input.direct!;
    const group = `${toLocationId}:${channel}`;
    const skuIds = [...(lacking.get(group) ?? [])];
    const search = bySearch.get(group) ?? (await searchSources(tx, now, { toLocationId, channel, skuIds }));
    bySearch.set(group, search);
    found.set(command, search);
  }
  return found;
}

/**
 * Locks every shelf that these orders may take units from, and decides them one after the other. The reservations `besides`,
 * which the calling function commits, are locked with the expired ones of these shelves.
 */
export async function directBaskets(
  tx: Tx,
  now: Date,
  commands: readonly PlaceCommand[],
  locations: ReadonlyMap<number, PickupLocation>,
  answers: Map<PlaceCommand, Basket | Refused>,
  besides: readonly string[],
): Promise<LockedShelves | null> {
  const sellable: PlaceCommand[] = [];
  const inactive = await inactiveSkus(
    tx,
    commands.flatMap((c) => c.input.direct!.lines.map((l) => l.skuId)),
  );
  for (const command of commands) {
    const { locationId, lines } = command.input.direct!;
    const location = locations.get(locationId)!;
    if (command.actor.role !== 'STOREFRONT') mustWorkAt(command.actor, location.id, location.code);
    const codes = lines.filter((l) => inactive.has(l.skuId)).map((l) => l.sku);
    if (!(location.active && location.forPickup)) answers.set(command, notAPickupLocation(location));
    else if (codes.length > 0) answers.set(command, notSold(codes));
    else sellable.push(command);
  }
  if (sellable.length === 0) return null;
  const found = await searches(tx, now, sellable);
  const keys = [...sellable.flatMap(shopShelves), ...[...new Set(found.values())].flatMap(searchShelves)];
  const shelves = await lockSwept(tx, { commandId: sellable[0]!.commandId, now }, keys, besides);
  const allocator = await StockAllocator.over(tx, shelves, keys);
  for (const command of sellable) {
    const location = locations.get(command.input.direct!.locationId)!;
    answers.set(command, decide(allocator, now, command, location, found.get(command)));
  }
  return shelves;
}

/** Sources of the units of a basket, by line; nothing is taken yet. */
interface LinePlan {
  /** From the shop's own shelf. */
  here: number[];
  /** From the shop and elsewhere together. */
  placed: number[];
  sourced: Sourced;
}

/** Plans a basket: the shop's own units first, then transfers. @throws ReadTooEarly */
function planLines(
  allocator: StockAllocator,
  now: Date,
  { locationId, channel, lines }: NonNullable<PlaceCommand['input']['direct']>,
  search?: SourceSearch,
): LinePlan {
  const here = lines.map(({ skuId, quantity }) =>
    Math.min(quantity, allocator.atp({ locationId, skuId, channel })),
  );
  const need = lines.flatMap(({ skuId, quantity }, i) => {
    const lacks = quantity - here[i]!;
    return lacks > 0 ? [{ skuId, quantity: lacks }] : [];
  });
  if (search !== undefined && need.some((n) => !search.skuIds.includes(n.skuId))) throw new ReadTooEarly();
  const sourced =
    search !== undefined && need.length > 0
      ? source(allocator, now, search, need)
      : { plans: [], missing: need, log: [] };
  const missing = new Map(sourced.missing.map((m) => [m.skuId, m.quantity]));
  return { here, sourced, placed: lines.map((l) => l.quantity - (missing.get(l.skuId) ?? 0)) };
}

/**
 * Plans a basket that may be placed in part. A line that is not whole gets at most `mostInPart`: otherwise the order would
 * disclose the stock to callers who may not see numbers.
 */
function planInPart(
  allocator: StockAllocator,
  now: Date,
  direct: NonNullable<PlaceCommand['input']['direct']>,
  search: SourceSearch | undefined,
  mostInPart = Number.POSITIVE_INFINITY,
): LinePlan {
  const plan = planLines(allocator, now, direct, search);
  const most = direct.lines.map(({ quantity }, i) => {
    const units = plan.placed[i]!;
    return units < quantity ? Math.min(units, mostInPart) : units;
  });
  if (most.every((units, i) => units === plan.placed[i])) return plan;
  const lines = direct.lines.map((line, i) => ({ ...line, quantity: most[i]! }));
  return planLines(allocator, now, { ...direct, lines }, search);
}

/** Decides one basket on the running totals: the shop's own units first, then transfers. */
function decide(
  allocator: StockAllocator,
  now: Date,
  command: PlaceCommand,
  location: PickupLocation,
  search?: SourceSearch,
): Basket | Refused {
  const { actor, input, quotas } = command;
  const { locationId, channel, lines } = input.direct!;
  const { here, placed, sourced } = planInPart(allocator, now, input.direct!, search, quotas?.mostInPart);
  const isWhole = placed.every((units, i) => units === lines[i]!.quantity);
  if ((!isWhole && !input.allowPartial) || placed.every((units) => units === 0)) {
    const short = lines.map(({ sku, quantity }, i) => ({
      sku,
      location: location.code,
      requested: quantity,
      available: placed[i]!,
    }));
    return notEnoughStock(
      actor,
      short.filter((l) => l.available < l.requested),
    );
  }
  takeSourced(allocator, sourced);
  const taken = lines.map(({ skuId }, i) => ({ skuId, quantity: here[i]! })).filter((t) => t.quantity > 0);
  for (const t of taken) allocator.take({ locationId, skuId: t.skuId }, t.quantity);
  return {
    ownerId: actor.actorId,
    location,
    channel,
    reservationId: null,
    lines: lines
      .map(({ skuId }, i) => ({ skuId, reserved: here[i]!, awaiting: placed[i]! - here[i]! }))
      .filter((l) => l.reserved + l.awaiting > 0),
    taken,
    plans: sourced.plans,
    log: sourced.log,
    shortfall: lines
      .map((l, i) => ({ sku: l.sku, requested: l.quantity, placed: placed[i]! }))
      .filter((l) => l.placed < l.requested),
  };
}
