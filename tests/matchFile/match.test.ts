// npm run match: what it writes, and its message where a file or a flag is wrong.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { program } from '../../src/cli/matchFile/program';
import { OperatorError } from '../../src/refusals';
import { madePeople } from '../bench/identityPeople';
import { TYPESCRIPT } from '../support/typescript';

const ROOT = path.join(__dirname, '..', '..');
const folder = mkdtempSync(path.join(tmpdir(), 'comptoir-match-test-'));

function write(name: string, content: string | Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

function matchCli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const words = [...TYPESCRIPT, path.join(ROOT, 'src', 'cli', 'match.ts'), ...args];
  const env = { ...process.env, npm_lifecycle_event: undefined };
  return new Promise((resolve) => {
    execFile(process.execPath, words, { cwd: ROOT, env, maxBuffer: 1 << 26 }, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, out, err });
    });
  });
}

const people = madePeople(600);
const file = write('people.csv.gz', gzipSync(people));
const linesOf = (text: string): string[] => text.trimEnd().split('\n');

test('groups go to standard output, proposals with their evidence to a file', async () => {
  const proposals = path.join(folder, 'proposals.csv');
  const { code, out, err } = await matchCli(file, '--proposals', proposals, '--propose', '-30');
  expect({ code, err }).toEqual({
    code: 0,
    err: expect.stringMatching(/Columns that are not compared: person\./),
  });
  const [header, ...lines] = linesOf(out);
  expect(header).toBe('record,group');
  expect(lines).toHaveLength(600);
  expect(new Set(lines.map((line) => line.split(',')[0]))).toEqual(
    new Set(
      linesOf(people)
        .slice(1)
        .map((line) => line.split(',')[0]),
    ),
  );
  const [names, ...rows] = linesOf(readFileSync(proposals, 'utf8')).map((line) => line.split(','));
  expect(names!.slice(0, 8)).toEqual(
    'group_a,group_b,log2_odds,probability,record_a,record_b,bits,bits prior'.split(','),
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    const [bits, ...parts] = row.slice(6).map(Number);
    expect(Math.abs(parts.reduce((sum, part) => sum + part, 0) - bits!)).toBeLessThan(0.1);
  }
});

test('--explain prints the waterfall of two records, and writes groups only into a file', async () => {
  const out = path.join(folder, 'explained.csv');
  const [, a, b] = linesOf(people).map((line) => line.split(',')[0]!);
  const said = await matchCli(file, '--explain', `${a},${b}`, '--out', out);
  expect(said.code).toBe(0);
  const lines = linesOf(said.out);
  expect(lines[0]).toMatch(/^attribute +agreement +bits +sum +values$/);
  expect(lines.find((line) => line.startsWith('surname'))).toMatch(/same/);
  expect(lines.at(-1)).toMatch(
    new RegExp(`^${a} and ${b}: -?[\\d.]+ bits, probability [\\d.]+ that they are one person`),
  );
  expect(existsSync(out)).toBe(true);
});

test('French columns with semicolons; columns by name', async () => {
  const rows = linesOf(people)
    .slice(1)
    .map((line) => line.split(','))
    .map(
      ([id, , first, last, born, city]) =>
        `${id};${last};${first};${born!.split('-').reverse().join('/')};${city}`,
    );
  const french = write('clients.csv', ['﻿N° client;Nom;Prénom;Date de naissance;Ville', ...rows].join('\r\n'));
  const refused = await matchCli(french);
  expect(refused).toEqual({
    code: 1,
    out: '',
    err: expect.stringMatching(/no column that identifies a record/),
  });
  const { code, out } = await matchCli(french, '--columns', 'record=N° client');
  expect({ code, lines: linesOf(out).length }).toEqual({ code: 0, lines: 601 });
  expect(new Set(linesOf(out).map((line) => line.split(',')[1])).size).toBeLessThan(400);
});

test.each<[string, string[], RegExp]>([
  ['no file named', [], /Which file\?/],
  ['two files', [file, file], /One file at a time/],
  ['no such file', [path.join(folder, 'absent.csv')], /There is no file/],
  ['a folder', [folder], /is a folder/],
  ['empty', [write('empty.csv', '')], /is empty/],
  ['a header only', [write('header.csv', 'id,first_name,surname\n')], /a header and no records/],
  ['not gzip', [write('not.csv.gz', people)], /is not gzip data/],
  ['gzip cut off', [write('half.csv.gz', gzipSync(people).subarray(0, 900))], /ends in the middle/],
  [
    'bytes that are not UTF-8',
    [write('latin.csv', Buffer.from('id,nom,prenom\n1,Lef\xe8vre,Zo\xe9\n', 'latin1'))],
    /utf-8/i,
  ],
  [
    'no record column',
    [write('noid.csv', 'nom,prenom\nA,B\n')],
    /identifies a record.*it has nom, prenom.*--columns record=NAME/,
  ],
  [
    'nothing to compare',
    [write('few.csv', 'id,size,nom\n1,2,3\n')],
    /too few columns that describe a person/,
  ],
  [
    'a record twice',
    [write('twice.csv', 'id,nom,prenom\n1,A,B\n2,C,D\n1,E,F\n')],
    /line 4: the record 1 is also in line 2/,
  ],
  ['an empty record', [write('blank.csv', 'id,nom,prenom\n,A,B\n')], /line 2: the record is empty/],
  ['a column twice', [write('same.csv', 'id,nom,nom\n1,A,B\n')], /two columns named nom/],
  [
    'a row too long',
    [write('wide.csv', 'id,nom,prenom\n1,A,B,C\n')],
    /line 2: the line has 4 columns, the header 3/,
  ],
  [
    'a cell too long',
    [write('cell.csv', `id,nom,prenom\n1,${'x'.repeat(301)},B\n`)],
    /line 2: a cell has 301 characters/,
  ],
  ['an unknown flag', [file, '--threshold', '3'], /Unknown option '--threshold'\. All flags: --help/],
  ['--join that is no number', [file, '--join', 'high'], /--join is 'high'; it must be a number/],
  ['--propose above --join', [file, '--join', '-3', '--propose', '2'], /--propose 2 is above --join -3/],
  ['--explain of one', [file, '--explain', 'a'], /it must be two records/],
  ['--explain of nobody', [file, '--explain', 'a,b'], /has no record a/],
  ['--columns of no column', [file, '--columns', 'surname=nom'], /no column 'nom'/],
  ['--columns of no role', [file, '--columns', 'height=gender'], /--columns has 'height'/],
  ['--columns that is none', [file, '--columns', 'surname'], /--columns is 'surname'/],
])('%s is refused', async (_, args, message) => {
  const out = path.join(folder, 'refused.csv');
  const refused = program([...args, '--out', out], () => undefined);
  await expect(refused).rejects.toThrow(OperatorError);
  await expect(refused).rejects.toThrow(message);
  expect(existsSync(out)).toBe(false);
});
