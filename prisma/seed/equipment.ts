/** The equipment of the assortment, a line a model: code, name, EUR, units a day, colours, sizes. */
import { type Extras, models, type Product } from './categories';

const web: Extras = { webOnly: true };
const spring: Extras = { launch: 'SPRING' };
const autumn: Extras = { launch: 'AUTUMN' };
const rain: Extras = { defaults: { season: 'RAIN' } };
const gift: Extras = { defaults: { season: 'GIFT' } };
const school: Extras = { defaults: { season: 'BACK_TO_SCHOOL' } };
const rare: Extras = { defaults: { demandClass: 'INTERMITTENT' } };
const hygiene: Extras = { defaults: { returnRate: 0, returnWindowDays: 0 } };
const gas: Extras = { defaults: { demandClass: 'LUMPY', returnRate: 0, returnWindowDays: 0 } };

const camping: Product[] = [
  ...models(
    'camping/tents',
    ['TEN-AUBRAC-2', 'Tente Aubrac 2 places', 179, 0.43, 'SAP OCR'],
    ['TEN-AUBRAC-3', 'Tente Aubrac 3 places', 229, 0.29, 'SAP'],
    ['TEN-GAVARNIE-1', 'Tente ultralégère Gavarnie 1 place', 349, 0.06, 'MOU'],
    ['TEN-CAMARGUE-5', 'Tente familiale Camargue 5 places', 499, 0.09, 'ECU', '', web],
    ['TAR-GLENAN', 'Tarp Glénan', 69, 0.14, 'SAP', '', spring],
    [
      'PIQ-10',
      'Sardines aluminium, lot de 10',
      9,
      0.6,
      '',
      '',
      { defaults: { demandClass: 'LUMPY', packSize: 20, returnRate: 0.01 } },
    ],
  ),
  ...models(
    'camping/sleeping',
    ['DUV-OSSAU-10', 'Sac de couchage Ossau confort 10 °C', 79, 0.6, 'LAG', 'M L'],
    ['DUV-OSSAU-0', 'Sac de couchage Ossau confort 0 °C', 139, 0.43, 'NUI', 'M L'],
    ['DUV-OSSAU-M7', 'Sac de couchage Ossau confort -7 °C', 259, 0.09, 'BRI', 'M L', rare],
    ['MAT-LARZAC', 'Matelas gonflable Larzac', 89, 0.6, 'OCR', 'Standard Large'],
    ['MAT-MOUSSE', 'Tapis de mousse pliant', 25, 0.6],
    ['ORE-NUAGE', 'Oreiller gonflable Nuage', 22, 0.6],
    ['DRA-SOIE', 'Drap de sac en soie', 45, 0.25],
    ['HAM-BELLE-ILE', 'Hamac Belle-Île', 59, 0.36, 'LAG BRI'],
  ),
  ...models(
    'camping/cooking',
    ['REC-BRASERO', 'Réchaud à gaz Braséro', 49, 0.6],
    ['GAZ-230', 'Cartouche de gaz 230 g', 6.5, 3.2, '', '', gas],
    ['GAZ-450', 'Cartouche de gaz 450 g', 9.9, 1.6, '', '', gas],
    ['POP-BIVOUAC', 'Popote aluminium Bivouac', 39, 0.5],
    ['GOU-SOURCE-50', 'Gourde inox Source 0,5 L', 24, 3, 'NUI SAP BRI'],
    ['GOU-SOURCE-75', 'Gourde inox Source 0,75 L', 28, 2.4, 'NUI SAP BRI'],
    ['THE-VEILLEE', 'Bouteille isotherme Veillée 1 L', 39, 1.2, 'NOI ECU', '', gift],
    ['MUG-AUBE', 'Gobelet émaillé Aube', 12, 2.4, 'ECU NUI SAP', '', gift],
    ['COU-TITANE', 'Couverts en titane', 22, 0.5],
    ['CAF-MATIN', 'Cafetière de camp Matin', 35, 0.29, '', '', gift],
    ['FIL-TORRENT', 'Filtre à eau Torrent', 45, 0.43],
    ['BRI-TEMPETE', 'Briquet tempête', 15, 0.9],
  ),
  ...models(
    'camping/food',
    ['LYO-TARTIFLETTE', 'Tartiflette lyophilisée', 9.9, 2.3],
    ['LYO-CURRY', 'Curry de légumes lyophilisé', 8.9, 1.7],
    ['LYO-COUSCOUS', 'Couscous lyophilisé', 8.9, 1.4],
    ['LYO-BOLOGNAISE', 'Pâtes bolognaise lyophilisées', 8.9, 1.9],
    ['LYO-ROUGAIL', 'Rougail saucisse lyophilisé', 9.9, 1.1],
    ['LYO-MUESLI', 'Muesli du refuge', 5.9, 1.4],
    ['BAR-MYRTILLE', 'Barre myrtille et amande', 2.4, 4.3],
    ['BAR-CHATAIGNE', 'Barre châtaigne et noisette', 2.4, 3.6],
    ['BAR-ABRICOT', 'Barre abricot et graines', 2.4, 3],
    ['PDF-COING', 'Pâte de fruits au coing', 1.9, 1.9],
  ),
  ...models(
    'camping/furniture',
    ['CHA-GRANGE', 'Chaise pliante Grange', 45, 0.6, 'ECU SAP'],
    ['TAB-GRANGE', 'Table pliante Grange', 75, 0.22],
    ['GLA-SALINS-12', 'Glacière souple Salins 12 L', 35, 0.43],
    ['GLA-SALINS-40', 'Glacière rigide Salins 40 L', 149, 0.11, '', '', web],
  ),
];

const hiking: Product[] = [
  ...models(
    'hiking/packs',
    ['SAC-STEVENSON-20', 'Sac à dos Stevenson 20 L', 59, 1.6, 'NUI OCR', '', school],
    ['SAC-STEVENSON-30', 'Sac à dos Stevenson 30 L', 89, 0.9, 'NUI BRI'],
    ['SAC-STEVENSON-50', 'Sac à dos Stevenson 50 L', 149, 0.36, 'SAP ARD'],
    ['SAC-STEVENSON-65', 'Sac à dos Stevenson 65 L', 189, 0.1, 'ARD', '', rare],
    ['SAC-MARMOTTE-10', 'Sac à dos enfant Marmotte 10 L', 35, 0.9, 'LAG MOU', '', school],
    ['HOU-PLUIE', 'Housse de pluie pour sac', 18, 0.9, 'MOU', 'M L', rain],
    ['BAN-ETAPE', 'Sac banane Étape', 25, 1, 'NOI BRI', '', spring],
    ['PBB-COLLINE', 'Porte-bébé de randonnée Colline', 239, 0.04, 'ARD', '', rare],
  ),
  ...models(
    'hiking/poles',
    ['BAT-SANCY-ALU', 'Bâtons Sancy aluminium, la paire', 49, 0.6],
    ['BAT-SANCY-CARB', 'Bâtons Sancy carbone, la paire', 119, 0.22],
    ['EMB-BATON', 'Embouts de bâton, lot de 4', 8, 0.6, '', '', { defaults: { demandClass: 'LUMPY' } }],
  ),
  ...models(
    'hiking/lighting',
    ['FRO-LUCIOLE-200', 'Lampe frontale Luciole 200 lm', 35, 1.7, 'NOI BRI'],
    ['FRO-LUCIOLE-450', 'Lampe frontale Luciole 450 lm', 69, 0.6, 'NOI'],
    ['LAN-VEILLEUR', 'Lanterne de camp Veilleur', 29, 0.7],
  ),
  ...models(
    'hiking/orientation',
    ['BOU-CARDINAL', 'Boussole Cardinal', 29, 0.36],
    ['CAR-VERCORS', 'Carte de randonnée Hauts plateaux du Vercors', 13.9, 0.32],
    ['CAR-QUEYRAS', 'Carte de randonnée Tour du Queyras', 13.9, 0.22],
    ['CAR-GR20', 'Carte de randonnée Traversée de la Corse', 13.9, 0.43],
    ['CAR-STEVENSON', 'Carte de randonnée Chemin de Stevenson', 13.9, 0.36],
    ['CAR-REUNION', 'Carte de randonnée Les trois cirques', 13.9, 0.09],
    ['SIF-SECOURS', 'Sifflet de secours', 5, 0.43, '', '', { defaults: { packSize: 20 } }],
  ),
  ...models(
    'hiking/knives',
    [
      'COU-BERGER-OLI',
      'Couteau pliant Berger, olivier',
      39,
      0.6,
      '',
      '',
      { attributes: { handle: 'Olivier' } },
    ],
    ['COU-BERGER-NOY', 'Couteau pliant Berger, noyer', 39, 0.5, '', '', { attributes: { handle: 'Noyer' } }],
    ['COU-BERGER-HET', 'Couteau pliant Berger, hêtre', 29, 0.8, '', '', { attributes: { handle: 'Hêtre' } }],
  ),
  ...models(
    'hiking/care',
    ['TRO-SECOURS', 'Trousse de secours', 32, 0.6],
    [
      'COV-SURVIE',
      'Couverture de survie',
      4.5,
      1.2,
      '',
      '',
      { defaults: { demandClass: 'LUMPY', packSize: 50 } },
    ],
    ['SOL-SPF50', 'Crème solaire minérale SPF 50', 17, 1.9, '', '', hygiene],
    ['MOU-CITRON', 'Répulsif moustiques citronnelle', 12, 1.4, '', '', hygiene],
    ['CIR-CUIR', 'Cire pour cuir', 11, 0.6, '', '', rain],
  ),
];

const snowAndWater: Product[] = [
  ...models(
    'snow/walking',
    ['RAQ-BEAUFORTAIN', 'Raquettes à neige Beaufortain', 129, 0.5, 'BRI', 'S M L'],
    ['CRA-GLACE', 'Crampons antiglisse', 45, 0.43, '', 'S M L'],
    ['LUG-PIOU', 'Luge en bois Piou', 89, 0.14, '', '', web],
  ),
  ...models(
    'snow/accessories',
    [
      'CHF-MAINS',
      'Chaufferettes, lot de 5 paires',
      9.9,
      1.6,
      '',
      '',
      { defaults: { demandClass: 'LUMPY', packSize: 20 } },
    ],
    ['LUN-GLACIER', 'Lunettes de glacier', 69, 0.43, 'NOI ECU'],
    ['MAS-BLIZZARD', 'Masque de neige Blizzard', 59, 0.36, 'NOI', 'M L', autumn],
  ),
  ...models(
    'water/paddling',
    ['KAY-VERDON', 'Kayak gonflable Verdon 2 places', 399, 0.07, 'OCR', '', web],
    ['PAD-ARCACHON', 'Planche à pagaie gonflable Arcachon', 349, 0.09, 'LAG', '', web],
    ['PAG-VERDON', 'Pagaie démontable Verdon', 59, 0.07, '', '', web],
    ['GIL-PORQUEROLLES', 'Gilet flottant Porquerolles', 65, 0.29, 'MOU', 'S M L'],
  ),
  ...models(
    'water/equipment',
    ['ETA-GLENAN', 'Sac étanche Glénan', 25, 1.1, 'MOU', '10L 20L 40L'],
    ['MAS-TUBA', 'Masque et tuba Lavezzi', 29, 0.6, 'LAG', 'M L'],
    ['SER-MICRO', 'Serviette microfibre Rivage', 18, 1.5, 'LAG OCR', 'M L'],
  ),
];

export const equipment: Product[] = [...camping, ...hiking, ...snowAndWater];
