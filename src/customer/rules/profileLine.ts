// Lines of files about customers, of a CRM or a loyalty programme: their columns, and what a line states.

import { type Cells, readingCells, UnreadableCell } from '../../sales/rules/cells';
import type { DateOrder } from '../../sales/rules/parseText';
import type { Rejection } from '../../sales/rules/rejection';
import { type ConsentDecision, neededAddress } from './consent';
import {
  accountScope,
  type IdentifierHashes,
  type IdentifierKind,
  type StoredIdentifier,
  tillScope,
  unknownFeed,
} from './identifiers';
import type { PersonFacts, SeenIdentifier } from './interactions';
import {
  birthDateIn,
  columnNamesIn,
  countryIn,
  instantIn,
  languageIn,
  personalIn,
  purposesIn,
  type StatedPurpose,
  wordIn,
} from './profileCells';

/** Columns of identifiers, and their kinds. */
const IDENTIFIER_COLUMNS = {
  email: 'EMAIL',
  phone: 'PHONE',
  loyaltyCard: 'LOYALTY_CARD',
  account: 'WEB_ACCOUNT',
  tillCustomer: 'TILL_CUSTOMER',
  socialHandle: 'SOCIAL_HANDLE',
} as const satisfies Record<string, IdentifierKind>;
export type IdentifierColumn = keyof typeof IDENTIFIER_COLUMNS;
const IDENTIFIER_NAMES = Object.keys(IDENTIFIER_COLUMNS) as IdentifierColumn[];

/** Columns that name or describe the person. */
const PERSON_COLUMNS = [
  ...(['fullName', 'firstName', 'surname', 'birthDate', 'birthPlace'] as const),
  ...(['street', 'postalCode', 'city', 'gender', 'occupation'] as const),
] as const;

export const PROFILE_COLUMNS = [
  'externalId',
  'updatedAt',
  ...PERSON_COLUMNS,
  ...(['country', 'language', 'contactChannel', 'shop'] as const),
  ...IDENTIFIER_NAMES,
  ...(['storefront', 'tillFeed', 'socialNetwork', 'verified'] as const),
  ...(['consents', 'withdrawals', 'consentAt', 'consentText'] as const),
] as const;

export type ProfileColumn = (typeof PROFILE_COLUMNS)[number];

/** Columns that are not stored of rejected lines. */
export const PERSONAL_COLUMNS: ReadonlySet<string> = new Set([
  'externalId',
  ...PERSON_COLUMNS,
  ...(['country', 'language'] as const),
  ...IDENTIFIER_NAMES,
]);

const CONTACT_CHANNELS = ['EMAIL', 'SMS', 'PHONE'] as const;

/** What lines are read with. */
export interface ProfileReading {
  /** Name of the feed, in which its external ids are unique. */
  feed: string;
  hashes: IdentifierHashes;
  dateOrder: DateOrder;
  now: Date;
  /** For lines that name none. */
  defaults: { storefront: string | null; country: string | null; verified: readonly string[] };
  locations: ReadonlyMap<string, { id: number; country: string }>;
  storefronts: ReadonlyMap<string, number>;
  /** Ids of the feeds of other systems, by name. */
  feeds: ReadonlyMap<string, number>;
  /** Who vouches for what a line states as verified. */
  verifier: number;
}

/** A decision about consents, by one of the addresses of its line. */
export interface StatedConsent extends StatedPurpose {
  decision: ConsentDecision;
  identifier: StoredIdentifier;
  at: Date;
  textVersion: string | null;
}

/** What a line states. */
export interface ProfileLine {
  /** The record of the other system. */
  record: SeenIdentifier;
  /** Null: the line does not state when it was so. */
  at: Date | null;
  locationId: number | null;
  /** The others; the record is not among them. */
  identifiers: SeenIdentifier[];
  person: PersonFacts;
  consents: StatedConsent[];
  /** Equal for lines that state the same. */
  digest: string;
}

/** Names of columns of identifiers. @throws UnreadableCell */
export const verifiedColumns = (text: string): IdentifierColumn[] => columnNamesIn(text, IDENTIFIER_NAMES);

const ADVICE: Partial<Record<IdentifierColumn, string>> = {
  email: 'an e-mail address; write name@example.com',
  phone: 'a telephone number; write it with its country code (+33…), or give the column country or --country',
};

/** @throws UnreadableCell for a feed that there is not */
function scopeOfTill(name: string, { feeds }: ProfileReading): string {
  const id = feeds.get(name);
  if (id !== undefined) return tillScope(id);
  throw new UnreadableCell(`tillFeed: ${unknownFeed(name, feeds)}`);
}

/** Where the value of a column is unique. @throws UnreadableCell */
function scopeOf(column: IdentifierColumn, cells: Cells, reading: ProfileReading): string {
  const { storefronts, defaults, feed } = reading;
  if (column === 'tillCustomer') return scopeOfTill(cells('tillFeed') ?? feed, reading);
  if (column === 'socialHandle') {
    const network = cells('socialNetwork')?.toLowerCase();
    if (network === undefined || network.length > 64)
      throw new UnreadableCell('socialHandle needs its network in socialNetwork, such as instagram');
    return network;
  }
  if (column !== 'account') return '';
  const name = cells('storefront') ?? defaults.storefront;
  if (name === null)
    throw new UnreadableCell('account needs its storefront; add the column storefront, or give --storefront');
  const id = storefronts.get(name);
  if (id !== undefined) return accountScope(id);
  const known = [...storefronts.keys()].slice(0, 20).join(', ') || 'none yet';
  throw new UnreadableCell(`there is no storefront '${name.slice(0, 64)}'; there are ${known}`);
}

function identifiersIn(cells: Cells, country: string | null, reading: ProfileReading): SeenIdentifier[] {
  const { defaults, hashes, verifier } = reading;
  const stated = cells('verified');
  const verified = new Set<string>(stated === undefined ? defaults.verified : verifiedColumns(stated));
  return IDENTIFIER_NAMES.flatMap((column): SeenIdentifier[] => {
    const typed = cells(column);
    if (typed === undefined) return [];
    const scope = scopeOf(column, cells, reading);
    const found = hashes.typed(IDENTIFIER_COLUMNS[column], typed, { scope, country });
    // The reason is stored with the line, so it does not repeat the value.
    if (found === null)
      throw new UnreadableCell(
        `${column} is not ${ADVICE[column] ?? 'an identifier; it may have 254 characters'}`,
      );
    return [{ ...found, verifiedBy: verified.has(column) ? verifier : null }];
  });
}

/** The addresses of a line for which a decision counts. @throws UnreadableCell for a consent without an address */
function addressesFor(
  { channel }: StatedPurpose,
  decision: ConsentDecision,
  identifiers: readonly SeenIdentifier[],
  record: SeenIdentifier,
): StoredIdentifier[] {
  const fitting = identifiers.filter(({ kind }) => neededAddress(channel, kind) === null);
  if (channel !== null && channel !== 'POST') {
    if (fitting.length > 0 || decision === 'WITHDRAWN') return fitting.length > 0 ? fitting : [record];
    throw new UnreadableCell(
      `consents has one for the channel ${channel}, and the line has no address for it`,
    );
  }
  const addresses = fitting.filter(({ kind }) => kind === 'EMAIL' || kind === 'PHONE');
  return addresses.length > 0 ? addresses : [record];
}

function consentsIn(
  cells: Cells,
  reading: ProfileReading,
  at: Date | null,
  identifiers: readonly SeenIdentifier[],
  record: SeenIdentifier,
): StatedConsent[] {
  const decisions = [
    ...purposesIn(cells, 'consents').map((stated) => ({ ...stated, decision: 'GIVEN' as const })),
    ...purposesIn(cells, 'withdrawals').map((stated) => ({ ...stated, decision: 'WITHDRAWN' as const })),
  ];
  if (decisions.length === 0) return [];
  const decidedAt = instantIn(cells, 'consentAt', reading.dateOrder, reading.now) ?? at;
  if (decidedAt === null)
    throw new UnreadableCell('consents and withdrawals need the time of the decision in consentAt');
  const textVersion = personalIn(cells, 'consentText', 100);
  return decisions.flatMap((one) =>
    addressesFor(one, one.decision, identifiers, record).map((identifier) => ({
      ...{ ...one, identifier, at: decidedAt, textVersion },
    })),
  );
}

function personIn(cells: Cells, country: string | null, { dateOrder, now }: ProfileReading): PersonFacts {
  return {
    fullName: personalIn(cells, 'fullName'),
    firstName: personalIn(cells, 'firstName'),
    surname: personalIn(cells, 'surname'),
    birthDate: birthDateIn(cells, dateOrder, now.toISOString().slice(0, 10)),
    birthPlace: personalIn(cells, 'birthPlace'),
    street: personalIn(cells, 'street'),
    postalCode: personalIn(cells, 'postalCode', 20),
    city: personalIn(cells, 'city'),
    country,
    gender: personalIn(cells, 'gender', 40),
    occupation: personalIn(cells, 'occupation'),
    language: languageIn(cells),
    contactChannel: wordIn(cells, 'contactChannel', CONTACT_CHANNELS),
  };
}

/** What a line states about a customer, or why it cannot be read. */
export function readProfile(cells: Cells, reading: ProfileReading): ProfileLine | Rejection {
  const { feed, hashes, locations, defaults, dateOrder, now, verifier } = reading;
  const externalId = cells('externalId');
  if (externalId === undefined)
    return {
      code: 'MISSING_VALUE',
      reason: 'externalId is empty; it is the key of the customer in its system',
    };
  const shop = cells('shop');
  const location = shop === undefined ? undefined : locations.get(shop);
  if (shop !== undefined && location === undefined)
    return { code: 'UNKNOWN_LOCATION', reason: `there is no location '${shop.slice(0, 64)}'` };
  return readingCells((): ProfileLine => {
    const key = hashes.typed('SOURCE_RECORD', externalId, { scope: feed });
    if (key === null) throw new UnreadableCell('externalId is not a key; it may have 254 characters');
    // The system vouches for its own record, so that what it verified belongs together.
    const record = { ...key, verifiedBy: verifier };
    const at = instantIn(cells, 'updatedAt', dateOrder, now);
    const country = countryIn(cells);
    const dialled = country ?? location?.country ?? defaults.country;
    const identifiers = identifiersIn(cells, dialled, reading);
    const person = personIn(cells, country, reading);
    const consents = consentsIn(cells, reading, at, identifiers, record);
    const stated = [location?.id, identifiers.map((one) => [one.hash, one.verifiedBy !== null]), person];
    const digest = hashes.ofText(JSON.stringify(stated));
    return { record, at, locationId: location?.id ?? null, identifiers, person, consents, digest };
  });
}
