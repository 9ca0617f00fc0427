// Loaded before a program (node --require): when it ends, prints its processor time and largest memory as JSON.

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const measured = { processorSeconds: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1024 };
  require('node:fs').writeSync(1, JSON.stringify(measured));
});
