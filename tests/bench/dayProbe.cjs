// Preloaded into the program under test (NODE_OPTIONS): writes the size of its live heap on SIGUSR2, and shifts its clock.
// Required, not imported: with an --import in NODE_OPTIONS Node reads the main program as a module too, and .ts is none to it.
// BENCH_INSIDE is a folder: <pid>.heap is written there, and `clock` there has the offset of the clock in milliseconds.

const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');
const { isMainThread } = require('node:worker_threads');

const folder = process.env.BENCH_INSIDE;
const CLOCK_POLL_MS = 20;

function writeHeap() {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc');
  process.on('SIGUSR2', () => {
    collect();
    const file = join(folder, `${process.pid}.heap`);
    writeFileSync(`${file}.new`, String(process.memoryUsage().heapUsed));
    renameSync(`${file}.new`, file);
  });
}

/** The clock of this process only: what a wrong NTP server or a resumed machine does to one host. */
function shiftClock() {
  const file = join(folder, 'clock');
  const Right = Date;
  let offsetMs = 0;
  globalThis.Date = new Proxy(Right, {
    construct: (target, words, made) =>
      Reflect.construct(target, words.length === 0 ? [Right.now() + offsetMs] : words, made),
    apply: () => new Right(Right.now() + offsetMs).toString(),
    get: (target, name) =>
      name === 'now' ? () => Right.now() + offsetMs : Reflect.get(target, name, target),
  });
  setInterval(() => {
    try {
      offsetMs = Number(readFileSync(file, 'utf8'));
    } catch {
      // It is not set.
    }
  }, CLOCK_POLL_MS).unref();
}

if (folder && isMainThread) {
  writeHeap();
  if (process.env.BENCH_CLOCK) shiftClock();
}
