// Identifiers of customers: their kinds, the one form of a value, the keyed hash by which it is found, and values that are shared.

import { createHmac } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { parsePhone } from '../../order/rules/phone';
import { Pseudonyms } from '../../sales/rules/pseudonym';
import { cleanLine } from '../../values/text';

/** Strongest first: of the identifiers of an interaction, the strongest decides whose it is. */
export const IDENTIFIER_KINDS = [
  ...(['WEB_ACCOUNT', 'LOYALTY_CARD', 'EMAIL', 'PHONE', 'TILL_CUSTOMER'] as const),
  ...(['HELP_DESK_CONTACT', 'SOCIAL_HANDLE', 'RECEIPT', 'SOURCE_RECORD'] as const),
] as const;
export type IdentifierKind = (typeof IDENTIFIER_KINDS)[number];

/** By which an identifier is found. */
export interface IdentifierKey {
  kind: IdentifierKind;
  /** Where the value is unique: a storefront, a sales feed, a help desk, a social network; empty when it is unique by itself. */
  scope: string;
  hash: string;
}

/** An identifier as it is stored. */
export interface StoredIdentifier extends IdentifierKey {
  /** The value in its one form; null when only its hash is known. */
  value: string | null;
}

/** What the settings decide about identities. */
export interface IdentityRules {
  /** Most identifiers of a kind and scope that joins without a person may give one customer; a kind that is missing has no limit. */
  limits: Readonly<Record<string, number>>;
  /** Addresses and telephone numbers that several people use; one that ends with @ stands for every domain. */
  sharedValues: readonly string[];
  /** An identifier that stood beside this many others counts as shared. */
  sharedClaims: number;
}

/** Longest value of an identifier, in characters. */
export const MAX_IDENTIFIER_LENGTH = 254;
const AT = '@';

function normalEmail(text: string): string | null {
  const address = text.normalize('NFKC').toLowerCase();
  const at = address.lastIndexOf(AT);
  const domain = domainToASCII(address.slice(at + 1));
  return at < 1 || domain === '' || /\s/.test(address) ? null : `${address.slice(0, at)}${AT}${domain}`;
}

/**
 * The one form of an identifier, so that the same one has the same hash wherever it comes from; null when it cannot be one.
 * `country` is where a telephone number without a country code is dialled. Dots and tags of an e-mail address stay: whether they
 * matter is up to its provider.
 */
export function normalIdentifier(
  kind: IdentifierKind,
  typed: string,
  country: string | null = null,
): string | null {
  const text = cleanLine(typed);
  if (text === '' || text.length > MAX_IDENTIFIER_LENGTH || text.includes('\u0000')) return null;
  switch (kind) {
    case 'EMAIL':
      return normalEmail(text);
    case 'PHONE':
      return parsePhone(text, country)?.number ?? null;
    case 'LOYALTY_CARD':
      return text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase() || null;
    case 'TILL_CUSTOMER':
      // As the lines of its feed are read.
      return typed.trim();
    case 'SOCIAL_HANDLE':
      return text.normalize('NFKC').replace(/^@/, '').toLowerCase() || null;
    default:
      return text;
  }
}

/**
 * The scope of accounts at a storefront. Two storefronts may give one id to two persons, and one that sends the id of another's account
 * must not reach its customer.
 */
export const accountScope = (storefrontId: number): string => String(storefrontId);

/**
 * The scope of the customer numbers of a feed. Of imported sales only a pseudonym is stored, which is made of the feed's id and the number:
 * it is the hash of these identifiers, so that sales and what others state about the number meet.
 */
export const tillScope = (feedId: number): string => String(feedId);

/** Why the customer number of a feed cannot be read that there is not. */
export function unknownFeed(name: string, feeds: ReadonlyMap<string, number>): string {
  const known = [...feeds.keys()].slice(0, 20).join(', ') || 'none yet';
  return `there is no feed of sales '${name.slice(0, 64)}' (known: ${known}); import its sales first, or correct the name`;
}

/** Makes the keyed hashes of identifiers: without SECRET_KEY nobody can confirm a guess. */
export class IdentifierHashes {
  readonly #key: Buffer;
  readonly #pseudonyms: Pseudonyms;

  constructor(secretKey: Buffer) {
    this.#pseudonyms = new Pseudonyms(secretKey);
    this.#key = createHmac('sha256', secretKey).update('["identifier"]').digest();
  }

  /** An identifier of a value in its one form. */
  identifier(kind: IdentifierKind, value: string, scope = ''): StoredIdentifier {
    const isOfTill = kind === 'TILL_CUSTOMER';
    const hash = isOfTill ? this.#pseudonyms.of(Number(scope), value) : this.#hash([kind, scope, value]);
    return { kind, scope, hash, value };
  }

  /** The hash that earlier releases gave the customer number of a feed, by the feed's name. */
  formerTillCustomer(value: string, feed: string): string {
    return this.#hash(['TILL_CUSTOMER', feed, value]);
  }

  /** A keyed hash of any text, for comparing what is not to be stored. */
  ofText(text: string): string {
    return this.#hash(['text', text]);
  }

  #hash(words: readonly string[]): string {
    return createHmac('sha256', this.#key).update(JSON.stringify(words)).digest('hex').slice(0, 32);
  }

  /** An identifier of a value as somebody wrote it; null when it cannot be one. */
  typed(
    kind: IdentifierKind,
    typed: string | null | undefined,
    { scope = '', country = null }: { scope?: string; country?: string | null } = {},
  ): StoredIdentifier | null {
    const value = typed == null ? null : normalIdentifier(kind, typed, country);
    return value === null ? null : this.identifier(kind, value, scope);
  }
}

/** A text that is equal for equal keys. */
export function identifierText({ kind, scope, hash }: IdentifierKey): string {
  return JSON.stringify([kind, scope, hash]);
}

/** Whether the settings name this value as one that several people use. */
export function isListedAsShared({ kind, value }: StoredIdentifier, rules: IdentityRules): boolean {
  if (value === null || (kind !== 'EMAIL' && kind !== 'PHONE')) return false;
  const { values, beginnings } = sharedForms(rules);
  return values.includes(value) || beginnings.some((beginning) => value.startsWith(beginning));
}

/** The shared values of the settings in the forms of identifiers: whole ones, and beginnings of addresses. */
export function sharedForms({ sharedValues }: IdentityRules): { values: string[]; beginnings: string[] } {
  const isBeginning = (listed: string): boolean => listed.endsWith(AT);
  const whole = sharedValues.filter((listed) => !isBeginning(listed));
  const forms = whole.flatMap((listed) => [
    normalIdentifier('EMAIL', listed),
    normalIdentifier('PHONE', listed),
  ]);
  return {
    values: forms.filter((form) => form !== null),
    beginnings: sharedValues.filter(isBeginning).map((listed) => listed.toLowerCase()),
  };
}

/** The strength of an identifier, the strongest 0. An account that names no storefront is the weakest: it may be several persons'. */
function weaknessOf({ kind, scope }: IdentifierKey): number {
  return kind === 'WEB_ACCOUNT' && scope === '' ? IDENTIFIER_KINDS.length : IDENTIFIER_KINDS.indexOf(kind);
}

/** Sorts identifiers of an interaction: verified before claimed, then the stronger kind first. */
export function byStrength(
  a: IdentifierKey & { verifiedBy: number | null },
  b: IdentifierKey & { verifiedBy: number | null },
): number {
  const claimed = (one: { verifiedBy: number | null }): number => (one.verifiedBy === null ? 1 : 0);
  return claimed(a) - claimed(b) || weaknessOf(a) - weaknessOf(b);
}
