// Compares a reservation's certificate with the ledger: whether it was decided correctly.

import { atpOf } from '../../availability/rules/shelf';
import type { CertificateLine } from './reservation';

/** One line of a reservation by the ledger, in units. */
export interface Replayed {
  skuId: number;
  /** AVAILABLE on the shelf when the line was decided: the sum of all moves before its own. */
  available: number;
  /** Units that the reservation's own move took; 0 when it took none. */
  moved: number;
  /** Units of the holder's replaced reservation; a raised safety stock takes nothing of those. */
  own: number;
  /** Whether the ledger has the move that the certificate names as the shelf's last one. */
  positionExists: boolean;
}

/** One line of a certificate compared with the ledger. */
export interface ProvenLine extends CertificateLine {
  replayed: number;
  moved: number;
  /** The differences, as sentences; empty if the certificate is right. */
  wrong: string[];
}

/** Checks every number of a line against the ledger and against its own arithmetic. */
export function proveLine(line: CertificateLine, found: Replayed): ProvenLine {
  const { requested, held, wasAvailable, safetyStock, remaining, position } = line;
  const most = atpOf({ free: wasAvailable - found.own, own: found.own, safetyStock });
  const wrong = [
    found.available === wasAvailable
      ? ''
      : `The certificate says ${wasAvailable} were available; the ledger says ${found.available}.`,
    found.moved === held ? '' : `The certificate says ${held} were held; the ledger moved ${found.moved}.`,
    held <= requested ? '' : `${held} were held and only ${requested} asked for.`,
    held <= most
      ? ''
      : `${held} were held and only ${most} could be promised (${wasAvailable} − ${safetyStock} kept back).`,
    remaining === wasAvailable - held
      ? ''
      : `${wasAvailable} − ${held} is not the ${remaining} that are said to remain.`,
    found.positionExists || position === 0 ? '' : `The ledger has no move ${position} on this shelf.`,
  ].filter((sentence) => sentence !== '');
  return { ...line, replayed: found.available, moved: found.moved, wrong };
}
