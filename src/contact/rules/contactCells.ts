// Lines of files about contacts: their columns, and the contact that a line states.

import type { NumberForm } from '../../csv/rules/numbers';
import type { IdentifierKind } from '../../customer/rules/identifiers';
import { columnNamesIn, instantIn, wordIn } from '../../customer/rules/profileCells';
import { type Cells, flagIn, numberIn, readingCells, UnreadableCell } from '../../sales/rules/cells';
import type { DateOrder } from '../../sales/rules/parseText';
import type { Rejection } from '../../sales/rules/rejection';
import { DAY_MS } from '../../values/time';
import { SERVICE_CHANNELS, type StatedContact, type StatedIdentifier, type SurveyAnswer } from './contact';
import { AHEAD_MS, type ContactProblem, PROMISE_DAYS, sourceProblem } from './contactLine';

/** Columns of identifiers, and their kinds. */
const IDENTIFIER_COLUMNS = {
  email: 'EMAIL',
  phone: 'PHONE',
  loyaltyCard: 'LOYALTY_CARD',
  account: 'WEB_ACCOUNT',
  tillCustomer: 'TILL_CUSTOMER',
  receipt: 'RECEIPT',
  contactId: 'HELP_DESK_CONTACT',
  socialHandle: 'SOCIAL_HANDLE',
} as const satisfies Record<string, IdentifierKind>;
type ContactIdentifierColumn = keyof typeof IDENTIFIER_COLUMNS;
const IDENTIFIER_NAMES = Object.keys(IDENTIFIER_COLUMNS) as ContactIdentifierColumn[];

/** Columns of numbers. */
export const CONTACT_NUMBERS = [
  ...(['handledSeconds', 'wrapUpSeconds', 'waitingSeconds', 'csat', 'nps', 'ces'] as const),
] as const;

export const CONTACT_COLUMNS = [
  ...(['externalId', 'source', 'channel', 'direction', 'at', 'state', 'stateAt', 'topic'] as const),
  ...(['orderNumber', 'returnNumber', 'location', 'handler', 'language', 'link'] as const),
  ...(['promise', 'promisedFor', 'fullName'] as const),
  ...IDENTIFIER_NAMES,
  ...(['storefront', 'tillFeed', 'socialNetwork', 'verified'] as const),
  ...CONTACT_NUMBERS,
  'wasResolved',
] as const;

/** Columns without which a file is none of contacts. */
export const NEEDED_CONTACT_COLUMNS: readonly string[] = ['externalId', 'channel', 'at', 'state'];

/** Columns that are not stored of rejected lines: they name people, or may have their words. */
export const PERSONAL_CONTACT_COLUMNS: ReadonlySet<string> = new Set([
  ...(['fullName', 'topic', 'promise', 'link'] as const),
  ...IDENTIFIER_NAMES,
]);

/** What lines are read with. */
export interface ContactCellsReading {
  form: NumberForm;
  dateOrder: DateOrder;
  now: Date;
  /** For lines that name none. */
  defaults: { source: string; storefront: string | null; verified: readonly string[] };
}

/** A contact that a line states, and the source that it comes from. */
export interface ContactFileLine {
  source: string;
  contact: StatedContact;
  /** The columns of its identifiers, in their order. */
  columns: ContactIdentifierColumn[];
}

/** Names of columns of identifiers. @throws UnreadableCell */
export const verifiedContactColumns = (text: string): ContactIdentifierColumn[] =>
  columnNamesIn(text, IDENTIFIER_NAMES);

/** Where the value of a column is unique. @throws UnreadableCell */
function scopeOf(
  column: ContactIdentifierColumn,
  cells: Cells,
  source: string,
  storefront: string | null,
): string {
  if (column === 'account') return cells('storefront') ?? storefront ?? '';
  if (column === 'tillCustomer') {
    const feed = cells('tillFeed');
    if (feed === undefined) throw new UnreadableCell('tillCustomer needs the feed of its till in tillFeed');
    return feed;
  }
  if (column === 'socialHandle') {
    const network = cells('socialNetwork')?.toLowerCase();
    if (network === undefined)
      throw new UnreadableCell('socialHandle needs its network in socialNetwork, such as instagram');
    return network;
  }
  return column === 'contactId' ? source : '';
}

function identifiersIn(cells: Cells, source: string, { defaults }: ContactCellsReading) {
  const stated = cells('verified');
  const verified = new Set<string>(stated === undefined ? defaults.verified : verifiedContactColumns(stated));
  const columns = IDENTIFIER_NAMES.filter((column) => cells(column) !== undefined);
  const identifiers = columns.map((column): StatedIdentifier => {
    const scope = scopeOf(column, cells, source, defaults.storefront);
    const kind = IDENTIFIER_COLUMNS[column];
    return { kind, scope, value: cells(column)!, isVerified: verified.has(column) };
  });
  return { identifiers, columns };
}

function surveyIn(cells: Cells, form: NumberForm): SurveyAnswer | null {
  const answer = {
    csat: numberIn(cells, 'csat', form) ?? null,
    nps: numberIn(cells, 'nps', form) ?? null,
    ces: numberIn(cells, 'ces', form) ?? null,
    wasResolved: flagIn(cells, 'wasResolved') ?? null,
  };
  return Object.values(answer).some((value) => value !== null) ? answer : null;
}

const REQUIRED = (column: string, advice: string): Rejection => ({
  code: 'MISSING_VALUE',
  reason: `${column} is empty; ${advice}`,
});

/** What a line states about a contact, or why it cannot be read. */
export function readContact(cells: Cells, reading: ContactCellsReading): ContactFileLine | Rejection {
  const { form, dateOrder, now, defaults } = reading;
  const externalId = cells('externalId');
  if (externalId === undefined)
    return REQUIRED('externalId', 'it is the key of the contact in its system, by which it is stored once');
  return readingCells((): ContactFileLine | Rejection => {
    const source = cells('source') ?? defaults.source;
    const problem = sourceProblem(source);
    if (problem !== null) throw new UnreadableCell(`source ${problem}`);
    const latest = new Date(now.getTime() + AHEAD_MS);
    const at = instantIn(cells, 'at', dateOrder, latest);
    if (at === null) return REQUIRED('at', 'write when it began, such as 2026-11-28T14:30:00+01:00');
    const channel = wordIn(cells, 'channel', SERVICE_CHANNELS);
    if (channel === null) return REQUIRED('channel', `write ${SERVICE_CHANNELS.join(', ')}`);
    const state = wordIn(cells, 'state', ['OPEN', 'PENDING', 'RESOLVED'] as const);
    if (state === null) return REQUIRED('state', 'write OPEN, PENDING or RESOLVED');
    const text = (column: string): string | null => cells(column) ?? null;
    const { identifiers, columns } = identifiersIn(cells, source, reading);
    const promisedBy = new Date(now.getTime() + PROMISE_DAYS * DAY_MS);
    const contact: StatedContact = {
      ...{ externalId, channel, at, state, identifiers, fullName: text('fullName') },
      stateAt: instantIn(cells, 'stateAt', dateOrder, latest) ?? at,
      direction: wordIn(cells, 'direction', ['INBOUND', 'OUTBOUND'] as const) ?? 'INBOUND',
      ...{ topic: text('topic'), orderNumber: text('orderNumber'), returnNumber: text('returnNumber') },
      ...{ location: text('location'), handler: text('handler'), language: text('language') },
      ...{ link: text('link'), promise: text('promise') },
      promisedFor: instantIn(cells, 'promisedFor', dateOrder, promisedBy),
      handledSeconds: numberIn(cells, 'handledSeconds', form) ?? null,
      wrapUpSeconds: numberIn(cells, 'wrapUpSeconds', form) ?? null,
      waitingSeconds: numberIn(cells, 'waitingSeconds', form) ?? null,
      survey: surveyIn(cells, form),
    };
    return { source, contact, columns };
  });
}

/** Why a line that could be read was refused, in the names of its columns. */
export function rejectionOf({ index, message }: ContactProblem, { columns }: ContactFileLine): Rejection {
  const reason = message
    .replaceAll(`contacts.${index}.`, '')
    .replace(/identifiers\.(\d+)\.(?:value|scope)/g, (_, n) => columns[Number(n)]!)
    .replace('survey.', '')
    .replace(/\.$/, '');
  return { code: 'REFUSED', reason };
}
