// GraphQL of alerts of series that break from their forecasts, and the mutation that acknowledges them.

import type { GraphQLResolveInfo } from 'graphql';
import { PLANNERS } from '../../access/rules/roleSets';
import { ActorSummary, actorOf } from '../../access/schema/summary';
import { skuLookup } from '../../catalog/queries/skus';
import { distinctIds } from '../../db/codes';
import type { Prisma } from '../../db/generated/client/client';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import { documentPage } from '../../graphql/connections';
import type { Context } from '../../graphql/context';
import { commandPrice, WRITTEN_ROW } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { idsFound, UNKNOWN_CODES } from '../../graphql/notFound';
import { locationLookup } from '../../location/queries/locations';
import { checkCount, refuse } from '../../refusals';
import { optionalNote } from '../../values/typedText';
import { acknowledgeForecastAlert } from '../actions/accuracy/acknowledge';
import { BREAK_KINDS } from '../rules/accuracy/breaks';

const MAX_CODES = 500;
const MAX_ALERTS = 200;
const MAX_NOTE = 500;

const ForecastBreak = builder.enumType('ForecastBreak', {
  description: 'How the sales of a series depart from its forecasts.',
  values: {
    SUDDEN_ZERO: { description: 'No sales for several days, which the forecasts considered improbable.' },
    SPIKE: {
      description: 'Days far above their forecasts, such as an unannounced promotion or a wrong line.',
    },
    LEVEL_SHIFT: { description: 'Sales that stay above or below their forecasts.' },
  } satisfies Record<(typeof BREAK_KINDS)[number], object>,
});

/** ISO day of a date column, which Prisma reads as midnight UTC. */
const dayIn = (date: Date): string => date.toISOString().slice(0, 10);

export const ForecastAlert = builder.prismaNode('ForecastAlert', {
  id: { field: 'id' },
  nullable: true,
  description: 'A series whose sales depart from its forecasts, with the numbers it was found by.',
  authScopes: PLANNERS,
  fields: (t) => ({
    location: t.relation('location'),
    sku: t.relation('sku'),
    kind: t.expose('kind', { type: ForecastBreak, description: 'How they depart.' }),
    sinceDay: t.field({
      type: 'Date',
      select: { sinceDay: true },
      description: 'First day.',
      resolve: (alert) => dayIn(alert.sinceDay),
    }),
    throughDay: t.field({
      type: 'Date',
      select: { throughDay: true },
      description: 'Last day it was observed.',
      resolve: (alert) => dayIn(alert.throughDay),
    }),
    endedOn: t.field({
      type: 'Date',
      nullable: true,
      select: { endedOn: true },
      description: 'First day it was no longer observed; null while it continues.',
      resolve: (alert) => (alert.endedOn === null ? null : dayIn(alert.endedOn)),
    }),
    days: t.exposeInt('days', { description: 'Number of scored days.' }),
    expected: t.exposeFloat('expected', {
      description: 'Units forecast for these days, each by the run before it.',
    }),
    actual: t.exposeFloat('actual', { description: 'Units sold on these days.' }),
    statistic: t.exposeFloat('statistic', {
      description:
        'SUDDEN_ZERO: probability of no sales. SPIKE: standard deviations from the forecast. LEVEL_SHIFT: cumulative sum of deviations, negative for a fall.',
    }),
    threshold: t.exposeFloat('threshold', { description: 'The value the statistic was compared with.' }),
    trackingSignal: t.exposeFloat('trackingSignal', {
      description: 'Trigg’s tracking signal, from -1 (forecasts always too high) to 1 (always too low).',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    acknowledgedAt: t.expose('acknowledgedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was acknowledged; null if it was not.',
    }),
    acknowledgedBy: t.field({
      type: ActorSummary,
      nullable: true,
      description: 'The actor who acknowledged it.',
      resolve: ({ acknowledgedById }, _args, context) => actorOf(context, acknowledgedById),
    }),
    note: t.exposeString('note', { nullable: true, description: 'Note on its cause.' }),
  }),
});

const ForecastAlertConnection = connectionOf(ForecastAlert);

const ForecastAlertFilter = builder.inputType('ForecastAlertFilter', {
  description: 'Alerts that meet every condition given.',
  fields: (t) => ({
    locations: t.stringList({ description: `Location codes; all if omitted. ${UNKNOWN_CODES}` }),
    skus: t.stringList({ description: `SKU codes; all if omitted. ${UNKNOWN_CODES}` }),
    kinds: t.field({ type: [ForecastBreak], description: 'Only these kinds; all if omitted.' }),
    acknowledged: t.boolean({ description: 'Only acknowledged ones, or only the others.' }),
    ended: t.boolean({ description: 'Only ended ones, or only continuing ones.' }),
  }),
});

/** @throws Refused InvalidInput, NotFound */
async function whereOf(
  context: Context,
  info: GraphQLResolveInfo,
  { locations, skus, kinds, acknowledged, ended }: typeof ForecastAlertFilter.$inferInput,
): Promise<Prisma.ForecastAlertWhereInput> {
  if (locations != null) checkCount(locations, 'filter.locations', MAX_CODES);
  if (skus != null) checkCount(skus, 'filter.skus', MAX_CODES);
  if (kinds != null) checkCount(kinds, 'filter.kinds', BREAK_KINDS.length);
  const known = (yes: boolean | null | undefined) => (yes == null ? undefined : yes ? { not: null } : null);
  return {
    locationId:
      locations == null
        ? undefined
        : { in: distinctIds(await idsFound(context, info, locationLookup, locations)) },
    skuId: skus == null ? undefined : { in: distinctIds(await idsFound(context, info, skuLookup, skus)) },
    kind: kinds == null ? undefined : { in: kinds },
    acknowledgedAt: known(acknowledged),
    endedOn: known(ended),
  };
}

builder.queryField('forecastAlerts', (t) =>
  t.prismaConnection(
    {
      type: ForecastAlert,
      cursor: 'id',
      description: 'Series whose sales depart from their forecasts, most recently found first.',
      authScopes: PLANNERS,
      args: { filter: t.arg({ type: ForecastAlertFilter }) },
      resolve: async (query, _root, { filter }, context, info) =>
        context.db.prisma.forecastAlert.findMany({
          ...documentPage(query),
          where: await whereOf(context, info, filter ?? {}),
          orderBy: { id: 'desc' },
        }),
    },
    ForecastAlertConnection,
  ),
);

const acknowledgeForecastAlertSuccess: Success<{ alertIds: string[] }> = {
  authScopes: PLANNERS,
  fields: (t) => ({
    alerts: t.prismaField({
      type: [ForecastAlert],
      description: 'The alerts, in the order of the request.',
      resolve: async (query, { alertIds }, _args, context) => {
        const where = { id: { in: alertIds } };
        const rows = await context.db.prisma.forecastAlert.findMany({ ...query, where });
        const byId = new Map(rows.map((row) => [row.id, row]));
        return alertIds.flatMap((id) => byId.get(id) ?? []);
      },
    }),
  }),
};

mutation('acknowledgeForecastAlert', {
  description:
    'Records that alerts were noticed, with a note on their cause. The first actor to do so stays recorded.',
  authScopes: PLANNERS,
  price: commandPrice('alerts', WRITTEN_ROW),
  input: (t) => ({
    alerts: t.globalIDList({
      required: true,
      description: 'Global IDs of the alerts, at most 200.',
      for: [ForecastAlert],
    }),
    note: t.string({ description: 'Their cause; free text, at most 500 characters.' }),
  }),
  success: acknowledgeForecastAlertSuccess,
  execute: async (input, context, request) => {
    checkCount(input.alerts, 'alerts', MAX_ALERTS);
    const alertIds = input.alerts.map(({ id }) => id);
    if (new Set(alertIds).size < alertIds.length)
      refuse('InvalidInput', 'alerts names one twice; name each once.', { path: 'alerts' });
    const note = optionalNote(input.note, 'note', MAX_NOTE);
    return acknowledgeForecastAlert(context.db, request({ alertIds, note }));
  },
});
