// Prepared statements with a generic plan that is made once.

/**
 * Hides the values of a statement's parameters from the planner: every `$n::type` becomes a subquery. Where a plan for the
 * values at hand looks cheaper than one for any values, PostgreSQL plans at every call; for a handful of shelves that took
 * three times as long as running it.
 */
export function plannedOnce(sql: string): string {
  return sql.replace(/\$(\d+)::(\w+(?:\[\])?)/g, '(SELECT $$$1::$2)::$2');
}
