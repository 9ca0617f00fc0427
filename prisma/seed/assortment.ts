/** The assortment: every model spread into its SKUs, with GTINs, prices and demand, and who carries it. */
import { gtinCheckDigit } from '../../src/catalog/rules/codes';
import { dateIn, dayNumber, dayOf, yearOf } from './calendar';
import { type CategoryDefaults, categories, colours, type Product, suppliers } from './categories';
import { clothing } from './clothing';
import { equipment } from './equipment';
import { streamOf, uniformAt, uniformOf } from './random';
import type { DayText, PlaceSeed, SkuSeed } from './types';

/** GS1 keeps the prefixes 200-299 for use inside a company: no real product has such a number. */
const INTERNAL_PREFIX = '247';

/** The first colour of a model sells best. */
const COLOUR_WEIGHTS = [1, 0.7, 0.5, 0.4];
/** Models that sell this much a day in an average shop are in every shop whatever its size. */
const CORE_DAILY_UNITS = 1.4;
/** A model is called new only once it has sold for this long. */
const LAUNCH_MINIMUM_DAYS = 30;

/** The latest 1 March or 1 September that is long enough ago. */
function launchDay(launch: 'SPRING' | 'AUTUMN', today: number): DayText {
  const date = launch === 'SPRING' ? '03-01' : '09-01';
  const thisYear = dateIn(yearOf(today), date);
  return dayOf(thisYear <= today - LAUNCH_MINIMUM_DAYS ? thisYear : dateIn(yearOf(today) - 1, date));
}

/** Share of a model's demand that each of its sizes has: most in the middle. Sums to 1. */
function sizeShares(count: number): number[] {
  const middle = (count - 1) / 2;
  const weights = Array.from(
    { length: count },
    (_, i) => 1 - (0.75 * Math.abs(i - middle)) / Math.max(1, middle),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** Share of a model's demand that each of its colours has. Sums to 1. */
function colourShares(count: number): number[] {
  const weights = COLOUR_WEIGHTS.slice(0, count);
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

function categoryOf(product: Product): CategoryDefaults {
  const defaults = categories[product.category];
  if (!defaults) throw new Error(`Product ${product.code} is in an unknown category: ${product.category}`);
  return { ...defaults, ...product.defaults };
}

function skusOf(product: Product, productNumber: number, today: number): SkuSeed[] {
  const category = categoryOf(product);
  const supplier = suppliers.find(({ code }) => code === category.supplierCode);
  if (!supplier) throw new Error(`Product ${product.code} has an unknown supplier: ${category.supplierCode}`);
  const colourCodes = product.colours.length > 0 ? product.colours : [''];
  const sizes = product.sizes.length > 0 ? product.sizes : [''];
  const bySize = sizeShares(sizes.length);
  const byColour = colourShares(colourCodes.length);
  return colourCodes.flatMap((colour, c) =>
    sizes.map((size, s) => {
      const number = `${INTERNAL_PREFIX}${String(productNumber).padStart(5, '0')}${String(c * 100 + s + 1).padStart(4, '0')}`;
      const attributes = { ...product.attributes };
      if (colour) attributes.colour = colours[colour] ?? colour;
      if (size) attributes.size = size;
      return {
        code: [product.code, colour, size.toUpperCase()].filter(Boolean).join('-'),
        gtin: `${number}${gtinCheckDigit(number)}`,
        name: [product.name, attributes.colour?.toLowerCase(), size].filter(Boolean).join(', '),
        productCode: product.code,
        category: product.category,
        attributes,
        packSize: category.packSize,
        priceMinor: product.priceMinor,
        currency: 'EUR' as const,
        // Known only when all SKUs are.
        pickPosition: '',
        returnWindowDays: category.returnWindowDays,
        supplierCode: supplier.code,
        leadTimeDays: supplier.leadTimeMeanDays + Math.floor(uniformOf('lead-time', product.code) * 4),
        traits: {
          baseDailyUnits: product.dailyUnits * (byColour[c] ?? 0) * (bySize[s] ?? 0),
          demandClass: category.demandClass,
          season: category.season,
          returnRate: category.returnRate,
          core: product.dailyUnits >= CORE_DAILY_UNITS,
          webOnly: product.webOnly,
          onSaleSince: product.launch ? launchDay(product.launch, today) : null,
        },
      };
    }),
  );
}

/** Every SKU the chain sells, in order of code. `today` moves the launch days of the new models only. */
export function buildAssortment(today: DayText): SkuSeed[] {
  const skus = [...clothing, ...equipment].flatMap((product, index) =>
    skusOf(product, index + 1, dayNumber(today)),
  );
  skus.sort((a, b) => (a.code < b.code ? -1 : 1));
  const aisles = Object.keys(categories);
  const bays = new Map<string, number>();
  return skus.map((sku) => {
    const bay = (bays.get(sku.category) ?? 0) + 1;
    bays.set(sku.category, bay);
    const aisle = aisles.indexOf(sku.category) + 1;
    return { ...sku, pickPosition: `${String(aisle).padStart(2, '0')}-${String(bay).padStart(3, '0')}` };
  });
}

/** Whether a location keeps a shelf for a SKU. Models are ranged whole: all colours and sizes, or none. */
export function carries(place: PlaceSeed, sku: SkuSeed): boolean {
  const { notCarried, rangeShare } = place.traits;
  if (notCarried.some((code) => sku.category === code || sku.category.startsWith(`${code}/`))) return false;
  // The website ships from the warehouse that has everything.
  if (place.kind === 'WAREHOUSE' && rangeShare === 1) return true;
  if (sku.traits.webOnly) return false;
  if (place.kind === 'SHOP' && sku.traits.core) return true;
  return uniformAt(streamOf('range', place.code), streamOf(sku.productCode)) < rangeShare;
}
