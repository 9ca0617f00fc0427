// npm run job: good words run one due time and print its figures, also beside a running server; bad ones end with one sentence.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { TIMETABLE } from '../../jobs/timetable';
import { startApp, type TestApp } from '../support/app';
import { TYPESCRIPT } from '../support/typescript';

const ROOT = join(__dirname, '../..');
const SECRET = 'a long random text of the tests, 40 bytes';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

interface End {
  code: number | null;
  stdout: string;
  stderr: string;
}

function job(...words: string[]): Promise<End> {
  const child = spawn(process.execPath, [...TYPESCRIPT, 'jobs/once.ts', ...words], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, DATABASE_URL: app.databaseUrl, SECRET_KEY: SECRET, LOG_LEVEL: 'silent' },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

test('without a name it lists the jobs', async () => {
  const { code, stdout } = await job();
  expect(code).toBe(0);
  for (const { name, what } of TIMETABLE) {
    expect(stdout).toContain(name);
    expect(stdout).toContain(what);
  }
});

test('it runs a job for a due time, prints the figures, and the second time does nothing', async () => {
  const first = await job('proveBooks', '--due', '2026-01-25T02:15:00Z');
  expect(first).toMatchObject({ code: 0, stdout: 'proveBooks due 2026-01-25T02:15:00.000Z: {"drift":0}\n' });
  const before = await app.db.rows('SELECT * FROM job_run');
  const second = await job('proveBooks', '--due', '2026-01-25T03:15:00+01:00');
  expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to do') });
  expect(await app.db.rows('SELECT * FROM job_run')).toEqual(before);
});

test.each([
  [['makeCoffee'], "There is no job 'makeCoffee'; there are dispatchOutbox"],
  [['proveBooks', 'sendReminders'], "There is no job 'proveBooks sendReminders'"],
  [['proveBooks', '--due', 'yesterday'], "--due is 'yesterday'; it must be an ISO time"],
  [['proveBooks', '--due', '2026-02-30T25:00:00Z'], 'it must be an ISO time'],
  [['proveBooks', '--due', '2026-01-25T02:15:00'], 'with its zone'],
  [['proveBooks', '--due', '2999-01-01T00:00:00Z'], 'in the future'],
  [['proveBooks', '--when', 'now'], "Unknown option '--when'"],
  [['--due', '2026-01-25T02:15:00Z'], 'There is no job'],
])('%j ends with one sentence', async (words, sentence) => {
  const { code, stdout, stderr } = await job(...words);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(sentence);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});
