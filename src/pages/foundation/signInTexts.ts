// The texts of signing in, in French and English.

import { dictionary } from './language';
import { SignInRefused } from './session';

const fr = {
  signIn: 'Se connecter',
  singleSignOn: 'Se connecter avec le compte de l’entreprise',
  tokenLabel: 'Jeton d’accès',
  tokenHint: 'Votre responsable vous le donne. Il reste sur cet appareil jusqu’à la déconnexion.',
  people: 'Personnes de la démonstration',
  peopleHint: 'Choisissez une personne : un clic suffit.',
  refused: 'Ce jeton est inconnu, expiré ou révoqué.',
  offline: 'Pas de réseau : connectez-vous quand il est revenu.',
  busy: 'Trop de tentatives depuis cet endroit : réessayez dans une minute.',
  failed: (code: string) => `La connexion a échoué (${code}).`,
  enrolment: {
    UNKNOWN_CODE:
      'Ce code n’enregistre aucune tablette. Scannez le QR code entier que montre votre responsable.',
    CODE_USED: 'Ce code a déjà servi. Demandez-en un autre à votre responsable.',
    CODE_EXPIRED: 'Ce code a expiré. Demandez-en un autre à votre responsable.',
  } as Record<string, string>,
  tablet: (name: string, shop: string) => `Tablette « ${name} », ${shop}`,
  team: 'Qui êtes-vous ?',
  teamHint: 'Choisissez votre nom, puis saisissez votre code PIN.',
  noTeam: 'Aucune personne ne travaille dans ce magasin.',
  noPin: 'Pas encore de code PIN : demandez un code de départ à votre responsable',
  lockedPin: 'Code PIN bloqué : demandez à votre responsable de le débloquer',
  otherWays: 'Autres façons de se connecter',
  otherPerson: 'Une autre personne',
  pin: 'Code PIN',
  erase: 'Effacer le dernier chiffre',
  enter: 'Valider',
  newPin: 'Choisissez votre code PIN',
  newPinHint: 'Votre code de départ est juste. Choisissez maintenant le vôtre : ni suite, ni date.',
  repeatPin: 'Saisissez-le encore une fois',
  notRepeated: 'Les deux saisies diffèrent. Recommencez.',
  wrongPin: (left: number) => `Code PIN incorrect. Encore ${left} ${left > 1 ? 'essais' : 'essai'}.`,
  pinRefusals: {
    NO_PIN:
      'Vous n’avez pas de code PIN pour cette tablette. Demandez un code de départ à votre responsable.',
    PIN_LOCKED: 'Code PIN bloqué après trop d’essais. Demandez à votre responsable de le débloquer.',
    START_PIN_EXPIRED: 'Ce code de départ est trop ancien. Demandez-en un autre à votre responsable.',
    PIN_UNCHANGED: 'C’est le code de départ. Choisissez-en un autre.',
    DEVICE_UNKNOWN: 'Cette tablette n’est plus enregistrée. Demandez un nouveau QR code à votre responsable.',
    TOO_MANY_REQUESTS: 'Trop de codes incorrects sur cette tablette. Réessayez dans un quart d’heure.',
  } as Record<string, string>,
  pinFaults: {
    NOT_DIGITS: () => 'Un code PIN n’a que des chiffres.',
    TOO_SHORT: (shortest: number) => `Trop court : au moins ${shortest} chiffres.`,
    TOO_LONG: () => 'Trop long : au plus 12 chiffres.',
    TOO_EASY: () => 'Trop facile à deviner : ni suite, ni répétition, ni date, ni année.',
  } as Record<string, (shortest: number) => string>,
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
  singleSignOn: 'Sign in with the company’s account',
  tokenLabel: 'Access token',
  tokenHint: 'Your manager gives it to you. It stays on this device until you sign out.',
  people: 'People of the demonstration',
  peopleHint: 'Choose a person: one click is enough.',
  refused: 'This token is unknown, expired or revoked.',
  offline: 'No network: sign in when it is back.',
  busy: 'Too many attempts from here: try again in a minute.',
  failed: (code) => `Signing in has failed (${code}).`,
  enrolment: {
    UNKNOWN_CODE: 'This code enrols no tablet. Scan the whole QR code that your manager shows.',
    CODE_USED: 'This code was used already. Ask your manager for another one.',
    CODE_EXPIRED: 'This code has expired. Ask your manager for another one.',
  },
  tablet: (name, shop) => `Tablet “${name}”, ${shop}`,
  team: 'Which person are you?',
  teamHint: 'Choose your name, then enter your PIN.',
  noTeam: 'Nobody works in this shop.',
  noPin: 'No PIN yet: ask your manager for a start PIN',
  lockedPin: 'PIN locked: ask your manager to unlock it',
  otherWays: 'Other ways to sign in',
  otherPerson: 'Another person',
  pin: 'PIN',
  erase: 'Erase the last digit',
  enter: 'Enter',
  newPin: 'Choose your PIN',
  newPinHint: 'Your start PIN is right. Now choose your own: no sequence, no date.',
  repeatPin: 'Enter it once more',
  notRepeated: 'The two entries differ. Begin again.',
  wrongPin: (left) => `Wrong PIN. ${left} ${left > 1 ? 'attempts' : 'attempt'} left.`,
  pinRefusals: {
    NO_PIN: 'You have no PIN for this tablet. Ask your manager for a start PIN.',
    PIN_LOCKED: 'PIN locked after too many attempts. Ask your manager to unlock it.',
    START_PIN_EXPIRED: 'This start PIN is too old. Ask your manager for another one.',
    PIN_UNCHANGED: 'This is the start PIN. Choose another one.',
    DEVICE_UNKNOWN: 'This tablet is no longer enrolled. Ask your manager for a new QR code.',
    TOO_MANY_REQUESTS: 'Too many wrong PINs on this tablet. Try again in a quarter of an hour.',
  },
  pinFaults: {
    NOT_DIGITS: () => 'A PIN has digits only.',
    TOO_SHORT: (shortest) => `Too short: at least ${shortest} digits.`,
    TOO_LONG: () => 'Too long: at most 12 digits.',
    TOO_EASY: () => 'Too easy to guess: no sequence, repetition, date or year.',
  },
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

/** Why a PIN was refused, in the present language. */
export function pinProblem(error: unknown): string {
  const t = signInTexts.value;
  if (error instanceof TypeError) return t.offline;
  if (!(error instanceof SignInRefused)) return (error as Error).message;
  const { code, facts } = error;
  if (code === 'WRONG_PIN') return t.wrongPin(facts.attemptsLeft ?? 0);
  if (code === 'WEAK_PIN') return t.pinFaults[facts.fault ?? '']?.(facts.shortest ?? 0) ?? t.failed(code);
  return t.pinRefusals[code] ?? t.failed(code);
}
