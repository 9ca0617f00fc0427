// Reads the JSON body of a request, up to a maximum size.

import express from 'express';
import type { ApiHandler, ApiRequest } from './request';

const MAX_BODY = '512kb';
/** Without a token hardly anything is answered: an introspection fits into this, and nothing large is parsed. */
const MAX_BODY_WITHOUT_TOKEN = '64kb';

const readLarge = express.json({ limit: MAX_BODY, strict: true });
const readSmall = express.json({ limit: MAX_BODY_WITHOUT_TOKEN, strict: true });

export const readBody: ApiHandler = (req, res, next) => (req.caller ? readLarge : readSmall)(req, res, next);

/** The size limit of this request's body, as a text. */
export function bodyLimitOf(req: ApiRequest): string {
  return req.caller ? MAX_BODY : `${MAX_BODY_WITHOUT_TOKEN}, the most without a token`;
}
