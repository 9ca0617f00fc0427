// Hostile input made from the schema itself: whatever is sent as whoever, every answer is clear, none is a 500, and the
// books balance. FUZZ_SEED repeats a run, FUZZ_REQUESTS makes it longer.

import type { Role } from '../../src/access/rules';
import { startApp, type TestApp } from '../support/app';
import { type FuzzRequest, makeRequest, NODE_TYPES, ROOT_FIELDS, type RootField } from './fuzzRequests';
import { Dice, Seen, unknownIds } from './fuzzValues';

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 600);
/** A request that takes longer has no bound. */
const ANSWER_MS = 15_000;
const AT_ONCE = 6;
const MINUTES_BETWEEN = 20;
const ROLES: readonly Role[] = ['STOREFRONT', 'STAFF', 'PLANNER', 'FEED', 'ADMIN'];

/** An administrator and the staff reach furthest. */
const ASKERS: readonly Role[] = [...ROLES, 'ADMIN', 'STAFF'];

/** What no client may read: where our code lies, what the database said, how its tables are called. */
const LEAKS = [
  /node_modules|\.[jt]s:\d|\n\s+at |\bat \S+ \(/,
  /\b(SELECT|INSERT|UPDATE|DELETE)\b[^"]*\b(FROM|INTO|SET|WHERE)\b/,
  /violates|constraint|relation "|column "|duplicate key|out of range for|syntax error at|invalid byte|invalid input syntax/i,
  /prisma|postgres|unsupported unicode|\bpg_/i,
  /stock_level|stock_move|customer_order|order_line|_token|actor_location|safety_stock|purchase_|_line\b/,
  /Cannot read propert|is not a function|is not iterable|Invalid Date|Invalid time value|\bundefined\b|\[object/,
];

let app: TestApp;
const tokens = new Map<Role, string>();
const seen = new Seen();
const dice = new Dice(SEED);

async function signIn(role: Role): Promise<void> {
  tokens.set(role, await app.token(role, undefined, role === 'STAFF' ? ['paris'] : []));
}

beforeAll(async () => {
  process.stdout.write(`fuzz: FUZZ_SEED=${SEED} FUZZ_REQUESTS=${REQUESTS}\n`);
  app = await startApp();
  for (const role of ROLES) await signIn(role);
});
afterAll(() => app.close());

interface Heard {
  status: number;
  text: string;
}

/** The first event of a stream, which is then left. */
async function firstEvent(response: Response): Promise<string> {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done: over, value } = await reader.read();
    text += decoder.decode(value, { stream: true });
    const event = /^data: (.*)$/m.exec(text);
    if (event?.[1] || over) {
      await reader.cancel();
      return event?.[1] ?? '{"data": null}';
    }
  }
}

async function send(role: Role, { root, body }: Pick<FuzzRequest, 'root' | 'body'>): Promise<Heard> {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${tokens.get(role)}`,
      ...(root === 'Subscription' && { accept: 'text/event-stream' }),
    },
    body,
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const streamed = response.headers.get('content-type')?.startsWith('text/event-stream');
  return { status: response.status, text: streamed ? await firstEvent(response) : await response.text() };
}

interface Told {
  data?: Record<string, unknown> | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

/** What is wrong with an answer; empty when nothing is. */
function faults({ status, text }: Heard): string[] {
  if (status >= 500) return [`status ${status}`];
  let told: Told;
  try {
    told = JSON.parse(text) as Told;
  } catch {
    return ['the answer is no JSON'];
  }
  const found: string[] = [];
  if (told.data === undefined && told.errors === undefined) found.push('neither data nor errors');
  const answers = Object.values(told.data ?? {}) as ({ __typename?: string; message?: unknown } | null)[];
  const refusals = answers.filter(
    (answer) => answer !== null && typeof answer === 'object' && 'message' in answer,
  );
  for (const error of told.errors ?? []) {
    if (error.extensions?.code === 'INTERNAL_SERVER_ERROR') found.push('INTERNAL_SERVER_ERROR');
  }
  for (const { message } of [...(told.errors ?? []), ...refusals] as { message: unknown }[]) {
    if (typeof message !== 'string' || message.trim() === '') found.push('an empty message');
    else found.push(...LEAKS.filter((leak) => leak.test(message)).map((leak) => `the message shows ${leak}`));
  }
  return found;
}

const brief = (text: string): string => (text.length > 1_500 ? `${text.slice(0, 1_500)}…` : text);

/** What a chain has before anyone misbehaves: stock, a supplier, and documents in their first states. */
const OPENING = [
  ...['reserveStock', 'placeOrder', 'createTransfer', 'createPurchaseOrder', 'quarantineStock', 'openCount'],
  ...[
    'requestReturn',
    'placeOrder',
    'reserveStock',
    'startPicking',
    'registerWebhook',
    'orders',
    'transfers',
  ],
];

async function openShop(): Promise<void> {
  const lines = ['LAMP', 'MUG', 'TENT-2', 'SOCK-M'].map((sku) => ({ sku, quantity: 500 }));
  const inputs: [string, object][] = [
    ...['paris', 'lyon', 'depot'].map((location): [string, object] => ['receiveStock', { location, lines }]),
    ['upsertSuppliers', { suppliers: [{ code: 'ACME', name: 'Acme', leadTimeDays: 3 }] }],
  ];
  for (const [i, [name, input]] of inputs.entries()) {
    const type = name[0]!.toUpperCase() + name.slice(1);
    const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename } }`;
    const answer = await app.gql(tokens.get('ADMIN')!, query, {
      input: { idempotencyKey: `open-${i}`, ...input },
    });
    expect(answer.data[name].__typename).toBe(`${type}Success`);
  }
  for (const name of [...OPENING, ...OPENING]) {
    const field = ROOT_FIELDS.find((it) => it.field.name === name)!;
    const answer = await send('ADMIN', makeRequest(dice, seen, field, 0));
    seen.learn((JSON.parse(answer.text) as Told).data);
  }
}

interface Sent {
  role: Role;
  request: FuzzRequest;
  answer: Heard;
}

/** Some requests at once, as clients come; what was seen before them is all they know. */
async function wave(asked: readonly { role: Role; field: RootField }[]): Promise<Sent[]> {
  const made = asked.map(({ role, field }) => ({ role, request: makeRequest(dice, seen, field) }));
  return Promise.all(made.map(async (one) => ({ ...one, answer: await send(one.role, one.request) })));
}

/** Sends until REQUESTS are answered, every field as every role in each round; gives what was wrong. */
async function sendAll(): Promise<object[]> {
  const wrong: object[] = [];
  for (let left = REQUESTS; left > 0; ) {
    const everything = ROOT_FIELDS.flatMap((field) => ASKERS.map((role) => ({ field, role })));
    const round = dice.shuffled(everything).slice(0, left);
    left -= round.length;
    for (let i = 0; i < round.length; i += AT_ONCE) {
      for (const { role, request, answer } of await wave(round.slice(i, i + AT_ONCE))) {
        const found = faults(answer);
        if (found.length === 0) seen.learn((JSON.parse(answer.text) as Told).data);
        else
          wrong.push({
            name: request.name,
            role,
            found,
            body: brief(request.body),
            answer: brief(answer.text),
          });
        // An administrator of the run revoked the token.
        if (answer.status === 401) await signIn(role);
      }
    }
    app.wait(MINUTES_BETWEEN);
  }
  return wrong;
}

test(`${REQUESTS} hostile requests (seed ${SEED}) are all answered clearly`, async () => {
  await openShop();
  expect(await sendAll()).toEqual([]);
}, 3_600_000);

test('every unit came through an act that was answered with success', async () => {
  const [inside] = await app.db.rows<{ units: number }>(
    'SELECT sum(available + reserved + staged + quarantine + in_transit)::int AS units FROM stock_level',
  );
  const [moved] = await app.db.rows<{ units: number }>(
    `SELECT sum(CASE WHEN from_bucket >= 'SUPPLIER' THEN quantity WHEN to_bucket >= 'SUPPLIER' THEN -quantity ELSE 0 END)::int
       AS units FROM stock_move`,
  );
  expect(inside).toEqual(moved);
  expect(inside!.units).toBeGreaterThan(0);
  // A hold past its time is swept by whoever wants its units, and stays swept when they are not enough.
  const unexplained = await app.db.rows(
    `SELECT c.action, m.reason FROM stock_move m JOIN command c ON c.id = m.command_id
     WHERE m.reason <> 'HOLD_EXPIRED' AND NOT coalesce(c.outcome ? 'value', false)`,
  );
  expect(unexplained).toEqual([]);
});

const NODE = 'query ($id: ID!, $ids: [ID!]!) { node(id: $id) { id } nodes(ids: $ids) { id } }';
test.each(NODE_TYPES)(
  'node and nodes of a %s that does not exist are null for everyone',
  async (typename) => {
    for (const role of ROLES) {
      const ids = unknownIds(typename);
      const { data, errors } = await app.gql(tokens.get(role)!, NODE, { id: ids[0], ids });
      expect([role, errors, data]).toEqual([role, undefined, { node: null, nodes: ids.map(() => null) }]);
    }
  },
);

test('no error of all these was unexpected', async () => {
  const headers = { authorization: `Bearer ${await app.token('ADMIN')}` };
  const metrics = await (await fetch(`${app.url}/metrics`, { headers })).text();
  expect(metrics).toMatch(/^comptoir_unexpected_errors_total 0$/m);
  expect(metrics).not.toMatch(/comptoir_http_request_seconds_count\{[^}]*status="5/);
});
