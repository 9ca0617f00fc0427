// Why a quantity is proposed: terms that add up, and the numbers behind them.

import { PLANNERS } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { described } from '../../graphql/described';
import type { Explanation } from '../rules/decide';
import type { TERM_KINDS, Term } from '../rules/need';
import { ReplenishmentKindEnum, ServiceMeasureEnum } from './shared';

const TermKindEnum = builder.enumType('ReplenishmentTermKind', {
  description: 'What a term of a proposed quantity stands for.',
  values: described<(typeof TERM_KINDS)[number]>({
    FORECAST: 'Expected demand over lead time and review period.',
    SAFETY_STOCK: 'Units against uncertainty.',
    SHOPS_FORECAST: 'Demand and safety stock of the shops that a warehouse supplies.',
    SHOPS_STOCK: 'Stock of those shops, on hand and in transit.',
    PRESENTATION: 'Units always on display.',
    FIXED_LEVEL: 'A reorder point set by the policy.',
    ON_HAND: 'Available units.',
    RESERVED: 'Units promised to customers.',
    STAGED: 'Units picked for customers.',
    QUARANTINE: 'Units in quarantine, which do not count as stock.',
    ON_ORDER: 'Units ordered from suppliers.',
    APPROVED: 'Units approved before, whose purchase order is still a draft.',
    TRANSFERS_IN: 'Units on their way from other locations.',
    RETURNS: 'Returns fit for sale, expected in time.',
    UP_TO_MAXIMUM: 'Units up to the maximum of the policy.',
    ORDER_QUANTITY: 'Units up to the order quantity of the policy.',
    WHOLE_UNITS: 'Rounding to whole units.',
    PACK_SIZE: 'Rounding to whole packs.',
    MINIMUM_ORDER: 'Units up to the supplier’s minimum.',
    CAPACITY: 'Units that do not fit into the location.',
    SOURCE: 'Units that the source cannot spare.',
    BUDGET: 'Units that no budget pays for.',
    MOST_UNITS: 'Units above the maximum of one proposal.',
  }),
});

/** A term as it is stored. The name of its description was `told` before version 1.0. */
type StoredTerm = Term | (Omit<Term, 'description'> & { told: string });

const TermType = builder.objectRef<StoredTerm>('ReplenishmentTerm').implement({
  description: 'Units that one reason adds to a quantity, or removes from it.',
  authScopes: PLANNERS,
  fields: (t) => ({
    kind: t.field({ type: TermKindEnum, description: 'What it stands for.', resolve: (term) => term.kind }),
    units: t.exposeFloat('units', { description: 'Units added; negative if removed.' }),
    description: t.string({
      description: 'Explanation in English.',
      resolve: (term) => ('told' in term ? term.told : term.description),
    }),
  }),
});

const LeadDay = builder.objectRef<{ days: number; probability: number }>('LeadTimeDay').implement({
  description: 'One possible lead time.',
  authScopes: PLANNERS,
  fields: (t) => ({
    days: t.exposeInt('days', { description: 'Days from order to receipt.' }),
    probability: t.exposeFloat('probability', { description: 'Probability of it.' }),
  }),
});

/** A lead time as it was learned. */
export const LeadTimeType = builder.objectRef<Omit<Explanation['leadTime'], 'from'>>('LeadTime').implement({
  description:
    'Distribution of the days from order to receipt, estimated from receipts and shrunk to the stated days if there are few.',
  authScopes: PLANNERS,
  fields: (t) => ({
    meanDays: t.float({ description: 'Mean.', resolve: (l) => l.mean }),
    sdDays: t.float({ description: 'Standard deviation.', resolve: (l) => l.sd }),
    statedDays: t.int({ description: 'Days stated by the supplier.', resolve: (l) => l.stated }),
    receipts: t.exposeFloat('receipts', {
      description: 'Number of receipts it was estimated from; partial receipts count partially.',
    }),
    distribution: t.field({
      type: [LeadDay],
      description: 'The possible lead times.',
      resolve: (l) => l.distribution,
    }),
  }),
});

export const ExplanationType = builder.objectRef<Explanation>('ReplenishmentExplanation').implement({
  description: 'The numbers a proposed quantity was calculated from.',
  authScopes: PLANNERS,
  fields: (t) => ({
    terms: t.field({
      type: [TermType],
      description: 'Terms whose sum is the proposed quantity.',
      resolve: (e) => e.terms,
    }),
    kind: t.field({
      type: ReplenishmentKindEnum,
      description: 'The kind of the policy.',
      resolve: (e) => e.kind,
    }),
    serviceMeasure: t.field({
      type: ServiceMeasureEnum,
      description: 'How service is measured.',
      resolve: (e) => e.measure,
    }),
    serviceLevel: t.exposeFloat('serviceLevel', { description: 'The service target.' }),
    cycleService: t.exposeFloat('cycleService', { description: 'Cycle service that the level achieves.' }),
    fillRate: t.exposeFloat('fillRate', { description: 'Fill rate that the level achieves.' }),
    reviewDays: t.exposeInt('reviewDays', { description: 'Days until the next review.' }),
    leadTime: t.field({
      type: LeadTimeType,
      description: 'Lead time from that source.',
      resolve: (e) => e.leadTime,
    }),
    leadTimeFrom: t.string({
      description: 'Code of the supplier or location it comes from.',
      resolve: (e) => e.leadTime.from,
    }),
    demandMean: t.float({
      description: 'Expected demand over lead time and review period, in units.',
      resolve: (e) => e.demand.mean,
    }),
    demandSd: t.float({ description: 'Standard deviation of that demand.', resolve: (e) => e.demand.sd }),
    method: t.string({ description: 'Forecasting method.', resolve: (e) => e.demand.method }),
    forecastCutDay: t.string({
      description: 'Cut day of the forecast; empty if there is none.',
      resolve: (e) => e.demand.forecastCutDay,
    }),
    shortWithout: t.exposeFloat('shortWithout', {
      description: 'Units expected to be missing until the next order arrives, without this proposal.',
    }),
    shortWith: t.exposeFloat('shortWith', {
      description: 'Units expected to be missing until then, with this proposal.',
    }),
    source: t.exposeString('source', { description: 'Why it comes from that source.' }),
  }),
});
