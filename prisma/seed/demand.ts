/** What demand to expect of a SKU on a day: season, trend, launch, sales, promotions, and the price asked. */
import { type DayFacts, dayNumber } from './calendar';
import { streamOf, uniformAt, uniformOf } from './random';
import type { SalesZone, SeasonProfile, SkuSeed } from './types';

/** Demand by month, January first, relative to one another; scaled to a mean of 1 below. */
const MONTHLY: Record<SeasonProfile, readonly number[]> = {
  ALL_YEAR: [0.9, 0.85, 0.95, 1, 1.05, 1.05, 1.1, 1, 1, 0.95, 1, 1.25],
  SUMMER: [0.2, 0.25, 0.45, 0.9, 1.5, 2.1, 2.3, 1.7, 0.8, 0.4, 0.25, 0.35],
  WINTER: [1.8, 1.3, 0.7, 0.4, 0.25, 0.15, 0.15, 0.25, 0.7, 1.5, 2, 2.4],
  SNOW: [2.8, 2.4, 1, 0.2, 0.05, 0.03, 0.03, 0.03, 0.1, 0.5, 1.6, 3.2],
  RAIN: [0.8, 0.8, 1.1, 1.3, 1.1, 0.7, 0.5, 0.6, 1.3, 1.7, 1.3, 0.9],
  HIKING: [0.5, 0.6, 0.9, 1.2, 1.4, 1.4, 1.4, 1.2, 1.1, 0.8, 0.6, 0.8],
  BACK_TO_SCHOOL: [0.7, 0.7, 0.8, 0.9, 1, 1, 1.1, 1.6, 2, 0.8, 0.7, 1.1],
  GIFT: [0.6, 0.6, 0.7, 0.8, 1, 1.1, 1, 0.9, 0.8, 0.8, 1.4, 2.6],
};

const MONTHS_PER_YEAR = 12;
const MONTHLY_MEAN = Object.fromEntries(
  Object.entries(MONTHLY).map(([profile, months]) => [
    profile,
    months.reduce((sum, value) => sum + value, 0) / MONTHS_PER_YEAR,
  ]),
) as Record<SeasonProfile, number>;

/** Profiles that follow the weather: upside down in La Réunion, and half as strong in its mild winters. */
const WEATHER_PROFILES: readonly SeasonProfile[] = ['SUMMER', 'WINTER', 'SNOW', 'RAIN', 'HIKING'];
const TROPICAL_STRENGTH = 0.5;

/** The year's demand at a fraction of the year (0 is 1 January), between the middles of its months. */
function seasonAt(profile: SeasonProfile, yearFraction: number, zone: SalesZone): number {
  const tropical = zone === 'REUNION' && WEATHER_PROFILES.includes(profile);
  const months = MONTHLY[profile];
  const position = (yearFraction + (tropical ? 0.5 : 0)) * MONTHS_PER_YEAR - 0.5 + MONTHS_PER_YEAR;
  const month = Math.floor(position);
  const part = position - month;
  const at = (m: number) => months[m % MONTHS_PER_YEAR] ?? 0;
  const value = (at(month) * (1 - part) + at(month + 1) * part) / MONTHLY_MEAN[profile];
  return tropical ? 1 + (value - 1) * TROPICAL_STRENGTH : value;
}

/** By week of the sales: price cut and uplift of what is on sale. */
const SALES_CUTS = [0.2, 0.3, 0.4, 0.5];
const SALES_UPLIFTS = [2.1, 1.6, 1.4, 1.25];
const SALES_DEPARTMENTS = ['clothing', 'footwear', 'snow'];
const SALES_SHARE = 0.65;

const BLACK_CUT = 0.2;
const BLACK_UPLIFT = 1.5;
const BLACK_SHARE = 0.45;

/** A model's own promotions: in each block of days one may start, and it ends inside the block. */
const PROMOTION_BLOCK_DAYS = 28;
const PROMOTION_CHANCE = 0.1;
const PROMOTION_CUTS = [0.15, 0.2, 0.25, 0.3];
/** Demand gained for each point of price cut. */
const PROMOTION_ELASTICITY = 4.5;

/** Slow rise and fall of a model's popularity. A wave, so that no `today` is too far away for it. */
const TREND_PERIOD_DAYS = 1_100;
const TREND_AMPLITUDE = 0.3;

/** A new model reaches its full demand after this many days. */
const LAUNCH_RAMP_DAYS = 42;

/** Prices are cut to multiples of ten cents. */
const PRICE_STEP_MINOR = 10;

interface Offer {
  cut: number;
  uplift: number;
}

const NO_OFFER: Offer = { cut: 0, uplift: 1 };

/** The offer of a model's own promotions on a day; `stream` is the model's. */
function promotionOn(stream: number, number: number): Offer {
  const block = Math.floor(number / PROMOTION_BLOCK_DAYS);
  if (uniformAt(stream, block * 4) >= PROMOTION_CHANCE) return NO_OFFER;
  const start = block * PROMOTION_BLOCK_DAYS + Math.floor(uniformAt(stream, block * 4 + 1) * 14);
  const length = 7 + Math.floor(uniformAt(stream, block * 4 + 2) * 8);
  if (number < start || number >= start + length) return NO_OFFER;
  const cut = PROMOTION_CUTS[Math.floor(uniformAt(stream, block * 4 + 3) * PROMOTION_CUTS.length)] ?? 0;
  return { cut, uplift: 1 + PROMOTION_ELASTICITY * cut };
}

/** The one offer that counts on a day: Black Friday before the sales before the model's own promotion. */
function offerOn(sku: SkuSeed, facts: DayFacts, promotions: number): Offer {
  const year = String(facts.year);
  if (facts.blackWeekDay >= 0 && uniformOf('black', sku.productCode, year) < BLACK_SHARE) {
    return { cut: BLACK_CUT, uplift: BLACK_UPLIFT };
  }
  const week = facts.salesWeek;
  const onSale =
    week >= 0 && SALES_DEPARTMENTS.some((department) => sku.category.startsWith(`${department}/`));
  if (onSale && uniformOf('soldes', sku.productCode, year) < SALES_SHARE) {
    return { cut: SALES_CUTS[week] ?? 0, uplift: SALES_UPLIFTS[week] ?? 1 };
  }
  return promotionOn(promotions, facts.number);
}

/** A SKU's days in one zone. */
export interface SkuDays {
  /** Mean units a day in an average shop on an average open day; 0 before its launch. */
  mean: Float64Array;
  /** The price asked, in minor units. */
  priceMinor: Int32Array;
}

/** What a SKU's demand and price are on each of `days`, the facts of a zone. */
export function skuDays(sku: SkuSeed, zone: SalesZone, days: DayFacts[]): SkuDays {
  const { baseDailyUnits, season, onSaleSince } = sku.traits;
  const phase = uniformOf('trend-phase', sku.productCode) * 2 * Math.PI;
  const amplitude = uniformOf('trend-size', sku.productCode) * TREND_AMPLITUDE;
  const promotions = streamOf('promotion', sku.productCode);
  const launch = onSaleSince === null ? Number.NEGATIVE_INFINITY : dayNumber(onSaleSince);
  const mean = new Float64Array(days.length);
  const priceMinor = new Int32Array(days.length).fill(sku.priceMinor);
  days.forEach((facts, d) => {
    const { cut, uplift } = offerOn(sku, facts, promotions);
    const trend = 1 + amplitude * Math.sin((2 * Math.PI * facts.number) / TREND_PERIOD_DAYS + phase);
    const ramp = Math.min(1, Math.max(0, (facts.number - launch + 1) / LAUNCH_RAMP_DAYS));
    mean[d] = baseDailyUnits * seasonAt(season, facts.yearFraction, zone) * trend * ramp * uplift;
    if (cut > 0)
      priceMinor[d] = Math.round((sku.priceMinor * (1 - cut)) / PRICE_STEP_MINOR) * PRICE_STEP_MINOR;
  });
  return { mean, priceMinor };
}
