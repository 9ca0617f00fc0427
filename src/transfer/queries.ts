// Visibility of transfers by caller, and the filters of a list.

import { boundTo, type Caller } from '../access/rules/roles';
import type { Prisma } from '../db/generated/client/client';
import type { TransferStatus } from './rules';

/** Callers bound to locations see the transfers from and to these; other callers except storefronts see all. */
export function visibleTransfers(actor: Caller): Prisma.TransferWhereInput {
  if (actor.role === 'STOREFRONT') return { id: { in: [] } };
  const bound = boundTo(actor);
  if (bound === null) return {};
  const locationIds = { in: [...bound] };
  return { OR: [{ fromLocationId: locationIds }, { toLocationId: locationIds }] };
}

/** Seen from a location: what leaves it, what comes to it. */
export type TransferDirection = 'OUTGOING' | 'INCOMING';

export interface TransferFilter {
  locationId: number | null;
  direction: TransferDirection | null;
  statuses: TransferStatus[] | null;
  /** Whether the receipt waits for approval; null for all. */
  awaitsApproval: boolean | null;
}

const AWAITS_APPROVAL: Prisma.TransferWhereInput = { status: 'DISPATCHED', countedAt: { not: null } };

/** The Prisma filter of the transfers that the caller may see. A direction without a location has no effect. */
export function transfersWhere(actor: Caller, filter: TransferFilter): Prisma.TransferWhereInput {
  const { locationId, direction, statuses, awaitsApproval } = filter;
  const ends = [
    ...(direction === 'INCOMING' ? [] : [{ fromLocationId: locationId ?? 0 }]),
    ...(direction === 'OUTGOING' ? [] : [{ toLocationId: locationId ?? 0 }]),
  ];
  return {
    AND: [
      visibleTransfers(actor),
      locationId === null ? {} : { OR: ends },
      statuses === null ? {} : { status: { in: statuses } },
      awaitsApproval === null ? {} : awaitsApproval ? AWAITS_APPROVAL : { NOT: AWAITS_APPROVAL },
    ],
  };
}
