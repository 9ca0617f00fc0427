// Why a quantity is proposed: terms that add up, and the numbers behind them.

import { PLANNERS } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import type { Explanation } from '../rules/decide';
import { TERM_KINDS, type Term } from '../rules/need';
import { ReplenishmentKindEnum, ServiceMeasureEnum } from './shared';

const TermKindEnum = builder.enumType('ReplenishmentTermKind', {
  description: 'What a term of a quantity stands for.',
  values: TERM_KINDS,
});

const TermType = builder.objectRef<Term>('ReplenishmentTerm').implement({
  description: 'Units that one reason adds to a quantity, or takes away.',
  authScopes: PLANNERS,
  fields: (t) => ({
    kind: t.field({ type: TermKindEnum, resolve: (term) => term.kind }),
    units: t.exposeFloat('units', { description: 'Less than 0: taken away.' }),
    description: t.exposeString('told', { description: 'In words.' }),
  }),
});

const LeadDay = builder.objectRef<{ days: number; probability: number }>('LeadTimeDay').implement({
  description: 'A lead time that may happen.',
  authScopes: PLANNERS,
  fields: (t) => ({
    days: t.exposeInt('days'),
    probability: t.exposeFloat('probability'),
  }),
});

/** A lead time as it was learned. */
export const LeadTimeType = builder.objectRef<Omit<Explanation['leadTime'], 'from'>>('LeadTime').implement({
  description:
    'Days from order to receipt, learnt from receipts and shrunk to the stated days when there are few.',
  authScopes: PLANNERS,
  fields: (t) => ({
    meanDays: t.float({ resolve: (l) => l.mean }),
    sdDays: t.float({ description: 'Standard deviation.', resolve: (l) => l.sd }),
    statedDays: t.int({ resolve: (l) => l.stated }),
    receipts: t.exposeFloat('receipts', {
      description: 'Orders received that it was learnt from; parts count as parts.',
    }),
    distribution: t.field({ type: [LeadDay], resolve: (l) => l.distribution }),
  }),
});

export const ExplanationType = builder.objectRef<Explanation>('ReplenishmentExplanation').implement({
  description: 'The numbers that a proposed quantity is made of.',
  authScopes: PLANNERS,
  fields: (t) => ({
    terms: t.field({
      type: [TermType],
      description: 'Their units add up to the quantity proposed.',
      resolve: (e) => e.terms,
    }),
    kind: t.field({ type: ReplenishmentKindEnum, resolve: (e) => e.kind }),
    serviceMeasure: t.field({ type: ServiceMeasureEnum, resolve: (e) => e.measure }),
    serviceLevel: t.exposeFloat('serviceLevel', { description: 'What was asked for.' }),
    cycleService: t.exposeFloat('cycleService', { description: 'Cycle service that the level promises.' }),
    fillRate: t.exposeFloat('fillRate', { description: 'Fill rate that the level promises.' }),
    reviewDays: t.exposeInt('reviewDays', { description: 'Days until the next review.' }),
    leadTime: t.field({ type: LeadTimeType, resolve: (e) => e.leadTime }),
    leadTimeFrom: t.string({
      description: 'Code of the supplier or place.',
      resolve: (e) => e.leadTime.from,
    }),
    demandMean: t.float({
      description: 'Units expected over lead time and review period.',
      resolve: (e) => e.demand.mean,
    }),
    demandSd: t.float({ description: 'Their standard deviation.', resolve: (e) => e.demand.sd }),
    method: t.string({ description: 'The method of the forecast.', resolve: (e) => e.demand.method }),
    forecastCutDay: t.string({
      description: 'The last day that the forecast knew; empty without one.',
      resolve: (e) => e.demand.forecastCutDay,
    }),
    shortWithout: t.exposeFloat('shortWithout', {
      description: 'Units expected to be missed until the next order’s goods are there, without this one.',
    }),
    shortWith: t.exposeFloat('shortWith', { description: 'And with it.' }),
    source: t.exposeString('source', { description: 'Why it is to come from there.' }),
  }),
});
