// Shares one pending result among callers that request the same at the same time.

/**
 * Lets many share an answer that was requested after each of them came: who comes while one is on its way gets the next.
 */
export function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  return () => {
    next ??= underWay
      .catch(() => {})
      .then(() => {
        next = null;
        const requested = ask();
        underWay = requested;
        return requested;
      });
    return next;
  };
}
