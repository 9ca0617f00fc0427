// Clients that reservation units and ask at once what is left, on shelves that are theirs alone: each answer can only be one.

import type { Tx } from '../../src/db/pool';
import { newToken } from '../support/world';

const UNITS = 1_000_000;
const HOLD_MINUTES = 60;
const ANSWER_LIMIT_MS = 25_000;
/** Told of what went wrong: the first so many. */
const MAX_TOLD = 5;

const RECEIVE = `mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename } }`;
const RESERVE = `mutation ($input: ReserveStockInput!) { reserveStock(input: $input) {
  __typename ... on ReserveStockSuccess { reservation { id } } } }`;
const RELEASE = `mutation ($input: ReleaseReservationInput!) { releaseReservation(input: $input) { __typename } }`;
const ASK = `query ($skus: [String!]!) { availability(skus: $skus, at: { locations: ["paris"] }) { locations { quantity asOf } } }`;

/** What the clients saw. */
export interface Tally {
  holds: number;
  reads: number;
  /** Answers that were not the present state, were no answer, or came from the past: none of them may be. */
  wrong: number;
  /** The first wrong ones in words. */
  told: string[];
  /** Of all reads, the longest. */
  slowestMs: number;
}

export interface Checker {
  /** Lets every client hold and ask, in turns, through all these doors of the program, until `enough`. */
  run(urls: readonly string[], enough: () => boolean): Promise<Tally>;
}

interface Shelf {
  sku: string;
  token: string;
  /** Units there by all that was acknowledged. */
  there: number;
  holds: string[];
}

const SKUS = `
  INSERT INTO sku (code, gtin, name, category, price_minor, currency)
  SELECT 'CHECK-' || n, NULL, 'Checked ' || n, 'Checked', 100, 'EUR' FROM generate_series(1, $1::int) AS n RETURNING code`;

/** Makes the checker with so many clients, each with a token and a shelf in Paris, in the tests' world. */
export async function newChecker(db: Tx, url: string, clients: number): Promise<Checker> {
  let keys = 0;
  const post = async (at: string, token: string, query: string, variables: object) => {
    const response = await fetch(`${at}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.status} ${text}`);
    // biome-ignore lint/suspicious/noExplicitAny: answers of several shapes
    const { data, errors } = JSON.parse(text) as { data: any; errors?: unknown[] };
    if (errors) throw new Error(text);
    return data;
  };
  const act = (at: string, token: string, query: string, input: object) => {
    keys += 1;
    return post(at, token, query, { input: { idempotencyKey: `check-${keys}`, ...input } });
  };
  const codes = (await db.rows<{ code: string }>(SKUS, [clients])).map((row) => row.code);
  const shelves: Shelf[] = [];
  for (const sku of codes) {
    const token = await newToken(db, 'FEED', `checker ${sku}`);
    shelves.push({ sku, token, there: UNITS, holds: [] });
  }
  const lines = codes.map((sku) => ({ sku, quantity: UNITS }));
  await act(url, shelves[0]!.token, RECEIVE, { location: 'paris', lines });

  /** One act on one's own shelf: mostly a reservation, now and then the release of one. */
  async function change(at: string, shelf: Shelf, tally: Tally): Promise<void> {
    const old = shelf.holds.length > 3 ? shelf.holds.shift() : undefined;
    if (old !== undefined) {
      const data = await act(at, shelf.token, RELEASE, { reservation: old });
      if (data.releaseReservation.__typename !== 'ReleaseReservationSuccess')
        throw new Error(JSON.stringify(data));
      shelf.there += 1;
    } else {
      const hold = {
        holder: `basket-${keys}`,
        location: 'paris',
        holdMinutes: HOLD_MINUTES,
      };
      const data = await act(at, shelf.token, RESERVE, { ...hold, lines: [{ sku: shelf.sku, quantity: 1 }] });
      if (data.reserveStock.__typename !== 'ReserveStockSuccess') throw new Error(JSON.stringify(data));
      shelf.holds.push(data.reserveStock.reservation.id);
      shelf.there -= 1;
    }
    tally.holds += 1;
  }

  /** Asks with a token; the answer must be what was acknowledged, and not from before the question. */
  async function ask(at: string, token: string, shelf: Shelf, tally: Tally): Promise<void> {
    const { there } = shelf;
    const begun = performance.now();
    const asked = Date.now();
    const data = await post(at, token, ASK, { skus: [shelf.sku] });
    const [place] = data.availability[0].locations;
    tally.reads += 1;
    tally.slowestMs = Math.max(tally.slowestMs, performance.now() - begun);
    if (place.quantity !== there || Date.parse(place.asOf) < asked) {
      throw new Error(
        `${shelf.sku}: ${JSON.stringify(place)}, not ${there} at ${new Date(asked).toISOString()}`,
      );
    }
  }

  return {
    async run(urls, enough) {
      const tally: Tally = { holds: 0, reads: 0, wrong: 0, told: [], slowestMs: 0 };
      const client = async (shelf: Shelf, number: number): Promise<void> => {
        const stranger = shelves[(number + 1) % shelves.length]!.token;
        for (let turn = number; !enough(); turn += 1) {
          const door = (step: number): string => urls[(turn + step) % urls.length]!;
          try {
            await change(door(0), shelf, tally);
            // By who changed it, through the same door and through another; and by somebody else.
            await ask(door(0), shelf.token, shelf, tally);
            await ask(door(1), shelf.token, shelf, tally);
            await ask(door(2), stranger, shelf, tally);
          } catch (error) {
            tally.wrong += 1;
            if (tally.told.length < MAX_TOLD) tally.told.push((error as Error).message);
            return; // what it knows of its shelf may be wrong from here on
          }
        }
      };
      await Promise.all(shelves.map(client));
      return tally;
    },
  };
}
