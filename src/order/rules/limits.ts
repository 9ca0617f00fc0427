// How much an order may ask for: every limit of the wing by name.

import { checkText } from '../../refusals';

export const ORDER_LIMITS = {
  /** Codes of articles and places, order numbers, pickup codes: as they are typed. */
  codeLength: 100,
  noteLength: 500,
  stagingPlaceLength: 40,
  arrivalNoteLength: 200,
  /** Orders that one wave takes off the shelves together. */
  waveOrders: 50,
  /** Lines a pick list shows; a full wave of ordinary baskets fits. */
  pickListLines: 1_000,
  /** Orders each list of a pickup queue shows; the counts beside them are whole. */
  queueOrders: 100,
  /** Orders that one transaction of a nightly job closes or reminds. */
  jobBatch: 200,
  /** Transactions that one run of a job may take; what is left waits for the next. */
  jobBatches: 500,
  /** Wrong pickup codes that one token may send in `codeWindowSeconds` over all orders. */
  codeAttemptsPerActor: 30,
  codeWindowSeconds: 600,
} as const;

/** An optional text, trimmed; an empty one is none. @throws Refused InvalidInput */
export function optionalText(text: string | null | undefined, path: string, max: number): string | null {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return null;
  checkText(trimmed, path, max);
  return trimmed;
}
