// Signing in on a shared tablet: its enrolment by a code, and the PINs of people.

import express, { type Response, type Router } from 'express';
import { enrolDevice } from '../access/actions/devices';
import { type PinRefusal, type PinRules, setPin, signInWithPin, tryPin } from '../access/actions/pins';
import { clearCallerCache } from '../access/queries/callers';
import { deviceBySecret, pinOfPerson } from '../access/queries/devices';
import { sessionByHash } from '../access/queries/sessions';
import { DEVICE_LIMITS, hashOfDevice } from '../access/rules/device';
import { faultOfPin } from '../access/rules/pin';
import { hashOfSession } from '../access/rules/session';
import type { Parts } from '../graphql/context';
import { answerError } from '../graphql/errors';
import type { AuthenticationParts } from './authenticate';
import { readDeviceCookie, readSessionCookie, setDeviceCookie, setSessionCookie } from './cookies';
import type { ApiHandler } from './request';
import { deviceOf, sessionAnswer } from './sessionAnswer';
import { endBrought } from './sessionEnd';
import { ENROLMENT_ANSWERS, NO_DEVICE, NOT_SIGNED_IN, pinAnswer, WRONG_FORM } from './tabletAnswers';

const DAY_SECONDS = 86_400;
const MAX_FORM = '2kb';
const readJson = express.json({ limit: MAX_FORM, strict: true });

const rulesOf = ({ secretKey, config }: Parts): PinRules => {
  const { pinLength, pinAttempts } = config.sessions;
  return { secretKey, pinLength, pinAttempts };
};

/** A text of a form; null: there is none. */
const textOf = (form: unknown, name: string): string | null => {
  const value = (form as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value : null;
};

/** Refuses a PIN with its code, and what the page needs to word it in the language of the person. */
function refusePin(res: Response, refusal: PinRefusal, rules: PinRules): void {
  const { status, code, message, facts } = pinAnswer(refusal, rules);
  res.status(status).json({ errors: [{ message, extensions: { code, ...facts } }] });
}

/** Enrols the tablet that sends the code. What was signed in on it before ends. */
function enrol(parts: Parts): ApiHandler {
  const { db, config, clock } = parts;
  return async (req, res) => {
    const code = textOf(req.body, 'code');
    if (code === null) return answerError(res, 400, 'BAD_REQUEST', WRONG_FORM);
    const brought = readDeviceCookie(req, config);
    const replaced = brought === undefined ? null : hashOfDevice(brought);
    const enrolled = await enrolDevice(db, { code, replaced, now: clock() });
    if ('fault' in enrolled) {
      const { status, message } = ENROLMENT_ANSWERS[enrolled.fault];
      return answerError(res, status, enrolled.fault, message);
    }
    await endBrought(parts, readSessionCookie(req, config));
    await clearCallerCache(db);
    setSessionCookie({ req, res }, config, '', 0);
    setDeviceCookie({ req, res }, config, enrolled.secret, DEVICE_LIMITS.cookieDays * DAY_SECONDS);
    const hash = hashOfDevice(enrolled.secret)!;
    res.status(201).json(await sessionAnswer(null, await deviceBySecret(db, hash), parts));
  };
}

/** Opens the session of a person with a PIN, on an enrolled tablet. */
function signIn(parts: Parts, { rates, refuser }: AuthenticationParts): ApiHandler {
  const { db, config, clock } = parts;
  const { pinIdleSeconds: idleSeconds, lifeSeconds } = config.sessions;
  return async (req, res) => {
    const { person } = (req.body ?? {}) as { person?: unknown };
    const pin = textOf(req.body, 'pin');
    if (pin === null || !Number.isInteger(person)) return answerError(res, 400, 'BAD_REQUEST', WRONG_FORM);
    const device = await deviceOf(req, parts);
    if (device === null) return answerError(res, 401, 'DEVICE_UNKNOWN', NO_DEVICE);
    const state = await rates.count('wrong-pin', String(device.id));
    if (state?.isExceeded) return refuser.refuseRate(res, state);
    const now = clock();
    const opened = await signInWithPin(db, rulesOf(parts), {
      ...{ actorId: person as number, pin, newPin: textOf(req.body, 'newPin'), device },
      times: { idleSeconds, lifeSeconds, now },
    });
    const isWrong = 'refusal' in opened && opened.refusal.kind === 'WRONG_PIN';
    if (!isWrong) await rates.uncount('wrong-pin', String(device.id));
    if ('refusal' in opened) return refusePin(res, opened.refusal, rulesOf(parts));
    await endBrought(parts, readSessionCookie(req, config));
    await clearCallerCache(db);
    setSessionCookie({ req, res }, config, opened.secret, lifeSeconds);
    setDeviceCookie(
      { req, res },
      config,
      readDeviceCookie(req, config)!,
      DEVICE_LIMITS.cookieDays * DAY_SECONDS,
    );
    const row = await sessionByHash(db, hashOfSession(opened.secret)!, now);
    res.status(201).json(await sessionAnswer(row, device, parts));
  };
}

/** Sets the PIN of the person who is signed in. Who has one and signed in with it sends it too. */
function choose(parts: Parts): ApiHandler {
  const { db, clock } = parts;
  return async (req, res) => {
    const pin = textOf(req.body, 'pin');
    if (pin === null) return answerError(res, 400, 'BAD_REQUEST', WRONG_FORM);
    const { credential, caller } = req;
    const now = clock();
    const session = credential?.kind === 'SESSION' ? await sessionByHash(db, credential.hash, now) : null;
    if (session === null || !caller) return answerError(res, 401, 'UNAUTHENTICATED', NOT_SIGNED_IN);
    const { actorId } = session;
    const rules = rulesOf(parts);
    const fault = faultOfPin(pin, rules.pinLength);
    if (fault !== null) return refusePin(res, { kind: 'WEAK_PIN', fault }, rules);
    if (session.signIn === 'PIN') {
      const stored = await pinOfPerson(db, actorId);
      const current = textOf(req.body, 'currentPin') ?? '';
      const refusal = await tryPin(db, rules, { actorId, pin: current, stored, now });
      if (refusal !== null) return refusePin(res, refusal, rules);
    }
    await setPin(db, rules, { actorId, pin, now });
    res.status(204).end();
  };
}

/** `/session/device` and `/session/pin`, for requests that were authenticated and admitted. */
export function tabletRoutes(router: Router, parts: Parts, edge: AuthenticationParts): void {
  router.post('/device', readJson, enrol(parts));
  router.post('/pin', readJson, signIn(parts, edge));
  router.put('/pin', readJson, choose(parts));
}
