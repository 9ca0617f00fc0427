// The bearer token that a request brings.

import type { Request } from 'express';

/** Undefined: no authorization at all; null: one that cannot be a token. */
export function bearerOf(req: Request): string | null | undefined {
  const header = req.headers.authorization;
  if (header === undefined) return undefined;
  return /^Bearer ([\w.~+/=-]{1,512})$/i.exec(header)?.[1] ?? null;
}
