// HTTP as nobody should speak it: odd headers, paths, methods, encodings, and bytes that are no request at all.

import { gzipSync } from 'node:zlib';
import type { Dice, SeenIds } from './fuzzDice';
import { posted, type Sending, type Who } from './fuzzPost';
import { makeOperation, ROOT_FIELDS } from './fuzzRequests';

type Change = (dice: Dice, sending: Sending) => void;
const TYPES = [
  ...[
    '',
    'application/json; charset=utf-16',
    'application/json; charset=utf-7',
    'application/json; charset=x',
    'application/json;;',
  ],
  ...[
    'APPLICATION/JSON',
    'application/graphql',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'multipart/form-data',
  ],
  ...[
    'text/plain',
    'application/json, text/html',
    'application/graphql-response+json',
    '/',
    ';',
    'a/b/c',
    'x'.repeat(2_000),
  ],
];
const ACCEPTS = [
  ...[
    '',
    '*',
    '/',
    'text/html',
    'image/png',
    'text/event-stream',
    'multipart/mixed',
    'application/graphql-response+json;q=0',
  ],
  ...[
    'application/json;q=x',
    ',,,',
    'a/b;c=d;q=2',
    'application/json,'.repeat(400),
    'application/*',
    'text/event-stream, application/json',
  ],
];
const PATHS = [
  ...[
    '/',
    '/graphql/',
    '/graphql?',
    '/graphql?query',
    '/graphql?query=',
    '/graphql?query={__typename}',
    '/graphql?query=%',
    '/graphql?query=%FF',
  ],
  ...[
    '/graphql?query={__typename}&query={x}',
    '/graphql?query[]=a',
    '/graphql?variables={}',
    '/graphql?query={a}&variables[a]=1',
    '/graphql?extensions=1&query={__typename}',
    '/graphql?extensions={"persistedQuery":{"version":1,"sha256Hash":"x"}}',
    '/graphql?documentId=x&documentId=y',
  ],
  ...[
    '/graphql?query={__typename}&variables=[1]',
    '/graphql?query={__typename}&variables="x"',
    '/graphql?query={__typename}&variables=null&operationName=x',
  ],
  ...[
    '/graphql?query=subscription{pickupQueueChanged(location:"paris"){__typename}}',
    '/graphql?__proto__[x]=1&query={__typename}',
  ],
  ...[
    '/metrics',
    '/metrics?x',
    '/health/live',
    '/health/ready?x=1',
    '/health/../metrics',
    '/%2e%2e/graphql',
    '//',
    '/..%00',
    '/.env',
    '/graphql/stream',
  ],
  ...[
    '/charts/',
    '/charts/forecast/LAMP/paris',
    '/charts/forecast/LAMP/paris.svg',
    '/charts/forecast/LAMP/paris.svg?width=1e9',
    '/charts/forecast/%00/%ff.svg',
    '/charts/forecast/LAMP/paris.svg?cutDay=9999-99-99',
    '/charts/forecast/LAMP/paris.svg?cutDay=0000-01-01&days=730',
    '/charts/forecast/LAMP/paris.svg?cutDay=9999-12-31',
  ],
  ...[
    '/charts/forecast/LAMP/paris.svg?expires=1&signature=x',
    '/charts/forecast/LAMP/paris.svg?expires=99999999999&signature=%00',
    '/charts/forecast/__proto__/constructor.svg',
  ],
  ...[
    `/charts/forecast/${'x'.repeat(3_000)}/paris.svg`,
    `/graphql?query={__typename}&x=${'y'.repeat(10_000)}`,
    `/graphql?query={__typename}&x=${'y'.repeat(20_000)}`,
  ],
];
const ENCODINGS: readonly ((body: Buffer) => [string, Buffer])[] = [
  (body) => ['gzip', gzipSync(body)],
  (body) => ['gzip', body],
  (body) => ['gzip', gzipSync(body).subarray(0, 20)],
  () => ['gzip', gzipSync(Buffer.alloc(50_000_000))],
  (body) => ['deflate', body],
  (body) => ['br', body],
  (body) => ['zstd', body],
  (body) => ['identity', body],
  (body) => ['gzip, gzip', gzipSync(gzipSync(body))],
  (body) => ['x'.repeat(100), body],
];
const CHANGES: readonly Change[] = [
  (dice, it) => {
    it.headers['content-type'] = dice.pick(TYPES);
  },
  (dice, it) => {
    it.headers.accept = dice.pick(ACCEPTS);
  },
  (dice, it) => {
    it.method = dice.pick(['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']);
  },
  (dice, it) => {
    it.path = encodeURI(dice.pick(PATHS)).replaceAll('%25', '%');
    if (dice.chance(0.7)) {
      it.method = 'GET';
      delete it.body;
    }
  },
  (dice, it) => {
    const [encoding, body] = dice.pick(ENCODINGS)(it.body ?? Buffer.alloc(0));
    it.headers['content-encoding'] = encoding;
    it.body = body;
  },
  (dice, it) => {
    const name = dice.pick([
      'x-forwarded-for',
      'x-forwarded-host',
      'cookie',
      'origin',
      'referer',
      'x-request-id',
      'if-none-match',
      'range',
      'expect',
      'upgrade',
      'te',
      'x-http-method-override',
    ]);
    it.headers[name] = dice.pick([
      '',
      'x',
      '"><script>',
      '100-continue',
      'websocket',
      'bytes=0-1',
      'null',
      'https://evil.example',
      'x'.repeat(9_000),
      'DELETE',
      '%00',
    ]);
  },
  (dice, it) => {
    it.headers.authorization = dice.pick([
      '',
      'Bearer',
      'Bearer ',
      'bearer x',
      'Basic YTpi',
      `Bearer ${'x'.repeat(600)}`,
      'Bearer a b',
      'Bearer %00',
      'Bearer x,Bearer y',
      'null',
      'x'.repeat(9_000),
    ]);
  },
  (dice, it) => {
    for (let i = dice.pick([1, 50, 500]); i > 0; i -= 1)
      it.headers[`x-${i}`] = 'y'.repeat(dice.pick([1, 20]));
  },
];

/** A real operation in an odd request. */
export function oddHttp(dice: Dice, seen: SeenIds, who: Who): Sending {
  const sending = posted('http', who, makeOperation(dice, seen, dice.pick(ROOT_FIELDS)));
  for (let left = 1 + dice.below(2); left > 0; left -= 1) dice.pick(CHANGES)(dice, sending);
  return { ...sending, name: `${sending.method} ${sending.path.slice(0, 60)}`, operation: undefined };
}

const HEAD =
  'POST /graphql HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer TOKEN\r\nContent-Type: application/json\r\n';
const SMALL = '{"query":"{ __typename }"}';
/** Whole requests that no client library would send. */
const BYTES: readonly string[] = [
  '\r\n\r\n',
  '\u0000\u0001\u0002\u0003\r\n\r\n',
  '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  'GET / HTTP/9.9\r\n\r\n',
  'GET /graphql HTTP/1.0\r\n\r\n',
  'GET http://[::1/graphql HTTP/1.1\r\nHost: x\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: HOST\r\n\r\n',
  'GET /graphql?query={__typename}#x HTTP/1.1\r\nHost: HOST\r\n\r\n',
  'GET /graphql?query=\u00e9 HTTP/1.1\r\nHost: HOST\r\n\r\n',
  'GET /graphql HTTP/1.1\r\nHost: HOST\r\nHost: other\r\n\r\n',
  'GET /graphql HTTP/1.1\r\n\r\n',
  `${HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\n${SMALL}`,
  `${HEAD}Content-Length: -1\r\n\r\n${SMALL}`,
  `${HEAD}Content-Length: 1e3\r\n\r\n${SMALL}`,
  `${HEAD}Content-Length: 99999999999999999999\r\n\r\n${SMALL}`,
  `${HEAD}Content-Length: 10\r\n\r\n${SMALL}`,
  `${HEAD}Content-Length: 26\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  `${HEAD}Transfer-Encoding: chunked\r\n\r\n1a\r\n${SMALL}\r\n0\r\n\r\n`,
  `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n${SMALL}\r\n0\r\n\r\n`,
  `${HEAD}Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n${SMALL}`,
  `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  `${HEAD}Transfer-Encoding: identity\r\n\r\n${SMALL}`,
  `${HEAD}Content-Length: 26\r\n\r\n${SMALL}${HEAD}Content-Length: 26\r\n\r\n${SMALL}`,
  `${HEAD}X: a\u0000b\r\n\r\n`,
  `${HEAD}X Y: z\r\n\r\n`,
  `${HEAD}X: ${'y'.repeat(20_000)}\r\n\r\n`,
  `${HEAD}Content-Length: 26\r\nExpect: 100-continue\r\n\r\n${SMALL}`,
  `${HEAD}Content-Length: 26\r\nExpect: nonsense\r\n\r\n${SMALL}`,
  `${HEAD}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n`,
  'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n',
];

/** Bytes on a connection of their own. */
export function oddBytes(dice: Dice, who: Who): Sending {
  const which = dice.below(BYTES.length);
  const text = BYTES[which]!;
  const bytes = Buffer.from(text, 'latin1');
  if (dice.chance(0.3)) bytes[dice.below(bytes.length)] = dice.below(256);
  return { name: `bytes ${which}`, way: 'bytes', who, method: 'POST', path: '', headers: {}, bytes };
}
