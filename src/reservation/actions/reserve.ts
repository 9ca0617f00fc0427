// reserveStock: many baskets at once against the same shelves, each granted or refused on its own.

import { v7 as uuid } from 'uuid';
import { type Command, type CommandRequest, defineBatchedCommand } from '../../access/actions/execute';
import { withTotals } from '../../access/queries/quotaTotals';
import { overLineQuota } from '../../access/rules/quotas';
import { mustWorkAt } from '../../access/rules/roles';
import { atpOf } from '../../availability/rules/shelf';
import { notSold, type SellingRules, sellingRules } from '../../catalog/queries/skus';
import type { Db, Tx } from '../../db/pool';
import type { SendWithCommit } from '../../db/transaction';
import { closedForGood, inactiveLocations } from '../../location/queries/locations';
import type { Refused } from '../../refusals';
import { type LockedShelves, lockShelves, type Move, post, type Shelf } from '../../stock/ledger';
import { safetyStocks } from '../../stock/queries/levels';
import { notEnoughStock } from '../../stock/rules/changes';
import { channelShelfKey, shelfKey } from '../../values/keys';
import { sumBySku } from '../../values/skuUnits';
import {
  type Certificate,
  decideHold,
  expiryOf,
  isPast,
  type Reserved,
  type WantedLine,
} from '../rules/reservation';
import {
  type HeldBy,
  heldByHolders,
  overMinutes,
  QuotaBook,
  reservationTotals,
  totalLimits,
} from './holders';
import { endHolds, findHolds, insertHolds, lockActive } from './statements';

/** A basket to hold at one location, resolved to ids by the face; `holder` is the front end's own id of it. */
export interface ReserveInput {
  locationId: number;
  locationCode: string;
  channel: string;
  holder: string | null;
  holdMinutes: number;
  allowPartial: boolean;
  /** Sellable units; two lines of one SKU add up. */
  lines: { skuId: number; sku: string; quantity: number }[];
}
type ReserveCommand = Command<ReserveInput>;

/** A reservation whose units are RESERVED now: found in the database, or made earlier in this batch. */
interface LiveHold {
  id: string;
  locationId: number;
  lines: { skuId: number; quantity: number }[];
}

/** A reservation made in this batch; `replaced` when a later request of the batch took its place. */
interface MadeHold extends LiveHold {
  command: ReserveCommand;
  replaced: boolean;
  /** Since when its holder has had units without a pause; null: since it was made. */
  since: Date | null;
  /** The certificate's lines without the position, which only the ledger knows. */
  decided: Omit<Certificate['lines'][number], 'position'>[];
}

/** Who holds what where: at most one ACTIVE hold each. Null for baskets that have no id. */
function holderKey(ownerId: number, locationId: number, holder: string | null): string | null {
  return holder === null ? null : `${ownerId}:${locationId}:${holder}`;
}

/** Every shelf that these requests name, once. */
function shelvesOf(asked: readonly CommandRequest<ReserveInput>[]): Shelf[] {
  const shelves = new Map<string, Shelf>();
  for (const { input } of asked) {
    const { locationId } = input;
    for (const { skuId } of input.lines) shelves.set(shelfKey({ locationId, skuId }), { locationId, skuId });
  }
  return [...shelves.values()];
}

/** The running totals of one batch: what later requests of the batch see of the earlier ones. */
class ReserveBatch {
  readonly moves: Move[] = [];
  readonly ends: { id: string; status: 'EXPIRED' | 'RELEASED' }[] = [];
  readonly made = new Map<string, MadeHold>();
  readonly #free = new Map<string, number>();
  readonly #current = new Map<string, LiveHold>();

  constructor(
    readonly shelves: LockedShelves,
    readonly safety: ReadonlyMap<string, number>,
    readonly quotas: QuotaBook,
  ) {}

  free(locationId: number, skuId: number): number {
    return this.#free.get(shelfKey({ locationId, skuId })) ?? this.shelves.at(locationId, skuId).available;
  }

  #move(hold: LiveHold, skuId: number, units: number, reason: Move['reason'], commandId: number): void {
    const { locationId, id: documentId } = hold;
    this.#free.set(shelfKey({ locationId, skuId }), this.free(locationId, skuId) + units);
    const [from, to] =
      units > 0 ? (['RESERVED', 'AVAILABLE'] as const) : (['AVAILABLE', 'RESERVED'] as const);
    this.moves.push({
      locationId,
      skuId,
      from,
      to,
      quantity: Math.abs(units),
      reason,
      documentId,
      commandId,
    });
  }

  /** The reservation that this holder has now. */
  current(key: string | null): LiveHold | undefined {
    return key === null ? undefined : this.#current.get(key);
  }

  found(key: string, hold: LiveHold): void {
    this.#current.set(key, hold);
  }

  expire(hold: LiveHold, commandId: number): void {
    for (const l of hold.lines) this.#move(hold, l.skuId, l.quantity, 'HOLD_EXPIRED', commandId);
    this.ends.push({ id: hold.id, status: 'EXPIRED' });
  }

  /** Makes a reservation in the place of the one its holder has. */
  make(key: string | null, hold: MadeHold): void {
    const { commandId } = hold.command;
    const old = this.current(key);
    if (old !== undefined) {
      for (const l of old.lines) this.#move(old, l.skuId, l.quantity, 'HOLD_RELEASED', commandId);
      const made = this.made.get(old.id);
      if (made !== undefined) made.replaced = true;
      else this.ends.push({ id: old.id, status: 'RELEASED' });
    }
    for (const l of hold.lines) this.#move(hold, l.skuId, -l.quantity, 'HELD', commandId);
    this.made.set(hold.id, hold);
    if (key !== null) this.#current.set(key, hold);
  }
}

/** Locks the holds that this batch replaces or finds past their time, then every shelf it touches, and expires the latter. */
async function openBatch(
  tx: Tx,
  now: Date,
  commands: ReserveCommand[],
  { found, held }: Locked,
): Promise<ReserveBatch> {
  // Whose command let a reservation expire: the first that requested one of its shelves, or for its holder.
  const causes = new Map<string, number>();
  for (const { input, actor, commandId } of [...commands].reverse()) {
    const key = holderKey(actor.actorId, input.locationId, input.holder);
    if (key !== null) causes.set(key, commandId);
    for (const { skuId } of input.lines)
      causes.set(shelfKey({ locationId: input.locationId, skuId }), commandId);
  }
  const channels = new Map(
    commands.flatMap(({ input: { locationId, channel, lines } }) =>
      lines.map(({ skuId }) => [
        channelShelfKey({ locationId, skuId, channel }),
        { locationId, skuId, channel },
      ]),
    ),
  );
  const holds = await lockActive(tx, found);
  const old = holds.flatMap((h) => h.lines.map((l) => ({ locationId: h.locationId, skuId: l.skuId })));
  const asked = commands.reduce((lines, { input }) => lines + input.lines.length, 0);
  // Behind the locks on the same connection: what is kept back is read when they are there, not before.
  const [locked, safety] = await Promise.all([
    lockShelves(tx, [...shelvesOf(commands), ...old], asked + old.length),
    safetyStocks(tx, [...channels.values()]),
  ]);
  const kept = new Map([...channels.keys()].map((key, i) => [key, safety[i] ?? 0]));
  const batch = new ReserveBatch(locked, kept, new QuotaBook(held));
  for (const hold of holds) {
    const key = holderKey(hold.ownerId, hold.locationId, hold.holder);
    if (isPast(hold.expiresAt, now)) {
      const cause = hold.lines
        .map((l) => causes.get(shelfKey({ locationId: hold.locationId, skuId: l.skuId })))
        .find((c) => c !== undefined);
      batch.expire(hold, cause ?? causes.get(key ?? '') ?? commands[0]!.commandId);
    } else if (key !== null && causes.has(key)) batch.found(key, hold);
  }
  return batch;
}

/** Decides one request on the running totals: makes its reservation, or says what is missing. */
function decide(batch: ReserveBatch, command: ReserveCommand): MadeHold | Refused {
  const { input, actor } = command;
  const { locationId, channel } = input;
  const key = holderKey(actor.actorId, locationId, input.holder);
  const old = batch.current(key);
  const lines = sumBySku(input.lines);
  const asked = {
    ownerId: actor.actorId,
    holder: input.holder,
    locationId,
    units: lines.reduce((units, line) => units + line.quantity, 0),
    holdMinutes: input.holdMinutes,
  };
  const over = command.quotas && batch.quotas.refuse(command.quotas, asked, command.now);
  if (over) return over;
  const wanted = lines.map(
    (line): WantedLine => ({
      requested: line.quantity,
      free: batch.free(locationId, line.skuId),
      own: old?.lines.find((l) => l.skuId === line.skuId)?.quantity ?? 0,
      safetyStock: batch.safety.get(channelShelfKey({ locationId, skuId: line.skuId, channel })) ?? 0,
    }),
  );
  const taken = decideHold(wanted, input.allowPartial, command.quotas?.mostInPart);
  if (taken === null) {
    const short = lines.map(({ sku }, i) => ({
      sku,
      location: input.locationCode,
      requested: wanted[i]!.requested,
      available: atpOf(wanted[i]!),
    }));
    return notEnoughStock(
      actor,
      short.filter((l) => l.available < l.requested),
    );
  }
  const decided = lines.map(({ skuId }, i) => {
    const { requested, free, own, safetyStock } = wanted[i]!;
    const held = taken[i]!;
    const wasAvailable = free + own;
    return { skuId, requested, held, wasAvailable, safetyStock, remaining: wasAvailable - held };
  });
  const made: MadeHold = {
    id: uuid(),
    locationId,
    lines: decided.filter((d) => d.held > 0).map((d) => ({ skuId: d.skuId, quantity: d.held })),
    command,
    replaced: false,
    since: command.quotas ? batch.quotas.since(asked) : null,
    decided,
  };
  batch.make(key, made);
  if (command.quotas) {
    const units = made.lines.reduce((sum, line) => sum + line.quantity, 0);
    batch.quotas.grant(command.quotas, asked, command.idempotencyKey, units, command.now);
  }
  return made;
}

/** The answer to a granted request; the batch is posted, so its shelves know their positions. */
function reserved(batch: ReserveBatch, { id, command, decided }: MadeHold): Reserved {
  const { input, actor, now } = command;
  const { locationId, channel, holdMinutes } = input;
  const position = (skuId: number) => batch.shelves.at(locationId, skuId).position;
  return {
    id,
    ownerId: actor.actorId,
    locationId,
    channel,
    expiresAt: expiryOf(now, holdMinutes).toISOString(),
    createdAt: now.toISOString(),
    certificate: {
      asOf: now.toISOString(),
      lines: decided.map((d) => ({ ...d, position: position(d.skuId) })),
    },
  };
}

/** What is seen of requests before they have their commands. */
interface ReserveReads {
  /** For each, in order: why it is refused before anything is locked; null when it is not. */
  refused: (Refused | null)[];
  locked: Locked;
}

/** What is known of the holders of these requests once they are locked. */
interface Locked {
  /** The holds that the requests may replace or expire. */
  found: string[];
  /** What the holders have whom quotas bind. */
  held: Map<string, HeldBy>;
}

/** Locks the holders of these requests and reads what they have; all statements are sent at once. */
async function lockHolders(
  tx: Tx,
  asked: readonly CommandRequest<ReserveInput>[],
  now: Date,
): Promise<Locked> {
  const holders = asked.map(({ actor, input }) => ({ ...input, ownerId: actor.actorId }));
  const bound = asked.flatMap(({ quotas, actor, input: { holder } }) =>
    quotas === undefined || holder === null ? [] : [{ ownerId: actor.actorId, holder }],
  );
  const [found, held] = await Promise.all([
    findHolds(tx, now, holders, shelvesOf(asked)),
    heldByHolders(tx, now, bound),
  ]);
  return { found, held };
}

/** Why a request is refused whatever is on the shelves; null when it is not. */
function refusedAtOnce(
  { input, quotas }: CommandRequest<ReserveInput>,
  closed: ReadonlyMap<number, string>,
  { inactive, maxLineUnits }: SellingRules,
): Refused | null {
  const { locationId, locationCode, lines, holdMinutes } = input;
  if (closed.has(locationId)) return closedForGood(locationCode);
  const codes = [...new Set(lines.filter((l) => inactive.has(l.skuId)).map((l) => l.sku))];
  if (codes.length > 0) return notSold(codes);
  if (quotas === undefined) return null;
  return overLineQuota(quotas.limits, maxLineUnits, sumBySku(lines)) ?? overMinutes(quotas, holdMinutes);
}

/** Who asks for what is out of the catalog, or at a location that is closed for good; and the reservations of the others. */
async function look(
  tx: Tx,
  asked: readonly CommandRequest<ReserveInput>[],
  now: Date,
): Promise<ReserveReads> {
  const [closed, rules, locked] = await Promise.all([
    inactiveLocations(tx, [...new Set(asked.map((a) => a.input.locationId))]),
    sellingRules(tx, [...new Set(asked.flatMap((a) => a.input.lines.map((l) => l.skuId)))]),
    lockHolders(tx, asked, now),
  ]);
  return { refused: asked.map((one) => refusedAtOnce(one, closed, rules)), locked };
}

async function holdMany(
  tx: Tx,
  asked: ReserveCommand[],
  sendWithCommit: SendWithCommit,
  looked?: ReserveReads,
): Promise<(Reserved | Refused)[]> {
  const { now } = asked[0]!;
  const { refused, locked } = looked ?? (await look(tx, asked, now));
  // Decided anew where the transaction runs again.
  for (const { quotas, actor, idempotencyKey } of asked)
    quotas?.totals?.forget(actor.actorId, idempotencyKey);
  const commands = asked.filter((_, i) => refused[i] === null);
  if (commands.length === 0) return refused as Refused[];
  const known = commands.length === asked.length ? locked : await lockHolders(tx, commands, now);
  const batch = await openBatch(tx, now, commands, known);
  const outcomes = new Map(commands.map((command) => [command, decide(batch, command)]));
  // Before the documents, because their certificates contain the positions; they were locked long before.
  await post(tx, batch.shelves, now, batch.moves, sendWithCommit);
  const answers = new Map([...batch.made.values()].map((made) => [made, reserved(batch, made)]));
  const holds = [...answers].map(([made, answer]) => ({
    ...answer,
    holder: made.command.input.holder,
    endedAt: made.replaced ? now : null,
    since: made.since,
  }));
  sendWithCommit(endHolds(tx, now, batch.ends));
  sendWithCommit(insertHolds(tx, holds));
  return asked.map((command, i) => {
    const outcome = refused[i] ?? outcomes.get(command)!;
    return answers.get(outcome as MadeHold) ?? (outcome as Refused);
  });
}

const hold = defineBatchedCommand<ReserveInput, Reserved, ReserveReads>(
  'reserveStock',
  { readAhead: look, perform: holdMany },
  ({ lines }) => lines.length,
);

/**
 * Holds a basket at one location for `holdMinutes`: AVAILABLE → RESERVED. All of it or nothing, or with `allowPartial`
 * what there is above the channel's safety stock, for storefronts at most PUBLIC_STOCK_CAP of a line that is not whole. A
 * holder has one ACTIVE hold a location: asking again replaces it, its units count as there, and a refusal leaves it as it
 * was. Holds past their time on these shelves are expired first.
 * @throws Refused NotEnoughStock, NotFound of inactive SKUs and locations, QuotaExceeded, Busy; Forbidden to staff of other
 * locations
 */
export async function reserveStock(db: Db, asked: CommandRequest<ReserveInput>): Promise<Reserved> {
  // Here and not in the batch: an exception there would be everybody's.
  if (asked.actor.role !== 'STOREFRONT')
    mustWorkAt(asked.actor, asked.input.locationId, asked.input.locationCode);
  return withTotals(reservationTotals(db), asked, totalLimits, (bound) => hold(db, bound));
}
