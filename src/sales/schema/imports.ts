// GraphQL of imports: runs, rejected lines, and the mutation importSales.

import { PLANNERS_OR_FEEDS } from '../../access/rules/roleSets';
import { boundTo, type Caller } from '../../access/rules/roles';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import { commandPrice, WRITTEN_ROW } from '../../graphql/cost/price';
import { forwardPage, numberCursor } from '../../graphql/keysetPages';
import { inOrderOf, loader } from '../../graphql/loaders';
import { mutation, type Success } from '../../graphql/mutation';
import { checkCount, checkText, MAX_BULK, refuse } from '../../refusals';
import { waitingCounts } from '../../stock/queries/waiting';
import { type ImportSalesDone, type ImportSalesInput, importSales } from '../actions/importSales';
import { ensureYears } from '../actions/imports/yearPartitions';
import { type ImportRunRow, type RejectRow, rejectPage, runPage, runsById } from '../queries/imports';
import { FIRST_COLUMNS, LINE_LIMITS, SALES_COLUMNS, type SalesColumn } from '../rules/line';
import { IMPORT_KINDS, ImportKind, ImportRejectCode, ImportRunStatus } from './importEnums';

const MAX_FEED_NAME = 64;

const ImportReject = builder.objectRef<Omit<RejectRow, 'units'>>('ImportReject').implement({
  description: 'A line that was not imported.',
  authScopes: PLANNERS_OR_FEEDS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a line of a run'),
      resolve: ({ runId, line }) => cacheId('ImportReject', runId, line),
    }),
    line: t.field({
      type: 'BigInt',
      description: 'Number of the line: in a file from 1 with the header, in a request from 1.',
      resolve: (r) => r.line,
    }),
    code: t.expose('code', { type: ImportRejectCode, description: 'Kind of the fault.' }),
    reason: t.exposeString('reason', { description: 'What is wrong with the line and how to correct it.' }),
    raw: t.exposeString('raw', { description: 'The line as received; the beginning of a long one.' }),
  }),
});

const ImportRejectConnection = connectionOf(ImportReject);

const waitingByRun = loader<number, number>(async (context, ids) => {
  const waiting = await waitingCounts(context.db, [...ids]);
  return ids.map((id) => waiting.get(id) ?? 0);
});

const ImportRun = builder.objectRef<ImportRunRow>('ImportRun').implement({
  description: 'One import of one file or request by one feed.',
  authScopes: PLANNERS_OR_FEEDS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a run'),
      resolve: (run) => cacheId('ImportRun', run.id),
    }),
    number: t.exposeInt('id', { description: 'Number of the run, for importRejects.' }),
    feed: t.exposeString('feed', { description: 'Name of the feed.' }),
    kind: t.field({
      type: ImportKind,
      description: 'What was imported.',
      resolve: ({ kind }) => IMPORT_KINDS[kind],
    }),
    fileName: t.exposeString('fileName', { description: 'Name of the file; empty for a request.' }),
    status: t.expose('status', { type: ImportRunStatus, description: 'State of the run.' }),
    linesRead: t.field({ type: 'BigInt', description: 'Lines read.', resolve: (r) => r.linesRead }),
    records: t.field({ type: 'BigInt', description: 'Records written.', resolve: (r) => r.recordsRead }),
    accepted: t.field({ type: 'BigInt', description: 'Lines imported.', resolve: (r) => r.accepted }),
    rejected: t.field({ type: 'BigInt', description: 'Lines rejected.', resolve: (r) => r.rejected }),
    changed: t.field({
      type: 'BigInt',
      description: 'created + corrected + replaced.',
      resolve: (r) => r.changed,
    }),
    created: t.field({
      type: 'BigInt',
      description: 'Lines that were new.',
      resolve: (r) => r.created,
    }),
    corrected: t.field({
      type: 'BigInt',
      description: 'Lines that changed an earlier line of the same number.',
      resolve: (r) => r.corrected,
    }),
    replaced: t.field({
      type: 'BigInt',
      description: 'Whole days or entries of a list that replaced earlier ones.',
      resolve: (r) => r.replaced,
    }),
    merged: t.field({
      type: 'BigInt',
      description: 'Lines added to another line of the file or equal to one.',
      resolve: (r) => r.merged,
    }),
    repeatedNumbers: t.field({
      type: 'BigInt',
      description:
        'New lines whose receipt number the same feed and location used on another day; stored separately from it.',
      resolve: (r) => r.repeatedNumbers,
    }),
    unchanged: t.field({
      type: 'BigInt',
      description: 'Lines that changed nothing.',
      resolve: (r) => r.unchanged,
    }),
    waiting: t.int({
      description: 'Counts of this run whose large difference waits for approval (approveCounts).',
      resolve: (r, _args, context) => waitingByRun(context).load(r.id),
    }),
    firstDay: t.expose('firstDay', {
      type: 'Date',
      nullable: true,
      description: 'First local day of the sales; null if there is none.',
    }),
    lastDay: t.expose('lastDay', {
      type: 'Date',
      nullable: true,
      description: 'Last local day of the sales; null if there is none.',
    }),
    error: t.exposeString('error', { nullable: true, description: 'Why it failed; null if it did not.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true }),
  }),
});

const ImportRunConnection = connectionOf(ImportRun);

const runById = loader<number, ImportRunRow>(async (context, ids) =>
  inOrderOf(ids, await runsById(context.db, ids), (r) => r.id).map((r) => r ?? new Error('no such run')),
);

/**
 * The owner whose imports a caller may read: a feed reads its own. A planner bound to locations reads none, as runs
 * cover many locations.
 */
function ownFeeds(caller: Caller): number | null {
  return caller.role === 'FEED' || boundTo(caller) !== null ? caller.actorId : null;
}

const ImportRunFilter = builder.inputType('ImportRunFilter', {
  description: 'Runs that meet every condition given.',
  fields: (t) => ({
    feed: t.string({ description: 'Name of a feed.' }),
  }),
});

builder.queryFields((t) => ({
  importRuns: t.connection(
    {
      type: ImportRun,
      forwardOnly: true,
      description: 'Import runs, newest first.',
      authScopes: PLANNERS_OR_FEEDS,
      args: { filter: t.arg({ type: ImportRunFilter }) },
      resolve: (_root, { filter, ...args }, context) => {
        const feed = filter?.feed ?? null;
        if (feed !== null) checkText(feed, 'filter.feed', MAX_FEED_NAME);
        return forwardPage(
          args,
          numberCursor<ImportRunRow>((r) => r.id),
          (before, limit) => runPage(context.reads, feed, before, limit, ownFeeds(context.caller)),
        );
      },
    },
    ImportRunConnection,
  ),
  importRejects: t.connection(
    {
      type: ImportReject,
      forwardOnly: true,
      description: 'Rejected lines of an import run, in the order of the file.',
      authScopes: PLANNERS_OR_FEEDS,
      args: { run: t.arg.int({ required: true, description: 'Number of the import run.' }) },
      resolve: (_root, { run, ...args }, context) =>
        forwardPage(
          args,
          numberCursor<RejectRow>((r) => r.line),
          (after, limit) => rejectPage(context.reads, run, after ?? 0, limit, ownFeeds(context.caller)),
        ),
    },
    ImportRejectConnection,
  ),
}));

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
