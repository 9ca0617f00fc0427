// Settings of storefronts: what they may have at once, and how much stock they may see.

import { QUOTA_NAMES, QUOTAS, type StorefrontQuotas } from '../access/rules/quotas';
import { type Env, whole } from './env';

export interface QuotaConfig {
  /** What a storefront, its holders and its customers may have at once. */
  quotas: StorefrontQuotas;
  /** Units of a line that a storefront may learn of; how many more there are it does not learn. */
  publicStockCap: number;
}

/** One more than what the band LOW ends at: a lower cap would promise less than the bands show. */
const MIN_PUBLIC_STOCK_CAP = 4;
const MAX_PUBLIC_STOCK_CAP = 1_000;

/** @throws OperatorError */
export function readQuotas(env: Env): QuotaConfig {
  const limits = QUOTA_NAMES.map((name) => {
    const { setting, most } = QUOTAS[name];
    return [name, whole(env, setting, 1, most)];
  });
  return {
    quotas: Object.fromEntries(limits) as StorefrontQuotas,
    publicStockCap: whole(env, 'PUBLIC_STOCK_CAP', MIN_PUBLIC_STOCK_CAP, MAX_PUBLIC_STOCK_CAP),
  };
}
