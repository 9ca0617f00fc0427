// npm run bench:customers -- --customers 1000000 --interactions 50: how long an agent waits for a customer, a timeline and a context.

import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { startEmbedded } from '../../src/db/embedded/embedded';
import { migrate } from '../../src/db/migrate';
import { openDb } from '../../src/db/pool';
import { temporaryFolder } from '../support/leftovers';
import { type Program, startProgram, UNLIMITED } from '../support/process';
import { newToken } from '../support/world';
import { SECRET_KEY } from './benchSetup';
import { accountOf, type CustomersSize, fillCustomers, nameAccounts } from './customersWorld';
import { newClient } from './load';

const print = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};
const progress = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const CONNECTIONS = 4;
/** Required of each request. */
const MAX_P99_MS = 100;
/** Customers that are looked up; random, and the largest. */
const SAMPLED = 2_000;

function readSize(): { size: CustomersSize; requests: number } {
  const { values } = parseArgs({
    options: {
      customers: { type: 'string', default: '1000000' },
      interactions: { type: 'string', default: '5' },
      most: { type: 'string', default: '100000' },
      requests: { type: 'string', default: '2000' },
    },
  });
  const number = (name: keyof typeof values): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${name} is '${values[name]}'; it must be a whole number above 0.`);
    return value;
  };
  const size = { customers: number('customers'), interactions: number('interactions'), most: number('most') };
  return { size, requests: number('requests') };
}

const TIMELINE = `query ($by: CustomerKey!, $filter: InteractionFilter, $after: String) {
  customerTimeline(by: $by, filter: $filter, after: $after) {
    nodes { kind at channel source isVerified identifier { kind value } } pageInfo { endCursor hasNextPage } } }`;
const CUSTOMER = `query ($by: CustomerKey!) { customer(by: $by) { id name
  identifiers { kind value standing verifiedAt joinedBy } claimedIdentifiers { kind value }
  attributes { attribute value rule source } preferences { contactChannel language }
  openOrders { isLate } returnables { quantity } purchases { channel purchases lastAt value { amountMinor } } figures { orders } } }`;

const CONTEXT = `query ($by: CustomerKey!) { customerContext(by: $by) {
  customer { id name identifiers { kind value standing joinedBy } preferences { contactChannel language }
    openOrders { isLate } returnables { quantity } purchases { channel purchases lastAt } figures { orders } }
  lastContacts { channel direction at topic state promise } openCases { number topic status }
  contactPromises { promise promisedFor overdueMinutes } suggestions { kind } } }`;

interface Measured {
  name: string;
  query: string;
  variables: (n: number) => object;
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;

async function main(): Promise<void> {
  const { size, requests } = readSize();
  const folder = temporaryFolder();
  const count = (n: number): string => n.toLocaleString('en');
  print(
    `${count(size.customers)} customers, ${count(size.customers * size.interactions)} interactions, ${count(size.most)} more of one customer`,
  );
  const server = await startEmbedded({ dataDir: folder, fsync: false });
  const db = openDb(server.url, CONNECTIONS);
  let program: Program | null = null;
  try {
    await migrate(db.pool);
    const agent = await newToken(db, 'AGENT');
    const web = await newToken(db, 'STOREFRONT', 'web');
    const [storefront] = await db.rows<{ id: number }>("SELECT id FROM actor WHERE name = 'web'");
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await fillCustomers(client, size, storefront!.id, progress);
    const sampled = Array.from(
      { length: Math.min(SAMPLED, size.customers - 1) },
      (_, i) => 1 + ((i * 7_919) % (size.customers - 1)),
    );
    await nameAccounts(client, Buffer.from(SECRET_KEY), [0, ...new Set(sampled)], storefront!.id);
    await client.end();

    const env = {
      ...UNLIMITED,
      DATABASE_URL: server.url,
      SECRET_KEY,
      LOG_LEVEL: 'warn',
      JOBS: 'false',
      API_PROCESSES: '1',
    };
    program = await startProgram({ env }).ready();
    const requester = newClient(program.url, CONNECTIONS);
    const by = (n: number): object => ({ account: accountOf(sampled[n % sampled.length]!) });
    const largest = { account: accountOf(0) };
    const deep = (
      await requester.send(agent, TIMELINE, {
        by: largest,
        filter: { to: new Date(Date.now() - 500 * 86_400_000) },
      })
    ).data.customerTimeline.pageInfo.endCursor as string;
    const measured: (Measured & { token?: string })[] = [
      { name: 'timeline, first page', query: TIMELINE, variables: (n) => ({ by: by(n) }) },
      { name: '… of the storefront', query: TIMELINE, variables: (n) => ({ by: by(n) }), token: web },
      { name: '… of the largest customer', query: TIMELINE, variables: () => ({ by: largest }) },
      { name: '… deep in it', query: TIMELINE, variables: () => ({ by: largest, after: deep }) },
      {
        name: '… one kind of 50 of it',
        query: TIMELINE,
        variables: () => ({ by: largest, filter: { kinds: ['PURCHASE'] } }),
      },
      { name: 'customer', query: CUSTOMER, variables: (n) => ({ by: by(n) }) },
      { name: '… the largest', query: CUSTOMER, variables: () => ({ by: largest }) },
      { name: 'context of an agent', query: CONTEXT, variables: (n) => ({ by: by(n) }) },
      { name: '… of the largest', query: CONTEXT, variables: () => ({ by: largest }) },
    ];
    print('request                        p50 ms   p99 ms');
    for (const { name, query, variables, token = agent } of measured) {
      const times: number[] = [];
      let next = 0;
      const worker = async (): Promise<void> => {
        while (next < requests) {
          const n = next++;
          const begun = performance.now();
          const { data } = await requester.send(token, query, variables(n));
          times.push(performance.now() - begun);
          if (Object.values(data).includes(null)) throw new Error(`${name}: request ${n} found nobody`);
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, worker));
      const sorted = times.slice(Math.floor(times.length / 10)).sort((a, b) => a - b);
      const [p50, p99] = [quantile(sorted, 0.5), quantile(sorted, 0.99)];
      const verdict = p99 > MAX_P99_MS ? `  MISSED: at most ${MAX_P99_MS} ms was required` : '';
      print(`${name.padEnd(28)} ${p50.toFixed(1).padStart(8)} ${p99.toFixed(1).padStart(8)}${verdict}`);
    }
    requester.close();
  } finally {
    program?.kill('SIGTERM');
    await program?.exited;
    await db.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  progress(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
