// GraphQL of consents: recording and withdrawing them, and whether an address may be used for a purpose.

import { ACTOR_FIELD } from '../../access/schema/summary';
import { personal } from '../../graphql/accessRule';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { commandPrice, WRITTEN_ROW } from '../../graphql/cost/price';
import { loader } from '../../graphql/loaders';
import { mutation, type Success } from '../../graphql/mutation';
import { checkCount } from '../../refusals';
import { recordConsent, withdrawConsent } from '../actions/consent';
import { type ConsentRow, consentsById, consentsOfCustomers, contactPermissions } from '../queries/consents';
import {
  CONSENT_LIMITS,
  type ContactPermission,
  PERMISSION_REASONS,
  type PermissionReason,
} from '../rules/consent';
import { CUSTOMER_SERVICE } from './access';
import {
  addressOf,
  ConsentAddressInput,
  ConsentChannelEnum,
  ConsentDecisionEnum,
  ConsentInput,
  ConsentPurposeEnum,
  ContactPurposeEnum,
  checkedConsents,
  knownStorefronts,
  RECORDERS,
} from './consentInput';
import { Customer } from './customer';

export const Consent = builder.objectRef<ConsentRow>('Consent').implement({
  description: 'What a person decided about a purpose, and by which address. Decisions are never changed.',
  authScopes: { roles: personal([...RECORDERS]) },
  fields: (t) => ({
    id: t.id({ description: cacheIdOf('a decision'), resolve: ({ id }) => cacheId('Consent', id) }),
    address: t.exposeString('address', {
      nullable: true,
      description: 'The address, account or card by which the person decided; null when it was erased.',
    }),
    purpose: t.expose('purpose', { type: ConsentPurposeEnum, description: 'What it is about.' }),
    channel: t.expose('channel', {
      type: ConsentChannelEnum,
      nullable: true,
      description: 'The channel; null for every one.',
    }),
    decision: t.expose('decision', { type: ConsentDecisionEnum, description: 'What was decided.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When the person decided.' }),
    recordedAt: t.expose('recordedAt', { type: 'DateTime', description: 'When it was recorded.' }),
    recordedBy: t.field({
      ...ACTOR_FIELD,
      description: 'Who recorded it.',
      authScopes: { roles: ['STAFF', 'FEED', 'AGENT', 'DATA_STEWARD'] },
    }),
    textVersion: t.exposeString('textVersion', {
      nullable: true,
      description: 'Version of the text that the person agreed to.',
    }),
    proof: t.exposeString('proof', { nullable: true, description: 'Where the proof is kept.' }),
  }),
});

const consentsByCustomer = loader<string, ConsentRow[]>(async ({ db }, ids) => {
  const rows = await consentsOfCustomers(db, ids);
  return ids.map((id) => rows.filter((row) => row.customerId === id));
});

builder.objectField(Customer, 'consents', (t) =>
  t.field({
    type: [Consent],
    description: 'What the person decided about purposes and channels, the latest first.',
    authScopes: CUSTOMER_SERVICE,
    resolve: ({ customerId }, _args, context) => consentsByCustomer(context).load(customerId),
  }),
);

const recordedConsents: Success<{ consentIds: number[]; skipped: number }> = {
  authScopes: { roles: [...RECORDERS] },
  fields: (t) => ({
    consents: t.field({
      type: [Consent],
      description: 'The recorded decisions.',
      resolve: ({ consentIds }, _args, context) => consentsById(context.db, consentIds),
    }),
    skipped: t.exposeInt('skipped', {
      description: 'Entries of a feed that were omitted because the person was erased.',
    }),
  }),
};

/** Declares one of the two mutations that record decisions. */
function decisionMutation(
  name: 'recordConsent' | 'withdrawConsent',
  description: string,
  command: typeof recordConsent,
): void {
  mutation(name, {
    description,
    authScopes: { roles: [...RECORDERS] },
    price: commandPrice('consents', WRITTEN_ROW),
    input: (t) => ({
      consents: t.field({ type: [ConsentInput], required: true, description: 'At most 500 decisions.' }),
    }),
    success: recordedConsents,
    execute: async (input, context, request) =>
      command(
        context.db,
        request({
          consents: await checkedConsents(context, input.consents, name === 'recordConsent'),
          identity: context.config.identity,
        }),
      ),
  });
}

decisionMutation(
  'recordConsent',
  'Records that people consented, each by one address. A consent counts for that address alone, also when its customer is joined with another.',
  recordConsent,
);
decisionMutation(
  'withdrawConsent',
  'Records that people withdrew a consent or objected. It counts for all addresses of the customer, until one of them consents again.',
  withdrawConsent,
);

const REASONS: Record<PermissionReason, { description: string }> = {
  TRANSACTIONAL: { description: 'It is about what the customer ordered or requested.' },
  CONSENT_GIVEN: { description: 'This address consented.' },
  NO_OBJECTION: { description: 'The purpose needs no consent, and the customer has not objected.' },
  NO_CONSENT: { description: 'This address has not consented.' },
  WITHDRAWN: { description: 'The customer withdrew the consent or objected, by this or another address.' },
  RESTRICTED: { description: 'The processing of this customer’s data is restricted.' },
  ERASED: { description: 'The address belonged to a customer who was erased.' },
};
const PermissionReasonEnum = builder.enumType('ContactPermissionReason', {
  description: 'Why a customer may or may not be contacted.',
  values: Object.fromEntries(PERMISSION_REASONS.map((reason) => [reason, REASONS[reason]])) as typeof REASONS,
});

const ContactPermissionType = builder.objectRef<ContactPermission>('ContactPermission').implement({
  description: 'Whether an address may be used for a purpose.',
  authScopes: { roles: personal([...RECORDERS]) },
  fields: (t) => ({
    isAllowed: t.exposeBoolean('isAllowed', { description: 'Whether it may be used.' }),
    reason: t.expose('reason', { type: PermissionReasonEnum, description: 'Why.' }),
    decidedAt: t.expose('decidedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the customer made the decision that counts; null without one.',
    }),
  }),
});

const ContactPermissionInput = builder.inputType('ContactPermissionInput', {
  description: 'An address, and what it would be used for.',
  fields: (t) => ({
    address: t.field({ type: ConsentAddressInput, required: true, description: 'The address.' }),
    purpose: t.field({ type: ContactPurposeEnum, required: true, description: 'What for.' }),
    channel: t.field({
      type: ConsentChannelEnum,
      description: 'The channel; by default none in particular.',
    }),
  }),
});

builder.queryField('mayContact', (t) =>
  t.field({
    type: [ContactPermissionType],
    description:
      'Whether these addresses may be used, in the order of the request, at most 500. To be checked before every message that is not transactional.',
    authScopes: { roles: personal([...RECORDERS]) },
    args: {
      contacts: t.arg({
        type: [ContactPermissionInput],
        required: true,
        description: 'Addresses and purposes.',
      }),
    },
    resolve: async (_root, { contacts }, context) => {
      checkCount(contacts, 'contacts', CONSENT_LIMITS.entries);
      const known = await knownStorefronts(
        context,
        contacts.map(({ address }) => address),
      );
      const requests = contacts.map(({ address, purpose, channel }, i) => ({
        identifier: addressOf(context, known, address, `contacts.${i}.address`),
        purpose,
        channel: channel ?? null,
      }));
      return contactPermissions(context.db, requests);
    },
  }),
);
