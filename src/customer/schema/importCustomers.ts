// The mutation importCustomers: what a CRM or a loyalty programme knows of customers.

import { FEEDS } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { commandPrice, WRITTEN_ROW } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { ContactChannelEnum } from '../../order/schema/enums';
import { checkCount, checkText, MAX_BULK, refuse } from '../../refusals';
import { ImportReject, ImportRun, MAX_FEED_NAME, runById } from '../../sales/schema/imports';
import { type ImportCustomersDone, importCustomers, type ProfileTexts } from '../actions/importCustomers';
import { MAX_IDENTIFIER_LENGTH } from '../rules/identifiers';
import type { IdentifierColumn, ProfileColumn } from '../rules/profileLine';
import { ConsentChannelEnum, ConsentPurposeEnum } from './consentInput';

const CustomerLineIdentifierEnum = builder.enumType('CustomerLineIdentifier', {
  description: 'The identifiers of a line of importCustomers.',
  values: {
    EMAIL: { description: 'Its `email`.', value: 'email' },
    PHONE: { description: 'Its `phone`.', value: 'phone' },
    LOYALTY_CARD: { description: 'Its `loyaltyCard`.', value: 'loyaltyCard' },
    ACCOUNT: { description: 'Its `account`.', value: 'account' },
    TILL_CUSTOMER: { description: 'Its `tillCustomer`.', value: 'tillCustomer' },
    SOCIAL_HANDLE: { description: 'Its `socialHandle`.', value: 'socialHandle' },
  } satisfies Record<string, { description: string; value: IdentifierColumn }>,
});

const CustomerLineConsentInput = builder.inputType('CustomerLineConsentInput', {
  description: 'A consent, or a withdrawn one, by the addresses of its line.',
  fields: (t) => ({
    purpose: t.field({ type: ConsentPurposeEnum, required: true, description: 'What it is for.' }),
    channel: t.field({ type: ConsentChannelEnum, description: 'On which channel; on all if omitted.' }),
  }),
});

const CustomerLineInput = builder.inputType('CustomerLineInput', {
  description:
    'What a feed states about one customer. A statement replaces the last one about the same customer.',
  fields: (t) => ({
    externalId: t.string({ required: true, description: 'Key of the customer in the system of the feed.' }),
    updatedAt: t.field({
      type: 'DateTime',
      description:
        'When the customer was so; now if omitted. An older statement does not replace a later one.',
    }),
    fullName: t.string({ description: 'Full name.' }),
    firstName: t.string({ description: 'First name.' }),
    surname: t.string({ description: 'Surname.' }),
    birthDate: t.string({ description: 'Date of birth (1980-11-28).' }),
    birthPlace: t.string({ description: 'Town of birth.' }),
    street: t.string({ description: 'Street, with its number.' }),
    postalCode: t.string({ description: 'Postal code.' }),
    city: t.string({ description: 'Town.' }),
    country: t.string({ description: 'Country, as a code of two letters such as FR.' }),
    gender: t.string({ description: 'Gender, as the system has it.' }),
    occupation: t.string({ description: 'Occupation, as the system has it.' }),
    language: t.string({ description: 'Code of the preferred language, such as fr.' }),
    contactChannel: t.field({
      type: ContactChannelEnum,
      description: 'How the customer prefers to be reached.',
    }),
    shop: t.string({ description: 'Code of the preferred location.' }),
    email: t.string({ description: 'E-mail address.' }),
    phone: t.string({
      description:
        'Telephone number; without a country code it is dialled in the country of the line, its shop or the request.',
    }),
    loyaltyCard: t.string({ description: 'Number of a loyalty card.' }),
    account: t.string({ description: 'ID of an account at `storefront`.' }),
    storefront: t.string({ description: 'Name of the storefront of `account`.' }),
    tillCustomer: t.string({ description: 'Customer number of the tills of `tillFeed`.' }),
    tillFeed: t.string({ description: 'Name of the feed of sales of `tillCustomer`; this feed if omitted.' }),
    socialHandle: t.string({ description: 'Name at `socialNetwork`, with or without @.' }),
    socialNetwork: t.string({ description: 'Network of `socialHandle`, such as instagram.' }),
    verified: t.field({
      type: [CustomerLineIdentifierEnum],
      description:
        'Identifiers of which the system has verified that they belong to this person. The others are only claimed.',
    }),
    consents: t.field({ type: [CustomerLineConsentInput], description: 'Consents that the customer gave.' }),
    withdrawals: t.field({
      type: [CustomerLineConsentInput],
      description: 'Consents that the customer withdrew.',
    }),
    consentAt: t.field({
      type: 'DateTime',
      description: 'When these were decided; `updatedAt` if omitted. One of the two is needed with them.',
    }),
    consentText: t.string({ description: 'Version of the text that the customer consented to.' }),
  }),
});
type CustomerLineValue = (typeof CustomerLineInput)['$inferInput'];

/** Consents, or withdrawals, of a line. */
const MAX_CONSENTS = 10;
/** Longest text of a line; the rules of its field may allow less. */
const MAX_TEXT = MAX_IDENTIFIER_LENGTH;

function listText(
  stated: readonly { purpose: string; channel?: string | null | undefined }[] | null | undefined,
  path: string,
): string {
  checkCount(stated ?? [], path, MAX_CONSENTS, 0);
  return (stated ?? []).map(({ purpose, channel }) => [purpose, channel ?? ''].join(' ').trim()).join('|');
}

/** A line as the cells of a file. @throws Refused InvalidInput for what is too long or cannot be stored */
function textsOf(line: CustomerLineValue, i: number): ProfileTexts {
  const path = `lines.${i}`;
  const { updatedAt, consentAt, verified, consents, withdrawals, ...texts } = line;
  checkCount(verified ?? [], `${path}.verified`, MAX_CONSENTS, 0);
  const cells: ProfileTexts = {
    verified: (verified ?? []).join('|'),
    consents: listText(consents, `${path}.consents`),
    withdrawals: listText(withdrawals, `${path}.withdrawals`),
    ...(updatedAt != null && { updatedAt: updatedAt.toISOString() }),
    ...(consentAt != null && { consentAt: consentAt.toISOString() }),
  };
  for (const [column, text] of Object.entries(texts)) {
    if (text == null) continue;
    checkText(text, `${path}.${column}`, MAX_TEXT, 0);
    cells[column as ProfileColumn] = text.trim();
  }
  return cells;
}

const importCustomersSuccess: Success<ImportCustomersDone> = {
  authScopes: FEEDS,
  fields: (t) => ({
    run: t.field({
      type: ImportRun,
      description: 'The import run.',
      resolve: (done, _args, context) => runById(context).load(done.runId),
    }),
    accepted: t.exposeInt('accepted', { description: 'Lines that were accepted.' }),
    created: t.exposeInt('created', {
      description: 'Lines about customers of whom the feed had stated nothing.',
    }),
    corrected: t.exposeInt('corrected', {
      description: 'Lines that state something else than the last statement.',
    }),
    unchanged: t.exposeInt('unchanged', { description: 'Lines that changed nothing, erased ones included.' }),
    merged: t.exposeInt('merged', {
      description: 'Lines that another line of the request repeats or replaces.',
    }),
    erased: t.exposeInt('erased', {
      description: 'Lines about customers who were erased here. Nothing of them is stored.',
    }),
    rejects: t.field({
      type: [ImportReject],
      description: 'Lines that were not imported, with their reasons.',
      resolve: (done) => done.rejects.map((r) => ({ ...r, runId: done.runId, raw: '' })),
    }),
  }),
};

mutation('importCustomers', {
  description:
    'Imports what a CRM or a loyalty programme knows of customers. The same statement again changes nothing. Invalid lines are rejected with their reason; the others are imported.',
  authScopes: FEEDS,
  price: commandPrice('lines', 10 * WRITTEN_ROW),
  input: (t) => ({
    feed: t.string({
      required: true,
      description:
        'Name of the system, in which external ids are unique. It belongs to the sender that used it first.',
    }),
    country: t.string({
      description:
        'Where telephone numbers are dialled whose line names neither country nor shop, as a code of two letters.',
    }),
    lines: t.field({ type: [CustomerLineInput], required: true, description: `At most ${MAX_BULK} lines.` }),
  }),
  success: importCustomersSuccess,
  execute: (input, context, request) => {
    const { feed, country = null, lines } = input;
    checkText(feed, 'feed', MAX_FEED_NAME);
    if (country !== null && !/^[A-Z]{2}$/.test(country))
      refuse('InvalidInput', 'country is not a code of two letters such as FR.', { path: 'country' });
    checkCount(lines, 'lines', MAX_BULK);
    return importCustomers(context)(context.db, request({ feed, country, lines: lines.map(textsOf) }));
  },
});
