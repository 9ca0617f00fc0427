// Every setting that the program reads from the environment: its default and its description. `npm run docs` writes them
// into the settings table of src/server/README.md.

import { QUOTAS } from '../access/rules/quotas';

interface DeclaredSetting {
  /** A number is the default itself; a text describes what applies when the variable is not set. */
  default: number | string;
  description: string;
}

type QuotaSetting = (typeof QUOTAS)[keyof typeof QUOTAS]['setting'];

const QUOTA_SETTINGS = Object.fromEntries(
  Object.values(QUOTAS).map(({ setting, usual, description }) => [setting, { default: usual, description }]),
) as Record<QuotaSetting, { default: number; description: string }>;

// biome-ignore format: a table is read by its lines
export const SETTINGS = {
  DATABASE_URL: { default: 'the embedded server', description: 'PostgreSQL 15 or newer: `postgresql://user:password@host:5432/database`. `?pgbouncer=true` declares a pooler.' },
  DATABASE_DIRECT_URL: { default: '`DATABASE_URL`', description: 'The database itself when `DATABASE_URL` leads to a pooler: for migrations, `LISTEN`, imports and the worker threads of nightly jobs.' },
  DATABASE_REPLICA_URL: { default: 'none', description: 'Streaming replicas, separated by commas, that answer availability and planners’ reads.' },
  REPLICA_MAX_LAG_MS: { default: 50, description: 'Milliseconds that a read waits for a replica to catch up; a replica further behind is not used.' },
  DATABASE_POOL_SIZE: { default: '20 for one process; else 10 × (processes + 1), at most 80 unless the processes need more', description: 'Connections of the whole program, shared out among its processes. Each needs 4.' },
  DATA_DIR: { default: '`.comptoir`', description: 'Folder of the embedded server and of the secrets made for it.' },
  SECRET_KEY: { default: 'made and kept in `DATA_DIR` with the embedded server; else required', description: 'At least 32 characters that cannot be guessed, the same on every instance. Pickup codes, tokens and webhook secrets are derived from it.' },
  NODE_ENV: { default: 'none', description: '`production` switches off GraphiQL, introspection, the demonstration and webhooks to private addresses.' },
  PORT: { default: 4000, description: 'TCP port of the API; 0 lets the system choose.' },
  HOST: { default: '`127.0.0.1`', description: 'Address to listen on.' },
  ALLOWED_HOSTS: { default: '`localhost,127.0.0.1,[::1]`; any in production', description: 'Host names without port that requests may name, separated by commas; `*` is any. Others get 421 `HOST_NOT_ALLOWED`.' },
  TRUST_PROXY: { default: 'none', description: 'Proxies in front: how many, or their addresses and subnets. Without it every caller behind them has the proxy’s address.' },
  CORS_ORIGINS: { default: 'none', description: 'Origins whose pages may call `/graphql` and charts, separated by commas, or `*`. Without any, preflights get 405.' },
  API_PROCESSES: { default: 'the cores, at most 8 and as many as the pool allows', description: 'Processes that answer the API on the one port. 1: one process does everything.' },
  JOBS: { default: 'on', description: 'Run the timetable of jobs inside the API program.' },
  JOB_TAKEOVER_SECONDS: { default: 60, description: 'Seconds without a heartbeat after which a machine that runs jobs counts as dead, and others take over its runs and partitions (2 to 3600).' },
  DEMO: { default: 'on with the embedded server, never in production', description: 'Load the demonstration chain into an empty database.' },
  GRAPHIQL: { default: 'on; off in production', description: 'GraphiQL and introspection.' },
  PERSISTED_OPERATIONS: { default: 'none', description: 'File of operations that clients name instead of sending them.' },
  PERSISTED_OPERATIONS_ONLY: { default: 'off', description: 'Storefronts may run only the operations of that file.' },
  // A fifth of a second of processor time: the largest page that a shop's screens request costs a third of it.
  MAX_QUERY_COST: { default: 200_000, description: 'Points that one request may cost; a point is about a microsecond of processor time.' },
  DRY_RUN_SECONDS: { default: 30, description: 'Seconds that the simulations of one request (`whatIf`, `whatIfPrice`, `replayPolicy`) may take together, waiting for a thread included, and that `retentionReport` counts.' },
  MAX_QUERY_CHARACTERS: { default: 100_000, description: 'Characters of a query’s text, comments and spaces included.' },
  MAX_QUERY_TOKENS: { default: 4_000, description: 'Names, numbers, texts and signs of a query.' },
  MAX_QUERY_ALIASES: { default: 60, description: 'Aliases of a query.' },
  MAX_QUERY_DEPTH: { default: 12, description: 'Fields within fields of a query.' },
  MAX_QUERY_BREADTH: { default: 600, description: 'Fields of a query, each counted where it is selected.' },
  MAX_QUERY_SELECTIONS: { default: 200, description: 'Fields and fragments between one pair of braces of a query.' },
  MAX_ANSWER_ERRORS: { default: 100, description: 'Errors that one answer lists; further ones are counted in a last error `TOO_MANY_ERRORS`.' },
  RATE_PER_TOKEN: { default: 20_000, description: 'Requests of one token in 10 seconds. `0` or `off` switches this limit off; so for the limits below, except where noted.' },
  RATE_PER_ADDRESS: { default: 40_000, description: 'Requests with good tokens from one address in 10 seconds.' },
  RATE_WITHOUT_TOKEN: { default: 600, description: 'Requests without a good token from one address in 10 seconds.' },
  WRONG_TOKENS_PER_ADDRESS: { default: 300, description: 'Unknown tokens that are looked up for one address in a minute.' },
  RATE_PER_PAGE_ADDRESS: { default: 300, description: 'Requests with publishable tokens, which stand in pages of shops, from one address in 10 seconds.' },
  PAGE_RESERVATIONS_PER_ADDRESS: { default: 60, description: 'Reservations with publishable tokens from one address in 10 minutes, so that one visitor does not reserve all stock. Visitors of one company can have one address.' },
  CONCURRENT_PER_TOKEN: { default: 2_000, description: 'Requests of one token at once in one process, under way or waiting.' },
  CONCURRENT_WITHOUT_TOKEN: { default: 100, description: 'Requests without a token from one address at once in one process.' },
  FAIR_SLICE_MS: { default: 2, description: 'While others use the program, requests of a token with more than 4 at once begin only while less than this many milliseconds of the event loop’s work is under way, in turns by caller; of larger requests one at a time.' },
  CONNECTIONS_PER_ADDRESS: { default: 6_000, description: 'Connections from one address to one process; not applied behind a trusted proxy.' },
  STREAMS_PER_PROCESS: { default: 10_000, description: 'Subscriptions in one process. This limit cannot be switched off.' },
  STREAMS_PER_ACTOR: { default: 2_000, description: 'Subscriptions of one actor in one process.' },
  STREAMS_PER_ADDRESS: { default: 5_000, description: 'Subscriptions from one address in one process.' },
  PUBLIC_STOCK_CAP: { default: 4, description: 'Largest number of units of a SKU at a location that is disclosed to a storefront; of more it learns “at least so many”. Cannot be switched off.' },
  ...QUOTA_SETTINGS,
  SESSION_IDLE_MINUTES: { default: 60, description: 'Minutes without use after which a person’s session ends (2 to 1440).' },
  SESSION_HOURS: { default: 12, description: 'Hours after which a person’s session ends however much it is used (1 to 720).' },
  TOKEN_SIGN_IN: { default: 'on; off in production', description: 'A person may open a session with a pasted token (`POST /session`).' },
  SESSION_OPERATIONS_ONLY: { default: 'off; on in production', description: 'Sessions of people may run only the operations of the pages that this server delivers; programs use tokens.' },
  PIN_IDLE_MINUTES: { default: 5, description: 'Minutes without use after which a session on a shared tablet ends (2 to 60).' },
  PIN_LENGTH: { default: 6, description: 'Digits that a new PIN has at least (4 to 10). Those set before stay good.' },
  PIN_ATTEMPTS: { default: 5, description: 'Wrong PINs in a row after which a person’s PIN is locked until a manager unlocks it (3 to 20).' },
  WRONG_PINS_PER_DEVICE: { default: 20, description: 'Wrong PINs on one shared tablet in a quarter of an hour, of all persons together; further ones are refused.' },
  SSO_ISSUER: { default: 'none', description: 'Address of the OpenID Connect provider of the retailer’s people. Needs `PUBLIC_URL`, `SSO_CLIENT_ID` and `SSO_GROUPS`; register `<PUBLIC_URL>/session/single-sign-on/callback` there.' },
  SSO_CLIENT_ID: { default: 'none', description: 'Id of this server at the provider.' },
  SSO_CLIENT_SECRET: { default: 'none', description: 'Secret of this server at the provider; without it a public client, which PKCE protects.' },
  SSO_SCOPES: { default: '`openid profile email`', description: 'What is requested of the provider, separated by spaces.' },
  SSO_GROUPS_CLAIM: { default: '`groups`', description: 'Claim of the ID token that lists the groups of a person.' },
  SSO_GROUPS: { default: 'none', description: 'What groups of the provider may do, as JSON: `{"rivoli": {"role": "STAFF", "locations": ["paris-rivoli"], "manager": true}}`. The first of a person’s groups decides the role; groups of the same role add up their locations.' },
  SSO_CLOCK_TOLERANCE_SECONDS: { default: 30, description: 'Seconds by which the clocks of this server and the provider may differ (0 to 300).' },
  METRICS_TOKEN: { default: 'none', description: 'A token of 32 characters or more that reads `/metrics` and nothing else, also while the database is away.' },
  LOG_LEVEL: { default: '`info`', description: '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.' },
  WEBHOOKS_TO_PRIVATE_ADDRESSES: { default: 'on; off in production', description: 'Allow webhooks to plain http and private addresses.' },
  IMPORT_REJECT_DAYS: { default: 30, description: 'Days that rejected lines of imports are kept (1 to 3650).' },
  CUSTOMER_IDENTIFIER_LIMITS: { default: 'WEB_ACCOUNT=1,LOYALTY_CARD=2,EMAIL=5,PHONE=5', description: 'Most identifiers of a kind (accounts at one storefront, numbers of one feed) that automatic joins may bring together in one customer. A person may join ten times as many.' },
  TRUSTED_SOURCES: { default: 'order,return,customers,sale', description: 'Sources of names and addresses of customers, the most trusted first, separated by commas. Decides between statements of one day.' },
  SHARED_IDENTIFIERS: { default: 'info@,contact@,caisse@,accueil@,magasin@,boutique@,noreply@,no-reply@', description: 'E-mail addresses and telephone numbers that several people use, separated by commas: they join nobody. One that ends with `@` stands for every domain.' },
  SHARED_IDENTIFIER_CLAIMS: { default: 10, description: 'An e-mail address or telephone number that stood beside this many other identifiers counts as shared (2 to 200).' },
  TILL_CUSTOMER_MAX_LINES: { default: 5_000, description: 'Most lines of imported sales of one customer number (1 to 1,000,000). A number with more, such as that of customers without a card, is no person’s: its sales are no customer’s.' },
  CUSTOMER_MATCH_JOIN_BITS: { default: 7, description: 'Log2 odds from which matchCustomers joins customers, reversibly (0 to 60): 7 is 128 to 1.' },
  CUSTOMER_MATCH_PROPOSE_BITS: { default: 0, description: 'Log2 odds from which matchCustomers proposes a join to data stewards (-10 to 60): 0 is as likely as not.' },
  CUSTOMER_MATCH_MAX_RECORDS: { default: 200_000, description: 'Most records of people that matchCustomers compares, the newest first (100 to 1,000,000). Each needs some 5 kB of memory.' },
  EXPORT_LINK_DAYS: { default: 7, description: 'Days in which the files of an export of a customer’s data can be fetched; then they are deleted (1 to 30).' },
  ERASURE_ACKNOWLEDGE_DAYS: { default: 14, description: 'Days in which each receiver of `customer.erased` should acknowledge that it erased the customer too (1 to 30); then `erasureReport` shows it as overdue.' },
  RETENTION: { default: 'on', description: 'The job `applyRetention` erases personal data past the terms below once a day. `off`: `retentionReport` still lists what it would erase.' },
  RETENTION_PROSPECT_YEARS: { default: 3, description: 'Years after the last active contact in which personal data of people without any order, return or purchase is kept (1 to 30).' },
  RETENTION_CONTRACT_YEARS: { default: 5, description: 'Years after the last closed order, return or purchase in which a customer is kept (1 to 30), and closed orders and returns show their personal data to those who serve them.' },
  RETENTION_DOCUMENT_YEARS: { default: 10, description: 'Years after which personal data of a closed order or return is erased (1 to 30), not less than RETENTION_CONTRACT_YEARS. Between the two only administrators see it.' },
  CASE_REOPEN_DAYS: { default: 7, description: 'Days after its resolution in which a contact about the same thing reopens a case (0 to 365).' },
  CASE_TOPIC_DAYS: { default: 7, description: 'Days between contacts of a customer with the same topic that are one case (0 to 365).' },
  CHATWOOT_WEBHOOK_SECRET: { default: 'none', description: 'Secret that Chatwoot shows for its webhook. Without it `/contacts/chatwoot` is closed.' },
  ZENDESK_WEBHOOK_SECRET: { default: 'none', description: 'Signing secret of the Zendesk webhook. Without it `/contacts/zendesk` is closed.' },
  INTERCOM_WEBHOOK_SECRET: { default: 'none', description: 'Client secret of the Intercom app whose webhooks are received. Without it `/contacts/intercom` is closed.' },
  FRESHDESK_WEBHOOK_SECRET: { default: 'none', description: 'Secret that a Freshdesk automation rule sends in the header `x-comptoir-secret`, at least 16 characters. Without it `/contacts/freshdesk` is closed.' },
  CONTACT_STOREFRONTS: { default: 'none', description: 'Storefront whose accounts contacts name, for contacts that name none: the name of one storefront, or one by source, such as `chatwoot:1=web-fr,zendesk=web-be` (`*` for all others).' },
  PUBLIC_URL: { default: 'none', description: 'Address under which customers reach this server, for the links of orders’ pages and of surveys. Without it notices have no links, and no surveys are sent.' },
  ORDER_LINK_DAYS: { default: 30, description: 'Days after an order is closed in which the link of its page still opens it (0 to 365).' },
  SURVEY_DAYS: { default: 14, description: 'Days in which a customer can answer a survey (0 to 365). 0: no surveys are sent.' },
  SURVEY_DELAY_HOURS: { default: 24, description: 'Hours after a collection or the resolution of a case in which its survey is sent (0 to 720).' },
  SURVEY_INTERVAL_DAYS: { default: 90, description: 'Days in which a customer gets one survey at most (0 to 3650). 0: one after each collection and each case.' },
  OCCURRED_PAST_HOURS: { default: 72, description: 'Hours that the `occurredAt` of an act may lie before the time at which it is recorded (0 to 720).' },
  OCCURRED_FUTURE_MINUTES: { default: 5, description: 'Minutes that it may lie after that time, because clocks differ (0 to 60).' },
  AGENT_HOURS: { default: 12, description: 'Hours after a look-up of a customer in which an agent may act for the customer (0 to 720). Of a case that is assigned to the agent as long as it is open.' },
  SUGGEST_NEAR_KM: { default: 30, description: 'Kilometres around the shop of a late order in which `customerContext` looks for its units (1 to 1000).' },
  SUGGEST_COLLECT_HOURS: { default: 24, description: 'Hours before a ready order goes back to the shelf in which a reminder is suggested (0 to 720).' },
  SUGGEST_RETURN_DAYS: { default: 3, description: 'Days before the end of a return window in which a return is suggested (0 to 365).' },
  SUGGEST_CANCEL_HOURS: { default: 24, description: 'Hours that an order must be late, with none of its units in a near shop, before its cancellation is suggested (0 to 720).' },
  ROUTE_CASE_SECONDS: { default: 60, description: 'Seconds that a contact waits for an agent who knows its case before any other is advised (0 to 86400).' },
  ROUTE_SKILL_SECONDS: { default: 300, description: 'Seconds that a contact waits for an agent with a soft skill (0 to 86400).' },
  ROUTE_LANGUAGE_SECONDS: { default: 300, description: 'Seconds that a contact waits for an agent with a soft language (0 to 86400).' },
  ROUTE_CUSTOMER_SECONDS: { default: 180, description: 'Seconds of waiting after which it no longer counts that an agent knows the customer (0 to 86400).' },
  ROUTE_SHOP_SECONDS: { default: 120, description: 'Seconds of waiting after which the shop of the order no longer counts (0 to 86400).' },
  ROUTE_PREFERENCE_SECONDS: { default: 60, description: 'Seconds of waiting after which the shop that the customer uses most no longer counts (0 to 86400).' },
  DRAIN_SECONDS: { default: 20, description: 'Seconds that requests under way get to finish on SIGTERM.' },
} as const satisfies Record<string, DeclaredSetting>;

export type SettingName = keyof typeof SETTINGS;

/** Settings with a number as their default. */
export type NumberSetting = {
  [N in SettingName]: (typeof SETTINGS)[N]['default'] extends number ? N : never;
}[SettingName];
