// Refusals of spent allowances: too many wrong pickup codes, too many new ones.

import { refuse } from '../../refusals';
import { AllowanceSpent } from '../actions/allowance';
import { NEW_CODES, WRONG_CODES } from '../rules/limits';

const SECONDS_PER_MINUTE = 60;

/** Executes a command, and turns a spent allowance into a refusal. @throws Refused TooManyCodeAttempts, TooManyNewCodes */
export async function allowed<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof AllowanceSpent)) throw error;
    const { allowance, retryAfterSeconds } = error;
    const again = `try again in ${retryAfterSeconds} s`;
    if (allowance === WRONG_CODES) {
      const message = `${allowance.most} wrong pickup codes came from this token; ${again}.`;
      refuse('TooManyCodeAttempts', message, { retryAfterSeconds });
    }
    const minutes = NEW_CODES.windowSeconds / SECONDS_PER_MINUTE;
    refuse(
      'TooManyNewCodes',
      `The order got ${allowance.most} new pickup codes within ${minutes} minutes; ${again}.`,
      { retryAfterSeconds },
    );
  }
}
