// Every field and mutation has its rule: this walks the whole schema, and asks every root field without a token.

import {
  type GraphQLArgument,
  type GraphQLInputField,
  getNamedType,
  isInputObjectType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';
import type { Caller, Role } from '../../src/access/rules/roles';
import { isAdmitted } from '../../src/graphql/accessRule';
import { schema } from '../../src/server/schema';
import { startApp, type TestApp } from '../support/app';
import { call } from '../support/literals';

const ROOTS = ['Query', 'Mutation', 'Subscription'];
/** Relay's own wrappers: they are only reached through a field that has a rule, and hold nothing but nodes that have one. */
const isWrapper = (name: string): boolean => /(Connection|Edge)$/.test(name) || name === 'PageInfo';

type Ruled = { extensions?: { pothosOptions?: { authScopes?: unknown } } };
const hasRule = (thing: Ruled): boolean => thing.extensions?.pothosOptions?.authScopes !== undefined;

/** A field of roles that leaves auditors out, because it names persons (`personal`). */
function isPersonal(field: Ruled): boolean {
  const { roles } = (field.extensions?.pothosOptions?.authScopes ?? {}) as { roles?: Role[] };
  return roles !== undefined && !isAdmitted({ role: 'AUDITOR' } as Caller, roles);
}

const objectTypes = Object.values(schema.getTypeMap()).filter(
  (t) => isObjectType(t) && !t.name.startsWith('__'),
);

test('every object type, or each of its fields, has an access rule', () => {
  const without: string[] = [];
  for (const type of objectTypes) {
    if (!isObjectType(type) || ROOTS.includes(type.name) || isWrapper(type.name) || hasRule(type as Ruled))
      continue;
    for (const field of Object.values(type.getFields())) {
      if (!hasRule(field as Ruled)) without.push(`${type.name}.${field.name}`);
    }
  }
  expect(without).toEqual([]);
});

const rootFields = ROOTS.flatMap((root) => {
  const type = schema.getType(root);
  return isObjectType(type) ? Object.values(type.getFields()).map((field) => ({ root, field })) : [];
});

test('every root field has an access rule of its own', () => {
  const without = rootFields
    .filter(({ field }) => !hasRule(field as Ruled))
    .map(({ root, field }) => `${root}.${field.name}`);
  expect(without).toEqual([]);
});

test('every root field and type states what it is for', () => {
  const silent = rootFields.filter(
    ({ field }) => !field.description && field.name !== 'node' && field.name !== 'nodes',
  );
  expect(silent.map(({ root, field }) => `${root}.${field.name}`)).toEqual([]);
});

test('every scalar of our own names the specification of its values', () => {
  const own = Object.values(schema.getTypeMap()).filter(
    (type) => isScalarType(type) && !isSpecifiedScalarType(type),
  );
  expect(own.map(({ name }) => name).sort()).toEqual(['BigInt', 'Date', 'DateTime', 'JSON']);
  for (const type of own) expect(isScalarType(type) && type.specifiedByURL).toMatch(/^https:\/\/[a-z.-]+\/./);
});

/** Arguments by which a person can be found who is known from elsewhere. */
const NAMES_PERSON = /^(email|phone|loyaltyCard|account|storefrontAccount|tillCustomer|socialHandle)$/;
function namesPerson(
  inputs: readonly (GraphQLArgument | GraphQLInputField)[],
  seen = new Set<string>(),
): boolean {
  return inputs.some(({ name, type: wrapped }) => {
    if (NAMES_PERSON.test(name)) return true;
    const type = getNamedType(wrapped);
    if (!isInputObjectType(type) || seen.has(type.name)) return false;
    seen.add(type.name);
    return namesPerson(Object.values(type.getFields()), seen);
  });
}

test('auditors, who read no persons, cannot search by what names a person either', () => {
  const searches = rootFields.filter(({ root, field }) => root !== 'Mutation' && namesPerson(field.args));
  expect(searches.map(({ field }) => field.name)).toEqual(
    expect.arrayContaining(['customer', 'customerData', 'mayContact']),
  );
  const open = searches.filter(({ field }) => !isPersonal(field as Ruled));
  expect(open.map(({ field }) => field.name)).toEqual([]);
});

type Asking = (typeof rootFields)[number]['field'];

describe('every query and mutation says so', () => {
  let app: TestApp;
  let monitor: string;
  let auditor: string;
  beforeAll(async () => {
    app = await startApp();
    monitor = await app.token('MONITOR');
    auditor = await app.token('AUDITOR');
  });
  afterAll(() => app.close());

  const codes = async (token: string | null, root: string, field: Asking): Promise<unknown[] | undefined> => {
    const selection =
      isObjectType(getNamedType(field.type)) ||
      'getTypes' in getNamedType(field.type) ||
      'getFields' in getNamedType(field.type);
    const query = `${root.toLowerCase()} { ${call(field.name, field.args)} ${selection ? '{ __typename }' : ''} }`;
    const { errors } = await app.gqlUntyped(token, query);
    return errors?.map((e) => e.extensions?.code);
  };
  const askable = rootFields.filter(({ root }) => root !== 'Subscription');
  const named = askable.map(({ root, field }) => [`${root}.${field.name}`, root, field] as const);

  test.each(named)('without a token: %s', async (_name, root, field) => {
    expect(await codes(null, root, field)).toEqual(['UNAUTHENTICATED']);
  });
  // An auditor is let in wherever something is read and no person is named, and nowhere where something is changed.
  test.each(named)('with an AUDITOR token: %s', async (_name, root, field) => {
    const answered = (await codes(auditor, root, field)) ?? [];
    if (root === 'Mutation' || isPersonal(field as Ruled)) expect(answered).toEqual(['FORBIDDEN']);
    else expect(answered).not.toContain('FORBIDDEN');
  });
  // What a caller is may be asked by everyone who is one.
  test.each(named.filter(([name]) => name !== 'Query.viewer'))(
    'with a MONITOR token: %s',
    async (_name, root, field) => {
      expect(await codes(monitor, root, field)).toEqual(['FORBIDDEN']);
    },
  );
});
