// Texts of the mails to customers, in French and English. A language, a notice or a reason without its texts is a type error.

import type { Topic } from '../../../outbox/rules/topics';
import type { CancelReason } from '../status';

const MAIL_LANGUAGES = ['fr', 'en'] as const;
export type MailLanguage = (typeof MAIL_LANGUAGES)[number];
export type NoticeTopic = Extract<Topic, `notice.${string}`>;

/** What a mail is about. Two topics have two occasions each. */
export const MAIL_KINDS = [
  ...(['READY', 'NEW_CODE', 'REMINDER', 'CANCELLED', 'CHANGED', 'HOURS_CHANGED', 'NO_SHOW'] as const),
  ...(['SURVEY_OF_ORDER', 'SURVEY_OF_CASE'] as const),
];
export type MailKind = (typeof MAIL_KINDS)[number];

/** The texts of one kind of mail. `number` is that of the order or case. */
interface KindTexts {
  subject: (number: string) => string;
  /** Shown by mail programs beside the subject. */
  preheader: string;
  headline: string;
  /** What happened. */
  body: string;
  /** What happens next. */
  next: readonly string[];
  button: string;
}

interface MailTexts {
  locale: string;
  kinds: Record<MailKind, KindTexts>;
  order: (number: string) => string;
  request: (number: string) => string;
  greeting: (name: string | null) => string;
  /** Why an order was cancelled; null: the mail gives no reason. */
  reasons: Record<CancelReason, string | null>;
  code: string;
  collectBy: (time: string) => string;
  due: string;
  refund: string;
  cancelledUnits: (count: number, article: string) => string;
  refundOfUnits: string;
  codeVoid: string;
  answerBy: (day: string) => string;
  articles: string;
  missing: (count: number) => string;
  moreLines: (count: number) => string;
  next: string;
  shop: string;
  hours: string;
  closed: string;
}

/** The language of a mail: French for customers of whom no language is known, English for those who read another one. */
export function mailLanguage(language: string | null): MailLanguage {
  const base = language?.toLowerCase().split('-')[0];
  return base === undefined ? 'fr' : (MAIL_LANGUAGES.find((one) => one === base) ?? 'en');
}

const FRENCH_KINDS: Record<MailKind, KindTexts> = {
  READY: {
    subject: (number) => `Votre commande ${number} est prête`,
    preheader: 'Voici votre code de retrait.',
    headline: 'Votre commande vous attend',
    body: 'Votre commande est prête au comptoir du magasin.',
    next: [
      'Venez pendant les heures d’ouverture et montrez le code au comptoir.',
      'Quelqu’un d’autre peut venir pour vous : le code suffit.',
    ],
    button: 'Voir la commande',
  },
  NEW_CODE: {
    subject: (number) => `Nouveau code de retrait pour la commande ${number}`,
    preheader: 'L’ancien code n’est plus valable.',
    headline: 'Votre nouveau code de retrait',
    body: 'Votre commande vous attend toujours. Elle a un nouveau code de retrait ; l’ancien n’est plus valable.',
    next: ['Venez pendant les heures d’ouverture et montrez le nouveau code au comptoir.'],
    button: 'Voir la commande',
  },
  REMINDER: {
    subject: (number) => `Rappel : la commande ${number} vous attend`,
    preheader: 'Pensez à venir la chercher.',
    headline: 'Pensez à votre commande',
    body: 'Votre commande vous attend toujours au magasin.',
    next: [
      'Montrez au comptoir le code de retrait que vous avez déjà reçu.',
      'Passé ce délai, la commande est close et les articles retournent en rayon.',
    ],
    button: 'Voir la commande',
  },
  CANCELLED: {
    subject: (number) => `La commande ${number} est annulée`,
    preheader: 'Vous n’avez plus à venir la chercher.',
    headline: 'La commande est annulée',
    body: 'Votre commande a été annulée.',
    next: ['Vous n’avez rien à faire : il n’y a plus rien à retirer au magasin.'],
    button: 'Voir la commande',
  },
  CHANGED: {
    subject: (number) => `La commande ${number} a changé`,
    preheader: 'Voici ce qui a changé.',
    headline: 'Votre commande a changé',
    body: 'Quelque chose a changé dans votre commande. Voici où elle en est.',
    next: [
      'Attendez le message avec votre code de retrait avant de venir, si vous ne l’avez pas encore reçu.',
      'Si le reste ne vous convient plus, vous pouvez annuler la commande.',
    ],
    button: 'Voir où en est la commande',
  },
  HOURS_CHANGED: {
    subject: (number) => `Commande ${number} : nouveau délai de retrait`,
    preheader: 'Les horaires du magasin ont changé.',
    headline: 'Le délai de retrait a changé',
    body: 'Les horaires du magasin ont changé, et avec eux le délai pour retirer votre commande.',
    next: ['Votre code de retrait reste le même.'],
    button: 'Voir la commande',
  },
  NO_SHOW: {
    subject: (number) => `La commande ${number} n’a pas été retirée`,
    preheader: 'Le délai de retrait est passé.',
    headline: 'La commande n’a pas été retirée à temps',
    body: 'Le délai pour retirer votre commande est passé : elle est close et les articles retournent en rayon.',
    next: ['Si vous voulez encore ces articles, commandez-les de nouveau ou adressez-vous au magasin.'],
    button: 'Voir la commande',
  },
  SURVEY_OF_ORDER: {
    subject: (number) => `Votre avis sur la commande ${number}`,
    preheader: 'Une question, une minute.',
    headline: 'Comment s’est passé votre retrait ?',
    body: 'Vous avez retiré votre commande. Dites-nous en une minute ce que vous en pensez.',
    next: ['Votre réponse est facultative.'],
    button: 'Donner mon avis',
  },
  SURVEY_OF_CASE: {
    subject: (number) => `Votre avis sur la demande ${number}`,
    preheader: 'Une question, une minute.',
    headline: 'Avons-nous bien répondu à votre demande ?',
    body: 'Votre demande est traitée. Dites-nous en une minute ce que vous en pensez.',
    next: ['Votre réponse est facultative.'],
    button: 'Donner mon avis',
  },
};

const FRENCH: MailTexts = {
  locale: 'fr-FR',
  kinds: FRENCH_KINDS,
  order: (number) => `Commande ${number}`,
  request: (number) => `Demande ${number}`,
  greeting: (name) => (name === null ? 'Bonjour,' : `Bonjour ${name},`),
  reasons: {
    CUSTOMER_CHANGED_MIND: 'Vous l’avez souhaité.',
    PAYMENT_FAILED: 'Le paiement n’a pas abouti.',
    OUT_OF_STOCK: 'Les articles ne sont plus disponibles.',
    DAMAGED: 'Les articles étaient abîmés.',
    SHOP_CLOSED: 'Le magasin est fermé.',
    FRAUD_SUSPECTED: null,
    OTHER: null,
  },
  code: 'Code de retrait',
  collectBy: (time) => `À retirer jusqu’au ${time}.`,
  due: 'À payer en magasin.',
  refund: 'Ce que vous avez payé vous sera remboursé.',
  cancelledUnits: (count, article) => `Annulé : ${count} × ${article}.`,
  refundOfUnits: 'Ce que vous avez payé pour cela vous sera remboursé.',
  codeVoid: 'Un article était abîmé : nous le remplaçons. Votre code n’est plus valable, un nouveau suivra.',
  answerBy: (day) => `Vous pouvez répondre jusqu’au ${day}.`,
  articles: 'Articles',
  missing: (count) => `${count} indisponible${count > 1 ? 's' : ''}`,
  moreLines: (count) => (count > 1 ? `et ${count} autres articles` : 'et un autre article'),
  next: 'Et maintenant ?',
  shop: 'Votre magasin',
  hours: 'Horaires',
  closed: 'fermé',
};

const ENGLISH_KINDS: Record<MailKind, KindTexts> = {
  READY: {
    subject: (number) => `Your order ${number} is ready`,
    preheader: 'Here is your pickup code.',
    headline: 'Your order is waiting for you',
    body: 'Your order is ready at the counter of the shop.',
    next: [
      'Come during opening hours and show the code at the counter.',
      'Somebody else can come for you: the code is enough.',
    ],
    button: 'See the order',
  },
  NEW_CODE: {
    subject: (number) => `New pickup code for order ${number}`,
    preheader: 'The old code is no longer valid.',
    headline: 'Your new pickup code',
    body: 'Your order is still waiting for you. It has a new pickup code; the old one is no longer valid.',
    next: ['Come during opening hours and show the new code at the counter.'],
    button: 'See the order',
  },
  REMINDER: {
    subject: (number) => `Reminder: order ${number} is waiting for you`,
    preheader: 'Remember to collect it.',
    headline: 'Remember your order',
    body: 'Your order is still waiting for you at the shop.',
    next: [
      'At the counter, show the pickup code that you have already received.',
      'After this time the order is closed and the articles go back to the shelf.',
    ],
    button: 'See the order',
  },
  CANCELLED: {
    subject: (number) => `Order ${number} is cancelled`,
    preheader: 'You need not come for it any more.',
    headline: 'The order is cancelled',
    body: 'Your order was cancelled.',
    next: ['There is nothing to do: nothing waits at the shop for you any more.'],
    button: 'See the order',
  },
  CHANGED: {
    subject: (number) => `Order ${number} has changed`,
    preheader: 'This is what has changed.',
    headline: 'Your order has changed',
    body: 'Something in your order has changed. This is its present state.',
    next: [
      'Wait for the message with your pickup code before you come, unless you have it already.',
      'If you do not want the rest any more, you can cancel the order.',
    ],
    button: 'See the state of the order',
  },
  HOURS_CHANGED: {
    subject: (number) => `Order ${number}: new time to collect it by`,
    preheader: 'The opening hours of the shop have changed.',
    headline: 'There is a new time to collect your order by',
    body: 'The opening hours of the shop have changed, and with them the time to collect your order by.',
    next: ['Your pickup code stays the same.'],
    button: 'See the order',
  },
  NO_SHOW: {
    subject: (number) => `Order ${number} was not collected`,
    preheader: 'The time to collect it is over.',
    headline: 'The order was not collected in time',
    body: 'The time to collect your order is over: it is closed and the articles go back to the shelf.',
    next: ['If you still want these articles, order them again or ask the shop.'],
    button: 'See the order',
  },
  SURVEY_OF_ORDER: {
    subject: (number) => `Your opinion of order ${number}`,
    preheader: 'One question, one minute.',
    headline: 'How was your pickup?',
    body: 'You have collected your order. Take a minute to give us your opinion.',
    next: ['You need not answer.'],
    button: 'Give my opinion',
  },
  SURVEY_OF_CASE: {
    subject: (number) => `Your opinion of request ${number}`,
    preheader: 'One question, one minute.',
    headline: 'Did we answer your request well?',
    body: 'Your request is closed. Take a minute to give us your opinion.',
    next: ['You need not answer.'],
    button: 'Give my opinion',
  },
};

const ENGLISH: MailTexts = {
  locale: 'en-GB',
  kinds: ENGLISH_KINDS,
  order: (number) => `Order ${number}`,
  request: (number) => `Request ${number}`,
  greeting: (name) => (name === null ? 'Hello,' : `Hello ${name},`),
  reasons: {
    CUSTOMER_CHANGED_MIND: 'You wished it.',
    PAYMENT_FAILED: 'The payment did not go through.',
    OUT_OF_STOCK: 'The articles are not available any more.',
    DAMAGED: 'The articles were damaged.',
    SHOP_CLOSED: 'The shop is closed.',
    FRAUD_SUSPECTED: null,
    OTHER: null,
  },
  code: 'Pickup code',
  collectBy: (time) => `Collect it by ${time}.`,
  due: 'To be paid in the shop.',
  refund: 'What you have paid will be refunded.',
  cancelledUnits: (count, article) => `Cancelled: ${count} × ${article}.`,
  refundOfUnits: 'What you have paid for it will be refunded.',
  codeVoid: 'An article was damaged and is being replaced. Your code is void, and a new one will follow.',
  answerBy: (day) => `You can answer until ${day}.`,
  articles: 'Articles',
  missing: (count) => `${count} not available`,
  moreLines: (count) => (count > 1 ? `and ${count} more articles` : 'and one more article'),
  next: 'What happens next',
  shop: 'Your shop',
  hours: 'Opening hours',
  closed: 'closed',
};

export const MAIL_TEXTS: Readonly<Record<MailLanguage, MailTexts>> = { fr: FRENCH, en: ENGLISH };
