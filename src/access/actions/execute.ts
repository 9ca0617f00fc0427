// An act: the one way to change anything. Runs once per (actor, idempotency key), in one transaction, and remembers its answer.

import { combine, type Gathering, type Patience } from '../../db/combine';
import type { Db, Tx } from '../../db/pool';
import { BEGUN, type Behind, inTransactionByKey } from '../../db/transaction';
import { ACTIONS, actBatchSize, actSeconds, queueLength } from '../../metrics';
import { checkText, type RefusalData, Refused, refusal } from '../../refusals';
import type { BindingQuotas } from '../queries/quotaTotals';
import { firstReleaseHash } from '../rules/firstRelease';
import { areIncomparable } from '../rules/requestHash';
import type { Caller } from '../rules/roles';

/** One request to act. `now` is the clock; nothing below reads another. */
export interface Asked<I> {
  who: Caller;
  idempotencyKey: string;
  input: I;
  /**
   * Hash of what the client sent, see `hashRequest`. The resolved `input` differs from release to release and cannot tell
   * a retry; left out, it must do.
   */
  requestHash?: string;
  /** The input as the first release resolved it, where that differs: its stored requests are known by that. */
  firstReleaseInput?: I;
  now: Date;
  /** How long its client waits; not said: as long as it takes. */
  patience?: Patience;
  /** What a storefront may have at once, and has; left out: the caller is not bound by quotas. */
  quotas?: BindingQuotas;
}

/** A request that got its command: every move it causes names `commandId`. */
export interface Command<I> extends Asked<I> {
  commandId: number;
}

type Outcome<O> = { value: O } | { refusal: RefusalData };
type Found = { actorId: number; key: string; action: string; requestHash: string; outcome: Outcome<unknown> };

const MAX_KEY_LENGTH = 200;

const keyOf = (actorId: number, key: string): string => `${actorId} ${key}`;

/** A request of the program itself without a hash of its own is known by its input, as all were in the first release. */
function hashOf(action: string, asked: Asked<unknown>): string {
  return asked.requestHash ?? firstReleaseHash(action, asked.input);
}

/** Whether the request is the one that a stored hash was made of, by this release or by the first. */
function isSameRequest(stored: string, action: string, asked: Asked<unknown>): boolean {
  const hash = hashOf(action, asked);
  if (stored === hash || areIncomparable(stored, hash)) return true;
  return stored === firstReleaseHash(action, asked.firstReleaseInput ?? asked.input);
}

const CLAIM = `
  WITH asked AS (SELECT * FROM unnest($1::int[], $2::text[], $3::text[]) WITH ORDINALITY AS a(actor_id, key, hash, ord)),
  fresh AS (
    INSERT INTO command (actor_id, key, action, request_hash, created_at)
    SELECT actor_id, key, $4, hash, $5 FROM asked WHERE ${BEGUN} ORDER BY actor_id, key
    ON CONFLICT (actor_id, key) DO NOTHING RETURNING id, actor_id, key)
  SELECT f.id FROM asked a LEFT JOIN fresh f USING (actor_id, key) ORDER BY a.ord`;

const FIND = `
  SELECT c.actor_id AS "actorId", c.key, c.action, c.request_hash AS "requestHash", c.outcome
  FROM unnest($1::int[], $2::text[]) AS a(actor_id, key) JOIN command c USING (actor_id, key)`;

// By key, not by a join with unnest: on a table that outgrew its statistics that join read all commands every batch.
const REMEMBER = `
  UPDATE command SET outcome = ($2::text[])[array_position($1::bigint[], id)]::jsonb WHERE id = ANY($1::bigint[])`;

const RECORD_REFUSAL = `
  INSERT INTO command (actor_id, key, action, request_hash, outcome, created_at)
  VALUES ($1, $2, $3, $4, $5::jsonb, $6) ON CONFLICT (actor_id, key) DO NOTHING`;

function firstAnswer<O>(action: string, asked: Asked<unknown>, found: Found): O | Refused {
  if (found.action !== action || !isSameRequest(found.requestHash, action, asked)) {
    return refusal(
      'KeyReused',
      `The idempotency key '${found.key}' belongs to another ${found.action} request: to repeat that request send it unchanged; only for a new request use a new key.`,
      { idempotencyKey: found.key, firstAction: found.action },
    );
  }
  return 'refusal' in found.outcome ? new Refused(found.outcome.refusal) : (found.outcome.value as O);
}

async function find(tx: Tx, asked: Asked<unknown>[]): Promise<Map<string, Found>> {
  const rows = await tx.rows<Found>(FIND, [
    asked.map((a) => a.who.actorId),
    asked.map((a) => a.idempotencyKey),
  ]);
  return new Map(rows.map((r) => [keyOf(r.actorId, r.key), r]));
}

/** How the requests of one kind are performed, together. */
export interface Acting<I, O, A = void> {
  /**
   * What can be looked at before a request has its command: it goes out with the claim, in one round trip. All its
   * statements must be sent at once, and change nothing.
   */
  ahead?: (tx: Tx, asked: readonly Asked<I>[], now: Date) => Promise<A>;
  /**
   * Answers each command on its own, in order, with its value or a Refused. `looked` is what `ahead` saw for them; left
   * out when not all that was asked is new, and it must be looked at again.
   */
  perform: (tx: Tx, commands: Command<I>[], behind: Behind, looked?: A) => Promise<(O | Refused)[]>;
}

/** One transaction for many requests with distinct keys: claim, perform what is fresh, remember, answer all in order. */
function runOnce<I, O, A>(
  db: Db,
  action: string,
  asked: Asked<I>[],
  { ahead, perform }: Acting<I, O, A>,
): Promise<(O | Refused)[]> {
  const hashes = asked.map((a) => hashOf(action, a));
  const now = new Date(Math.max(...asked.map((a) => a.now.getTime())));
  const label = { action: ACTIONS.of(action) };
  actBatchSize.observe(label, asked.length);
  const stopTimer = actSeconds.startTimer(label);
  const claim = (tx: Tx): Promise<{ id: number | null }[]> =>
    tx.rows(CLAIM, [
      asked.map((a) => a.who.actorId),
      asked.map((a) => a.idempotencyKey),
      hashes,
      action,
      now,
    ]);
  return inTransactionByKey(
    db,
    (tx) => Promise.all([claim(tx), ahead?.(tx, asked, now)]),
    async (tx, [claims, looked], behind) => {
      const fresh: Command<I>[] = [];
      const known: Asked<I>[] = [];
      asked.forEach((a, i) => {
        const commandId = claims[i]?.id;
        if (commandId == null) known.push(a);
        else fresh.push({ ...a, commandId, now });
      });
      const outcomes =
        fresh.length > 0 ? await perform(tx, fresh, behind, known.length === 0 ? looked : undefined) : [];
      if (fresh.length > 0) {
        const told = outcomes.map((o) =>
          JSON.stringify(o instanceof Refused ? { refusal: o.data } : { value: o }),
        );
        behind(tx.rows(REMEMBER, [fresh.map((c) => c.commandId), told]));
      }
      const found = known.length > 0 ? await find(tx, known) : new Map<string, Found>();
      const performed = outcomes.values();
      return asked.map((a) => {
        const before = found.get(keyOf(a.who.actorId, a.idempotencyKey));
        return before ? firstAnswer<O>(action, a, before) : (performed.next().value as O | Refused);
      });
    },
  ).finally(stopTimer);
}

/** Runs a batch in which the same key may stand twice: the later ones get the first one's answer. */
async function runMany<I, O, A>(
  db: Db,
  action: string,
  asked: Asked<I>[],
  acting: Acting<I, O, A>,
): Promise<(O | Refused)[]> {
  const first = new Map<string, Asked<I>>();
  const again: Asked<I>[] = [];
  for (const a of asked) {
    const key = keyOf(a.who.actorId, a.idempotencyKey);
    if (first.has(key)) again.push(a);
    else first.set(key, a);
  }
  const answers = new Map<Asked<I>, O | Refused>();
  const firsts = [...first.values()];
  const outcomes = await runOnce(db, action, firsts, acting);
  firsts.forEach((a, i) => {
    answers.set(a, outcomes[i]!);
  });
  if (again.length > 0) {
    const found = await find(db, again);
    for (const a of again) {
      answers.set(a, firstAnswer<O>(action, a, found.get(keyOf(a.who.actorId, a.idempotencyKey))!));
    }
  }
  return asked.map((a) => answers.get(a)!);
}

/** A refusal thrown by a single act rolled everything back; the answer itself is still remembered. */
async function rememberRefusal(
  db: Db,
  action: string,
  asked: Asked<unknown>,
  refused: Refused,
): Promise<void> {
  await db.rows(RECORD_REFUSAL, [
    asked.who.actorId,
    asked.idempotencyKey,
    action,
    hashOf(action, asked),
    JSON.stringify({ refusal: refused.data }),
    asked.now,
  ]);
}

export type Act<I, O> = (db: Db, asked: Asked<I>) => Promise<O>;

/**
 * Makes an act of one request. `perform` gets a transaction and its command, and may leave last writes `behind`, to go out
 * with COMMIT; what it returns must be JSON and is the answer to every repeat. Thrown Refused: everything is rolled back and
 * the refusal is the answer. Returned Refused: what was written stays. @throws Refused
 */
export function act<I, O>(
  action: string,
  perform: (tx: Tx, command: Command<I>, behind: Behind) => Promise<O | Refused>,
): Act<I, O> {
  ACTIONS.declare(action);
  return async (db, asked) => {
    checkText(asked.idempotencyKey, 'idempotencyKey', MAX_KEY_LENGTH);
    let answer: O | Refused;
    try {
      [answer] = (await runOnce<I, O, void>(db, action, [asked], {
        perform: async (tx, [one], behind) => [await perform(tx, one!, behind)],
      })) as [O | Refused];
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      await rememberRefusal(db, action, asked, error);
      const [found] = (await find(db, [asked])).values();
      answer = firstAnswer<O>(action, asked, found!);
    }
    if (answer instanceof Refused) throw answer;
    return answer;
  };
}

/**
 * Makes a hot act: requests that arrive while a batch is in flight go together in the next. It decides on running totals,
 * so neighbours see each other. `weigh` says what a request costs beside others, in lines.
 * @throws Refused, also Busy when too many wait or too long
 */
export function hotAct<I, O, A = void>(
  action: string,
  acting: Acting<I, O, A>,
  weigh: (input: I) => number,
  limits: Gathering<I>['limits'] = {},
): Act<I, O> {
  ACTIONS.declare(action);
  const gatherers = new WeakMap<Db, (asked: Asked<I>) => Promise<O | Refused>>();
  return async (db, asked) => {
    checkText(asked.idempotencyKey, 'idempotencyKey', MAX_KEY_LENGTH);
    let gather = gatherers.get(db);
    if (gather === undefined) {
      gather = combine((batch) => runMany(db, action, batch, acting), {
        limits,
        weigh: (one) => weigh(one.input),
        patience: (one) => one.patience,
        onQueue: (length) => queueLength.set({ action: ACTIONS.of(action) }, length),
      });
      gatherers.set(db, gather);
    }
    const answer = await gather(asked);
    if (answer instanceof Refused) throw answer;
    return answer;
  };
}
