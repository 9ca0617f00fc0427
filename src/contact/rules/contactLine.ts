// Checks one line of ingestContacts; a line that is wrong is refused alone, with its field and value.

import { checkInstant, checkQuantity, checkText, decided, Refused, refuse } from '../../refusals';
import { DAY_MS } from '../../values/time';
import type { StatedContact } from './contact';

export const CONTACT_LIMITS = {
  /** Characters of a source's name, as of a feed. */
  source: 64,
  externalId: 200,
  /** Codes: topics, promises, handlers, numbers of documents. */
  code: 100,
  link: 2_000,
  identifier: 320,
  identifiers: 10,
  /** Seconds of one contact: a month. */
  seconds: 2_678_400,
} as const;

/** The source of contacts that staff note. */
export const NOTED = 'counter';

/** Why a text is no source of contacts, as the end of a sentence that begins with its field; null: it is one. */
export function sourceProblem(source: string): string | null {
  if (source.length <= CONTACT_LIMITS.source && /^[\w.:-]+$/.test(source) && source !== NOTED) return null;
  return `must be a name of letters, digits and . _ : -, and not ${NOTED}, which is for noteContact`;
}

/** Why a line was refused. Values of identifiers and names are never repeated. */
export interface ContactProblem {
  index: number;
  path: string;
  value: string | null;
  message: string;
}

const MAX_SHOWN = 100;
const FIRST_DAY = new Date('2000-01-01T00:00:00Z');
/** A source's clock may be ahead of ours by so much. */
export const AHEAD_MS = DAY_MS;
/** Days ahead in which a promise may be due. */
export const PROMISE_DAYS = 3_660;
/** A code has no blanks in front or behind, and no line breaks: topics are codes, not texts. */
export const CODE = /^[\p{L}\p{N}][\p{L}\p{N} ._:/@+#-]*$/u;
export const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;

function checkCode(value: string, path: string): void {
  checkText(value, path, CONTACT_LIMITS.code);
  if (!CODE.test(value)) {
    const message = `${path} must be a code of letters, digits and . _ : / @ + # -; what was written or spoken is not stored.`;
    refuse('InvalidInput', message, { path });
  }
}

function checkLink(value: string, path: string): void {
  checkText(value, path, CONTACT_LIMITS.link);
  const isWeb = URL.canParse(value) && ['https:', 'http:'].includes(new URL(value).protocol);
  if (!isWeb) refuse('InvalidInput', `${path} is not an address that begins with https://.`, { path });
}

function checkSeconds(value: number, path: string): void {
  checkQuantity(value, path, 0, CONTACT_LIMITS.seconds);
}

function checkSurvey(survey: NonNullable<StatedContact['survey']>, path: string): void {
  const { csat, nps, ces, wasResolved } = survey;
  if (csat === null && nps === null && ces === null && wasResolved === null)
    refuse('InvalidInput', `${path} has no answer; leave it out.`, { path });
  if (csat !== null) checkQuantity(csat, `${path}.csat`, 1, 5);
  if (nps !== null) checkQuantity(nps, `${path}.nps`, 0, 10);
  if (ces !== null) checkQuantity(ces, `${path}.ces`, 1, 7);
}

/** Runs a check of a field that may be absent. */
const ifGiven = <T>(value: T | null, path: string, check: (value: T, path: string) => void): void => {
  if (value !== null) check(value, path);
};

/** @throws Refused InvalidInput naming the field below `path` */
function check(line: StatedContact, path: string, now: Date): void {
  const latest = new Date(now.getTime() + AHEAD_MS);
  const at = (name: string): string => `${path}.${name}`;
  checkText(line.externalId, at('externalId'), CONTACT_LIMITS.externalId);
  checkInstant(line.at, at('at'), FIRST_DAY, latest);
  checkInstant(line.stateAt, at('stateAt'), FIRST_DAY, latest);
  for (const name of ['topic', 'orderNumber', 'returnNumber', 'location', 'handler', 'promise'] as const)
    ifGiven(line[name], at(name), checkCode);
  for (const name of ['handledSeconds', 'wrapUpSeconds', 'waitingSeconds'] as const)
    ifGiven(line[name], at(name), checkSeconds);
  ifGiven(line.language, at('language'), (value, field) => {
    if (!LANGUAGE.test(value))
      refuse('InvalidInput', `${field} is not a language; write a code such as fr or pt-BR.`, {
        path: field,
      });
  });
  ifGiven(line.link, at('link'), checkLink);
  ifGiven(line.promisedFor, at('promisedFor'), (value, field) =>
    checkInstant(value, field, FIRST_DAY, new Date(now.getTime() + PROMISE_DAYS * DAY_MS)),
  );
  ifGiven(line.survey, at('survey'), checkSurvey);
  ifGiven(line.fullName, at('fullName'), (value, field) => checkText(value, field, 200));
  if (line.identifiers.length > CONTACT_LIMITS.identifiers) {
    const message = `${at('identifiers')} has ${line.identifiers.length} entries; it may have ${CONTACT_LIMITS.identifiers}.`;
    refuse('InvalidInput', message, { path: at('identifiers') });
  }
  for (const [i, { scope, value }] of line.identifiers.entries()) {
    checkText(value, at(`identifiers.${i}.value`), CONTACT_LIMITS.identifier);
    checkText(scope, at(`identifiers.${i}.scope`), CONTACT_LIMITS.source, 0);
  }
}

/** The value of a field that may be shown again: those of identifiers and names may not. */
export function shownValue(line: StatedContact, path: string): string | null {
  const name = path.split('.')[2] ?? '';
  if (name === 'identifiers' && path.endsWith('.scope'))
    return line.identifiers[Number(path.split('.')[3])]?.scope.slice(0, MAX_SHOWN) || null;
  if (name === 'identifiers' || name === 'fullName') return null;
  const value = (line as unknown as Record<string, unknown>)[name];
  const text = value instanceof Date ? (Number.isNaN(value.getTime()) ? null : value.toISOString()) : value;
  return text === null || text === undefined || typeof text === 'object'
    ? null
    : String(text)
        .slice(0, MAX_SHOWN)
        .replace(/[\p{Cc}\p{Surrogate}]/gu, '');
}

/** Why a line is refused; null: it is good. */
export function problemOf(line: StatedContact, index: number, now: Date): ContactProblem | null {
  const outcome = decided(() => check(line, `contacts.${index}`, now));
  if (!(outcome instanceof Refused)) return null;
  const { data } = outcome;
  const path = 'path' in data ? data.path : `contacts.${index}`;
  return { index, path, value: shownValue(line, path), message: data.message };
}
