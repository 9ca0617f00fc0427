// Price effects: a panel with known elasticities recovers them, and an announced price moves the days it concerns, no others.

import { seeded } from '../../../src/forecaster/boost';
import { pastOf } from '../../../src/forecaster/clean';
import { forecast, learn } from '../../../src/forecaster/forecaster';
import {
  elasticityOf,
  type LearnedPrices,
  learnPrices,
  type PriceEvidence,
} from '../../../src/forecaster/prices/elasticity';
import { depthsOf, episodesOf } from '../../../src/forecaster/prices/episodes';
import type { Axis, Panel, Series } from '../../../src/forecaster/series';
import { viewOf } from '../../../src/forecaster/view';

const DAYS = 700;
const ORIGIN = DAYS - 1;
const AHEAD = 28;
const axis: Axis = { period: 'DAY', firstDay: null };
const ELASTICITIES: Readonly<Record<string, number>> = { FOOD: 2.5, TOYS: 1 };

/** Shops whose price falls for two weeks now and then, to `cut` of the usual 10; demand answers by the category's elasticity. */
function panelWith(cut: number, count = 60): Series[] {
  const random = seeded(5);
  return Array.from({ length: count }, (_, k): Series => {
    const category = k % 2 === 0 ? 'FOOD' : 'TOYS';
    const shift = Math.floor(random() * 100);
    const prices = Float64Array.from({ length: DAYS + AHEAD }, (_, t) =>
      t <= ORIGIN && (t + shift) % 100 < 14 ? 10 * cut : 10,
    );
    const values = Float64Array.from({ length: DAYS }, (_, t) => {
      const rate = 6 * (prices[t]! / 10) ** -ELASTICITIES[category]!;
      let units = 0;
      for (let left = Math.exp(-rate), chance = random(); chance > left; units++) chance *= random();
      return units;
    });
    return { key: `S${k}`, groups: { category }, start: 0, values, prices };
  });
}

function evidenceOf(series: Series): PriceEvidence {
  const past = pastOf(series, ORIGIN, 7);
  const depths = depthsOf(series, past, 'DAY', 0);
  if (!depths) return { series, scale: past.scale, compared: [], foreseen: [] };
  const usual = new Float64Array(past.y.length).fill(1);
  return { series, scale: past.scale, ...episodesOf(past, depths, usual, 'DAY') };
}
const episodes = (series: Series) => evidenceOf(series).compared;
const learnFrom = (panel: readonly Series[]): LearnedPrices | null => learnPrices(panel.map(evidenceOf));

/** The series with another price on h = from … to of the days ahead. */
function announced(series: Series, price: number, from: number, to: number): Series {
  const prices = series.prices!.slice();
  prices.fill(10, ORIGIN + 1);
  prices.fill(price, ORIGIN + from, ORIGIN + to + 1);
  return { ...series, prices };
}
const factorsAhead = (series: Series, prices: LearnedPrices | null) => {
  const rhythm = { profile: null, effects: [], ...(prices ? { prices } : {}) };
  const view = viewOf(series, axis, [], rhythm, ORIGIN, AHEAD);
  return Array.from(view.factors.subarray(view.past.y.length));
};

const panel = panelWith(0.7);
const learnt = learnFrom(panel)!;

test.each([
  ['FOOD', 0],
  ['TOYS', 1],
] as const)('the elasticity that a category was made with is recovered: %s', (category, index) => {
  const { value, sd } = elasticityOf(learnt, panel[index]!, episodes(panel[index]!));
  expect(Math.abs(value - ELASTICITIES[category]!)).toBeLessThan(0.35);
  expect(sd).toBeGreaterThan(0);
  expect(sd).toBeLessThan(1);
});

test('an announced price moves its own days as such prices did, and no day before or after', () => {
  const factors = factorsAhead(announced(panel[0]!, 7, 8, 21), learnt);
  expect(factors.slice(0, 7)).toEqual(new Array(7).fill(1));
  expect(factors.slice(21)).toEqual(new Array(7).fill(1));
  for (const factor of factors.slice(7, 21)) expect(factor / 0.7 ** -2.5).toBeCloseTo(1, 0);
  expect(factors[10]!).toBeGreaterThan(2);
});

test('a price beyond all that was seen counts as the furthest seen, and half price where half prices were seen as these', () => {
  const third = factorsAhead(announced(panel[0]!, 7, 1, 28), learnt)[0]!;
  expect(factorsAhead(announced(panel[0]!, 1, 1, 28), learnt)[0]!).toBeCloseTo(third, 1);
  const halves = panelWith(0.5);
  const half = factorsAhead(announced(halves[1]!, 5, 1, 28), learnFrom(halves))[0]!;
  // Twice the units, by an elasticity of 1.
  expect(half).toBeGreaterThan(1.7);
  expect(half).toBeLessThan(2.3);
});

test('the level is learned from sales without the promotion that is on at the origin', () => {
  const one = announced(panel[0]!, 10, 1, 28);
  const values = one.values.map((units, t) => (t > ORIGIN - 14 ? 15 : units));
  const prices = one.prices!.map((price, t) => (t > ORIGIN - 14 && t <= ORIGIN ? 7 : price));
  const { clear } = viewOf(
    { ...one, values, prices },
    axis,
    [],
    { profile: null, effects: [], prices: learnt },
    ORIGIN,
    AHEAD,
  );
  const level = clear.slice(-14).reduce((sum, units) => sum + units, 0) / 14;
  expect(level).toBeGreaterThan(4.5);
  expect(level).toBeLessThan(7.5);
});

test.each([0, Number.NaN, -3, Number.POSITIVE_INFINITY])(
  'a price of %p is unknown and moves nothing',
  (price) => {
    expect(factorsAhead(announced(panel[0]!, price, 1, 28), learnt)).toEqual(new Array(AHEAD).fill(1));
  },
);

test('a lasting change becomes the usual price', () => {
  const prices = panel[0]!.prices!.map((_, t) => (t > ORIGIN - 120 ? 7 : 10));
  expect(factorsAhead({ ...panel[0]!, prices }, learnt)).toEqual(new Array(AHEAD).fill(1));
});

test('weeks without stock are no evidence of what a price does', () => {
  const empty = panel.map((one) => ({
    ...one,
    values: one.values.map((units, t) => (one.prices![t] === 7 && t % 200 < 100 ? 0 : units)),
  }));
  const { value } = elasticityOf(learnFrom(empty)!, empty[0]!, episodes(empty[0]!));
  expect(value).toBeGreaterThan(1.5);
});

test('cuts that were clearances move nothing, whatever cuts of other shops did; rises still do', () => {
  const random = seeded(9);
  // A cut of 30 % for two weeks, in which next to nothing is left to sell; a rise of 30 % halves demand.
  const clearances = panelWith(1).map((one, k) => {
    const prices = one.prices!.map((_, t) => {
      const day = (t + 11 * k) % 120;
      return t > ORIGIN ? 10 : day < 14 ? 7 : day >= 60 && day < 74 ? 13 : 10;
    });
    const values = one.values.map((units, t) =>
      prices[t] === 7 ? (random() < 0.2 ? 1 : 0) : prices[t] === 13 ? Math.round(units / 2) : units,
    );
    return { ...one, prices, values };
  });
  const learnt = learnFrom(clearances)!;
  expect(learnt.shares.cuts).toBe(0);
  expect(learnt.shares.rises).toBeGreaterThan(0.5);
  expect(factorsAhead(announced(clearances[0]!, 7, 1, 28), learnt)[0]).toBe(1);
  expect(factorsAhead(announced(clearances[0]!, 13, 1, 28), learnt)[0]!).toBeLessThan(0.8);
});

test('without prices, or with prices that never changed, nothing is learned and forecasts are the same', () => {
  const plain = panel.slice(0, 24).map(({ prices: _, ...one }): Series => one);
  const constant = plain.map((one) => ({ ...one, prices: new Float64Array(DAYS + AHEAD).fill(9) }));
  const of = (series: Series[]): Panel => ({ axis, series, marks: [] });
  const [a, b] = [learn(of(plain), ORIGIN, AHEAD), learn(of(constant), ORIGIN, AHEAD)];
  expect(a.mean.rhythm).not.toHaveProperty('prices');
  expect(b).toEqual(a);
  expect(forecast(constant[0]!, axis, [], b, ORIGIN, AHEAD)).toEqual(
    forecast(plain[0]!, axis, [], a, ORIGIN, AHEAD),
  );
});

test('a whole forecast rises by what a cut sold before, from its first day on', () => {
  const model = learn({ axis, series: panel, marks: [] }, ORIGIN, AHEAD);
  const mean = (series: Series) => forecast(series, axis, [], model, ORIGIN, AHEAD).mean;
  const usual = mean(announced(panel[0]!, 10, 1, 28));
  const cut = mean(announced(panel[0]!, 7, 15, 28));
  expect(cut.slice(0, 7)).toEqual(usual.slice(0, 7));
  const sum = (units: number[]) => units.slice(14).reduce((total, each) => total + each, 0);
  expect(sum(cut) / sum(usual)).toBeGreaterThan(1.9);
  expect(sum(cut) / sum(usual)).toBeLessThan(3.2);
});

test('a model that was stored before prices counted is read as before', () => {
  expect(factorsAhead(announced(panel[0]!, 5, 1, 28), null)).toEqual(new Array(AHEAD).fill(1));
});
