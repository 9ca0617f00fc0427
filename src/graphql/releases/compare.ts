// Compares the schema with that of the last release: which changes break clients, which may, and which removals a deprecation allows.

import {
  type BreakingChange,
  BreakingChangeType,
  findBreakingChanges,
  findDangerousChanges,
  type GraphQLArgument,
  type GraphQLEnumValue,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
} from 'graphql';

const ISO_DATE = /\b\d{4}-\d{2}-\d{2}\b/;

type Deprecable = GraphQLField<unknown, unknown> | GraphQLInputField | GraphQLArgument | GraphQLEnumValue;

interface SchemaChanges {
  /** Changes after which a valid request of today may fail. */
  breaking: string[];
  /** Removals of what the last release announced, after the announced date. */
  allowed: string[];
  /** Changes that a careless client may not expect, such as a new enum value. */
  dangerous: string[];
}

/** Whether the announced date of removal has passed. `today` is an ISO date. */
function isExpired(element: Deprecable | undefined, today: string): boolean {
  const [date] = ISO_DATE.exec(element?.deprecationReason ?? '') ?? [];
  return date !== undefined && date < today;
}

type AnyField = GraphQLField<unknown, unknown> | GraphQLInputField;

const fieldsOf = (type: GraphQLNamedType | undefined | null): Record<string, AnyField> =>
  isObjectType(type) || isInterfaceType(type) || isInputObjectType(type) ? type.getFields() : {};

const argsOf = (field: AnyField | undefined): readonly GraphQLArgument[] =>
  field !== undefined && 'args' in field ? field.args : [];

/** Whether every use of a type in the released schema is a field or argument past its date of removal. */
function isUnusedAfterRemovals(
  released: GraphQLSchema,
  name: string,
  today: string,
  seen = new Set<string>(),
): boolean {
  const roots = [released.getQueryType(), released.getMutationType(), released.getSubscriptionType()];
  if (roots.some((root) => root?.name === name)) return false;
  if (seen.has(name)) return true;
  seen.add(name);
  return Object.values(released.getTypeMap()).every((owner) => {
    const isRemoved = (element: Deprecable) =>
      isExpired(element, today) || isUnusedAfterRemovals(released, owner.name, today, seen);
    if (isUnionType(owner) && owner.getTypes().some((member) => member.name === name)) {
      return isUnusedAfterRemovals(released, owner.name, today, seen);
    }
    return Object.values(fieldsOf(owner)).every((field) => {
      const uses = [field, ...argsOf(field)].filter(({ type }) => getNamedType(type).name === name);
      return uses.every((use) => isExpired(use, today) || isRemoved(field));
    });
  });
}

/** Whether a breaking change is a removal that the released schema announced for a date that has passed. */
function isAnnounced({ type, description }: BreakingChange, released: GraphQLSchema, today: string): boolean {
  const [first = '', second = ''] = description.match(/\w+/g) ?? [];
  switch (type) {
    case BreakingChangeType.FIELD_REMOVED:
      return isExpired(fieldsOf(released.getType(first))[second], today);
    case BreakingChangeType.ARG_REMOVED: {
      const [, removed] = / arg (\w+) was removed/.exec(description) ?? [];
      const args = argsOf(fieldsOf(released.getType(first))[second]);
      return isExpired(
        args.find(({ name }) => name === removed),
        today,
      );
    }
    case BreakingChangeType.VALUE_REMOVED_FROM_ENUM: {
      const owner = released.getType(description.match(/enum type (\w+)/)?.[1] ?? '');
      return isEnumType(owner) && isExpired(owner.getValue(first) ?? undefined, today);
    }
    case BreakingChangeType.TYPE_REMOVED:
      return isUnusedAfterRemovals(released, first, today);
    default:
      return false;
  }
}

/** What changed for clients from the released schema to the present one. `today` is an ISO date. */
export function schemaChanges(released: GraphQLSchema, present: GraphQLSchema, today: string): SchemaChanges {
  const breaking = findBreakingChanges(released, present);
  const describe = ({ description }: { description: string }) => description;
  return {
    breaking: breaking.filter((change) => !isAnnounced(change, released, today)).map(describe),
    allowed: breaking.filter((change) => isAnnounced(change, released, today)).map(describe),
    dangerous: findDangerousChanges(released, present).map(describe),
  };
}

/** Deprecated elements without a date in their reason, as "Type.field". */
export function undatedDeprecations(schema: GraphQLSchema): string[] {
  const undated = (name: string, element: Deprecable): string[] =>
    element.deprecationReason != null && !ISO_DATE.test(element.deprecationReason) ? [name] : [];
  return Object.values(schema.getTypeMap())
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => [
      ...(isEnumType(type) ? type.getValues() : []).flatMap((v) => undated(`${type.name}.${v.name}`, v)),
      ...Object.values(fieldsOf(type)).flatMap((field) => [
        ...undated(`${type.name}.${field.name}`, field),
        ...argsOf(field).flatMap((arg) => undated(`${type.name}.${field.name}(${arg.name}:)`, arg)),
      ]),
    ]);
}
