// Faults at seeded points: the connection that is cut before or after the n-th statement of a transaction, and a bug in its place.

import type pg from 'pg';
import type { Db } from '../../src/db/pool';

/** What goes wrong at the n-th statement from now on that is sent within transactions. */
export interface Fault {
  /** 1 is the next statement. BEGIN and COMMIT count. */
  at: number;
  /** The statement never arrives; it is done and nobody hears of it; the program itself breaks there. */
  how: 'CUT_BEFORE' | 'CUT_AFTER' | 'BUG';
}

/** Arms the next fault; one that was armed before and did not come to pass is forgotten. */
export type Arm = (fault: Fault | null) => void;

interface Wire {
  connection: { stream: { destroy(): void } };
}

/** Puts itself between this pool's transactions and the server. */
export function faulty(db: Db): Arm {
  let armed: Fault | null = null;
  const { pool } = db;
  const wrapped = new WeakSet<pg.PoolClient>();

  function wrap(client: pg.PoolClient): void {
    if (wrapped.has(client)) return;
    wrapped.add(client);
    const send = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    const cut = (): void => (client as unknown as Wire).connection.stream.destroy();
    const meet = async (...args: unknown[]): Promise<unknown> => {
      if (armed === null || --armed.at > 0) return send(...args);
      const { how } = armed;
      armed = null;
      if (how === 'BUG') throw new Error('a seeded bug');
      if (how === 'CUT_BEFORE') cut();
      const result = await send(...args);
      cut();
      if (how === 'CUT_AFTER') throw new Error('Connection terminated unexpectedly');
      return result;
    };
    // With a callback it is the pool itself, for a single statement outside of transactions.
    client.query = ((...args: unknown[]) =>
      typeof args.at(-1) === 'function' ? send(...args) : meet(...args)) as typeof client.query;
  }

  const connect = pool.connect.bind(pool) as (...args: unknown[]) => unknown;
  pool.connect = ((...args: unknown[]) => {
    if (args.length > 0) return connect(...args);
    return (connect() as Promise<pg.PoolClient>).then((client) => {
      wrap(client);
      return client;
    });
  }) as typeof pool.connect;
  return (fault) => {
    armed = fault && { ...fault };
  };
}
