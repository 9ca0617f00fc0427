// One HTTP connection of the load client: bytes in, answers out, no more than that.

import { connect, type Socket } from 'node:net';

/** An HTTP answer as it came; parse the body only where it matters. */
export interface HttpAnswer {
  status: number;
  /** The value of the header retry-after; null without one. */
  retryAfter: string | null;
  body: Buffer;
}

/** The server closed, refused or forgot a request: it is not known whether it was done. */
export class ConnectionLost extends Error {}

export interface Waiting {
  request: Buffer;
  resolve: (answer: HttpAnswer) => void;
  reject: (error: Error) => void;
  /** When it was sent, by performance.now(). */
  since: number;
}

const CRLF = 13;
const HEAD_END = Buffer.from('\r\n\r\n');
const EMPTY = Buffer.alloc(0);

/** Content of a chunked body from `begin` on, or null while its last chunk is not there yet. */
function unchunked(bytes: Buffer, begin: number): { body: Buffer; end: number } | null {
  const parts: Buffer[] = [];
  for (let at = begin; ; ) {
    const line = bytes.indexOf(CRLF, at);
    if (line < 0) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
    const next = line + 2 + size + 2;
    if (bytes.length < next) return null;
    if (size === 0) return { body: parts.length === 1 ? parts[0]! : Buffer.concat(parts), end: next };
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = next;
  }
}

/** The first whole answer in `bytes` and where it ends, or null while some of it is missing. */
function readAnswer(bytes: Buffer): { answer: HttpAnswer; end: number; closes: boolean } | null {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return null;
  const head = bytes.toString('latin1', 0, headEnd).toLowerCase();
  const header = (name: string): string | null => {
    const at = head.indexOf(`\r\n${name}:`);
    if (at < 0) return null;
    const end = head.indexOf('\r\n', at + 2);
    return head.slice(at + name.length + 3, end < 0 ? undefined : end).trim();
  };
  const begin = headEnd + HEAD_END.length;
  const status = Number(head.slice(9, 12));
  const length = header('content-length');
  let read: { body: Buffer; end: number } | null;
  if (length !== null) {
    const end = begin + Number(length);
    read = bytes.length < end ? null : { body: bytes.subarray(begin, end), end };
  } else if (header('transfer-encoding') === 'chunked') read = unchunked(bytes, begin);
  else read = { body: EMPTY, end: begin };
  if (read === null) return null;
  const retryAfter = status < 400 ? null : header('retry-after');
  const closes = header('connection') === 'close';
  return { answer: { status, retryAfter, body: read.body }, end: read.end, closes };
}

/** One connection kept open, with at most one request under way; it is opened again when it is needed again. */
export class Connection {
  private socket: Socket | null = null;
  private received: Buffer = EMPTY;
  current: Waiting | null = null;

  constructor(
    private readonly host: string,
    private readonly port: number,
    private readonly free: (connection: Connection) => void,
  ) {}

  write(waiting: Waiting): void {
    this.current = waiting;
    this.socket ??= this.open();
    this.socket.write(waiting.request);
  }

  /** Ends the connection; a request under way is rejected. */
  end(why: string): void {
    const { socket, current } = this;
    this.socket = null;
    this.received = EMPTY;
    this.current = null;
    socket?.destroy();
    if (current === null) return;
    current.reject(new ConnectionLost(why));
    this.free(this);
  }

  private open(): Socket {
    const socket = connect({ host: this.host, port: this.port, noDelay: true });
    socket.on('data', (bytes: Buffer) => this.read(bytes));
    // Only the socket of now may end a request: the last one's close comes after the next was opened.
    const lost = (why: string): void => {
      if (this.socket === socket) this.end(why);
    };
    socket.on('error', (error: Error & { code?: string }) => lost(error.code ?? error.message));
    socket.on('close', () => lost('connection closed'));
    return socket;
  }

  private read(bytes: Buffer): void {
    this.received = this.received.length === 0 ? bytes : Buffer.concat([this.received, bytes]);
    const found = readAnswer(this.received);
    if (found === null) return;
    const { current } = this;
    this.received = EMPTY;
    this.current = null;
    if (found.closes) {
      this.socket?.destroy();
      this.socket = null;
    }
    current?.resolve(found.answer);
    this.free(this);
  }
}
