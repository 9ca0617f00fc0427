// Imports as planners and feeds see them: runs, and rejected lines.

import { PLANNERS_OR_FEEDS } from '../../access/rules/roleSets';
import { boundTo, type Caller } from '../../access/rules/roles';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import { forwardPage, numberCursor } from '../../graphql/keysetPages';
import { loader, loaderById } from '../../graphql/loaders';
import { checkText } from '../../refusals';
import { waitingCounts } from '../../stock/queries/waiting';
import { type ImportRunRow, type RejectRow, rejectPage, runPage, runsById } from '../queries/imports';
import { IMPORT_KINDS, ImportKind, ImportRejectCode, ImportRunStatus } from './importEnums';

export const MAX_FEED_NAME = 64;

export const ImportReject = builder.objectRef<Omit<RejectRow, 'units'>>('ImportReject').implement({
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

/** A number of lines or records of a run. */
const counter = (description: string, resolve: (run: ImportRunRow) => number) => ({
  type: 'BigInt' as const,
  description,
  resolve,
});

export const ImportRun = builder.objectRef<ImportRunRow>('ImportRun').implement({
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
    linesRead: t.field(counter('Lines read.', (run) => run.linesRead)),
    records: t.field(counter('Records written.', (run) => run.recordsRead)),
    accepted: t.field(counter('Lines imported.', (run) => run.accepted)),
    rejected: t.field(counter('Lines rejected.', (run) => run.rejected)),
    changed: t.field(counter('created + corrected + replaced.', (run) => run.changed)),
    created: t.field(counter('Lines that were new.', (run) => run.created)),
    corrected: t.field(
      counter('Lines that changed an earlier line of the same number.', (run) => run.corrected),
    ),
    replaced: t.field(
      counter('Whole days or entries of a list that replaced earlier ones.', (run) => run.replaced),
    ),
    merged: t.field(counter('Lines added to another line of the file or equal to one.', (run) => run.merged)),
    repeatedNumbers: t.field(
      counter(
        'New lines whose receipt number the same feed and location used on another day; stored separately from it.',
        (run) => run.repeatedNumbers,
      ),
    ),
    unchanged: t.field(counter('Lines that changed nothing.', (run) => run.unchanged)),
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

export const runById = loaderById('import run', ({ db }, ids: number[]) => runsById(db, ids));

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
