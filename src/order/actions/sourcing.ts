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
 * What locked shelves can still promise, with running totals: what one request of a batch takes is gone for the next,
 * though it is posted only at the end.
 */
export class StockAllocator {
  readonly #taken = new Map<string, number>();

  private constructor(
    private readonly shelves: LockedShelves,
    private readonly kept: ReadonlyMap<string, number>,
  ) {}

  /** A desk over shelves locked before; `keys` are those that will be requested, by channel. */
  static async over(tx: Tx, shelves: LockedShelves, keys: readonly ChannelShelf[]): Promise<StockAllocator> {
    const wanted = [...new Map(keys.map((k) => [channelShelfKey(k), k])).values()];
    const kept = wanted.length > 0 ? await safetyStocks(tx, wanted) : [];
    return new StockAllocator(shelves, new Map(wanted.map((k, i) => [channelShelfKey(k), kept[i] ?? 0])));
  }

  /** Units that can be promised from this shelf to this channel now. */
  atp(shelf: ChannelShelf): number {
    const kept = this.kept.get(channelShelfKey(shelf));
    if (kept === undefined) throw new Error(`shelf ${channelShelfKey(shelf)} was not brought to this desk`);
    const { available } = this.shelves.at(shelf.locationId, shelf.skuId);
    return Math.max(0, available - kept - (this.#taken.get(shelfKey(shelf)) ?? 0));
  }

  /** Promises units: they are gone for whoever asks next. */
  take(shelf: Shelf, quantity: number): void {
    const key = shelfKey(shelf);
    this.#taken.set(key, (this.#taken.get(key) ?? 0) + quantity);
  }
}

/** Where missing units might come from, as read before anything was locked. */
export interface SourceSearch {
  toLocationId: number;
  channel: string;
  skuIds: number[];
  candidates: SourceCandidate[];
}

/**
 * Reads who could send these SKUs; with `now` holds past their time count as free, and `lockSwept` must expire them.
 * Lock `searchShelves` with your own, then `source`.
 */
export async function searchSources(
  tx: Tx,
  now: Date | null,
  ask: {
    toLocationId: number;
    channel: string;
    skuIds: readonly number[];
    excludeLocationIds?: readonly number[];
  },
): Promise<SourceSearch> {
  const skuIds = [...new Set(ask.skuIds)];
  // Nothing is sent to a location that is closed for good, whatever order of it still lacks units.
  const isPointless = skuIds.length === 0 || (await inactiveLocations(tx, [ask.toLocationId])).size > 0;
  const candidates = isPointless ? [] : await sourceCandidates(tx, { ...ask, skuIds, ...(now && { now }) });
  return { toLocationId: ask.toLocationId, channel: ask.channel, skuIds, candidates };
}

/** The shelves of all candidates, as this channel sees them. */
export function searchShelves({ candidates, channel }: SourceSearch): ChannelShelf[] {
  return candidates.flatMap((c) =>
    [...c.atp.keys()].map((skuId) => ({ locationId: c.locationId, skuId, channel })),
  );
}

/** What is fetched from where, what nobody has, and why. */
export interface Sourced {
  plans: Omit<TransferPlan, 'orderId'>[];
  missing: SkuQuantity[];
  log: SourcingStep[];
}

/** Decides on locked shelves from where `need` is fetched, without taking it yet: `takeSourced` does. */
export function source(
  desk: StockAllocator,
  now: Date,
  search: SourceSearch,
  need: readonly SkuQuantity[],
): Sourced {
  const { channel, toLocationId } = search;
  const candidates = search.candidates.map((c) => ({
    ...c,
    atp: new Map(
      [...c.atp.keys()].map((skuId) => [skuId, desk.atp({ locationId: c.locationId, skuId, channel })]),
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

/** Promises what was sourced: it is gone for whoever asks next. */
export function takeSourced(desk: StockAllocator, { plans }: Sourced): void {
  for (const { fromLocationId: locationId, lines } of plans)
    for (const { skuId, quantity } of lines) desk.take({ locationId, skuId }, quantity);
}
