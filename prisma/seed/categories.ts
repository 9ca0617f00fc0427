/** What models of the assortment are described with: suppliers, categories, colours. */
import type { DemandClass, SeasonProfile, SupplierSeed } from './types';

export const suppliers: SupplierSeed[] = [
  {
    code: 'filature-vercors',
    name: 'Filature du Vercors',
    city: 'Romans-sur-Isère',
    leadTimeMeanDays: 12,
    leadTimeDeviationDays: 2,
    orderCutOff: '11:00',
  },
  {
    code: 'nordhavn',
    name: 'Nordhavn Textil',
    city: 'Aarhus',
    leadTimeMeanDays: 21,
    leadTimeDeviationDays: 4,
    orderCutOff: '15:30',
  },
  {
    code: 'semelle-et-fils',
    name: 'Semelle & Fils',
    city: 'Cholet',
    leadTimeMeanDays: 16,
    leadTimeDeviationDays: 3,
    orderCutOff: '12:00',
  },
  {
    code: 'bivouac-industries',
    name: 'Bivouac Industries',
    city: 'Annecy',
    leadTimeMeanDays: 28,
    leadTimeDeviationDays: 7,
    orderCutOff: '11:00',
  },
  {
    code: 'tramontane',
    name: 'Tramontane Nautique',
    city: 'Sète',
    leadTimeMeanDays: 18,
    leadTimeDeviationDays: 5,
    orderCutOff: '16:00',
  },
  {
    code: 'garde-manger',
    name: 'Le Garde-Manger des Alpages',
    city: 'Chambéry',
    leadTimeMeanDays: 6,
    leadTimeDeviationDays: 1,
    orderCutOff: '10:30',
  },
];

/** What the models of a category have in common; a model may differ. */
export interface CategoryDefaults {
  supplierCode: string;
  season: SeasonProfile;
  demandClass: DemandClass;
  returnRate: number;
  returnWindowDays: number;
  packSize: number;
}

function category(
  supplierCode: string,
  season: SeasonProfile,
  demandClass: DemandClass,
  returnRate: number,
  packSize: number,
  returnWindowDays = 30,
): CategoryDefaults {
  return { supplierCode, season, demandClass, returnRate, packSize, returnWindowDays };
}

/** By 'department/category'. */
export const categories: Record<string, CategoryDefaults> = {
  'clothing/jackets': category('nordhavn', 'RAIN', 'INTERMITTENT', 0.11, 4),
  'clothing/insulation': category('nordhavn', 'WINTER', 'INTERMITTENT', 0.12, 4),
  'clothing/trousers': category('nordhavn', 'HIKING', 'INTERMITTENT', 0.13, 4),
  'clothing/tops': category('filature-vercors', 'HIKING', 'ERRATIC', 0.09, 6),
  'clothing/baselayers': category('filature-vercors', 'WINTER', 'ERRATIC', 0.05, 6),
  'clothing/children': category('nordhavn', 'BACK_TO_SCHOOL', 'ERRATIC', 0.08, 6),
  'clothing/accessories': category('filature-vercors', 'ALL_YEAR', 'SMOOTH', 0.04, 12),
  'footwear/boots': category('semelle-et-fils', 'HIKING', 'INTERMITTENT', 0.14, 2, 60),
  'footwear/trail': category('semelle-et-fils', 'ALL_YEAR', 'ERRATIC', 0.14, 2, 60),
  'footwear/leisure': category('semelle-et-fils', 'SUMMER', 'ERRATIC', 0.1, 4),
  'camping/tents': category('bivouac-industries', 'SUMMER', 'INTERMITTENT', 0.06, 2, 60),
  'camping/sleeping': category('bivouac-industries', 'SUMMER', 'ERRATIC', 0.05, 4),
  'camping/cooking': category('bivouac-industries', 'HIKING', 'SMOOTH', 0.03, 12),
  'camping/food': category('garde-manger', 'HIKING', 'LUMPY', 0, 24, 0),
  'camping/furniture': category('bivouac-industries', 'SUMMER', 'ERRATIC', 0.04, 2),
  'hiking/packs': category('bivouac-industries', 'HIKING', 'ERRATIC', 0.06, 4, 60),
  'hiking/poles': category('bivouac-industries', 'HIKING', 'ERRATIC', 0.05, 6),
  'hiking/lighting': category('bivouac-industries', 'GIFT', 'SMOOTH', 0.04, 12),
  'hiking/orientation': category('garde-manger', 'HIKING', 'SMOOTH', 0.01, 10),
  'hiking/knives': category('garde-manger', 'GIFT', 'SMOOTH', 0.02, 6),
  'hiking/care': category('garde-manger', 'SUMMER', 'SMOOTH', 0.01, 12),
  'snow/walking': category('bivouac-industries', 'SNOW', 'ERRATIC', 0.06, 4),
  'snow/accessories': category('tramontane', 'SNOW', 'SMOOTH', 0.04, 6),
  'water/paddling': category('tramontane', 'SUMMER', 'INTERMITTENT', 0.05, 1),
  'water/equipment': category('tramontane', 'SUMMER', 'ERRATIC', 0.04, 6),
};

/** One model; its SKUs are its colours times its sizes. */
export interface Product {
  code: string;
  name: string;
  category: string;
  priceMinor: number;
  /** Mean units a day of all its SKUs together, in an average shop. */
  dailyUnits: number;
  /** Codes of `colours`. */
  colours: string[];
  sizes: string[];
  attributes: Record<string, string>;
  webOnly: boolean;
  /** New this spring (1 March) or autumn (1 September); null when it has been there for long. */
  launch: 'SPRING' | 'AUTUMN' | null;
  /** Where the model departs from its category. */
  defaults: Partial<CategoryDefaults>;
}

export const colours: Record<string, string> = {
  NUI: 'Bleu nuit',
  SAP: 'Vert sapin',
  ARD: 'Gris ardoise',
  OCR: 'Ocre',
  BRI: 'Rouge brique',
  ECU: 'Écru',
  NOI: 'Noir',
  LAG: 'Bleu lagon',
  MOU: 'Jaune moutarde',
};

export type Extras = Partial<Pick<Product, 'attributes' | 'webOnly' | 'launch' | 'defaults'>>;
type CategoryRow = [
  code: string,
  name: string,
  euros: number,
  dailyUnits: number,
  colours?: string,
  sizes?: string,
  extras?: Extras,
];

/** The models of one category, a row each; colours and sizes are lists with spaces between. */
export function models(categoryCode: string, ...rows: CategoryRow[]): Product[] {
  return rows.map(([code, name, euros, dailyUnits, colourCodes = '', sizes = '', extras = {}]) => ({
    code,
    name,
    category: categoryCode,
    priceMinor: Math.round(euros * 100),
    dailyUnits,
    colours: colourCodes.split(' ').filter(Boolean),
    sizes: sizes.split(' ').filter(Boolean),
    attributes: {},
    webOnly: false,
    launch: null,
    defaults: {},
    ...extras,
  }));
}
