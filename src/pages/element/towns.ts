// The main town of each French department, in the order of the first two digits of postal codes: where to look for shops near a
// postal code or town that has none itself.

import type { Point } from './client';

const TOWNS =
  'Bourg-en-Bresse 46.2 5.23,Laon 49.56 3.62,Moulins 46.57 3.33,Digne 44.09 6.24,Gap 44.56 6.08,Nice 43.7 7.27,Privas 44.74 4.6,Charleville-Mézières 49.77 4.72,Foix 42.97 1.61,Troyes 48.3 4.08,Carcassonne 43.21 2.35,Rodez 44.35 2.57,Marseille 43.3 5.37,Caen 49.18 -.37,Aurillac 44.93 2.44,Angoulême 45.65 .16,La Rochelle 46.16 -1.15,Bourges 47.08 2.4,Tulle 45.27 1.77,Ajaccio 41.93 8.74,Dijon 47.32 5.04,Saint-Brieuc 48.51 -2.76,Guéret 46.17 1.87,Périgueux 45.18 .72,Besançon 47.24 6.02,Valence 44.93 4.89,Évreux 49.02 1.15,Chartres 48.45 1.49,Quimper 48 -4.1,Nîmes 43.84 4.36,Toulouse 43.6 1.44,Auch 43.65 .59,Bordeaux 44.84 -.58,Montpellier 43.61 3.88,Rennes 48.11 -1.68,Châteauroux 46.81 1.69,Tours 47.39 .69,Grenoble 45.19 5.72,Lons-le-Saunier 46.67 5.55,Mont-de-Marsan 43.89 -.5,Blois 47.59 1.33,Saint-Étienne 45.44 4.39,Le Puy-en-Velay 45.04 3.89,Nantes 47.22 -1.55,Orléans 47.9 1.91,Cahors 44.45 1.44,Agen 44.2 .62,Mende 44.52 3.5,Angers 47.47 -.55,Saint-Lô 49.12 -1.09,Châlons-en-Champagne 48.96 4.36,Chaumont 48.11 5.14,Laval 48.07 -.77,Nancy 48.69 6.18,Bar-le-Duc 48.77 5.16,Vannes 47.66 -2.76,Metz 49.12 6.18,Nevers 46.99 3.16,Lille 50.63 3.06,Beauvais 49.43 2.08,Alençon 48.43 .09,Arras 50.29 2.78,Clermont-Ferrand 45.78 3.09,Pau 43.3 -.37,Tarbes 43.23 .07,Perpignan 42.7 2.9,Strasbourg 48.58 7.75,Colmar 48.08 7.36,Lyon 45.76 4.84,Vesoul 47.62 6.16,Mâcon 46.31 4.83,Le Mans 48 .2,Chambéry 45.57 5.92,Annecy 45.9 6.12,Paris 48.86 2.35,Rouen 49.44 1.1,Melun 48.54 2.66,Versailles 48.8 2.13,Niort 46.32 -.46,Amiens 49.89 2.3,Albi 43.93 2.15,Montauban 44.02 1.35,Toulon 43.12 5.93,Avignon 43.95 4.81,La Roche-sur-Yon 46.67 -1.43,Poitiers 46.58 .34,Limoges 45.83 1.26,Épinal 48.17 6.45,Auxerre 47.8 3.57,Belfort 47.64 6.86,Évry 48.63 2.43,Nanterre 48.89 2.21,Bobigny 48.91 2.44,Créteil 48.79 2.46,Cergy 49.04 2.08'.split(
    ',',
  );

/** A point with the name that people know it by. */
export interface Centre extends Point {
  label: string;
}

/** Without case, accents and hyphens. */
const folded = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();

/** The town of this name, or the main town of a French postal code; null: neither. */
export function townOf(text: string): Centre | null {
  const wanted = folded(text);
  const index = /^\d{5}$/.test(wanted)
    ? Number(wanted.slice(0, 2)) - 1
    : TOWNS.findIndex((town) => folded(town.replace(/ \S+ \S+$/, '')) === wanted);
  const [, label, latitude, longitude] = /^(.+) (\S+) (\S+)$/.exec(TOWNS[index] ?? '') ?? [];
  return label === undefined ? null : { label, latitude: Number(latitude), longitude: Number(longitude) };
}
