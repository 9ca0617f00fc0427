// Sends what the fuzzer made, over HTTP or as bare bytes, and hears the answer to its end or its first event.

import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import type { Sending } from './fuzzPost';

/** How long a request that cannot end is waited for: the server's own patience is longer. */
const BYTES_MS = 400;

export interface FuzzAnswer {
  /** 0: nothing was answered. */
  status: number;
  type: string;
  text: string;
  ms: number;
}

/** The first event of a stream, which is then left; or the whole answer. */
async function read(response: IncomingMessage): Promise<string> {
  const streamed = response.headers['content-type']?.startsWith('text/event-stream') ?? false;
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) {
    text += chunk;
    // A line ends as HTTP says, not where JavaScript's `.` would end it: U+2028 may stand in JSON.
    const event = streamed ? /^data: ([^\r\n]+)\r?\n/m.exec(text) : null;
    if (event) {
      response.destroy();
      return event[1]!;
    }
  }
  return text;
}

export class FuzzClient {
  readonly #agent: Agent;
  constructor(
    private readonly url: string,
    connections: number,
    /** A request that takes longer has no bound. */
    readonly patienceMs: number,
  ) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections * 2 });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** @throws when the connection breaks, or after its patience */
  async send(sending: Sending, token: string | null): Promise<FuzzAnswer> {
    const begin = performance.now();
    const heard = sending.bytes
      ? await this.#bytes(sending.bytes, token ?? '')
      : await this.#http(sending, token);
    return { ...heard, ms: performance.now() - begin };
  }

  #http(sending: Sending, token: string | null): Promise<Omit<FuzzAnswer, 'ms'>> {
    const { method, path, body } = sending;
    const headers: Record<string, string | number> = {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-length': body.length }),
      ...sending.headers,
    };
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.url}${path}`,
        { method, headers, agent: this.#agent, signal: AbortSignal.timeout(this.patienceMs) },
        (response) => {
          read(response).then(
            (text) =>
              resolve({
                status: response.statusCode ?? 0,
                type: response.headers['content-type'] ?? '',
                text,
              }),
            reject,
          );
        },
      );
      sent.once('error', reject);
      sent.once('upgrade', (_response, socket) => {
        socket.destroy();
        resolve({ status: 101, type: '', text: '' });
      });
      sent.end(body);
    });
  }

  #bytes(bytes: Buffer, token: string): Promise<Omit<FuzzAnswer, 'ms'>> {
    const { hostname, port, host } = new URL(this.url);
    const filled = bytes.toString('latin1').replaceAll('TOKEN', token).replaceAll('HOST', host);
    return new Promise((resolve) => {
      const socket = connect(Number(port), hostname);
      let text = '';
      const over = (): void => {
        socket.destroy();
        const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? [];
        resolve({ status: Number(status ?? 0), type: 'bytes', text });
      };
      socket.setTimeout(BYTES_MS, over);
      socket.once('error', over);
      socket.once('close', over);
      socket.on('data', (data) => {
        text += data.toString('latin1');
      });
      socket.write(Buffer.from(filled, 'latin1'));
    });
  }
}
