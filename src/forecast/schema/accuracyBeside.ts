// Fields of a forecast with the accuracy of its series, and its alerts.

import { builder } from '../../graphql/builder';
import { loader } from '../../graphql/loaders';
import { shelfKey } from '../../values/keys';
import { accuracyOf, type ShelfRunRange } from '../queries/accuracy';
import { measuresOf } from '../rules/accuracy/scores';
import { ForecastAccuracy, USUAL_RUNS } from './accuracy';
import { ForecastAlert } from './accuracyAlerts';
import { DemandForecast } from './types';

const accuracyLoader = loader(
  ({ reads }, keys: readonly ShelfRunRange[]) => accuracyOf(reads, keys, USUAL_RUNS),
  (key) => `${shelfKey(key)}:${key.toCutDay}`,
);

const alertsLoader = loader(async ({ db }, keys: readonly { locationId: number; skuId: number }[]) => {
  const rows = await db.prisma.forecastAlert.findMany({
    where: {
      endedOn: null,
      locationId: { in: [...new Set(keys.map((k) => k.locationId))] },
      skuId: { in: [...new Set(keys.map((k) => k.skuId))] },
    },
    orderBy: { id: 'desc' },
  });
  return keys.map((k) => rows.filter((r) => r.locationId === k.locationId && r.skuId === k.skuId));
}, shelfKey);

builder.objectField(DemandForecast, 'accuracy', (t) =>
  t.field({
    type: ForecastAccuracy,
    nullable: true,
    description: `Accuracy of the forecasts of this series over the last ${USUAL_RUNS} runs; null if none was scored.`,
    resolve: async ({ locationId, skuId, cutDay }, _args, context) => {
      const row = await accuracyLoader(context).load({ locationId, skuId, toCutDay: cutDay });
      return row === null ? null : { ...row, measures: measuresOf(row) };
    },
  }),
);

builder.objectField(DemandForecast, 'alerts', (t) =>
  t.field({
    type: [ForecastAlert],
    description: 'Ongoing alerts of this series.',
    resolve: ({ locationId, skuId }, _args, context) => alertsLoader(context).load({ locationId, skuId }),
  }),
);
