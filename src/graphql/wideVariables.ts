// Variables declared as Int keep working where an argument has grown from Int to BigInt: each Int is one.

import {
  GraphQLList,
  GraphQLNonNull,
  type GraphQLScalarType,
  type GraphQLType,
  getNamedType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type TypeNode,
  type ValidationContext,
  type ValidationRule,
  VariablesInAllowedPositionRule,
} from 'graphql';

const GROWN = 'BigInt';
/** What the fields that take a BigInt now took in earlier releases. */
const BEFORE = ['Int', 'Float'];

function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);
}

/** The type with its innermost scalar replaced. */
function withScalar(type: GraphQLType, scalar: GraphQLScalarType): GraphQLType {
  if (isNonNullType(type)) return new GraphQLNonNull(withScalar(type.ofType, scalar) as GraphQLScalarType);
  if (isListType(type)) return new GraphQLList(withScalar(type.ofType, scalar));
  return scalar;
}

/**
 * graphql-js' rule, to which an argument of BigInt looks like one of the scalar that its variable is declared with. Lists
 * and nulls are compared as ever, and the value is read as declared; what an Int cannot be is still refused.
 */
const widened: ValidationRule = (context) => {
  const seen = Object.create(context, {
    getRecursiveVariableUsages: {
      value: (operation: OperationDefinitionNode) => {
        const declared = new Map(
          operation.variableDefinitions?.map((it) => [it.variable.name.value, nameOf(it.type)]),
        );
        return context.getRecursiveVariableUsages(operation).map((usage) => {
          const name = declared.get(usage.node.name.value) ?? '';
          if (usage.type == null || getNamedType(usage.type)?.name !== GROWN || !BEFORE.includes(name))
            return usage;
          const scalar = context.getSchema().getType(name) as GraphQLScalarType;
          return { ...usage, type: withScalar(usage.type, scalar) };
        });
      },
    },
  }) as ValidationContext;
  return VariablesInAllowedPositionRule(seen);
};

/** The rules with graphql-js' own about variables widened. */
export function withWideVariables(rules: readonly ValidationRule[]): ValidationRule[] {
  return rules.map((rule) => (rule === VariablesInAllowedPositionRule ? widened : rule));
}
