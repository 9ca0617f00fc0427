// Shared tablets in GraphQL: for the managers of a shop, and administrators.

import { personal } from '../../graphql/accessRule';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import { numberedPage } from '../../graphql/connections';
import type { Context } from '../../graphql/context';
import { commandPrice } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { typedName } from '../../values/typedText';
import { createDevice, type DeviceMade, managedLocation, revokeDevice } from '../actions/devices';
import { clearCallerCache } from '../queries/callers';
import { DEVICE_LIMITS, enrolmentCode, hashOfEnrolmentCode } from '../rules/device';
import { STAFF } from '../rules/roleSets';
import { ActorSummary, actorById } from './summary';

/** Managers of shops are STAFF; the commands see to the rest. Auditors do not read what names people. */
export const MANAGERS = { roles: personal([...STAFF.roles]) };

/** Only tablets of the shops that the caller manages are read by their ids; an administrator reads all. */
const readable = ({ caller }: Context) =>
  caller.role === 'ADMIN'
    ? {}
    : { locationId: { in: caller.manager === true ? [...caller.locationIds] : [] } };

export const Device = builder.prismaNode('Device', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, context) => ({ id: Number(id), ...readable(context) }),
  description: 'A shared tablet of a shop. On it people sign in with their PINs.',
  authScopes: MANAGERS,
  fields: (t) => ({
    name: t.exposeString('name', { description: 'How the shop names it, such as “counter left”.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    createdBy: t.field({
      type: ActorSummary,
      description: 'The manager who made its code.',
      select: { createdBy: true },
      resolve: ({ createdBy }, _args, context) => actorById(context).load(createdBy),
    }),
    codeExpiresAt: t.expose('codeExpiresAt', {
      type: 'DateTime',
      description: 'Until when its code enrols it.',
    }),
    enrolledAt: t.expose('enrolledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was enrolled; null while it waits for that.',
    }),
    usedAt: t.expose('usedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a person last signed in on it; null if nobody did.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was revoked, or its code expired unused; else null.',
    }),
  }),
});

const DeviceConnection = connectionOf(Device);

builder.queryField('devices', (t) =>
  t.prismaConnection(
    {
      type: Device,
      cursor: 'id',
      description:
        'Shared tablets of a location, newest first, revoked ones included. For its managers and administrators.',
      authScopes: MANAGERS,
      args: { location: t.arg.string({ required: true, description: 'Code of the location.' }) },
      resolve: async (query, _root, { location }, context) => {
        const { id } = await managedLocation(context.db, context.caller, location);
        return context.db.prisma.device.findMany({
          ...numberedPage(query),
          where: { locationId: id },
          orderBy: { id: 'desc' },
        });
      },
    },
    DeviceConnection,
  ),
);

const deviceOf = (query: object, { deviceId }: { deviceId: number }, _args: object, { db }: Context) =>
  db.prisma.device.findUniqueOrThrow({ ...query, where: { id: deviceId } });

/** The code derived again from its nonce; null when the server's secret is another one than when it was made. */
async function codeForRetry(context: Context, { deviceId, nonce }: DeviceMade): Promise<string | null> {
  const code = enrolmentCode(context.secretKey, nonce);
  const { codeHash } = await context.db.prisma.device.findUniqueOrThrow({
    where: { id: deviceId },
    select: { codeHash: true },
  });
  return codeHash === hashOfEnrolmentCode(code) ? code : null;
}

const createDeviceSuccess: Success<DeviceMade> = {
  authScopes: MANAGERS,
  fields: (t) => ({
    code: t.string({
      nullable: true,
      description: `The code that enrols the tablet, once, within ${DEVICE_LIMITS.codeMinutes} minutes: open \`/counter#enrol=<code>\` on it. It is only in this answer and in the answers to retries of this request; null in a retry after the server’s SECRET_KEY has changed.`,
      resolve: (made, _args, context) => codeForRetry(context, made),
    }),
    device: t.prismaField({ type: Device, description: 'The tablet, not enrolled yet.', resolve: deviceOf }),
  }),
};

mutation('createDevice', {
  description:
    'Announces a shared tablet of a shop, and answers with the code that enrols it. For STAFF who are managers of the location, and administrators.',
  authScopes: MANAGERS,
  price: commandPrice(),
  input: (t) => ({
    location: t.string({ required: true, description: 'Code of the location that it is bound to.' }),
    name: t.string({ required: true, description: 'How the shop names it, such as “counter left”.' }),
  }),
  success: createDeviceSuccess,
  execute: (input, context, request) => {
    const name = typedName(input.name, 'name', DEVICE_LIMITS.nameLength);
    const wanted = { location: input.location, name };
    return createDevice(context.secretKey)(context.db, request(wanted));
  },
});

const revokeDeviceSuccess: Success<{ deviceId: number }> = {
  authScopes: MANAGERS,
  fields: (t) => ({
    device: t.prismaField({ type: Device, description: 'The revoked tablet.', resolve: deviceOf }),
  }),
};

mutation('revokeDevice', {
  description:
    'Revokes a shared tablet permanently and ends the session on it; on other machines within five seconds. For STAFF who are managers of its location, and administrators.',
  authScopes: MANAGERS,
  price: commandPrice(),
  input: (t) => ({
    device: t.globalID({ required: true, for: [Device], description: 'Global ID of the tablet.' }),
  }),
  success: revokeDeviceSuccess,
  execute: async (input, context, request) => {
    const { id } = input.device;
    const done = await revokeDevice(context.db, request({ deviceId: Number(id), key: id }));
    await clearCallerCache(context.db);
    return done;
  },
});
