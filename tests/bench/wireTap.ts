// Listens in on the way to PostgreSQL: which statements a program sends, with their values, whatever code sends them.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A statement as it was sent; values in PostgreSQL's text form, null for NULL. */
export interface Sent {
  text: string;
  values: (string | null)[];
}

/** Strings and numbers of one message of PostgreSQL's protocol, read one after the other. */
class Reader {
  #at = 0;

  constructor(readonly bytes: Buffer) {}

  text(): string {
    const end = this.bytes.indexOf(0, this.#at);
    const text = this.bytes.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  int16(): number {
    this.#at += 2;
    return this.bytes.readInt16BE(this.#at - 2);
  }

  value(): string | null {
    const length = this.bytes.readInt32BE(this.#at);
    this.#at += 4;
    if (length < 0) return null;
    this.#at += length;
    return this.bytes.toString('utf8', this.#at - length, this.#at);
  }
}

/** Parses the messages of one client: an untyped message first, then typed ones (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
function listener(hear: (sent: Sent) => void): (bytes: Buffer) => void {
  const statements = new Map<string, string>();
  let rest: Buffer = Buffer.alloc(0);
  let begun = false;
  const read = (type: string, message: Reader): void => {
    if (type === 'P') {
      const name = message.text();
      statements.set(name, message.text());
    } else if (type === 'Q') hear({ text: message.text(), values: [] });
    else if (type === 'B') {
      message.text(); // the portal
      const text = statements.get(message.text()) ?? '';
      const formats = Array.from({ length: message.int16() }, () => message.int16());
      const values = Array.from({ length: message.int16() }, () => message.value());
      if (formats.includes(1))
        throw new Error('A value was sent in binary form, which this tap cannot read.');
      hear({ text, values });
    }
  };
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const typed = begun ? 1 : 0;
      if (rest.length < typed + 4) return;
      const length = rest.readInt32BE(typed);
      if (rest.length < typed + length) return;
      if (begun) read(String.fromCharCode(rest[0]!), new Reader(rest.subarray(5, length + 1)));
      begun = true;
      rest = rest.subarray(typed + length);
    }
  };
}

export interface Tap {
  /** The address to connect to instead. */
  url: string;
  /** What was sent since the last call. */
  recorded(): Sent[];
  close(): void;
}

/** A way to the server at `url` that is listened in on. No TLS. */
export async function tapOn(url: string): Promise<Tap> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let recorded: Sent[] = [];
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    const listen = listener((sent) => recorded.push(sent));
    client.on('data', (bytes: Buffer) => {
      listen(bytes);
      upstream.write(bytes);
    });
    upstream.pipe(client);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const here = new URL(url);
  here.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: here.href,
    recorded() {
      const all = recorded;
      recorded = [];
      return all;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
