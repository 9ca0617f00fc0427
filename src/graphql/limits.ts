// What one GraphQL request may ask for: tokens, aliases, depth, breadth, cost; and whether it may ask for the schema.

import {
  type ASTVisitor,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  type ValidationContext,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';

export const MAX_TOKENS = 4_000;
export const MAX_ALIASES = 60;
export const MAX_DEPTH = 12;
export const MAX_BREADTH = 600;
export const MAX_COST = 50_000;

/** A request past a limit. */
export function limitError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'QUERY_TOO_LARGE' } });
}

function maxAliasesRule(context: ValidationContext): ASTVisitor {
  let aliases = 0;
  return {
    Field(node) {
      if (node.alias === undefined) return;
      aliases += 1;
      if (aliases === MAX_ALIASES + 1) {
        context.reportError(limitError(`The query has more than ${MAX_ALIASES} aliases; split it.`));
      }
    },
  };
}

/** Refuses what is too large before anything is executed (depth, breadth and cost: see the builder). */
export function limits(options: { introspection: boolean }): Plugin {
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source, parseOptions) => parseFn(source, { ...parseOptions, maxTokens: MAX_TOKENS }));
    },
    onValidate({ addValidationRule }) {
      addValidationRule(maxAliasesRule);
      if (!options.introspection) addValidationRule(NoSchemaIntrospectionCustomRule);
    },
  };
}
