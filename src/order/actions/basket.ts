// Content of a new order, whether its units come from shelves or from a reservation.

import type { Command } from '../../access/actions/execute';
import type { SkuQuantity, SourcingStep } from '../../availability/rules/sourcing';
import type { Tx } from '../../db/pool';
import { type Refused, refusal } from '../../refusals';
import type { TransferPlan } from '../../transfer/actions/planned';
import type { SetBy } from '../../values/document';
import type { ORDER } from '../rules/columns';
import type { Customer } from '../rules/customer';
import type { Payment } from '../rules/status';

/** Units of one SKU that were requested, with its code for refusals. */
export interface RequestedLine {
  skuId: number;
  sku: string;
  quantity: number;
}

/** The input of `placeOrder`: a reservation, or lines (one per SKU) at a shop. */
export interface PlaceInput extends Partial<SetBy<typeof ORDER, 'placeOrder'>> {
  reservationId: string | null;
  /** The reservation's global id, for refusals. */
  reservationKey: string;
  direct: { locationId: number; channel: string; lines: RequestedLine[] } | null;
  customer: Customer;
  payment: Payment;
  allowTransfer: boolean;
  allowPartial: boolean;
}

export type PlaceCommand = Command<PlaceInput>;

/** The columns of a pickup location that orders need. */
export interface PickupLocation {
  id: number;
  code: string;
  /** Whether orders can be picked up here: pickup is enabled and it has opening hours. */
  forPickup: boolean;
  /** False when permanently closed: no new orders, but existing reservations may still become orders. */
  active: boolean;
}

/** The resolved content of an order to be placed. */
export interface Basket {
  ownerId: number;
  location: PickupLocation;
  channel: string;
  reservationId: string | null;
  lines: { skuId: number; reserved: number; awaiting: number }[];
  /** Units taken from AVAILABLE at the shop itself; a reservation's units are RESERVED already. */
  taken: SkuQuantity[];
  plans: Omit<TransferPlan, 'orderId'>[];
  log: SourcingStep[];
  shortfall: { sku: string; requested: number; placed: number }[];
}

const PICKUP_LOCATIONS = `
  SELECT id, code, active,
         pickup_enabled AND (weekly_hours <> '[]' OR jsonb_path_exists(hours_exceptions, '$[*].ranges[*]')) AS "forPickup"
  FROM location WHERE id = ANY($1::int[])`;

/** The refusal of a location that is permanently closed, has pickup disabled, or has no opening hours. */
export function notAPickupLocation(location: PickupLocation): Refused {
  return refusal(
    'InvalidInput',
    `${location.code} does not hand out orders, or has no opening hours; choose one of pickupOptions.`,
    {
      path: 'location',
    },
  );
}

/** Reads pickup locations by id. */
export async function pickupLocationsById(
  tx: Tx,
  ids: readonly number[],
): Promise<Map<number, PickupLocation>> {
  const rows = await tx.rows<PickupLocation>(PICKUP_LOCATIONS, [[...new Set(ids)]]);
  return new Map(rows.map((p) => [p.id, p]));
}
