// Single sign-on by OpenID Connect: the way to the provider and back, with PKCE, state and nonce.

import type { Router } from 'express';
import type { Configuration } from 'openid-client';
import { openBySingleSignOn } from '../access/actions/singleSignOn';
import { clearCallerCache } from '../access/queries/callers';
import { groupsInClaim, hashOfIdentity, rightsByGroups } from '../access/rules/singleSignOn';
import type { SingleSignOnSettings } from '../config/singleSignOn';
import type { Parts } from '../graphql/context';
import { answerError } from '../graphql/errors';
import { readSessionCookie, readSignOnCookie, setSessionCookie, setSignOnCookie } from './cookies';
import type { ApiHandler } from './request';
import { endBrought } from './sessionEnd';
import { type SignOnFault, showSignOnFault } from './singleSignOnPage';
import {
  openSignOn,
  pageToReturnTo,
  SIGN_ON_SECONDS,
  type SignOnState,
  sealSignOn,
} from './singleSignOnState';

type OpenIdClient = typeof import('openid-client');

const BEGIN = '/session/single-sign-on';
const CALLBACK = `${BEGIN}/callback`;
const TIMEOUT_SECONDS = 10;
const MAX_NAME = 180;

/** Loaded at the first sign-in only: it is for those who have a provider. */
const library = (): Promise<OpenIdClient> => import('openid-client');

/** What is known of the provider; found at the first need, and again after a failure. */
class Provider {
  #found: Promise<Configuration> | null = null;

  constructor(readonly settings: SingleSignOnSettings) {}

  configuration(): Promise<Configuration> {
    this.#found ??= this.#discover();
    this.#found.catch(() => {
      this.#found = null;
    });
    return this.#found;
  }

  async #discover(): Promise<Configuration> {
    const client = await library();
    const { issuer, clientId, clientSecret, clockToleranceSeconds } = this.settings;
    const address = new URL(issuer);
    return client.discovery(
      address,
      clientId,
      { [client.clockTolerance]: clockToleranceSeconds },
      clientSecret === null ? client.None() : client.ClientSecretPost(clientSecret),
      {
        timeout: TIMEOUT_SECONDS,
        // The settings permit plain HTTP on loopback addresses outside production only.
        execute: address.protocol === 'http:' ? [client.allowInsecureRequests] : [],
      },
    );
  }
}

/** A person whom the provider has proven. */
interface ProvenPerson {
  subject: string;
  name: string;
  groups: string[];
}

function textClaim(claims: Record<string, unknown>, names: readonly string[]): string | null {
  for (const name of names) {
    const value = claims[name];
    if (typeof value === 'string' && value.trim() !== '') return value.trim().slice(0, MAX_NAME);
  }
  return null;
}

/** Exchanges the code of a callback, and checks state, nonce and the ID token. @throws what the library throws */
async function provenPerson(provider: Provider, url: URL, state: SignOnState): Promise<ProvenPerson> {
  const client = await library();
  const tokens = await client.authorizationCodeGrant(await provider.configuration(), url, {
    pkceCodeVerifier: state.verifier,
    expectedState: state.state,
    expectedNonce: state.nonce,
    idTokenExpected: true,
  });
  const claims = tokens.claims() as Record<string, unknown> & { sub: string };
  return {
    subject: claims.sub,
    name: textClaim(claims, ['name', 'preferred_username', 'email']) ?? claims.sub,
    groups: groupsInClaim(claims[provider.settings.groupsClaim]),
  };
}

/** Which of our sentences explains an error of the library. */
async function faultOf(error: unknown): Promise<SignOnFault> {
  const client = await library();
  if (error instanceof client.AuthorizationResponseError) return 'CANCELLED';
  // The network's errors, and answers of a provider that is not well.
  const { code, cause, status } = error as { code?: string; cause?: unknown; status?: number };
  const isAway =
    error instanceof TypeError ||
    code === 'OAUTH_TIMEOUT' ||
    (cause instanceof Response && cause.status >= 500) ||
    (status !== undefined && status >= 500);
  return isAway ? 'PROVIDER_AWAY' : 'NOT_PROVEN';
}

/** Sends the browser to the provider. The session that it has ends: it brings its cookie now, and not when it comes back. */
function begin(parts: Parts, provider: Provider): ApiHandler {
  const { config, clock, secretKey, log } = parts;
  const { publicUrl, scopes } = provider.settings;
  return async (req, res) => {
    try {
      const client = await library();
      const configuration = await provider.configuration();
      const verifier = client.randomPKCECodeVerifier();
      const state: SignOnState = {
        ...{ state: client.randomState(), nonce: client.randomNonce(), verifier },
        returnTo: pageToReturnTo(req.query.returnTo),
        expiresAt: clock().getTime() + SIGN_ON_SECONDS * 1_000,
      };
      const address = client.buildAuthorizationUrl(configuration, {
        ...{ redirect_uri: `${publicUrl}${CALLBACK}`, scope: scopes, response_type: 'code' },
        ...{ state: state.state, nonce: state.nonce, code_challenge_method: 'S256' },
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
      });
      await endBrought(parts, readSessionCookie(req, config));
      setSessionCookie({ req, res }, config, '', 0);
      setSignOnCookie({ req, res }, config, sealSignOn(secretKey, state), SIGN_ON_SECONDS);
      res.redirect(303, address.href);
    } catch (error) {
      log.warn({ err: error, requestId: req.id }, 'the provider of the single sign-on does not answer');
      showSignOnFault(req, res, 'PROVIDER_AWAY', BEGIN);
    }
  };
}

/** Opens the session of a person who comes back. Each sign-in that was begun is good for one return. */
function comeBack(parts: Parts, provider: Provider): ApiHandler {
  const { db, config, clock, secretKey, log } = parts;
  const { idleSeconds, lifeSeconds } = config.sessions;
  const { issuer, groups, publicUrl } = provider.settings;
  return async (req, res) => {
    const now = clock();
    const state = openSignOn(secretKey, readSignOnCookie(req, config), now);
    setSignOnCookie({ req, res }, config, '', 0);
    if (state === null) return showSignOnFault(req, res, 'NOT_BEGUN', BEGIN);
    let person: ProvenPerson;
    try {
      person = await provenPerson(provider, new URL(req.originalUrl, publicUrl), state);
    } catch (error) {
      const fault = await faultOf(error);
      log.warn({ err: error, fault, requestId: req.id }, 'a single sign-on did not succeed');
      return showSignOnFault(req, res, fault, BEGIN);
    }
    const rights = rightsByGroups(groups, person.groups);
    if (rights === null) return showSignOnFault(req, res, 'NO_GROUP', BEGIN);
    const identity = { identityHash: hashOfIdentity(issuer, person.subject), name: person.name, rights };
    const opened = await openBySingleSignOn(db, identity, { idleSeconds, lifeSeconds, now });
    if ('fault' in opened) return showSignOnFault(req, res, opened.fault, BEGIN);
    await clearCallerCache(db);
    await endBrought(parts, readSessionCookie(req, config));
    setSessionCookie({ req, res }, config, opened.secret, lifeSeconds);
    res.redirect(303, state.returnTo);
  };
}

/** The address at which the provider signs the person out too; null: it has none, or does not answer. */
export type SignOutAddress = () => Promise<string | null>;

/** The routes of the single sign-on below `/session`, and the address that signs out at the provider. */
export function singleSignOn(router: Router, parts: Parts): SignOutAddress {
  const { singleSignOn: settings } = parts.config;
  if (settings === null) {
    router.get(['/single-sign-on', '/single-sign-on/callback'], (_req, res) => {
      answerError(res, 404, 'NOT_FOUND', 'This server has no single sign-on; set SSO_ISSUER to offer it.');
    });
    return async () => null;
  }
  const provider = new Provider(settings);
  router.get('/single-sign-on', begin(parts, provider));
  router.get('/single-sign-on/callback', comeBack(parts, provider));
  return async () => {
    try {
      const configuration = await provider.configuration();
      if (configuration.serverMetadata().end_session_endpoint === undefined) return null;
      const { buildEndSessionUrl } = await library();
      return buildEndSessionUrl(configuration, { post_logout_redirect_uri: `${settings.publicUrl}/` }).href;
    } catch {
      return null;
    }
  };
}
