/** The shapes of the demonstration chain, as the generator hands them to whoever loads it. */
import type { HoursException, WeeklyHours } from '../../src/location/rules/hours';

/** A calendar day 'YYYY-MM-DD' in the location's own time zone. */
export type DayText = string;

type PlaceKind = 'SHOP' | 'WAREHOUSE';
export type Channel = 'STORE' | 'ONLINE';

/** A dated day that replaces the weekly hours wholly (no ranges: closed), with the reason to show. */
export type HoursExceptionSeed = HoursException & { reason: string };

export interface PlaceGroupSeed {
  code: string;
  name: string;
}

/** When the two yearly sales (soldes) start: the law gives some departments their own dates. */
export type SalesZone = 'MAINLAND' | 'ALPES_MARITIMES' | 'REUNION';

/** What the generator alone needs to know of a location; a loader leaves it aside. */
export interface PlaceTraits {
  /** Demand relative to an average shop (1). */
  footfall: number;
  /** Share of the ordinary products on its shelves, 0..1. */
  rangeShare: number;
  /** Demand by ISO weekday, Monday first, relative to an average open day. */
  weekdayProfile: readonly number[];
  salesZone: SalesZone;
  /** Categories (whole or by their first level) never stocked here. */
  notCarried: readonly string[];
}

export interface PlaceSeed {
  code: string;
  name: string;
  kind: PlaceKind;
  street: string;
  postalCode: string;
  city: string;
  /** ISO 3166-1 alpha-2. */
  country: 'FR';
  latitude: number;
  longitude: number;
  /** IANA name. */
  timeZone: string;
  /** In order of weekday and opening. */
  weeklyHours: WeeklyHours[];
  /** From a year before `today` to a year after it, in order of day, one a day at most. */
  hoursExceptions: HoursExceptionSeed[];
  /** False where nothing is handed to customers; the other pickup figures mean nothing then. */
  pickupEnabled: boolean;
  /** Working time from order to ready. */
  pickupLeadMinutes: number;
  /** 'HH:MM' local: orders after it are prepared on the next open day. */
  pickupCutOff: string;
  /** Orders that can be prepared an hour. */
  pickupCapacityPerHour: number;
  /** Days that a ready order waits for its customer. */
  pickupKeepDays: number;
  /** From dispatch elsewhere to arrival here. */
  transferLeadMinutes: number;
  groupCodes: string[];
  traits: PlaceTraits;
}

export interface SupplierSeed {
  code: string;
  name: string;
  city: string;
  /** Mean and standard deviation from order to delivery, in days. */
  leadTimeMeanDays: number;
  leadTimeDeviationDays: number;
  /** Local time until which it takes orders for the day. */
  orderCutOff: string;
}

/**
 * How unevenly a SKU sells around its mean, in the words of Syntetos and Boylan: SMOOTH hardly more than
 * chance, ERRATIC in bursts, INTERMITTENT rarely and singly, LUMPY rarely and several at a time.
 */
export type DemandClass = 'SMOOTH' | 'ERRATIC' | 'INTERMITTENT' | 'LUMPY';

export type SeasonProfile =
  | 'ALL_YEAR'
  | 'SUMMER'
  | 'WINTER'
  | 'SNOW'
  | 'RAIN'
  | 'HIKING'
  | 'BACK_TO_SCHOOL'
  | 'GIFT';

/** What the generator alone needs to know of a SKU; a loader leaves it aside. */
interface SkuTraits {
  /** Mean units a day in an average shop, over the year. */
  baseDailyUnits: number;
  demandClass: DemandClass;
  season: SeasonProfile;
  /** Share of units sold in a shop that come back, 0..1; online it is higher. */
  returnRate: number;
  /** Every shop has it whatever its size. */
  core: boolean;
  /** Sold by the website only. */
  webOnly: boolean;
  /** First day on sale, or null when older than the year of history. */
  onSaleSince: DayText | null;
}

export interface SkuSeed {
  code: string;
  /** 13 digits, of GS1's prefixes for internal use (200-299). */
  gtin: string;
  name: string;
  /** The model that the SKU is a size or colour of. */
  productCode: string;
  /** Two levels, 'department/category'. */
  category: string;
  attributes: Record<string, string>;
  /** Units that a supplier's case holds; purchases are multiples of it. */
  packSize: number;
  priceMinor: number;
  currency: 'EUR';
  /** Where pickers find it: aisle and bay, in walking order. */
  pickPosition: string;
  /** 0 means that it can't be returned. */
  returnWindowDays: number;
  supplierCode: string;
  leadTimeDays: number;
  traits: SkuTraits;
}

/** Units for sale at a location; a shelf kept but empty has 0, a shelf not kept has no row. */
export interface StockSeed {
  skuCode: string;
  locationCode: string;
  available: number;
}

/** A safety stock of `quantity` units; null means any, and the most specific rule is meant to win. */
export interface SafetyStockSeed {
  skuCode: string | null;
  locationCode: string | null;
  channel: Channel | null;
  quantity: number;
}

export interface PurchaseOrderSeed {
  code: string;
  supplierCode: string;
  locationCode: string;
  orderedOn: DayText;
  expectedOn: DayText;
  lines: { skuCode: string; quantity: number }[];
}

/** A purchase that came as a whole on `receivedOn`, and was sold long ago. */
export interface PastPurchaseSeed extends PurchaseOrderSeed {
  receivedOn: DayText;
}

/** What a supplier asks for a SKU. */
export interface SkuSupplierSeed {
  skuCode: string;
  supplierCode: string;
  unitCostMinor: number;
  currency: 'EUR';
  packSize: number;
  minimumOrder: number;
}

/** A rule of replenishment: for a location, a group of locations, or all. */
export interface PolicySeed {
  locationCode?: string;
  groupCode?: string;
  serviceA?: number;
  serviceB?: number;
  serviceC?: number;
  reviewWeekdays?: number[];
  presentationMinimum?: number;
  /** Code of the location that usually supplies it. */
  suppliedFrom?: string;
}

/**
 * What one SKU did on one day at one location by one channel; a day without a row sold nothing.
 * `units` were sold (before returns), `returnedUnits` came back that day from earlier sales of the
 * same SKU, location and channel, `revenueMinor` is what was paid for `units` (EUR, tax included,
 * not less the returns), `stockedOut` says that the shelf was empty all day (then `units` is 0).
 */
export interface DailySale {
  skuCode: string;
  locationCode: string;
  channel: Channel;
  day: DayText;
  units: number;
  returnedUnits: number;
  revenueMinor: number;
  stockedOut: boolean;
}

/** The whole chain but its sales, which are too many to hold: see `dailySales`. */
export interface SeedChain {
  /** The first day without history. */
  today: DayText;
  groups: PlaceGroupSeed[];
  places: PlaceSeed[];
  suppliers: SupplierSeed[];
  /** In order of code. */
  skus: SkuSeed[];
  startingStock: StockSeed[];
  safetyStocks: SafetyStockSeed[];
  purchaseOrders: PurchaseOrderSeed[];
  /** In order of code. */
  pastPurchases: PastPurchaseSeed[];
  skuSuppliers: SkuSupplierSeed[];
  policies: PolicySeed[];
}
