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
import { answerPlainPost } from '../graphql/plainPost';
import { ADMISSION, Admission } from './admission';
import { type AuthenticationParts, authenticate } from './authenticate';
import { bodyLimitOf, readBody } from './body';
import { ClientAddresses } from './clientAddress';
import { customerExports } from './customerExports';
import { ELEMENT_ENDPOINT, elementOperations, pagesMayCall, withoutCookies } from './elementRequests';
import { FIRST_QUERY } from './firstQuery';
import { charts } from './forecastCharts';
import { helpDesks } from './helpDesks';
import { onlyHosts } from './hosts';
import { showMetrics } from './metricsRoute';
import { observe } from './observe';
import { operations } from './operations';
import { orderPages } from './orderPages';
import { pagePaths } from './pages/addresses';
import { pageTexts } from './pages/operations';
import { pages } from './pages/routes';
import { Rates } from './rates';
import { Refuser } from './refusing';
import type { ApiHandler, ApiRequest } from './request';
import {
  onlyAnswerable,
  onlyJson,
  onlyJsonParameters,
  onlyMethods,
  onlyParameters,
  onlyUrls,
  readDeadline,
} from './requestChecks';
import { schema } from './schema';
import { sessions } from './sessions';
import { SignIns } from './signIns';
import { streams } from './streams';
import { surveyPages } from './surveys';

interface HttpExchange {
  req: ApiRequest;
  res: Response;
}
type Handler = ApiHandler;

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

/** The GraphQL endpoint: plugins, limits, errors and GraphiQL. */
function yogaOf(parts: Parts) {
  const { config } = parts;
  return createYoga<HttpExchange, Context>({
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
}

/** The pages for people, the script of the element, and the shop of a demonstration. */
function servePages(app: Express, parts: Parts): void {
  const reading = onlyMethods('GET', 'HEAD');
  const page = pages(parts);
  app.use(pagePaths(parts.config.demo), reading, page);
  app.all('/elements/availability.js', reading, page);
  app.all('/', reading, page);
}

/** The route of the element, with the checks of `/graphql`. */
function serveElement(
  app: Express,
  parts: Parts,
  edge: AuthenticationParts,
  { takeTurn, enterGate, answerGraphQL }: Record<'takeTurn' | 'enterGate' | 'answerGraphQL', Handler>,
): void {
  app.all(
    ELEMENT_ENDPOINT,
    pagesMayCall,
    onlyMethods('POST'),
    onlyUrls,
    withoutCookies,
    authenticate(parts, edge, { tokens: 'PUBLISHABLE' }),
    readDeadline,
    onlyJson,
    onlyAnswerable,
    onlyJsonParameters,
    takeTurn,
    readBody,
    elementOperations(edge),
    enterGate,
    answerGraphQL,
  );
}

/** Builds the application on its parts. It opens no resources of its own. */
export function createApp(parts: Parts): Express {
  const { config } = parts;
  const yoga = yogaOf(parts);
  const app = express();
  app.disable('x-powered-by');
  app.enable('case sensitive routing');
  app.set('trust proxy', config.trustProxy);
  const edge = edgeOf(parts);
  const signIn = authenticate(parts, edge);
  const { pool } = parts.db;
  const { takeTurn, enterGate } = new Admission(ADMISSION, {
    callerLimits: config.callerLimits,
    hasSiblings: config.apiProcesses > 1,
    refuser: edge.refuser,
    databaseUse: () => (pool.totalCount - pool.idleCount) / pool.options.max,
  });
  app.use(observe(parts.log, parts.clock), safetyHeaders(config.graphiql));
  app.use(onlyHosts(config.allowedHosts));
  const browsers = browsersMayCall(config);
  const reading = onlyMethods('GET', 'HEAD');
  app.use('/health', reading, health(parts));
  app.all('/metrics', reading, showMetrics(parts, edge));
  app.all('/charts/forecast/:sku/:location.svg', browsers);
  app.all('/charts/level-forecast.svg', browsers);
  app.use('/charts', reading, signIn, takeTurn, enterGate, charts(parts));
  app.use('/surveys', onlyMethods('GET', 'HEAD', 'POST'), signIn, takeTurn, surveyPages(parts, enterGate));
  app.use('/o', onlyMethods('GET', 'HEAD', 'POST'), orderPages(parts, [signIn, takeTurn], enterGate));
  app.use('/customer-exports', reading, signIn, takeTurn, enterGate, customerExports(parts));
  servePages(app, parts);
  app.use('/contacts', onlyMethods('POST'), signIn, takeTurn, helpDesks(parts, enterGate));
  app.use('/session', sessions(parts, edge, [takeTurn, enterGate]));
  const answerGraphQL: Handler = async (req, res) => {
    if (!(await answerPlainPost(yoga, { req, res }))) await yoga.requestListener(req, res);
  };
  serveElement(app, parts, edge, { takeTurn, enterGate, answerGraphQL });
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
    persistedOperations(config, schema, pageTexts),
    onlyParameters,
    enterGate,
    answerGraphQL,
  );
  app.use((_req, res) => {
    answerError(res, 404, 'NOT_FOUND', 'There is nothing here; the API is at /graphql.');
  });
  app.use(answerFailures(parts));
  return app;
}
