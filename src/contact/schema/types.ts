// GraphQL types of contacts and cases: the documents, their enums and the agents who serve.

import { SERVICE_STAFF } from '../../access/rules/roleSets';
import { caseLookups } from '../../customer/schema/views';
import { personal } from '../../graphql/accessRule';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import { described } from '../../graphql/described';
import { visibleCases, visibleContacts } from '../queries/cases';
import type { CaseStatus } from '../rules/cases';
import type { ContactDirection, ContactState, ServiceChannel } from '../rules/contact';

/** Those who serve customers. Auditors do not see who wrote about what. */
export const SERVICE = { roles: personal([...SERVICE_STAFF.roles]) };

const MAX_CONTACTS_OF_A_CASE = 100;

export const ServiceChannelEnum = builder.enumType('ServiceChannel', {
  description: 'How a customer and the retailer were in contact.',
  values: described<ServiceChannel>({
    PHONE: 'A telephone call.',
    EMAIL: 'E-mail.',
    CHAT: 'Chat on the website or in the app.',
    SMS: 'Text message.',
    WHATSAPP: 'WhatsApp.',
    INSTAGRAM: 'Instagram.',
    FACEBOOK: 'Facebook or its Messenger.',
    X: 'X, formerly Twitter.',
    FORM: 'A form on the website.',
    IN_STORE: 'In a shop.',
    OTHER: 'Another way.',
  }),
});

export const ContactDirectionEnum = builder.enumType('ContactDirection', {
  description: 'Who began a contact.',
  values: described<ContactDirection>({ INBOUND: 'The customer.', OUTBOUND: 'The retailer.' }),
});

export const ContactStateEnum = builder.enumType('ContactState', {
  description: 'State of a contact at its source.',
  values: described<ContactState>({
    OPEN: 'The retailer has to act.',
    PENDING: 'It waits for the customer, or for a time.',
    RESOLVED: 'Nothing is left to do.',
  }),
});

export const CaseStatusEnum = builder.enumType('CaseStatus', {
  description: 'State of a case.',
  values: described<CaseStatus>({
    OPEN: 'One of its contacts is not resolved.',
    RESOLVED: 'All of its contacts are resolved, or a person closed it.',
  }),
});

export const ServiceAgent = builder.prismaNode('ServiceAgent', {
  id: { field: 'id' },
  nullable: true,
  description: 'Somebody who serves customers, as help desks name the person.',
  authScopes: SERVICE,
  fields: (t) => ({
    code: t.exposeString('code', { description: 'As sources of contacts name the agent.' }),
    name: t.exposeString('name', { description: 'Name; the code until another is given.' }),
    skills: t.exposeStringList('skills', { description: 'Topics that the agent is trained for.' }),
    languages: t.exposeStringList('languages', { description: 'Codes of languages, such as fr.' }),
    channels: t.expose('channels', {
      type: [ServiceChannelEnum],
      description: 'Channels that the agent works on; none: all of them.',
    }),
    capacity: t.exposeInt('capacity', {
      description: 'Units of work at once: a telephone call is 10, a chat 4, a mail 2. 0: nothing is routed.',
    }),
    available: t.exposeBoolean('available', {
      description: 'Whether contacts can be routed to the agent now.',
    }),
    location: t.relation('location', { nullable: true, description: 'The shop that the agent knows best.' }),
  }),
});

export const ServiceCase = builder.prismaNode('ServiceCase', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, context) => ({ id, AND: visibleCases(context.caller) }),
  description: 'Contacts of one customer about one thing, on any channel.',
  authScopes: SERVICE,
  fields: (t) => ({
    number: t.exposeString('number', { description: 'Number for people (S-…). Numbers are not sequential.' }),
    status: t.expose('status', { type: CaseStatusEnum, description: 'State of the case.' }),
    channel: t.expose('channel', {
      type: ServiceChannelEnum,
      description: 'Channel of the customer’s first contact.',
    }),
    topic: t.exposeString('topic', { nullable: true, description: 'Code of what it is about.' }),
    openedAt: t.expose('openedAt', { type: 'DateTime', description: 'When its first contact began.' }),
    lastContactAt: t.expose('lastContactAt', {
      type: 'DateTime',
      description: 'When its latest contact began.',
    }),
    resolvedAt: t.expose('resolvedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was resolved; null while it is open.',
    }),
    reopenedCount: t.exposeInt('reopenedCount', {
      description: 'How often it was opened again within CASE_REOPEN_DAYS of its resolution.',
    }),
    inboundCount: t.exposeInt('inboundCount', { description: 'Contacts that the customer began.' }),
    customerId: t.string({
      nullable: true,
      description: 'The customer; null when no contact names one.',
      select: { identifier: { select: { customerId: true } } },
      resolve: async ({ identifier }, _args, context) => {
        if (identifier === null) return null;
        const { customerId } = identifier;
        await caseLookups(context).load({ customerId, field: 'ServiceCase' });
        return customerId;
      },
    }),
    order: t.relation('order', {
      nullable: true,
      description: 'The order it is about; null if none, and if the caller may not read it.',
    }),
    orderNumber: t.string({
      nullable: true,
      description: 'Number of that order (C-…).',
      select: { order: { select: { number: true } } },
      resolve: ({ order }) => order?.number ?? null,
    }),
    returnNumber: t.string({
      nullable: true,
      description: 'Number of the return that it is about (R-…).',
      select: { return: { select: { number: true } } },
      resolve: (found) => found.return?.number ?? null,
    }),
    location: t.relation('location', { nullable: true, description: 'The shop that it concerns.' }),
    agent: t.relation('agent', { nullable: true, description: 'Who it is assigned to.' }),
    creditedAgent: t.relation('creditedAgent', {
      nullable: true,
      description: 'Who handled it when it was first resolved. The credit stays when it is reopened.',
    }),
    contacts: t.relation('contacts', {
      description: `Its contacts, oldest first; at most ${MAX_CONTACTS_OF_A_CASE}.`,
      query: { orderBy: [{ at: 'asc' }, { id: 'asc' }], take: MAX_CONTACTS_OF_A_CASE },
    }),
  }),
});

export const ServiceCaseConnection = connectionOf(ServiceCase);

export const Contact = builder.prismaNode('Contact', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, context) => ({ id, AND: visibleContacts(context.caller) }),
  description:
    'One contact with a customer, as its source reports it. What was written or spoken stays there.',
  authScopes: SERVICE,
  fields: (t) => ({
    source: t.exposeString('source', { description: 'The system that reported it.' }),
    externalId: t.exposeString('externalId', { description: 'Its key in that system.' }),
    channel: t.expose('channel', { type: ServiceChannelEnum, description: 'On which channel.' }),
    direction: t.expose('direction', { type: ContactDirectionEnum, description: 'Who began it.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it began.' }),
    state: t.expose('state', { type: ContactStateEnum, description: 'Its latest state.' }),
    stateAt: t.expose('stateAt', {
      type: 'DateTime',
      description: 'When it came to that state, by the clock of the source.',
    }),
    topic: t.exposeString('topic', { nullable: true, description: 'Code of what it is about.' }),
    language: t.exposeString('language', { nullable: true, description: 'Code of its language.' }),
    link: t.exposeString('link', { nullable: true, description: 'Where the source shows it.' }),
    promise: t.exposeString('promise', {
      nullable: true,
      description: 'Code of what the customer was promised, such as CALL_BACK.',
    }),
    promisedFor: t.expose('promisedFor', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when that was promised.',
    }),
    handledSeconds: t.exposeInt('handledSeconds', { nullable: true, description: 'Seconds of handling.' }),
    wrapUpSeconds: t.exposeInt('wrapUpSeconds', {
      nullable: true,
      description: 'Seconds of work after it that are not in handledSeconds.',
    }),
    waitingSeconds: t.exposeInt('waitingSeconds', {
      nullable: true,
      description: 'Seconds from its beginning to the first response.',
    }),
    agent: t.relation('agent', { nullable: true, description: 'Who handles it.' }),
    case: t.relation('case', { description: 'The case that it belongs to.' }),
    location: t.relation('location', { nullable: true, description: 'The shop that it concerns.' }),
    orderNumber: t.string({
      nullable: true,
      description: 'Number of the order it is about (C-…).',
      select: { order: { select: { number: true } } },
      resolve: ({ order }) => order?.number ?? null,
    }),
  }),
});
