// The address a request comes from, as a key for its limits: one of a fixed number, and not the address itself.

import { createHmac } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Request } from 'express';
import ipaddr from 'ipaddr.js';

/**
 * Addresses are spread over so many keys. So memory is bounded whoever calls, and no address is kept. Two addresses share
 * a key seldom, and which ones do cannot be foreseen without the server's secret.
 */
const KEYS = 16_384;
/** Addresses named by proxies whose keys are remembered. */
const MAX_REMEMBERED = 4_096;
/** One customer of a provider has a whole /64 of IPv6, and as many addresses as they like within it. */
const IPV6_GROUPS = 4;
const UNKNOWN = 'unknown';

/** What counts as one address: an IPv4 address, or the first 64 bits of an IPv6 address. */
export function networkOf(address: string | undefined): string {
  const bare = (address ?? '').replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (!ipaddr.isValid(bare)) return UNKNOWN;
  // An IPv4 address in IPv6's clothes, as sockets that take both show it, is the IPv4 address.
  const parsed = ipaddr.process(bare);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return parsed.parts
    .slice(0, IPV6_GROUPS)
    .map((group) => group.toString(16))
    .join(':');
}

/** Gives addresses their keys; all processes with one secret give the same. */
export class ClientAddresses {
  readonly #bySocket = new WeakMap<Socket, string>();
  readonly #named = new Map<string, string>();

  constructor(
    private readonly trustProxy: boolean | number | string,
    private readonly secretKey: Buffer,
  ) {}

  /** The key of whoever sent the request; behind proxies that are trusted that is whom they name. */
  keyOf(req: Request): string {
    if (this.trustProxy === false) return this.keyOfSocket(req.socket);
    const { ip } = req;
    // What a proxy wrongly passes on is no address: then its own counts.
    if (ip === undefined || networkOf(ip) === UNKNOWN) return this.keyOfSocket(req.socket);
    let key = this.#named.get(ip);
    if (key === undefined) {
      key = this.#keyOf(ip);
      if (this.#named.size >= MAX_REMEMBERED) this.#named.clear();
      this.#named.set(ip, key);
    }
    return key;
  }

  /** The key of the other end of a connection. */
  keyOfSocket(socket: Socket): string {
    let key = this.#bySocket.get(socket);
    if (key === undefined) {
      key = this.#keyOf(socket.remoteAddress);
      this.#bySocket.set(socket, key);
    }
    return key;
  }

  #keyOf(address: string | undefined): string {
    const mac = createHmac('sha256', this.secretKey)
      .update(`client address ${networkOf(address)}`)
      .digest();
    return `a${mac.readUInt32BE(0) % KEYS}`;
  }
}
