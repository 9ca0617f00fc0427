// The documentation is true of this repository: links, paths, names, generated tables, and the size of the first page.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { readConfig } from '../../src/config/config';
import { SETTINGS } from '../../src/config/settings';
import { withGeneratedParts } from './generated';
import { anchorsOf, filesBelow, inlineCode, ROOT, readPages } from './pages';

const MAX_FIRST_PAGE_BYTES = 10_000;
const pages = readPages();
const byPath = new Map(pages.map((page) => [page.path, page]));

test('the first page is short', () => {
  expect(Buffer.byteLength(byPath.get('README.md')!.text)).toBeLessThanOrEqual(MAX_FIRST_PAGE_BYTES);
});

test('the first page leads to every other page', () => {
  const first = byPath.get('README.md')!.prose;
  const others = pages.map(({ path }) => path).filter((path) => path !== 'README.md');
  expect(others.length).toBeGreaterThan(5);
  expect(others.filter((path) => !first.includes(`](${path})`))).toEqual([]);
});

test('every link between pages leads to a file, and to a heading in it', () => {
  const broken = pages.flatMap((page) =>
    [...page.prose.matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1]!)
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [file = '', anchor] = target.split('#');
        const path = file === '' ? page.path : normalize(join(dirname(page.path), file));
        if (!existsSync(join(ROOT, path))) return true;
        return anchor !== undefined && !anchorsOf(byPath.get(path)!).includes(anchor);
      })
      .map((target) => `${page.path}: ${target}`),
  );
  expect(broken).toEqual([]);
});

const PATH = /^(src|jobs|tests|prisma|\.ci)\/[\w./-]*$/;

test('every path in inline code exists', () => {
  const named = pages.flatMap((page) =>
    inlineCode(page)
      .filter((code) => PATH.test(code))
      .map((code) => ({ page: page.path, code })),
  );
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(({ code }) => !existsSync(join(ROOT, code)))).toEqual([]);
});

/** `createTransfer`, `lockShelves()`, `STREAMS_PER_ACTOR`: what only a program can be called. */
const IDENTIFIER = /^([a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*|[A-Z]+_[A-Z_]+|[a-z]+_[a-z_]+)(\(\))?$/;

test('every identifier in inline code is one of the code', () => {
  const sources = ['src', 'jobs', 'tests', 'prisma']
    .flatMap(filesBelow)
    .filter((path) => /\.(ts|mjs|sql|prisma)$/.test(path) && !path.startsWith('tests/docs/'));
  const words = new Set(
    [...sources, 'schema.graphql', 'package.json'].flatMap(
      (path) => readFileSync(join(ROOT, path), 'utf8').match(/\w+/g) ?? [],
    ),
  );
  const unknown = pages.flatMap((page) =>
    inlineCode(page)
      .filter((code) => IDENTIFIER.test(code) && !words.has(code.replace('()', '')))
      .map((code) => `${page.path}: ${code}`),
  );
  expect(unknown).toEqual([]);
});

test('generated parts are as the code has them (npm run docs writes them)', () => {
  const marks = pages.flatMap(({ text }) => text.match(/<!-- generated: \w+ -->/g) ?? []);
  expect(marks.sort()).toEqual(
    ['jobs', 'otherColumns', 'personalData', 'settings'].map((part) => `<!-- generated: ${part} -->`),
  );
  for (const { text } of pages) expect(text).toBe(withGeneratedParts(text));
});

describe('settings', () => {
  test('every variable that the program reads is declared, and every declared one is read', () => {
    const read = new Set<string>();
    const env = new Proxy({} as Record<string, string | undefined>, {
      get: (target, name) => {
        read.add(String(name));
        return target[String(name)];
      },
    });
    readConfig(env);
    expect([...read].sort()).toEqual(Object.keys(SETTINGS).sort());
  });

  test.each([
    'PORT',
    ...['HOST', 'LOG_LEVEL', 'DATA_DIR', 'ALLOWED_HOSTS', 'DRAIN_SECONDS', 'RATE_PER_TOKEN'],
    ...['PUBLIC_STOCK_CAP', 'QUOTA_LINE_UNITS', 'JOBS', 'DEMO', 'GRAPHIQL', 'PERSISTED_OPERATIONS_ONLY'],
    ...[
      'WEBHOOKS_TO_PRIVATE_ADDRESSES',
      'MAX_QUERY_COST',
      'MAX_QUERY_CHARACTERS',
      'MAX_ANSWER_ERRORS',
      'IMPORT_REJECT_DAYS',
      'REPLICA_MAX_LAG_MS',
    ],
  ] as const)('the default of %s is the one in the table', (name) => {
    const usual = String(SETTINGS[name].default);
    const value = /^`([^`]+)`/.exec(usual)?.[1] ?? /^\w+/.exec(usual)![0];
    expect(readConfig({ [name]: value })).toEqual(readConfig({}));
  });

  test('no other part of the program reads the environment, apart from what npm and the system set', () => {
    const readers = ['src', 'jobs']
      .flatMap(filesBelow)
      .flatMap((path) =>
        [...readFileSync(join(ROOT, path), 'utf8').matchAll(/process\.env\.(\w+)/g)].map((m) => m[1]!),
      );
    expect(readers.filter((name) => !/^(npm_|PATH$|SystemRoot$)/.test(name))).toEqual([]);
  });
});
