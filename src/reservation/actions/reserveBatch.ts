// The running totals of one batch of reserveStock, on shelves and reservations that are locked.

import type { Command, CommandRequest } from '../../access/actions/execute';
import type { Tx } from '../../db/pool';
import { type LockedShelves, lockShelves, type Move, type Shelf } from '../../stock/ledger';
import { safetyStocks } from '../../stock/queries/levels';
import { channelShelfKey, shelfKey } from '../../values/keys';
import { type Certificate, isPast } from '../rules/reservation';
import { BatchQuotas, type HolderReservations } from './holders';
import { lockActive } from './statements';

/** A basket to reserve at one location, resolved to ids by the schema layer; `holder` is the storefront's own id of it. */
export interface ReserveInput {
  locationId: number;
  locationCode: string;
  channel: string;
  holder: string | null;
  holdMinutes: number;
  allowPartial: boolean;
  /** Units; two lines of one SKU add up. */
  lines: { skuId: number; sku: string; quantity: number }[];
}
export type ReserveCommand = Command<ReserveInput>;

/** A reservation whose units are RESERVED now: found in the database, or made earlier in this batch. */
interface LiveReservation {
  id: string;
  locationId: number;
  lines: { skuId: number; quantity: number }[];
}

/** A reservation made in this batch; `replaced` when a later request of the batch replaced it. */
export interface MadeReservation extends LiveReservation {
  command: ReserveCommand;
  replaced: boolean;
  /** Since when its holder has had units without a pause; null: since it was made. */
  since: Date | null;
  /** The certificate's lines without the position, which only the ledger knows. */
  decided: Omit<Certificate['lines'][number], 'position'>[];
}

/** Key of a holder at a location, which has at most one ACTIVE reservation. Null for baskets without an id. */
export function holderKey(ownerId: number, locationId: number, holder: string | null): string | null {
  return holder === null ? null : `${ownerId}:${locationId}:${holder}`;
}

/** The distinct shelves that these requests name. */
export function shelvesOf(requests: readonly CommandRequest<ReserveInput>[]): Shelf[] {
  const shelves = new Map<string, Shelf>();
  for (const { input } of requests) {
    const { locationId } = input;
    for (const { skuId } of input.lines) shelves.set(shelfKey({ locationId, skuId }), { locationId, skuId });
  }
  return [...shelves.values()];
}

/** The running totals of one batch: later requests of the batch are decided on what the earlier ones left. */
export class ReserveBatch {
  readonly moves: Move[] = [];
  readonly ends: { id: string; status: 'EXPIRED' | 'RELEASED' }[] = [];
  readonly made = new Map<string, MadeReservation>();
  readonly #free = new Map<string, number>();
  readonly #current = new Map<string, LiveReservation>();

  constructor(
    readonly shelves: LockedShelves,
    readonly safety: ReadonlyMap<string, number>,
    readonly quotas: BatchQuotas,
  ) {}

  free(locationId: number, skuId: number): number {
    return this.#free.get(shelfKey({ locationId, skuId })) ?? this.shelves.at(locationId, skuId).available;
  }

  #move(
    reservation: LiveReservation,
    skuId: number,
    units: number,
    reason: Move['reason'],
    commandId: number,
  ): void {
    const { locationId, id: documentId } = reservation;
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

  /** The current reservation of this holder. */
  current(key: string | null): LiveReservation | undefined {
    return key === null ? undefined : this.#current.get(key);
  }

  found(key: string, reservation: LiveReservation): void {
    this.#current.set(key, reservation);
  }

  expire(reservation: LiveReservation, commandId: number): void {
    for (const l of reservation.lines)
      this.#move(reservation, l.skuId, l.quantity, 'HOLD_EXPIRED', commandId);
    this.ends.push({ id: reservation.id, status: 'EXPIRED' });
  }

  /** Makes a reservation, which replaces the current one of its holder. */
  make(key: string | null, reservation: MadeReservation): void {
    const { commandId } = reservation.command;
    const old = this.current(key);
    if (old !== undefined) {
      for (const l of old.lines) this.#move(old, l.skuId, l.quantity, 'HOLD_RELEASED', commandId);
      const made = this.made.get(old.id);
      if (made !== undefined) made.replaced = true;
      else this.ends.push({ id: old.id, status: 'RELEASED' });
    }
    for (const l of reservation.lines) this.#move(reservation, l.skuId, -l.quantity, 'HELD', commandId);
    this.made.set(reservation.id, reservation);
    if (key !== null) this.#current.set(key, reservation);
  }
}

/** Locks the reservations that this batch replaces or finds expired, then every shelf it touches, and ends the expired ones. */
export async function openBatch(
  tx: Tx,
  now: Date,
  commands: ReserveCommand[],
  { found, ofHolders }: LockedHolders,
): Promise<ReserveBatch> {
  // The command that an expiry is recorded under: the first that requested one of its shelves, or that has its holder.
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
  const reservations = await lockActive(tx, found);
  const old = reservations.flatMap((h) => h.lines.map((l) => ({ locationId: h.locationId, skuId: l.skuId })));
  const lineCount = commands.reduce((lines, { input }) => lines + input.lines.length, 0);
  // Sent behind the locks on the same connection, so the safety stock is read after the locks are taken.
  const [locked, safety] = await Promise.all([
    lockShelves(tx, [...shelvesOf(commands), ...old], lineCount + old.length),
    safetyStocks(tx, [...channels.values()]),
  ]);
  const kept = new Map([...channels.keys()].map((key, i) => [key, safety[i] ?? 0]));
  const batch = new ReserveBatch(locked, kept, new BatchQuotas(ofHolders));
  for (const reservation of reservations) {
    const key = holderKey(reservation.ownerId, reservation.locationId, reservation.holder);
    if (isPast(reservation.expiresAt, now)) {
      const cause = reservation.lines
        .map((l) => causes.get(shelfKey({ locationId: reservation.locationId, skuId: l.skuId })))
        .find((c) => c !== undefined);
      batch.expire(reservation, cause ?? causes.get(key ?? '') ?? commands[0]!.commandId);
    } else if (key !== null && causes.has(key)) batch.found(key, reservation);
  }
  return batch;
}

/** What is known of the holders of these requests under their locks. */
export interface LockedHolders {
  /** The ids of reservations that the requests may replace or expire. */
  found: string[];
  /** The reservations of holders that quotas apply to. */
  ofHolders: Map<string, HolderReservations>;
}
