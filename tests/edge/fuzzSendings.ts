// What goes over the wire: operations in the ways that clients send them, documents and bodies as no client sends them.

import type { Dice, SeenIds } from './fuzzDice';
import { oddBytes, oddHttp } from './fuzzHttp';
import { bomb, mutated } from './fuzzMutants';
import { byGet, posted, ROLES, type Sending, type Who } from './fuzzPost';
import { bodyOf, makeOperation, type Operation, ROOT_FIELDS } from './fuzzRequests';

/** An administrator and the staff reach furthest. */
const ASKERS: readonly Who[] = [...ROLES, ...ROLES, 'ADMIN', 'ADMIN', 'STAFF', 'NOBODY', 'STRANGER'];

const MAX_GET = 7_000;

/** An operation of the schema, in one of the ways that clients have. */
function asked(dice: Dice, seen: SeenIds, who: Who): Sending {
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

function mutant(dice: Dice, seen: SeenIds, who: Who): Sending {
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
      `,"${dice.pick(['id', 'documentId', '__proto__', 'constructor', 'x'])}":${JSON.stringify(again(dice))}}`,
    ),
  (dice, _text, { query }) => JSON.stringify({ query, variables: again(dice) }),
  (dice) => JSON.stringify({ query: again(dice) }),
  (dice) => JSON.stringify({ documentId: again(dice) }),
  (dice) => JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: again(dice) } } }),
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

function oddBody(dice: Dice, seen: SeenIds, who: Who): Sending {
  const operation = makeOperation(dice, seen, dice.pick(ROOT_FIELDS));
  const sending = posted('body', who, operation);
  const body = dice.pick(BODY_CHANGES)(dice, bodyOf(operation), operation);
  return { ...sending, body: Buffer.from(body as string), operation: undefined };
}

/** Makes the next request. */
export function makeSending(dice: Dice, seen: SeenIds): Sending {
  const who = dice.pick(ASKERS);
  const kind = dice.next();
  if (kind < 0.64) return asked(dice, seen, who);
  if (kind < 0.84) return mutant(dice, seen, who);
  if (kind < 0.92) return oddBody(dice, seen, who);
  return kind < 0.985 ? oddHttp(dice, seen, who) : oddBytes(dice, who);
}
