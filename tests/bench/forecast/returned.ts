// Protocol C: returned lines a week, in all, by country and by SKU.

import { score, setFile } from './folder';
import { elsewhere, type Table } from './print';
import { type Bench, submitReturns } from './runs';

const ORIGINS = [60, 64, 68, 72, 76, 80, 84, 88, 92, 96, 100];

type LevelScores = Record<string, { WAPE_week: number; WAPE_4wk: number; bias: number; actual: number }>;
interface SkuScore {
  skus: number;
  PoissonDeviance: number;
  RMSE: number;
  bias: number;
}

/** Runs and scores protocol C: two tables. */
export async function protocolC(bench: Bench): Promise<Table[] | null> {
  const sales = setFile(bench.folder, 'or2_sales_weekly', 'csv');
  const events = setFile(bench.folder, 'or2_return_events', 'csv');
  if (!sales || !events) return null;
  const { levels, skus } = await submitReturns(bench, [
    sales,
    events,
    '--origins',
    ORIGINS.join(','),
    '--horizon',
    '4',
  ]);
  const byLevel = await score<LevelScores>(bench.folder, 'returns', levels);
  const bySku = await score<SkuScore>(bench.folder, 'returns-sku', skus);
  return [
    {
      title: 'C. Returned lines, in all and by SKU',
      head: ['method', 'total WAPEw', 'WAPE4', 'SKU deviance', 'SKU RMSE', 'SKU bias'],
      decimals: [4, 4, 4, 4, 3],
      rows: [
        ...elsewhere([
          ['mean of 8 weeks', 0.237, 0.156, 0.955, 0.733, null],
          ['rate × sales forecast', 0.222, 0.114, 0.754, 0.717, null],
          ['distributed lag by NNLS × sales forecast', 0.218, 0.116, null, null, null],
          ['geometric lag × sales forecast', 0.212, 0.116, null, null, null],
          ['matched lags, SKU rate by empirical Bayes', 0.224, 0.129, 0.644, 0.696, null],
          ['to beat', 0.21, null, 0.62, null, null],
        ]),
        {
          name: 'Comptoir',
          cells: [
            byLevel.total!.WAPE_week,
            byLevel.total!.WAPE_4wk,
            bySku.PoissonDeviance,
            bySku.RMSE,
            bySku.bias,
          ],
          ours: true,
        },
      ],
      notes: [`${bySku.skus} SKUs.`],
    },
    {
      title: 'C. Returned lines by level',
      head: ['level', 'WAPEw', 'WAPE4', 'bias', 'returned lines'],
      decimals: [4, 4, 3, 0],
      rows: Object.entries(byLevel).map(([name, { WAPE_week, WAPE_4wk, bias, actual }]) => ({
        name,
        cells: [WAPE_week, WAPE_4wk, bias, actual],
        ours: true as const,
      })),
    },
  ];
}
