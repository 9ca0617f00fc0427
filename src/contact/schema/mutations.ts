// GraphQL mutations of contacts and cases.

import { CONTACT_SOURCES } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { commandPrice, WRITTEN_ROW } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { locationLookup } from '../../location/queries/locations';
import { checkCount, checkText, MAX_BULK, refuse } from '../../refusals';
import {
  assignCase,
  closeCase,
  type IngestedContacts,
  ingestContacts,
  noteContact,
} from '../actions/commands';
import { CONTACT_LIMITS, type ContactProblem, sourceProblem } from '../rules/contactLine';
import { ContactInput, contactFields, detailsOf, identifiersOf, lineOf } from './contactInput';
import { Contact, SERVICE, ServiceAgent, ServiceCase, ServiceChannelEnum } from './types';

const ContactRefusal = builder.objectRef<ContactProblem>('ContactRefusal').implement({
  description: 'A line of ingestContacts that was not stored.',
  authScopes: CONTACT_SOURCES,
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Position of the line in `contacts`, from 0.' }),
    path: t.exposeString('path', { description: 'The field that is wrong.' }),
    value: t.exposeString('value', {
      nullable: true,
      description: 'The value sent; null for identifiers and names, which are not repeated.',
    }),
    message: t.exposeString('message', { description: 'What is wrong, and what to do.' }),
  }),
});

const ingested: Success<IngestedContacts> = {
  authScopes: CONTACT_SOURCES,
  fields: (t) => ({
    created: t.exposeInt('created', { description: 'Contacts that were new.' }),
    updated: t.exposeInt('updated', { description: 'Contacts that changed.' }),
    unchanged: t.exposeInt('unchanged', { description: 'Contacts of which nothing new was stated.' }),
    refused: t.field({
      type: [ContactRefusal],
      description: 'Lines that were not stored.',
      resolve: ({ problems }) => problems,
    }),
  }),
};

mutation('ingestContacts', {
  description:
    'Stores contacts that another system had with customers, and their later states. A contact is known by source and externalId; deliveries may come in any order and more than once. Lines that are wrong are answered in `refused`, the others are stored.',
  authScopes: CONTACT_SOURCES,
  price: commandPrice('contacts', 10 * WRITTEN_ROW),
  input: (t) => ({
    source: t.string({ required: true, description: 'Name of the system, such as zendesk.' }),
    contacts: t.field({ type: [ContactInput], required: true, description: `At most ${MAX_BULK} lines.` }),
  }),
  success: ingested,
  execute: (input, context, request) => {
    checkText(input.source, 'source', CONTACT_LIMITS.source);
    const problem = sourceProblem(input.source);
    if (problem !== null) refuse('InvalidInput', `source ${problem}.`, { path: 'source' });
    checkCount(input.contacts, 'contacts', MAX_BULK);
    const lines = input.contacts.map((line) => lineOf(line));
    return ingestContacts(context)(context.db, request({ source: input.source, lines }));
  },
});

const noted: Success<{ contactId: string }> = {
  authScopes: SERVICE,
  fields: (t) => ({
    contact: t.prismaField({
      type: Contact,
      description: 'The contact.',
      resolve: (query, { contactId }, _args, { db }) =>
        db.prisma.contact.findUniqueOrThrow({ ...query, where: { id: contactId } }),
    }),
  }),
};

mutation('noteContact', {
  description:
    'Notes a conversation that staff or an agent had with a customer, without its content: who it was, what it was about, whether it is resolved, and what was promised.',
  authScopes: SERVICE,
  price: commandPrice(),
  input: (t) => ({
    location: t.string({
      required: true,
      description: 'Code of the location that it concerns.',
    }),
    channel: t.field({ type: ServiceChannelEnum, description: 'On which channel; IN_STORE if omitted.' }),
    at: t.field({ type: 'DateTime', description: 'When it began; now if omitted.' }),
    resolved: t.boolean({ required: true, description: 'Whether nothing is left to do.' }),
    ...contactFields(t),
  }),
  success: noted,
  execute: async (input, context, request) => {
    checkText(input.location, 'location', CONTACT_LIMITS.code);
    const locationId = (await locationLookup.idOf(context.db, input.location))!;
    const line = {
      ...detailsOf(input),
      location: input.location,
      locationId,
      channel: input.channel ?? ('IN_STORE' as const),
      direction: input.direction ?? ('INBOUND' as const),
      at: input.at ?? context.now,
      state: input.resolved ? ('RESOLVED' as const) : ('OPEN' as const),
      identifiers: identifiersOf(input.identifiers),
      fullName: null,
      survey: null,
    };
    return noteContact(context)(context.db, request(line));
  },
});

const changedCase: Success<{ caseId: string }> = {
  authScopes: SERVICE,
  fields: (t) => ({
    case: t.prismaField({
      type: ServiceCase,
      description: 'The case.',
      resolve: (query, { caseId }, _args, { db }) =>
        db.prisma.serviceCase.findUniqueOrThrow({ ...query, where: { id: caseId } }),
    }),
  }),
};

const closedCase: Success<{ caseId: string; isSurveySent?: boolean }> = {
  authScopes: SERVICE,
  fields: (t) => ({
    ...changedCase.fields(t as never),
    isSurveySent: t.boolean({
      description: 'Whether its survey was sent now.',
      resolve: ({ isSurveySent }) => isSurveySent ?? false,
    }),
  }),
};

mutation('assignCase', {
  description: 'Assigns a case to an agent, or to nobody.',
  authScopes: SERVICE,
  price: commandPrice(),
  input: (t) => ({
    case: t.globalID({ required: true, for: [ServiceCase] }),
    agent: t.globalID({ for: [ServiceAgent], description: 'The agent; nobody if omitted.' }),
  }),
  success: changedCase,
  execute: (input, { db }, request) =>
    assignCase(
      db,
      request({ caseId: input.case.id, agentId: input.agent == null ? null : Number(input.agent.id) }),
    ),
});

mutation('closeCase', {
  description:
    'Closes a case whose contacts no source resolves. A contact about it within CASE_REOPEN_DAYS reopens it.',
  authScopes: SERVICE,
  price: commandPrice(),
  input: (t) => ({
    case: t.globalID({ required: true, for: [ServiceCase] }),
    survey: t.boolean({
      description:
        'Whether its survey is sent now, and not after SURVEY_DELAY_HOURS. A customer who objected, or got one lately, gets none.',
    }),
  }),
  success: closedCase,
  refusals: [WrongState],
  execute: (input, { db, config }, request) =>
    closeCase(config)(db, request({ caseId: input.case.id, survey: input.survey ?? false })),
});
