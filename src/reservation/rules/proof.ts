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
      : `The certificate states ${wasAvailable} available units; the ledger has ${found.available}.`,
    found.moved === held
      ? ''
      : `The certificate states ${held} reserved units; the ledger moved ${found.moved}.`,
    held <= requested ? '' : `${held} units were reserved, but only ${requested} requested.`,
    held <= most
      ? ''
      : `${held} units were reserved, but only ${most} could be promised (${wasAvailable} − safety stock ${safetyStock}).`,
    remaining === wasAvailable - held
      ? ''
      : `${wasAvailable} − ${held} is not ${remaining}, which the certificate states as remaining.`,
    found.positionExists || position === 0 ? '' : `The ledger has no move ${position} on this shelf.`,
  ].filter((sentence) => sentence !== '');
  return { ...line, replayed: found.available, moved: found.moved, wrong };
}
