// One LISTEN connection to PostgreSQL that reconnects whenever it is lost.

import pg from 'pg';
import type { Logger } from 'pino';
import type { NoticeChannel } from '../../db/notify';

const CHANNELS: NoticeChannel[] = ['stock', 'orders'];

/** Name of the connection in pg_stat_activity. */
export const LISTENER_NAME = 'comptoir-listen';

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5_000;
const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 5_000;

export interface EarEvents {
  /** It receives from here on; before, notices may have been missed. */
  opened(): void;
  received(channel: NoticeChannel, payload: string): void;
}

/** A connection outside the pool: LISTEN belongs to a session that must not be reused or reset. */
export class Ear {
  #client: pg.Client | null = null;
  #open = false;
  #closed = false;
  #wanted = false;
  #backoffMs = FIRST_BACKOFF_MS;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly url: string,
    private readonly log: Logger,
    private readonly heartbeatMs: number,
    private readonly events: EarEvents,
  ) {}

  /** True while every notice is received. */
  get open(): boolean {
    return this.#open;
  }

  /** Connects, if it has not yet. */
  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    void this.#connect();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#open = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#client?.end().catch(() => {});
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: LISTENER_NAME,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
    });
    this.#client = client;
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client));
    client.on('notification', ({ channel, payload }) => {
      if (payload) this.events.received(channel as NoticeChannel, payload);
    });
    try {
      await client.connect();
      for (const channel of CHANNELS) await client.query(`LISTEN ${channel}`);
    } catch (error) {
      this.#lost(client, error);
      return;
    }
    if (this.#client !== client || this.#closed) return;
    this.#open = true;
    this.#backoffMs = FIRST_BACKOFF_MS;
    this.events.opened();
    this.#beat(client);
  }

  /** A connection can break silently (a firewall, a cable); a periodic query detects it. */
  #beat(client: pg.Client): void {
    this.#timer = setTimeout(async () => {
      try {
        await client.query('SELECT 1');
        if (this.#client === client && !this.#closed) this.#beat(client);
      } catch (error) {
        this.#lost(client, error);
      }
    }, this.heartbeatMs).unref();
  }

  #lost(client: pg.Client, error?: unknown): void {
    if (this.#client !== client || this.#closed) return;
    this.#client = null;
    this.#open = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.log.warn(
      { err: error, retryMs: this.#backoffMs },
      'the connection for change notifications was lost; connecting again',
    );
    client.end().catch(() => {});
    this.#timer = setTimeout(() => void this.#connect(), this.#backoffMs).unref();
    this.#backoffMs = Math.min(this.#backoffMs * 2, MAX_BACKOFF_MS);
  }
}
