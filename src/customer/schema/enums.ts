// Enums of customers: kinds of identifiers and interactions, and how an identifier is known.

import { builder } from '../../graphql/builder';
import { described } from '../../graphql/described';
import type { IdentifierKind } from '../rules/identifiers';
import type { InteractionKind } from '../rules/interactions';
import type { LinkOrigin } from '../rules/links';
import type { AwaitedStep } from '../rules/promises';
import type { PersonAttribute, SurvivorshipRule } from '../rules/survivorship';

export const IdentifierKindEnum = builder.enumType('IdentifierKind', {
  description: 'Kind of an identifier of a customer.',
  values: described<IdentifierKind>({
    WEB_ACCOUNT: 'Account at a storefront.',
    LOYALTY_CARD: 'Loyalty card.',
    EMAIL: 'E-mail address.',
    PHONE: 'Telephone number.',
    TILL_CUSTOMER: 'Customer number of a till.',
    HELP_DESK_CONTACT: 'Contact of a help desk.',
    SOCIAL_HANDLE: 'Name at a social network.',
    RECEIPT: 'Till receipt.',
    SOURCE_RECORD: 'Record of an imported file.',
  }),
});

export const IdentifierStanding = builder.enumType('IdentifierStanding', {
  description: 'How well it is known that an identifier is the customer’s.',
  values: {
    VERIFIED: {
      description: 'Verified: by a storefront, staff, another system, or a message that was answered.',
    },
    CLAIMED: { description: 'Stated only; it may be another person’s.' },
    SHARED: { description: 'Used by several people, such as the address of a company.' },
  } as const,
});

export const LinkOriginEnum = builder.enumType('LinkOrigin', {
  description: 'Who decided that two identifiers are of one customer.',
  values: described<LinkOrigin>({
    PERSON: 'A person.',
    RULE: 'A rule: both were verified in one interaction.',
    MODEL: 'The model of probable links.',
  }),
});

export const InteractionKindEnum = builder.enumType('InteractionKind', {
  description: 'What the retailer and a customer had to do with each other.',
  values: described<InteractionKind>({
    ORDER_PLACED: 'An order was placed.',
    ORDER_READY: 'An order was ready to be collected.',
    ORDER_COLLECTED: 'An order was collected.',
    ORDER_CANCELLED: 'An order was cancelled.',
    ORDER_NO_SHOW: 'An order was not collected in time.',
    RETURN_REQUESTED: 'A return was announced.',
    RETURN_RECEIVED: 'Returned goods were received.',
    RETURN_REJECTED: 'A return was rejected.',
    PURCHASE: 'A purchase at a till or in another system.',
    REFUND: 'A refund at a till or in another system.',
    PROFILE: 'Another system stated who the customer is.',
    CONTACT: 'The customer and the retailer were in contact.',
    SURVEY: 'The customer answered a survey.',
    CONSENT_GIVEN: 'The customer gave a consent.',
    CONSENT_WITHDRAWN: 'The customer withdrew a consent.',
  }),
});

export const PersonAttributeEnum = builder.enumType('PersonAttribute', {
  description: 'What can be stated about a person.',
  values: {
    FULL_NAME: { value: 'fullName', description: 'Whole name.' },
    FIRST_NAME: { value: 'firstName', description: 'First name.' },
    SURNAME: { value: 'surname', description: 'Surname.' },
    BIRTH_DATE: { value: 'birthDate', description: 'Date of birth.' },
    BIRTH_PLACE: { value: 'birthPlace', description: 'Where the person was born.' },
    STREET: { value: 'street', description: 'Street and number.' },
    POSTAL_CODE: { value: 'postalCode', description: 'Postal code.' },
    CITY: { value: 'city', description: 'City.' },
    COUNTRY: { value: 'country', description: 'Country, as an ISO 3166-1 code.' },
    GENDER: { value: 'gender', description: 'Gender.' },
    OCCUPATION: { value: 'occupation', description: 'Occupation.' },
    LANGUAGE: { value: 'language', description: 'Language, as a BCP 47 tag.' },
    CONTACT_CHANNEL: { value: 'contactChannel', description: 'How the customer wants to be notified.' },
  } as const satisfies Record<string, { value: PersonAttribute; description: string }>,
});

export const SurvivorshipRuleEnum = builder.enumType('SurvivorshipRule', {
  description:
    'Why a value counts where statements about a person differ, in the order in which they are compared.',
  values: described<SurvivorshipRule>({
    ONLY_VALUE: 'No statement differs from it.',
    VERIFIED: 'It was stated with a verified identifier, the others were not.',
    LATEST: 'It was stated on a later day.',
    MOST_TRUSTED: 'Its source is trusted more (TRUSTED_SOURCES).',
    LAST_RECORDED: 'It was stated later on the same day.',
  }),
});

export const AwaitedStepEnum = builder.enumType('AwaitedStep', {
  description: 'What an open order waits for.',
  values: described<AwaitedStep>({
    DISPATCH: 'Another location has to dispatch units.',
    TRANSFER: 'Units are on their way from another location.',
    PICKING: 'The shop has to start picking.',
    PICKING_TO_END: 'It is being picked.',
    COLLECTION: 'It is ready; the customer has to collect it.',
  }),
});
