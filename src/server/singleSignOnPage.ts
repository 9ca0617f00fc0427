// The pages that explain why a sign-in at the provider did not succeed, in French and English, without scripts.

import { createHash } from 'node:crypto';
import type { Response } from 'express';
import type { ApiRequest } from './request';

/** Why a person who came back from the provider is not signed in. */
export type SignOnFault =
  | 'NOT_BEGUN'
  | 'CANCELLED'
  | 'PROVIDER_AWAY'
  | 'NOT_PROVEN'
  | 'NO_GROUP'
  | 'NO_LOCATION'
  | 'INACTIVE';

const STATUSES: Record<SignOnFault, number> = {
  NOT_BEGUN: 400,
  CANCELLED: 403,
  PROVIDER_AWAY: 502,
  NOT_PROVEN: 401,
  NO_GROUP: 403,
  NO_LOCATION: 403,
  INACTIVE: 403,
};

const LANGUAGES = ['fr', 'en'] as const;
type SignOnLanguage = (typeof LANGUAGES)[number];

interface SignOnTexts {
  title: string;
  again: string;
  back: string;
  faults: Record<SignOnFault, string>;
}

const TEXTS: Record<SignOnLanguage, SignOnTexts> = {
  fr: {
    title: 'Connexion impossible',
    again: 'Réessayer',
    back: 'Autres façons de se connecter',
    faults: {
      NOT_BEGUN:
        'Cette connexion n’a pas été commencée dans ce navigateur, a déjà servi, ou date de plus de dix minutes. Recommencez.',
      CANCELLED: 'Le service de connexion de votre entreprise a interrompu la connexion. Recommencez.',
      PROVIDER_AWAY:
        'Le service de connexion de votre entreprise ne répond pas. Réessayez dans un instant, ou prévenez votre administrateur.',
      NOT_PROVEN:
        'La réponse du service de connexion n’a pas pu être vérifiée. Recommencez ; si cela se répète, prévenez votre administrateur.',
      NO_GROUP:
        'Votre compte n’appartient à aucun groupe qui a accès à Comptoir. Demandez-le à votre administrateur.',
      NO_LOCATION: 'Les magasins de vos groupes n’existent pas dans Comptoir. Prévenez votre administrateur.',
      INACTIVE: 'Votre accès a été désactivé. Demandez à votre administrateur.',
    },
  },
  en: {
    title: 'Signing in has failed',
    again: 'Try again',
    back: 'Other ways to sign in',
    faults: {
      NOT_BEGUN:
        'This sign-in was not begun in this browser, was used already, or is older than ten minutes. Begin again.',
      CANCELLED: 'The sign-in service of your company stopped this sign-in. Begin again.',
      PROVIDER_AWAY:
        'The sign-in service of your company does not answer. Try again in a moment, or inform your administrator.',
      NOT_PROVEN:
        'The answer of the sign-in service could not be verified. Begin again; if it happens again, inform your administrator.',
      NO_GROUP: 'Your account is in no group that has access to Comptoir. Ask your administrator for it.',
      NO_LOCATION: 'The shops of your groups do not exist in Comptoir. Inform your administrator.',
      INACTIVE: 'Your access was deactivated. Ask your administrator.',
    },
  },
};

const STYLE = `
:root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; padding: 0 1rem; max-width: 36rem; }
a { display: inline-block; padding: .75rem 1rem .75rem 0; }
`;
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Shows why it did not succeed. All texts are constants of this file. */
export function showSignOnFault(req: ApiRequest, res: Response, fault: SignOnFault, begin: string): void {
  const language = (req.acceptsLanguages([...LANGUAGES]) || LANGUAGES[0]) as SignOnLanguage;
  const { title, again, back, faults } = TEXTS[language];
  res.status(STATUSES[fault]);
  res.setHeader('content-security-policy', POLICY);
  res.setHeader('referrer-policy', 'no-referrer');
  res.setHeader('vary', 'accept-language');
  res.type('html').send(`<!doctype html>
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
<p role="alert">${faults[fault]}</p>
<p><a href="${begin}">${again}</a> <a href="/">${back}</a></p>
</main>
</body>
</html>
`);
}
