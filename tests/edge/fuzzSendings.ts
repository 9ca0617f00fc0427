// What goes over the wire: an operation in the ways that clients send one, and HTTP as nobody should speak it.

import { gzipSync } from 'node:zlib';
import type { Role } from '../../src/access/rules';
import type { Dice, Seen } from './fuzzDice';
import { unquoteRaw } from './fuzzHostile';
import { bomb, mutated } from './fuzzMutants';
import { bodyOf, makeOperation, type Operation, ROOT_FIELDS } from './fuzzRequests';

export const ROLES: readonly Role[] = ['STOREFRONT', 'STAFF', 'PLANNER', 'FEED', 'ADMIN'];
export type Who = Role | 'NOBODY' | 'STRANGER';
/** An administrator and the staff reach furthest. */
const ASKERS: readonly Who[] = [...ROLES, ...ROLES, 'ADMIN', 'ADMIN', 'STAFF', 'NOBODY', 'STRANGER'];

/** One request, before it has a token. */
export interface Sending {
  /** For reports: what it asks, and how. */
  name: string;
  way: 'plain' | 'yoga' | 'get' | 'sse' | 'document' | 'body' | 'http' | 'bytes';
  who: Who;
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: Buffer;
  /** Sent as these bytes on a connection of its own; TOKEN and HOST in it are filled in. */
  bytes?: Buffer;
  /** What the server should have understood; undefined: it should not have. */
  operation?: Pick<Operation, 'query' | 'operationName'> & { variables: Record<string, unknown> };
}

const JSON_TYPE = { 'content-type': 'application/json' };
const MAX_GET = 7_000;

function posted(
  way: Sending['way'],
  who: Who,
  operation: Operation,
  headers: Record<string, string> = {},
): Sending {
  const text = bodyOf(operation);
  const { query, operationName } = operation;
  const said = JSON.parse(text) as { variables?: Record<string, unknown> };
  return {
    name: operation.name,
    way,
    who,
    method: 'POST',
    path: '/graphql',
    headers: { ...JSON_TYPE, ...headers },
    body: Buffer.from(text),
    operation: { query, operationName, variables: said.variables ?? {} },
  };
}

function byGet(who: Who, operation: Operation): Sending {
  const search = new URLSearchParams({
    query: operation.query,
    variables: unquoteRaw(JSON.stringify(operation.variables)),
    ...(operation.operationName && { operationName: operation.operationName }),
  });
  const sending = posted('get', who, operation, { accept: 'application/json' });
  delete sending.body;
  return { ...sending, method: 'GET', path: `/graphql?${search}` };
}

/** An operation of the schema, in one of the ways that clients have. */
function asked(dice: Dice, seen: Seen, who: Who): Sending {
  const operation = makeOperation(dice, seen, dice.pick(ROOT_FIELDS));
  if (operation.root === 'Subscription') {
    return posted('sse', who, operation, { accept: 'text/event-stream' });
  }
  if (dice.chance(0.12) && operation.root === 'Query') {
    const sending = byGet(who, operation);
    if (sending.path.length <= MAX_GET) return sending;
  }
  if (dice.chance(0.15)) {
    const accept = dice.pick([
      'application/json;q=1',
      'text/event-stream',
      'multipart/mixed',
      'text/html, */*;q=0.1',
    ]);
    return posted(accept === 'text/event-stream' ? 'sse' : 'yoga', who, operation, { accept });
  }
  return posted('plain', who, operation, { accept: 'application/json' });
}

function mutant(dice: Dice, seen: Seen, who: Who): Sending {
  if (dice.chance(0.3)) {
    const { name, query } = bomb(dice);
    return { ...posted('document', who, { root: 'Query', name, query, variables: {} }) };
  }
  const operation = makeOperation(dice, seen, dice.pick(ROOT_FIELDS));
  const sending = posted('document', who, { ...operation, query: mutated(dice, operation.query) });
  return sending;
}

type BodyChange = (dice: Dice, text: string, operation: Operation) => string | Buffer;
const again = (dice: Dice): unknown =>
  dice.pick([null, 7, '', 'x', [], {}, true, [{}], { a: 1 }, dice.free()]);
const BODY_CHANGES: readonly BodyChange[] = [
  (dice, text) => text.slice(0, dice.below(text.length)),
  (dice, text) => text + dice.pick([text, '}', ' ', '\u0000', 'x', '\n\n']),
  (dice, text) =>
    `[${Array(1 + dice.below(30))
      .fill(text)
      .join(',')}]`,
  (dice, text) => text.replace('{', `{"query":${JSON.stringify(again(dice))},`),
  (dice, text) => text.replace(/\}$/, `,"variables":${JSON.stringify(again(dice))}}`),
  (dice, text) => text.replace(/\}$/, `,"operationName":${JSON.stringify(again(dice))}}`),
  (dice, text) => text.replace(/\}$/, `,"extensions":${JSON.stringify(again(dice))}}`),
  (dice, text) =>
    text.replace(
      /\}$/,
      `,"${dice.pick(['id', '__proto__', 'constructor', 'x'])}":${JSON.stringify(again(dice))}}`,
    ),
  (dice, _text, { query }) => JSON.stringify({ query, variables: again(dice) }),
  (dice) => JSON.stringify({ query: again(dice) }),
  (dice) => JSON.stringify(again(dice)),
  (dice, text) => {
    const bytes = Buffer.from(text);
    for (let left = 1 + dice.below(5); left > 0; left -= 1) bytes[dice.below(bytes.length)] = dice.below(256);
    return bytes;
  },
  (dice, text) =>
    text.replace(/"variables":/, `"variables":{"a":${'['.repeat(dice.pick([10, 1_000, 100_000]))}},"x":`),
  (dice, text) =>
    text.replace(
      /"variables":/,
      `"variables":${'{"a":'.repeat(dice.pick([10, 1_000, 50_000]))}1${'}'.repeat(1_000)},"x":`,
    ),
  (dice, _text, { query }) => {
    const depth = dice.pick([10, 1_000, 50_000]);
    return `{"query":${JSON.stringify(query)},"variables":${'{"input":'.repeat(depth)}1${'}'.repeat(depth)}}`;
  },
  (_dice, text) => `\ufeff${text}`,
  (_dice, text) => Buffer.from(text, 'utf16le'),
  (_dice, text) => `${text}${' '.repeat(600_000)}`,
];

function oddBody(dice: Dice, seen: Seen, who: Who): Sending {
  const operation = makeOperation(dice, seen, dice.pick(ROOT_FIELDS));
  const sending = posted('body', who, operation);
  const body = dice.pick(BODY_CHANGES)(dice, bodyOf(operation), operation);
  return { ...sending, body: Buffer.from(body as string), operation: undefined };
}

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
    '/charts/LAMP/paris',
    '/charts/LAMP/paris.svg',
    '/charts/LAMP/paris.svg?width=1e9',
    '/charts/%00/%ff.svg',
    '/charts/LAMP/paris.svg?cutDay=9999-99-99',
  ],
  ...[
    '/charts/LAMP/paris.svg?expires=1&signature=x',
    '/charts/LAMP/paris.svg?expires=99999999999&signature=%00',
    '/charts/__proto__/constructor.svg',
  ],
  ...[
    `/charts/${'x'.repeat(3_000)}/paris.svg`,
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

function oddHttp(dice: Dice, seen: Seen, who: Who): Sending {
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

function oddBytes(dice: Dice, who: Who): Sending {
  const which = dice.below(BYTES.length);
  const text = BYTES[which]!;
  const bytes = Buffer.from(text, 'latin1');
  if (dice.chance(0.3)) bytes[dice.below(bytes.length)] = dice.below(256);
  return { name: `bytes ${which}`, way: 'bytes', who, method: 'POST', path: '', headers: {}, bytes };
}

/** Makes the next request. */
export function makeSending(dice: Dice, seen: Seen): Sending {
  const who = dice.pick(ASKERS);
  const kind = dice.next();
  if (kind < 0.64) return asked(dice, seen, who);
  if (kind < 0.84) return mutant(dice, seen, who);
  if (kind < 0.92) return oddBody(dice, seen, who);
  return kind < 0.985 ? oddHttp(dice, seen, who) : oddBytes(dice, who);
}
