// GraphQL enums of imports: kinds and states of runs, and why a line was rejected.

import { builder } from '../../graphql/builder';
import { described } from '../../graphql/described';
import type { ImportedKind, RunStatus } from '../rules/importRun';
import type { RejectCode } from '../rules/rejection';

export const ImportRunStatus = builder.enumType('ImportRunStatus', {
  description: 'State of an import run.',
  values: described<RunStatus>({
    READING: 'Its lines are being read. It continues when the file is imported again.',
    APPLYING: 'Its lines are being written. It continues when the file is imported again.',
    DONE: 'Everything that could be imported is in.',
    FAILED: 'It ended with an error; what had been written stays.',
  }),
});

/** Kinds of imports as they are stored, and their names in GraphQL. */
export const IMPORT_KINDS = {
  sales: 'SALES',
  counts: 'COUNTS',
  catalogue: 'CATALOGUE',
  locations: 'LOCATIONS',
  customers: 'CUSTOMERS',
  contacts: 'CONTACTS',
} as const satisfies Record<ImportedKind, string>;

export const ImportKind = builder.enumType('ImportKind', {
  description: 'What was imported.',
  values: described<(typeof IMPORT_KINDS)[keyof typeof IMPORT_KINDS]>({
    SALES: 'Lines of sales and returns.',
    COUNTS: 'Counted stock.',
    CATALOGUE: 'SKUs.',
    LOCATIONS: 'Locations.',
    CUSTOMERS: 'Customers of a CRM or a loyalty programme.',
    CONTACTS: 'Contacts that other systems had with customers.',
  }),
});

export const ImportRejectCode = builder.enumType('ImportRejectCode', {
  description:
    'Kind of the fault for which a line was rejected. The reason of the line states what would be right.',
  values: described<RejectCode>({
    TOO_LONG: 'The line is too long to be a record.',
    OPEN_QUOTE: 'A quote is opened and never closed.',
    NUL_BYTE: 'The line has a NUL byte, which no text has.',
    PREAMBLE: 'The line stands before the header.',
    WRONG_COLUMNS: 'The line has more or fewer columns than the header.',
    MISSING_VALUE: 'A required value is empty.',
    BAD_TEXT: 'A text is too long or has characters that cannot be stored.',
    BAD_UNITS: 'The number of units cannot be read or is out of range.',
    BAD_TYPE: 'The type of the line is not one of sale, return or void.',
    VOIDED: 'The line was voided, or takes back another one.',
    TOTAL_LINE: 'The line is a total and not a sale.',
    NEGATIVE: 'A number is negative that must not be.',
    CONTRADICTION: 'The line contradicts another line of the same document, or itself.',
    NOT_A_PRODUCT: 'The line is a service, a fee or another thing that is not stock.',
    STOCK_CORRECTION: 'The line corrects stock and is not a sale.',
    ZERO_PRICE: 'The line has no price, so it is not a sale.',
    BAD_PRICE: 'The price cannot be read or is out of range.',
    BAD_DAY: 'The day cannot be read.',
    FUTURE_DAY: 'The day lies in the future.',
    BAD_CHANNEL: 'The sales channel is not valid.',
    UNKNOWN_LOCATION: 'No location has this code.',
    UNKNOWN_SKU: 'No SKU and no alias has this code.',
    REFUSED: 'The change was refused; the reason states why.',
  }),
});
