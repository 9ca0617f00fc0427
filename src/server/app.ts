// The Express app: health, metrics and security headers, and GraphQL through Yoga at /graphql.

import cors from 'cors';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { createYoga } from 'graphql-yoga';
import helmet from 'helmet';
import { isUnreachable } from '../db/transaction';
import { type Context, contextFor, type Parts } from '../graphql/context';
import { documentCache } from '../graphql/documentCache';
import { answerError, presentError, RETRY_AFTER_SECONDS } from '../graphql/errors';
import { limits } from '../graphql/limits';
import { codesNotFound } from '../graphql/notFound';
import { persistedOperations } from '../graphql/persisted';
import { ANSWER_FORMS, answerPlainPost, isAnswerable, PARAMETERS } from '../graphql/plainPost';
import { ADMISSION, admission } from './admission';
import { type AuthenticationParts, authenticate } from './authenticate';
import { bodyLimitOf, readBody } from './body';
import { ClientAddresses } from './clientAddress';
import { FIRST_QUERY } from './firstQuery';
import { charts } from './forecastCharts';
import { onlyHosts } from './hosts';
import { showMetrics } from './metricsRoute';
import { observe } from './observe';
import { operations } from './operations';
import { Rates } from './rates';
import { Refuser } from './refusing';
import type { ApiHandler, ApiRequest } from './request';
import { schema } from './schema';
import { SignIns } from './signIns';
import { streams } from './streams';

interface HttpExchange {
  req: ApiRequest;
  res: Response;
}
type Handler = ApiHandler;

const TIMEOUT_HEADER = 'x-request-timeout-ms';
const MAX_TIMEOUT_MS = 120_000;

/** Reads the deadline that a client may send, and watches its connection, so that work is not started in vain. */
const readDeadline: Handler = (req, res, next) => {
  const text = req.headers[TIMEOUT_HEADER];
  const ms = text === undefined ? Number.POSITIVE_INFINITY : Number(text);
  if (text !== undefined && !(Number.isInteger(ms) && ms >= 1 && ms <= MAX_TIMEOUT_MS)) {
    const message = `The header ${TIMEOUT_HEADER} is whole milliseconds from 1 to ${MAX_TIMEOUT_MS}: how long you wait for the answer.`;
    return answerError(res, 400, 'BAD_REQUEST', message);
  }
  req.deadline = { expiresAt: performance.now() + ms, isAborted: () => res.destroyed };
  next();
};

/** Yoga reads the whole address as a URL, and shows its stack where that fails. */
const onlyUrls: Handler = (req, res, next) => {
  if (URL.canParse(`http://${req.headers.host ?? 'localhost'}${req.originalUrl}`)) return next();
  answerError(
    res,
    400,
    'BAD_REQUEST',
    'The Host header is not a host; send the one of the address you called.',
  );
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A query by GET carries JSON in its address. */
const onlyJsonParameters: Handler = (req, res, next) => {
  const { query } = req;
  const wrong = ['variables', 'extensions'].find((name) => query[name] && !isJson(String(query[name])));
  if (wrong === undefined) return next();
  answerError(res, 400, 'BAD_REQUEST', `The parameter ${wrong} is not valid JSON.`);
};

/** JSON is the one form a POST may have: any other is refused with that reason instead of being guessed at. */
const onlyJson: Handler = (req, res, next) => {
  if (req.method !== 'POST' || req.is('application/json')) return next();
  answerError(
    res,
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    'Send the query as JSON with the header content-type: application/json.',
  );
};

/** Refuses a request when the client would not accept the form of its answer, before its command is executed. */
const onlyAnswerable: Handler = (req, res, next) => {
  if (req.method !== 'POST' || isAnswerable(req.headers.accept)) return next();
  answerError(res, 406, 'NOT_ACCEPTABLE', `The header accept must allow one of ${ANSWER_FORMS}.`);
};

const MAX_SHOWN = 80;

/**
 * Yoga would read an empty body once more, and return the error of JSON.parse; and one with a `then` it would take
 * for a promise.
 */
const onlyParameters: Handler = (req, res, next) => {
  const isList = Array.isArray(req.body) && req.body.length > 0;
  if (req.method !== 'POST' || isList) return next();
  const entries = Object.entries((req.body as object | undefined) ?? {});
  const odd = entries.find(([name, value]) => value !== null && !PARAMETERS.includes(name));
  if (entries.length > 0 && odd === undefined) return next();
  const message = odd
    ? `Unexpected parameter "${odd[0].slice(0, MAX_SHOWN)}" in the request body.`
    : 'The body has no query; send {"query": "…"}, with variables if it has some.';
  answerError(res, 400, 'BAD_REQUEST', message);
};

/** Errors before GraphQL: bodies that are too large or no JSON, and the database out of reach. */
function answerFailures({ log }: Parts) {
  return (
    error: Error & { status?: number; type?: string },
    req: HttpExchange['req'],
    res: Response,
    _next: NextFunction,
  ): void => {
    if (error.type === 'entity.too.large') {
      answerError(
        res,
        413,
        'PAYLOAD_TOO_LARGE',
        `The body is larger than ${bodyLimitOf(req)}; send less at once.`,
      );
    } else if (error.type === 'entity.parse.failed') {
      answerError(res, 400, 'BAD_REQUEST', 'The body is not valid JSON.');
    } else if (error.status !== undefined && error.status >= 400 && error.status < 500) {
      answerError(
        res,
        error.status,
        'BAD_REQUEST',
        'The request could not be read; check its headers and encoding.',
      );
    } else if (isUnreachable(error)) {
      res.setHeader('retry-after', RETRY_AFTER_SECONDS);
      answerError(res, 503, 'UNAVAILABLE', 'The database is out of reach; try again in a moment.');
    } else {
      log.error({ err: error, requestId: req.id }, 'a request failed');
      answerError(
        res,
        500,
        'INTERNAL_SERVER_ERROR',
        `Something went wrong on our side; the log has it under ${req.id}.`,
      );
    }
  };
}

/** The headers that a middleware sets for every request, so that it need not be run for each. */
function headersOf(middleware: ReturnType<typeof helmet>): [string, string][] {
  const headers = new Map<string, string>();
  const res = {
    setHeader: (name: string, value: string) => headers.set(name.toLowerCase(), value),
    removeHeader: (name: string) => headers.delete(name.toLowerCase()),
  };
  middleware({} as Request, res as unknown as Response, (error) => {
    if (error) throw error;
  });
  return [...headers];
}

/** GraphiQL is a page with scripts of its own; everything else is data and may load nothing. */
function safetyHeaders(graphiql: boolean): Handler {
  const strict = headersOf(helmet());
  const page = headersOf(helmet({ contentSecurityPolicy: false }));
  return (req, res, next) => {
    const wantsPage =
      graphiql && req.method === 'GET' && req.path === '/graphql' && Boolean(req.accepts('html'));
    for (const [name, value] of wantsPage ? page : strict) res.setHeader(name, value);
    next();
  };
}

function health(parts: Parts): express.Router {
  const router = express.Router();
  router.get('/live', (_req, res) => {
    res.json({ status: 'live' });
  });
  // Open to everyone without a limit: concurrent requests share one query to the database.
  let pendingQuery: Promise<unknown> | null = null;
  router.get('/ready', async (_req, res) => {
    try {
      pendingQuery ??= parts.db.rows('SELECT 1').finally(() => {
        pendingQuery = null;
      });
      await pendingQuery;
      res.json({ status: 'ready' });
    } catch {
      res.status(503).json({ status: 'waiting for the database' });
    }
  });
  return router;
}

/** Answers 405 to methods that the route does not have; Express would answer OPTIONS itself. */
function onlyMethods(...allowed: string[]): Handler {
  return (req, res, next) => {
    if (allowed.includes(req.method)) return next();
    res.setHeader('allow', allowed.join(', '));
    answerError(res, 405, 'METHOD_NOT_ALLOWED', `This address can be called with ${allowed.join(' and ')}.`);
  };
}

/** Lets pages of the named origins call a route, preflights included; without origins there is nothing to let in. */
function browsersMayCall({ corsOrigins }: Parts['config']): Handler {
  if (corsOrigins.length === 0) return (_req, _res, next) => next();
  return cors({
    origin: corsOrigins.includes('*') ? '*' : corsOrigins,
    methods: ['GET', 'POST'],
    maxAge: 600,
    exposedHeaders: ['x-request-id', 'retry-after', 'ratelimit', 'ratelimit-policy'],
  });
}

function edgeOf(parts: Parts): AuthenticationParts {
  const { config, secretKey } = parts;
  const rates = new Rates(config);
  return {
    rates,
    addresses: new ClientAddresses(config.trustProxy, secretKey),
    refuser: new Refuser(),
    signIns: new SignIns(parts, rates),
  };
}

/** Builds the application on its parts. It opens no resources of its own. */
export function createApp(parts: Parts): Express {
  const { config } = parts;
  const yoga = createYoga<HttpExchange, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    graphiql: config.graphiql && {
      title: 'Comptoir',
      defaultQuery: FIRST_QUERY,
      ...(config.demo && { headers: '{"authorization": "Bearer demo-planner"}' }),
    },
    // GraphiQL is nine megabytes: loaded at the first request for it.
    renderGraphiQL: async (page) => (await import('@graphql-yoga/render-graphiql')).renderGraphiQL(page),
    logging: false,
    cors: false,
    batching: false,
    parserAndValidationCache: { documentCache: documentCache(), errorCache: documentCache() },
    plugins: [
      limits({ introspection: config.graphiql, allowed: config.queryLimits }),
      operations,
      codesNotFound,
      streams,
    ],
    maskedErrors: { maskError: (error) => presentError(error, parts.log, config.graphiql) },
    context: ({ req, params }) =>
      contextFor(
        parts,
        req.caller ?? null,
        req.id ?? '',
        req.signInAgain,
        req.deadline,
        params.variables ?? {},
        req.addressKey,
      ),
  });

  const app = express();
  app.disable('x-powered-by');
  app.enable('case sensitive routing');
  app.set('trust proxy', config.trustProxy);
  const edge = edgeOf(parts);
  const signIn = authenticate(parts, edge);
  const { pool } = parts.db;
  const { takeTurn, enterGate } = admission(ADMISSION, {
    callerLimits: config.callerLimits,
    hasSiblings: config.apiProcesses > 1,
    refuser: edge.refuser,
    databaseUse: () => (pool.totalCount - pool.idleCount) / pool.options.max,
  });
  app.use(observe(parts.log), safetyHeaders(config.graphiql));
  app.use(onlyHosts(config.allowedHosts));
  const browsers = browsersMayCall(config);
  const reading = onlyMethods('GET', 'HEAD');
  app.use('/health', reading, health(parts));
  app.all('/metrics', reading, showMetrics(parts, edge));
  app.all('/charts/forecast/:sku/:location.svg', browsers);
  app.use('/charts', reading, signIn, takeTurn, enterGate, charts(parts));
  app.all(
    '/graphql',
    browsers,
    onlyMethods('GET', 'HEAD', 'POST'),
    onlyUrls,
    signIn,
    readDeadline,
    onlyJson,
    onlyAnswerable,
    onlyJsonParameters,
    takeTurn,
    readBody,
    persistedOperations(config, schema),
    onlyParameters,
    enterGate,
    async (req, res) => {
      if (!(await answerPlainPost(yoga, { req, res }))) await yoga.requestListener(req, res);
    },
  );
  app.use((_req, res) => {
    answerError(res, 404, 'NOT_FOUND', 'There is nothing here; the API is at /graphql.');
  });
  app.use(answerFailures(parts));
  return app;
}
