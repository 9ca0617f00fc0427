// The texts of the first page in French and English.

import { dictionary } from '../foundation/language';

const fr = {
  title: 'Comptoir',
  tagline: 'Un seul stock vrai, du site aux magasins.',
  hello: (name: string) => `Bonjour, ${name}`,
  worksAt: (locations: string) => `À ${locations}`,
  signOut: 'Se déconnecter',
  signOutOffline: 'Hors ligne, une déconnexion est impossible : le serveur garderait la session ouverte.',
  noPages: 'Il n’y a pas encore de page pour ce rôle : travaillez avec l’API.',
  pages: {
    counter: { name: 'Le comptoir', hint: 'File d’attente, préparation, remise' },
    planner: { name: 'Le réassort', hint: 'Décider des commandes et des transferts du jour' },
    desk: { name: 'Le service client', hint: 'Qui appelle, ce qui lui est promis, quoi faire' },
    tablets: { name: 'Tablettes et codes PIN', hint: 'Enregistrer une tablette, débloquer un code' },
    graphiql: { name: 'GraphiQL', hint: 'Toute l’API, avec sa documentation' },
  },
};

const en: typeof fr = {
  title: 'Comptoir',
  tagline: 'One true stock, from the website to the shops.',
  hello: (name) => `Hello, ${name}`,
  worksAt: (locations) => `At ${locations}`,
  signOut: 'Sign out',
  signOutOffline: 'Signing out needs the network: else the server would leave the session open.',
  noPages: 'There is no page for this role yet: work with the API.',
  pages: {
    counter: { name: 'The counter', hint: 'Queue, picking, handover' },
    planner: { name: 'Replenishment', hint: 'Decide on the orders and transfers of the day' },
    desk: { name: 'The service desk', hint: 'Who calls, what they were promised, what to do' },
    tablets: { name: 'Tablets and PINs', hint: 'Enrol a tablet, unlock a PIN' },
    graphiql: { name: 'GraphiQL', hint: 'The whole API, with its documentation' },
  },
};

export const texts = dictionary(fr, en);
export type StartPage = keyof typeof fr.pages;
