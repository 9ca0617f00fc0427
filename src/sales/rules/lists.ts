// Lines of files of SKUs, locations and counts: their columns, and what a line states.

import type { Price } from '../../catalog/rules/codes';
import { checkSkus, type FurtherGtin, type SkuInput } from '../../catalog/rules/sku';
import { hasAtMost, type NumberForm, scaled } from '../../csv/rules/numbers';
import type { WeeklyHours } from '../../location/rules/hours';
import { checkLocations, type LocationInput } from '../../location/rules/locationInput';
import { MAX_QUANTITY } from '../../refusals';
import { type Cells, dayIn, decimalIn, flagIn, numberIn, readingCells, UnreadableCell } from './cells';
import { shortenedCode } from './lineKinds';
import type { Rejection } from './rejection';

export const CATALOGUE_COLUMNS = [
  'code',
  'name',
  'category',
  'gtin',
  'furtherGtins',
  'price',
  'currency',
  'packSize',
  'returnWindowDays',
  'pickPosition',
  'maxUnitsPerLine',
  'active',
  'discontinuedOn',
] as const;

export const LOCATION_COLUMNS = [
  'code',
  'name',
  'kind',
  'street',
  'postalCode',
  'city',
  'country',
  'latitude',
  'longitude',
  'timeZone',
  'hours',
  'groups',
  'transferLeadMinutes',
  'pickupEnabled',
  'active',
] as const;

export const COUNT_COLUMNS = ['location', 'sku', 'bin', 'quantity', 'expected'] as const;

/** Columns of numbers, by which a file shows how it writes them. */
export const LIST_NUMBERS = {
  catalogue: ['price', 'packSize', 'returnWindowDays'],
  locations: ['latitude', 'longitude', 'transferLeadMinutes'],
  counts: ['quantity', 'expected'],
} as const;

/** A count of one shelf, by codes. */
export interface CountFileLine {
  location: string;
  sku: string;
  quantity: number;
  expected: number | null;
  /** Where at the location it lies; a SKU may lie in several. */
  bin: string | null;
}

const withoutAbsent = <T extends object>(stated: T): T =>
  Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined)) as T;

function priceIn(cells: Cells, currency: string | null, form: NumberForm): Price | undefined {
  const code = cells('currency') ?? currency;
  const known = code !== null && /^[A-Z]{3}$/.test(code);
  const amount = decimalIn(cells, 'price', form, { currency: known ? code : null });
  if (amount === undefined) return undefined;
  if (code === null) throw new UnreadableCell('the price has no currency; add the column or give --currency');
  if (!known) throw new UnreadableCell(`currency is '${code.slice(0, 40)}', not a code like EUR`);
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: code });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  const amountMinor = hasAtMost(amount, digits) ? scaled(amount, digits) : null;
  if (amountMinor === null)
    throw new UnreadableCell(
      `price is '${cells('price')!.slice(0, 40)}'; ${code} has at most ${digits} decimals`,
    );
  return { amountMinor, currency: code };
}

/** "4006381333948|14006381333945x12": GTINs, and behind those of cases how many units they hold. */
function furtherGtinsIn(text: string | undefined): FurtherGtin[] | undefined {
  return text?.split('|').map((part) => {
    const [, gtin, units = '1'] = /^\s*([\d -]+?)\s*(?:[x×*]\s*(\d{1,6})\s*)?$/i.exec(part) ?? [];
    if (gtin === undefined)
      throw new UnreadableCell(
        `furtherGtins '${part.trim().slice(0, 40)}' must be a GTIN, or one with the units of its case like 14006381333945x12`,
      );
    return { gtin, units: Number(units) };
  });
}

/** A SKU as a line states it; empty cells leave what is known. */
export function readSku(cells: Cells, currency: string | null, form: NumberForm): SkuInput | Rejection {
  return readingCells(() => {
    for (const column of ['code', 'gtin']) {
      const shortened = shortenedCode(column, cells(column) ?? '');
      if (shortened !== null) throw new UnreadableCell(shortened);
    }
    const sku: SkuInput = withoutAbsent({
      code: cells('code') ?? '',
      name: cells('name'),
      category: cells('category'),
      gtin: cells('gtin'),
      furtherGtins: furtherGtinsIn(cells('furtherGtins')),
      price: priceIn(cells, currency, form),
      packSize: numberIn(cells, 'packSize', form),
      returnWindowDays: numberIn(cells, 'returnWindowDays', form),
      pickPosition: cells('pickPosition'),
      maxUnitsPerLine: numberIn(cells, 'maxUnitsPerLine', form),
      active: flagIn(cells, 'active'),
      discontinuedOn: dayIn(cells, 'discontinuedOn'),
    });
    return checkSkus([sku], 'line')[0]!;
  });
}

const HOURS = /^([1-7])(?:-([1-7]))? (\d{2}:\d{2})-(\d{2}:\d{2})$/;

/** "1-5 09:00-19:00; 6 10:00-18:00": weekdays (1 is Monday) and times. */
function hoursIn(text: string | undefined): WeeklyHours[] | undefined {
  return text?.split(';').flatMap((part) => {
    const [, from, to = from, opensAt, closesAt] = HOURS.exec(part.trim()) ?? [];
    if (from === undefined || Number(to) < Number(from)) {
      throw new UnreadableCell(`hours '${part.trim().slice(0, 40)}' must be written like 1-5 09:00-19:00`);
    }
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => ({
      weekday: Number(from) + i,
      opensAt: opensAt!,
      closesAt: closesAt!,
    }));
  });
}

/** A location as a line states it; empty cells leave what is known. */
export function readLocation(cells: Cells, form: NumberForm): LocationInput | Rejection {
  return readingCells(() => {
    const kind = cells('kind')?.toUpperCase();
    if (kind !== undefined && kind !== 'SHOP' && kind !== 'WAREHOUSE')
      throw new UnreadableCell(`kind is '${kind.slice(0, 40)}', not SHOP or WAREHOUSE`);
    const latitude = numberIn(cells, 'latitude', form, 90);
    const longitude = numberIn(cells, 'longitude', form, 180);
    if ((latitude === undefined) !== (longitude === undefined))
      throw new UnreadableCell('latitude and longitude come together');
    const address = withoutAbsent({
      street: cells('street'),
      postalCode: cells('postalCode'),
      city: cells('city'),
      country: cells('country'),
    });
    const enabled = flagIn(cells, 'pickupEnabled');
    const location: LocationInput = withoutAbsent({
      code: cells('code') ?? '',
      name: cells('name'),
      kind,
      address: Object.keys(address).length > 0 ? address : undefined,
      point: latitude === undefined ? undefined : { latitude, longitude: longitude! },
      timeZone: cells('timeZone'),
      weeklyHours: hoursIn(cells('hours')),
      groups: cells('groups')?.split('|'),
      pickup: enabled === undefined ? undefined : { enabled },
      transferLeadMinutes: numberIn(cells, 'transferLeadMinutes', form),
      active: flagIn(cells, 'active'),
    });
    return checkLocations([location], 'line')[0]!;
  });
}

/** A count as a line states it. */
export function readCount(
  cells: Cells,
  location: string | null,
  form: NumberForm,
): CountFileLine | Rejection {
  return readingCells(() => {
    const [code, sku] = [cells('location') ?? location, cells('sku')];
    const shortened = shortenedCode('sku', sku ?? '');
    if (shortened !== null) throw new UnreadableCell(shortened);
    const quantity = numberIn(cells, 'quantity', form);
    if (code === null || sku === undefined || quantity === undefined)
      throw new UnreadableCell('a count needs location, sku and quantity');
    const expected = numberIn(cells, 'expected', form) ?? null;
    for (const units of [quantity, expected ?? 0]) {
      if (!Number.isInteger(units) || units < 0 || units > MAX_QUANTITY)
        throw new UnreadableCell(`a count is a whole number from 0 to ${MAX_QUANTITY}, not ${units}`);
    }
    return { location: code, sku, quantity, expected, bin: cells('bin') ?? null };
  });
}
