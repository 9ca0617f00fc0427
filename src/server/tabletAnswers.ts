// The answers of the routes of shared tablets: statuses, codes and messages.

import type { EnrolmentFault } from '../access/actions/devices';
import type { PinRefusal, PinRules } from '../access/actions/pins';
import { PIN_LIMITS, type PinFault } from '../access/rules/pin';

export const WRONG_FORM =
  'The body is no JSON of this route: send {"code"} to /session/device, {"person", "pin"} to POST /session/pin, {"pin"} to PUT.';
export const NO_DEVICE =
  'This browser is no enrolled tablet, or the tablet was revoked; have a manager enrol it with createDevice.';
export const NOT_SIGNED_IN = 'Sign in first; a PIN is set by its own person, in a session.';

export const ENROLMENT_ANSWERS: Record<EnrolmentFault, { status: number; message: string }> = {
  UNKNOWN_CODE: {
    status: 404,
    message: 'This code enrols no tablet; scan the whole code that your manager shows.',
  },
  CODE_USED: {
    status: 410,
    message: 'This code has enrolled a tablet already; have your manager make another one.',
  },
  CODE_EXPIRED: {
    status: 410,
    message: 'This code has expired or was revoked; have your manager make another one.',
  },
};

const FAULTS: Record<PinFault, (shortest: number) => string> = {
  NOT_DIGITS: () => 'A PIN has digits only; leave out everything else.',
  TOO_SHORT: (shortest) => `This PIN is too short; choose at least ${shortest} digits.`,
  TOO_LONG: () => `This PIN is too long; choose at most ${PIN_LIMITS.longest} digits.`,
  TOO_EASY: () =>
    'This PIN is easy to guess: it is a sequence, a repetition, a date or a year; choose digits without a pattern.',
};

interface PinAnswer {
  status: number;
  code: string;
  message: string;
  facts?: { attemptsLeft?: number; fault?: PinFault; shortest?: number };
}

/** How a sign-in that was refused is answered. */
export function pinAnswer(refusal: PinRefusal, { pinLength }: Pick<PinRules, 'pinLength'>): PinAnswer {
  const { kind: code } = refusal;
  switch (refusal.kind) {
    case 'WRONG_PIN': {
      const { attemptsLeft } = refusal;
      const message = `This PIN is wrong; ${attemptsLeft} more ${attemptsLeft === 1 ? 'attempt' : 'attempts'} before it is locked.`;
      return { status: 401, code, message, facts: { attemptsLeft } };
    }
    case 'WEAK_PIN': {
      const { fault } = refusal;
      return { status: 422, code, message: FAULTS[fault](pinLength), facts: { fault, shortest: pinLength } };
    }
    case 'NO_PIN':
      return {
        ...{ status: 401, code },
        message: 'This person has no PIN for this tablet; have a manager give a start PIN with resetPin.',
      };
    case 'PIN_LOCKED':
      return {
        ...{ status: 403, code },
        message: 'This PIN is locked after too many wrong ones; have a manager unlock it with unlockPin.',
      };
    case 'START_PIN_EXPIRED':
      return {
        ...{ status: 403, code },
        message: `This start PIN is older than ${PIN_LIMITS.startHours} hours; have a manager give another one with resetPin.`,
      };
    case 'NEW_PIN_NEEDED':
      return {
        status: 409,
        code,
        message: 'This is a start PIN; send it again with the newPin that you choose.',
      };
    case 'PIN_UNCHANGED':
      return { status: 422, code, message: 'The new PIN is the start PIN; choose another one.' };
  }
}
