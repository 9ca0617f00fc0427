// Holds as the tests drive them: fresh shelves, one call a command, and what stands on the shelves.

import type { TestApp } from '../support/app';
import { sendMutation } from '../support/graphqlClient';

const RESERVATION = `
  reservation {
    id status channel holder expiresAt createdAt location { code }
    lines { sku { code } requested quantity }
    certificate { asOf lines { sku { code } requested reserved wasAvailable safetyStock remaining position } }
  }`;
const REFUSALS = `
  __typename
  ... on Refusal { message }
  ... on InvalidInput { path }
  ... on NotFound { what keys }
  ... on KeyReused { firstAction }`;
const QUOTA = '... on QuotaExceeded { quota limit current requested sku }';
const SHORTAGE = '... on NotEnoughStock { bucket lines { sku location requested available } }';
const STATE = '... on WrongState { what key state allowedStates }';

const MUTATIONS = {
  reserveStock: `mutation ($input: ReserveStockInput!) { reserveStock(input: $input) {
    ${REFUSALS} ${SHORTAGE} ${QUOTA} ... on ReserveStockSuccess { ${RESERVATION} } } }`,
  extendReservation: `mutation ($input: ExtendReservationInput!) { extendReservation(input: $input) {
    ${REFUSALS} ${STATE} ${QUOTA} ... on ExtendReservationSuccess { ${RESERVATION} } } }`,
  releaseReservation: `mutation ($input: ReleaseReservationInput!) { releaseReservation(input: $input) {
    ${REFUSALS} ${STATE} ... on ReleaseReservationSuccess { ${RESERVATION} } } }`,
} as const;

const RECEIVE = `mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename } }`;
const NEW_SKU = 'INSERT INTO sku (code, name) VALUES ($1, $1)';
const LEVEL = `
  SELECT l.available, l.reserved FROM stock_level l
  JOIN location p ON p.id = l.location_id JOIN sku s ON s.id = l.sku_id WHERE p.code = $1 AND s.code = $2`;
const KEEP_BACK = `
  INSERT INTO safety_stock (sku_id, channel, quantity) SELECT id, $2, $3 FROM sku WHERE code = $1`;

let made = 0;

/** A key nobody used before. */
export function freshKey(): string {
  made += 1;
  return `key-${made}`;
}

export interface ReservationLineInput {
  sku: string;
  quantity: number;
}

/** The commands on one app. `shop` is a storefront, `feed` sees numbers and is bound to no location. */
export async function holdsOn(app: TestApp) {
  const shop = await app.token('STOREFRONT', 'web-shop');
  const feed = await app.token('FEED', 'till');
  const act = async <Name extends keyof typeof MUTATIONS>(
    name: Name,
    input: object,
    token: string | null = shop,
  ) => {
    const keyed = { idempotencyKey: freshKey(), ...input };
    const { answer, errors } = await sendMutation(app, MUTATIONS, name, token, keyed);
    return { errors, ...answer };
  };
  return {
    shop,
    feed,
    /** Units for sale of a SKU that no other test touches; gives its code. */
    async stocked(units: number, location = 'paris'): Promise<string> {
      made += 1;
      const sku = `SKU-${made}`;
      await app.db.rows(NEW_SKU, [sku]);
      await this.receive(sku, units, location);
      return sku;
    },
    async receive(sku: string, quantity: number, location = 'paris'): Promise<void> {
      const lines = [{ sku, quantity }];
      if (quantity > 0)
        await app.gql(feed, RECEIVE, { input: { idempotencyKey: freshKey(), location, lines } });
    },
    /** Keeps units of a SKU back from a channel (null: from every one). */
    async keepBack(sku: string, channel: string | null, units: number): Promise<void> {
      await app.db.rows(KEEP_BACK, [sku, channel, units]);
    },
    /** Reserves at paris unless configured otherwise. */
    reserve: (lines: ReservationLineInput[], more: object = {}, token: string | null = shop) =>
      act('reserveStock', { location: 'paris', lines, ...more }, token),
    extend: (reservation: string, holdMinutes: number, token: string | null = shop, more: object = {}) =>
      act('extendReservation', { reservation, holdMinutes, ...more }, token),
    release: (reservation: string, token: string | null = shop, more: object = {}) =>
      act('releaseReservation', { reservation, ...more }, token),
    async level(sku: string, location = 'paris') {
      const [row] = await app.db.rows<{ available: number; reserved: number }>(LEVEL, [location, sku]);
      return row ?? { available: 0, reserved: 0 };
    },
    async status(id: string, token = shop): Promise<string | undefined> {
      const { data } = await app.gql(token, 'query ($id: ID!) { reservation(id: $id) { status } }', { id });
      return data.reservation?.status;
    },
  };
}
