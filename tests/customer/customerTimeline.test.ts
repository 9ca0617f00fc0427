// The query customerTimeline: every channel, newest first, filtered and paged; and that it reads the index of each identifier.

import { timelinePage } from '../../src/customer/queries/timeline';
import { startApp, type TestApp } from '../support/app';
import { type People, peopleOf } from './people';

let app: TestApp;
let people: People;
let agent: string;
let web: number;

const QUERY = `query ($by: CustomerKey!, $filter: InteractionFilter, $first: Int, $after: String) {
  customerTimeline(by: $by, filter: $filter, first: $first, after: $after) {
    nodes { kind at channel source isVerified identifier { kind } location { code } order { number } return { number } }
    pageInfo { hasNextPage endCursor } } }` as const;
const BY = { account: 'shopper-1' };
const page = async (more: object = {}, token = agent) => {
  const { data, errors } = await app.gql(token, QUERY, { by: BY, ...more });
  expect(errors).toBeUndefined();
  return data.customerTimeline!;
};
const minutesAgo = (minutes: number): Date => new Date(app.parts.clock().getTime() - minutes * 60_000);
const CHANNELS = ['ONLINE', 'PHONE', 'INSTAGRAM'];

beforeAll(async () => {
  app = await startApp();
  people = peopleOf(app);
  agent = await app.token('AGENT');
  await app.token('STOREFRONT', 'web');
  web = await people.actorId('web');
  const account = people.seen('WEB_ACCOUNT', 'shopper-1', web);
  const email = people.seen('EMAIL', 'anne@example.com', web);
  await people.record({
    kind: 'PROFILE',
    at: minutesAgo(1_000),
    channel: 'ONLINE',
    identifiers: [account, email],
  });
  // Three of each minute, by either identifier, so that pages end between interactions of one time.
  await people.record(
    ...Array.from({ length: 60 }, (_, i) => ({
      kind: i % 2 === 0 ? ('CONTACT' as const) : ('PURCHASE' as const),
      at: minutesAgo(Math.floor(i / 3)),
      channel: CHANNELS[i % 3]!,
      identifiers: [i % 4 === 0 ? email : account],
    })),
  );
  await people.record({ identifiers: [people.seen('EMAIL', 'other@example.com', web)] });
});
afterAll(() => app.close());

test('all channels, newest first, and nobody else’s', async () => {
  const { nodes, pageInfo } = await page({ first: 200 });
  expect(nodes).toHaveLength(61);
  expect(pageInfo.hasNextPage).toBe(false);
  const times = nodes.map(({ at }) => at);
  expect(times).toEqual([...times].sort().reverse());
  expect(new Set(nodes.map(({ channel }) => channel))).toEqual(new Set(CHANNELS));
  expect(nodes.at(-1)).toMatchObject({
    kind: 'PROFILE',
    isVerified: true,
    identifier: { kind: 'WEB_ACCOUNT' },
  });
});

test('pages neither repeat nor miss what has the same time', async () => {
  const whole = (await page({ first: 200 })).nodes.map(({ at, channel, kind }) => `${at} ${channel} ${kind}`);
  const read: string[] = [];
  let after: string | null = null;
  do {
    const next: Awaited<ReturnType<typeof page>> = await page({ first: 7, after });
    read.push(...next.nodes.map(({ at, channel, kind }) => `${at} ${channel} ${kind}`));
    after = next.pageInfo.hasNextPage ? next.pageInfo.endCursor! : null;
  } while (after !== null);
  expect(read).toEqual(whole);
});

test('filters: kinds, channels, times with `to` excluded, and all of them together', async () => {
  const count = async (filter: object) => (await page({ first: 200, filter })).nodes.length;
  expect(await count({ kinds: ['PURCHASE'] })).toBe(30);
  expect(await count({ kinds: [] as string[], channels: ['PHONE'] }).catch(() => 'refused')).toBe('refused');
  expect(await count({ channels: ['PHONE'] })).toBe(20);
  expect(await count({ from: minutesAgo(1) })).toBe(6);
  expect(await count({ to: minutesAgo(1) })).toBe(55);
  expect(await count({ from: minutesAgo(2), to: minutesAgo(1), channels: ['PHONE', 'ONLINE'] })).toBe(2);
  const { errors } = await app.gql(agent, QUERY, {
    by: BY,
    filter: { from: minutesAgo(1), to: minutesAgo(2) },
  });
  expect(errors![0]!.message).toMatch(/^filter\.to is not after filter\.from/);
});

test('a filter and a cursor go together', async () => {
  const filter = { to: minutesAgo(1), channels: ['PHONE'] };
  const first = await page({ first: 5, filter });
  const rest = await page({ first: 200, filter, after: first.pageInfo.endCursor });
  expect(first.nodes.length + rest.nodes.length).toBe(18);
  expect(rest.nodes[0]!.at <= first.nodes.at(-1)!.at).toBe(true);
});

test.each(['nonsense', Buffer.from('1:2:3').toString('base64url'), Buffer.from('x:1').toString('base64url')])(
  'the cursor %s is refused',
  async (after) => {
    const { errors } = await app.gql(agent, QUERY, { by: BY, after });
    expect(errors![0]!.extensions!.code).toBe('BAD_USER_INPUT');
  },
);

test('an unknown customer has no timeline', async () => {
  const { data, errors } = await app.gql(agent, QUERY, { by: { account: 'nobody' } });
  expect(errors).toBeUndefined();
  expect(data.customerTimeline).toBeNull();
});

// Of another customer with many interactions, so that reading everything would not be the cheapest plan.
const FILL = `
  INSERT INTO interaction (kind, source, source_key, at, recorded_at, channel, identifier_id)
  SELECT 'CONTACT', 'fill', n::text, now() - n * interval '1 minute', now(), 'PHONE', (SELECT min(id) + n % 2 FROM identifier)
  FROM generate_series(1, 20000) n`;

interface PlanNode {
  'Node Type': string;
  'Index Name'?: string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  Plans?: PlanNode[];
}
const nodesOf = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

test('a page is read from the index of each identifier, and no more rows than the largest page of each', async () => {
  await app.db.rows(FILL);
  await app.db.rows('ANALYZE interaction');
  const ids = (await app.db.rows<{ id: number }>('SELECT id FROM identifier ORDER BY id')).map(
    ({ id }) => id,
  );
  const client = await app.db.pool.connect();
  try {
    // The plan of a prepared statement that has been used a while.
    await client.query("SET plan_cache_mode = 'force_generic_plan'");
    const view = {
      customerId: '',
      identifiers: ids.slice(0, 2).map((id) => ({ id })) as never,
      vouchedBy: null,
    };
    const nothing = { kinds: null, channels: null, from: null, to: null, orderId: null };
    let text = '';
    const listening = {
      async rows(sql: string) {
        text = sql;
        return [];
      },
    };
    await timelinePage(listening, view, nothing, null, 50);
    await client.query(`PREPARE timeline AS ${text}`);
    const { rows } = await client.query(
      `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE timeline('{${ids.slice(0, 2).join(',')}}', NULL, NULL, 50)`,
    );
    await client.query('DEALLOCATE timeline');
    await client.query('RESET plan_cache_mode');
    const scans = nodesOf(rows[0]['QUERY PLAN'][0].Plan).filter(
      (node) => node['Relation Name'] === 'interaction',
    );
    expect(scans.map((node) => [node['Node Type'], node['Index Name']])).toEqual([
      ['Index Scan', 'interaction_identifier_id_at_idx'],
    ]);
    const [scan] = scans;
    expect(scan!['Actual Rows'] * scan!['Actual Loops']).toBeLessThanOrEqual(402);
  } finally {
    client.release();
  }
});
