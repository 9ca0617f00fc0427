// Lines of files of SKUs, places and counts: their columns, and what a line tells.

import type { Price } from '../../catalog/rules';
import { normaliseGtin } from '../../catalog/rules';
import { checkSkus, type SkuInput } from '../../catalog/rules/sku';
import type { WeeklyHours } from '../../location/rules/hours';
import { checkLocations, type LocationInput } from '../../location/rules/place';
import { MAX_QUANTITY, Refused } from '../../refusals';
import type { Rejection } from './line';

export const CATALOGUE_COLUMNS = [
  'code',
  'name',
  'category',
  'gtin',
  'price',
  'currency',
  'packSize',
  'returnWindowDays',
  'pickPosition',
  'maxUnitsPerLine',
  'active',
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

export const COUNT_COLUMNS = ['location', 'sku', 'quantity', 'expected'] as const;

/** A count of one shelf, by codes. */
export interface CountLine {
  location: string;
  sku: string;
  quantity: number;
  expected: number | null;
}

/** The text of a column; undefined: the file has no such column, or the cell is empty. */
export type Cells = (column: string) => string | undefined;

/** What a text means, or the sentence that it means nothing. */
class Unreadable extends Error {}

function numberIn(cells: Cells, column: string): number | undefined {
  const text = cells(column);
  if (text === undefined) return undefined;
  if (!/^-?\d{1,12}(\.\d+)?$/.test(text))
    throw new Unreadable(`${column} is '${text.slice(0, 40)}', not a number`);
  return Number(text);
}

const YES = new Set(['true', 'yes', '1', 'y']);
const NO = new Set(['false', 'no', '0', 'n']);

function flagIn(cells: Cells, column: string): boolean | undefined {
  const text = cells(column)?.toLowerCase();
  if (text === undefined) return undefined;
  if (YES.has(text)) return true;
  if (NO.has(text)) return false;
  throw new Unreadable(`${column} is '${text.slice(0, 40)}'; write true or false`);
}

/** Runs a reader; what cannot be read or is refused is the line's rejection. */
function reading<T>(read: () => T): T | Rejection {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) return { code: 'BAD_TEXT', reason: error.message };
    if (error instanceof Refused) return { code: 'REFUSED', reason: error.message };
    throw error;
  }
}

const hasValues = <T extends object>(told: T): T =>
  Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)) as T;

function priceIn(cells: Cells, currency: string | null): Price | undefined {
  const amount = numberIn(cells, 'price');
  if (amount === undefined) return undefined;
  const code = cells('currency') ?? currency;
  if (code === null) throw new Unreadable('the price has no currency; add the column or say --currency');
  if (!/^[A-Z]{3}$/.test(code))
    throw new Unreadable(`currency is '${code.slice(0, 40)}', not a code like EUR`);
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: code });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return { amountMinor: Math.round(amount * 10 ** digits), currency: code };
}

/** A SKU as a line tells it; empty cells leave what is known. */
export function readSku(cells: Cells, currency: string | null): SkuInput | Rejection {
  return reading(() => {
    const sku: SkuInput = hasValues({
      code: cells('code') ?? '',
      name: cells('name'),
      category: cells('category'),
      gtin: cells('gtin'),
      price: priceIn(cells, currency),
      packSize: numberIn(cells, 'packSize'),
      returnWindowDays: numberIn(cells, 'returnWindowDays'),
      pickPosition: cells('pickPosition'),
      maxUnitsPerLine: numberIn(cells, 'maxUnitsPerLine'),
      active: flagIn(cells, 'active'),
    });
    checkSkus([sku], 'line');
    return sku.gtin == null ? sku : { ...sku, gtin: normaliseGtin(sku.gtin) };
  });
}

const HOURS = /^([1-7])(?:-([1-7]))? (\d{2}:\d{2})-(\d{2}:\d{2})$/;

/** "1-5 09:00-19:00; 6 10:00-18:00": weekdays (1 is Monday) and times. */
function hoursIn(text: string | undefined): WeeklyHours[] | undefined {
  return text?.split(';').flatMap((part) => {
    const [, from, to = from, opensAt, closesAt] = HOURS.exec(part.trim()) ?? [];
    if (from === undefined || Number(to) < Number(from)) {
      throw new Unreadable(`hours '${part.trim().slice(0, 40)}' must be written like 1-5 09:00-19:00`);
    }
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => ({
      weekday: Number(from) + i,
      opensAt: opensAt!,
      closesAt: closesAt!,
    }));
  });
}

/** A place as a line tells it; empty cells leave what is known. */
export function readLocation(cells: Cells): LocationInput | Rejection {
  return reading(() => {
    const kind = cells('kind')?.toUpperCase();
    if (kind !== undefined && kind !== 'SHOP' && kind !== 'WAREHOUSE')
      throw new Unreadable(`kind is '${kind.slice(0, 40)}', not SHOP or WAREHOUSE`);
    const [latitude, longitude] = [numberIn(cells, 'latitude'), numberIn(cells, 'longitude')];
    if ((latitude === undefined) !== (longitude === undefined))
      throw new Unreadable('latitude and longitude come together');
    const address = hasValues({
      street: cells('street'),
      postalCode: cells('postalCode'),
      city: cells('city'),
      country: cells('country'),
    });
    const enabled = flagIn(cells, 'pickupEnabled');
    const place: LocationInput = hasValues({
      code: cells('code') ?? '',
      name: cells('name'),
      kind,
      address: Object.keys(address).length > 0 ? address : undefined,
      point: latitude === undefined ? undefined : { latitude, longitude: longitude! },
      timeZone: cells('timeZone'),
      weeklyHours: hoursIn(cells('hours')),
      groups: cells('groups')?.split('|'),
      pickup: enabled === undefined ? undefined : { enabled },
      transferLeadMinutes: numberIn(cells, 'transferLeadMinutes'),
      active: flagIn(cells, 'active'),
    });
    checkLocations([place], 'line');
    return place;
  });
}

/** A count as a line tells it. */
export function readCount(cells: Cells, location: string | null): CountLine | Rejection {
  return reading(() => {
    const [place, sku, quantity] = [cells('location') ?? location, cells('sku'), numberIn(cells, 'quantity')];
    if (place === null || sku === undefined || quantity === undefined)
      throw new Unreadable('a count needs location, sku and quantity');
    const expected = numberIn(cells, 'expected') ?? null;
    for (const units of [quantity, expected ?? 0]) {
      if (!Number.isInteger(units) || units < 0 || units > MAX_QUANTITY)
        throw new Unreadable(`a count is a whole number from 0 to ${MAX_QUANTITY}, not ${units}`);
    }
    return { location: place, sku, quantity, expected };
  });
}
