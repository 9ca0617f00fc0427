// Allowed host names of this server: a malicious page can point its own name at a developer's loopback address (DNS
// rebinding), and would then be of the same origin as the API.

import type { NextFunction, Request, Response } from 'express';
import { answerError } from '../graphql/errors';

const MAX_SHOWN = 80;

/** The name in a Host header, without its port and in lower case; null when there is none. */
function nameOf(host: string | undefined): string | null {
  const [, name] = /^(\[[0-9a-f:.]+\]|[^:]+)(?::\d*)?$/i.exec(host ?? '') ?? [];
  return name?.toLowerCase().replace(/\.$/, '') ?? null;
}

/** Answers 421 to requests for names that are not `allowed`; null: every name is. */
export function onlyHosts(allowed: readonly string[] | null) {
  return (req: Request, res: Response, next: NextFunction) => {
    if (allowed === null) return next();
    const name = nameOf(req.headers.host);
    if (name !== null && allowed.includes(name)) return next();
    const named = name === null ? 'no host' : `the host '${name.slice(0, MAX_SHOWN)}'`;
    const message = `This server answers to ${allowed.join(', ')}, and the request names ${named}; name it in the setting ALLOWED_HOSTS.`;
    answerError(res, 421, 'HOST_NOT_ALLOWED', message);
  };
}
