// The pages of surveys: opened by the link of a notice, without a token of the API, and answered by a plain form.

import express, { type Request, type Response, type Router } from 'express';
import { v7 as uuid } from 'uuid';
import { SYSTEM } from '../access/rules/roles';
import { answerSurvey } from '../contact/actions/answerSurvey';
import { surveysById } from '../contact/queries/surveys';
import type { SurveyAnswer } from '../contact/rules/contact';
import { checkAnswers, SURVEY_SCALES, surveyOfToken } from '../contact/rules/surveys';
import type { Parts } from '../graphql/context';
import { Refused } from '../refusals';
import { languageOf } from './pageLanguage';
import type { ApiHandler } from './request';
import { PAGE_POLICY, type SurveyOutcome, surveyForm, surveyOutcomePage } from './surveyPage';

/** A form with four small fields; more is none of ours. */
const MAX_FORM = '2kb';

const STATUS: Record<SurveyOutcome, number> = {
  THANKS: 200,
  ANSWERED: 409,
  EXPIRED: 410,
  UNKNOWN: 404,
  EMPTY: 422,
  BUSY: 503,
};

function show(res: Response, status: number, html: string): void {
  res.status(status);
  res.setHeader('content-security-policy', PAGE_POLICY);
  res.setHeader('cache-control', 'no-store');
  res.setHeader('referrer-policy', 'no-referrer');
  res.setHeader('vary', 'accept-language');
  res.type('html').send(html);
}

/** The answers of a form. What is no answer of a question is left out, as a question without an answer is. */
function answersOf(form: unknown): SurveyAnswer {
  const sent = (form ?? {}) as Record<string, unknown>;
  const onScale = (name: keyof typeof SURVEY_SCALES): number | null => {
    const value = typeof sent[name] === 'string' && /^\d{1,2}$/.test(sent[name]) ? Number(sent[name]) : null;
    const [lowest, highest] = SURVEY_SCALES[name];
    return value === null || value < lowest || value > highest ? null : value;
  };
  const wasResolved = sent.wasResolved === 'yes' ? true : sent.wasResolved === 'no' ? false : null;
  return { csat: onScale('csat'), nps: onScale('nps'), ces: onScale('ces'), wasResolved };
}

const OUTCOMES: Partial<Record<string, SurveyOutcome>> = {
  SurveyAnswered: 'ANSWERED',
  SurveyExpired: 'EXPIRED',
  Busy: 'BUSY',
};

/** The routes of surveys' links, for visitors who were counted before. The body is read outside the gate. */
export function surveyPages(parts: Parts, enterGate: ApiHandler): Router {
  const { db, clock, secretKey, config } = parts;
  const answer = answerSurvey(config);
  const state = (req: Request, res: Response, outcome: SurveyOutcome): void =>
    show(res, STATUS[outcome], surveyOutcomePage(outcome, languageOf(req)));
  const open: ApiHandler = async (req, res) => {
    const id = surveyOfToken(secretKey, String(req.params.token));
    const [survey] = id === null ? [] : await surveysById(db, [id]);
    if (survey === undefined) return state(req, res, 'UNKNOWN');
    // Opening an answered survey again is no mistake of the visitor.
    if (survey.answeredAt !== null) return show(res, 200, surveyOutcomePage('ANSWERED', languageOf(req)));
    if (survey.expiresAt <= clock()) return state(req, res, 'EXPIRED');
    show(res, 200, surveyForm(survey.kind, languageOf(req), null));
  };
  const take: ApiHandler = async (req, res) => {
    const surveyId = surveyOfToken(secretKey, String(req.params.token));
    const [survey] = surveyId === null ? [] : await surveysById(db, [surveyId]);
    if (survey === undefined) return state(req, res, 'UNKNOWN');
    const answers = answersOf(req.body);
    try {
      checkAnswers(answers, '');
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return show(res, STATUS.EMPTY, surveyForm(survey.kind, languageOf(req), 'EMPTY'));
    }
    try {
      const input = { surveyId: survey.id, ...answers };
      await answer(db, { actor: SYSTEM, idempotencyKey: uuid(), input, now: clock() });
      state(req, res, 'THANKS');
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      state(req, res, OUTCOMES[error.data.kind] ?? 'UNKNOWN');
    }
  };
  const router = express.Router();
  router.get('/:token', enterGate, open);
  router.post('/:token', express.urlencoded({ limit: MAX_FORM, extended: false }), enterGate, take);
  return router;
}
