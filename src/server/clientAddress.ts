// Key of a client's address for its limits: one of a fixed number of keys, not the address itself.

import { createHmac } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Request } from 'express';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import type { EdgeConfig } from '../config/edge';
import { oncePer } from '../values/oncePer';

/**
 * Addresses are spread over so many keys, so that memory is bounded for any clients and no address is stored. Two addresses
 * share a key seldom, and which ones do cannot be foreseen without the server's secret.
 */
const KEYS = 16_384;
/** Maximum number of addresses named by proxies with cached keys. */
const MAX_CACHED = 4_096;
/** One customer of a provider has a whole /64 of IPv6, and may use any address within it. */
const IPV6_GROUPS = 4;
const UNKNOWN = 'unknown';

/** What counts as one address: an IPv4 address, or the first 64 bits of an IPv6 address. */
function networkOf(address: string | undefined): string {
  const bare = (address ?? '').replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (!ipaddr.isValid(bare)) return UNKNOWN;
  // Sockets that listen on both families show IPv4 addresses as ::ffff:1.2.3.4; `process` gives the IPv4 address.
  const parsed = ipaddr.process(bare);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return parsed.parts
    .slice(0, IPV6_GROUPS)
    .map((group) => group.toString(16))
    .join(':');
}

/** Gives addresses their keys; all processes with one secret give the same. */
export class ClientAddresses {
  readonly #named = new LRUCache<string, string>({ max: MAX_CACHED });

  constructor(
    private readonly trustProxy: EdgeConfig['trustProxy'],
    private readonly secretKey: Buffer,
  ) {}

  /** The key of the client that sent the request: the one that trusted proxies name, or the other end of the connection. */
  keyOf(req: Request): string {
    if (this.trustProxy === false) return this.keyOfSocket(req.socket);
    const { ip } = req;
    // A proxy may pass on text that is not an address; then the proxy's own address counts.
    if (ip === undefined || networkOf(ip) === UNKNOWN) return this.keyOfSocket(req.socket);
    let key = this.#named.get(ip);
    if (key === undefined) {
      key = this.#keyOf(ip);
      this.#named.set(ip, key);
    }
    return key;
  }

  /** The key of the other end of a connection. */
  readonly keyOfSocket = oncePer((socket: Socket) => this.#keyOf(socket.remoteAddress));

  #keyOf(address: string | undefined): string {
    const mac = createHmac('sha256', this.secretKey)
      .update(`client address ${networkOf(address)}`)
      .digest();
    return `a${mac.readUInt32BE(0) % KEYS}`;
  }
}
