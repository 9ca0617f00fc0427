// Visibility of cases and contacts by caller, and the filters of their lists.

import { boundTo, type Caller } from '../../access/rules/roles';
import type { Prisma } from '../../db/generated/client/client';
import type { CaseStatus } from '../rules/cases';
import type { ServiceChannel } from '../rules/contact';

/** Agents see every case; staff those of the locations they work at. */
export function visibleCases(actor: Caller): Prisma.ServiceCaseWhereInput {
  const bound = boundTo(actor);
  return bound === null ? {} : { locationId: { in: [...bound] } };
}

export function visibleContacts(actor: Caller): Prisma.ContactWhereInput {
  const bound = boundTo(actor);
  return bound === null ? {} : { case: { locationId: { in: [...bound] } } };
}

export interface CaseFilter {
  status: CaseStatus | null;
  channel: ServiceChannel | null;
  locationId: number | null;
  agentId: number | null;
  orderId: string | null;
  customerId: string | null;
  topic: string | null;
  isReopened: boolean | null;
}

/** The Prisma filter of the cases that the caller may see. */
export function casesWhere(actor: Caller, filter: CaseFilter): Prisma.ServiceCaseWhereInput {
  const { status, channel, locationId, agentId, orderId, customerId, topic, isReopened } = filter;
  return {
    AND: [
      visibleCases(actor),
      status === null ? {} : { status },
      channel === null ? {} : { channel },
      locationId === null ? {} : { locationId },
      agentId === null ? {} : { agentId },
      orderId === null ? {} : { orderId },
      customerId === null ? {} : { identifier: { customerId } },
      topic === null ? {} : { topic },
      isReopened === null ? {} : { reopenedCount: isReopened ? { gt: 0 } : 0 },
    ],
  };
}
