// The pages of orders: opened by the signed link of a notice, without signing in; what their forms change runs as commands of orders.

import { createHash } from 'node:crypto';
import express, { type Request, type Response, type Router } from 'express';
import { v7 as uuid } from 'uuid';
import { SYSTEM } from '../access/rules/roles';
import { surveyToken } from '../contact/rules/surveys';
import type { Parts } from '../graphql/context';
import { UUID } from '../graphql/ids';
import { cancelOrder } from '../order/actions/cancel';
import { imHere, onMyWay } from '../order/actions/collect';
import { type OrderPageRow, orderPageRow } from '../order/queries/orderPage';
import { pickupCode, pickupQrPayload } from '../order/rules/code';
import { ORDER } from '../order/rules/columns';
import { orderOfToken } from '../order/rules/orderLink';
import { Refused } from '../refusals';
import { checkedInput } from '../values/document';
import { DAY_MS } from '../values/time';
import { linkProblemPage, orderPage } from './orderPage';
import { ORDER_POLICY } from './orderPageStyle';
import type { FormOutcome, LinkProblem } from './orderPageTexts';
import { languageOf } from './pageLanguage';
import type { ApiHandler } from './request';

/** A form with four small fields; more is none of ours. */
const MAX_FORM = '4kb';
const STATUS: Record<LinkProblem, number> = { UNKNOWN: 404, REVOKED: 410, EXPIRED: 410 };
/** Outcomes by their names in addresses. */
const OUTCOMES: Readonly<Record<string, FormOutcome>> = {
  ...{ way: 'WAY', here: 'HERE', refused: 'REFUSED', busy: 'BUSY', long: 'TOO_LONG' },
};

/** Changes whenever the page would show something else. */
function versionOf({ updatedAt, surveyId, returnNumber }: OrderPageRow): string {
  const facts = JSON.stringify([updatedAt, surveyId, returnNumber]);
  return createHash('sha256').update(facts).digest('base64url').slice(0, 16);
}

/** The order of a link, or why there is none. An erased order is answered as an unknown one. */
async function linkedOrder(
  { db, secretKey, config, clock }: Parts,
  token: string,
): Promise<OrderPageRow | LinkProblem> {
  const linked = orderOfToken(secretKey, token);
  const order = linked === null ? null : await orderPageRow(db, linked.id, clock());
  if (linked === null || order === null || order.erasedAt !== null) return 'UNKNOWN';
  if (order.linkGeneration !== linked.linkGeneration) return 'REVOKED';
  const { orderLinkDays } = config.contact;
  const isOver = order.closedAt !== null && +order.closedAt + orderLinkDays * DAY_MS <= +clock();
  return isOver ? 'EXPIRED' : order;
}

/** Whether a form may have been sent by a page of another site. Old browsers send neither header. */
function isForeign(req: Request): boolean {
  const site = req.headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin } = req.headers;
  // Without a referrer a form of ours has the origin "null".
  return origin !== undefined && origin !== 'null' && !origin.endsWith(`://${req.headers.host}`);
}

/** Runs what a form asks for. The key of the form is bound to its order: a second tap gets the first answer. @throws Refused */
async function perform(
  { db, clock }: Parts,
  orderId: string,
  form: Record<string, unknown>,
): Promise<FormOutcome | null> {
  const { key, bay } = form;
  if (typeof key !== 'string' || !UUID.test(key)) return 'BUSY';
  const step = String(form.do);
  const request = { actor: SYSTEM, idempotencyKey: `order page ${orderId} ${step} ${key}`, now: clock() };
  if (step === 'way') {
    await onMyWay(db, { ...request, input: { orderId } });
    return 'WAY';
  }
  if (step === 'here') {
    const note = typeof bay === 'string' && bay.trim() !== '' ? bay : null;
    const { arrivalNote } = checkedInput(ORDER, 'imHere', { arrivalNote: note });
    await imHere(db, { ...request, input: { orderId, arrivalNote } });
    return 'HERE';
  }
  if (step !== 'cancel') return 'BUSY';
  await cancelOrder(db, { ...request, input: { orderId, reason: 'CUSTOMER_CHANGED_MIND', note: null } });
  return null;
}

function outcomeOf(error: unknown): FormOutcome {
  if (!(error instanceof Refused)) throw error;
  if (error.data.kind === 'InvalidInput') return 'TOO_LONG';
  return error.data.kind === 'Busy' ? 'BUSY' : 'REFUSED';
}

/** A link needs no sign-in. A session that the browser has as well would only be a second way to refuse its form. */
const withoutCredentials: ApiHandler = (req, _res, next) => {
  delete req.headers.cookie;
  delete req.headers.authorization;
  next();
};

function setHeaders(res: Response): void {
  res.setHeader('content-security-policy', ORDER_POLICY);
  res.setHeader('cache-control', 'no-store');
  res.setHeader('referrer-policy', 'no-referrer');
  res.setHeader('x-robots-tag', 'noindex, nofollow');
}

function show(res: Response, status: number, html: string): void {
  setHeaders(res);
  res.setHeader('vary', 'accept-language');
  res.status(status).type('html').send(html);
}

/** The routes of orders' links. `count` are the handlers that every visitor passes: rates and admission. */
export function orderPages(parts: Parts, count: readonly ApiHandler[], enterGate: ApiHandler): Router {
  const { secretKey, clock } = parts;
  const problem = (req: Request, res: Response, kind: LinkProblem): void =>
    show(res, STATUS[kind], linkProblemPage(kind, languageOf(req)));
  const open: ApiHandler = async (req, res) => {
    const order = await linkedOrder(parts, String(req.params.token));
    if (typeof order === 'string') return problem(req, res, order);
    const code = order.status === 'READY' ? pickupCode(secretKey, order.id, order.codeGeneration) : null;
    const page = orderPage({
      order,
      pickup: code === null ? null : { code, qr: pickupQrPayload(order.number, code) },
      surveyPath: order.surveyId === null ? null : `/surveys/${surveyToken(secretKey, order.surveyId)}`,
      formKey: uuid(),
      version: versionOf(order),
      language: languageOf(req),
      outcome: OUTCOMES[String(req.query.done)] ?? null,
      now: clock(),
    });
    show(res, 200, page);
  };
  const version: ApiHandler = async (req, res) => {
    const order = await linkedOrder(parts, String(req.params.token));
    setHeaders(res);
    if (typeof order === 'string') return void res.status(STATUS[order]).end();
    res.type('text').send(versionOf(order));
  };
  const take: ApiHandler = async (req, res) => {
    const token = String(req.params.token);
    const order = await linkedOrder(parts, token);
    if (typeof order === 'string') return problem(req, res, order);
    setHeaders(res);
    if (isForeign(req))
      return void res.status(403).type('text').send('This form was sent by another site.\n');
    const outcome = await perform(parts, order.id, (req.body ?? {}) as Record<string, unknown>).catch(
      outcomeOf,
    );
    const name = Object.keys(OUTCOMES).find((one) => OUTCOMES[one] === outcome);
    // The answer is another page, so that loading it again sends nothing again.
    res.redirect(303, `/o/${token}?lang=${languageOf(req)}${name === undefined ? '' : `&done=${name}`}`);
  };
  const router = express.Router();
  router.use(withoutCredentials, ...count);
  router.get('/:token', enterGate, open);
  router.get('/:token/version', enterGate, version);
  router.post('/:token', express.urlencoded({ limit: MAX_FORM, extended: false }), enterGate, take);
  return router;
}
