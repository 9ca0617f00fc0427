/** First names, surnames and streets of the demonstration's customers: frequent ones, so that namesakes come about. */

const listed = (text: string): string[] => text.trim().split(/\s*,\s*/);

export const WOMEN = listed(
  `Marie, Nathalie, Isabelle, Sylvie, Catherine, Camille, Léa, Manon, Chloé, Emma, Inès, Jade, Louise, Alice, Zoé, Sarah, Julie,
  Élodie, Aurélie, Céline, Sandrine, Stéphanie, Hélène, Anaïs, Noémie, Océane, Amandine, Fatima, Aïcha, Nadia, Yasmine, Mélanie,
  Charlotte, Juliette, Margaux, Agathe, Anne-Sophie, Marie-Claire, Françoise, Brigitte`,
);
export const MEN = listed(
  `Jean, Pierre, Michel, Philippe, Alain, Nicolas, Christophe, Thomas, Julien, Antoine, Hugo, Lucas, Louis, Gabriel, Arthur, Paul,
  Jules, Adam, Raphaël, Théo, Mathéo, Étienne, François, Jérôme, Sébastien, Frédéric, Cédric, Loïc, Mehdi, Karim, Youssef, Mohamed,
  Olivier, Laurent, Stéphane, Jean-Luc, Jean-Baptiste, Benoît, Clément, Rémi`,
);
export const SURNAMES = listed(
  `Martin, Bernard, Thomas, Petit, Robert, Richard, Durand, Dubois, Moreau, Laurent, Simon, Michel, Lefebvre, Leroy, Roux, David,
  Bertrand, Morel, Fournier, Girard, Bonnet, Dupont, Lambert, Fontaine, Rousseau, Vincent, Muller, Lefèvre, Faure, André, Mercier,
  Blanc, Guérin, Boyer, Garnier, Chevalier, François, Legrand, Gauthier, Garcia, Perrin, Robin, Clément, Morin, Nicolas, Henry,
  Roussel, Mathieu, Gautier, Masson, Marchand, Duval, Denis, Dumont, Marie, Lemaire, Noël, Meyer, Dufour, Meunier, Brun, Blanchard,
  Giraud, Joly, Rivière, Lucas, Brunet, Gaillard, Barbier, Arnaud, Martinez, Gérard, Roche, Renard, Schmitt, Roy, Leroux, Colin,
  Vidal, Caron, Picard, Roger, Fabre, Aubert, Lemoine, Renaud, Dumas, Lacroix, Olivier, Philippe, Bourgeois, Pierre, Benoît, Rey,
  Leclerc, Payet, Rolland, Leclercq, Guillaume, Lecomte, López, Jean, Dupuy, Guillot, Hubert, Berger, Carpentier, Sánchez, Dupuis,
  Moulin, Louis, Deschamps, Huet, Vasseur, Pérez, Boucher, Fleury, Royer, Klein, Jacquet, Adam, Paris, Poirier, Marty, Aubry,
  Guyot, Carré, Charles, Renault, Charpentier, Ménard, Maillard, Baron, Bertin, Bailly, Hervé, Schneider, Fernández, Le Gall, Collet,
  Léger, Bouvier, Julien, Prévost, Millet, Perrot, Daniel, Le Roux, Cousin, Germain, Breton, Besson, Langlois, Rémy, Le Goff, Pelletier,
  Lévêque, Perrier, Leblanc, Barré, Lebrun, Marchal, Weber, Mallet, Hamon, Boulanger, Jacob, Monnier, Michaud, Rodríguez, Guichard,
  Benali, Haddad, Diallo, Traoré, Nguyen, Da Silva, Ferreira, O’Brien, Kowalski`,
);
export const STREETS = listed(
  `rue de la République, rue Victor-Hugo, avenue Jean-Jaurès, rue Pasteur, place de l’Église, rue du Moulin, rue des Écoles,
  rue de la Gare, boulevard Gambetta, rue Émile-Zola, allée des Tilleuls, chemin des Vignes, rue du Général-de-Gaulle,
  rue Jules-Ferry, impasse des Lilas, rue de la Fontaine, quai de la Marne, rue Saint-Michel`,
);
