// Metrics for Prometheus; each is declared here once.

import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';

const registry = new Registry();
collectDefaultMetrics({ register: registry, prefix: 'comptoir_' });

// Sums over their own labels, as gauges with names that end like those of counters: Prometheus can add them up itself.
for (const what of ['handles', 'requests', 'resources']) {
  registry.removeSingleMetric(`comptoir_nodejs_active_${what}_total`);
}

const registers = [registry];

/** What stands for every label value that is not on its list. */
export const OTHER = 'other';

/** The values that a label may have. Arbitrary values sent by clients do not create series of their own. */
export class LabelValues {
  readonly #known: Set<string>;

  constructor(known: readonly string[] = []) {
    this.#known = new Set(known);
  }

  /** Adds a value that the program itself declares, while its modules are loaded. */
  declare(value: string): void {
    this.#known.add(value);
  }

  of(value: string | number): string {
    const text = String(value);
    return this.#known.has(text) ? text : OTHER;
  }
}

/** Kinds of refusals, declared with their GraphQL types. */
export const REFUSAL_KINDS = new LabelValues();
/** Names of commands, declared where they are defined. */
export const COMMAND_NAMES = new LabelValues();

export const httpRequests = new Counter({
  name: 'comptoir_http_requests_total',
  help: 'HTTP requests that have ended, streams too, by route, method, status and kind of GraphQL operation',
  labelNames: ['route', 'method', 'status', 'operation'] as const,
  registers,
});

export const httpRequestSeconds = new Histogram({
  name: 'comptoir_http_request_seconds',
  help: 'Duration of HTTP requests by route and status, without streams',
  labelNames: ['route', 'status'] as const,
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  registers,
});

export const streamsOpen = new Gauge({
  name: 'comptoir_streams',
  help: 'Streams of subscriptions open now',
  registers,
});

export const streamSeconds = new Histogram({
  name: 'comptoir_stream_seconds',
  help: 'How long streams of subscriptions were open when they ended',
  buckets: [0.1, 1, 10, 60, 300, 1_800, 7_200, 43_200],
  registers,
});

export const limitedRequests = new Counter({
  name: 'comptoir_limited_requests_total',
  help: 'Requests that were refused, by the limit they met',
  labelNames: ['limit'] as const,
  registers,
});

export const refusals = new Counter({
  name: 'comptoir_refusals_total',
  help: 'Business refusals by kind',
  labelNames: ['kind'] as const,
  registers,
});

export const unexpectedErrors = new Counter({
  name: 'comptoir_unexpected_errors_total',
  help: 'Errors that were masked and logged under an id',
  registers,
});

export const queryPoints = new Histogram({
  name: 'comptoir_query_cost_points',
  help: 'Points that queries and mutations came to; a point is about a microsecond of processor',
  buckets: [100, 1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 200_000],
  registers,
});

export const commandSeconds = new Histogram({
  name: 'comptoir_act_seconds',
  help: 'Transactions of commands by action, retries included',
  labelNames: ['action'] as const,
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  registers,
});

export const commandBatchSize = new Histogram({
  name: 'comptoir_act_batch_size',
  help: 'Requests that went into one transaction, by action',
  labelNames: ['action'] as const,
  buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  registers,
});

export const queueLength = new Gauge({
  name: 'comptoir_queue_length',
  help: 'Requests waiting for the next batch, by action',
  labelNames: ['action'] as const,
  registers,
});

export const lockSeconds = new Histogram({
  name: 'comptoir_shelf_lock_seconds',
  help: 'Time to get the locks of the shelves of one transaction',
  buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
  registers,
});

export const jobRuns = new Counter({
  name: 'comptoir_job_runs_total',
  help: 'Job runs by job and outcome',
  labelNames: ['job', 'status'] as const,
  registers,
});

export const bookDrift = new Gauge({
  name: 'comptoir_book_drift_rows',
  help: 'Rows of stockDrift at the last check of the stock levels; anything but 0 is an alarm',
  registers,
});

export const subscriptions = new Gauge({
  name: 'comptoir_subscriptions',
  help: 'Subscriptions that watch for changes now',
  registers,
});

export const webhookAttempts = new Counter({
  name: 'comptoir_webhook_attempts_total',
  help: 'Webhook deliveries tried, by how the attempt ended',
  labelNames: ['outcome'] as const,
  registers,
});

export const reads = new Counter({
  name: 'comptoir_reads_total',
  help: 'Reads that may come from a replica, by the server that answered',
  labelNames: ['door'] as const,
  registers,
});

export const replicaFallbacks = new Counter({
  name: 'comptoir_replica_fallbacks_total',
  help: 'Reads that a replica was to answer and the primary did, by why: it was behind, or it failed',
  labelNames: ['reason'] as const,
  registers,
});

export const replicaLag = new Gauge({
  name: 'comptoir_replica_lag_seconds',
  help: 'How far each replica was behind at the last look; the worst of all processes',
  labelNames: ['replica'] as const,
  aggregator: 'max',
  registers,
});

export const processes = new Gauge({
  name: 'comptoir_processes',
  help: 'Processes of this program, of which all figures here are the sum',
  registers,
});
processes.set(1);

/** The figures of one process, or of several put together, as they travel between processes. */
export type Figures = MetricObjectWithValues<MetricValue<string>>[];

/** What this process has counted. */
export function ownFigures(): Promise<Figures> {
  return registry.getMetricsAsJSON();
}

/** Figures of several processes as those of one: sums, except for metrics declared as not summed. */
export function together(figures: Figures[]): Promise<Figures> {
  return AggregatorRegistry.aggregate(figures).getMetricsAsJSON();
}

let fromOthers: () => Promise<Figures[]> = async () => [];

/** Sets how this process gets the figures of the other processes of its program. */
export function setFigureSource(figures: () => Promise<Figures[]>): void {
  fromOthers = figures;
}

/** Prometheus' text form. */
export const FIGURES_TYPE = registry.contentType;

/** The figures of the whole program in Prometheus' text form, from any of its processes. */
export async function figuresText(): Promise<string> {
  const others = await fromOthers();
  if (others.length === 0) return registry.metrics();
  return AggregatorRegistry.aggregate([await ownFigures(), ...others]).metrics();
}
