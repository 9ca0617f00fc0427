// The page of a survey: a form that works without scripts, in French or English, with nothing of the customer in it.

import { createHash } from 'node:crypto';
import {
  SURVEY_QUESTIONS,
  SURVEY_SCALES,
  type SurveyKind,
  type SurveyQuestion,
} from '../contact/rules/surveys';
import type { PageLanguage } from './pageLanguage';

/** What a page without a form states. */
export type SurveyOutcome = 'THANKS' | 'ANSWERED' | 'EXPIRED' | 'UNKNOWN' | 'EMPTY' | 'BUSY';

interface PageTexts {
  title: string;
  about: Record<SurveyKind, string>;
  questions: Record<SurveyQuestion, string>;
  /** What the ends of a scale mean. */
  ends: Record<keyof typeof SURVEY_SCALES, [string, string]>;
  yes: string;
  no: string;
  send: string;
  outcomes: Record<SurveyOutcome, string>;
}

const TEXTS: Record<PageLanguage, PageTexts> = {
  fr: {
    title: 'Votre avis',
    about: {
      AFTER_COLLECTION: 'Vous avez retiré une commande en magasin. Comment cela s’est-il passé ?',
      AFTER_CASE: 'Vous avez été en contact avec notre service client. Comment cela s’est-il passé ?',
    },
    questions: {
      csat: 'Êtes-vous satisfait ?',
      nps: 'Nous recommanderiez-vous à un proche ?',
      ces: 'A-t-il été facile d’obtenir une solution ?',
      wasResolved: 'Votre demande est-elle résolue ?',
    },
    ends: {
      csat: ['pas du tout satisfait', 'très satisfait'],
      nps: ['pas du tout probable', 'très probable'],
      ces: ['très difficile', 'très facile'],
    },
    yes: 'Oui',
    no: 'Non',
    send: 'Envoyer',
    outcomes: {
      THANKS: 'Merci, votre réponse est enregistrée.',
      ANSWERED: 'Vous avez déjà répondu à ce questionnaire : votre première réponse est enregistrée. Merci.',
      EXPIRED: 'Il n’est plus possible de répondre à ce questionnaire : le délai est passé.',
      UNKNOWN: 'Ce lien n’est pas valable. Ouvrez le lien du message reçu, en entier.',
      EMPTY: 'Choisissez au moins une réponse parmi celles proposées.',
      BUSY: 'Votre réponse n’a pas pu être enregistrée. Réessayez dans un instant.',
    },
  },
  en: {
    title: 'Your opinion',
    about: {
      AFTER_COLLECTION: 'You collected an order in a shop. How did it go?',
      AFTER_CASE: 'You were in contact with our customer service. How did it go?',
    },
    questions: {
      csat: 'Are you satisfied?',
      nps: 'Would you recommend us to a friend?',
      ces: 'Was it easy to get a solution?',
      wasResolved: 'Is your request resolved?',
    },
    ends: {
      csat: ['very dissatisfied', 'very satisfied'],
      nps: ['not at all likely', 'very likely'],
      ces: ['very hard', 'very easy'],
    },
    yes: 'Yes',
    no: 'No',
    send: 'Send',
    outcomes: {
      THANKS: 'Thank you, your answer is recorded.',
      ANSWERED: 'You have answered this survey already: your first answer is recorded. Thank you.',
      EXPIRED: 'This survey can no longer be answered: its time is over.',
      UNKNOWN: 'This link is not valid. Open the whole link of the message that you got.',
      EMPTY: 'Choose at least one of the answers shown.',
      BUSY: 'Your answer could not be recorded. Try again in a moment.',
    },
  },
};

const STYLE = `
:root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; padding: 0 1rem; max-width: 40rem; }
fieldset { border: 1px solid; border-radius: .5rem; margin: 1.5rem 0; }
.scale { display: flex; flex-wrap: wrap; gap: .5rem 1rem; }
label { padding: .5rem 0; }
input { width: 1.25rem; height: 1.25rem; vertical-align: middle; }
.ends { display: flex; justify-content: space-between; font-size: .9rem; margin: 0; }
button { font: inherit; padding: .75rem 2rem; }
[role=alert] { font-weight: bold; }
`;

/** Nothing is loaded and no script runs; the form may be sent to this server only. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

function page(language: PageLanguage, body: string): string {
  const { title } = TEXTS[language];
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
}

/** Radio buttons of one question. All texts are constants of this file. */
function question(name: SurveyQuestion, { questions, ends, yes, no }: PageTexts): string {
  const option = (value: string, label: string): string =>
    `<label><input type="radio" name="${name}" value="${value}"> ${label}</label>`;
  const legend = `<legend>${questions[name]}</legend>`;
  if (name === 'wasResolved') {
    return `<fieldset>${legend}<div class="scale">${option('yes', yes)}${option('no', no)}</div></fieldset>`;
  }
  const [lowest, highest] = SURVEY_SCALES[name];
  const options = Array.from({ length: highest - lowest + 1 }, (_, i) => String(lowest + i));
  const [low, high] = ends[name];
  return `<fieldset>${legend}<div class="scale">${options.map((one) => option(one, one)).join('')}</div>
<p class="ends"><span>${lowest} = ${low}</span><span>${highest} = ${high}</span></p></fieldset>`;
}

/** The form of a survey, with a message about what was sent before. It is sent to the address that it was opened at. */
export function surveyForm(kind: SurveyKind, language: PageLanguage, message: SurveyOutcome | null): string {
  const texts = TEXTS[language];
  const alert = message === null ? '' : `<p role="alert">${texts.outcomes[message]}</p>\n`;
  const fields = SURVEY_QUESTIONS[kind].map((name) => question(name, texts)).join('\n');
  return page(
    language,
    `<p>${texts.about[kind]}</p>\n${alert}<form method="post">\n${fields}\n<button type="submit">${texts.send}</button>\n</form>`,
  );
}

/** A page that only states an outcome. */
export function surveyOutcomePage(outcome: SurveyOutcome, language: PageLanguage): string {
  return page(language, `<p role="status">${TEXTS[language].outcomes[outcome]}</p>`);
}
