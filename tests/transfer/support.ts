// Transfers as the tests drive them: one call a command, and what stands on the shelves.

import type { TestApp } from '../support/app';
import { capitalized, sendMutation } from '../support/graphqlClient';

const REFUSALS = `
  ... on Refusal { message }
  ... on InvalidInput { path }
  ... on NotFound { what keys }`;
const TRANSFER = `id number status orderNumber from { code } to { code } note expectedAt dispatchedAt closedAt
  lines { sku { code } quantity received }`;

const CREATE =
  `mutation ($input: CreateTransferInput!) { createTransfer(input: $input) { __typename ${REFUSALS}
  ... on NotEnoughStock { bucket lines { sku location requested available } }
  ... on CreateTransferSuccess { transfer { ${TRANSFER} } } } }` as const;
const act = <const Name extends string, const More extends string, const Own extends string = ''>(
  name: Name,
  more: More,
  own: Own = '' as Own,
) =>
  `mutation ($input: ${capitalized(name)}Input!) { ${name}(input: $input) { __typename ${REFUSALS}
    ... on WrongState { what key state allowedStates } ${own}
    ... on ${capitalized(name)}Success { transfer { ${TRANSFER} } ${more} } } }` as const;
const ACTS = {
  dispatchTransfer: act('dispatchTransfer', ''),
  receiveTransfer: act('receiveTransfer', 'discrepancies { sku { code } sent received }'),
  cancelTransfer: act('cancelTransfer', ''),
  recallTransfer: act('recallTransfer', ''),
  receiveLateUnits: act('receiveLateUnits', ''),
  reverseTransferReceipt: act(
    'reverseTransferReceipt',
    '',
    '... on NotEnoughStock { bucket lines { sku location requested available } }',
  ),
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
    act<Name extends keyof typeof ACTS>(
      name: Name,
      token: string | null,
      transfer: string,
      more: object = {},
    ) {
      return sendMutation(app, ACTS, name, token, { idempotencyKey: freshKey(), transfer, ...more });
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
