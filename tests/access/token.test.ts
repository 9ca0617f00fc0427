// npm run token: the first administrator of an installation gets in.

import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { startApp, type TestApp } from '../support/app';
import { TYPESCRIPT } from '../support/typescript';
import { administer, viewerOf } from './support';

const ROOT = path.resolve(__dirname, '../..');
const run = promisify(execFile);

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

/** Runs the program on the test's database; what it writes, or how it fails. */
async function token(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    ...process.env,
    DATABASE_URL: app.databaseUrl,
    SECRET_KEY: 'a long random text of the tests, 40 bytes',
    LOG_LEVEL: 'silent',
  };
  const command = [...TYPESCRIPT, 'src/cli/token.ts', ...args];
  return run(process.execPath, command, { cwd: ROOT, env }).then(
    (done) => ({ code: 0, ...done }),
    (failed) => failed,
  );
}

test('makes an administrator and its token, alone on standard output, that lets others in', async () => {
  const first = await token('--name', 'Root', '--role', 'ADMIN');
  expect(first.stdout).toMatch(/^cpt_[\w-]{43}\n$/);
  const admin = first.stdout.trim();
  expect(await viewerOf(app, admin)).toMatchObject({ name: 'Root', role: 'ADMIN' });
  const made = await administer(app, admin, 'createActor', {
    name: 'Anna',
    role: 'STAFF',
    locations: ['paris'],
  });
  expect(made.actor.name).toBe('Anna');
  const another = await token('--name', 'Anna', '--days', '30');
  expect(await viewerOf(app, another.stdout.trim())).toEqual({
    name: 'Anna',
    role: 'STAFF',
    locations: [{ code: 'paris' }],
  });
});

test.each([
  ['no name', [], /--name is missing.*Usage/],
  ['a role that is none', ['--name', 'X', '--role', 'KING'], /no role KING/],
  ['the program itself', ['--name', 'X', '--role', 'SYSTEM'], /SYSTEM is the program itself/],
  ['an unknown name without a role', ['--name', 'Nobody'], /no actor 'Nobody' yet; give its --role/],
  ['no days', ['--name', 'X', '--role', 'FEED', '--days', '0'], /whole number from 1/],
  [
    'a location that is none',
    ['--name', 'X', '--role', 'STAFF', '--location', 'nope'],
    /Unknown location: nope/,
  ],
])('%s is reported in one sentence', async (_what, args, message) => {
  const { code, stdout, stderr } = await token(...args);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at /);
});
