// How subscriptions are executed: every event with a context of its own, and an error as the last event of its stream.

import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Context, contextAgain } from './context';

const OVER: IteratorReturnResult<undefined> = { done: true, value: undefined };

function resultOf(error: unknown): ExecutionResult {
  const original = error instanceof Error ? error : new Error(String(error));
  return {
    errors: [error instanceof GraphQLError ? error : new GraphQLError('', { originalError: original })],
  };
}

/**
 * Executes the operation for each item of its source. graphql-js would give all of them the context of the first, so
 * that loaders answered from what they read then. An event with errors is the last: the client subscribes again and
 * gets the present state, instead of missing a change without knowing.
 */
function events(
  args: ExecutionArgs,
  source: AsyncIterator<unknown>,
): AsyncIterableIterator<ExecutionResult, undefined> {
  let over = false;
  const finish = async (): Promise<typeof OVER> => {
    over = true;
    await source.return?.();
    return OVER;
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (over) return OVER;
      let value: ExecutionResult;
      try {
        const item = await source.next();
        if (item.done) return finish();
        const contextValue = await contextAgain(args.contextValue as Context);
        value = await execute({ ...args, rootValue: item.value, contextValue });
      } catch (error) {
        value = resultOf(error);
      }
      if (value.errors) await finish();
      return { done: false, value };
    },
    return: finish,
  };
}

/** Yoga runs subscriptions this way. */
export const streams: Plugin = {
  onSubscribe({ setSubscribeFn }) {
    setSubscribeFn(async (args: ExecutionArgs) => {
      const source = await createSourceEventStream(args);
      return Symbol.asyncIterator in source ? events(args, source[Symbol.asyncIterator]()) : source;
    });
  },
};
