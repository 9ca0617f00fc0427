// npm run schema: writes schema.graphql from the code, checks it, compares it with the last release, and writes releases.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schemaChanges, undatedDeprecations } from '../graphql/releases/compare';
import { lastRelease, releaseProblem, writeRelease } from '../graphql/releases/releases';
import { schema } from '../server/schema';

const ROOT = path.resolve(__dirname, '../..');
const FILE = path.join(ROOT, 'schema.graphql');
const RELEASES = path.join(ROOT, 'src/graphql/releases');

const today = new Date().toISOString().slice(0, 10);

function fail(problem: string): void {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}

const print = (title: string, lines: readonly string[]): void => {
  if (lines.length > 0) process.stdout.write(`${title}\n${lines.map((line) => `  ${line}\n`).join('')}`);
};

function compareWithRelease(): void {
  const undated = undatedDeprecations(schema);
  if (undated.length > 0) fail(`Deprecated without a date of removal in the reason: ${undated.join(', ')}.`);
  const last = lastRelease(RELEASES);
  if (last === null) {
    process.stdout.write('There is no release to compare the schema with; write one with --release.\n');
    return;
  }
  const { breaking, allowed, dangerous } = schemaChanges(last.schema, schema, today);
  print(`Removed since ${last.version} after the announced date:`, allowed);
  print(`Changes since ${last.version} that a client may not expect:`, dangerous);
  print(`Changes that break clients of ${last.version}:`, breaking);
  if (breaking.length > 0) {
    fail(
      'Deprecate what is to be removed, with a date, and remove it after that date; see src/graphql/releases/CHANGES.md.',
    );
  } else {
    process.stdout.write(`The schema does not break clients of ${last.version}.\n`);
  }
}

function release(version: string, again: boolean): void {
  const { version: packageVersion } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
  };
  const problem = releaseProblem(RELEASES, schema, { version, packageVersion, again, today });
  if (problem === null) writeRelease(RELEASES, version, schema);
  else fail(`Release ${version} is not written: ${problem}`);
}

const { values } = parseArgs({
  options: {
    check: { type: 'boolean' },
    breaking: { type: 'boolean' },
    release: { type: 'string' },
    again: { type: 'boolean', default: false },
  },
});
const text = `${printSchema(lexicographicSortSchema(schema))}\n`;
if (values.release !== undefined) release(values.release, values.again);
else if (values.breaking) compareWithRelease();
else if (!values.check) writeFileSync(FILE, text);
if (values.check && readFileSync(FILE, 'utf8') !== text) {
  fail('schema.graphql is not what the code generates; run npm run schema and commit the file.');
}
