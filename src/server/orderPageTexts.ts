// Texts of an order's page, in French and English.

import type { OrderStatus } from '../order/rules/status';
import type { PageLanguage } from './pageLanguage';

/** A page without an order. */
export type LinkProblem = 'UNKNOWN' | 'REVOKED' | 'EXPIRED';
/** What came of a form. */
export type FormOutcome = 'WAY' | 'HERE' | 'REFUSED' | 'BUSY' | 'TOO_LONG';

interface OrderTexts {
  locale: string;
  title: (number: string) => string;
  noOrder: string;
  headline: Record<OrderStatus, string>;
  steps: { placed: string; picking: string; ready: string; collected: string };
  stopped: { CANCELLED: string; NO_SHOW: string };
  promised: (time: string) => string;
  collectBy: (time: string) => string;
  units: (count: number) => string;
  missing: (count: number) => string;
  due: string;
  code: string;
  showCode: string;
  otherPerson: string;
  otherPersonAdvice: string;
  way: string;
  wayDone: string;
  here: string;
  hereDone: string;
  bay: string;
  bayAgain: string;
  cancel: string;
  cancelQuestion: string;
  cancelYes: string;
  survey: string;
  returned: (number: string) => string;
  shop: string;
  map: string;
  hours: string;
  closed: string;
  timeline: string;
  language: string;
  outcomes: Record<FormOutcome, string>;
  problems: Record<LinkProblem, string>;
}

const FRENCH: OrderTexts = {
  locale: 'fr-FR',
  title: (number) => `Commande ${number}`,
  noOrder: 'Votre commande',
  headline: {
    PLACED: 'Nous avons bien reçu votre commande',
    AWAITING_TRANSFER: 'Un article arrive d’un autre magasin',
    PICKING: 'Votre commande est en préparation',
    READY: 'Votre commande vous attend',
    COLLECTED: 'Commande retirée, merci',
    CANCELLED: 'La commande est annulée',
    NO_SHOW: 'La commande n’a pas été retirée à temps',
  },
  steps: { placed: 'Reçue', picking: 'En préparation', ready: 'Prête', collected: 'Retirée' },
  stopped: { CANCELLED: 'Annulée', NO_SHOW: 'Non retirée' },
  promised: (time) => `${time} au plus tard`,
  collectBy: (time) => `À retirer jusqu’au ${time}`,
  units: (count) => (count > 1 ? `${count} articles` : `${count} article`),
  missing: (count) =>
    count > 1 ? `${count} articles n’ont pas pu être fournis.` : 'Un article n’a pas pu être fourni.',
  due: 'À payer en magasin',
  code: 'Code de retrait',
  showCode: 'Montrez ce QR code ou ce code au comptoir.',
  otherPerson: 'Quelqu’un d’autre vient la chercher ?',
  otherPersonAdvice:
    'Transmettez-lui cette page ou le code de retrait : le code suffit. Au comptoir, cette personne donnera son nom.',
  way: 'Je suis en route',
  wayDone: 'Le magasin sait que vous êtes en route.',
  here: 'Je suis là',
  hereDone: 'Le magasin sait que vous êtes là.',
  bay: 'Où attendez-vous ? (emplacement de parking, voiture ; facultatif)',
  bayAgain: 'Modifier où j’attends',
  cancel: 'Annuler la commande',
  cancelQuestion: 'L’annulation est définitive : les articles retournent en rayon.',
  cancelYes: 'Oui, annuler la commande',
  survey: 'Donner votre avis',
  returned: (number) => `Retour ${number} annoncé : apportez les articles au magasin avec ce numéro.`,
  shop: 'Votre magasin',
  map: 'Ouvrir le plan',
  hours: 'Horaires',
  closed: 'fermé',
  timeline: 'Avancement',
  language: 'English',
  outcomes: {
    WAY: 'C’est noté, à tout de suite.',
    HERE: 'C’est noté, nous arrivons.',
    REFUSED: 'Ce n’est plus possible : la commande a changé entre-temps. Voici où elle en est.',
    BUSY: 'Ce n’est pas enregistré. Réessayez dans un instant.',
    TOO_LONG: 'Ce n’est pas enregistré : le texte est trop long. Écrivez 200 caractères au plus.',
  },
  problems: {
    UNKNOWN: 'Ce lien n’est pas valable. Ouvrez le lien du message reçu, en entier.',
    REVOKED: 'Ce lien a été remplacé. Ouvrez celui du dernier message reçu.',
    EXPIRED: 'Ce lien a expiré : la commande est terminée depuis longtemps.',
  },
};

const ENGLISH: OrderTexts = {
  locale: 'en-GB',
  title: (number) => `Order ${number}`,
  noOrder: 'Your order',
  headline: {
    PLACED: 'We have received your order',
    AWAITING_TRANSFER: 'An article is coming from another shop',
    PICKING: 'Your order is being prepared',
    READY: 'Your order is waiting for you',
    COLLECTED: 'Order collected, thank you',
    CANCELLED: 'The order is cancelled',
    NO_SHOW: 'The order was not collected in time',
  },
  steps: { placed: 'Received', picking: 'In preparation', ready: 'Ready', collected: 'Collected' },
  stopped: { CANCELLED: 'Cancelled', NO_SHOW: 'Not collected' },
  promised: (time) => `${time} at the latest`,
  collectBy: (time) => `Collect until ${time}`,
  units: (count) => (count > 1 ? `${count} articles` : `${count} article`),
  missing: (count) =>
    count > 1 ? `${count} articles could not be supplied.` : 'One article could not be supplied.',
  due: 'To be paid in the shop',
  code: 'Pickup code',
  showCode: 'Show this QR code or this code at the counter.',
  otherPerson: 'Is somebody else coming for you?',
  otherPersonAdvice:
    'Pass this page or the pickup code on: the code is enough. At the counter this person will give a name.',
  way: 'I am on my way',
  wayDone: 'The shop knows that you are on your way.',
  here: 'I am here',
  hereDone: 'The shop knows that you are here.',
  bay: 'Where do you wait? (parking bay, car; optional)',
  bayAgain: 'Change where I wait',
  cancel: 'Cancel the order',
  cancelQuestion: 'This is final: the articles go back to the shelf.',
  cancelYes: 'Yes, cancel the order',
  survey: 'Give your opinion',
  returned: (number) => `Return ${number} is announced: bring the articles to the shop with this number.`,
  shop: 'Your shop',
  map: 'Open the map',
  hours: 'Opening hours',
  closed: 'closed',
  timeline: 'Progress',
  language: 'Français',
  outcomes: {
    WAY: 'Noted, see you soon.',
    HERE: 'Noted, we are coming.',
    REFUSED: 'This is no longer possible: the order has changed meanwhile. This is its present state.',
    BUSY: 'This was not recorded. Try again in a moment.',
    TOO_LONG: 'This was not recorded: the text is too long. Write 200 characters at most.',
  },
  problems: {
    UNKNOWN: 'This link is not valid. Open the whole link of the message that you got.',
    REVOKED: 'This link was replaced. Open the one of the last message that you got.',
    EXPIRED: 'This link has expired: the order was closed long ago.',
  },
};

export const ORDER_TEXTS: Readonly<Record<PageLanguage, OrderTexts>> = { fr: FRENCH, en: ENGLISH };
