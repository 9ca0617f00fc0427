// Units for orders that their shop lacks: candidates are read unlocked, then decided again on locked shelves.

import { sourceCandidates } from '../../availability/queries/sources';
import {
  planSources,
  type SkuQuantity,
  type SourceCandidate,
  type SourcingStep,
} from '../../availability/rules/sourcing';
import type { Tx } from '../../db/pool';
import { inactiveLocations } from '../../location/queries/locations';
import type { LockedShelves, Shelf } from '../../stock/ledger';
import { type ChannelShelf, safetyStocks } from '../../stock/queries/levels';
import type { TransferPlan } from '../../transfer/actions/planned';
import { channelShelfKey, shelfKey } from '../../values/keys';
import { MINUTE_MS } from '../../values/time';

/**
 * What locked shelves can still promise, with running totals: units taken by one request of a batch are not available to the
 * next, although they are posted only at the end.
 */
export class StockAllocator {
  readonly #taken = new Map<string, number>();

  private constructor(
    private readonly shelves: LockedShelves,
    private readonly kept: ReadonlyMap<string, number>,
  ) {}

  /** Makes an allocator over locked shelves; `keys` are the shelves to be requested, by channel. */
  static async over(tx: Tx, shelves: LockedShelves, keys: readonly ChannelShelf[]): Promise<StockAllocator> {
    const wanted = [...new Map(keys.map((k) => [channelShelfKey(k), k])).values()];
    const kept = wanted.length > 0 ? await safetyStocks(tx, wanted) : [];
    return new StockAllocator(shelves, new Map(wanted.map((k, i) => [channelShelfKey(k), kept[i] ?? 0])));
  }

  /** Units that can be promised from this shelf to this channel now. */
  atp(shelf: ChannelShelf): number {
    const kept = this.kept.get(channelShelfKey(shelf));
    if (kept === undefined) throw new Error(`shelf ${channelShelfKey(shelf)} was not loaded for sourcing`);
    const { available } = this.shelves.at(shelf.locationId, shelf.skuId);
    return Math.max(0, available - kept - (this.#taken.get(shelfKey(shelf)) ?? 0));
  }

  /** Allocates units, which are not available to later requests. */
  take(shelf: Shelf, quantity: number): void {
    const key = shelfKey(shelf);
    this.#taken.set(key, (this.#taken.get(key) ?? 0) + quantity);
  }
}

/** Candidates for missing units, as read before anything was locked. */
export interface SourceSearch {
  toLocationId: number;
  channel: string;
  skuIds: number[];
  candidates: SourceCandidate[];
}

/**
 * Reads the locations that could send these SKUs. With `now`, units of expired reservations count as free, and `lockSwept`
 * must end those. Lock `searchShelves` together with the other shelves, then call `source`.
 */
export async function searchSources(
  tx: Tx,
  now: Date | null,
  request: {
    toLocationId: number;
    channel: string;
    skuIds: readonly number[];
    excludeLocationIds?: readonly number[];
  },
): Promise<SourceSearch> {
  const skuIds = [...new Set(request.skuIds)];
  // Nothing is sent to a permanently closed location, even if an order there lacks units.
  const isPointless = skuIds.length === 0 || (await inactiveLocations(tx, [request.toLocationId])).size > 0;
  const candidates = isPointless
    ? []
    : await sourceCandidates(tx, { ...request, skuIds, ...(now && { now }) });
  return { toLocationId: request.toLocationId, channel: request.channel, skuIds, candidates };
}

/** The shelves of all candidates, as this channel sees them. */
export function searchShelves({ candidates, channel }: SourceSearch): ChannelShelf[] {
  return candidates.flatMap((c) =>
    [...c.atp.keys()].map((skuId) => ({ locationId: c.locationId, skuId, channel })),
  );
}

/** Planned transfers, units that no location has, and the reasons. */
export interface Sourced {
  plans: Omit<TransferPlan, 'orderId'>[];
  missing: SkuQuantity[];
  log: SourcingStep[];
}

/** Plans on locked shelves from which locations `need` comes; `takeSourced` then allocates it. */
export function source(
  allocator: StockAllocator,
  now: Date,
  search: SourceSearch,
  need: readonly SkuQuantity[],
): Sourced {
  const { channel, toLocationId } = search;
  const candidates = search.candidates.map((c) => ({
    ...c,
    atp: new Map(
      [...c.atp.keys()].map((skuId) => [skuId, allocator.atp({ locationId: c.locationId, skuId, channel })]),
    ),
  }));
  const { transfers, missing, log } = planSources(need, candidates);
  const leadMinutes = new Map(candidates.map((c) => [c.locationId, c.leadMinutes]));
  const plans = transfers.map(({ fromLocationId, lines }) => {
    const expectedAt = new Date(now.getTime() + (leadMinutes.get(fromLocationId) ?? 0) * MINUTE_MS);
    return { fromLocationId, toLocationId, expectedAt, lines };
  });
  return { plans, missing, log };
}

/** Allocates the sourced units, which are not available to later requests. */
export function takeSourced(allocator: StockAllocator, { plans }: Sourced): void {
  for (const { fromLocationId: locationId, lines } of plans)
    for (const { skuId, quantity } of lines) allocator.take({ locationId, skuId }, quantity);
}
