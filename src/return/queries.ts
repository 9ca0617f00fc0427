// Visibility of returns by caller, and the filters of a list.

import { boundTo, type Caller } from '../access/rules/roles';
import type { Prisma } from '../db/generated/client/client';
import type { ReturnStatus } from './rules';

/**
 * Storefronts see the returns they announced and those of their own orders; callers bound to locations see those announced
 * for them or received by them, and those of their orders.
 */
export function visibleReturns(actor: Caller): Prisma.ReturnWhereInput {
  const bound = boundTo(actor);
  if (bound !== null) {
    const locationId = { in: [...bound] };
    return { OR: [{ locationId }, { order: { locationId } }] };
  }
  if (actor.role !== 'STOREFRONT') return {};
  return { OR: [{ ownerId: actor.actorId }, { order: { ownerId: actor.actorId } }] };
}

export interface ReturnFilter {
  locationId: number | null;
  orderId: string | null;
  receipt: string | null;
  statuses: ReturnStatus[] | null;
}

/** The Prisma filter of the returns that the caller may see. */
export function returnsWhere(actor: Caller, filter: ReturnFilter): Prisma.ReturnWhereInput {
  const { locationId, orderId, receipt, statuses } = filter;
  return {
    AND: [
      visibleReturns(actor),
      locationId === null ? {} : { locationId },
      orderId === null ? {} : { orderId },
      receipt === null ? {} : { receiptNumber: receipt },
      statuses === null ? {} : { status: { in: statuses } },
    ],
  };
}
