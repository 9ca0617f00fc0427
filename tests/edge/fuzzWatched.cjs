// Loaded into the program before its own code, by `npm run fuzz`: tells of its memory when asked (SIGUSR2), and when its
// event loop stood still.

const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

const BEAT_MS = 20;
const STALL_MS = 150;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
const tell = (what) => process.stderr.write(`FUZZ ${JSON.stringify({ pid: process.pid, ...what })}\n`);

process.on('SIGUSR2', () => {
  // What finalizers let go is collected by the second one.
  gc();
  setImmediate(() => {
    gc();
    const { rss, heapUsed, external } = process.memoryUsage();
    tell({ rss, heapUsed, external });
  });
});

let last = performance.now();
let spent = process.cpuUsage();
setInterval(() => {
  const now = performance.now();
  const ms = now - last - BEAT_MS;
  const cpu = process.cpuUsage(spent);
  if (ms > STALL_MS) {
    const cpuMs = Math.round((cpu.user + cpu.system) / 1_000);
    tell({ stallMs: Math.round(ms), cpuMs, at: Date.now() });
  }
  last = now;
  spent = process.cpuUsage();
}, BEAT_MS).unref();
