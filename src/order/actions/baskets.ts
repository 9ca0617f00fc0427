// What a new order is made of: the units of a hold, or units decided on locked shelves at its shop and elsewhere.

import type { Command } from '../../access/act';
import { mayTouch, mustWorkAt } from '../../access/rules';
import type { SourcingStep, Units } from '../../availability/rules';
import { inactiveSkus, notSold } from '../../catalog/queries';
import type { Tx } from '../../db/pool';
import { type Refused, refusal } from '../../refusals';
import { commitReservations } from '../../reservation/actions';
import { lockSwept } from '../../reservation/actions/sweep';
import { type ReservationRecord, reservationsById } from '../../reservation/queries';
import { statusAt } from '../../reservation/rules';
import type { LockedShelves } from '../../stock/ledger';
import { type ChannelShelf, levelsOf, safetyStocks } from '../../stock/queries';
import { notEnoughStock } from '../../stock/rules';
import type { TransferPlan } from '../../transfer/actions/plan';
import type { Customer } from '../rules/customer';
import type { Payment } from '../rules/life';
import { Desk, type Search, searchShelves, searchSources, source, takeSourced } from './sourcing';

/** Units of one SKU that were asked for, with its code for refusals. */
export interface AskedLine {
  skuId: number;
  sku: string;
  quantity: number;
}

/** What `placeOrder` is asked: a hold, or lines (one per SKU) at a shop. */
export interface PlaceInput {
  reservationId: string | null;
  /** The hold as clients name it, for refusals. */
  reservationKey: string;
  direct: { locationId: number; channel: string; lines: AskedLine[] } | null;
  customer: Customer;
  payment: Payment;
  note: string | null;
  allowTransfer: boolean;
  allowPartial: boolean;
}

export type PlaceCommand = Command<PlaceInput>;

/** A pickup place as an order needs to know it. */
export interface Place {
  id: number;
  code: string;
  open: boolean;
}

/** What an order will be made of. */
export interface Basket {
  ownerId: number;
  place: Place;
  channel: string;
  reservationId: string | null;
  lines: { skuId: number; reserved: number; awaiting: number }[];
  /** Units that come out of AVAILABLE at the shop itself; a hold's are RESERVED already. */
  taken: Units[];
  plans: Omit<TransferPlan, 'orderId'>[];
  log: SourcingStep[];
  shortfall: { sku: string; requested: number; placed: number }[];
}

const PLACES = `
  SELECT id, code, active AND pickup_enabled AS open FROM location WHERE id = ANY($1::int[])`;

function notAPickupPlace(place: Place): Refused {
  return refusal('InvalidInput', `${place.code} does not hand out orders; choose one of pickupOptions.`, {
    path: 'location',
  });
}

async function placesById(tx: Tx, ids: readonly number[]): Promise<Map<number, Place>> {
  const rows = await tx.rows<Place>(PLACES, [[...new Set(ids)]]);
  return new Map(rows.map((p) => [p.id, p]));
}

/** Decides every basket: those of holds, then those taken from shelves. Posts nothing but expired holds. */
export async function baskets(
  tx: Tx,
  commands: readonly PlaceCommand[],
): Promise<{ answers: Map<PlaceCommand, Basket | Refused>; shelves: LockedShelves | null }> {
  const now = commands[0]!.now;
  const held = commands.filter((c) => c.input.reservationId !== null);
  const direct = commands.filter((c) => c.input.reservationId === null);
  const records =
    held.length > 0
      ? await reservationsById(
          tx,
          held.map((c) => c.input.reservationId!),
        )
      : [];
  const places = await placesById(tx, [
    ...records.map((r) => r.locationId),
    ...direct.flatMap((c) => c.input.direct?.locationId ?? []),
  ]);
  const answers = await heldBaskets(tx, now, held, records, places);
  const shelves = await directBaskets(tx, now, direct, places, answers);
  return { answers, shelves };
}

function endedHold({ input: { reservationKey: key } }: PlaceCommand, state: string): Refused {
  return refusal(
    'WrongState',
    `Reservation ${key} is ${state}; only an ACTIVE one can become an order, reserve again.`,
    {
      what: 'Reservation',
      key,
      state,
      allowedStates: ['ACTIVE'],
    },
  );
}

// Owner, place and lines of a hold never change, so they are judged before its lock: what is locked here is committed.
function refuseHold(
  command: PlaceCommand,
  record: ReservationRecord | undefined,
  place?: Place,
): Refused | null {
  const { who, input } = command;
  const key = input.reservationKey;
  const none = `There is no reservation ${key} of yours; make one with reserveStock.`;
  if (record === undefined || place === undefined || (who.role === 'STOREFRONT' && !mayTouch(who, record)))
    return refusal('NotFound', none, { what: 'Reservation', keys: [key] });
  if (who.role !== 'STOREFRONT') mustWorkAt(who, place.id, place.code);
  if (!place.open) return notAPickupPlace(place);
  if (!record.certificate.lines.some((l) => l.held > 0))
    return refusal('InvalidInput', `Reservation ${key} holds no units; reserve some first.`, {
      path: 'reservation',
    });
  return null;
}

async function heldBaskets(
  tx: Tx,
  now: Date,
  commands: readonly PlaceCommand[],
  records: readonly ReservationRecord[],
  places: ReadonlyMap<number, Place>,
): Promise<Map<PlaceCommand, Basket | Refused>> {
  const answers = new Map<PlaceCommand, Basket | Refused>();
  const byId = new Map(records.map((r) => [r.id, r]));
  const first = new Map<string, PlaceCommand>();
  for (const command of commands) {
    const id = command.input.reservationId!;
    const record = byId.get(id);
    const no = refuseHold(command, record, record && places.get(record.locationId));
    if (no !== null) answers.set(command, no);
    else if (first.has(id)) answers.set(command, endedHold(command, 'COMMITTED'));
    else first.set(id, command);
  }
  if (first.size === 0) return answers;
  const rows = await commitReservations(tx, now, [...first.keys()]);
  for (const [id, command] of first) {
    const row = rows.get(id)!;
    const place = places.get(row.locationId)!;
    answers.set(
      command,
      row.committed
        ? {
            ownerId: row.ownerId,
            place,
            channel: row.channel,
            reservationId: id,
            lines: row.lines.map((l) => ({ skuId: l.skuId, reserved: l.quantity, awaiting: 0 })),
            taken: [],
            plans: [],
            log: [],
            shortfall: [],
          }
        : endedHold(command, statusAt(row, now)),
    );
  }
  return answers;
}

/** What the shelves said before they were locked. Said again under the lock it is the truth; if not, all begins anew. */
class ReadTooEarly extends Error {
  /** PostgreSQL's serialization failure, which this is: `inTransaction` runs the work again. */
  readonly code = '40001';
}

function shopShelves({ input }: PlaceCommand): ChannelShelf[] {
  const { locationId, channel, lines } = input.direct!;
  return lines.map(({ skuId }) => ({ locationId, channel, skuId }));
}

/** Looks, unlocked, for sources of what the shop seems to lack for all these orders together. */
async function searches(
  tx: Tx,
  now: Date,
  commands: readonly PlaceCommand[],
): Promise<Map<PlaceCommand, Search>> {
  const wanting = commands.filter((c) => c.input.allowTransfer);
  const found = new Map<PlaceCommand, Search>();
  if (wanting.length === 0) return found;
  const demand = new Map<string, number>();
  for (const { input } of commands) {
    for (const { skuId, quantity } of input.direct?.lines ?? []) {
      const key = `${input.direct!.locationId}:${skuId}`;
      demand.set(key, (demand.get(key) ?? 0) + quantity);
    }
  }
  const keys = wanting.flatMap(shopShelves);
  const levels = await levelsOf(tx, keys);
  const kept = await safetyStocks(tx, keys);
  // One search for each shop and channel, whatever the number of baskets.
  const lacking = new Map<string, Set<number>>();
  keys.forEach((k, i) => {
    if (levels[i]!.available - kept[i]! >= demand.get(`${k.locationId}:${k.skuId}`)!) return;
    const group = `${k.locationId}:${k.channel}`;
    lacking.set(group, (lacking.get(group) ?? new Set()).add(k.skuId));
  });
  const bySearch = new Map<string, Search>();
  for (const command of wanting) {
    const { locationId: toLocationId, channel } = command.input.direct!;
    const group = `${toLocationId}:${channel}`;
    const skuIds = [...(lacking.get(group) ?? [])];
    const search = bySearch.get(group) ?? (await searchSources(tx, now, { toLocationId, channel, skuIds }));
    bySearch.set(group, search);
    found.set(command, search);
  }
  return found;
}

async function directBaskets(
  tx: Tx,
  now: Date,
  commands: readonly PlaceCommand[],
  places: ReadonlyMap<number, Place>,
  answers: Map<PlaceCommand, Basket | Refused>,
): Promise<LockedShelves | null> {
  const able: PlaceCommand[] = [];
  const gone = await inactiveSkus(
    tx,
    commands.flatMap((c) => c.input.direct!.lines.map((l) => l.skuId)),
  );
  for (const command of commands) {
    const { locationId, lines } = command.input.direct!;
    const place = places.get(locationId)!;
    if (command.who.role !== 'STOREFRONT') mustWorkAt(command.who, place.id, place.code);
    const codes = lines.filter((l) => gone.has(l.skuId)).map((l) => l.sku);
    if (!place.open) answers.set(command, notAPickupPlace(place));
    else if (codes.length > 0) answers.set(command, notSold(codes));
    else able.push(command);
  }
  if (able.length === 0) return null;
  const found = await searches(tx, now, able);
  const keys = [...able.flatMap(shopShelves), ...[...new Set(found.values())].flatMap(searchShelves)];
  const shelves = await lockSwept(tx, { commandId: able[0]!.commandId, now }, keys);
  const desk = await Desk.over(tx, shelves, keys);
  for (const command of able) {
    const place = places.get(command.input.direct!.locationId)!;
    answers.set(command, decide(desk, now, command, place, found.get(command)));
  }
  return shelves;
}

/** Decides one basket on the running totals: the shop's own units first, then what can be fetched. */
function decide(
  desk: Desk,
  now: Date,
  command: PlaceCommand,
  place: Place,
  search?: Search,
): Basket | Refused {
  const { who, input } = command;
  const { locationId, channel, lines } = input.direct!;
  const here = lines.map(({ skuId, quantity }) =>
    Math.min(quantity, desk.atp({ locationId, skuId, channel })),
  );
  const need = lines.flatMap(({ skuId, quantity }, i) => {
    const lacks = quantity - here[i]!;
    return lacks > 0 ? [{ skuId, quantity: lacks }] : [];
  });
  if (search !== undefined && need.some((n) => !search.skuIds.includes(n.skuId))) throw new ReadTooEarly();
  const sourced =
    search !== undefined && need.length > 0
      ? source(desk, now, search, need)
      : { plans: [], missing: need, log: [] };
  const missing = new Map(sourced.missing.map((m) => [m.skuId, m.quantity]));
  const placed = lines.map((l) => l.quantity - (missing.get(l.skuId) ?? 0));
  if ((missing.size > 0 && !input.allowPartial) || placed.every((units) => units === 0)) {
    const short = lines.map(({ sku, quantity }, i) => ({
      sku,
      location: place.code,
      requested: quantity,
      available: placed[i]!,
    }));
    return notEnoughStock(
      who,
      short.filter((l) => l.available < l.requested),
    );
  }
  takeSourced(desk, sourced);
  const taken = lines.map(({ skuId }, i) => ({ skuId, quantity: here[i]! })).filter((t) => t.quantity > 0);
  for (const t of taken) desk.take({ locationId, skuId: t.skuId }, t.quantity);
  return {
    ownerId: who.actorId,
    place,
    channel,
    reservationId: null,
    lines: lines
      .map(({ skuId }, i) => ({ skuId, reserved: here[i]!, awaiting: placed[i]! - here[i]! }))
      .filter((l) => l.reserved + l.awaiting > 0),
    taken,
    plans: sourced.plans,
    log: sourced.log,
    shortfall: lines
      .map((l, i) => ({ sku: l.sku, requested: l.quantity, placed: placed[i]! }))
      .filter((l) => l.placed < l.requested),
  };
}
