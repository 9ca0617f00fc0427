/** What other systems state about the demonstration's customers: CRM, loyalty programme and help desks, with errors and old data. */
import type { StatedContact } from '../../src/contact/rules/contact';
import { dayNumber, dayOf } from './calendar';
import { mistyped, type SeedOrder } from './dealings';
import { addressForm, type SeedPerson } from './people';
import { draws, streamOf } from './random';
import type { DayText } from './types';

/** Cells of one line of an import of customers, by column. */
export interface SeedProfile {
  feed: 'crm' | 'loyalty';
  cells: Readonly<Record<string, string | undefined>>;
}

const IN_CRM = 0.55;
const IN_LOYALTY = 0.2;
const CONSENTS = 0.5;

type Draw = () => number;

function crmLine({ number, ...person }: SeedPerson, today: number, draw: Draw): SeedProfile {
  const day = dayOf(today - 20 - Math.floor(draw() * 700));
  const consents = draw() < CONSENTS ? { consents: 'MARKETING EMAIL', consentAt: `${day}T09:00:00Z` } : {};
  return {
    feed: 'crm',
    cells: {
      ...{ externalId: `K-${String(number).padStart(5, '0')}`, updatedAt: `${day}T10:00:00Z`, ...consents },
      ...{ firstName: person.firstName, surname: person.surname, birthDate: person.birthDate },
      ...{ street: person.street, postalCode: person.postalCode, city: person.city, country: 'FR' },
      ...{ gender: person.gender, language: person.language, contactChannel: person.contactChannel },
      ...{ shop: person.shop, email: person.email, phone: draw() < 0.5 ? person.mobile : person.home },
      ...(person.loyaltyCard === null ? {} : { loyaltyCard: person.loyaltyCard, verified: 'loyaltyCard' }),
    },
  };
}

/** The programme's own record: an older address, a name with an error, a birthday that is missing. Nothing exact need agree. */
function loyaltyLine({ number, ...person }: SeedPerson, today: number, draw: Draw): SeedProfile {
  const day = dayOf(today - 200 - Math.floor(draw() * 700));
  const name = draw();
  const old = `${addressForm(person.firstName).slice(0, 1)}${addressForm(person.surname)}.${number}@example.net`;
  return {
    feed: 'loyalty',
    cells: {
      ...{ externalId: `F-${String(9_000 + number)}`, updatedAt: `${day}T10:00:00Z`, country: 'FR' },
      firstName: name < 0.15 ? person.firstName.slice(0, 1) : person.firstName,
      surname: name > 0.8 ? mistyped(person.surname, draw) : person.surname,
      ...(draw() < 0.85 ? { birthDate: person.birthDate } : {}),
      ...{ postalCode: person.postalCode, city: person.city, email: old },
      ...(draw() < 0.6 ? { street: person.street } : {}),
    },
  };
}

/** What CRM and loyalty programme state; of some people both do. */
export function buildProfiles(people: readonly SeedPerson[], today: DayText): SeedProfile[] {
  const day = dayNumber(today);
  return people.flatMap((person) => {
    const draw = draws(streamOf('profiles', String(person.number)));
    const inCrm = draw() < IN_CRM;
    const inLoyalty = draw() < IN_LOYALTY;
    return [
      ...(inCrm ? [crmLine(person, day, draw)] : []),
      ...(inLoyalty ? [loyaltyLine(person, day, draw)] : []),
    ];
  });
}

/** A contact without the number of its order, which it gets when it is stored. */
export interface SeedContact {
  source: string;
  order: SeedOrder | null;
  stated: Omit<StatedContact, 'orderNumber'>;
}

const IN_TOUCH = 0.16;
const HANDLERS = ['nadia', 'karim', 'elise', 'tom', 'awa', 'luc'];
const TOPICS = ['AVAILABILITY', 'INVOICE', 'PRODUCT', 'RETURN', 'LOYALTY'];
const WAYS = [
  { source: 'telephone', channel: 'PHONE', share: 0.4, waiting: 180, handled: 320 },
  { source: 'zendesk', channel: 'EMAIL', share: 0.7, waiting: 14_400, handled: 420 },
  { source: 'chatwoot', channel: 'CHAT', share: 0.88, waiting: 90, handled: 600 },
  { source: 'chatwoot', channel: 'INSTAGRAM', share: 1, waiting: 3_600, handled: 300 },
] as const;
/** The telephone of a shop, which its staff typed for people who gave none: it says nothing about who somebody is. */
const SHOP_TELEPHONE = '+33199009990';

type Way = (typeof WAYS)[number];

function identifiersOf(person: SeedPerson, { channel }: Way, draw: Draw): StatedContact['identifiers'] {
  const claimed = (kind: 'PHONE' | 'EMAIL', value: string) => ({ kind, scope: '', value, isVerified: false });
  const handle = `${addressForm(person.firstName)}.${person.number}`;
  if (channel === 'INSTAGRAM')
    return [{ kind: 'SOCIAL_HANDLE', scope: 'instagram', value: handle, isVerified: true }];
  if (channel !== 'PHONE') return [claimed('EMAIL', person.email)];
  return [claimed('PHONE', draw() < 0.08 ? SHOP_TELEPHONE : draw() < 0.7 ? person.mobile : person.home)];
}

function surveyOf(draw: Draw, isLate: boolean): StatedContact['survey'] {
  if (draw() > 0.35) return null;
  const mood = draw() - (isLate ? 0.35 : 0);
  const csat = mood > 0.45 ? 5 : mood > 0.2 ? 4 : mood > 0.05 ? 3 : mood > -0.1 ? 2 : 1;
  return {
    csat,
    nps: Math.max(0, Math.min(10, csat * 2 + Math.round(draw() - 0.3))),
    ces: csat + 1,
    wasResolved: csat > 2,
  };
}

const DAY_MS = 86_400_000;

/** One contact: as it was opened, and as it stands. */
function contactOf({ person, key, start, order, isOpen }: Episode, way: Way, draw: Draw): SeedContact[] {
  const handled = Math.round(way.handled * (0.4 + 1.2 * draw()));
  const waiting = Math.round(way.waiting * 2 * draw());
  const topic = order === null ? TOPICS[Math.floor(draw() * TOPICS.length)]! : 'LATE_ORDER';
  const promise = isOpen && way.channel === 'PHONE' ? 'CALL_BACK' : null;
  const opened: SeedContact['stated'] = {
    ...{
      externalId: key,
      channel: way.channel,
      direction: 'INBOUND',
      at: start,
      state: 'OPEN',
      stateAt: start,
    },
    ...{
      identifiers: identifiersOf(person, way, draw),
      survey: null,
      topic,
      returnNumber: null,
      location: null,
    },
    fullName: way.channel === 'EMAIL' ? `${person.firstName} ${person.surname}` : null,
    ...{ handler: HANDLERS[Math.floor(draw() * HANDLERS.length)]!, language: person.language, link: null },
    ...{ handledSeconds: null, wrapUpSeconds: null, waitingSeconds: waiting, promise },
    promisedFor: promise === null ? null : new Date(start.getTime() + 4 * 3_600_000),
  };
  const { source } = way;
  if (isOpen) return [{ source, order, stated: opened }];
  const resolvedAt = new Date(start.getTime() + (waiting + handled) * 1_000);
  const wrapUpSeconds = Math.round(handled * 0.15);
  const survey = surveyOf(draw, order !== null);
  const resolved: SeedContact['stated'] = {
    ...{ ...opened, state: 'RESOLVED', stateAt: resolvedAt, handledSeconds: handled, wrapUpSeconds, survey },
  };
  return [opened, resolved].map((stated) => ({ source, order, stated }));
}

interface Episode {
  person: SeedPerson;
  key: string;
  start: Date;
  order: SeedOrder | null;
  isOpen: boolean;
}

/** Contacts about orders that were or are late, and about other things; some need a second contact, on another channel at times. */
export function buildContacts(
  people: readonly SeedPerson[],
  orders: readonly SeedOrder[],
  today: DayText,
): SeedContact[] {
  const midnight = Date.parse(`${today}T00:00:00Z`);
  const late = new Map(
    orders
      .filter(
        ({ promisedAt, readyAt }) => (readyAt?.getTime() ?? midnight) > promisedAt.getTime() + 1_800_000,
      )
      .map((order) => [order.person.number, order] as const),
  );
  return people.flatMap((person) => {
    const draw = draws(streamOf('contacts', String(person.number)));
    const order = late.get(person.number) ?? null;
    if (order === null ? draw() > IN_TOUCH : draw() > 0.75) return [];
    const isOpen = order !== null && order.closedAt === null;
    const start =
      order === null
        ? midnight - DAY_MS * (1 + draw() * 120)
        : Math.min(order.promisedAt.getTime() + 2_700_000, midnight - 3_600_000);
    const times = draw() < 0.2 ? 2 : 1;
    return Array.from({ length: times }, (_, n) => {
      const value = draw();
      const way = WAYS.find(({ share }) => value < share)!;
      // The second one comes some hours later, before midnight.
      const from = new Date(
        Math.min(Math.round(start) + n * 3 * 3_600_000, midnight - 1_800_000 + n * 60_000),
      );
      return contactOf({ person, key: `demo-${person.number}-${n}`, start: from, order, isOpen }, way, draw);
    }).flat();
  });
}
