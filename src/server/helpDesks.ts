// Endpoints for the webhooks of help desks: signed by the help desk, checked over the exact bytes, stored as contacts.

import express, { type Router } from 'express';
import { SYSTEM } from '../access/rules/roles';
import { storeContacts } from '../contact/actions/storeContacts';
import { chatwootContact } from '../contact/rules/chatwoot';
import type { StatedContact } from '../contact/rules/contact';
import { freshdeskContact } from '../contact/rules/freshdesk';
import {
  checkSignature,
  type HelpDesk,
  REPLAY_SECONDS,
  SIGNING_FORMS,
} from '../contact/rules/helpDeskSignatures';
import { intercomContact } from '../contact/rules/intercom';
import { zendeskContact } from '../contact/rules/zendesk';
import { IdentifierHashes } from '../customer/rules/identifiers';
import { inTransaction } from '../db/transaction';
import type { Parts } from '../graphql/context';
import { answerError } from '../graphql/errors';
import type { ApiHandler, ApiRequest } from './request';

/** Payloads contain the last message and attributes; more is no webhook of a help desk. */
const MAX_WEBHOOK = '256kb';

interface Sender {
  /** Null: no time is signed. */
  timestampHeader: string | null;
  signatureHeader: string;
  contactOf(event: unknown): StatedContact | null;
}

const SENDERS: Readonly<Record<HelpDesk, Sender>> = {
  chatwoot: {
    timestampHeader: 'x-chatwoot-timestamp',
    signatureHeader: 'x-chatwoot-signature',
    contactOf: chatwootContact,
  },
  zendesk: {
    timestampHeader: 'x-zendesk-webhook-signature-timestamp',
    signatureHeader: 'x-zendesk-webhook-signature',
    contactOf: zendeskContact,
  },
  intercom: { timestampHeader: null, signatureHeader: 'x-hub-signature', contactOf: intercomContact },
  freshdesk: { timestampHeader: null, signatureHeader: 'x-comptoir-secret', contactOf: freshdeskContact },
};

const REASONS = {
  MISSING: 'The signature of the webhook or its time is missing.',
  WRONG:
    'The signature does not fit the body; copy the secret of this webhook into the settings of this server.',
  TOO_OLD: `The webhook was signed more than ${REPLAY_SECONDS} seconds ago, or the clocks differ.`,
} as const;

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** A webhook is stored in one transaction; the same one again changes nothing. */
function receive(parts: Parts, name: HelpDesk): ApiHandler {
  const { db, config, clock, secretKey } = parts;
  const { timestampHeader, signatureHeader, contactOf } = SENDERS[name];
  const hashes = new IdentifierHashes(secretKey);
  return async (req: ApiRequest, res) => {
    res.setHeader('cache-control', 'no-store');
    const secret = config.contact.webhookSecrets[name];
    if (secret === null) {
      const setting = `${name.toUpperCase()}_WEBHOOK_SECRET`;
      return answerError(res, 404, 'NOT_FOUND', `This server takes no webhooks of ${name}; set ${setting}.`);
    }
    const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
    const verdict = checkSignature(SIGNING_FORMS[name], {
      ...{ secret, body, now: clock() },
      timestamp: timestampHeader === null ? undefined : req.headers[timestampHeader],
      signature: req.headers[signatureHeader],
    });
    if (verdict !== 'GOOD') return answerError(res, 401, 'UNAUTHENTICATED', REASONS[verdict]);
    const event = parsed(body);
    if (event === undefined) return answerError(res, 400, 'BAD_REQUEST', 'The body is not valid JSON.');
    const contact = contactOf(event);
    // Events that change no contact are acknowledged, or they would be sent again.
    if (contact === null) return void res.json({ stored: false });
    const { problems } = await inTransaction(db, (tx) =>
      storeContacts(tx, name, [contact], {
        actor: SYSTEM,
        now: clock(),
        hashes,
        config,
        unknown: 'LEAVE_OUT',
      }),
    );
    const [problem] = problems;
    if (problem !== undefined) return answerError(res, 422, 'BAD_USER_INPUT', problem.message);
    res.json({ stored: true });
  };
}

/** The route of help desks' webhooks, for senders without a token that were counted before. */
export function helpDesks(parts: Parts, enterGate: ApiHandler): Router {
  const router = express.Router();
  const read = express.raw({ type: () => true, limit: MAX_WEBHOOK });
  for (const name of Object.keys(SENDERS) as HelpDesk[])
    router.post(`/${name}`, read, enterGate, receive(parts, name));
  return router;
}
