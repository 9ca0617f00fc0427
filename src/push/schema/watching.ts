// Shared code of subscriptions: watch keys, read their records again, and end when the caller loses access.

import { retryWhileUnreachable } from '../../db/transaction';
import { builder } from '../../graphql/builder';
import { type Context, contextAgain } from '../../graphql/context';

builder.subscriptionType({
  description:
    'Changes as they happen, over server-sent events (header `accept: text/event-stream`). Each subscription first sends the current state, then what changed, freshly read; changes that come faster than they are read are combined. It survives interruptions of the database of less than a minute. It ends after an event with errors, when its token is revoked, and when the server stops: subscribe again, and the current state is sent first.',
});

/** The parameters of a subscription. */
export interface Watching<E> {
  keys: readonly string[];
  /** Reads the present records of these keys; null when there is nothing to send. */
  read(context: Context, keys: ReadonlySet<string>): Promise<E | null>;
  /** Throws when the caller may not, or no longer, read this. Called at every event and every few seconds. */
  check?(context: Context): void | Promise<void>;
}

/** The source of a subscription: an event is what `read` gives. @throws GraphQLError past the hub's limits */
export async function watching<E>(
  context: Context,
  { keys, read, check }: Watching<E>,
): Promise<AsyncIterableIterator<E>> {
  await check?.(context);
  const again = async (): Promise<Context> => {
    const fresh = await contextAgain(context);
    await check?.(fresh);
    return fresh;
  };
  const watch = context.hub.watch({
    actorId: context.caller.actorId,
    addressKey: context.addressKey,
    keys,
    recheck: again,
  });
  let over = false;
  const events: AsyncIterableIterator<E> = {
    [Symbol.asyncIterator]() {
      return events;
    },
    async next() {
      for (;;) {
        const item = await watch.next();
        if (item.done) return { done: true, value: undefined };
        const value = await retryWhileUnreachable(
          async () => read(await again(), item.value),
          () => over,
        );
        if (value !== null) return { done: false, value };
      }
    },
    async return() {
      over = true;
      await watch.return?.();
      return { done: true, value: undefined };
    },
  };
  return events;
}
