// Which returns a caller sees, and the filters of a list.

import type { Caller } from '../access/rules';
import type { Prisma } from '../db/generated/client/client';
import type { ReturnStatus } from './rules';

/**
 * A storefront sees the returns it announced and those of its own orders. Goods come back anywhere, so whoever works
 * in a shop sees all.
 */
export function visibleReturns(who: Caller): Prisma.ReturnWhereInput {
  if (who.role !== 'STOREFRONT') return {};
  return { OR: [{ ownerId: who.actorId }, { order: { ownerId: who.actorId } }] };
}

export interface ReturnFilter {
  locationId: number | null;
  orderId: string | null;
  receipt: string | null;
  statuses: ReturnStatus[] | null;
}

/** The filter as Prisma takes it, within what the caller sees. */
export function returnsWhere(who: Caller, filter: ReturnFilter): Prisma.ReturnWhereInput {
  const { locationId, orderId, receipt, statuses } = filter;
  return {
    AND: [
      visibleReturns(who),
      locationId === null ? {} : { locationId },
      orderId === null ? {} : { orderId },
      receipt === null ? {} : { receiptNumber: receipt },
      statuses === null ? {} : { status: { in: statuses } },
    ],
  };
}
