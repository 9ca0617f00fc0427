// Judges a reservation's certificate against the ledger: was the answer given then right?

import { atpOf } from '../../availability/rules/shelf';
import type { CertificateLine } from './reservation';

/** What the ledger says of one line of a reservation, in units. */
export interface Replayed {
  skuId: number;
  /** AVAILABLE on the shelf when the line was decided: the sum of all moves before its own. */
  available: number;
  /** Units that the reservation's own move took; 0 when it took none. */
  moved: number;
  /** Units that the holder had here before and gave back for it; a raised safety stock takes nothing of those. */
  own: number;
  /** The move that the certificate names as the shelf's last is there. */
  positionExists: boolean;
}

/** One line of a certificate beside the ledger. */
export interface ProvenLine extends CertificateLine {
  replayed: number;
  moved: number;
  /** What does not agree; empty: the answer was right. */
  wrong: string[];
}

/** Holds every number of a line against the ledger and against the arithmetic it claims. */
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
