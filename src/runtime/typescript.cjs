// Lets Node run the project's TypeScript (node --require): compiles a folder's files at once, and keeps the result on disk.

// tsx did the same one file at a time, and also looked into every file of every package: of the 3.7 s of processor time
// that the API took to load it was 1.4 s, in each process, and 8 s at the first start after an installation. All files of
// a folder are functions of one script, and files find each other in it: to read, look for and parse each of the 400 that
// the API loads, and the source maps of these and of packages, was 0.3 s of the 1.85 s that were left. The script is kept
// as Latin-1 beside V8's code of it: to decode 3.4 MB of UTF-8 and parse them was 0.1 s of each process and each thread.

const { randomUUID } = require('node:crypto');
const { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join, relative, sep } = require('node:path');
const { cachedDataVersionTag } = require('node:v8');
const vm = require('node:vm');

const ROOT = join(__dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/comptoir');

/** What the compiled text depends on beside the file itself. */
function compilerVersion() {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules/esbuild/package.json'), 'utf8'));
  return [version, statSync(__filename).mtimeMs, statSync(join(ROOT, 'tsconfig.json')).mtimeMs].join(' ');
}

/** Only these can be read from disk without decoding. Others occur in regular expressions, which know the escape too. */
const BEYOND_LATIN1 = /[^\0-\xff]/g;
const escaped = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * The files of one top-level folder, compiled: a script whose value has a function for each, the { modified, size } of
 * each, and the script's source map.
 */
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
    // A script that may import warns of it on standard error: `import` becomes `require`.
    supported: { 'dynamic-import': false },
    sourcemap: 'external',
    sourcesContent: false,
  });
  const outputs = new Map(outputFiles.map(({ path, text }) => [path, text]));
  const files = {};
  const functions = [];
  const sections = [];
  // One line comes before the first function: the beginning of the object.
  let line = 1;
  for (const file of entryPoints) {
    const name = relative(ROOT, file);
    const output = file.replace(/\.ts$/, '.js');
    const { mtimeMs: modified, size } = before.get(file);
    files[name] = { modified, size };
    const text = outputs.get(output).replace(BEYOND_LATIN1, escaped);
    functions.push(
      `${JSON.stringify(name)}(exports, require, module, __filename, __dirname) {\n${text}\n},\n`,
    );
    const map = { ...JSON.parse(outputs.get(`${output}.map`)), sources: [file] };
    sections.push({ offset: { line: line + 1, column: 0 }, map });
    line += text.split('\n').length + 2;
  }
  const script = `({\n${functions.join('')}})\n//# sourceMappingURL=${folder}.js.map\n`;
  return { files, script, map: JSON.stringify({ version: 3, sections }) };
}

/** Written under another name first: several processes may start at once. Where we may not write, each start compiles. */
function write(name, text) {
  const unfinished = join(CACHE, `${name}.${process.pid}.${Date.now()}`);
  try {
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(unfinished, text);
    renameSync(unfinished, join(CACHE, name));
  } catch {}
}

/** V8's code of the script `id`, for this version of V8 with these flags; undefined when none is kept. */
function readCode(name, id) {
  try {
    const bytes = readFileSync(join(CACHE, name));
    return bytes.latin1Slice(0, id.length) === id ? bytes.subarray(id.length) : undefined;
  } catch {
    return undefined;
  }
}

/** The functions of the script of a folder. V8 takes the code of any script of the same length: the `id` says which it is of. */
function runScript(folder, id, script) {
  const name = `${folder}.${cachedDataVersionTag()}.code`;
  const cachedData = readCode(name, id);
  const compiledScript = new vm.Script(script, { filename: join(CACHE, `${folder}.js`), cachedData });
  if (cachedData === undefined || compiledScript.cachedDataRejected)
    write(name, Buffer.concat([Buffer.from(id, 'latin1'), compiledScript.createCachedData()]));
  return compiledScript.runInThisContext();
}

/** The first line of what is written says what the script after it was made of. */
function writeFolder(folder, id, { files, script, map }) {
  const head = JSON.stringify({ id, compiler: compilerVersion(), files });
  write(`${folder}.js.map`, map);
  write(`${folder}.js`, Buffer.from(`${head}\n${script}`, 'latin1'));
}

function readFolder(folder) {
  try {
    const bytes = readFileSync(join(CACHE, `${folder}.js`));
    const begin = bytes.indexOf('\n') + 1;
    const { id, compiler, files } = JSON.parse(bytes.latin1Slice(0, begin));
    if (compiler !== compilerVersion()) throw new Error('compiled by another version');
    const functions = runScript(folder, id, bytes.latin1Slice(begin));
    return { files, functions, map: () => readFileSync(join(CACHE, `${folder}.js.map`), 'utf8') };
  } catch {
    return { files: {}, functions: {} };
  }
}

/** Compiled folders by name. */
const folders = new Map();

/** The function of a file: as kept while the file is unchanged, else its folder is compiled anew. */
function compiled(file) {
  const name = relative(ROOT, file);
  const [folder] = name.split(sep);
  if (!folders.has(folder)) folders.set(folder, readFolder(folder));
  const { mtimeMs, size } = statSync(file);
  const { files, functions } = folders.get(folder);
  if (files[name]?.modified === mtimeMs && files[name].size === size) return functions[name];
  const made = compileFolder(folder);
  const id = randomUUID();
  writeFolder(folder, id, made);
  folders.set(folder, {
    files: made.files,
    functions: runScript(folder, id, made.script),
    map: () => made.map,
  });
  const run = folders.get(folder).functions[name];
  if (run === undefined) throw new Error(`${file} is not TypeScript of this project.`);
  return run;
}

/** What a file has for `require`: without looking for files of the project, whose names are known. */
function requireOf(module, dir) {
  function requireFrom(request) {
    if (!request.startsWith('.')) return module.require(request);
    const file = `${join(dir, request)}.ts`;
    const loaded = Module._cache[file];
    return loaded?.loaded ? loaded.exports : module.require(request);
  }
  requireFrom.resolve = (request, options) => Module._resolveFilename(request, module, false, options);
  requireFrom.main = process.mainModule;
  requireFrom.cache = Module._cache;
  return requireFrom;
}

require.extensions['.ts'] = (module, file) => {
  const dir = dirname(file);
  compiled(file).call(module.exports, module.exports, requireOf(module, dir), module, file, dir);
};

/** Source maps by script, parsed when the first error comes from it. */
const maps = new Map();

function sourceMap(folder) {
  let map = maps.get(folder);
  if (map === undefined) {
    map = new Module.SourceMap(JSON.parse(folder.map()));
    maps.set(folder, map);
  }
  return map;
}

/** A line of a stack, with the place in the TypeScript. */
function frame(site) {
  const script = site.getFileName();
  const folder = script?.startsWith(CACHE)
    ? folders.get(script.slice(CACHE.length + 1, -'.js'.length))
    : undefined;
  if (folder === undefined) return String(site);
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
  const { originalSource, originalLine, originalColumn } = sourceMap(folder).findEntry(line - 1, column - 1);
  if (originalSource === undefined) return String(site);
  return String(site).replace(
    `${script}:${line}:${column}`,
    `${originalSource}:${originalLine + 1}:${originalColumn + 1}`,
  );
}

// Not Node's own: it reads the maps of packages too, before any error needs them.
Error.prepareStackTrace = (error, sites) =>
  [Error.prototype.toString.call(error), ...sites.map((site) => `    at ${frame(site)}`)].join('\n');
