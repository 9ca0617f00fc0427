// The HTTP server: its timeouts, connection limits, and draining of requests at shutdown.

import { createServer, IncomingMessage, type Server, type ServerOptions, ServerResponse } from 'node:http';
import type { Express } from 'express';
import type { Parts } from '../graphql/context';
import { createApp } from './app';
import { ClientAddresses } from './clientAddress';
import { listenOn } from './listenAddress';

/** How long a client may take. The answer to one that is too slow is 408, and the end of its connection. */
const TIMEOUTS: ServerOptions = {
  /** From the first byte, or from nothing, to the last header. */
  headersTimeout: 10_000,
  /** To the end of the body: half a megabyte over a bad line. */
  requestTimeout: 30_000,
  /** Between two requests: longer than the minute of load balancers, so that the load balancer closes first. */
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
};
/**
 * A connection is closed after so long without traffic, also one with a client that reads no answers, to which no
 * other limit applies. Streams are pinged more often, and no request takes this long: the slowest are simulations, at most a minute
 * (DRY_RUN_SECONDS).
 */
const SILENCE_MS = 75_000;
/** Connections of one process beside those of its subscriptions; past them connections are closed as they come. */
const MAX_OTHER_CONNECTIONS = 2_000;
/**
 * Requests that one connection carries when several processes serve the port. Connections are dealt out, not requests:
 * 64 that came at once went 18 to one process and 46 to the other, and one that was replaced would have none. A
 * connection that ends now and then is dealt anew, for a thousandth of what its requests cost.
 */
const REQUESTS_PER_CONNECTION = 500;
const IDLE_POLL_MS = 50;

/** The open API, in this process or in several. */
export interface Api {
  port: number;
  /** Rejects when it cannot go on. */
  lost: Promise<never>;
  /** Resolves when the server has stopped listening; from then on requests under way have `drainSeconds`. */
  leave(): Promise<void>;
  /** Resolves, after `leave`, when the last request has its answer. */
  left(): Promise<void>;
  /** Ends the connections of requests still under way. */
  closeNow(): void;
}

/**
 * Requests and responses that are created with Express's prototypes. Else Express changes the prototype of each, and V8's young
 * collections then keep what they should free: in a bare Express more than half of all bytes survived one, now almost none.
 */
function withPrototypesOf(app: Express): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  class Incoming extends IncomingMessage {}
  class Outgoing<R extends IncomingMessage> extends ServerResponse<R> {}
  app.request = Object.setPrototypeOf(Incoming.prototype, app.request);
  app.response = Object.setPrototypeOf(Outgoing.prototype, app.response);
  return { IncomingMessage: Incoming, ServerResponse: Outgoing };
}

/**
 * Closes connections beyond the limit per address, so that no address takes all. Behind a trusted proxy
 * every connection is the proxy's, and does not identify the client of a request.
 */
function limitConnections(server: Server, { config, secretKey }: Parts): void {
  const { connectionsPerAddress: most } = config.callerLimits;
  if (config.trustProxy !== false || most === 0) return;
  const addresses = new ClientAddresses(false, secretKey);
  const counts = new Map<string, number>();
  server.on('connection', (socket) => {
    const key = addresses.keyOfSocket(socket);
    const its = (counts.get(key) ?? 0) + 1;
    if (its > most) {
      socket.destroy();
      return;
    }
    counts.set(key, its);
    socket.once('close', () => {
      const left = counts.get(key)! - 1;
      if (left === 0) counts.delete(key);
      else counts.set(key, left);
    });
  });
}

/** Listens on `port`, which this process shares with others when `dealt`. @throws OperatorError for a port that cannot be had */
export async function openApi(parts: Parts, port: number, dealt = false): Promise<Api> {
  const { hub, config, db } = parts;
  // Loaded now, not by the first request.
  void db.prisma;
  const app = createApp(parts);
  const server = createServer({ ...TIMEOUTS, ...withPrototypesOf(app) }, app);
  server.maxConnections = config.callerLimits.streamsPerProcess + MAX_OTHER_CONNECTIONS;
  limitConnections(server, parts);
  server.timeout = SILENCE_MS;
  if (dealt) server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  let closed: Promise<unknown> = Promise.resolve();
  let ended: Promise<void> = Promise.resolve();
  return {
    port: await listenOn(server, config.host, port),
    lost: new Promise(() => {}),
    async leave() {
      closed = new Promise((resolve) => server.close(resolve));
      // Connections without a request are closed as soon as they have none; subscriptions get a message to reconnect.
      const idle = setInterval(() => server.closeIdleConnections(), IDLE_POLL_MS);
      const tooLate = setTimeout(() => server.closeAllConnections(), config.drainSeconds * 1_000);
      ended = Promise.all([hub.close(), closed]).then(() => {
        clearInterval(idle);
        clearTimeout(tooLate);
      });
    },
    left: () => ended,
    closeNow: () => server.closeAllConnections(),
  };
}
