// GraphQL query routeContact: which agent should take a contact, with the points of each criterion.

import { CONTACT_SOURCES } from '../../access/rules/roleSets';
import { customerIdsOf } from '../../customer/queries/identifiers';
import type { CustomerView } from '../../customer/rules/view';
import { CustomerKey, customerByKey } from '../../customer/schema/customerKey';
import { preferencesOf } from '../../customer/schema/person';
import { lookUp } from '../../customer/schema/views';
import { personal } from '../../graphql/accessRule';
import { builder } from '../../graphql/builder';
import type { Context } from '../../graphql/context';
import { described } from '../../graphql/described';
import { locationLookup } from '../../location/queries/locations';
import { checkQuantity, checkText, notFound, refuse } from '../../refusals';
import { documentNumber } from '../../values/text';
import { findReferences } from '../queries/references';
import { agentsAtWork, customerAgents, type RoutedCase, routedCase, workforce } from '../queries/routing';
import { CONTACT_LIMITS, LANGUAGE } from '../rules/contactLine';
import {
  adviceFor,
  isLanguageServed,
  type RoutedContact,
  type RoutingAdvice,
  type RoutingCandidate,
  type RoutingCriterion,
  type RoutingExclusion,
} from '../rules/routing';
import { SERVICE, ServiceAgent, ServiceCase, ServiceChannelEnum } from './types';

/** Help desks and agents ask; auditors do not see who serves whom. */
const ROUTERS = { roles: personal([...CONTACT_SOURCES.roles]) };
const MAX_CANDIDATES = 20;

const CriterionEnum = builder.enumType('RoutingCriterion', {
  description: 'What the score of an agent for a contact is made of.',
  values: described<RoutingCriterion>({
    CASE: 'The agent knows the case: 40 points.',
    SKILL: 'The agent has the skill: 30 points.',
    LANGUAGE: 'The agent speaks the language: 30 points.',
    CUSTOMER: 'The agent had one of the customer’s last contacts: 20 points.',
    SHOP: 'The agent knows the shop of the order best: 10 points.',
    PREFERENCE: 'The agent knows the shop best that the customer uses most: 10 points.',
    LOAD: 'The share of the capacity that stays free: at most 30 points. It is never dropped.',
  }),
});
const ExclusionEnum = builder.enumType('RoutingExclusion', {
  description: 'Why an agent at work cannot take a contact.',
  values: described<RoutingExclusion>({
    OTHER_CHANNEL: 'Works on other channels.',
    NO_SKILL: 'Has not the skill, which is required.',
    NO_LANGUAGE: 'Does not speak the language, which is required.',
    NO_CAPACITY: 'Has no free capacity for it.',
  }),
});

const RoutingPoints = builder.objectRef<RoutingCandidate['points'][number]>('RoutingPoints').implement({
  description: 'Points of an agent by one criterion.',
  authScopes: ROUTERS,
  fields: (t) => ({
    criterion: t.expose('criterion', { type: CriterionEnum, description: 'The criterion.' }),
    points: t.exposeInt('points', { description: 'Its points; 0 if not met, or dropped.' }),
  }),
});
const Candidate = builder.objectRef<RoutingCandidate>('RoutingCandidate').implement({
  description: 'An agent who could take a contact now.',
  authScopes: ROUTERS,
  fields: (t) => ({
    agentCode: t.string({
      description: 'Code of the agent, as the help desk names it.',
      resolve: ({ agent }) => agent.code,
    }),
    agent: t.prismaField({
      type: ServiceAgent,
      nullable: true,
      description: 'The agent.',
      authScopes: SERVICE,
      resolve: (query, { agent }, _args, { db }) =>
        db.prisma.serviceAgent.findUnique({ ...query, where: { id: agent.id } }),
    }),
    score: t.exposeInt('score', { description: 'The sum of the points.' }),
    points: t.field({
      type: [RoutingPoints],
      description: 'The points of each criterion.',
      resolve: ({ points }) => points,
    }),
    load: t.int({
      description: 'Units of work of the agent’s other open cases.',
      resolve: ({ agent }) => agent.load,
    }),
    capacity: t.int({ description: 'Units of work at once.', resolve: ({ agent }) => agent.capacity }),
  }),
});
const Excluded = builder.objectRef<RoutingAdvice['excluded'][number]>('RoutingExcluded').implement({
  description: 'How many agents at work cannot take a contact for one reason.',
  authScopes: ROUTERS,
  fields: (t) => ({
    reason: t.expose('reason', { type: ExclusionEnum, description: 'The reason.' }),
    agents: t.exposeInt('agents', { description: 'Number of agents.' }),
  }),
});

const Advice = builder.objectRef<RoutingAdvice>('RoutingAdvice').implement({
  description: 'Which agent should take a contact. Nothing is assigned by it.',
  authScopes: ROUTERS,
  fields: (t) => ({
    advised: t.field({
      type: Candidate,
      nullable: true,
      description: 'Who should take it now; null: nobody yet, see `waitsFor` and `excluded`.',
      resolve: ({ advised }) => advised,
    }),
    candidates: t.field({
      type: [Candidate],
      description: `Agents who could take it now, the best first; at most ${MAX_CANDIDATES}.`,
      resolve: ({ candidates }) => candidates.slice(0, MAX_CANDIDATES),
    }),
    excluded: t.field({
      type: [Excluded],
      description:
        'Agents at work who cannot take it, by reason; empty with no candidates: nobody is at work.',
      resolve: ({ excluded }) => excluded,
    }),
    dropped: t.field({
      type: [CriterionEnum],
      description: 'Criteria that no longer count, because the contact has waited so long.',
      resolve: ({ dropped }) => dropped,
    }),
    waitsFor: t.field({
      type: [CriterionEnum],
      description: 'What it waits for although others have free capacity: agents who meet these are busy.',
      resolve: ({ waitsFor }) => waitsFor,
    }),
    retryAfterSeconds: t.exposeInt('retryAfterSeconds', {
      nullable: true,
      description: 'Seconds until the next of `waitsFor` is dropped; null if time alone changes nothing.',
    }),
  }),
});

const ContactToRoute = builder.inputType('ContactToRouteInput', {
  description:
    'A contact for which an agent is sought. What is omitted is taken from its case, order and customer.',
  fields: (t) => ({
    channel: t.field({ type: ServiceChannelEnum, required: true, description: 'On which channel.' }),
    skill: t.string({ description: 'Code of the topic; that of the case if omitted.' }),
    isSkillRequired: t.boolean({
      description:
        'Whether only agents with the skill may take it; otherwise it is dropped after ROUTE_SKILL_SECONDS.',
    }),
    language: t.string({ description: 'Code of its language, such as fr; that of the customer if omitted.' }),
    isLanguageRequired: t.boolean({
      description:
        'Whether only agents who speak it may take it; otherwise it is dropped after ROUTE_LANGUAGE_SECONDS.',
    }),
    case: t.globalID({ for: [ServiceCase], description: 'The case that it belongs to.' }),
    orderNumber: t.string({ description: 'Number of the order that it is about (C-…).' }),
    customer: t.field({ type: CustomerKey, description: 'A key of the customer. The look-up is recorded.' }),
    location: t.string({ description: 'Code of the shop that it concerns; that of the order if omitted.' }),
    waitingSeconds: t.int({ description: 'Seconds that it has waited; 0 if omitted.' }),
  }),
});
type ContactToRouteArgs = typeof ContactToRoute.$inferInput;

/** The longest wait that is understood: a month. */
const MAX_WAITING_SECONDS = CONTACT_LIMITS.seconds;

/** @throws Refused InvalidInput */
function checkContact(contact: ContactToRouteArgs): void {
  const { skill, language, orderNumber, location, waitingSeconds } = contact;
  for (const [name, value] of Object.entries({ skill, orderNumber, location }))
    if (value != null) checkText(value, `contact.${name}`, CONTACT_LIMITS.code);
  if (waitingSeconds != null) checkQuantity(waitingSeconds, 'contact.waitingSeconds', 0, MAX_WAITING_SECONDS);
  if (language != null && !LANGUAGE.test(language))
    refuse('InvalidInput', 'contact.language is not a language; write a code such as fr or pt-BR.', {
      path: 'contact.language',
    });
  for (const [flag, of] of [
    ['isSkillRequired', 'skill'],
    ['isLanguageRequired', 'language'],
  ] as const)
    if (contact[flag] === true && contact[of] == null)
      refuse('InvalidInput', `contact.${flag} is true; name the ${of} in contact.${of}.`, {
        path: `contact.${of}`,
      });
}

const MAX_NAMED = 20;
const named = (values: readonly string[]): string =>
  values.length === 0
    ? 'none'
    : values.slice(0, MAX_NAMED).join(', ') + (values.length > MAX_NAMED ? ', …' : '');

/** Refuses what no agent could ever do, at work or not. @throws Refused InvalidInput, NotFound */
async function checkWorkforce(context: Context, { skill, language }: ContactToRouteArgs): Promise<void> {
  const { agents, skills, languages } = await workforce(context.db);
  if (agents === 0)
    refuse('InvalidInput', 'There are no agents; create them with upsertServiceAgents.', { path: 'contact' });
  if (skill != null && !skills.includes(skill))
    refuse(
      'InvalidInput',
      `contact.skill is ${skill}, which no agent has; skills of agents: ${named(skills)}. Add it with upsertServiceAgents, or leave it out.`,
      { path: 'contact.skill' },
    );
  if (language != null && !isLanguageServed(languages, language))
    refuse(
      'InvalidInput',
      `contact.language is ${language}, which no agent speaks; languages of agents: ${named(languages)}. Add it with upsertServiceAgents, or leave it out.`,
      { path: 'contact.language' },
    );
}

async function orderOf(context: Context, number: string | null | undefined) {
  if (number == null) return null;
  const wanted = documentNumber(number);
  const { orders } = await findReferences(context.db, { orders: [wanted], returns: [], locations: [] });
  const found = orders.get(wanted);
  if (found === undefined) throw notFound('Order', [number]);
  return found;
}

/** The customer that is named, or that of the order or case. */
async function viewOf(
  context: Context,
  { customer, orderNumber }: ContactToRouteArgs,
  found: RoutedCase | null,
): Promise<CustomerView | null> {
  if (customer != null) return customerByKey(context, customer, 'routeContact');
  if (orderNumber != null) return customerByKey(context, { order: orderNumber }, 'routeContact');
  if (found === null || found.identifierId === null) return null;
  const id = (await customerIdsOf(context.db, [found.identifierId])).get(found.identifierId);
  return id === undefined ? null : lookUp(context, id, 'routeContact');
}

async function routed(context: Context, contact: ContactToRouteArgs): Promise<RoutingAdvice> {
  checkContact(contact);
  await checkWorkforce(context, contact);
  const order = await orderOf(context, contact.orderNumber);
  const locationId = await locationLookup.idOf(context.db, contact.location);
  const skill = contact.skill ?? null;
  const key = { caseId: contact.case?.id ?? null, orderId: order?.id ?? null, topic: skill };
  let found = await routedCase(context.db, { ...key, identifierIds: [] });
  if (key.caseId !== null && found?.id !== key.caseId) throw notFound('ServiceCase', [key.caseId]);
  const view = await viewOf(context, contact, found);
  const identifierIds = view === null ? [] : view.identifiers.map(({ id }) => id);
  found ??= await routedCase(context.db, { ...key, identifierIds });
  const [agents, knowing, preferences] = await Promise.all([
    agentsAtWork(context.db, found?.id ?? null),
    customerAgents(context.db, identifierIds),
    view === null ? null : preferencesOf(context).load(view),
  ]);
  const spoken = preferences?.values.find(({ attribute }) => attribute === 'language')?.value ?? null;
  const whole: RoutedContact = {
    channel: contact.channel,
    skill: skill ?? found?.topic ?? null,
    isSkillHard: contact.isSkillRequired ?? false,
    language: contact.language ?? spoken,
    isLanguageHard: contact.isLanguageRequired ?? false,
    locationId: locationId ?? order?.locationId ?? found?.locationId ?? null,
    preferredLocationId: preferences?.habits.location?.value ?? null,
    caseAgents: new Set(found?.agentIds ?? []),
    customerAgents: knowing,
    waitingSeconds: contact.waitingSeconds ?? 0,
  };
  return adviceFor(whole, agents, context.config.service.routing);
}

builder.queryField('routeContact', (t) =>
  t.field({
    type: Advice,
    nullable: true,
    description:
      'Which agent should take a contact, by who knows the case and the customer, skill, language, shop and load. Soft criteria are dropped step by step while it waits (settings ROUTE_…).',
    authScopes: ROUTERS,
    args: { contact: t.arg({ type: ContactToRoute, required: true, description: 'The contact.' }) },
    resolve: (_root, { contact }, context) => routed(context, contact),
  }),
);
