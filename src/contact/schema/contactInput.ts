// The input of contacts, and how it becomes lines of the rules.

import type { IdentifierKind } from '../../customer/rules/identifiers';
import { builder } from '../../graphql/builder';
import { described } from '../../graphql/described';
import type { InputFields } from '../../graphql/mutation';
import type { ContactDetails, StatedContact, StatedIdentifier } from '../rules/contact';
import { CONTACT_LIMITS } from '../rules/contactLine';
import { ContactDirectionEnum, ContactStateEnum, ServiceChannelEnum } from './types';

const IdentifierKindEnum = builder.enumType('ContactIdentifierKind', {
  description: 'Kinds of identifiers of a customer that a contact can name.',
  values: described<IdentifierKind>({
    EMAIL: 'An e-mail address.',
    PHONE: 'A telephone number.',
    LOYALTY_CARD: 'Number of a loyalty card.',
    WEB_ACCOUNT: 'Id of an account of the web shop; `scope` is the name of the storefront.',
    TILL_CUSTOMER: 'Number of a customer at the tills of a feed; `scope` is the name of the feed.',
    RECEIPT: 'Number of a receipt.',
    HELP_DESK_CONTACT: 'Id of the person in a help desk; `scope` is the help desk.',
    SOCIAL_HANDLE: 'Name in a social network; `scope` is the network, such as instagram.',
    SOURCE_RECORD: 'Key of the person in another system; `scope` is that system.',
  }),
});

const ContactIdentifierInput = builder.inputType('ContactIdentifierInput', {
  description: 'An identifier of the customer that stood in a contact.',
  fields: (t) => ({
    kind: t.field({ type: IdentifierKindEnum, required: true, description: 'What it is.' }),
    value: t.string({ required: true, description: 'Its value, as written.' }),
    scope: t.string({
      description:
        'Where the value is unique, for kinds that need it. Of an account the name of its storefront; that of CONTACT_STOREFRONTS if omitted.',
    }),
    verified: t.boolean({
      description:
        'Whether the source has verified that it belongs to this person, such as a signed-in account. A sender’s address is not: it can be forged.',
    }),
  }),
});

export const SurveyAnswerInput = builder.inputType('SurveyAnswerInput', {
  description: 'The customer’s answers to a survey.',
  fields: (t) => ({
    csat: t.int({ description: 'Satisfaction, from 1 (very dissatisfied) to 5 (very satisfied).' }),
    nps: t.int({ description: 'Likelihood to recommend, from 0 to 10.' }),
    ces: t.int({ description: 'Ease of getting it solved, from 1 (very hard) to 7 (very easy).' }),
    wasResolved: t.boolean({ description: 'Whether the customer considers it solved.' }),
  }),
});

/** What ingestContacts and noteContact have in common. */
export const contactFields = (t: InputFields) => ({
  direction: t.field({ type: ContactDirectionEnum, description: 'Who began it; INBOUND if omitted.' }),
  identifiers: t.field({
    type: [ContactIdentifierInput],
    description: `Identifiers of the customer, at most ${CONTACT_LIMITS.identifiers}. Without any, those of the order.`,
  }),
  topic: t.string({ description: 'Code of what it is about, such as LATE_ORDER. Not a text.' }),
  orderNumber: t.string({ description: 'Number of the order it is about (C-…).' }),
  returnNumber: t.string({ description: 'Number of the return it is about (R-…).' }),
  handledSeconds: t.int({ description: 'Seconds of handling.' }),
  wrapUpSeconds: t.int({ description: 'Seconds of work after it, not in handledSeconds.' }),
  waitingSeconds: t.int({ description: 'Seconds from its beginning to the first response.' }),
  language: t.string({ description: 'Code of its language, such as fr.' }),
  link: t.string({ description: 'Address at which the source shows it.' }),
  promise: t.string({ description: 'Code of what the customer was promised, such as CALL_BACK.' }),
  promisedFor: t.field({ type: 'DateTime', description: 'Until when that was promised.' }),
});

export const ContactInput = builder.inputType('ContactInput', {
  description: 'One delivery about one contact. What is omitted stays as an earlier delivery stated it.',
  fields: (t) => ({
    externalId: t.string({ required: true, description: 'Key of the contact at its source.' }),
    channel: t.field({ type: ServiceChannelEnum, required: true, description: 'On which channel.' }),
    at: t.field({ type: 'DateTime', required: true, description: 'When it began.' }),
    state: t.field({ type: ContactStateEnum, required: true, description: 'Its state.' }),
    stateAt: t.field({
      type: 'DateTime',
      description:
        'When it came to that state, by the clock of the source; `at` if omitted. An older state that arrives late does not replace a later one.',
    }),
    handler: t.string({ description: 'Who handles it, as the source names the agent.' }),
    location: t.string({
      description: 'Code of the location that it concerns; that of the order if omitted.',
    }),
    fullName: t.string({ description: 'Name of the customer, as the source has it.' }),
    survey: t.field({
      type: SurveyAnswerInput,
      description: 'Answers to the source’s own survey. Only the first ones count.',
    }),
    ...contactFields(t),
  }),
});

type ContactLineInput = (typeof ContactInput)['$inferInput'];
type IdentifierInput = (typeof ContactIdentifierInput)['$inferInput'];

/** Identifiers as the rules read them. */
export const identifiersOf = (stated: readonly IdentifierInput[] | null | undefined): StatedIdentifier[] =>
  (stated ?? []).map(({ kind, value, scope, verified }) => ({
    kind,
    value,
    scope: scope ?? '',
    isVerified: verified ?? false,
  }));

type DetailsInput = Pick<
  ContactLineInput,
  | 'topic'
  | 'orderNumber'
  | 'returnNumber'
  | 'handledSeconds'
  | 'wrapUpSeconds'
  | 'waitingSeconds'
  | 'language'
  | 'link'
  | 'promise'
  | 'promisedFor'
>;

/** The details that both mutations take; absent ones are null. */
export const detailsOf = (input: DetailsInput): Omit<ContactDetails, 'location' | 'handler'> => ({
  topic: input.topic ?? null,
  orderNumber: input.orderNumber ?? null,
  returnNumber: input.returnNumber ?? null,
  handledSeconds: input.handledSeconds ?? null,
  wrapUpSeconds: input.wrapUpSeconds ?? null,
  waitingSeconds: input.waitingSeconds ?? null,
  language: input.language ?? null,
  link: input.link ?? null,
  promise: input.promise ?? null,
  promisedFor: input.promisedFor ?? null,
});

/** A line of ingestContacts. */
export function lineOf(input: ContactLineInput): StatedContact {
  const { survey, state, at } = input;
  return {
    ...detailsOf(input),
    externalId: input.externalId,
    channel: input.channel,
    direction: input.direction ?? 'INBOUND',
    at,
    state,
    stateAt: input.stateAt ?? at,
    location: input.location ?? null,
    handler: input.handler ?? null,
    identifiers: identifiersOf(input.identifiers),
    fullName: input.fullName ?? null,
    survey:
      survey == null
        ? null
        : {
            csat: survey.csat ?? null,
            nps: survey.nps ?? null,
            ces: survey.ces ?? null,
            wasResolved: survey.wasResolved ?? null,
          },
  };
}
