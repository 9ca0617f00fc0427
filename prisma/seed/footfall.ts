/** How busy each location is on each day: week, opening hours, events, and the chance of weather. */
import type { DayFacts } from './calendar';
import { openMinutes, usualDayMinutes } from './hours';
import { streamOf, uniformAt } from './random';
import type { PlaceSeed, SkuSeed } from './types';

/** Footfall by week of the sales. */
const SALES_FOOTFALL = [1.2, 1.1, 1.05, 1];

/** Monday to Cyber Monday of Black Friday's week. */
const BLACK_SHOP_FOOTFALL = [1.1, 1.1, 1.15, 1.25, 2.1, 1.9, 1.5, 1.1];
const BLACK_WEB_FOOTFALL = [1.3, 1.25, 1.3, 1.6, 3, 2.1, 2, 2.3];

/** The last fortnight before Christmas is busier than any month's average. */
const CHRISTMAS_RUSH_DAYS = 15;
const CHRISTMAS_RUSH = 1.5;
/** Parcels ordered so few days before Christmas would come too late. */
const PARCEL_DAYS = 4;
const LAST_MINUTE_WEB = 0.7;
/** How much a whole shop's day departs from what was to be expected (weather, strikes, a fair). */
const DAY_NOISE = 0.18;
/** Of a shop's demand, the part that is ordered online and collected at its counter. */
const COLLECT_SHARE = 0.13;

/** A location's days: factors on a SKU's mean, by channel; 0 when nothing can be sold. */
export interface PlaceDays {
  store: Float64Array;
  online: Float64Array;
  /** Whether goods can be handed back (1) on the day. */
  takesReturns: Uint8Array;
}

/** Whether the website's parcels leave from here. */
export function servesWebsite(place: PlaceSeed): boolean {
  return place.kind === 'WAREHOUSE' && place.traits.footfall > 0;
}

/**
 * How busy a location is on each of `days`, the facts of its zone. A shop sells and hands over only
 * on days when it is open; the website takes orders every day, whatever its warehouse does.
 */
export function placeDays(place: PlaceSeed, days: DayFacts[]): PlaceDays {
  const { footfall, weekdayProfile } = place.traits;
  const minutes = openMinutes(place, days);
  const usualMinutes = usualDayMinutes(place);
  const noise = streamOf('day', place.code);
  const result = {
    store: new Float64Array(days.length),
    online: new Float64Array(days.length),
    takesReturns: Uint8Array.from(minutes, (open) => (open > 0 ? 1 : 0)),
  };
  days.forEach(({ number, isoWeekday, daysUntilChristmas, salesWeek, blackWeekDay }, d) => {
    const open = minutes[d] ?? 0;
    const weekday = weekdayProfile[isoWeekday - 1] ?? 1;
    // The sum of two draws: symmetric around 1, extremes are rare.
    const chance = 1 + DAY_NOISE * 2 * (uniformAt(noise, number * 2) + uniformAt(noise, number * 2 + 1) - 1);
    const rush = daysUntilChristmas > 0 && daysUntilChristmas <= CHRISTMAS_RUSH_DAYS ? CHRISTMAS_RUSH : 1;
    const sales = SALES_FOOTFALL[salesWeek] ?? 1;
    const level = footfall * chance * sales;
    if (servesWebsite(place)) {
      const tooLate = daysUntilChristmas > 0 && daysUntilChristmas <= PARCEL_DAYS;
      result.online[d] =
        level * weekday * (tooLate ? LAST_MINUTE_WEB : rush) * (BLACK_WEB_FOOTFALL[blackWeekDay] ?? 1);
    } else if (place.kind === 'SHOP' && open > 0) {
      const opening = Math.min(1, open / usualMinutes);
      const busy = level * rush * (BLACK_SHOP_FOOTFALL[blackWeekDay] ?? 1) * opening;
      result.store[d] = busy * weekday * (1 - COLLECT_SHARE);
      // Collecting is an errand: it is spread more evenly over the week than shopping.
      result.online[d] = busy * Math.sqrt(weekday) * COLLECT_SHARE;
    }
  });
  return result;
}

/** Shelves run dry in episodes; in each block of days one may start, and it ends inside the block. */
const STOCK_OUT_BLOCK_DAYS = 28;
const SHOP_STOCK_OUT_CHANCE = 0.07;
const WEB_STOCK_OUT_CHANCE = 0.03;

/** Whether the shelf of a SKU at a location is empty all day, on each of `days` days from day number `first`. */
export function stockOutDays(place: PlaceSeed, sku: SkuSeed, first: number, days: number): Uint8Array {
  const stream = streamOf('stock-out', place.code, sku.code);
  const chance = place.kind === 'SHOP' ? SHOP_STOCK_OUT_CHANCE : WEB_STOCK_OUT_CHANCE;
  const empty = new Uint8Array(days);
  const lastBlock = Math.floor((first + days - 1) / STOCK_OUT_BLOCK_DAYS);
  for (let block = Math.floor(first / STOCK_OUT_BLOCK_DAYS); block <= lastBlock; block++) {
    if (uniformAt(stream, block * 3) >= chance) continue;
    const start = block * STOCK_OUT_BLOCK_DAYS + Math.floor(uniformAt(stream, block * 3 + 1) * 14) - first;
    const length = Math.min(14, 2 + Math.floor(-4 * Math.log(1 - uniformAt(stream, block * 3 + 2))));
    empty.fill(1, Math.min(days, Math.max(0, start)), Math.min(days, Math.max(0, start + length)));
  }
  return empty;
}
