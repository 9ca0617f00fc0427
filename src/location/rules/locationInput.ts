// Input of upsertLocations: limits, validation, and merging with the stored location.

import { type LabelRule, labelRulesProblem } from '../../catalog/rules/labels';
import { checkCount, checkQuantity, MAX_BULK, refuse } from '../../refusals';
import { typedLine, typedName } from '../../values/typedText';
import { type GeoPoint, pointProblem } from './distance';
import { type HoursException, timeZoneProblem, validateHours, type WeeklyHours } from './hours';
import { type PickupPolicy, validatePolicy } from './pickup';

export const LOCATION_LIMITS = {
  codeLength: 64,
  nameLength: 200,
  addressLength: 200,
  timeZoneLength: 64,
  groups: 50,
  transferLeadMinutes: 90 * 24 * 60,
} as const;

export interface PostalAddress {
  street: string;
  postalCode: string;
  city: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
}

export interface Pickup extends PickupPolicy {
  enabled: boolean;
}

/** A location with all its attributes. */
export interface LocationFacts {
  code: string;
  name: string;
  kind: 'SHOP' | 'WAREHOUSE';
  address: PostalAddress;
  point: GeoPoint;
  /** IANA. */
  timeZone: string;
  weeklyHours: WeeklyHours[];
  hoursExceptions: HoursException[];
  pickup: Pickup;
  /** From deciding on a transfer from here to its arrival. */
  transferLeadMinutes: number;
  /** How price and weight labels are read here. */
  labelRules: LabelRule[];
  groups: string[];
  active: boolean;
}

/**
 * Input of upsertLocations for one location. Omitted fields keep their values (a new location gets the default, or
 * requires it).
 */
export type LocationInput = Partial<Omit<LocationFacts, 'address' | 'pickup'>> & {
  code: string;
  address?: Partial<PostalAddress>;
  pickup?: Partial<Pickup>;
};

const NEW_LOCATION = {
  address: { street: '', postalCode: '', city: '' },
  weeklyHours: [],
  hoursExceptions: [],
  pickup: { enabled: true, leadMinutes: 120, cutOff: null, capacityPerHour: 20, keepDays: 5 },
  transferLeadMinutes: 24 * 60,
  labelRules: [],
  groups: [],
  active: true,
};

const NEEDED = ['name', 'kind', 'point', 'timeZone'] as const;

/** The input without fields left out. */
function given<T extends object>(sent: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(sent ?? {}).filter(([, v]) => v !== undefined)) as Partial<T>;
}

/** The location after applying `input`. @throws Refused InvalidInput when it is new and a required field is missing */
export function mergeLocation(
  before: LocationFacts | undefined,
  input: LocationInput,
  at: string,
): LocationFacts {
  const base = before ?? NEW_LOCATION;
  const after = {
    ...base,
    ...given(input),
    address: { ...base.address, ...given(input.address) },
    pickup: { ...base.pickup, ...given(input.pickup) },
  } as LocationFacts;
  const missing =
    after.address.country === undefined
      ? 'address.country'
      : NEEDED.find((field) => after[field] === undefined);
  if (missing !== undefined) {
    const message = `${at}.${missing} is missing; location '${input.code}' is new and needs it.`;
    refuse('InvalidInput', message, { path: `${at}.${missing}` });
  }
  return after;
}

const CODE = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** What is wrong with the code of a location or a group, in one sentence, or null. */
function codeProblem(code: string, what: string): string | null {
  const { codeLength } = LOCATION_LIMITS;
  if (code.length === 0 || code.length > codeLength) {
    return `${what} must have 1 to ${codeLength} characters, not ${code.length}`;
  }
  if (CODE.test(code)) return null;
  return `${what} '${code}' must begin with a letter A-Z or a digit and go on with those and . _ -`;
}

const countries = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

function countryProblem(country: string): string | null {
  // ICU has a name for the code of no country.
  const known = /^[A-Z]{2}$/.test(country) && country !== 'ZZ' && countries.of(country) !== undefined;
  return known ? null : `country '${country.slice(0, 20)}' is not an ISO 3166-1 code in capitals, such as FR`;
}

/** Bounds of the policy's numbers are checked independently of other fields; those left out count as valid. */
function pickupProblem(pickup: Partial<Pickup>): string | null {
  const { leadMinutes = 0, cutOff = null, capacityPerHour = 1, keepDays = 1 } = pickup;
  return validatePolicy({ leadMinutes, cutOff, capacityPerHour, keepDays })[0] ?? null;
}

/**
 * Validates the input of many locations, each code once, and returns it in its stored form. `path` names the
 * list in the request. @throws Refused InvalidInput naming the entry and what would be right
 */
export function checkLocations(locations: readonly LocationInput[], path: string): LocationInput[] {
  checkCount(locations, path, MAX_BULK);
  const seen = new Map<string, number>();
  return locations.map((sent, i) => {
    const at = `${path}.${i}`;
    const location = checkLocation(sent, at);
    const before = seen.get(location.code);
    if (before !== undefined) {
      const message = `${at}.code is '${location.code}' again, as ${path}.${before}; name it once.`;
      refuse('InvalidInput', message, { path: `${at}.code` });
    }
    seen.set(location.code, i);
    return location;
  });
}

function checkLocation(sent: LocationInput, at: string): LocationInput {
  const limits = LOCATION_LIMITS;
  const must = (field: string, problem: string | null | undefined): void => {
    if (problem) refuse('InvalidInput', `${at}.${field}: ${problem}.`, { path: `${at}.${field}` });
  };
  must('code', codeProblem(sent.code, 'a location code'));
  const kept = { ...sent };
  if (sent.name !== undefined) kept.name = typedName(sent.name, `${at}.name`, limits.nameLength);
  for (const field of ['street', 'postalCode', 'city'] as const) {
    const text = sent.address?.[field];
    if (text === undefined) continue;
    kept.address = {
      ...kept.address,
      [field]: typedLine(text, `${at}.address.${field}`, limits.addressLength, 0),
    };
  }
  if (sent.address?.country !== undefined) must('address.country', countryProblem(sent.address.country));
  if (sent.point !== undefined) must('point', pointProblem(sent.point));
  if (sent.timeZone !== undefined) must('timeZone', zoneProblem(sent.timeZone));
  if (sent.weeklyHours) must('weeklyHours', validateHours({ weekly: sent.weeklyHours, exceptions: [] })[0]);
  const exceptions = sent.hoursExceptions;
  if (exceptions) must('hoursExceptions', validateHours({ weekly: [], exceptions })[0]);
  if (sent.pickup !== undefined) must('pickup', pickupProblem(sent.pickup));
  if (sent.transferLeadMinutes !== undefined) {
    const path = `${at}.transferLeadMinutes`;
    checkQuantity(sent.transferLeadMinutes, path, 0, limits.transferLeadMinutes);
  }
  if (sent.labelRules !== undefined) must('labelRules', labelRulesProblem(sent.labelRules));
  if (sent.groups !== undefined) {
    checkCount(sent.groups, `${at}.groups`, limits.groups, 0);
    for (const [i, group] of sent.groups.entries()) must(`groups.${i}`, codeProblem(group, 'a group'));
  }
  return kept;
}

function zoneProblem(timeZone: string): string | null {
  const { timeZoneLength } = LOCATION_LIMITS;
  const problem = timeZone.length > timeZoneLength ? 'is not an IANA time zone' : timeZoneProblem(timeZone);
  return problem && `'${timeZone.slice(0, timeZoneLength)}' ${problem}`;
}
