// Jobs in the real programs: beside the API by default, alone, not at all with JOBS=false, and by hand on the same embedded server.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDb } from '../../src/db/pool';
import { startApp } from '../support/app';
import { ONE_PROCESS, startProgram } from '../support/process';
import { TYPESCRIPT } from '../support/typescript';

jest.setTimeout(120_000);

const ROOT = join(__dirname, '../..');

function run(file: string, words: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [...TYPESCRIPT, file, ...words], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: 'info', ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, ended, stdout: () => stdout, stderr: () => stderr };
}

async function dispatched(url: string): Promise<void> {
  const db = openDb(url, 1);
  try {
    for (;;) {
      const rows = await db.rows(`SELECT 1 FROM job_run WHERE job = 'dispatchOutbox' AND status = 'DONE'`);
      if (rows.length > 0) return;
      await sleep(50);
    }
  } finally {
    await db.close();
  }
}

test('npm start runs the timetable beside the API, a job by hand joins its embedded server, and both end cleanly', async () => {
  const program = startProgram();
  await program.ready();
  await program.waitForOutput('the timetable runs');
  await program.waitForOutput('"job":"proveBooks"');
  const once = run('jobs/once.ts', ['proveBooks', '--due', '2026-01-25T02:15:00Z'], {
    DATA_DIR: program.dataDir,
  });
  expect([await once.ended, once.stderr()]).toEqual([0, '']);
  expect(once.stdout()).toContain('{"drift":0}');
  program.kill('SIGTERM');
  expect(await program.exited).toEqual({ code: 0, signal: null });
  expect(program.stderr()).toBe('');
});

test('npm run jobs runs it alone and ends on SIGTERM; with JOBS=false the API does not', async () => {
  const app = await startApp();
  try {
    const env = { DATABASE_URL: app.databaseUrl, SECRET_KEY: 'a long random text of the tests, 40 bytes' };
    const api = startProgram({ env: { ...env, ...ONE_PROCESS, JOBS: 'false' } });
    await api.ready();
    const jobs = run('jobs/main.ts', [], env);
    await dispatched(app.databaseUrl);
    jobs.child.kill('SIGTERM');
    expect([await jobs.ended, jobs.stderr()]).toEqual([0, '']);
    expect(jobs.stdout()).toContain('stopped');
    api.kill('SIGTERM');
    await api.exited;
    expect(api.stdout()).not.toContain('the timetable runs');
  } finally {
    await app.close();
  }
});
