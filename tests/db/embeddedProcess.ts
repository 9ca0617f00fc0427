// A process of its own that holds an embedded server: `embedded.test.ts` starts, interrupts and kills it.

import { Client } from 'pg';
import { startEmbedded } from '../../src/db/embedded/embedded';

function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function main(dataDir: string): Promise<void> {
  const embedded = await startEmbedded({ dataDir, fsync: false });
  const client = new Client({ connectionString: embedded.url });
  await client.connect();
  // Like the program's drain: finish what is open, here half a second of work, then stop the server.
  process.once('SIGINT', async () => {
    const { rows } = await client.query('SELECT 42 AS answer FROM pg_sleep(0.5)');
    await client.end();
    await embedded.stop();
    say({ drained: rows[0] });
    process.exit(0);
  });
  say({ url: embedded.url, attached: embedded.attached, firstStart: embedded.firstStart });
}

void main(process.argv[2] ?? '');
