// GraphQL types of what is known of a customer as a person: surviving values with their rule and source, and preferences.

import { builder } from '../../graphql/builder';
import { loader } from '../../graphql/loaders';
import { Location, locationById } from '../../location/schema/location';
import type { ContactChannel } from '../../order/rules/status';
import { ContactChannelEnum } from '../../order/schema/enums';
import { visitCounts } from '../queries/documents';
import { personStatements } from '../queries/persons';
import { type Habit, habitsOf } from '../rules/habits';
import { type SurvivingValue, survivingValues } from '../rules/survivorship';
import type { CustomerView } from '../rules/view';
import { CUSTOMER_SERVICE } from './access';
import { PersonAttributeEnum, SurvivorshipRuleEnum } from './enums';

/** The values that count for each customer. */
export const valuesOf = loader<CustomerView, SurvivingValue[]>(async ({ db, config }, views) =>
  (await personStatements(db, views)).map((own) => survivingValues(own, config.identity.trustedSources)),
);

export const CustomerAttribute = builder.objectRef<SurvivingValue>('CustomerAttribute').implement({
  description: 'A value that is known of a customer, and why it is this one.',
  authScopes: CUSTOMER_SERVICE,
  fields: (t) => ({
    attribute: t.expose('attribute', { type: PersonAttributeEnum, description: 'What it is.' }),
    value: t.exposeString('value', { description: 'The value.' }),
    rule: t.expose('rule', { type: SurvivorshipRuleEnum, description: 'Why it counts and no other.' }),
    source: t.exposeString('source', { description: 'The system that stated it, such as `order`.' }),
    statedAt: t.expose('at', { type: 'DateTime', description: 'When it was stated.' }),
    isVerified: t.exposeBoolean('isVerified', {
      description: 'Whether it was stated together with a verified identifier.',
    }),
  }),
});

interface Preferences {
  values: SurvivingValue[];
  habits: ReturnType<typeof habitsOf>;
}

export const preferencesOf = loader<CustomerView, Preferences>(async (context, views) => {
  const [counts, values] = await Promise.all([
    visitCounts(context.db, views),
    Promise.all(views.map((view) => valuesOf(context).load(view))),
  ]);
  return views.map((_, i) => ({ values: values[i]!, habits: habitsOf(counts[i]!) }));
});

const HabitFields = {
  times: 'Purchases and collections there.',
  of: 'Of so many purchases and collections.',
};

const LocationHabit = builder.objectRef<Habit<number>>('LocationHabit').implement({
  description: 'The location that a customer uses most.',
  authScopes: CUSTOMER_SERVICE,
  fields: (t) => ({
    location: t.field({
      type: Location,
      resolve: ({ value }, _args, context) => locationById(context).load(value),
    }),
    times: t.exposeInt('times', { description: HabitFields.times }),
    of: t.exposeInt('of', { description: HabitFields.of }),
  }),
});

const HourHabit = builder.objectRef<Habit<number>>('HourHabit').implement({
  description: 'The hour of the day at which a customer comes most.',
  authScopes: CUSTOMER_SERVICE,
  fields: (t) => ({
    hour: t.exposeInt('value', { description: 'Local hour, 0 to 23.' }),
    times: t.exposeInt('times', { description: 'Purchases and collections in it.' }),
    of: t.exposeInt('of', { description: HabitFields.of }),
  }),
});

const statedValue = ({ values }: Preferences, attribute: SurvivingValue['attribute']): string | null =>
  values.find((one) => one.attribute === attribute)?.value ?? null;

export const CustomerPreferences = builder.objectRef<Preferences>('CustomerPreferences').implement({
  description: 'What a customer prefers, as stated or as past purchases show.',
  authScopes: CUSTOMER_SERVICE,
  fields: (t) => ({
    contactChannel: t.field({
      type: ContactChannelEnum,
      nullable: true,
      description: 'How the customer wants to be notified; null if not stated.',
      resolve: (preferences) => statedValue(preferences, 'contactChannel') as ContactChannel | null,
    }),
    language: t.string({
      nullable: true,
      description: 'Language, as a BCP 47 tag; null if not stated.',
      resolve: (preferences) => statedValue(preferences, 'language'),
    }),
    location: t.field({
      type: LocationHabit,
      nullable: true,
      description: 'The location used most; null below two purchases or collections.',
      resolve: ({ habits }) => habits.location,
    }),
    hour: t.field({
      type: HourHabit,
      nullable: true,
      description: 'The hour used most; null below two purchases or collections.',
      resolve: ({ habits }) => habits.hour,
    }),
  }),
});
