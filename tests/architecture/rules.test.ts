// Rules of the architecture that the sources alone can prove: the writer of stock, sizes, names of types, no clock in rules.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, ROOT } from '../docs/pages';
import { functionSizes } from './functionSizes';

const MAX_FILE_LINES = 300;
/** Lines between the braces of a function, with those of the functions in it. */
const MAX_FUNCTION_LINES = 60;

interface Source {
  path: string;
  text: string;
}
const sourcesOf = (folder: string, extension = '.ts'): Source[] =>
  filesBelow(folder)
    .filter((path) => path.endsWith(extension) && !/^src\/db\/generated\/|\.generated\.d\.ts$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
const sources = sourcesOf('src');

test('the sources are read', () => expect(sources.length).toBeGreaterThan(300));

/** A statement that changes rows of the stock. */
const WRITES_STOCK =
  /\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO|COPY|TRUNCATE)\s+(TABLE\s+)?(ONLY\s+)?"?stock_(level|move)\b/i;

describe('stock', () => {
  test('is written by the ledger and nothing else', () => {
    const all = [...sources, ...['jobs', 'prisma/seed'].flatMap((folder) => sourcesOf(folder))];
    const writers = all.filter(({ text }) => WRITES_STOCK.test(text)).map(({ path }) => path);
    expect(writers).toEqual(['src/stock/ledger.ts']);
  });
  test.each([
    'UPDATE stock_level SET available = 1',
    'INSERT INTO stock_move (id) VALUES (1)',
    'DELETE FROM ONLY stock_move',
    'WITH x AS (\n  UPDATE\n    stock_level l SET available = 0 RETURNING 1) SELECT 1',
    'COPY stock_move FROM STDIN',
  ])('%s is seen', (text) => expect(WRITES_STOCK.test(text)).toBe(true));
  test.each(['SELECT * FROM stock_level FOR UPDATE', 'UPDATE stock_count SET status = $1'])(
    '%s is none',
    (text) => expect(WRITES_STOCK.test(text)).toBe(false),
  );
});

test('files have at most 300 lines', () => {
  const long = sources.filter(({ text }) => text.trimEnd().split('\n').length > MAX_FILE_LINES);
  expect(long.map(({ path }) => path)).toEqual([]);
});

const longFunctions = (files: readonly Source[]): string[] =>
  files.flatMap(({ path, text }) =>
    functionSizes(text)
      .filter(({ lines }) => lines > MAX_FUNCTION_LINES)
      .map(({ name }) => `${path} ${name}`),
  );

describe('functions', () => {
  test('have at most 60 lines', () => {
    const all = [...sources, ...['jobs', 'prisma'].flatMap((folder) => sourcesOf(folder))];
    expect(longFunctions(all)).toEqual([]);
  });
  const lines = (n: number): string => 'work();\n'.repeat(n);
  test.each([
    ['function long() {\n§}', 'long'],
    ['export const long = async (a: string): Promise<void> => {\n§};', 'long'],
    ['class Many {\n  #long(): void {\n§}\n}', 'long'],
    ['class Many {\n  get long() {\n§}\n}', 'long'],
    ['const all = { ünique: 1, long() {\n§} };', 'long'],
    ['// A text in front.\nlong(1, (x) => {\n§});', 'long'],
    ['function long() {\n  inner(() => {\n§});\n}', 'long'],
  ])('%j is measured', (form, name) => {
    const fits = functionSizes(form.replace('§', lines(60)));
    expect(fits.map((size) => size.lines)).toContain(60);
    const text = form.replace('§', lines(61));
    expect(longFunctions([{ path: 'src/a.ts', text }])).toContain(`src/a.ts ${name}`);
  });
  test('that are one expression are not: a table of fields has no steps', () => {
    expect(functionSizes(`const fields = (t) => ({\n${'  a: 1,\n'.repeat(99)}});`)).toEqual([]);
  });
});

/** Type names by the files that declare them, where there are several. */
function repeatedTypes(files: readonly Source[]): string[] {
  const declared = new Map<string, Set<string>>();
  for (const { path, text } of files)
    for (const [, name] of text.matchAll(/^(?:export )?(?:abstract )?(?:interface|type|class) (\w+)/gm))
      declared.set(name!, (declared.get(name!) ?? new Set()).add(path));
  return [...declared].filter(([, paths]) => paths.size > 1).map(([name]) => name);
}

describe('names of types', () => {
  test('are unique in the project', () => {
    expect(repeatedTypes([...sources, ...sourcesOf('src', '.tsx')])).toEqual([]);
  });
  test('that are declared twice are seen', () => {
    const twice = [
      { path: 'src/a.ts', text: 'export interface Place {}\ntype Row = 1;' },
      { path: 'src/b.ts', text: 'type Place = 1;\nexport class Other {}' },
    ];
    expect(repeatedTypes(twice)).toEqual(['Place']);
  });
});

/** The clock is passed in: a rule gives the same answer whenever it is asked. */
const READS_CLOCK =
  /\bDate\.now\(|\bnew Date\(\s*\)|\bperformance\.now\(|\bDateTime\.(now|local|utc)\(\s*\)|\bhrtime\b/;

describe('rules', () => {
  test('have no clock', () => {
    const rules = sources.filter(({ path }) => /^src\/[^/]+\/rules(\/|\.ts$)/.test(path));
    expect(rules.length).toBeGreaterThan(50);
    expect(rules.filter(({ text }) => READS_CLOCK.test(text)).map(({ path }) => path)).toEqual([]);
  });
  test.each(['const now = new Date();', 'x = Date.now() - 5', 'performance.now()', 'DateTime.now()'])(
    '%s is seen',
    (text) => expect(READS_CLOCK.test(text)).toBe(true),
  );
  test.each(['new Date(at)', 'DateTime.local(2026, 1, 1)'])('%s is none', (text) =>
    expect(READS_CLOCK.test(text)).toBe(false),
  );
});
