// Command execution: every write runs once per (actor, idempotency key), in one transaction, and its outcome is stored for retries.

import { type CombineOptions, combine, type RequestDeadline } from '../../db/combine';
import type { Db, Tx } from '../../db/pool';
import { BEGUN, inTransactionByKey, type SendWithCommit } from '../../db/transaction';
import { COMMAND_NAMES, commandBatchSize, commandSeconds, queueLength } from '../../metrics';
import { checkText, type RefusalData, Refused, refusal } from '../../refusals';
import { oncePer } from '../../values/oncePer';
import type { BindingQuotas } from '../queries/quotaTotals';
import { firstReleaseHash } from '../rules/firstRelease';
import { occurrenceProblem, type ReportedTime } from '../rules/occurrence';
import { areIncomparable } from '../rules/requestHash';
import type { Caller } from '../rules/roles';

/** A request to execute a command. `now` is the clock; no code below reads another. */
export interface CommandRequest<I> {
  actor: Caller;
  idempotencyKey: string;
  input: I;
  /**
   * Hash of what the client sent, see `hashRequest`. The resolved `input` can differ between releases, so it cannot
   * identify a retry; it is used only when there is no hash.
   */
  requestHash?: string;
  /** The input as the first release resolved it, where that differs: the hashes it stored were made of that. */
  firstReleaseInput?: I;
  now: Date;
  /** When it happened, as the client reported it; left out: now. Only for unbatched commands. */
  occurrence?: ReportedTime;
  /** When the client stops waiting; without it there is no limit. */
  deadline?: RequestDeadline;
  /** Hours after a look-up in which an agent may act for a customer; see `mustServe`. Left out: none. */
  agentHours?: number;
  /** Quotas of a storefront and its totals; left out: the caller has no quotas. */
  quotas?: BindingQuotas;
}

/** A request with its row in `command`: every stock move it causes refers to `commandId`. */
export interface Command<I> extends CommandRequest<I> {
  commandId: number;
}

type StoredOutcome<O> = { value: O } | { refusal: RefusalData };
type StoredCommand = {
  actorId: number;
  key: string;
  action: string;
  requestHash: string;
  outcome: StoredOutcome<unknown>;
};

const MAX_KEY_LENGTH = 200;

const keyOf = (actorId: number, key: string): string => `${actorId} ${key}`;

/** Requests of the program itself have no hash; they are identified by their input, as all requests were in the first release. */
function hashOf(action: string, request: CommandRequest<unknown>): string {
  return request.requestHash ?? firstReleaseHash(action, request.input);
}

/** Whether the stored hash was made of this request, by this release or by the first one. */
function isSameRequest(stored: string, action: string, request: CommandRequest<unknown>): boolean {
  const hash = hashOf(action, request);
  if (stored === hash || areIncomparable(stored, hash)) return true;
  return stored === firstReleaseHash(action, request.firstReleaseInput ?? request.input);
}

const CLAIM = `
  WITH request AS (SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $6::timestamptz[])
      WITH ORDINALITY AS a(actor_id, key, hash, occurred_at, ord)),
  fresh AS (
    INSERT INTO command (actor_id, key, action, request_hash, created_at, occurred_at)
    SELECT actor_id, key, $4, hash, $5, occurred_at FROM request WHERE ${BEGUN} ORDER BY actor_id, key
    ON CONFLICT (actor_id, key) DO NOTHING RETURNING id, actor_id, key)
  SELECT f.id FROM request a LEFT JOIN fresh f USING (actor_id, key) ORDER BY a.ord`;

const FIND_STORED = `
  SELECT c.actor_id AS "actorId", c.key, c.action, c.request_hash AS "requestHash", c.outcome
  FROM unnest($1::int[], $2::text[]) AS a(actor_id, key) JOIN command c USING (actor_id, key)`;

// By key, not by a join with unnest: on a table that outgrew its statistics that join read all commands every batch.
const STORE_OUTCOMES = `
  UPDATE command SET outcome = ($2::text[])[array_position($1::bigint[], id)]::jsonb WHERE id = ANY($1::bigint[])`;

const RECORD_REFUSAL = `
  INSERT INTO command (actor_id, key, action, request_hash, outcome, created_at, occurred_at)
  VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7) ON CONFLICT (actor_id, key) DO NOTHING`;

function storedAnswer<O>(
  action: string,
  request: CommandRequest<unknown>,
  found: StoredCommand,
): O | Refused {
  if (found.action !== action || !isSameRequest(found.requestHash, action, request)) {
    return refusal(
      'KeyReused',
      `The idempotency key '${found.key}' belongs to another ${found.action} request: to repeat that request send it unchanged; only for a new request use a new key.`,
      { idempotencyKey: found.key, firstAction: found.action },
    );
  }
  return 'refusal' in found.outcome ? new Refused(found.outcome.refusal) : (found.outcome.value as O);
}

async function findStored(tx: Tx, requests: CommandRequest<unknown>[]): Promise<Map<string, StoredCommand>> {
  const rows = await tx.rows<StoredCommand>(FIND_STORED, [
    requests.map((a) => a.actor.actorId),
    requests.map((a) => a.idempotencyKey),
  ]);
  return new Map(rows.map((r) => [keyOf(r.actorId, r.key), r]));
}

/** How a batch of requests for one command is executed. */
export interface BatchHandler<I, O, A = void> {
  /**
   * Reads that need no command id: they are sent with the claim, in one round trip. All statements must be sent at
   * once, and must not write.
   */
  readAhead?: (tx: Tx, requests: readonly CommandRequest<I>[], now: Date) => Promise<A>;
  /**
   * Answers each command separately, in order, with its value or a Refused. `readBefore` is the result of `readAhead`; it
   * is left out when some requests of the batch were retries, and must then be read again.
   */
  perform: (
    tx: Tx,
    commands: Command<I>[],
    sendWithCommit: SendWithCommit,
    readBefore?: A,
  ) => Promise<(O | Refused)[]>;
}

/** One transaction for many requests with distinct keys: claims the keys, performs new requests, stores outcomes, answers all in order. */
function runOnce<I, O, A>(
  db: Db,
  action: string,
  requests: CommandRequest<I>[],
  { readAhead, perform }: BatchHandler<I, O, A>,
): Promise<(O | Refused)[]> {
  const hashes = requests.map((a) => hashOf(action, a));
  const now = new Date(Math.max(...requests.map((a) => a.now.getTime())));
  const label = { action: COMMAND_NAMES.of(action) };
  commandBatchSize.observe(label, requests.length);
  const stopTimer = commandSeconds.startTimer(label);
  const claim = (tx: Tx): Promise<{ id: number | null }[]> =>
    tx.rows(CLAIM, [
      requests.map((a) => a.actor.actorId),
      requests.map((a) => a.idempotencyKey),
      hashes,
      action,
      now,
      requests.map((a) => a.occurrence?.at.toISOString() ?? null),
    ]);
  return inTransactionByKey(
    db,
    (tx) => Promise.all([claim(tx), readAhead?.(tx, requests, now)]),
    async (tx, [claims, readBefore], sendWithCommit) => {
      const fresh: Command<I>[] = [];
      const known: CommandRequest<I>[] = [];
      requests.forEach((a, i) => {
        const commandId = claims[i]?.id;
        if (commandId == null) known.push(a);
        else fresh.push({ ...a, commandId, now });
      });
      const outcomes =
        fresh.length > 0
          ? await perform(tx, fresh, sendWithCommit, known.length === 0 ? readBefore : undefined)
          : [];
      if (fresh.length > 0) {
        const stored = outcomes.map((o) =>
          JSON.stringify(o instanceof Refused ? { refusal: o.data } : { value: o }),
        );
        sendWithCommit(tx.rows(STORE_OUTCOMES, [fresh.map((c) => c.commandId), stored]));
      }
      const found = known.length > 0 ? await findStored(tx, known) : new Map<string, StoredCommand>();
      const performed = outcomes.values();
      return requests.map((a) => {
        const before = found.get(keyOf(a.actor.actorId, a.idempotencyKey));
        return before ? storedAnswer<O>(action, a, before) : (performed.next().value as O | Refused);
      });
    },
  ).finally(stopTimer);
}

/** Runs a batch in which a key may occur more than once: later requests get the answer of the first. */
async function runBatch<I, O, A>(
  db: Db,
  action: string,
  requests: CommandRequest<I>[],
  handler: BatchHandler<I, O, A>,
): Promise<(O | Refused)[]> {
  const first = new Map<string, CommandRequest<I>>();
  const again: CommandRequest<I>[] = [];
  for (const a of requests) {
    const key = keyOf(a.actor.actorId, a.idempotencyKey);
    if (first.has(key)) again.push(a);
    else first.set(key, a);
  }
  const answers = new Map<CommandRequest<I>, O | Refused>();
  const firsts = [...first.values()];
  const outcomes = await runOnce(db, action, firsts, handler);
  firsts.forEach((a, i) => {
    answers.set(a, outcomes[i]!);
  });
  if (again.length > 0) {
    const found = await findStored(db, again);
    for (const a of again) {
      answers.set(a, storedAnswer<O>(action, a, found.get(keyOf(a.actor.actorId, a.idempotencyKey))!));
    }
  }
  return requests.map((a) => answers.get(a)!);
}

/** A thrown refusal has rolled back the command's transaction; the refusal itself is stored in another one. */
async function storeRefusal(
  db: Db,
  action: string,
  request: CommandRequest<unknown>,
  refused: Refused,
): Promise<void> {
  await db.rows(RECORD_REFUSAL, [
    request.actor.actorId,
    request.idempotencyKey,
    action,
    hashOf(action, request),
    JSON.stringify({ refusal: refused.data }),
    request.now,
    request.occurrence?.at ?? null,
  ]);
}

export type CommandFunction<I, O> = (db: Db, request: CommandRequest<I>) => Promise<O>;

/**
 * Defines a command that is executed one request at a time. `perform` gets a transaction and the command; it may pass its
 * last writes to `sendWithCommit`. Its result must be JSON and is the answer to every retry. A thrown Refused rolls
 * everything back and is the answer; a returned Refused keeps what was written. @throws Refused
 */
export function defineCommand<I, O>(
  action: string,
  perform: (tx: Tx, command: Command<I>, sendWithCommit: SendWithCommit) => Promise<O | Refused>,
): CommandFunction<I, O> {
  COMMAND_NAMES.declare(action);
  return async (db, request) => {
    checkText(request.idempotencyKey, 'idempotencyKey', MAX_KEY_LENGTH);
    let answer: O | Refused;
    try {
      [answer] = (await runOnce<I, O, void>(db, action, [request], {
        perform: async (tx, [one], sendWithCommit) => [
          occurrenceProblem(one!) ?? (await perform(tx, one!, sendWithCommit)),
        ],
      })) as [O | Refused];
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      await storeRefusal(db, action, request, error);
      const [found] = (await findStored(db, [request])).values();
      answer = storedAnswer<O>(action, request, found!);
    }
    if (answer instanceof Refused) throw answer;
    return answer;
  };
}

/**
 * Defines a command with batched requests: those that arrive while a batch is in flight form the next one. `perform`
 * must decide on running totals, so that requests of one batch see each other. `weigh` is the cost of a request, in lines.
 * @throws Refused, also Busy when too many requests wait, or wait too long
 */
export function defineBatchedCommand<I, O, A = void>(
  action: string,
  handler: BatchHandler<I, O, A>,
  weigh: (input: I) => number,
  limits: CombineOptions<I>['limits'] = {},
): CommandFunction<I, O> {
  COMMAND_NAMES.declare(action);
  const gathererOf = oncePer((db: Db) =>
    combine((batch: CommandRequest<I>[]) => runBatch(db, action, batch, handler), {
      limits,
      weigh: (one) => weigh(one.input),
      deadline: (one) => one.deadline,
      onQueue: (length) => queueLength.set({ action: COMMAND_NAMES.of(action) }, length),
    }),
  );
  return async (db, request) => {
    checkText(request.idempotencyKey, 'idempotencyKey', MAX_KEY_LENGTH);
    const answer = await gathererOf(db)(request);
    if (answer instanceof Refused) throw answer;
    return answer;
  };
}
