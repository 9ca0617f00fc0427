// GraphQL of job runs, for planners and administrators.

import { PLANNERS } from '../access/rules/roleSets';
import { builder } from '../graphql/builder';
import { cacheId, cacheIdOf } from '../graphql/cacheIds';
import { connectionOf } from '../graphql/connectionOf';
import { type CursorForm, forwardPage } from '../graphql/keysetPages';
import { checkText } from '../refusals';
import { type JobRunRow, jobRunPage, type RunKey } from './queries';

const MAX_NAME = 64;

const JobStatusEnum = builder.enumType('JobStatus', {
  description: 'State of a job run.',
  values: {
    RUNNING: { description: 'Being run, or about to be taken over because its runner vanished.' },
    DONE: { description: 'Finished.' },
    FAILED: { description: 'Failed; see error. A nightly job is retried some times.' },
  } as const,
});

const JobRun = builder.objectRef<JobRunRow>('JobRun').implement({
  description: 'One due time of a job. Whatever the number of servers, one of them runs it.',
  authScopes: PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a job and due time'),
      resolve: (run) => cacheId('JobRun', run.job, run.dueAt.toISOString()),
    }),
    job: t.exposeString('job', { description: 'Name of the job.' }),
    dueAt: t.expose('dueAt', {
      type: 'DateTime',
      description: 'When the timetable scheduled it; the clock of the job.',
    }),
    status: t.expose('status', { type: JobStatusEnum, description: 'State of the run.' }),
    runner: t.exposeString('runner', { description: 'Host and process that ran it last.' }),
    attempts: t.exposeInt('attempts', { description: 'Attempts so far.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true }),
    figures: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Numbers about what it did; the progress so far while it is RUNNING.',
      resolve: (run) => run.figures,
    }),
    error: t.exposeString('error', { nullable: true, description: 'Why it failed; null if it did not.' }),
  }),
});

const JobRunConnection = connectionOf(JobRun);

const runCursor: CursorForm<JobRunRow, RunKey> = {
  write: (run) => `${run.dueAt.toISOString()} ${run.job}`,
  read(text) {
    const [, at = '', job = ''] = /^(\d{4}-\d{2}-\d{2}T[\d:.]{12}Z) (\w{1,64})$/.exec(text) ?? [];
    const dueAt = new Date(at);
    return Number.isNaN(dueAt.getTime()) ? null : { job, dueAt };
  },
};

const JobRunFilter = builder.inputType('JobRunFilter', {
  description: 'Runs that meet every condition given.',
  fields: (t) => ({
    job: t.string({ description: 'Name of a job.' }),
  }),
});

builder.queryField('jobRuns', (t) =>
  t.connection(
    {
      type: JobRun,
      forwardOnly: true,
      description:
        'Runs of the jobs, latest due time first. Runs of frequent jobs that found nothing to do are deleted soon.',
      authScopes: PLANNERS,
      args: { filter: t.arg({ type: JobRunFilter }) },
      resolve: (_root, { filter, ...args }, context) => {
        const job = filter?.job ?? null;
        if (job !== null) checkText(job, 'filter.job', MAX_NAME);
        return forwardPage(args, runCursor, (after, limit) => jobRunPage(context.db, job, after, limit));
      },
    },
    JobRunConnection,
  ),
);
