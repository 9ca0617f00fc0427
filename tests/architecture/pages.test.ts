// The pages are ordinary clients of the API: they import nothing of the server, and their files and functions are small.

import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { filesBelow, ROOT } from '../docs/pages';
import { functionSizes } from './functionSizes';

const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 80;

const files = filesBelow('src/pages')
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

const IMPORT = /\bfrom '(\.[^']*)'|\bimport '(\.[^']*)'/g;

/** What a file imports of ours, as paths from the root. */
const importsOf = (path: string, text: string): string[] =>
  [...text.matchAll(IMPORT)].map(([, from, bare]) => normalize(join(dirname(path), (from ?? bare)!)));
const isOfServer = (path: string): boolean => !path.startsWith('src/pages/');

test('the files of pages are read', () => expect(files.length).toBeGreaterThan(20));

test('pages import nothing of the server', () => {
  const outside = files.flatMap(({ path, text }) =>
    importsOf(path, text)
      .filter(isOfServer)
      .map((target) => `${path}: ${target}`),
  );
  expect(outside).toEqual([]);
});

test('an import of the server is seen', () => {
  const [target] = importsOf(
    'src/pages/counter/app.tsx',
    "import { readConfig } from '../../config/config';",
  );
  expect(isOfServer(target!)).toBe(true);
});

test('a page does not import another one', () => {
  const across = files.flatMap(({ path, text }) => {
    const page = path.split('/')[2]!;
    return importsOf(path, text)
      .filter((target) => ![page, 'foundation'].includes(target.split('/')[2]!.replace('.generated', '')))
      .filter((target) => !target.startsWith('src/pages/operations.generated'))
      .map((target) => `${path}: ${target}`);
  });
  expect(across).toEqual([]);
});

test('files have at most 300 lines, functions at most 80', () => {
  const long = files.filter(({ text }) => text.trimEnd().split('\n').length > MAX_FILE_LINES);
  expect(long.map(({ path }) => path)).toEqual([]);
  const functions = files.flatMap(({ path, text }) =>
    functionSizes(text, path.endsWith('.tsx'))
      .filter(({ lines }) => lines > MAX_FUNCTION_LINES)
      .map(({ name }) => `${path} ${name}`),
  );
  expect(functions).toEqual([]);
});
