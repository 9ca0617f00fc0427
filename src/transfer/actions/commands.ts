// Commands on transfers before they arrive: create, dispatch, cancel.

import { type Command, defineCommand } from '../../access/actions/execute';
import { mustWorkAt } from '../../access/rules/roles';
import { mustBeActive } from '../../location/queries/locations';
import { enqueue } from '../../outbox/actions/enqueue';
import { checkInstant, checkState } from '../../refusals';
import { lockSwept } from '../../reservation/actions/sweep';
import { lockShelves, post } from '../../stock/ledger';
import { notEnoughStock } from '../../stock/rules/changes';
import type { SetBy } from '../../values/document';
import { sumBySku } from '../../values/skuUnits';
import { MINUTE_MS } from '../../values/time';
import { arrivalsOf, type TRANSFER, TRANSFER_STARTS, type TransferUnits } from '../rules';
import { checkHelpedOrder } from './helpedOrder';
import { cancelDrafts, movesOf, planTransfers, type TransferFollower, transferForUpdate } from './planned';
import { bothEnds, lockEnds, lockWithOrder, settle, transferMessage } from './waiting';

/** Maximum number of days between now and the expected arrival. */
const MAX_EXPECTED_DAYS = 730;

export interface CreateTransferInput extends SetBy<typeof TRANSFER, 'createTransfer'> {
  fromLocationId: number;
  fromCode: string;
  toLocationId: number;
  lines: (TransferUnits & { sku: string })[];
  /** Number of the order that the units are meant for; null or left out: of none in particular. */
  orderNumber?: string | null;
}

const LEAD = 'SELECT transfer_lead_minutes AS "leadMinutes" FROM location WHERE id = $1';

const MEANT_FOR = 'UPDATE transfer SET helps_order_id = $2 WHERE id = $1';

/**
 * Opens a transfer in DRAFT and reserves its units at the source at once. Decides on `available`, not on ATP: safety
 * stock is withheld from customers, not from the retailer's own shops; units in expired reservations do not count. Without
 * `expectedAt` it is expected after the source's transfer lead time. @throws Refused NotEnoughStock, NotFound of an inactive destination, InvalidInput
 */
export const createTransfer = defineCommand(
  'createTransfer',
  async (tx, command: Command<CreateTransferInput>) => {
    const { input, actor, now, commandId } = command;
    mustWorkAt(actor, input.fromLocationId, input.fromCode);
    const helped = await checkHelpedOrder(tx, command);
    await mustBeActive(tx, input.toLocationId);
    if (input.expectedAt)
      checkInstant(
        input.expectedAt,
        'expectedAt',
        now,
        new Date(now.getTime() + MAX_EXPECTED_DAYS * 1_440 * MINUTE_MS),
      );
    const [source] = await tx.rows<{ leadMinutes: number }>(LEAD, [input.fromLocationId]);
    const lines = sumBySku(input.lines);
    const shelves = await lockSwept(
      tx,
      { commandId, now },
      lines.map(({ skuId }) => ({ locationId: input.fromLocationId, skuId })),
    );
    const codes = new Map(input.lines.map((l) => [l.skuId, l.sku]));
    const short = lines
      .map(({ skuId, quantity }) => ({
        sku: codes.get(skuId)!,
        location: input.fromCode,
        requested: quantity,
        available: shelves.at(input.fromLocationId, skuId).available,
      }))
      .filter((line) => line.requested > line.available);
    if (short.length > 0) throw notEnoughStock(actor, short);
    const expectedAt = input.expectedAt ?? new Date(now.getTime() + source!.leadMinutes * MINUTE_MS);
    const note = input.note ?? (helped === null ? null : `For order ${helped.number}`);
    const plan = { ...input, lines, expectedAt, note, orderId: null };
    const [made] = await planTransfers(tx, shelves, { commandId, now }, [plan]);
    if (helped !== null) await tx.rows(MEANT_FOR, [made!.id, helped.id]);
    return { transferId: made!.id };
  },
);

const DISPATCH = `UPDATE transfer SET status = 'DISPATCHED', dispatched_at = $2 WHERE id = $1`;

/** Dispatches a transfer: RESERVED at the source → IN_TRANSIT at the destination. @throws Refused NotFound (also of an inactive destination), WrongState */
export const dispatchTransfer = defineCommand(
  'dispatchTransfer',
  async (tx, { input, actor, now, commandId }: Command<{ transferId: string }>) => {
    const transfer = await transferForUpdate(tx, input.transferId);
    const { number, status, toLocationId } = transfer;
    mustWorkAt(actor, transfer.fromLocationId, transfer.fromCode);
    checkState('Transfer', number, status, TRANSFER_STARTS.dispatch, 'dispatched');
    await mustBeActive(tx, toLocationId);
    const shelves = await lockShelves(tx, bothEnds(transfer));
    await tx.rows(DISPATCH, [transfer.id, now]);
    const kind = {
      from: 'RESERVED',
      to: 'IN_TRANSIT',
      toLocationId,
      reason: 'DISPATCHED',
      commandId,
    } as const;
    await post(tx, shelves, now, movesOf(transfer, kind));
    await enqueue(tx, now, [transferMessage('transfer.dispatched', transfer)]);
    return { transferId: transfer.id };
  },
);

/**
 * Cancels a DRAFT transfer: its units are available at the source again. An order that waited for it is settled: its
 * units are missing. @throws Refused NotFound, WrongState
 */
export const cancelTransferWith = (follower: TransferFollower) =>
  defineCommand(
    'cancelTransfer',
    async (tx, { input, actor, now, commandId }: Command<{ transferId: string }>) => {
      const transfer = await lockWithOrder(tx, follower, input.transferId);
      const { id, number, status } = transfer;
      mustWorkAt(actor, transfer.fromLocationId, transfer.fromCode);
      checkState('Transfer', number, status, TRANSFER_STARTS.cancel, 'cancelled');
      const arrivals = arrivalsOf(transfer.lines, []);
      const locked = await lockEnds(tx, follower, transfer, arrivals);
      await cancelDrafts(tx, locked.shelves, { commandId, now }, [transfer]);
      await settle(tx, follower, { commandId, now }, locked, transfer, arrivals);
      return { transferId: id };
    },
  );
