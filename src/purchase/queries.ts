// Which purchase orders a caller may see, and the filters of a list.

import { boundTo, type Caller } from '../access/rules/roles';
import type { Prisma } from '../db/generated/client/client';
import type { PurchaseStatus } from './rules';

/** Staff see what is ordered for their own locations, everyone else who sees purchase orders sees all. */
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

/** The filter as Prisma takes it, within what the caller sees. */
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
