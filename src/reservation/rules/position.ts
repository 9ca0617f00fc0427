// Opaque numbers that stand for ledger positions, so that clients cannot infer the volume of moves.

import { createHmac } from 'node:crypto';

/** Bytes of the keyed hash: as a number they are exact in JSON. */
const BYTES = 6;

/** A number that stands for a ledger position: it reveals neither order nor distance of positions. */
export function opaquePosition(secretKey: Buffer, position: number): number {
  const mac = createHmac('sha256', secretKey).update(JSON.stringify(['ledger-position', position]));
  return mac.digest().readUIntBE(0, BYTES);
}
