// Who fetches an order: what of a customer's name and addresses is accepted, and in which form it is kept.

import { checkText, refuse } from '../../refusals';
import type { ContactChannel } from './life';

export const CUSTOMER_LIMITS = { name: 200, email: 254, phoneDigits: 15, phoneLeast: 6 } as const;

/** A customer's contact, normalised: e-mail in small letters, telephone as digits with an optional +. */
export interface Customer {
  name: string;
  email: string | null;
  phone: string | null;
  contactChannel: ContactChannel;
}

// One @, no blanks, a dot in the domain: typing errors are caught, nobody real is turned away.
const EMAIL = /^[^\s@<>"(),;:]+@[^\s@<>"(),;:]+\.[^\s@<>"(),;:.]{2,}$/;
const PHONE = new RegExp(`^\\+?\\d{${CUSTOMER_LIMITS.phoneLeast},${CUSTOMER_LIMITS.phoneDigits}}$`);
const CONTROLS = /\p{Cc}/u;

const ADDRESS_OF: Record<ContactChannel, 'email' | 'phone'> = {
  EMAIL: 'email',
  SMS: 'phone',
  PHONE: 'phone',
};

/** Checks a person's name. @throws Refused InvalidInput */
export function checkName(name: string, path: string): string {
  const trimmed = name.trim();
  checkText(trimmed, path, CUSTOMER_LIMITS.name);
  if (CONTROLS.test(trimmed))
    refuse('InvalidInput', `${path} contains control characters; remove them.`, { path });
  return trimmed;
}

/** An e-mail address in its one form. @throws Refused InvalidInput */
export function checkEmail(email: string, path: string): string {
  const normal = email.trim().toLowerCase();
  checkText(normal, path, CUSTOMER_LIMITS.email);
  if (!EMAIL.test(normal) || CONTROLS.test(normal)) {
    refuse('InvalidInput', `${path} is not an e-mail address; write name@example.com.`, { path });
  }
  return normal;
}

function checkPhone(phone: string, path: string): string {
  const normal = phone.replace(/[\s().\-/]/g, '');
  if (!PHONE.test(normal)) {
    const { phoneLeast, phoneDigits } = CUSTOMER_LIMITS;
    refuse(
      'InvalidInput',
      `${path} is not a telephone number; write ${phoneLeast} to ${phoneDigits} digits, best as +33612345678.`,
      { path },
    );
  }
  return normal;
}

/**
 * Checks and normalises a customer. The preferred channel must have its address: EMAIL an e-mail, SMS and PHONE a
 * telephone. @throws Refused InvalidInput naming the field, never repeating what was typed
 */
export function checkCustomer(
  typed: { name: string; email?: string | null; phone?: string | null; contactChannel: ContactChannel },
  path = 'customer',
): Customer {
  const customer: Customer = {
    name: checkName(typed.name, `${path}.name`),
    email: typed.email == null || typed.email === '' ? null : checkEmail(typed.email, `${path}.email`),
    phone: typed.phone == null || typed.phone === '' ? null : checkPhone(typed.phone, `${path}.phone`),
    contactChannel: typed.contactChannel,
  };
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
