// The mutation importSales: lines of sales and returns as a feed sends them.

import { PLANNERS_OR_FEEDS } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { commandPrice, WRITTEN_ROW } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { checkCount, checkText, MAX_BULK, refuse } from '../../refusals';
import { type ImportSalesDone, type ImportSalesInput, importSales } from '../actions/importSales';
import { ensureYears } from '../actions/imports/yearPartitions';
import { FIRST_COLUMNS, LINE_LIMITS, SALES_COLUMNS, type SalesColumn } from '../rules/line';
import { ImportReject, ImportRun, MAX_FEED_NAME, runById } from './imports';

const SalesLineInput = builder.inputType('SalesLineInput', {
  description:
    'One line of a receipt or an invoice; without document and line, a whole day of a SKU at a location.',
  fields: (t) => ({
    sku: t.string({ required: true, description: 'SKU code, or an alias of it.' }),
    units: t.int({
      required: true,
      description: 'Units sold. Negative in a line of a document: units returned.',
    }),
    returned: t.int({ description: 'For a whole day: units returned.' }),
    day: t.string({
      required: true,
      description: 'Local day (2026-11-25), optionally with a time, or a time with its zone.',
    }),
    location: t.string({ required: true, description: 'Location code.' }),
    channel: t.string({ description: 'Sales channel; STORE if omitted.' }),
    document: t.string({ description: 'Number of the receipt or invoice.' }),
    till: t.string({
      description: 'Number of the till, where each till numbers its own receipts.',
    }),
    line: t.string({
      description:
        'Number of the line, which identifies it together with document, day and location. If omitted, all lines of the document have to be in one request.',
    }),
    customer: t.string({
      description:
        'An identifier of the customer in the feed; stored as a hash, to match returns to purchases.',
    }),
    revenueMinor: t.field({
      type: 'BigInt',
      description:
        'Revenue of the line in minor units; may be negative for returned units. A line with sold units and negative revenue is rejected.',
    }),
  }),
});

const ReceiptNumbersEnum = builder.enumType('ReceiptNumbers', {
  description: 'How unique the receipt numbers of a feed are.',
  values: {
    DAILY: { description: 'Unique within a day and a location: tills restart their numbers every morning.' },
    LASTING: {
      description: 'Unique within the feed: a line with another day or location corrects the previous one.',
    },
  } as const,
});

type LineInput = (typeof SalesLineInput)['$inferInput'];

/** The texts of a line. Empty ones of later columns are left off, so that the first release's requests are still the same. */
function textsOf(line: LineInput): string[] {
  const texts: Partial<Record<SalesColumn, string>> = {
    sku: line.sku,
    units: String(line.units),
    returned: String(line.returned ?? 0),
    day: line.day,
    location: line.location,
    channel: line.channel ?? '',
    document: line.document ?? '',
    line: line.line ?? '',
    till: line.till ?? '',
    customer: line.customer ?? '',
    revenue: String(line.revenueMinor ?? 0),
  };
  const known = SALES_COLUMNS.map((column) => texts[column] ?? '');
  while (known.length > FIRST_COLUMNS && known.at(-1) === '') known.pop();
  return known;
}

/** All lines of a request are stated in one numbering. @throws Refused InvalidInput */
function numberingOf(lines: readonly LineInput[]): Pick<ImportSalesInput, 'form' | 'byLine'> {
  const numbered = lines.filter((l) => l.line != null).length;
  const documented = lines.filter((l) => l.document != null).length;
  for (const [count, field] of [
    [numbered, 'line'],
    [documented, 'document'],
  ] as const) {
    if (count === 0 || count === lines.length) continue;
    refuse(
      'InvalidInput',
      `lines: ${count} of ${lines.length} have a ${field}; give it to all of them or to none.`,
      {
        path: 'lines',
      },
    );
  }
  return { form: numbered + documented > 0 ? 'LINES' : 'DAYS', byLine: numbered > 0 };
}

/** Years that lines may need a partition of. */
function yearsOf(lines: readonly LineInput[]): number[] {
  return lines.flatMap(({ day }) => {
    const year = Number(/^\d{4}/.exec(day)?.[0]);
    // An instant of New Year's Eve can be a local day of the next year.
    return Number.isInteger(year) ? [year - 1, year, year + 1] : [];
  });
}

const importSalesSuccess: Success<ImportSalesDone> = {
  authScopes: PLANNERS_OR_FEEDS,
  fields: (t) => ({
    run: t.field({
      type: ImportRun,
      description: 'The import run.',
      resolve: (done, _args, context) => runById(context).load(done.runId),
    }),
    accepted: t.exposeInt('accepted', { description: 'Lines imported.' }),
    changed: t.exposeInt('changed', { description: 'Imported lines that changed something.' }),
    unchanged: t.exposeInt('unchanged', { description: 'Lines that changed nothing.' }),
    // Requests that were answered before these were counted are answered again without them.
    created: t.int({
      description: 'Lines that were new.',
      resolve: (done) => done.created ?? 0,
    }),
    corrected: t.int({
      description: 'Lines that changed an earlier line of the same number.',
      resolve: (done) => done.corrected ?? 0,
    }),
    replaced: t.int({
      description: 'Whole days that replaced earlier ones.',
      resolve: (done) => done.replaced ?? 0,
    }),
    merged: t.int({
      description: 'Lines added to another line of the request or equal to one.',
      resolve: (done) => done.merged ?? 0,
    }),
    repeatedNumbers: t.int({
      description:
        'New lines whose receipt number the same feed and location used on another day; stored separately from it.',
      resolve: (done) => done.repeatedNumbers ?? 0,
    }),
    rejects: t.field({
      type: [ImportReject],
      description: 'Lines that were not imported, with their reasons.',
      resolve: (done) => done.rejects.map((r) => ({ ...r, runId: done.runId, raw: '' })),
    }),
  }),
};

mutation('importSales', {
  description:
    'Imports lines of sales and returns of a feed, late and corrected ones included. Invalid lines are rejected with their reason; the others are imported.',
  authScopes: PLANNERS_OR_FEEDS,
  price: commandPrice('lines', WRITTEN_ROW),
  input: (t) => ({
    feed: t.string({
      required: true,
      description: 'Name of the source, such as a till system or an ERP. Feeds do not overwrite each other.',
    }),
    numbers: t.field({
      type: ReceiptNumbersEnum,
      description: 'How unique its receipt numbers are; DAILY if omitted.',
    }),
    lines: t.field({ type: [SalesLineInput], required: true, description: `At most ${MAX_BULK} lines.` }),
  }),
  success: importSalesSuccess,
  execute: async (input, context, request) => {
    const { feed, lines } = input;
    checkText(feed, 'feed', MAX_FEED_NAME);
    checkCount(lines, 'lines', MAX_BULK);
    for (const [i, line] of lines.entries()) {
      for (const [field, text] of Object.entries(line)) {
        if (typeof text === 'string') checkText(text, `lines.${i}.${field}`, LINE_LIMITS.textLength, 0);
      }
    }
    const numbering = numberingOf(lines);
    const thisYear = context.now.getUTCFullYear();
    await ensureYears(
      context.db,
      yearsOf(lines).filter((year) => year <= thisYear + 1),
    );
    const lasting = input.numbers === 'LASTING' ? { numbers: 'LASTING' as const } : {};
    const sent = { feed, ...numbering, ...lasting, lines: lines.map(textsOf) };
    return importSales(context.secretKey)(context.db, request(sent));
  },
});
