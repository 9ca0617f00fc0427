// GraphQL query of service figures, and of their definitions.

import { SERVICE_READERS } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { described } from '../../graphql/described';
import { checkInstant, refuse } from '../../refusals';
import { DAY_MS } from '../../values/time';
import { serviceFigures } from '../queries/figures';
import type { ServiceChannel } from '../rules/contact';
import { FIGURES, type FigureDefinition, type FigureForm, type FigureValue } from '../rules/figures';
import { ServiceChannelEnum } from './types';

/** Days of one request: a year and a day. */
const MAX_DAYS = 367;

const FigureFormEnum = builder.enumType('ServiceFigureForm', {
  description: 'How a figure is computed from its observations.',
  values: described<FigureForm>({
    SHARE: 'Numerator by denominator, with Wilson’s interval.',
    MEAN: 'Mean of the observations, with a normal interval.',
    SCORE: 'Mean of points, with a normal interval.',
    QUANTILE: 'An observation by its rank, with the ranks that bound it.',
  }),
});

const ServiceFigureDefinition = builder.objectRef<FigureDefinition>('ServiceFigureDefinition').implement({
  description: 'What a service figure counts.',
  authScopes: SERVICE_READERS,
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    form: t.expose('form', { type: FigureFormEnum, description: 'How it is computed.' }),
    numerator: t.exposeString('numerator', { description: 'What is counted or added.' }),
    denominator: t.exposeString('denominator', { description: 'Over what.' }),
    grain: t.exposeString('grain', { description: 'What one observation is.' }),
    unit: t.exposeString('unit', { description: 'Unit of its value.' }),
    higherIsBetter: t.exposeBoolean('isHigherBetter', { description: 'Whether more is better.' }),
    target: t.exposeFloat('target', { nullable: true, description: 'The target; null if there is none.' }),
    version: t.exposeInt('version', {
      description:
        'Rises when the same facts give another value. Figures of two versions cannot be compared.',
    }),
  }),
});

const ServiceFigure = builder.objectRef<FigureValue>('ServiceFigure').implement({
  description: 'One service figure of a period, on one channel or over all.',
  authScopes: SERVICE_READERS,
  fields: (t) => ({
    definition: t.field({
      type: ServiceFigureDefinition,
      description: 'What it counts.',
      resolve: ({ definition }) => definition,
    }),
    channel: t.field({
      type: ServiceChannelEnum,
      nullable: true,
      description: 'The channel; null over all of them, from the same observations.',
      resolve: ({ channel }) => channel as ServiceChannel | null,
    }),
    n: t.exposeInt('n', { description: 'Observations.' }),
    value: t.exposeFloat('value', { nullable: true, description: 'Its value; null without observations.' }),
    low: t.float({
      nullable: true,
      description:
        'Lower end of the interval that has the true value 95 times of 100; null where it cannot be stated.',
      resolve: ({ interval }) => interval?.low ?? null,
    }),
    high: t.float({
      nullable: true,
      description: 'Upper end of that interval.',
      resolve: ({ interval }) => interval?.high ?? null,
    }),
  }),
});

builder.queryFields((t) => ({
  serviceFigures: t.field({
    type: [ServiceFigure],
    description:
      'Figures of service and of pickup over all channels, and by channel where there are observations. They are computed from the facts at each request.',
    authScopes: SERVICE_READERS,
    args: {
      from: t.arg({ type: 'DateTime', required: true, description: 'Beginning of the period.' }),
      to: t.arg({ type: 'DateTime', required: true, description: 'Its end, not included.' }),
      channels: t.arg({ type: [ServiceChannelEnum], description: 'Only contacts on these channels.' }),
    },
    resolve: (_root, { from, to, channels }, { reads, now, config }) => {
      checkInstant(to, 'to', from, new Date(from.getTime() + MAX_DAYS * DAY_MS));
      if (channels?.length === 0)
        refuse('InvalidInput', 'channels is empty; leave it out for all of them.', { path: 'channels' });
      const { reopenDays } = config.contact;
      return serviceFigures(reads, { from, to, now, reopenDays, channels: channels ?? null });
    },
  }),
  serviceFigureDefinitions: t.field({
    type: [ServiceFigureDefinition],
    description: 'The definitions of all service figures.',
    authScopes: SERVICE_READERS,
    resolve: () => [...FIGURES],
  }),
}));
