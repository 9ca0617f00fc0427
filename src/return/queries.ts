// Which returns a caller may see, and the filters of a list.

import { boundTo, type Caller } from '../access/rules/roles';
import type { Prisma } from '../db/generated/client/client';
import type { ReturnStatus } from './rules';

/**
 * A storefront sees the returns it announced and those of its own orders; who is bound to locations those that are
 * announced for them or came to them, and those of their orders.
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

/** The filter as Prisma takes it, within what the caller sees. */
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
