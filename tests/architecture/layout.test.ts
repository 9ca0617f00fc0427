// The layout of the code: what stands on top of src, how a module is divided, and how files are named.

import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const ROOT = join(__dirname, '../..');
const MAX_LOOSE_FILES = 4;
/** Folders of src that are not modules: programs, foundations and libraries. */
const NOT_MODULES = [
  'server',
  'cli',
  'graphql',
  'forecaster',
  'matcher',
  'db',
  'config',
  'runtime',
  'values',
  'csv',
  'pages',
];
const LAYERS = ['rules', 'actions', 'queries', 'schema'];

const entries = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
  .map((entry) => ({
    path: join(entry.parentPath, entry.name)
      .slice(ROOT.length + 1)
      .replaceAll('\\', '/'),
    isFolder: entry.isDirectory(),
  }))
  .filter(({ path }) => !path.startsWith('src/db/generated'));
const files = entries.filter((entry) => !entry.isFolder).map(({ path }) => path);
const folders = entries.filter((entry) => entry.isFolder).map(({ path }) => path);

test('at most four files stand on top of src', () => {
  const loose = files.filter((path) => dirname(path) === 'src');
  expect(loose.length).toBeLessThanOrEqual(MAX_LOOSE_FILES);
  expect(files.length).toBeGreaterThan(300);
});

test('no file stands beside a folder of its name', () => {
  expect(folders.filter((path) => files.includes(`${path}.ts`))).toEqual([]);
});

test('a folder holds more than one file; a module may have one layer', () => {
  const inside = (folder: string): number => entries.filter(({ path }) => dirname(path) === folder).length;
  expect(folders.filter((path) => dirname(path) !== 'src' && inside(path) === 1)).toEqual([]);
});

test('a module has no other parts than its layers', () => {
  const modules = folders.filter((path) => dirname(path) === 'src' && !NOT_MODULES.includes(basename(path)));
  expect(modules.length).toBeGreaterThan(10);
  const parts = entries
    .map(({ path }) => path)
    .filter((path) => modules.includes(dirname(path)) && !path.endsWith('.md'));
  const others = parts.filter((path) => !LAYERS.includes(basename(path, '.ts')));
  // The ledger is the one writer of stock and is imported by the actions of every module above.
  expect(others).toEqual(['src/stock/ledger.ts']);
});

test('names of files say what they contain, not which layer they are of or that they run at night', () => {
  const vague = /^(act|acts|actions|night|types?|part|misc|utils?|helpers?|common)\.ts$/;
  const isLayer = (path: string): boolean => dirname(dirname(path)) === 'src';
  const named = files.filter(
    (path) => vague.test(basename(path)) && !(isLayer(path) && LAYERS.includes(basename(path, '.ts'))),
  );
  // The GraphQL types of a module's documents.
  expect(named.filter((path) => !path.endsWith('/schema/types.ts'))).toEqual([]);
});
