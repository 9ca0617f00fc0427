// Orders straight off the shelf: decided under the lock, at the shop itself and wherever units can be fetched from.

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

/** Levels of the shelves as read before they were locked. They are compared with the levels under the lock; if they differ, the decision is made again. */
class ReadTooEarly extends Error {
  /** PostgreSQL's serialization failure, which this is: `inTransaction` runs the work again. */
  readonly code = '40001';
}

function shopShelves({ input }: PlaceCommand): ChannelShelf[] {
  const { locationId, channel, lines } = input.direct!;
  return lines.map(({ skuId }) => ({ locationId, channel, skuId }));
}

/** Looks, unlocked, for sources of what the shop seems to lack for all these orders together. */
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
  // One search for each shop and channel, whatever the number of baskets.
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
 * which the caller takes over, are locked with those that are swept from these shelves.
 */
export async function directBaskets(
  tx: Tx,
  now: Date,
  commands: readonly PlaceCommand[],
  places: ReadonlyMap<number, PickupLocation>,
  answers: Map<PlaceCommand, Basket | Refused>,
  besides: readonly string[],
): Promise<LockedShelves | null> {
  const able: PlaceCommand[] = [];
  const gone = await inactiveSkus(
    tx,
    commands.flatMap((c) => c.input.direct!.lines.map((l) => l.skuId)),
  );
  for (const command of commands) {
    const { locationId, lines } = command.input.direct!;
    const place = places.get(locationId)!;
    if (command.actor.role !== 'STOREFRONT') mustWorkAt(command.actor, place.id, place.code);
    const codes = lines.filter((l) => gone.has(l.skuId)).map((l) => l.sku);
    if (!(place.active && place.forPickup)) answers.set(command, notAPickupLocation(place));
    else if (codes.length > 0) answers.set(command, notSold(codes));
    else able.push(command);
  }
  if (able.length === 0) return null;
  const found = await searches(tx, now, able);
  const keys = [...able.flatMap(shopShelves), ...[...new Set(found.values())].flatMap(searchShelves)];
  const shelves = await lockSwept(tx, { commandId: able[0]!.commandId, now }, keys, besides);
  const desk = await StockAllocator.over(tx, shelves, keys);
  for (const command of able) {
    const place = places.get(command.input.direct!.locationId)!;
    answers.set(command, decide(desk, now, command, place, found.get(command)));
  }
  return shelves;
}

/** Where the units of a basket would come from, line by line; nothing is taken yet. */
interface LinePlan {
  /** From the shop's own shelf. */
  here: number[];
  /** From the shop and elsewhere together. */
  placed: number[];
  sourced: Sourced;
}

/** Plans a basket: the shop's own units first, then what can be fetched. @throws ReadTooEarly */
function planLines(
  desk: StockAllocator,
  now: Date,
  { locationId, channel, lines }: NonNullable<PlaceCommand['input']['direct']>,
  search?: SourceSearch,
): LinePlan {
  const here = lines.map(({ skuId, quantity }) =>
    Math.min(quantity, desk.atp({ locationId, skuId, channel })),
  );
  const need = lines.flatMap(({ skuId, quantity }, i) => {
    const lacks = quantity - here[i]!;
    return lacks > 0 ? [{ skuId, quantity: lacks }] : [];
  });
  if (search !== undefined && need.some((n) => !search.skuIds.includes(n.skuId))) throw new ReadTooEarly();
  const sourced =
    search !== undefined && need.length > 0
      ? source(desk, now, search, need)
      : { plans: [], missing: need, log: [] };
  const missing = new Map(sourced.missing.map((m) => [m.skuId, m.quantity]));
  return { here, sourced, placed: lines.map((l) => l.quantity - (missing.get(l.skuId) ?? 0)) };
}

/**
 * Plans a basket that may be placed in part. A line that is not whole gets at most `mostInPart`: whoever may not see
 * numbers would otherwise read them off the order.
 */
function planInPart(
  desk: StockAllocator,
  now: Date,
  direct: NonNullable<PlaceCommand['input']['direct']>,
  search: SourceSearch | undefined,
  mostInPart = Number.POSITIVE_INFINITY,
): LinePlan {
  const plan = planLines(desk, now, direct, search);
  const most = direct.lines.map(({ quantity }, i) => {
    const units = plan.placed[i]!;
    return units < quantity ? Math.min(units, mostInPart) : units;
  });
  if (most.every((units, i) => units === plan.placed[i])) return plan;
  const lines = direct.lines.map((line, i) => ({ ...line, quantity: most[i]! }));
  return planLines(desk, now, { ...direct, lines }, search);
}

/** Decides one basket on the running totals: the shop's own units first, then what can be fetched. */
function decide(
  desk: StockAllocator,
  now: Date,
  command: PlaceCommand,
  place: PickupLocation,
  search?: SourceSearch,
): Basket | Refused {
  const { actor, input, quotas } = command;
  const { locationId, channel, lines } = input.direct!;
  const { here, placed, sourced } = planInPart(desk, now, input.direct!, search, quotas?.mostInPart);
  const isWhole = placed.every((units, i) => units === lines[i]!.quantity);
  if ((!isWhole && !input.allowPartial) || placed.every((units) => units === 0)) {
    const short = lines.map(({ sku, quantity }, i) => ({
      sku,
      location: place.code,
      requested: quantity,
      available: placed[i]!,
    }));
    return notEnoughStock(
      actor,
      short.filter((l) => l.available < l.requested),
    );
  }
  takeSourced(desk, sourced);
  const taken = lines.map(({ skuId }, i) => ({ skuId, quantity: here[i]! })).filter((t) => t.quantity > 0);
  for (const t of taken) desk.take({ locationId, skuId: t.skuId }, t.quantity);
  return {
    ownerId: actor.actorId,
    place,
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
