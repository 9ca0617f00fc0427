// Field of a forecast of a sum with the accuracy of earlier ones, by days ahead.

import { builder } from '../../graphql/builder';
import { levelAccuracy } from '../queries/levelAccuracy';
import { measuresOf } from '../rules/accuracy/scores';
import { ForecastAccuracy, type ScoredGroup, USUAL_RUNS } from './accuracy';
import { LevelForecast } from './levels';

builder.objectField(LevelForecast, 'accuracy', (t) =>
  t.field({
    type: [ForecastAccuracy],
    description: `Accuracy of the forecasts of this sum over the last ${USUAL_RUNS} runs, one for each horizon. Empty for a group of locations, which is not scored as one, and until days ahead are over.`,
    resolve: async ({ category, cells, isWhole, cutDay }, _args, context): Promise<ScoredGroup[]> => {
      const locationIds = new Set(cells.map(({ locationId }) => locationId));
      if (!isWhole && locationIds.size > 1) return [];
      const locationId = isWhole ? null : cells[0]!.locationId;
      const rows = await levelAccuracy(context.reads, { category, locationId }, cutDay, USUAL_RUNS);
      return rows.map((row) => ({ ...row, measures: measuresOf(row) }));
    },
  }),
);
