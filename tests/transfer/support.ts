// Transfers as the tests drive them: one call a command, and what stands on the shelves.

import type { TestApp } from '../support/app';

const REFUSALS = `
  ... on Refusal { message }
  ... on InvalidInput { path }
  ... on NotFound { what keys }`;
const TRANSFER = `id number status orderNumber from { code } to { code } note expectedAt dispatchedAt closedAt
  lines { sku { code } quantity received }`;

const CREATE = `mutation ($input: CreateTransferInput!) { createTransfer(input: $input) { __typename ${REFUSALS}
  ... on NotEnoughStock { bucket lines { sku location requested available } }
  ... on CreateTransferSuccess { transfer { ${TRANSFER} } } } }`;
const act = (name: string) => {
  const type = name[0]!.toUpperCase() + name.slice(1);
  const more = name === 'receiveTransfer' ? 'discrepancies { sku { code } sent received }' : '';
  return `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename ${REFUSALS}
    ... on WrongState { what key state allowedStates }
    ... on ${type}Success { transfer { ${TRANSFER} } ${more} } } }`;
};
const ACTS = {
  dispatchTransfer: act('dispatchTransfer'),
  receiveTransfer: act('receiveTransfer'),
  cancelTransfer: act('cancelTransfer'),
};

const LEVEL = `
  SELECT l.available, l.reserved, l.in_transit AS "inTransit" FROM stock_level l
  JOIN location p ON p.id = l.location_id JOIN sku s ON s.id = l.sku_id WHERE p.code = $1 AND s.code = $2`;
const RECEIVE = `mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename } }`;

let keys = 0;
/** A key nobody used before. */
export const freshKey = () => `transfer-${++keys}`;

export interface TransferLineRequest {
  sku: string;
  quantity: number;
}

/** The commands on one app, by people who are named with each. */
export function transfersOn(app: TestApp) {
  const create = async (token: string | null, input: Record<string, unknown>) => {
    const answer = await app.gql(token, CREATE, { input: { idempotencyKey: freshKey(), ...input } });
    return { ...answer, answer: answer.data?.createTransfer };
  };
  return {
    create,
    async draft(token: string, lines: TransferLineRequest[], from = 'depot', to = 'paris') {
      return (await create(token, { from, to, lines })).answer.transfer;
    },
    async act(name: keyof typeof ACTS, token: string | null, transfer: string, more: object = {}) {
      const input = { idempotencyKey: freshKey(), transfer, ...more };
      const answer = await app.gql(token, ACTS[name], { input });
      return { ...answer, answer: answer.data?.[name] };
    },
    async stock(token: string, location: string, lines: TransferLineRequest[]) {
      await app.gql(token, RECEIVE, { input: { idempotencyKey: freshKey(), location, lines } });
    },
    async level(location: string, sku: string) {
      const [row] = await app.db.rows<{ available: number; reserved: number; inTransit: number }>(LEVEL, [
        location,
        sku,
      ]);
      return row ?? { available: 0, reserved: 0, inTransit: 0 };
    },
  };
}
