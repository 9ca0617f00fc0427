// Surveys of our own: their signed links, what they ask, and which answers are accepted.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { checkQuantity, refuse } from '../../refusals';
import type { SurveyAnswer } from './contact';

declare module '../../refusals' {
  interface RefusalFacts {
    /** The survey has its one answer. */
    SurveyAnswered: { answeredAt: string };
    /** The time in which the survey could be answered is over. */
    SurveyExpired: { expiredAt: string };
  }
}

/** What a survey is about. */
export type SurveyKind = 'AFTER_COLLECTION' | 'AFTER_CASE';

export type SurveyQuestion = keyof SurveyAnswer;

/** The questions of each kind, in the order in which they are shown. */
export const SURVEY_QUESTIONS: Readonly<Record<SurveyKind, readonly SurveyQuestion[]>> = {
  AFTER_COLLECTION: ['csat', 'nps'],
  AFTER_CASE: ['csat', 'ces', 'wasResolved'],
};

/** The lowest and the highest answer of questions with a scale. */
export const SURVEY_SCALES = { csat: [1, 5], nps: [0, 10], ces: [1, 7] } as const;

const ID_BYTES = 16;
const SIGNATURE_BYTES = 16;
const TOKEN_LENGTH = Math.ceil(((ID_BYTES + SIGNATURE_BYTES) * 4) / 3);

function signatureOf(secretKey: Buffer, id: Buffer): Buffer {
  const key = createHmac('sha256', secretKey).update('["survey"]').digest();
  return createHmac('sha256', key).update(id).digest().subarray(0, SIGNATURE_BYTES);
}

/** The token of a survey's link: its id, signed. It is made when it is sent, and stored nowhere. */
export function surveyToken(secretKey: Buffer, surveyId: string): string {
  const id = Buffer.from(surveyId.replaceAll('-', ''), 'hex');
  return Buffer.concat([id, signatureOf(secretKey, id)]).toString('base64url');
}

/** The survey of a token; null: the token was not made here, or was changed. */
export function surveyOfToken(secretKey: Buffer, token: string): string | null {
  if (token.length !== TOKEN_LENGTH || !/^[\w-]+$/.test(token)) return null;
  const bytes = Buffer.from(token, 'base64url');
  const id = bytes.subarray(0, ID_BYTES);
  if (!timingSafeEqual(bytes.subarray(ID_BYTES), signatureOf(secretKey, id))) return null;
  // Of the last character only some bits count: one token has one spelling.
  if (bytes.toString('base64url') !== token) return null;
  return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Checks the answers to a survey. @throws Refused InvalidInput */
export function checkAnswers(answers: SurveyAnswer, path: string): void {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  for (const [name, [lowest, highest]] of Object.entries(SURVEY_SCALES)) {
    const value = answers[name as keyof typeof SURVEY_SCALES];
    if (value !== null) checkQuantity(value, at(name), lowest, highest);
  }
  if (Object.values(answers).some((value) => value !== null)) return;
  refuse('InvalidInput', `${at('csat')} is missing, and so are the other answers; give one at least.`, {
    path: at('csat'),
  });
}
