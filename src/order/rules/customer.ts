// The person who collects an order: which names and addresses are accepted, and the form in which they are stored.

import { checkStorable, checkText, refuse } from '../../refusals';
import { cleanLine, hasLetter } from '../../values/text';
import { optionalLine, typedLine } from '../../values/typedText';
import { ORDER } from './columns';
import { parsePhone } from './phone';
import type { ContactChannel } from './status';

/** A customer's contact, normalised: e-mail in small letters, telephone as E.164. */
export interface Customer {
  name: string;
  email: string | null;
  phone: string | null;
  contactChannel: ContactChannel;
  /** Id of the account at a storefront. */
  account?: string | null;
  loyaltyCard?: string | null;
  /** Whether whoever placed the order has verified that these belong to the person. */
  emailVerified?: boolean;
  phoneVerified?: boolean;
  loyaltyCardVerified?: boolean;
}

/** A customer as it was typed. */
interface TypedCustomer {
  name: string;
  email?: string | null;
  phone?: string | null;
  contactChannel: ContactChannel;
  account?: string | null;
  loyaltyCard?: string | null;
  emailVerified?: boolean | null;
  phoneVerified?: boolean | null;
  loyaltyCardVerified?: boolean | null;
}

// One @, no blanks, a dot in the domain: catches typing errors without refusing real addresses.
const EMAIL = /^[^\s@<>"(),;:]+@[^\s@<>"(),;:]+\.[^\s@<>"(),;:.]{2,}$/;
const CONTROLS = /\p{Cc}/u;
// These characters belong to the spelling of names; in an address they are invisible and not allowed.
const UNCLEAR = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/u;

const ADDRESS_OF: Record<ContactChannel, 'email' | 'phone'> = {
  EMAIL: 'email',
  SMS: 'phone',
  PHONE: 'phone',
};

/**
 * A person's name in its one form, without what cannot be seen: zero-width characters, changes of direction, soft hyphens.
 * The joiners of Persian and Indian names are part of their spelling and stay. @throws Refused InvalidInput
 */
export function checkName(name: string, path: string): string {
  checkStorable(name, path);
  if (CONTROLS.test(name.trim()))
    refuse('InvalidInput', `${path} contains control characters; remove them.`, { path });
  const visible = typedLine(name, path, ORDER.columns.customerName.maxLength);
  if (!hasLetter(visible)) {
    refuse('InvalidInput', `${path} has no letter; write the name of a person.`, { path });
  }
  return visible;
}

/** An e-mail address in its one form. @throws Refused InvalidInput */
export function checkEmail(email: string, path: string): string {
  checkStorable(email, path);
  // East Asian keyboards write full-width letters, which no address contains.
  const normal = cleanLine(email).normalize('NFKC').toLowerCase();
  checkText(normal, path, ORDER.columns.customerEmail.maxLength);
  if (!EMAIL.test(normal) || CONTROLS.test(email.trim()) || UNCLEAR.test(normal)) {
    refuse('InvalidInput', `${path} is not an e-mail address; write name@example.com.`, { path });
  }
  return normal;
}

/** A telephone number in its one form; `country` is where one without a country code is dialled. */
function checkPhone(phone: string, path: string, country: string | null, channel: ContactChannel): string {
  checkStorable(phone, path);
  const found = parsePhone(phone, country);
  if (found === null) {
    const message = `${path} is not a telephone number that can be dialled; write all its digits, best with the country code as in +33612345678.`;
    refuse('InvalidInput', message, { path });
  }
  if (found.hasExtension && channel === 'SMS') {
    const message = `${path} has an extension, which text messages cannot reach; leave it out or choose another contactChannel.`;
    refuse('InvalidInput', message, { path });
  }
  return found.number;
}

const isBlank = (text: string | null | undefined): text is null | undefined | '' =>
  text == null || text.trim() === '';

/**
 * Checks and normalises a customer. The preferred channel must have its address: EMAIL an e-mail, SMS and PHONE a
 * telephone. `country` is where a telephone number without a country code is dialled.
 * @throws Refused InvalidInput naming the field, never repeating what was typed
 */
export function checkCustomer(typed: TypedCustomer, country: string | null, path = 'customer'): Customer {
  const customer: Customer = {
    name: checkName(typed.name, `${path}.name`),
    email: isBlank(typed.email) ? null : checkEmail(typed.email, `${path}.email`),
    phone: isBlank(typed.phone)
      ? null
      : checkPhone(typed.phone, `${path}.phone`, country, typed.contactChannel),
    contactChannel: typed.contactChannel,
    account: optionalLine(typed.account, `${path}.account`, ORDER.columns.customerAccount.maxLength),
    loyaltyCard: optionalLine(typed.loyaltyCard, `${path}.loyaltyCard`, ORDER.columns.loyaltyCard.maxLength),
    emailVerified: typed.emailVerified ?? false,
    phoneVerified: typed.phoneVerified ?? false,
    loyaltyCardVerified: typed.loyaltyCardVerified ?? false,
  };
  for (const field of ['email', 'phone', 'loyaltyCard'] as const) {
    if (!customer[`${field}Verified`] || customer[field] != null) continue;
    const message = `${path}.${field}Verified is true without ${path}.${field}; send what was verified, or leave it out.`;
    refuse('InvalidInput', message, { path: `${path}.${field}Verified` });
  }
  const needed = ADDRESS_OF[customer.contactChannel];
  if (customer[needed] === null) {
    refuse(
      'InvalidInput',
      `${path}.${needed} is missing; contactChannel ${customer.contactChannel} needs it, or choose another channel.`,
      { path: `${path}.${needed}` },
    );
  }
  return customer;
}

/** A customer as the first release resolved it: the hashes of its stored requests depend on that form. */
export function firstReleaseCustomer(typed: TypedCustomer): Customer {
  const { name, email, phone, contactChannel } = typed;
  return {
    name: name.trim(),
    email: email == null || email === '' ? null : email.trim().toLowerCase(),
    phone: phone == null || phone === '' ? null : phone.replace(/[\s().\-/]/g, ''),
    contactChannel,
  };
}
