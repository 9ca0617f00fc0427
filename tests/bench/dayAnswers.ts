// What the mixed day sends, and how an answer is judged: answered, politely refused for now, or an error.

import type { HttpAnswer } from './connection';
import type { Outcome } from './load';

export const ONE_SKU = `query ($sku: String!, $shops: [String!]!) {
  availability(skus: [$sku], at: { locations: $shops }) { sku { code name } locations { location { code name } band quantity asOf } } }`;
export const NEARBY = `query ($skus: [String!]!, $near: NearInput!) {
  availability(skus: $skus, at: { near: $near }) { sku { code } locations { location { code } distanceKm band quantity } } }`;
export const PICKUP = `query ($lines: [SkuQuantityInput!]!, $near: NearInput!) {
  pickupOptions(lines: $lines, near: $near) { location { code name } kind readyAt distanceKm } }`;
export const CODE = 'query ($id: ID!) { order(by: { id: $id }) { id status pickupCode } }';

const REFUSAL = '__typename ... on Refusal { message }';
const WITH_ORDER = (type: string): string =>
  `mutation ($input: ${type}Input!) { answer: ${type[0]!.toLowerCase()}${type.slice(1)}(input: $input) {
    ${REFUSAL} ... on ${type}Success { order { id number } } } }`;

/** Each selects only what a repeat must answer identically. */
export const COMMANDS = {
  reserveStock: `mutation ($input: ReserveStockInput!) { answer: reserveStock(input: $input) { ${REFUSAL}
    ... on ReserveStockSuccess { reservation { id expiresAt lines { sku { code } quantity } certificate { asOf lines { position } } } } } }`,
  placeOrder: WITH_ORDER('PlaceOrder'),
  startPicking: `mutation ($input: StartPickingInput!) { answer: startPicking(input: $input) { ${REFUSAL}
    ... on StartPickingSuccess { orders { id number } } } }`,
  pickLine: WITH_ORDER('PickLine'),
  shortPick: `mutation ($input: ShortPickInput!) { answer: shortPick(input: $input) { ${REFUSAL}
    ... on ShortPickSuccess { short resourced replacedHere order { id number } } } }`,
  markReady: WITH_ORDER('MarkReady'),
  collectOrder: WITH_ORDER('CollectOrder'),
  cancelOrder: WITH_ORDER('CancelOrder'),
};
export type DayCommand = keyof typeof COMMANDS;

/** The answer to a command. */
export interface CommandAnswer {
  __typename: string;
  message?: string;
  reservation?: { id: string; lines: { sku: { code: string }; quantity: number }[] };
  order?: { id: string; number: string };
  short?: number;
}

/** One command that was sent, and its answer; null while it is not known. */
export interface Sent {
  command: DayCommand;
  request: Buffer;
  answer: string | null;
}

/** A granted reservation, as its client knows it. */
export interface GrantedReservation {
  id: string;
  shop: number;
  holder: string;
  lines: { sku: string; quantity: number }[];
  /** By performance.now(). */
  madeAt: number;
}

const ERRORS = Buffer.from('"errors":');
const BUSY = Buffer.from('"__typename":"Busy"');

/**
 * Judges an answer by its bytes. Polite refusals: the type Busy, 429 with retry-after, and 503 with retry-after and a GraphQL error of a code
 * that clients know. @throws Error anything else that is no answer, with its text
 */
export function judge({ status, retryAfter, body }: HttpAnswer): Outcome {
  const failed = body.includes(ERRORS);
  if (status === 200 && !failed) return body.length < 400 && body.includes(BUSY) ? 'busy' : 'ok';
  if (status === 429 && retryAfter !== null && body.includes('"TOO_MANY_REQUESTS"')) return 'busy';
  if (status === 503 && retryAfter !== null && body.includes('"UNAVAILABLE"')) return 'busy';
  throw new Error(`${status} ${body.toString().slice(0, 250)}`);
}
