// GraphQL of exports of a customer's data: ordering one, its state and files, and revoking its links.

import { ACTOR_FIELD } from '../../access/schema/summary';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import type { Context } from '../../graphql/context';
import { commandPrice } from '../../graphql/cost/price';
import { encodeGlobalID } from '../../graphql/ids';
import { forwardPage, uuidCursor } from '../../graphql/keysetPages';
import { inOrderOf, loader } from '../../graphql/loaders';
import { mutation, type Success } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { exportCustomer, revokeCustomerExport } from '../actions/exportCustomer';
import { erasableCustomer } from '../queries/erasure';
import {
  type CustomerExportRow,
  type ExportedFile,
  exportPage,
  exportState,
  exportsById,
  filesOfExports,
} from '../queries/exports';
import { exportPath } from '../rules/exportLink';
import { CUSTOMER_STEWARDS } from './access';
import { Customer } from './customer';
import { NOT_INCLUDED } from './eraseCustomer';

const ExportStateEnum = builder.enumType('CustomerExportState', {
  description: 'State of an export.',
  values: {
    PENDING: { description: 'The job exportCustomers makes it within seconds.' },
    READY: { description: 'Its files can be fetched.' },
    EXPIRED: { description: 'Its files were deleted when their time was over.' },
    REVOKED: { description: 'Its files were deleted by revokeCustomerExport.' },
    ERASED: { description: 'Its files were deleted, or never made, because the customer was erased.' },
  } as const,
});

interface ShownFile extends ExportedFile {
  expiresAt: Date;
}
const CustomerExportFile = builder.objectRef<ShownFile>('CustomerExportFile').implement({
  description: 'A file of an export.',
  authScopes: CUSTOMER_STEWARDS,
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'Name of the file: export.json has everything, each CSV file one list of it.',
    }),
    bytes: t.expose('bytes', { type: 'BigInt', description: 'Its size.' }),
    url: t.string({
      description:
        'Address of the file from the root of the API on. Whoever has it needs no token, until it expires or is revoked.',
      resolve: ({ exportId, expiresAt, name }, _args, { secretKey }) =>
        exportPath(secretKey, exportId, expiresAt, name),
    }),
  }),
});

const filesOf = loader<CustomerExportRow, ShownFile[]>(
  async ({ db, now }, rows) => {
    const ready = rows.filter((row) => exportState(row, now) === 'READY');
    const files = await filesOfExports(
      db,
      ready.map(({ id }) => id),
    );
    return rows.map(({ id, expiresAt }) =>
      files.filter(({ exportId }) => exportId === id).map((file) => ({ ...file, expiresAt: expiresAt! })),
    );
  },
  ({ id }) => id,
);

/** Exports are read again after the command that changes them. */
const exportById = loader<string, CustomerExportRow | null>(
  async ({ db }, ids) => inOrderOf(ids, await exportsById(db, ids), ({ id }) => id),
  undefined,
  false,
);

const CustomerExport = builder.node(builder.objectRef<CustomerExportRow>('CustomerExport'), {
  description: 'A copy of all that is stored about a customer, as JSON and CSV, made on request.',
  authScopes: CUSTOMER_STEWARDS,
  id: { resolve: ({ id }) => id },
  loadManyWithoutCache: (ids: string[], context) =>
    Promise.all(ids.map((id) => exportById(context).load(id))),
  fields: (t) => ({
    customerId: t.id({
      description: 'Global ID of the customer, as it was when the export was requested.',
      resolve: ({ customerId }) => encodeGlobalID('Customer', customerId),
    }),
    state: t.field({
      type: ExportStateEnum,
      description: 'State of the export.',
      resolve: (one, _args, { now }) => exportState(one, now),
    }),
    requestedAt: t.expose('requestedAt', { type: 'DateTime', description: 'When it was requested.' }),
    requestedBy: t.field({
      ...ACTOR_FIELD,
      description: 'Who requested it.',
    }),
    dueAt: t.expose('dueAt', {
      type: 'DateTime',
      description: 'Until when the law wants it answered: a month after the request.',
    }),
    madeAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was made; null while it is pending.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when its files can be fetched; null if there are none.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its links were revoked; null if they were not.',
    }),
    fetchCount: t.exposeInt('fetchCount', { description: 'How often a file was fetched.' }),
    fetchedAt: t.expose('fetchedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a file was fetched last; null if none was.',
    }),
    files: t.field({
      type: [CustomerExportFile],
      description: 'Its files; none unless it is READY.',
      resolve: (one, _args, context) => filesOf(context).load(one),
    }),
  }),
});
const CustomerExportConnection = connectionOf(CustomerExport);

const CURSOR = uuidCursor<CustomerExportRow>(({ id }) => id);

const CustomerExportFilter = builder.inputType('CustomerExportFilter', {
  description: 'Exports that meet every condition given.',
  fields: (t) => ({
    customer: t.globalID({
      for: [Customer],
      description:
        'Only exports of this customer, those requested by another ID of it too; not those of customers that only the model joined with it.',
    }),
  }),
});

builder.queryField('customerExports', (t) =>
  t.connection(
    {
      type: CustomerExport,
      forwardOnly: true,
      description: 'Exports of customers’ data, the newest first.',
      authScopes: CUSTOMER_STEWARDS,
      args: { filter: t.arg({ type: CustomerExportFilter }) },
      resolve: async (_root, { filter, ...args }, { db, config }) => {
        const id = filter?.customer?.id;
        // The files of somebody whom only the model joined with this customer are another person's.
        const customer = id == null ? null : await erasableCustomer(db, id, config.identity.limits);
        const ids = customer?.own.map(({ ownId }) => ownId) ?? null;
        return forwardPage(args, CURSOR, (after, limit) => exportPage(db, ids, after, limit));
      },
    },
    CustomerExportConnection,
  ),
);

async function storedExport(context: Context, id: string): Promise<CustomerExportRow> {
  const found = await exportById(context).load(id);
  if (found === null) throw new Error(`no export ${id}`);
  return found;
}

interface OrderedExport {
  exportId: string;
  /** Left out by earlier releases. */
  probableIds?: string[];
}
const exported: Success<{ exportId: string }> = {
  authScopes: CUSTOMER_STEWARDS,
  fields: (t) => ({
    export: t.field({
      type: CustomerExport,
      description: 'The export, as it is now.',
      resolve: ({ exportId }, _args, context) => storedExport(context, exportId),
    }),
  }),
};

const ordered: Success<OrderedExport> = {
  authScopes: CUSTOMER_STEWARDS,
  fields: (t) => ({
    ...exported.fields(t),
    notIncluded: t.idList({
      description: NOT_INCLUDED,
      resolve: ({ probableIds }) => (probableIds ?? []).map((id) => encodeGlobalID('Customer', id)),
    }),
  }),
};

mutation('exportCustomer', {
  description:
    'Orders a copy of all that is stored about a customer: the job exportCustomers makes it within seconds. While one is pending, it is answered again.',
  authScopes: CUSTOMER_STEWARDS,
  price: commandPrice(),
  input: (t) => ({
    customer: t.globalID({
      required: true,
      for: [Customer],
      description:
        'Global ID of the customer, a former one too. Of an erased customer there is nothing left.',
    }),
  }),
  success: ordered,
  refusals: [WrongState],
  execute: ({ customer: { id } }, context, request) =>
    exportCustomer(
      context.db,
      request({
        customerId: id,
        customerKey: encodeGlobalID('Customer', id),
        limits: context.config.identity.limits,
      }),
    ),
});

mutation('revokeCustomerExport', {
  description: 'Deletes the files of an export, so that its links lead nowhere any more.',
  authScopes: CUSTOMER_STEWARDS,
  price: commandPrice(),
  input: (t) => ({
    export: t.globalID({ required: true, for: [CustomerExport], description: 'Global ID of the export.' }),
  }),
  success: exported,
  refusals: [WrongState],
  execute: ({ export: { id } }, context, request) =>
    revokeCustomerExport(
      context.db,
      request({ exportId: id, exportKey: encodeGlobalID('CustomerExport', id) }),
    ),
});
