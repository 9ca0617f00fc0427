/** The clothes and shoes of the assortment, a line a model: code, name, EUR, units a day, colours, sizes. */
import { type Extras, models, type Product } from './categories';

const men: Extras = { attributes: { cut: 'Homme' } };
const women: Extras = { attributes: { cut: 'Femme' } };
const spring: Extras = { launch: 'SPRING' };
const autumn: Extras = { launch: 'AUTUMN' };
const winter: Extras = { defaults: { season: 'WINTER' } };
const summer: Extras = { defaults: { season: 'SUMMER' } };
const rain: Extras = { defaults: { season: 'RAIN' } };
const gift: Extras = { defaults: { season: 'GIFT' } };
const steady: Extras = { defaults: { demandClass: 'SMOOTH' } };

const clothes: Product[] = [
  ...models(
    'clothing/jackets',
    ['VES-VERCORS-H', 'Veste de pluie Vercors homme', 129, 1.1, 'NUI SAP', 'S M L XL', men],
    ['VES-VERCORS-F', 'Veste de pluie Vercors femme', 129, 1.1, 'OCR SAP', 'XS S M L', women],
    ['CIR-OUESSANT', 'Ciré Ouessant', 95, 0.6, 'MOU', 'S M L XL', { attributes: { cut: 'Mixte' } }],
    ['CPV-CEZALLIER', 'Coupe-vent ultraléger Cézallier', 75, 0.9, 'LAG', 'S M L XL', spring],
  ),
  ...models(
    'clothing/insulation',
    ['DOU-MEIJE-H', 'Doudoune Meije homme', 189, 1, 'NUI BRI', 'S M L XL', men],
    ['DOU-MEIJE-F', 'Doudoune Meije femme', 189, 1.1, 'ECU SAP', 'XS S M L', women],
    ['PAR-LAUTARET-H', 'Parka Lautaret homme', 249, 0.36, 'ARD', 'S M L XL', men],
    ['PAR-LAUTARET-F', 'Parka Lautaret femme', 249, 0.36, 'NUI', 'XS S M L', women],
    ['POL-BAUGES-H', 'Polaire Bauges homme', 49, 2.1, 'NUI ARD', 'S M L XL', { ...men, ...steady }],
    ['POL-BAUGES-F', 'Polaire Bauges femme', 49, 2.2, 'BRI ECU', 'XS S M L', { ...women, ...steady }],
  ),
  ...models(
    'clothing/trousers',
    ['PAN-CEVENNES-H', 'Pantalon de randonnée Cévennes homme', 69, 1.2, 'ARD', '38 40 42 44 46', men],
    ['PAN-CEVENNES-F', 'Pantalon de randonnée Cévennes femme', 69, 1.2, 'NOI', '36 38 40 42', women],
    ['SHO-LUBERON-H', 'Short Luberon homme', 39, 1.1, 'OCR', '38 40 42 44', { ...men, ...summer }],
    ['SHO-LUBERON-F', 'Short Luberon femme', 39, 1, 'SAP', '36 38 40 42', { ...women, ...summer }],
    ['SUR-AIGOUAL', 'Surpantalon de pluie Aigoual', 45, 0.7, 'NOI', 'S M L XL', rain],
  ),
  ...models(
    'clothing/tops',
    ['TSH-MARGERIDE-H', 'T-shirt mérinos Margeride homme', 55, 2, 'NUI ARD', 'S M L XL', men],
    ['TSH-MARGERIDE-F', 'T-shirt mérinos Margeride femme', 55, 1.9, 'BRI LAG', 'XS S M L', women],
    ['CHE-AUBRAC', 'Chemise à carreaux Aubrac', 59, 0.6, 'BRI', 'S M L XL', men],
    ['PUL-CHARTREUSE', 'Pull de laine Chartreuse', 89, 0.7, 'ECU', 'S M L XL', { ...autumn, ...winter }],
  ),
  ...models(
    'clothing/baselayers',
    ['HAU-VALLOIRE', 'Haut thermique Valloire', 35, 1.6, 'NOI', 'S M L XL'],
    ['COL-VALLOIRE', 'Collant thermique Valloire', 32, 1.2, 'NOI', 'S M L XL'],
  ),
  ...models(
    'clothing/children',
    ['CPV-MARMOTTE', 'Coupe-vent enfant Marmotte', 35, 1.2, 'MOU', '4A 6A 8A 10A'],
    ['POL-MARMOTTE', 'Polaire enfant Marmotte', 25, 1.6, 'LAG', '4A 6A 8A 10A'],
  ),
  ...models(
    'clothing/accessories',
    ['BON-QUEYRAS', 'Bonnet de laine Queyras', 25, 2.2, 'BRI ECU NUI', '', winter],
    ['GAN-TIGNES', 'Gants Tignes', 35, 1.6, 'NOI', 'S M L', winter],
    ['CHA-CAMARGUE', 'Chapeau de soleil Camargue', 29, 1.1, 'ECU', 'M L', summer],
    ['CAS-SETE', 'Casquette Sète', 19, 1.4, 'NUI OCR ECU', '', summer],
    ['CHS-STEVENSON', 'Chaussettes de randonnée Stevenson', 16, 5.4, 'ARD', '36-38 39-41 42-44 45-47'],
    ['CHS-MEZENC', 'Chaussettes de laine Mézenc', 19, 2.9, 'BRI', '36-38 39-41 42-44 45-47', winter],
    ['TDC-AUBISQUE', 'Tour de cou Aubisque', 14, 2.4, 'NUI OCR SAP NOI', ''],
    [
      'GUE-SANCY',
      'Guêtres Sancy',
      39,
      0.18,
      'NOI',
      'M L',
      { defaults: { season: 'RAIN', demandClass: 'INTERMITTENT' } },
    ],
  ),
];

const footwear: Product[] = [
  ...models(
    'footwear/boots',
    ['BOT-CANIGOU-H', 'Chaussures de montagne Canigou homme', 169, 1.1, 'OCR', '40 41 42 43 44 45', men],
    ['BOT-CANIGOU-F', 'Chaussures de montagne Canigou femme', 169, 0.9, 'ARD', '37 38 39 40 41', women],
    ['BAS-ESTEREL-H', 'Chaussures de marche Estérel homme', 99, 1.4, 'SAP', '40 41 42 43 44 45', men],
    ['BAS-ESTEREL-F', 'Chaussures de marche Estérel femme', 99, 1.4, 'LAG', '37 38 39 40 41', women],
    ['APR-MEGEVE', 'Après-ski Megève', 79, 0.5, 'NOI', '38 40 42 44', { defaults: { season: 'SNOW' } }],
  ),
  ...models(
    'footwear/trail',
    ['TRA-MAFATE-H', 'Chaussures de trail Mafate homme', 125, 1.2, 'LAG', '41 42 43 44 45', men],
    ['TRA-MAFATE-F', 'Chaussures de trail Mafate femme', 125, 0.9, 'MOU', '37 38 39 40', women],
  ),
  ...models(
    'footwear/leisure',
    ['SAN-CALANQUES', 'Sandales Calanques', 65, 1.3, 'NOI', '38 40 42 44'],
    ['CHN-REFUGE', 'Chaussons de refuge', 39, 0.6, 'BRI', 'S M L', gift],
    [
      'LAC-ROND',
      'Lacets ronds',
      6,
      1.2,
      'NOI',
      '150cm 180cm',
      { defaults: { season: 'ALL_YEAR', demandClass: 'SMOOTH', returnRate: 0, packSize: 20 } },
    ],
  ),
];

export const clothing: Product[] = [...clothes, ...footwear];
