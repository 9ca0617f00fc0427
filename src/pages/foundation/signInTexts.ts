// The texts of signing in, in French and English.

import { dictionary } from './language';

const fr = {
  signIn: 'Se connecter',
  tokenLabel: 'Jeton d’accès',
  tokenHint: 'Votre responsable vous le donne. Il reste sur cet appareil jusqu’à la déconnexion.',
  people: 'Personnes de la démonstration',
  peopleHint: 'Choisissez une personne : un clic suffit.',
  refused: 'Ce jeton est inconnu, expiré ou révoqué.',
  offline: 'Pas de réseau : connectez-vous quand il est revenu.',
  busy: 'Trop de tentatives depuis cet endroit : réessayez dans une minute.',
  noWay: 'Ce serveur n’offre aucun moyen de se connecter ici. Demandez à votre administrateur.',
  manager: 'Dirige un magasin : ce que fait l’équipe, et débloquer un code de retrait',
  /** What a person of each role does. */
  does: {
    STAFF: 'Prépare et remet les commandes d’un magasin',
    PLANNER: 'Lit les prévisions et décide des réassorts',
    AGENT: 'Sert les clients au téléphone et par écrit',
    DATA_STEWARD: 'Décide des données personnelles et des doublons de clients',
    ADMIN: 'Peut tout faire, et gère les accès',
    AUDITOR: 'Lit tout sauf les données personnelles, ne change rien',
  } as Record<string, string>,
};

const en: typeof fr = {
  signIn: 'Sign in',
  tokenLabel: 'Access token',
  tokenHint: 'Your manager gives it to you. It stays on this device until you sign out.',
  people: 'People of the demonstration',
  peopleHint: 'Choose a person: one click is enough.',
  refused: 'This token is unknown, expired or revoked.',
  offline: 'No network: sign in when it is back.',
  busy: 'Too many attempts from here: try again in a minute.',
  noWay: 'This server offers no way to sign in here. Ask your administrator.',
  manager: 'Manages a shop: what its staff do, and unlocking a pickup code',
  does: {
    STAFF: 'Prepares and hands over the orders of a shop',
    PLANNER: 'Reads forecasts and decides on replenishment',
    AGENT: 'Serves customers on the telephone and in writing',
    DATA_STEWARD: 'Decides about personal data and duplicate customers',
    ADMIN: 'May do everything, and manages access',
    AUDITOR: 'Reads everything except personal data, changes nothing',
  },
};

export const signInTexts = dictionary(fr, en);

/** What a person does, in a few words. */
export const activityOf = ({ role, manager }: { role: string; manager: boolean }): string =>
  manager ? signInTexts.value.manager : (signInTexts.value.does[role] ?? role);
