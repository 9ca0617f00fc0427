// ActorSummary: who did something, for the retailer's own people.

import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import type { Context } from '../../graphql/context';
import { loaderById } from '../../graphql/loaders';
import { type ActorName, actorNames } from '../queries/actors';
import { OWN_PEOPLE } from '../rules/roleSets';
import { RoleEnum } from './types';

/** Actors by id, one query a request. */
export const actorById = loaderById('actor', ({ db }, ids: number[]) => actorNames(db, ids));

/** The actor of an id in a row; null where the row has none. */
export const actorOf = (context: Context, id: number | null) =>
  id === null ? null : actorById(context).load(id);

export const ActorSummary = builder.objectRef<ActorName>('ActorSummary').implement({
  description:
    'Who did something: an actor as the retailer’s own people see it. Administrators read all of it in `actors`.',
  authScopes: OWN_PEOPLE,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('an actor'),
      resolve: ({ id }) => cacheId('ActorSummary', id),
    }),
    name: t.exposeString('name', { description: 'Unique name of the actor.' }),
    role: t.expose('role', { type: RoleEnum, description: 'What the actor may do now.' }),
  }),
});

/** A field for the actor of a row, beside its description. */
export const ACTOR_FIELD = {
  type: ActorSummary,
  resolve: ({ actorId }: { actorId: number }, _args: object, context: Context) =>
    actorById(context).load(actorId),
};
