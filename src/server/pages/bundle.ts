// Bundles the pages with esbuild into memory: scripts, styles, service worker and HTML, with hashed names and compressed.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { Plugin } from 'esbuild';
import { ASSETS, addressOf, PAGES, type PageName } from './addresses';
import { operationIds } from './operations';

const SOURCES = join(__dirname, '../../pages');

export interface PageFile {
  type: string;
  /** Whether its name changes with its content, so that browsers may keep it for a year. */
  isHashed: boolean;
  etag: string;
  identity: Buffer;
  gzip: Buffer;
  brotli: Buffer;
}

const TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  svg: 'image/svg+xml',
  webmanifest: 'application/manifest+json',
};

const hashOf = (content: Buffer | string): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 16);

async function fileOf(name: string, content: Buffer | string, isHashed: boolean): Promise<PageFile> {
  const identity = Buffer.from(content);
  const [zipped, brotli] = await Promise.all([
    promisify(gzip)(identity, { level: 9 }),
    promisify(brotliCompress)(identity),
  ]);
  const type = TYPES[name.slice(name.lastIndexOf('.') + 1)]!;
  return { type, isHashed, etag: `"${hashOf(identity)}"`, identity, gzip: zipped, brotli };
}

/** Replaces the texts of a page's operations by their ids. */
const withoutTexts: Plugin = {
  name: 'operations',
  setup(build) {
    build.onLoad({ filter: /[\\/]pages[\\/]\w+[\\/]operations\.ts$/ }, ({ path }) => {
      const page = basename(join(path, '..'));
      const ids = JSON.stringify(operationIds(page));
      return { contents: `export const ${page.toUpperCase()}_OPERATIONS = ${ids};`, loader: 'js' };
    });
  },
};

/** Builds one entry file; the outputs by their names. What a page imports later (`import()`) is a file of its own. */
async function build(
  entry: string,
  define: Record<string, string> = {},
  format: 'esm' | 'iife' = 'esm',
): Promise<Map<string, Buffer>> {
  const esbuild = await import('esbuild');
  const page = dirname(entry);
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(SOURCES, entry)],
    outdir: SOURCES,
    entryNames: `${page}-[hash]`,
    chunkNames: `${page}-[name]-[hash]`,
    splitting: format === 'esm',
    absWorkingDir: SOURCES,
    write: false,
    bundle: true,
    minify: true,
    format,
    platform: 'browser',
    // Tablets of shops are old: what these lack is written in another way.
    target: ['chrome109', 'safari16', 'firefox115'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfigRaw: {},
    legalComments: 'none',
    define,
    plugins: [withoutTexts],
  });
  return new Map(outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]));
}

/** The files of one page by their paths: `/counter`, and its assets, service worker and manifest where it has them. */
async function buildPage(page: PageName): Promise<[path: string, file: PageFile][]> {
  const built = await build(`${page}/main.tsx`);
  const files: [string, PageFile][] = [];
  for (const [name, content] of built) files.push([`${ASSETS}/${name}`, await fileOf(name, content, true)]);
  // The files of the entry have one dash; those that it loads later have more.
  const entryFile = (extension: string): string =>
    files.find(([path]) => path.endsWith(extension) && path.split('-').length === 2)![0];
  const present = readdirSync(join(SOURCES, page));
  // What only this page loads.
  const head = present.includes('head.html') ? readFileSync(join(SOURCES, page, 'head.html'), 'utf8') : '';
  const html = readFileSync(join(SOURCES, 'foundation/page.html'), 'utf8')
    .replace('{head}', head)
    .replace('{script}', entryFile('.js'))
    .replace('{style}', entryFile('.css'));
  files.push([addressOf(page), await fileOf('index.html', html, false)]);
  for (const name of ['icon.svg', 'manifest.webmanifest'].filter((one) => present.includes(one))) {
    files.push([
      `/${page}/${name}`,
      await fileOf(name, readFileSync(join(SOURCES, page, name), 'utf8'), false),
    ]);
  }
  if (!present.includes('worker.ts')) return files;
  const shell = files.map(([path]) => path);
  const version = hashOf(files.map(([, { etag }]) => etag).join());
  const worker = await build(`${page}/worker.ts`, {
    SHELL: JSON.stringify(shell),
    VERSION: JSON.stringify(version),
  });
  files.push([`/${page}/worker.js`, await fileOf('worker.js', [...worker.values()][0]!, false)]);
  return files;
}

/**
 * All files of the pages by their paths.
 * @public Loaded with `require` by the process that serves pages.
 */
export async function buildPages(): Promise<Map<string, PageFile>> {
  const files = new Map<string, PageFile>();
  for (const page of PAGES) {
    for (const [path, file] of await buildPage(page)) files.set(path, file);
  }
  const element = await build('element/main.ts', {}, 'iife');
  files.set('/elements/availability.js', await fileOf('availability.js', [...element.values()][0]!, false));
  // The compiler is a process of its own; it is not needed again.
  await (await import('esbuild')).stop();
  return files;
}
