// Limits of one GraphQL request: tokens, aliases, depth, breadth, cost; and whether it may introspect the schema.

import {
  type ASTVisitor,
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  type ValidationContext,
  type ValidationRule,
  validate,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { QueryLimits } from '../config/queryLimits';
import { queryPoints } from '../metrics';
import type { Context } from './context';
import { Estimate } from './cost/estimate';
import { overspent, TOO_COSTLY, tooCostly } from './cost/overspent';
import { MAX_PAGE, USUAL_PAGE } from './cost/price';
import { clipped } from './errors';
import { withWideVariables } from './wideVariables';

export { MAX_PAGE, USUAL_PAGE };

/** Brackets within brackets: the parser calls itself for each of them, and the stack allows a few thousand. */
export const MAX_NESTING = 100;
/** Validation errors reported for one query. */
export const MAX_FAULTS = 10;
/** Ids that one `nodes` may request: a page. */
export const MAX_NODES = MAX_PAGE;

/** A request past a limit. */
export function limitError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: TOO_COSTLY } });
}

/**
 * The parser calls itself for each bracket within a bracket, until the stack is full. Brackets in texts count too:
 * no real query has so many that are never closed. @throws GraphQLError QUERY_TOO_LARGE
 */
function checkNesting(query: string): void {
  let open = 0;
  for (const [bracket] of query.matchAll(/[[\](){}]/g)) {
    open += '[({'.includes(bracket) ? 1 : -1;
    if (open > MAX_NESTING) {
      throw limitError(`The query has more than ${MAX_NESTING} brackets within brackets; nest less.`);
    }
  }
}

/** @throws GraphQLError QUERY_TOO_LARGE */
function checkText(query: string, { characters }: QueryLimits): void {
  if (query.length > characters) {
    throw limitError(
      `The query has ${query.length} characters; the most allowed is ${characters}. Send values as variables.`,
    );
  }
  checkNesting(query);
}

/** Refuses braces with too much between them, before the rules compare each with each. @throws GraphQLError */
function checkSelections(document: DocumentNode, most: number): void {
  const sets = document.definitions.flatMap((it) =>
    'selectionSet' in it && it.selectionSet ? [it.selectionSet] : [],
  );
  for (let set = sets.pop(); set !== undefined; set = sets.pop()) {
    const { selections } = set;
    if (selections.length > most) {
      throw limitError(
        `The query has ${selections.length} fields in one selection; the most allowed is ${most}. Split it.`,
      );
    }
    for (const it of selections) if ('selectionSet' in it && it.selectionSet) sets.push(it.selectionSet);
  }
}

const maxAliasesRule =
  (most: number): ValidationRule =>
  (context: ValidationContext): ASTVisitor => {
    let aliases = 0;
    return {
      Field(node) {
        if (node.alias === undefined) return;
        aliases += 1;
        if (aliases === most + 1) {
          context.reportError(limitError(`The query has more than ${most} aliases; split it.`));
        }
      },
    };
  };

const CONDITIONS = ['skip', 'include'];

/** A stream of nothing: graphql-js breaks where the one field of a subscription is skipped. The specification forbids it. */
function unconditionalSubscriptionRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition({ operation, selectionSet }) {
      if (operation !== 'subscription') return;
      const seen = new Set([selectionSet]);
      for (const { selections } of seen) {
        for (const it of selections) {
          if (it.directives?.some(({ name }) => CONDITIONS.includes(name.value))) {
            const message =
              'The field of a subscription cannot be skipped; leave out @skip and @include there.';
            context.reportError(new GraphQLError(message, { nodes: it }));
          }
          if (it.kind === 'InlineFragment') seen.add(it.selectionSet);
          const fragment = it.kind === 'FragmentSpread' && context.getFragment(it.name.value);
          if (fragment) seen.add(fragment.selectionSet);
        }
      }
    },
  };
}

/** The message of graphql-js when comparing the query's fields with each other would take too long. */
const ABORTED = 'Validation aborted.';

/** A validation error as it is reported. */
function clarified(fault: GraphQLError): GraphQLError {
  if (fault.message !== ABORTED) return clipped(fault, 'GRAPHQL_VALIDATION_FAILED');
  return limitError(
    'The query selects the same fields at too many positions; select them once, or split it.',
  );
}

/** The first errors of an answer, and how many more there were. */
function fewErrors(errors: readonly GraphQLError[], most: number): readonly GraphQLError[] {
  if (errors.length <= most) return errors;
  const more = errors.length - most;
  const message = `${more} more errors are left out, as an answer has ${most} at most; ask for fields that this token may read.`;
  return [
    ...errors.slice(0, most),
    new GraphQLError(message, { extensions: { code: 'TOO_MANY_ERRORS', more } }),
  ];
}

const isQuery = ({ document, operationName }: ExecutionArgs): boolean =>
  getOperationAST(document, operationName)?.operation === 'query';

/** Executes no operation of any kind that costs more than a request may. */
function weigh(args: ExecutionArgs, allowed: QueryLimits): GraphQLError | null {
  const { schema, document, operationName, variableValues } = args;
  const operation = getOperationAST(document, operationName);
  // graphql-js reports what is wrong with it.
  if (!operation) return null;
  const { budget } = args.contextValue as Context;
  const estimate = new Estimate(schema, document, operation, variableValues);
  const { cost, depth, breadth } = estimate.whole;
  const past = (what: string, is: number, most: number): GraphQLError =>
    limitError(`The query's ${what} is ${is}; the most allowed is ${most}. Ask for less, or in pages.`);
  if (depth > allowed.depth) return past('depth', depth, allowed.depth);
  if (breadth > allowed.breadth) return past('breadth', breadth, allowed.breadth);
  if (cost > budget.limit) return tooCostly(cost, budget.limit, estimate.mostExpensive());
  budget.open(cost, estimate.lists);
  return null;
}

/**
 * Refuses what is too large before anything is executed (depth, breadth and cost: see `cost/`), and limits the number of
 * reported errors; without introspection they suggest no names either.
 */
export function limits({ introspection, allowed }: { introspection: boolean; allowed: QueryLimits }): Plugin {
  const options = { maxErrors: MAX_FAULTS, hideSuggestions: !introspection };
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source, parseOptions) => {
        checkText(typeof source === 'string' ? source : source.body, allowed);
        const document = parseFn(source, { ...parseOptions, maxTokens: allowed.tokens });
        checkSelections(document, allowed.selections);
        return document;
      });
    },
    onValidate({ addValidationRule, setValidationFn }) {
      addValidationRule(maxAliasesRule(allowed.aliases));
      addValidationRule(unconditionalSubscriptionRule);
      if (!introspection) addValidationRule(NoSchemaIntrospectionCustomRule);
      setValidationFn((schema: GraphQLSchema, document: DocumentNode, rules?: readonly ValidationRule[]) =>
        validate(schema, document, withWideVariables(rules ?? specifiedRules), options).map(clarified),
      );
    },
    onExecute({ args, setResultAndStopExecution }) {
      const error = weigh(args, allowed);
      if (error) return void setResultAndStopExecution({ errors: [error] });
      const { budget } = args.contextValue as unknown as Context;
      return {
        // One error states what a null in each list would not.
        onExecuteDone({ result, setResult }) {
          queryPoints.observe(budget.spent);
          if (budget.isOver && isQuery(args)) return void setResult({ errors: [overspent(budget)] });
          if ('errors' in result && result.errors)
            setResult({ ...result, errors: fewErrors(result.errors, allowed.errors) });
        },
      };
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      Object.assign(args, { hideSuggestions: !introspection });
      const error = weigh(args, allowed);
      if (error) setResultAndStopExecution({ errors: [error] });
    },
  };
}
