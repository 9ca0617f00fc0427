// The requests of npm run bench:growth to both chains: reservations, availability, and a page of a shelf's moves.

import type { GrowthSize } from './growthLife';
import type { Client } from './load';

/** One of the two chains, as its clients see it. */
export interface Side {
  size: GrowthSize;
  client: Client;
  storefront: string;
  planner: string;
  feed: string;
}

export interface RequestKind {
  name: string;
  /** Creates a function that sends one such request, with random arguments. */
  sender(side: Side): () => Promise<void>;
}

const HOLD_MINUTES = 1_440;
const SKUS = 20;
const LOCATIONS = 10;
/** The largest quantity of one line of a receipt. */
const RECEIPT_UNITS = 1_000_000;
const RECEIPTS = 3;

const RESERVE = `mutation ($input: ReserveStockInput!) { answer: reserveStock(input: $input) {
  __typename ... on ReserveStockSuccess { reservation { id expiresAt } } } }`;
const AVAILABILITY = `query ($skus: [String!]!, $locations: [String!]!) {
  availability(skus: $skus, at: { locations: $locations }) { sku { code } locations { location { code } band } } }`;
const MOVES = `query ($sku: String!, $location: String!) { stockMoves(filter: { sku: $sku, location: $location }, first: 20) {
  edges { node { position quantity fromBucket toBucket reason at command { id action } } } pageInfo { hasNextPage } } }`;
const RECEIVE = 'mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename } }';

const draw = (n: number): number => Math.floor(Math.random() * n);
const anySku = ({ size }: Side): string => `G${1 + draw(size.skus)}`;
const anyLocation = ({ size }: Side): string => `place-${1 + draw(size.locations)}`;

function some(n: number, of: () => string): string[] {
  const found = new Set<string>();
  while (found.size < n) found.add(of());
  return [...found];
}

let key = 0;
const run = Math.random().toString(36).slice(2);

/** Sends one operation, and throws unless the answer contains this text. */
async function expectOf(client: Client, request: Buffer, text: string): Promise<void> {
  const { status, body } = await client.sendBytes(request);
  if (status !== 200 || !body.includes(text)) throw new Error(`a question was answered ${status}: ${body}`);
}

function reserver(side: Side, shelf: () => [string, string], enough: boolean): () => Promise<void> {
  return async () => {
    const [location, sku] = shelf();
    key += 1;
    const input = {
      idempotencyKey: `${run}-${key}`,
      holdMinutes: HOLD_MINUTES,
      ...{ location, lines: [{ sku, quantity: 1 }] },
    };
    const request = side.client.prepare(side.storefront, RESERVE, { input });
    await expectOf(side.client, request, enough ? '"ReserveStockSuccess"' : '"data"');
  };
}

export const REQUEST_KINDS: readonly RequestKind[] = [
  {
    name: 'holds on random shelves',
    sender: (side) => reserver(side, () => [anyLocation(side), anySku(side)], false),
  },
  { name: 'holds on one hot shelf', sender: (side) => reserver(side, () => ['place-1', 'G1'], true) },
  {
    name: `availability of ${SKUS} SKUs at ${LOCATIONS} places`,
    sender: (side) => () => {
      const variables = {
        skus: some(SKUS, () => anySku(side)),
        locations: some(LOCATIONS, () => anyLocation(side)),
      };
      return expectOf(side.client, side.client.prepare(side.storefront, AVAILABILITY, variables), '"band"');
    },
  },
  {
    name: 'a page of a shelf’s moves',
    sender: (side) => () => {
      const variables = { sku: anySku(side), location: anyLocation(side) };
      return expectOf(side.client, side.client.prepare(side.planner, MOVES, variables), '"position"');
    },
  },
];

/** Puts more units on the hot shelf than can be held. */
export async function stockUp(side: Side): Promise<void> {
  for (let i = 0; i < RECEIPTS; i += 1) {
    const lines = [{ sku: 'G1', quantity: RECEIPT_UNITS }];
    const input = { idempotencyKey: `${run}-hot-${i}`, location: 'place-1', lines };
    await expectOf(side.client, side.client.prepare(side.feed, RECEIVE, { input }), 'ReceiveStockSuccess');
  }
}
