// GraphQL queries of reservations: one, or pages of those the caller may see.

import { resolveCursorConnection } from '@pothos/plugin-relay';
import { boundTo, mustWorkAt } from '../../access/rules/roles';
import { builder } from '../../graphql/builder';
import type { Context } from '../../graphql/context';
import { badCursor } from '../../graphql/errors';
import { UUID } from '../../graphql/ids';
import { MAX_PAGE, USUAL_PAGE } from '../../graphql/limits';
import { locationIdsByCode } from '../../location/queries/locations';
import { checkText } from '../../refusals';
import { type ReservationFilter, type ReservationRecord, reservationPage } from '../queries/reservations';
import { MAX_CODE_LENGTH, RESERVATION } from '../rules/reservation';
import { Reservation, ReservationConnection, ReservationStatus, reservationById } from './types';

const PAGE = { defaultSize: USUAL_PAGE, maxSize: MAX_PAGE };

builder.queryField('reservation', (t) =>
  t.field({
    description: 'The reservation with this ID; null if there is none or this token may not read it.',
    type: Reservation,
    nullable: true,
    authScopes: { signedIn: true },
    args: { id: t.arg.globalID({ required: true, for: [Reservation] }) },
    resolve: (_root, { id }, context) => reservationById(context).load(id.id),
  }),
);

const ReservationFilterInput = builder.inputType('ReservationFilter', {
  description: 'Reservations that meet every condition given.',
  fields: (t) => ({
    holder: t.string({ description: 'The storefront’s own ID of the basket.' }),
    status: t.field({ type: ReservationStatus, description: 'State at the time of the request.' }),
    location: t.string({ description: 'Location code.' }),
  }),
});

/** The requested filter, narrowed to what the caller may see. @throws Forbidden, Refused NotFound */
async function visible(
  context: Context,
  requested: { holder?: string | null; location?: string | null; status?: ReservationFilter['status'] },
): Promise<ReservationFilter> {
  const { caller, db } = context;
  if (requested.holder != null)
    checkText(requested.holder, 'filter.holder', RESERVATION.columns.holder.maxLength);
  let locationIds = boundTo(caller);
  if (requested.location != null) {
    checkText(requested.location, 'filter.location', MAX_CODE_LENGTH);
    const id = (await locationIdsByCode(db, [requested.location])).get(requested.location)!;
    if (caller.role !== 'STOREFRONT') mustWorkAt(caller, id, requested.location);
    locationIds = [id];
  }
  return {
    ownerId: caller.role === 'STOREFRONT' ? caller.actorId : null,
    locationIds,
    holder: requested.holder ?? null,
    status: requested.status ?? null,
  };
}

function checkedCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  if (UUID.test(cursor)) return cursor;
  throw badCursor();
}

builder.queryField('reservations', (t) =>
  t.connection(
    {
      description:
        'Reservations, newest first: a storefront’s own, or those of the locations the caller works at.',
      type: Reservation,
      authScopes: { signedIn: true },
      args: { filter: t.arg({ type: ReservationFilterInput }) },
      resolve: async (_root, { filter, ...args }, context) => {
        const narrowed = await visible(context, filter ?? {});
        return resolveCursorConnection<Promise<ReservationRecord[]>>(
          { args, ...PAGE, toCursor: (reservation) => reservation.id },
          ({ after, before, limit, inverted }) =>
            reservationPage(context.db, context.now, narrowed, {
              after: checkedCursor(after),
              before: checkedCursor(before),
              limit,
              oldestFirst: inverted,
            }),
        );
      },
    },
    ReservationConnection,
  ),
);
