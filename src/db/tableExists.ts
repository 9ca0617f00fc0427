// The statement that checks whether a table exists; its answer is current also after a wait for a lock.

/**
 * `exists`: the current schema has a table of the name $1. It reads pg_class as of the statement's beginning.
 * to_regclass() is not used: it answers from a cache that a wait for an advisory lock does not refresh, so that the
 * process that waited made the table a second time and failed ("relation ... already exists").
 */
export const TABLE_EXISTS = `
  SELECT EXISTS (
    SELECT FROM pg_class WHERE relname = $1::text AND relnamespace = current_schema()::regnamespace
  ) AS exists`;
