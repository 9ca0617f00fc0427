// GraphQL mutation that answers a survey, for storefronts with forms of their own.

import { commandPrice } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { refusalType } from '../../graphql/refusal';
import { checkText, refuse } from '../../refusals';
import { answerSurvey } from '../actions/answerSurvey';
import { checkAnswers, surveyOfToken } from '../rules/surveys';
import { SurveyAnswerInput } from './contactInput';

/** More characters than a token has, so that a wrong one is answered as such. */
const MAX_TOKEN = 200;

const SurveyAnswered = refusalType('SurveyAnswered', 'The survey has its one answer already.', (t) => ({
  answeredAt: t.field({
    type: 'DateTime',
    description: 'When it was answered.',
    resolve: (one) => new Date(one.answeredAt),
  }),
}));
const SurveyExpired = refusalType(
  'SurveyExpired',
  'The time in which the survey could be answered is over.',
  (t) => ({
    expiredAt: t.field({
      type: 'DateTime',
      description: 'When it ended.',
      resolve: (one) => new Date(one.expiredAt),
    }),
  }),
);

const answered: Success<{ answeredAt: string }> = {
  authScopes: { roles: ['STOREFRONT'] },
  fields: (t) => ({
    answeredAt: t.field({
      type: 'DateTime',
      description: 'When it was answered.',
      resolve: (one) => new Date(one.answeredAt),
    }),
  }),
};

mutation('answerSurvey', {
  description:
    'Answers a survey that a customer got by `notice.survey`. Each survey has one answer. The page of its link does the same.',
  authScopes: { roles: ['STOREFRONT'] },
  price: commandPrice(),
  input: (t) => ({
    token: t.string({ required: true, description: 'The token of the survey’s link.' }),
    answer: t.field({ type: SurveyAnswerInput, required: true, description: 'At least one answer.' }),
  }),
  success: answered,
  refusals: [SurveyAnswered, SurveyExpired],
  execute: ({ token, answer }, { db, config, secretKey }, request) => {
    checkText(token, 'token', MAX_TOKEN);
    const { csat, nps, ces, wasResolved } = answer;
    const answers = {
      ...{ csat: csat ?? null, nps: nps ?? null, ces: ces ?? null },
      wasResolved: wasResolved ?? null,
    };
    checkAnswers(answers, 'answer');
    const surveyId = surveyOfToken(secretKey, token);
    if (surveyId === null) {
      const message = 'token is not that of a survey; send the token of its link, unchanged.';
      refuse('InvalidInput', message, { path: 'token' });
    }
    return answerSurvey(config)(db, request({ surveyId, ...answers }));
  },
});
