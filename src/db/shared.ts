// Shares one pending result among callers that request the same at the same time.

/**
 * Shares one answer among concurrent callers, requested after each of them called: a call during a request shares the next one.
 */
export function shared<T>(request: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  return () => {
    next ??= underWay
      .catch(() => {})
      .then(() => {
        next = null;
        const requested = request();
        underWay = requested;
        return requested;
      });
    return next;
  };
}
