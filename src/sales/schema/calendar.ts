// GraphQL of the calendar: its events, and the mutations that change them.

import { INTERNAL, PLANNERS } from '../../access/rules/roleSets';
import { skuIdsByCode, skuLookup } from '../../catalog/queries/skus';
import { Sku, skuByCode } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import { commandPrice, WRITTEN_ROW } from '../../graphql/cost/price';
import { described } from '../../graphql/described';
import { badInput } from '../../graphql/errors';
import { type CursorForm, forwardPage } from '../../graphql/keysetPages';
import { mutation, type Success } from '../../graphql/mutation';
import { locationIdsByCode, locationLookup } from '../../location/queries/locations';
import { Location, locationByCode } from '../../location/schema/location';
import { checkCount, checkText, MAX_BULK } from '../../refusals';
import { deleteCalendarEvents, upsertCalendarEvents } from '../actions/calendar';
import { eventPage, eventsByCode } from '../queries/calendar';
import {
  type CalendarEvent as CalendarEventFacts,
  checkEvents,
  type EVENT_KINDS,
  EVENT_LIMITS,
} from '../rules/calendar';
import { isDay } from '../rules/days';

export const CalendarEventKind = builder.enumType('CalendarEventKind', {
  description: 'What kind of event it is.',
  values: described<(typeof EVENT_KINDS)[number]>({
    HOLIDAY: 'A public holiday or a school holiday.',
    PROMOTION: 'A promotion, usually at another price.',
    CLOSED: 'Closed: nothing is sold, and days without sales are not taken as lack of demand.',
    OTHER: 'Another event.',
  }),
});

const CalendarEvent = builder.objectRef<CalendarEventFacts>('CalendarEvent').implement({
  description: 'Something known in advance to change sales: a holiday, a promotion, a closing.',
  authScopes: INTERNAL,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a code'),
      resolve: (event) => cacheId('CalendarEvent', event.code),
    }),
    code: t.exposeString('code', { description: 'Code of the event. It never changes.' }),
    name: t.exposeString('name', {
      description: 'Events of the same name are learnt from together, such as every Christmas.',
    }),
    kind: t.expose('kind', { type: CalendarEventKind, description: 'What kind of event it is.' }),
    fromDay: t.expose('fromDay', { type: 'Date', description: 'First local day.' }),
    toDay: t.expose('toDay', { type: 'Date', description: 'Last local day.' }),
    location: t.field({
      type: Location,
      nullable: true,
      description: 'The only location concerned; null for all.',
      resolve: ({ location }, _args, context) =>
        location === null ? null : locationByCode(context).load(location),
    }),
    country: t.exposeString('country', {
      nullable: true,
      description: 'Country of the locations concerned; null for all.',
    }),
    category: t.exposeString('category', {
      nullable: true,
      description: 'The category concerned, with those below it; null for all.',
    }),
    sku: t.field({
      type: Sku,
      nullable: true,
      description: 'The only SKU concerned; null for all.',
      resolve: ({ sku }, _args, context) => (sku === null ? null : skuByCode(context).load(sku)),
    }),
    priceFactor: t.exposeFloat('priceFactor', {
      nullable: true,
      description: 'Expected price divided by the usual one, such as 0.8; null if unchanged.',
    }),
  }),
});

const CalendarEventConnection = connectionOf(CalendarEvent);

const CalendarEventInput = builder.inputType('CalendarEventInput', {
  description: 'An event to create or change.',
  fields: (t) => ({
    code: t.string({ required: true, description: 'Identifies the event permanently, such as easter-2027.' }),
    name: t.string({
      required: true,
      description:
        'Events of the same name are learnt from together, such as every Christmas. At most 100 characters.',
    }),
    kind: t.field({ type: CalendarEventKind, required: true, description: 'What kind of event it is.' }),
    fromDay: t.field({ type: 'Date', required: true, description: 'First local day.' }),
    toDay: t.field({
      type: 'Date',
      required: true,
      description: `At most ${EVENT_LIMITS.days} days with the first.`,
    }),
    location: t.string({ description: 'Location code; not together with country.' }),
    country: t.string({ description: 'ISO 3166-1 code; not together with location.' }),
    category: t.string({ description: 'A category with those below it; not together with sku.' }),
    sku: t.string({ description: 'SKU code; not together with category.' }),
    priceFactor: t.float({
      description: 'Expected price divided by the usual one, such as 0.8; 0.01 to 100.',
    }),
  }),
});

const present = (codes: (string | null)[]): string[] => codes.filter((code) => code !== null);

const upsertCalendarEventsSuccess: Success<{ codes: string[] }> = {
  authScopes: PLANNERS,
  fields: (t) => ({
    events: t.field({
      type: [CalendarEvent],
      description: 'The events, in the order of the request.',
      resolve: async ({ codes }, _args, context) => {
        const byCode = new Map((await eventsByCode(context.db, codes)).map((e) => [e.code, e]));
        return codes.flatMap((code) => byCode.get(code) ?? []);
      },
    }),
  }),
};

mutation('upsertCalendarEvents', {
  description: 'Creates calendar events and changes existing ones, by code; all of them or none.',
  authScopes: PLANNERS,
  price: commandPrice('events', WRITTEN_ROW),
  input: (t) => ({
    events: t.field({ type: [CalendarEventInput], required: true, description: `At most ${MAX_BULK}.` }),
  }),
  success: upsertCalendarEventsSuccess,
  execute: async (input, context, request) => {
    const typed = input.events.map(
      (e): CalendarEventFacts => ({
        ...e,
        location: e.location ?? null,
        country: e.country ?? null,
        category: e.category ?? null,
        sku: e.sku ?? null,
        priceFactor: e.priceFactor ?? null,
      }),
    );
    const events = checkEvents(typed, 'events');
    const [locationIds, skus] = await Promise.all([
      locationIdsByCode(context.db, present(events.map((e) => e.location))),
      skuIdsByCode(context.db, present(events.map((e) => e.sku))),
    ]);
    const rows = events.map(({ location, sku, ...event }) => ({
      ...event,
      locationId: location === null ? null : locationIds.get(location)!,
      skuId: sku === null ? null : skus.get(sku)!,
    }));
    return upsertCalendarEvents(context.db, request({ events: rows }));
  },
});

const deleteCalendarEventsSuccess: Success<{ deleted: number }> = {
  authScopes: PLANNERS,
  fields: (t) => ({
    deleted: t.exposeInt('deleted', { description: 'Number of codes that named an event.' }),
  }),
};

mutation('deleteCalendarEvents', {
  description: 'Deletes calendar events.',
  authScopes: PLANNERS,
  price: commandPrice('codes', WRITTEN_ROW),
  input: (t) => ({
    codes: t.stringList({ required: true, description: `At most ${MAX_BULK}.` }),
  }),
  success: deleteCalendarEventsSuccess,
  execute: async (input, context, request) => {
    checkCount(input.codes, 'codes', MAX_BULK);
    for (const [i, code] of input.codes.entries()) checkText(code, `codes.${i}`, EVENT_LIMITS.codeLength, 0);
    return deleteCalendarEvents(context.db, request({ codes: [...input.codes] }));
  },
});

const byDayAndCode: CursorForm<CalendarEventFacts, { fromDay: string; code: string }> = {
  write: (event) => `${event.fromDay} ${event.code}`,
  read: (text) => {
    const [fromDay, code] = [text.slice(0, 10), text.slice(11)];
    return isDay(fromDay) && code !== '' && code.length <= EVENT_LIMITS.codeLength && !code.includes('\u0000')
      ? { fromDay, code }
      : null;
  },
};

const CalendarEventFilter = builder.inputType('CalendarEventFilter', {
  description: 'Events that meet every condition given.',
  fields: (t) => ({
    location: t.string({ description: 'Location code: only what concerns this location.' }),
    sku: t.string({ description: 'SKU code: only what concerns this SKU.' }),
  }),
});

builder.queryField('calendarEvents', (t) =>
  t.connection(
    {
      type: CalendarEvent,
      forwardOnly: true,
      description: 'Events of which at least one day lies in the given period, by first day.',
      authScopes: INTERNAL,
      args: {
        from: t.arg({ type: 'Date', required: true, description: 'First local day of the period.' }),
        to: t.arg({ type: 'Date', required: true, description: 'Last local day of the period.' }),
        filter: t.arg({ type: CalendarEventFilter }),
      },
      resolve: async (_root, { from, to, filter, ...args }, context) => {
        const { location, sku } = filter ?? {};
        if (!isDay(from) || !isDay(to)) throw badInput('from and to are days of the calendar, YYYY-MM-DD.');
        const locationId = await locationLookup.idOf(context.db, location);
        const skuId = await skuLookup.idOf(context.db, sku);
        const wanted = { fromDay: from, toDay: to, locationId, skuId };
        return forwardPage(args, byDayAndCode, (after, limit) =>
          eventPage(context.reads, wanted, after, limit),
        );
      },
    },
    CalendarEventConnection,
  ),
);
