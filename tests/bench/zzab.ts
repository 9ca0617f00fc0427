import { readFileSync } from 'node:fs';
import { openDb } from '../../src/db/pool';
import { fillWorld, newToken } from '../support/world';
import { newClient } from './load';

const OLD = '/tmp/p1-old';
const cpu = (pid: number) => {
  const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(f[11]) + Number(f[12])) * 10;
};
async function main() {
  const rounds = Number(process.argv[2] ?? 5);
  const secs = Number(process.argv[3] ?? 2);
  const conns = Number(process.argv[4] ?? 64);
  const env = {
    NODE_ENV: 'production',
    LOG_LEVEL: 'warn',
    JOBS: 'false',
    API_PROCESSES: '1',
    RATE_PER_TOKEN: '1000000',
    RATE_PER_ADDRESS: '1000000',
    RATE_WITHOUT_TOKEN: '1000000',
    CONCURRENT_WITHOUT_TOKEN: '10000',
  };
  const sides = [];
  for (const [name, root] of [
    ['old', OLD],
    ['new', `${__dirname}/../..`],
  ] as const) {
    const { startProgram, databaseUrl } = require(`${root}/tests/support/process`);
    const program = await startProgram({ env }).ready();
    const db = openDb(databaseUrl(program.dataDir), 2);
    await fillWorld(db);
    const token = await newToken(db, 'STOREFRONT');
    sides.push({
      name,
      program,
      client: newClient(program.url, conns),
      token,
      db,
      ends: require(`${root}/tests/support/process`).endPrograms,
    });
  }
  const out: Record<string, { rps: number[]; cpu: number[] }> = {};
  for (let r = 0; r < rounds; r += 1)
    for (const side of r % 2 ? [...sides].reverse() : sides)
      for (const [kind, token] of [
        ['token', side.token],
        ['none', null],
      ] as const) {
        const bytes = side.client.prepare(token, '{ __typename }', {});
        const end = performance.now() + secs * 1000;
        let n = 0;
        const c0 = cpu(side.program.pid);
        const t0 = performance.now();
        await Promise.all(
          Array.from({ length: conns }, async () => {
            while (performance.now() < end) {
              const a = await side.client.ask(bytes);
              if (a.status !== 200) throw new Error(String(a.body));
              n += 1;
            }
          }),
        );
        const key = `${side.name} ${kind}`;
        out[key] ??= { rps: [], cpu: [] };
        if (r > 0) {
          out[key].rps.push(n / ((performance.now() - t0) / 1000));
          out[key].cpu.push((cpu(side.program.pid) - c0) / n);
        }
      }
  const med = (l: number[]) => l.sort((a, b) => a - b)[Math.floor(l.length / 2)]!;
  for (const [k, v] of Object.entries(out))
    console.log(
      k.padEnd(10),
      med(v.rps).toFixed(0),
      '/s',
      med(v.cpu).toFixed(4),
      'ms cpu',
      'min',
      v.cpu[0]!.toFixed(4),
    );
  for (const s of sides) {
    s.client.close();
    await s.db.close();
    await s.ends();
  }
}
void main();
