// Loaded into the program before its own code (node --require): measures what its main thread spends. After SIGWINCH it
// writes what was spent since the last time, and the longest that the event loop was held, both as processor time, so
// that other programs of a busy machine do not count.

const { readFileSync } = require('node:fs');

const BEAT_MS = 5;

/** Milliseconds of processor time of the main thread; of the whole process where the system does not report threads. */
function mainThreadMs() {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  }
}

let last = mainThreadMs();
let since = last;
let processSince = process.cpuUsage();
let blockedMs = 0;
// A timer fires once in a turn of the loop: what was spent between two beats is one turn and no more.
setInterval(() => {
  const now = mainThreadMs();
  blockedMs = Math.max(blockedMs, now - last);
  last = now;
}, BEAT_MS).unref();

process.on('SIGWINCH', () => {
  // After the beat that measures the turn before this one.
  setTimeout(() => {
    const { user, system } = process.cpuUsage(processSince);
    const now = mainThreadMs();
    const spent = { loopMs: now - since, cpuMs: (user + system) / 1_000, blockedMs };
    process.stderr.write(`SPENT ${JSON.stringify({ pid: process.pid, ...spent })}\n`);
    since = now;
    last = now;
    processSince = process.cpuUsage();
    blockedMs = 0;
  }, 2 * BEAT_MS);
});
