// CustomerKey: the keys by which a customer is looked up, and how each is found.

import { builder } from '../../graphql/builder';
import type { Context } from '../../graphql/context';
import { checkText, Forbidden, refuse } from '../../refusals';
import { feedIds } from '../../sales/queries/receipts';
import { documentNumber } from '../../values/text';
import { identifiersByKey } from '../queries/identifiers';
import { customerOfOrder, customerOfReceipt, vouchedAccount } from '../queries/lookup';
import { storefronts } from '../queries/storefronts';
import {
  IdentifierHashes,
  type IdentifierKey,
  type IdentifierKind,
  MAX_IDENTIFIER_LENGTH,
  tillScope,
  unknownFeed,
} from '../rules/identifiers';
import type { CustomerView } from '../rules/view';
import { accountAt, customerOfAnyAccount, ownAccount, StorefrontAccountKey } from './account';
import { Customer } from './customer';
import { lookUp, viewOfAccount } from './views';

const TillCustomerKey = builder.inputType('TillCustomerKey', {
  description: 'A customer number of a till or ERP.',
  fields: (t) => ({
    feed: t.string({ required: true, description: 'Name of the feed of sales that the number comes from.' }),
    number: t.string({ required: true, description: 'The number, as the feed sends it.' }),
  }),
});
const ContactKey = builder.inputType('ContactKey', {
  description: 'A contact of a help desk.',
  fields: (t) => ({
    source: t.string({ required: true, description: 'Name of the help desk.' }),
    contactId: t.string({ required: true, description: 'Id of the contact there.' }),
  }),
});
const SocialHandleKey = builder.inputType('SocialHandleKey', {
  description: 'A name at a social network.',
  fields: (t) => ({
    network: t.string({ required: true, description: 'The network, such as INSTAGRAM.' }),
    handle: t.string({ required: true, description: 'The name there, with or without @.' }),
  }),
});

export const CustomerKey = builder.inputType('CustomerKey', {
  isOneOf: true,
  description: 'Exactly one of these keys. STOREFRONT tokens give `account`.',
  fields: (t) => ({
    id: t.globalID({ for: [Customer], description: 'Global ID of the customer, a former one too.' }),
    email: t.string({ description: 'E-mail address.' }),
    phone: t.string({ description: 'Telephone number with its country code, such as +33612345678.' }),
    loyaltyCard: t.string({ description: 'Number of a loyalty card.' }),
    account: t.string({
      description:
        'ID of an account: of a storefront at itself, of other callers at any storefront, if only one customer has it.',
    }),
    storefrontAccount: t.field({ type: StorefrontAccountKey, description: 'Account at a storefront.' }),
    tillCustomer: t.field({ type: TillCustomerKey, description: 'Customer number of a till.' }),
    receipt: t.string({
      description:
        'Number of a till receipt; of imported ones only if those with this number are of one customer.',
    }),
    order: t.string({ description: 'Number of an order (C-…).' }),
    contact: t.field({ type: ContactKey, description: 'Contact of a help desk.' }),
    socialHandle: t.field({ type: SocialHandleKey, description: 'Name at a social network.' }),
  }),
});
export type CustomerKeyInput = typeof CustomerKey.$inferInput;

const EXAMPLES: Partial<Record<IdentifierKind, string>> = {
  EMAIL: 'an e-mail address; write name@example.com',
  PHONE: 'a telephone number with its country code; write all its digits as in +33612345678',
};

/** The identifier that a key names. @throws Refused InvalidInput for a value that cannot be one */
function identifierOf(
  { secretKey }: Context,
  kind: IdentifierKind,
  typed: string,
  path: string,
  scope = '',
): IdentifierKey {
  checkText(typed, path, MAX_IDENTIFIER_LENGTH);
  const found = new IdentifierHashes(secretKey).typed(kind, typed, { scope });
  if (found !== null) return found;
  refuse(
    'InvalidInput',
    `${path} is not ${EXAMPLES[kind] ?? 'an identifier; it has no characters that can be seen'}.`,
    {
      path,
    },
  );
}

/**
 * The identifier of a key; null for keys that are none, and for a number of a feed that there is not. @throws Refused InvalidInput
 */
function keyedIdentifier(
  context: Context,
  by: CustomerKeyInput,
  feeds: ReadonlyMap<string, number>,
  path = 'by',
): IdentifierKey | null {
  const of = (kind: IdentifierKind, typed: string, field: string, scope?: string) =>
    identifierOf(context, kind, typed, `${path}.${field}`, scope);
  if (by.email != null) return of('EMAIL', by.email, 'email');
  if (by.phone != null) return of('PHONE', by.phone, 'phone');
  if (by.loyaltyCard != null) return of('LOYALTY_CARD', by.loyaltyCard, 'loyaltyCard');
  if (by.receipt != null) return of('RECEIPT', documentNumber(by.receipt), 'receipt');
  if (by.tillCustomer != null) {
    const { feed, number } = by.tillCustomer;
    const id = feeds.get(scopeOf(feed, `${path}.tillCustomer.feed`));
    return id === undefined ? null : of('TILL_CUSTOMER', number, 'tillCustomer.number', tillScope(id));
  }
  if (by.contact != null) {
    const { source, contactId } = by.contact;
    return of('HELP_DESK_CONTACT', contactId, 'contact.contactId', scopeOf(source, `${path}.contact.source`));
  }
  if (by.socialHandle != null) {
    const { network, handle } = by.socialHandle;
    const scope = scopeOf(network, `${path}.socialHandle.network`);
    return of('SOCIAL_HANDLE', handle, 'socialHandle.handle', scope);
  }
  return null;
}

/** The feeds by name, where a key needs them. */
async function feedsOf(
  { db }: Context,
  keys: readonly CustomerKeyInput[],
): Promise<ReadonlyMap<string, number>> {
  return keys.some((key) => key.tillCustomer != null) ? feedIds(db) : new Map();
}

/**
 * The identifiers that these keys name. @throws Refused InvalidInput for a value that cannot be one, and for keys that name a customer or
 * an account at any storefront
 */
export async function identifierKeys(
  context: Context,
  keys: readonly CustomerKeyInput[],
  path: string,
): Promise<IdentifierKey[]> {
  const known = keys.some((key) => key.storefrontAccount != null) ? await storefronts(context.db) : [];
  const feeds = await feedsOf(context, keys);
  return keys.map((key, i) => {
    const at = `${path}.${i}`;
    const found =
      key.storefrontAccount == null
        ? keyedIdentifier(context, key, feeds, at)
        : accountAt(context, key.storefrontAccount, known, `${at}.storefrontAccount`);
    if (found !== null) return found;
    if (key.tillCustomer != null)
      return refuse(
        'InvalidInput',
        `${at}.tillCustomer.feed: ${unknownFeed(key.tillCustomer.feed, feeds)}.`,
        {
          path: `${at}.tillCustomer.feed`,
        },
      );
    const message = `${at} names no identifier of its own; give one of its identifiers, an account as storefrontAccount.`;
    return refuse('InvalidInput', message, { path: at });
  });
}

const MAX_SCOPE = 64;
function scopeOf(typed: string, path: string): string {
  checkText(typed, path, MAX_SCOPE);
  return typed;
}

const MAX_ORDER_NUMBER = 64;

/** The id of the customer with this key, or null. @throws Refused InvalidInput */
async function customerIdOf(context: Context, by: CustomerKeyInput): Promise<string | null> {
  if (by.id != null) return by.id.id;
  if (by.order != null) {
    checkText(by.order, 'by.order', MAX_ORDER_NUMBER);
    return customerOfOrder(context.db, documentNumber(by.order));
  }
  if (by.account != null) return customerOfAnyAccount(context, by.account, 'by.account');
  const key =
    by.storefrontAccount == null
      ? keyedIdentifier(context, by, await feedsOf(context, [by]))
      : accountAt(context, by.storefrontAccount, await storefronts(context.db), 'by.storefrontAccount');
  if (key === null) return null;
  const [found] = (await identifiersByKey(context.db, [key])).values();
  if (found !== undefined) return found.ownId;
  return by.receipt == null ? null : customerOfReceipt(context.db, documentNumber(by.receipt));
}

/**
 * What the caller sees of the customer with this key; null if there is none. @throws Refused InvalidInput @throws Forbidden for a
 * storefront that gives another key than an account
 */
export async function customerByKey(
  context: Context,
  by: CustomerKeyInput,
  field: string,
): Promise<CustomerView | null> {
  if (context.caller.role === 'STOREFRONT') {
    // Whatever the key is, so that the refusal does not disclose who exists.
    if (by.account == null)
      throw new Forbidden(
        `${context.caller.name} is a storefront, which looks customers up by account only.`,
      );
    const key = ownAccount(context, by.account, 'by.account');
    const account = await vouchedAccount(context.db, key, context.caller.actorId);
    return account === null ? null : viewOfAccount(context, account);
  }
  const id = await customerIdOf(context, by);
  return id === null ? null : lookUp(context, id, field);
}
