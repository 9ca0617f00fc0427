// reserveStock: many baskets at once against the same shelves, each granted or refused on its own.

import { v7 as uuid } from 'uuid';
import { type CommandRequest, defineBatchedCommand } from '../../access/actions/execute';
import { withTotals } from '../../access/queries/quotaTotals';
import { overLineQuota } from '../../access/rules/quotas';
import { mustWorkAt } from '../../access/rules/roles';
import { atpOf } from '../../availability/rules/shelf';
import { notSold, type SellingRules, sellingRules } from '../../catalog/queries/skus';
import type { Db, Tx } from '../../db/pool';
import type { SendWithCommit } from '../../db/transaction';
import { closedForGood, inactiveLocations } from '../../location/queries/locations';
import type { Refused } from '../../refusals';
import { post } from '../../stock/ledger';
import { notEnoughStock } from '../../stock/rules/changes';
import { channelShelfKey } from '../../values/keys';
import { sumBySku } from '../../values/skuUnits';
import { decideReservation, expiryOf, type Reserved, type WantedLine } from '../rules/reservation';
import { overMinutes, readHolderReservations, reservationTotals, totalLimits } from './holders';
import {
  holderKey,
  type LockedHolders,
  type MadeReservation,
  openBatch,
  type ReserveBatch,
  type ReserveCommand,
  type ReserveInput,
  shelvesOf,
} from './reserveBatch';
import { endReservations, findReservations, insertReservations } from './statements';

/** Decides one request on the running totals: makes its reservation, or refuses with the missing units. */
function decide(batch: ReserveBatch, command: ReserveCommand): MadeReservation | Refused {
  const { input, actor } = command;
  const { locationId, channel } = input;
  const key = holderKey(actor.actorId, locationId, input.holder);
  const old = batch.current(key);
  const lines = sumBySku(input.lines);
  const requestedUnits = {
    ownerId: actor.actorId,
    holder: input.holder,
    locationId,
    units: lines.reduce((units, line) => units + line.quantity, 0),
    holdMinutes: input.holdMinutes,
  };
  const over = command.quotas && batch.quotas.refuse(command.quotas, requestedUnits, command.now);
  if (over) return over;
  const wanted = lines.map(
    (line): WantedLine => ({
      requested: line.quantity,
      free: batch.free(locationId, line.skuId),
      own: old?.lines.find((l) => l.skuId === line.skuId)?.quantity ?? 0,
      safetyStock: batch.safety.get(channelShelfKey({ locationId, skuId: line.skuId, channel })) ?? 0,
    }),
  );
  const taken = decideReservation(wanted, input.allowPartial, command.quotas?.mostInPart);
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
    const units = taken[i]!;
    const wasAvailable = free + own;
    return { skuId, requested, held: units, wasAvailable, safetyStock, remaining: wasAvailable - units };
  });
  const made: MadeReservation = {
    id: uuid(),
    locationId,
    lines: decided.filter((d) => d.held > 0).map((d) => ({ skuId: d.skuId, quantity: d.held })),
    command,
    replaced: false,
    since: command.quotas ? batch.quotas.since(requestedUnits) : null,
    decided,
  };
  batch.make(key, made);
  if (command.quotas) {
    const units = made.lines.reduce((sum, line) => sum + line.quantity, 0);
    batch.quotas.grant(command.quotas, requestedUnits, command.idempotencyKey, units, command.now);
  }
  return made;
}

/** The answer to a granted request, after the batch is posted: the positions of its shelves are known then. */
function reserved(batch: ReserveBatch, { id, command, decided }: MadeReservation): Reserved {
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

/** What is read of requests before their commands exist. */
interface ReserveReads {
  /** For each request, in order: the refusal that needs no lock; null if there is none. */
  refused: (Refused | null)[];
  locked: LockedHolders;
}

/** Locks the holders of these requests and reads their reservations; all statements are sent at once. */
async function lockHolders(
  tx: Tx,
  requests: readonly CommandRequest<ReserveInput>[],
  now: Date,
): Promise<LockedHolders> {
  const holders = requests.map(({ actor, input }) => ({ ...input, ownerId: actor.actorId }));
  const bound = requests.flatMap(({ quotas, actor, input: { holder } }) =>
    quotas === undefined || holder === null ? [] : [{ ownerId: actor.actorId, holder }],
  );
  const [found, ofHolders] = await Promise.all([
    findReservations(tx, now, holders, shelvesOf(requests)),
    readHolderReservations(tx, now, bound),
  ]);
  return { found, ofHolders };
}

/** The refusal of a request that does not depend on the shelves; null if there is none. */
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

/** Refuses requests for SKUs out of the catalog and for closed locations, and reads the reservations of all holders. */
async function readReserveState(
  tx: Tx,
  requests: readonly CommandRequest<ReserveInput>[],
  now: Date,
): Promise<ReserveReads> {
  const [closed, rules, locked] = await Promise.all([
    inactiveLocations(tx, [...new Set(requests.map((r) => r.input.locationId))]),
    sellingRules(tx, [...new Set(requests.flatMap((r) => r.input.lines.map((l) => l.skuId)))]),
    lockHolders(tx, requests, now),
  ]);
  return { refused: requests.map((request) => refusedAtOnce(request, closed, rules)), locked };
}

async function reserveMany(
  tx: Tx,
  requests: ReserveCommand[],
  sendWithCommit: SendWithCommit,
  readBefore?: ReserveReads,
): Promise<(Reserved | Refused)[]> {
  const { now } = requests[0]!;
  const { refused, locked } = readBefore ?? (await readReserveState(tx, requests, now));
  // When the transaction runs again, the requests are decided anew.
  for (const { quotas, actor, idempotencyKey } of requests)
    quotas?.totals?.drop(actor.actorId, idempotencyKey);
  const commands = requests.filter((_, i) => refused[i] === null);
  if (commands.length === 0) return refused as Refused[];
  const known = commands.length === requests.length ? locked : await lockHolders(tx, commands, now);
  const batch = await openBatch(tx, now, commands, known);
  const outcomes = new Map(commands.map((command) => [command, decide(batch, command)]));
  // Posted before the documents are written, because their certificates contain the positions.
  await post(tx, batch.shelves, now, batch.moves, sendWithCommit);
  const answers = new Map([...batch.made.values()].map((made) => [made, reserved(batch, made)]));
  const reservations = [...answers].map(([made, answer]) => ({
    ...answer,
    holder: made.command.input.holder,
    endedAt: made.replaced ? now : null,
    since: made.since,
  }));
  sendWithCommit(endReservations(tx, now, batch.ends));
  sendWithCommit(insertReservations(tx, reservations));
  return requests.map((command, i) => {
    const outcome = refused[i] ?? outcomes.get(command)!;
    return answers.get(outcome as MadeReservation) ?? (outcome as Refused);
  });
}

const reserve = defineBatchedCommand<ReserveInput, Reserved, ReserveReads>(
  'reserveStock',
  { readAhead: readReserveState, perform: reserveMany },
  ({ lines }) => lines.length,
);

/**
 * Reserves a basket at one location for `holdMinutes`: AVAILABLE → RESERVED. All of it or nothing, or with `allowPartial`
 * what there is above the channel's safety stock, for storefronts at most PUBLIC_STOCK_CAP of a line that is not whole. A
 * holder has one ACTIVE reservation per location: a new request replaces it, its units count as available, and a refusal
 * leaves it as it was. Expired reservations of these shelves are ended first.
 * @throws Refused NotEnoughStock, NotFound of inactive SKUs and locations, QuotaExceeded, Busy; Forbidden to staff of other
 * locations
 */
export async function reserveStock(db: Db, request: CommandRequest<ReserveInput>): Promise<Reserved> {
  // Checked here and not in the batch, where an exception would fail every request.
  if (request.actor.role !== 'STOREFRONT')
    mustWorkAt(request.actor, request.input.locationId, request.input.locationCode);
  return withTotals(reservationTotals(db), request, totalLimits, (bound) => reserve(db, bound));
}
