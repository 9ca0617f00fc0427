// Input of upsertSkus: limits, validation, and merging with the stored SKU.

import { checkCount, checkQuantity, MAX_BULK, refuse } from '../../refusals';
import { cleanText } from '../../values/text';
import { typedLine, typedName } from '../../values/typedText';
import {
  CATALOG_LIMITS,
  gtinProblem,
  normaliseGtin,
  type Price,
  priceProblem,
  skuCodeProblem,
} from './codes';

declare module '../../refusals' {
  interface RefusalFacts {
    /** A GTIN names one article; another SKU has it already. */
    GtinTaken: { lines: TakenGtin[] };
  }
}

/** SKU codes, and the GTIN as printed. */
export interface TakenGtin {
  sku: string;
  gtin: string;
  takenBy: string;
}

/** A GTIN of a SKU beside its own, and the units of it that one scan stands for. */
export interface FurtherGtin {
  /** In any printed form in the input, as 14 digits from then on. */
  gtin: string;
  units: number;
}

/** Input of upsertSkus for one SKU. Omitted fields keep their values (a new SKU gets the default). */
export interface SkuInput {
  code: string;
  /** In any printed form in the input, as 14 digits from then on; null removes it. */
  gtin?: string | null;
  /** Replaced as a whole. */
  furtherGtins?: FurtherGtin[];
  name?: string;
  category?: string;
  /** Replaced as a whole. */
  attributes?: SkuAttributes;
  packSize?: number;
  /** Null removes it. */
  price?: Price | null;
  returnWindowDays?: number;
  pickPosition?: string;
  /** Units that a storefront may have in one basket; null: as many as of other SKUs. */
  maxUnitsPerLine?: number | null;
  active?: boolean;
  /** ISO day from which it is not sold any more: nothing is forecast or proposed; null: not planned. */
  discontinuedOn?: string | null;
}

export type SkuAttributes = Record<string, string | number | boolean>;

/** A SKU with all its attributes. */
export type CompleteSku = Required<SkuInput>;

const NEW_SKU: Omit<CompleteSku, 'code' | 'name'> = {
  gtin: null,
  furtherGtins: [],
  category: '',
  attributes: {},
  packSize: 1,
  price: null,
  returnWindowDays: 30,
  pickPosition: '',
  maxUnitsPerLine: null,
  active: true,
  discontinuedOn: null,
};

/** The SKU after applying `input`; null when it is new and has no name. */
export function mergeSku(before: CompleteSku | undefined, input: SkuInput): CompleteSku | null {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const after = { ...(before ?? NEW_SKU), ...given } as CompleteSku;
  return after.name === undefined ? null : after;
}

/**
 * Validates the input of many SKUs, each code once, and returns it in its stored form. `path` names the list
 * in the request. @throws Refused InvalidInput naming the entry and what would be right
 */
export function checkSkus(skus: readonly SkuInput[], path: string): SkuInput[] {
  checkCount(skus, path, MAX_BULK);
  const seen = new Map<string, string>();
  const once = (kind: string, key: string, at: string) => {
    const before = seen.get(`${kind} ${key}`);
    if (before !== undefined) {
      refuse('InvalidInput', `${at} is ${kind} '${key}' again, as ${before}; name it once.`, { path: at });
    }
    seen.set(`${kind} ${key}`, at);
  };
  return skus.map((sent, i) => {
    const sku = checkSku(sent, `${path}.${i}`);
    once('SKU', sku.code, `${path}.${i}.code`);
    if (sku.gtin != null) once('GTIN', sku.gtin, `${path}.${i}.gtin`);
    for (const [j, { gtin }] of (sku.furtherGtins ?? []).entries())
      once('GTIN', gtin, `${path}.${i}.furtherGtins.${j}.gtin`);
    return sku;
  });
}

function checkSku(sku: SkuInput, at: string): SkuInput {
  const must = (field: string, problem: string | null): void => {
    if (problem !== null) refuse('InvalidInput', `${at}.${field}: ${problem}.`, { path: `${at}.${field}` });
  };
  const limits = CATALOG_LIMITS;
  must('code', skuCodeProblem(sku.code));
  if (sku.gtin != null) must('gtin', gtinProblem(sku.gtin));
  const kept = { ...sku };
  if (sku.gtin != null) kept.gtin = normaliseGtin(sku.gtin);
  if (sku.furtherGtins !== undefined)
    kept.furtherGtins = checkFurtherGtins(sku.furtherGtins, `${at}.furtherGtins`);
  if (sku.name !== undefined) kept.name = typedName(sku.name, `${at}.name`, limits.nameLength);
  if (sku.category !== undefined)
    kept.category = typedLine(sku.category, `${at}.category`, limits.categoryLength, 0);
  if (sku.attributes !== undefined) must('attributes', attributesProblem(sku.attributes));
  if (sku.attributes !== undefined) kept.attributes = cleanAttributes(sku.attributes);
  if (sku.packSize !== undefined) checkQuantity(sku.packSize, `${at}.packSize`, 1, limits.packSize);
  if (sku.price != null) must('price', priceProblem(sku.price));
  if (sku.returnWindowDays !== undefined) {
    checkQuantity(sku.returnWindowDays, `${at}.returnWindowDays`, 0, limits.returnWindowDays);
  }
  if (sku.maxUnitsPerLine != null) checkQuantity(sku.maxUnitsPerLine, `${at}.maxUnitsPerLine`);
  if (sku.pickPosition !== undefined) {
    kept.pickPosition = typedLine(sku.pickPosition, `${at}.pickPosition`, limits.pickPositionLength, 0);
  }
  return kept;
}

function checkFurtherGtins(gtins: readonly FurtherGtin[], at: string): FurtherGtin[] {
  checkCount(gtins, at, CATALOG_LIMITS.furtherGtins, 0);
  return gtins.map(({ gtin, units }, i) => {
    const problem = gtinProblem(gtin);
    if (problem !== null) refuse('InvalidInput', `${at}.${i}.gtin: ${problem}.`, { path: `${at}.${i}.gtin` });
    checkQuantity(units, `${at}.${i}.units`, 1, CATALOG_LIMITS.packSize);
    return { gtin: normaliseGtin(gtin), units };
  });
}

/** What is wrong with a SKU's attributes, in one sentence, or null: a flat JSON object of texts, numbers and booleans. */
function attributesProblem(attributes: unknown): string | null {
  const { attributes: most, attributeLength } = CATALOG_LIMITS;
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) {
    return 'attributes must be a JSON object, such as {"colour": "red"}';
  }
  const entries = Object.entries(attributes);
  if (entries.length > most) return `a SKU has at most ${most} attributes, not ${entries.length}`;
  for (const [name, value] of entries) {
    if (name.length === 0 || name.length > attributeLength || !storable(name)) {
      return `an attribute's name must have 1 to ${attributeLength} characters and no broken ones`;
    }
    if (typeof value === 'string') {
      if (value.length > attributeLength || !storable(value)) {
        return `attribute '${name}' must have at most ${attributeLength} characters and no broken ones`;
      }
    } else if (typeof value !== 'boolean' && !(typeof value === 'number' && Number.isFinite(value))) {
      return `attribute '${name}' must be a text, a number or a boolean: attributes do not nest`;
    }
  }
  return null;
}

const cleanAttributes = (attributes: SkuAttributes): SkuAttributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string' ? cleanText(value) : value,
    ]),
  );

/** JSON can carry NULs and half surrogate pairs, PostgreSQL's jsonb cannot. */
function storable(text: string): boolean {
  return !text.includes('\u0000') && !/\p{Surrogate}/u.test(text);
}
