// The inputs of an operation as the client sent them: variables, arguments, and how long its lists are. Nothing is checked here.

import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import { type FieldArgs, MAX_LINES } from './price';

/** The variables of an operation as they were sent, with the defaults of those that were not. */
export function variablesOf(
  operation: OperationDefinitionNode,
  sent: Record<string, unknown> | null | undefined,
): Record<string, unknown> {
  const variables: Record<string, unknown> = { ...sent };
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    const { value: name } = variable.name;
    if (variables[name] === undefined && defaultValue) variables[name] = valueFromASTUntyped(defaultValue);
  }
  return variables;
}

/** The arguments of a field, with their defaults. */
export function argsOf(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  variables: Record<string, unknown>,
): FieldArgs {
  const args: FieldArgs = {};
  for (const { name, defaultValue } of field.args) {
    const argument = node.arguments?.find((arg) => arg.name.value === name);
    const value = argument && valueFromASTUntyped(argument.value, variables);
    args[name] = value === undefined ? defaultValue : value;
  }
  return args;
}

/**
 * Entries of the longest list in the inputs of an operation's root fields, at most MAX_LINES: the most lines that a
 * document may have.
 */
export function longestInput(
  operation: OperationDefinitionNode,
  root: GraphQLObjectType,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Record<string, unknown>,
): number {
  let longest = 0;
  const visit = ({ selections }: SelectionSetNode): void => {
    for (const node of selections) {
      if (node.kind !== 'Field') {
        const fragment = node.kind === 'InlineFragment' ? node : fragments.get(node.name.value);
        if (fragment) visit(fragment.selectionSet);
        continue;
      }
      const field = root.getFields()[node.name.value];
      for (const input of Object.values(field ? argsOf(node, field, variables) : {}))
        for (const list of Object.values(input ?? {}))
          if (Array.isArray(list)) longest = Math.max(longest, list.length);
    }
  };
  visit(operation.selectionSet);
  return Math.min(longest, MAX_LINES);
}
