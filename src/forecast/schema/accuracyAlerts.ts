// Alerts of series that break from their forecasts, as planners see them, and the command for acknowledging them.

import type { GraphQLResolveInfo } from 'graphql';
import { PLANNERS } from '../../access/rules/roleSets';
import { skuBook } from '../../catalog/queries/skus';
import { distinctIds } from '../../db/codes';
import type { Prisma } from '../../db/generated/client/client';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import { documentPage } from '../../graphql/connections';
import type { Context } from '../../graphql/context';
import { commandPrice, WRITTEN_ROW } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { idsFound, UNKNOWN_CODES } from '../../graphql/notFound';
import { locationBook } from '../../location/queries/locations';
import { checkCount, refuse } from '../../refusals';
import { optionalNote } from '../../values/typedText';
import { acknowledgeForecastAlert } from '../actions/accuracy/acknowledge';
import { BREAK_KINDS } from '../rules/accuracy/breaks';

const MAX_CODES = 500;
const MAX_ALERTS = 200;
const MAX_NOTE = 500;

const ForecastBreak = builder.enumType('ForecastBreak', {
  description: 'How a series breaks from its forecasts.',
  values: {
    SUDDEN_ZERO: { description: 'Nothing sold for days, which the forecasts together held for improbable.' },
    SPIKE: { description: 'Days far above their forecasts: a promotion nobody told of, or a wrong line.' },
    LEVEL_SHIFT: { description: 'Sales that stay above or below their forecasts.' },
  } satisfies Record<(typeof BREAK_KINDS)[number], object>,
});

/** ISO day of a date column, which Prisma reads as midnight UTC. */
const dayIn = (date: Date): string => date.toISOString().slice(0, 10);

export const ForecastAlert = builder.prismaNode('ForecastAlert', {
  id: { field: 'id' },
  nullable: true,
  description: 'A series that breaks from its forecasts, with the numbers it was found by.',
  authScopes: PLANNERS,
  fields: (t) => ({
    location: t.relation('location'),
    sku: t.relation('sku'),
    kind: t.expose('kind', { type: ForecastBreak }),
    sinceDay: t.field({
      type: 'Date',
      select: { sinceDay: true },
      description: 'The day the break began.',
      resolve: (alert) => dayIn(alert.sinceDay),
    }),
    throughDay: t.field({
      type: 'Date',
      select: { throughDay: true },
      description: 'The last day it was seen.',
      resolve: (alert) => dayIn(alert.throughDay),
    }),
    endedOn: t.field({
      type: 'Date',
      nullable: true,
      select: { endedOn: true },
      description: 'The first day it was not seen any more; null while it goes on.',
      resolve: (alert) => (alert.endedOn === null ? null : dayIn(alert.endedOn)),
    }),
    days: t.exposeInt('days', { description: 'Days of the break that were scored.' }),
    expected: t.exposeFloat('expected', { description: 'Units foreseen on them, the night before each.' }),
    actual: t.exposeFloat('actual', { description: 'Units sold on them.' }),
    statistic: t.exposeFloat('statistic', {
      description:
        'SUDDEN_ZERO: probability of the zeros. SPIKE: surprise of the day, in standard deviations. LEVEL_SHIFT: CUSUM of surprises, below 0 for a fall.',
    }),
    threshold: t.exposeFloat('threshold', { description: 'What the statistic was compared with.' }),
    trackingSignal: t.exposeFloat('trackingSignal', {
      description: 'Trigg’s: from −1 (always too much foreseen) to 1 (always too little).',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    acknowledgedAt: t.expose('acknowledgedAt', { type: 'DateTime', nullable: true }),
    acknowledgedBy: t.string({
      nullable: true,
      select: { acknowledgedBy: { select: { name: true } } },
      resolve: (alert) => alert.acknowledgedBy?.name ?? null,
    }),
    note: t.exposeString('note', { nullable: true }),
  }),
});

const ForecastAlertConnection = connectionOf(ForecastAlert);

const ForecastAlertFilter = builder.inputType('ForecastAlertFilter', {
  fields: (t) => ({
    locations: t.stringList({ description: `Location codes; all when left out. ${UNKNOWN_CODES}` }),
    skus: t.stringList({ description: `SKU codes; all when left out. ${UNKNOWN_CODES}` }),
    kinds: t.field({ type: [ForecastBreak], description: 'All when left out.' }),
    acknowledged: t.boolean({ description: 'Only those that were, or were not, acknowledged.' }),
    ended: t.boolean({ description: 'Only those that have ended, or go on.' }),
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
        : { in: distinctIds(await idsFound(context, info, locationBook, locations)) },
    skuId: skus == null ? undefined : { in: distinctIds(await idsFound(context, info, skuBook, skus)) },
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
      description: 'In the order asked.',
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
    alerts: t.globalIDList({ required: true, for: [ForecastAlert] }),
    note: t.string({ description: 'What is behind them.' }),
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
