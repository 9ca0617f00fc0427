// The HTTP face: Express with health, and GraphQL through Yoga at /graphql.

import { randomUUID } from 'node:crypto';
import express, { type Express, type Request, type Response } from 'express';
import { createYoga } from 'graphql-yoga';
import { callerOf } from './access/queries';
import type { Caller } from './access/rules';
import { type Context, contextFor, type Parts } from './graphql/context';
import { presentError } from './graphql/errors';
import { schema } from './schema';

interface Incoming {
  req: Request & { caller?: Caller | null; id?: string };
  res: Response;
}

/** Builds the application on its parts. It holds nothing open of its own. */
export function createApp(parts: Parts): Express {
  const app = express();
  app.disable('x-powered-by');

  app.get('/health/live', (_req, res) => {
    res.json({ status: 'live' });
  });
  app.get('/health/ready', async (_req, res) => {
    try {
      await parts.db.rows('SELECT 1');
      res.json({ status: 'ready' });
    } catch {
      res.status(503).json({ status: 'waiting for the database' });
    }
  });

  app.use('/graphql', async (req: Incoming['req'], res, next) => {
    req.id = randomUUID();
    res.setHeader('x-request-id', req.id);
    const bearer = /^Bearer ([\w.~+/=-]{1,512})$/i.exec(req.headers.authorization ?? '');
    req.caller = bearer ? await callerOf(parts.db, bearer[1]!, parts.clock()) : null;
    if (req.headers.authorization !== undefined && req.caller === null) {
      const message =
        'This token is unknown, expired or revoked; send the header Authorization: Bearer <token>.';
      res.status(401).json({ errors: [{ message, extensions: { code: 'UNAUTHENTICATED' } }] });
      return;
    }
    next();
  });

  const yoga = createYoga<Incoming, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    graphiql: parts.config.graphiql,
    logging: false,
    maskedErrors: { maskError: (error) => presentError(error, parts.log) },
    context: ({ req }) => contextFor(parts, req.caller ?? null, req.id ?? ''),
  });
  app.use('/graphql', yoga as never);
  return app;
}
