// GraphQL queries of cases and agents.

import { LISTED } from '../../access/queries/served';
import { customerIdsOf } from '../../customer/queries/identifiers';
import { caseLookups } from '../../customer/schema/views';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import { documentPage, numberedPage } from '../../graphql/connections';
import type { Context } from '../../graphql/context';
import { documentKey, whereKey } from '../../graphql/documentKey';
import { UUID } from '../../graphql/ids';
import { locationLookup } from '../../location/queries/locations';
import { Order } from '../../order/schema/order';
import { checkText, refuse } from '../../refusals';
import { casesWhere, visibleCases } from '../queries/cases';
import { CONTACT_LIMITS } from '../rules/contactLine';
import {
  CaseStatusEnum,
  SERVICE,
  ServiceAgent,
  ServiceCase,
  ServiceCaseConnection,
  ServiceChannelEnum,
} from './types';

const ServiceCaseFilter = builder.inputType('ServiceCaseFilter', {
  description: 'Cases that meet every condition given.',
  fields: (t) => ({
    status: t.field({ type: CaseStatusEnum, description: 'Only cases in this state.' }),
    channel: t.field({ type: ServiceChannelEnum, description: 'Only cases that began on this channel.' }),
    location: t.string({ description: 'Location code.' }),
    agent: t.globalID({ for: [ServiceAgent], description: 'Only cases assigned to this agent.' }),
    order: t.globalID({ for: [Order], description: 'Only cases about this order.' }),
    customerId: t.string({ description: 'Only cases of this customer.' }),
    topic: t.string({ description: 'Only cases with this topic.' }),
    reopened: t.boolean({ description: 'Only cases that were reopened, or only those that were not.' }),
  }),
});

const ServiceCaseKeyInput = documentKey(ServiceCase, 'S-…');
const ServiceAgentConnection = connectionOf(ServiceAgent);

/** A customer's id as a client sends it. @throws Refused InvalidInput */
function checkCustomerId(id: string | null | undefined, path: string): string | null {
  if (id == null) return null;
  if (!UUID.test(id)) refuse('InvalidInput', `${path} is not the id of a customer.`, { path });
  return id;
}

/** Records that the customers of these cases were looked up, before the cases are answered. */
async function recordCases(
  context: Context,
  cases: readonly { identifierId: bigint | number | null }[],
  field: string,
): Promise<void> {
  const ids = cases.flatMap(({ identifierId }) => (identifierId === null ? [] : [Number(identifierId)]));
  if (ids.length === 0) return;
  const customerIds = [...new Set((await customerIdsOf(context.db, ids)).values())];
  await caseLookups(context).loadMany(customerIds.map((customerId) => ({ customerId, field })));
}

builder.queryFields((t) => ({
  serviceCase: t.prismaField({
    type: ServiceCase,
    nullable: true,
    description:
      'The case with this number or ID; null if there is none or this token may not read it. Its customer is recorded as looked up.',
    authScopes: SERVICE,
    args: {
      by: t.arg({ type: ServiceCaseKeyInput, required: true, description: 'Number or ID of the case.' }),
    },
    resolve: async (query, _root, { by }, context) => {
      const { caller, db } = context;
      const where = { ...whereKey(by), AND: visibleCases(caller) };
      const found = await db.prisma.serviceCase.findFirst({ ...query, where });
      await recordCases(context, found === null ? [] : [found], 'serviceCase');
      return found;
    },
  }),
  serviceCases: t.prismaConnection(
    {
      type: ServiceCase,
      cursor: 'id',
      description:
        'Cases, newest first. Staff see those of their own locations. Their customers are recorded, once an hour for each caller.',
      authScopes: SERVICE,
      args: { filter: t.arg({ type: ServiceCaseFilter }) },
      resolve: async (query, _root, { filter }, context) => {
        const { status, channel, location, agent, order, customerId, topic, reopened } = filter ?? {};
        if (topic != null) checkText(topic, 'filter.topic', CONTACT_LIMITS.code);
        const found = await context.db.prisma.serviceCase.findMany({
          ...documentPage(query),
          where: casesWhere(context.caller, {
            status: status ?? null,
            channel: channel ?? null,
            locationId: await locationLookup.idOf(context.db, location),
            agentId: agent == null ? null : Number(agent.id),
            orderId: order?.id ?? null,
            customerId: checkCustomerId(customerId, 'filter.customerId'),
            topic: topic ?? null,
            isReopened: reopened ?? null,
          }),
          orderBy: { id: 'desc' },
        });
        await recordCases(context, found, LISTED);
        return found;
      },
    },
    ServiceCaseConnection,
  ),
  serviceAgents: t.prismaConnection(
    {
      type: ServiceAgent,
      cursor: 'id',
      description: 'Agents who serve customers, oldest first.',
      authScopes: SERVICE,
      resolve: (query, _root, _args, { db }) =>
        db.prisma.serviceAgent.findMany({ ...numberedPage(query), orderBy: { id: 'asc' } }),
    },
    ServiceAgentConnection,
  ),
}));
