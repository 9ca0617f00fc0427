/** A year of daily sales and returns of the demonstration chain, generated row by row. */
import { carries } from './assortment';
import { type DayFacts, dayFacts, dayNumber, dayOf } from './calendar';
import { type SkuDays, skuDays } from './demand';
import { type PlaceDays, placeDays, servesWebsite, stockOutDays } from './footfall';
import { draws, mix, negativeBinomial, streamOf, uniformAt } from './random';
import type { Channel, DailySale, DemandClass, PlaceSeed, SalesZone, SeedChain, SkuSeed } from './types';

/** The history ends the day before `today` and is this long. */
export const HISTORY_DAYS = 365;

/** Dispersion of the negative binomial: the smaller, the more bursts. */
const DISPERSION: Record<DemandClass, number> = { SMOOTH: 12, ERRATIC: 1.2, INTERMITTENT: 3, LUMPY: 2 };
/** Units bought at a time, on average, when they are bought several at a time. */
const LUMPY_BASKET_UNITS = 2.5;

/** More of what was not tried on comes back. */
const ONLINE_RETURN_FACTOR = 1.8;
const RETURN_RATE_LIMIT = 0.5;
/** Returns come after a few days, rarely late; a parcel takes longer. */
const RETURN_MEAN_LAG_DAYS = 8;
const RETURN_FIRST_LAG_DAYS = 1;
const PARCEL_LAG_DAYS = 4;
/** No run of closed days is longer, so that a return put off to the next open day is still in its window. */
const CLOSED_RUN_DAYS = 5;

/** What happened on one shelf, by channel, as one number a day. */
interface ShelfYear {
  units: Int32Array;
  returns: Int32Array;
}

/** The units that customers take on a day, given what is expected. */
function unitsSold(demandClass: DemandClass, mean: number, seed: number): number {
  const draw = uniformAt(seed, 0);
  if (demandClass !== 'LUMPY') return negativeBinomial(mean, DISPERSION[demandClass], draw);
  const baskets = negativeBinomial(mean / LUMPY_BASKET_UNITS, DISPERSION.LUMPY, draw);
  if (baskets === 0) return 0;
  const next = draws(seed);
  let units = baskets;
  for (let i = 0; i < baskets; i++) {
    while (next() < 1 - 1 / LUMPY_BASKET_UNITS) units++;
  }
  return units;
}

/** Sends some of a day's units back on later days when the location is open; later than the history is lost to it. */
function scheduleReturns(
  year: ShelfYear,
  day: number,
  takesReturns: Uint8Array,
  rate: number,
  firstLag: number,
  windowDays: number,
  seed: number,
): void {
  const next = draws(seed);
  for (let i = year.units[day] ?? 0; i > 0; i--) {
    if (next() >= rate) continue;
    const wait = firstLag + Math.floor(-RETURN_MEAN_LAG_DAYS * Math.log(1 - next()));
    let back = day + Math.min(wait, windowDays - CLOSED_RUN_DAYS);
    while (back < HISTORY_DAYS && takesReturns[back] === 0) back++;
    if (back < HISTORY_DAYS) year.returns[back] = (year.returns[back] ?? 0) + 1;
  }
}

/** Fills a shelf's year for one channel. Draws depend on the calendar day, not on where the history starts. */
function playYear(
  year: ShelfYear,
  place: PlaceSeed,
  sku: SkuSeed,
  channel: Channel,
  first: number,
  busy: PlaceDays,
  demand: SkuDays,
  empty: Uint8Array,
): void {
  year.units.fill(0);
  year.returns.fill(0);
  const { demandClass, returnRate } = sku.traits;
  const factors = channel === 'STORE' ? busy.store : busy.online;
  const stream = streamOf('sale', place.code, sku.code, channel);
  const rate = Math.min(RETURN_RATE_LIMIT, returnRate * (channel === 'ONLINE' ? ONLINE_RETURN_FACTOR : 1));
  const firstLag = RETURN_FIRST_LAG_DAYS + (servesWebsite(place) ? PARCEL_LAG_DAYS : 0);
  for (let d = 0; d < HISTORY_DAYS; d++) {
    const mean = (factors[d] ?? 0) * (demand.mean[d] ?? 0);
    if (mean <= 0 || empty[d] === 1) continue;
    const seed = mix(stream, first + d);
    const units = unitsSold(demandClass, mean, seed);
    if (units === 0) continue;
    year.units[d] = units;
    if (rate > 0 && sku.returnWindowDays > 0) {
      scheduleReturns(year, d, busy.takesReturns, rate, firstLag, sku.returnWindowDays, mix(seed, 1));
    }
  }
}

const byCode = (a: { code: string }, b: { code: string }) => (a.code < b.code ? -1 : 1);

/** The channels that sell from a location's shelves, in the order of their rows. */
function channelsOf(place: PlaceSeed): Channel[] {
  if (place.kind === 'SHOP') return ['STORE', 'ONLINE'];
  return servesWebsite(place) ? ['ONLINE'] : [];
}

/**
 * The chain's sales of the 365 days before `chain.today`, in order of location, SKU, day and channel
 * (STORE first), days without sales or returns left out. The website's parcels are ONLINE at their
 * warehouse, click-and-collect is ONLINE at the shop that hands over. A calendar day's demand is the
 * same under every `today`; but returns of units sold before the first day are left out.
 * Holds a year of one shelf at a time, and of each SKU's demand by zone.
 */
export function* dailySales(chain: SeedChain): Generator<DailySale> {
  const first = dayNumber(chain.today) - HISTORY_DAYS;
  const dayNames = Array.from({ length: HISTORY_DAYS }, (_, d) => dayOf(first + d));
  const facts = new Map<SalesZone, DayFacts[]>();
  const demands = new Map<string, SkuDays>();
  const fresh = (): ShelfYear => ({
    units: new Int32Array(HISTORY_DAYS),
    returns: new Int32Array(HISTORY_DAYS),
  });
  const years: Record<Channel, ShelfYear> = { STORE: fresh(), ONLINE: fresh() };

  for (const place of [...chain.places].sort(byCode)) {
    const channels = channelsOf(place);
    if (channels.length === 0) continue;
    const zone = place.traits.salesZone;
    const days = facts.get(zone) ?? dayFacts(zone, first, HISTORY_DAYS);
    facts.set(zone, days);
    const busy = placeDays(place, days);
    for (const sku of chain.skus) {
      if (!carries(place, sku)) continue;
      const key = `${zone} ${sku.code}`;
      const demand = demands.get(key) ?? skuDays(sku, zone, days);
      demands.set(key, demand);
      const empty = stockOutDays(place, sku, first, HISTORY_DAYS);
      for (const channel of channels)
        playYear(years[channel], place, sku, channel, first, busy, demand, empty);
      for (let d = 0; d < HISTORY_DAYS; d++) {
        for (const channel of channels) {
          const units = years[channel].units[d] ?? 0;
          const returnedUnits = years[channel].returns[d] ?? 0;
          const factor = (channel === 'STORE' ? busy.store : busy.online)[d] ?? 0;
          const stockedOut = empty[d] === 1 && factor * (demand.mean[d] ?? 0) > 0;
          if (units === 0 && returnedUnits === 0 && !stockedOut) continue;
          yield {
            skuCode: sku.code,
            locationCode: place.code,
            channel,
            day: dayNames[d] ?? '',
            units,
            returnedUnits,
            revenueMinor: units * (demand.priceMinor[d] ?? 0),
            stockedOut,
          };
        }
      }
    }
  }
}
