// Lets Node run the project's TypeScript (node --require): compiles a folder's files at once, and keeps the result on disk.

// tsx did the same one file at a time, and also looked into every file of every package: of the 3.7 s of processor time
// that the API took to load it was 1.4 s, in each process, and 8 s at the first start after an installation.

const { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } = require('node:fs');
const { dirname, join, relative, sep } = require('node:path');

const ROOT = join(__dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/comptoir');

/** What the compiled text depends on beside the file itself. */
function compilerVersion() {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules/esbuild/package.json'), 'utf8'));
  return [version, statSync(__filename).mtimeMs, statSync(join(ROOT, 'tsconfig.json')).mtimeMs].join(' ');
}

/** Compiled files by name, of one top-level folder: { modified, size, code }. */
function compileFolder(folder) {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  const entryPoints = names
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(ROOT, folder, name));
  const before = new Map(entryPoints.map((file) => [file, statSync(file)]));
  const { outputFiles } = require('esbuild').buildSync({
    entryPoints,
    outdir: ROOT,
    outbase: ROOT,
    write: false,
    bundle: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    sourcesContent: false,
  });
  const files = {};
  for (const { path, text } of outputFiles) {
    const file = path.replace(/\.js$/, '.ts');
    const { mtimeMs: modified, size } = before.get(file);
    files[relative(ROOT, file)] = { modified, size, code: text };
  }
  return files;
}

function readCache(folder) {
  try {
    const { compiler, files } = JSON.parse(readFileSync(join(CACHE, `${folder}.json`), 'utf8'));
    return compiler === compilerVersion() ? files : {};
  } catch {
    return {};
  }
}

/** Written under another name first: several processes may start at once. Where we may not write, each start compiles. */
function writeCache(folder, files) {
  const unfinished = join(CACHE, `${folder}.${process.pid}.${Date.now()}`);
  try {
    mkdirSync(dirname(unfinished), { recursive: true });
    writeFileSync(unfinished, JSON.stringify({ compiler: compilerVersion(), files }));
    renameSync(unfinished, join(CACHE, `${folder}.json`));
  } catch {}
}

const folders = new Map();

/** The JavaScript of a file: as kept while the file is unchanged, else its folder is compiled anew. */
function compiled(file) {
  const name = relative(ROOT, file);
  const [folder] = name.split(sep);
  if (!folders.has(folder)) folders.set(folder, readCache(folder));
  const { mtimeMs, size } = statSync(file);
  const kept = folders.get(folder)[name];
  if (kept !== undefined && kept.modified === mtimeMs && kept.size === size) return kept.code;
  const files = compileFolder(folder);
  folders.set(folder, files);
  writeCache(folder, files);
  if (files[name] === undefined) throw new Error(`${file} is not TypeScript of this project.`);
  return files[name].code;
}

process.setSourceMapsEnabled(true);
require.extensions['.ts'] = (module, file) => module._compile(compiled(file), file);
