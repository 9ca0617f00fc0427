// Visibility of purchase orders by caller, and the filters of a list.

import { boundTo, type Caller } from '../access/rules/roles';
import type { Prisma } from '../db/generated/client/client';
import type { PurchaseStatus } from './rules';

/** Callers bound to locations see the purchase orders of these; other callers who may read purchase orders see all. */
export function visiblePurchases(actor: Caller): Prisma.PurchaseWhereInput {
  if (actor.role === 'STOREFRONT') return { id: { in: [] } };
  const bound = boundTo(actor);
  return bound === null ? {} : { locationId: { in: [...bound] } };
}

export interface PurchaseFilter {
  locationId: number | null;
  supplier: string | null;
  statuses: PurchaseStatus[] | null;
  expectedBefore: Date | null;
}

/** The Prisma filter of the purchase orders that the caller may see. */
export function purchasesWhere(actor: Caller, filter: PurchaseFilter): Prisma.PurchaseWhereInput {
  const { locationId, supplier, statuses, expectedBefore } = filter;
  return {
    AND: [
      visiblePurchases(actor),
      locationId === null ? {} : { locationId },
      supplier === null ? {} : { supplier: { code: supplier } },
      statuses === null ? {} : { status: { in: statuses } },
      expectedBefore === null ? {} : { expectedAt: { lt: expectedBefore } },
    ],
  };
}
