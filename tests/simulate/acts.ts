// Takes a command on the real program, and says its answer in the model's words.

import type { Db } from '../../src/db/pool';
import { Refused } from '../../src/refusals';
import type { Reserved } from '../../src/reservation/rules/reservation';
import { callOf } from './calls';
import type { Names } from './callTools';
import type { CallAnswer, Op } from './ops';
import type { SimulatedState } from './state';

/** Said by the program, in the model's words. */
function inWords(names: Names, op: Op, value: unknown): CallAnswer {
  const skuOf = (id: number): number => names.skus.findIndex((s) => s.id === id);
  const raw: unknown = JSON.parse(JSON.stringify(value));
  if (op.act === 'reserve') {
    const { id, expiresAt, certificate } = value as Reserved;
    const lines = certificate.lines.map(
      ({ skuId, requested, held, wasAvailable: was, safetyStock: kept, remaining }) => ({
        sku: skuOf(skuId),
        requested,
        held,
        was,
        kept,
        remaining,
      }),
    );
    return { kind: 'ok', raw, id, until: Date.parse(expiresAt), certificate: lines };
  }
  const told = value as Record<'orderId' | 'transferId' | 'purchaseId', string> & Record<string, number>;
  const id = told.orderId ?? told.transferId ?? told.purchaseId;
  if (op.act === 'short' || op.act === 'broken')
    return { kind: 'ok', raw, id, here: told.replacedHere!, fetched: told.resourced! };
  return { kind: 'ok', raw, ...(id && { id }) };
}

function refusedInWords(names: Names, refused: Refused): CallAnswer {
  const data = refused.data as unknown as {
    kind: string;
    state?: string;
    lines?: { sku: string; requested: number; available: number | null }[];
  };
  const { kind, state, lines } = data;
  const answer: CallAnswer = { kind, raw: JSON.parse(JSON.stringify(data)), ...(state && { state }) };
  if (kind !== 'NotEnoughStock') return answer;
  const short = lines!.map(({ sku, requested, available }) => ({
    sku: names.skus.findIndex((s) => s.code === sku),
    requested,
    available,
  }));
  return { ...answer, short };
}

/** Takes one command on the real program. A refusal is an answer; every other error is thrown. */
export async function perform(
  names: Names,
  state: SimulatedState,
  db: Db,
  op: Op,
  key: string,
): Promise<CallAnswer> {
  const { who, run } = callOf(names, state, db, op);
  const now = new Date(state.now);
  try {
    return inWords(names, op, await run((input) => ({ actor: who, idempotencyKey: key, input, now })));
  } catch (error) {
    if (error instanceof Refused) return refusedInWords(names, error);
    throw error;
  }
}
