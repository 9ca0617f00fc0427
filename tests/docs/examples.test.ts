// Every example of the pages can be run: GraphQL fits the schema, commands and their flags exist, settings are settings.
// Examples with a token are executed on the demonstration chain by tests/start/firstStart.test.ts.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parse, validate } from 'graphql';
import { TIMETABLE } from '../../jobs/timetable';
import { readFlags } from '../../src/cli/forecastFile/flags';
import { readArguments } from '../../src/cli/importFlags';
import { SETTINGS } from '../../src/config/settings';
import { schema } from '../../src/server/schema';
import { TYPESCRIPT } from '../support/typescript';
import { blocksOf, inlineCode, ROOT, readPages } from './pages';

const pages = readPages();
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

test.each(blocksOf(pages, 'graphql'))('GraphQL of %s fits the schema', (_name, { text }) => {
  expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([]);
});

test.each(blocksOf(pages, 'json'))('JSON of %s can be parsed', (_name, { text }) => {
  expect(() => JSON.parse(text)).not.toThrow();
});

/** Code blocks are in a language that some test reads, or are output to look at. */
/** HTML and CSS are of the element's page, whose first example is opened in a browser (pages/element.test.ts). */
const KINDS = ['sh', 'graphql', 'json', 'text', 'mermaid', 'ts', 'html', 'css'];

test('every code block is of a kind that is tested', () => {
  const kinds = pages.flatMap(({ blocks }) => blocks.map(({ language }) => language));
  expect(kinds.filter((kind) => !KINDS.includes(kind))).toEqual([]);
});

/** Lines of shell without comments; a backslash at the end joins two. */
const commandsOf = (text: string): string[] =>
  text
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter(Boolean);

/** The words of a command; quotes are taken off. */
const wordsOf = (command: string): string[] =>
  (command.match(/'[^']*'|(?:[^\s"]|"[^"]*")+/g) ?? []).map((word) => word.replace(/^'|'$|"/g, ''));

const shell = blocksOf(pages, 'sh').flatMap(([name, { text }]) =>
  commandsOf(text).map((command): [string, string] => [name, command]),
);
/** Commands in the running text: `npm run …` in backticks. */
const inline = pages.flatMap((page) =>
  inlineCode(page)
    .filter((code) => /^npm (run|test|start|ci)\b/.test(code))
    .map((code): [string, string] => [page.path, code]),
);
const npm = [...shell, ...inline].flatMap(([name, command]) =>
  command
    .split('&&')
    .map((part) => part.trim())
    .filter((part) => part.startsWith('npm '))
    .map((part): [string, string[]] => [`${name}: ${part}`, wordsOf(part).slice(1)]),
);

const OF_NPM_ITSELF = ['ci', 'install'];

/** The script that npm is told to run and its arguments; null: a command of npm itself. */
function scriptOf(words: readonly string[]): { script: string; args: string[] } | null {
  const rest = words.filter((word) => word !== '-s' && word !== '--silent');
  if (OF_NPM_ITSELF.includes(rest[0]!)) return null;
  const script = rest[0] === 'run' ? rest[1]! : rest[0]!;
  const dashes = rest.indexOf('--');
  return { script, args: dashes === -1 ? [] : rest.slice(dashes + 1) };
}

test('examples were found', () => {
  expect(shell.length).toBeGreaterThan(20);
  expect(npm.length).toBeGreaterThan(40);
});

test.each(npm)('%s is a script of package.json', (_name, words) => {
  const run = scriptOf(words);
  if (run !== null) expect(Object.keys(scripts)).toContain(run.script);
});

/** Texts of a file and of all files of ours that it imports, or starts as a program. */
function textsOf(path: string, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(path)) return seen;
  const text = readFileSync(join(ROOT, path), 'utf8');
  seen.set(path, text);
  const imported = [...text.matchAll(/from '(\.{1,2}\/[^']+)'/g)].map(
    ([, target]) => `${normalize(join(dirname(path), target!)).replaceAll('\\', '/')}.ts`,
  );
  const started = [...text.matchAll(/'(src\/cli\/\w+\.ts)'/g)].map((match) => match[1]!);
  for (const file of [...imported, ...started]) if (existsSync(join(ROOT, file))) textsOf(file, seen);
  return seen;
}

const flagged = npm.flatMap(([name, words]): [string, string, string][] => {
  const run = scriptOf(words);
  const flags = run?.args.filter((word) => word.startsWith('--')).map((word) => word.slice(2).split('=')[0]!);
  return run === null ? [] : [...new Set(flags)].map((flag) => [name, run.script, flag]);
});

test.each(flagged)('%s: %s knows --%s', (_name, script, flag) => {
  const entry = /[\w/]+\.ts/.exec(scripts[script]!)?.[0];
  // Scripts of other tools (jest, tsc) are not ours to check.
  if (entry === undefined) return;
  const declared = new RegExp(`['"]?\\b${flag}['"]?: \\{\\s*type: '(string|boolean)'|'--${flag}'`);
  expect([...textsOf(entry).values()].some((text) => declared.test(text))).toBe(true);
});

/** Paths such as <file> in examples are read as any file name. */
const argumentsOf = (wanted: string): [string, string[]][] =>
  npm.flatMap(([name, words]): [string, string[]][] => {
    const run = scriptOf(words);
    const isUsable =
      run?.script === wanted && run.args.length > 0 && !run.args.some((word) => /…/.test(word));
    return isUsable ? [[name, run.args]] : [];
  });

test.each(argumentsOf('forecast'))('%s: the arguments can be read', (_name, args) => {
  expect(() => readFlags(args)).not.toThrow();
});

test.each(argumentsOf('import'))('%s: the arguments can be read', (_name, args) => {
  expect(() => readArguments(args)).not.toThrow();
});

test.each(argumentsOf('job'))('%s: the job exists', (_name, args) => {
  expect(TIMETABLE.map(({ name }) => name)).toContain(args[0]);
});

test('npm run job lists the jobs that the pages list', () => {
  const output = execFileSync(process.execPath, [...TYPESCRIPT, 'jobs/once.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const { name } of TIMETABLE) expect(output).toContain(name);
});

/** Set for a command of another program than Comptoir. */
const OF_OTHERS = ['COMPTOIR_URL'];

test('every variable that an example sets is a setting', () => {
  const set = shell.flatMap(([name, command]) =>
    wordsOf(command)
      .map((word) => /^([A-Z][A-Z_]+)=/.exec(word)?.[1])
      .filter((variable) => variable !== undefined)
      .map((variable) => ({ name, variable })),
  );
  expect(set.length).toBeGreaterThan(3);
  expect(set.filter(({ variable }) => !(variable in SETTINGS) && !OF_OTHERS.includes(variable))).toEqual([]);
});
