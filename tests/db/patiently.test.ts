// patiently: a read is tried again while the database is away, and only then.

import net from 'node:net';
import { openDb } from '../../src/db/pool';
import { retryWhileUnreachable } from '../../src/db/transaction';
import { freshDatabase } from '../support/database';

/** A real pool on a port where, for a while, nobody listens; `open` lets it reach the database. */
async function behindAClosedDoor() {
  const database = await freshDatabase();
  const there = new URL(database.url);
  const sockets = new Set<net.Socket>();
  const door = net.createServer((client) => {
    const server = net.connect(Number(there.port), there.hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    client.pipe(server).pipe(client);
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const { port } = door.address() as net.AddressInfo;
  await new Promise((resolve) => door.close(resolve));
  const url = new URL(database.url);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  const db = openDb(url.href, 2);
  return {
    db,
    open: () => new Promise<void>((resolve) => door.listen(port, '127.0.0.1', resolve)),
    async close() {
      await db.close();
      for (const socket of sockets) socket.destroy();
      door.close();
      await database.drop();
    },
  };
}

test('it waits until the database answers, asking again', async () => {
  const { db, open, close } = await behindAClosedDoor();
  try {
    let tries = 0;
    const read = async () => {
      tries += 1;
      if (tries === 3) await open();
      return db.rows('SELECT 7 AS n');
    };
    expect(await retryWhileUnreachable(read, () => false)).toEqual([{ n: 7 }]);
    expect(tries).toBe(3);
  } finally {
    await close();
  }
});

test('it stops when its reader has gone, and never repeats a bug', async () => {
  const { db, open, close } = await behindAClosedDoor();
  try {
    let tries = 0;
    const read = () => {
      tries += 1;
      return db.rows('SELECT 7 AS n');
    };
    await expect(retryWhileUnreachable(read, () => tries === 2)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    expect(tries).toBe(2);
    await open();
    const bug = () => {
      tries += 1;
      return db.rows('SELECT 7 FROM nowhere');
    };
    await expect(retryWhileUnreachable(bug, () => false)).rejects.toMatchObject({ code: '42P01' });
    expect(tries).toBe(3);
  } finally {
    await close();
  }
});
