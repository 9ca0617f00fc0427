// The locations of the viewer, of actors and of shared tablets.

import { Device } from '../../access/schema/devices';
import { Actor, Viewer } from '../../access/schema/types';
import { builder } from '../../graphql/builder';
import { Location, locationById } from './location';

builder.objectField(Viewer, 'locations', (t) =>
  t.field({
    type: [Location],
    description:
      'Locations it is bound to; empty for an actor of the whole chain and for roles that are not bound to locations.',
    resolve: async (viewer, _args, context) => {
      const ids = [...viewer.locationIds].sort((a, b) => a - b);
      return Promise.all(ids.map((id) => locationById(context).load(id)));
    },
  }),
);

builder.prismaObjectField(Actor, 'locations', (t) =>
  t.field({
    type: [Location],
    description:
      'Locations it is bound to; empty for an actor of the whole chain and for roles that are not bound to locations.',
    select: { actorLocations: { select: { locationId: true }, orderBy: { locationId: 'asc' } } },
    resolve: (actor, _args, context) =>
      Promise.all(actor.actorLocations.map(({ locationId }) => locationById(context).load(locationId))),
  }),
);

builder.prismaObjectField(Device, 'location', (t) =>
  t.field({
    type: Location,
    description: 'The location that it is bound to.',
    select: { locationId: true },
    resolve: ({ locationId }, _args, context) => locationById(context).load(locationId),
  }),
);
