// Serves the pages from memory, with a strict content security policy. They are bundled at the first request for one.

import type { Request, Response } from 'express';
import type { Parts } from '../../graphql/context';
import { answerError } from '../../graphql/errors';
import type { ApiHandler } from '../request';
import type { PageFile } from './bundle';

const YEAR_SECONDS = 31_536_000;
const ELEMENT_SCRIPT = '/elements/availability.js';
/** A new version of the element reaches all pages after so long. */
const ELEMENT_SECONDS = 3_600;

/** Scripts and styles come from files of ours only, and no text can become a script. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

type Encoding = 'br' | 'gzip' | 'identity';

/** The best encoding that the browser takes. */
function encodingOf(req: Request): Encoding {
  const accepted = (req.headers['accept-encoding'] ?? '').toString();
  if (/\bbr\b/.test(accepted)) return 'br';
  return /\bgzip\b/.test(accepted) ? 'gzip' : 'identity';
}

/** The script of the element is loaded by pages of other sites, with a `crossorigin` attribute or without. */
function shareWithPages(res: Response): void {
  res.setHeader('access-control-allow-origin', '*');
  res.setHeader('cross-origin-resource-policy', 'cross-origin');
  res.setHeader('cache-control', `public, max-age=${ELEMENT_SECONDS}, stale-while-revalidate=86400`);
}

function send(req: Request, res: Response, path: string, file: PageFile): void {
  const encoding = encodingOf(req);
  const content = { br: file.brotli, gzip: file.gzip, identity: file.identity }[encoding];
  res.setHeader('content-security-policy', POLICY);
  res.setHeader('permissions-policy', 'camera=(self), geolocation=(self), microphone=()');
  res.setHeader('content-type', file.type);
  res.setHeader('cache-control', file.isHashed ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache');
  res.setHeader('vary', 'accept-encoding');
  // A weak one: each encoding has other bytes.
  res.setHeader('etag', `W/${file.etag}`);
  // A service worker serves its own folder only, unless the server permits the page above it.
  if (path === ELEMENT_SCRIPT) shareWithPages(res);
  if (path.endsWith('/worker.js')) res.setHeader('service-worker-allowed', path.replace('/worker.js', ''));
  if (req.headers['if-none-match']?.includes(file.etag)) return void res.status(304).end();
  if (encoding !== 'identity') res.setHeader('content-encoding', encoding);
  res.setHeader('content-length', content.length);
  res.end(req.method === 'HEAD' ? undefined : content);
}

/** Answers requests for pages and their assets; every other request goes on. */
export function pages({ log }: Parts): ApiHandler {
  let built: Promise<Map<string, PageFile>> | null = null;
  const build = async (): Promise<Map<string, PageFile>> => {
    const begin = performance.now();
    // The bundler is loaded only by a process that serves pages.
    const { buildPages } = require('./bundle') as typeof import('./bundle');
    const files = await buildPages();
    log.debug({ ms: Math.round(performance.now() - begin), files: files.size }, 'the pages are bundled');
    return files;
  };
  return async (req, res) => {
    const path = req.originalUrl.split('?')[0]!;
    built ??= build();
    // After a failure the next request tries again.
    built.catch(() => {
      built = null;
    });
    const name = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
    const file = (await built).get(name);
    if (file !== undefined) return send(req, res, name, file);
    answerError(res, 404, 'NOT_FOUND', 'There is no such page; the counter is at /counter.');
  };
}
