// Jest's environment of our tests: all files of a worker run in the worker's own realm, and its modules are compiled once.

// Jest gives each file a realm (a `vm` context) of its own and compiles every module in it anew. A test file loads 1,370
// modules (350 of ours): that was 4 s of processor time of each of 170 files, and everything else ran slower too, since
// each global name is looked up through jest's proxy. Modules are still executed anew for each file, so the state of our
// own modules does not pass from one file to the next; what a file changes on `globalThis` or `process` is put back.

const { join, sep } = require('node:path');
const vm = require('node:vm');
const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

const { dependencies, devDependencies } = require('../../package.json');

/** Replaces jest's context by the worker's own realm. */
const WORKER_REALM = Object.freeze({});

/** The packages that we import. Node loads them, once a worker; jest's own modules have state of the file that is run. */
const PACKAGES = Object.keys({ ...dependencies, ...devDependencies })
  .filter((name) => !name.includes('jest'))
  .map((name) => join(__dirname, '../../node_modules', name, sep));

/** Compiled modules by file name. */
const compiled = new Map();

/** The content of `globalThis`, `process` and the environment before the file's own code runs. */
let worlds = new Map();

/** Loads a module of a package. What it adds to `globalThis` then stays, since it is loaded only once. */
function loadPackage(filename) {
  const before = new Set(Reflect.ownKeys(globalThis));
  const loaded = require(filename);
  for (const key of Reflect.ownKeys(globalThis)) {
    if (!before.has(key)) worlds.get(globalThis).set(key, Object.getOwnPropertyDescriptor(globalThis, key));
  }
  return loaded;
}

function compile(compileFunction, code, parameters, options) {
  const { filename } = options;
  if (PACKAGES.some((folder) => filename.startsWith(folder))) {
    return (module) => {
      module.exports = loadPackage(filename);
      // Each file registers our plugins with the one Pothos anew.
      if (filename.includes('/@pothos/core/')) module.exports.default.allowPluginReRegistration = true;
    };
  }
  const known = compiled.get(filename);
  if (known !== undefined && known.code === code) return known.run;
  const run = compileFunction(code, parameters, { ...options, parsingContext: undefined });
  compiled.set(filename, { code, run });
  return run;
}

const { compileFunction } = vm;
vm.compileFunction = (code, parameters, options) =>
  options?.parsingContext === WORKER_REALM
    ? compile(compileFunction, code, parameters, options)
    : compileFunction(code, parameters, options);

/** Remembers an object's properties as they are now, for `putBack`. */
const propertiesOf = (object) =>
  new Map(Reflect.ownKeys(object).map((key) => [key, Object.getOwnPropertyDescriptor(object, key)]));

function putBack(object, properties) {
  for (const key of Reflect.ownKeys(object)) {
    if (!properties.has(key)) Reflect.deleteProperty(object, key);
  }
  for (const [key, before] of properties) {
    const now = Object.getOwnPropertyDescriptor(object, key);
    if (now?.value !== before.value || now?.get !== before.get) Reflect.defineProperty(object, key, before);
  }
}

class WorkerEnvironment {
  constructor({ projectConfig }) {
    this.global = globalThis;
    // Stays for the next file: databases that tests have given back (database.ts).
    globalThis[Symbol.for('comptoir.keptDatabases')] ??= [];
    worlds = new Map([globalThis, process, process.env].map((object) => [object, propertiesOf(object)]));
    // What jest itself needs while a test has replaced them.
    globalThis[Symbol.for('jest-native-now')] = Date.now;
    globalThis[Symbol.for('jest-native-promise')] = Promise;
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimers = null;
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  async setup() {}

  async teardown() {
    this.fakeTimersModern.dispose();
    this.moduleMocker.restoreAllMocks();
    for (const [object, properties] of worlds) putBack(object, properties);
    this.global = null;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return WORKER_REALM;
  }
}

module.exports = WorkerEnvironment;
