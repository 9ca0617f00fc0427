// Executes subscriptions: each event with its own context, an error as the last event of its stream.

import type { Response } from 'express';
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { isUnreachable, retryWhileUnreachable } from '../db/transaction';
import { type Context, contextAgain } from '../graphql/context';
import { withCodesNotFound } from '../graphql/notFound';
import { observeStream } from './observe';
import type { ApiRequest } from './request';

const OVER: IteratorReturnResult<undefined> = { done: true, value: undefined };
/** Nothing more is written to a response that has ended; a writer that waits for it is released with the response. */
const NEVER = new Promise<never>(() => {});

function resultOf(error: unknown): ExecutionResult {
  const original = error instanceof Error ? error : new Error(String(error));
  return {
    errors: [error instanceof GraphQLError ? error : new GraphQLError('', { originalError: original })],
  };
}

/** One event. @throws what a resolver threw when the database was out of reach, so that it can be tried again */
async function answer(args: ExecutionArgs, rootValue: unknown): Promise<ExecutionResult> {
  const contextValue = await contextAgain(args.contextValue as Context);
  const result = await execute({ ...args, rootValue, contextValue });
  const away = result.errors?.find((error) => isUnreachable(error.originalError));
  if (away) throw away.originalError;
  // Keys not found when the stream was opened are reported with its first event.
  return withCodesNotFound(result, args.contextValue as Context, contextValue);
}

/**
 * Executes the operation for each item of its source. graphql-js would give all of them the context of the first, so
 * that loaders answered from what they read then. An event with errors is the last: the client subscribes again and
 * gets the present state, instead of missing a change without knowing. A source ends by itself only when this process
 * stops: the response then ends without GraphQL over SSE's `complete`, which would mean to standard clients that nothing more
 * will come. To them the connection is lost, so they subscribe again by themselves, to another process.
 */
function events(
  args: ExecutionArgs,
  source: AsyncIterator<unknown>,
  onFirst: () => void,
  end: () => void,
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
        if (item.done) {
          await finish();
          end();
          return NEVER;
        }
        value = await retryWhileUnreachable(
          () => answer(args, item.value),
          () => over,
        );
      } catch (error) {
        value = resultOf(error);
      }
      onFirst();
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
      if (!(Symbol.asyncIterator in source)) return source;
      const { req, res } = args.contextValue as { req: ApiRequest; res: Response };
      observeStream(req, res);
      // Proxies such as nginx would otherwise keep events back until a buffer is full.
      if (!res.headersSent) res.setHeader('x-accel-buffering', 'no');
      // From its first event on it works only now and then: it is no request under way any more.
      const endTurn = (): void => req.endTurn?.();
      return events(args, source[Symbol.asyncIterator](), endTurn, () => res.end());
    });
  },
};
