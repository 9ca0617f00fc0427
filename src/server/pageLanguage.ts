// The languages of pages that are opened by a signed link, and which of them a request is answered in.

import type { Request } from 'express';

export const PAGE_LANGUAGES = ['fr', 'en'] as const;
export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

/** The language of the link (`lang`), or else the first of the browser's that there is, or else French. */
export function languageOf(req: Request): PageLanguage {
  const wanted = typeof req.query.lang === 'string' ? req.query.lang.slice(0, 2).toLowerCase() : '';
  const known = PAGE_LANGUAGES.find((one) => one === wanted);
  return known ?? ((req.acceptsLanguages([...PAGE_LANGUAGES]) || PAGE_LANGUAGES[0]) as PageLanguage);
}
