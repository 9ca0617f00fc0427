// The planner's morning: what the run forecast and proposes, why, what another service level would cost, and an order from proposal to shelf.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, chapter, DemoFailed, type Json } from './client';

const NIGHT_JOBS = ['forecastDemand', 'forecastReturns', 'proposeReplenishment'];
/** A first start forecasts the last run by itself; on a slow machine that takes some minutes. */
const WAIT_LIMIT_MS = 300_000;
const POLL_MS = 1_000;
const SERVICE = 0.98;
/** In whole packs, whatever a pack is. */
const TIMES = 2;

const money = ({ amountMinor, currency }: Json): string => `${(amountMinor / 100).toFixed(2)} ${currency}`;
const round = (units: number): string => String(Math.round(units * 100) / 100);

const OPEN = `query ($source: ReplenishmentSource) {
  replenishmentProposals(first: 200, filter: { statuses: [PROPOSED], source: $source }) { edges { node {
    id quantity level position expectedOn cutDay abc sku { code name } location { code name } supplier { name } from { name }
    cost { amountMinor currency } explanation { method serviceLevel serviceMeasure leadTimeFrom shortWith shortWithout
      terms { kind description units } } } } } }`;

async function proposals(planner: Client, source: 'SUPPLIER' | null): Promise<Json[]> {
  const { replenishmentProposals } = await planner.query(OPEN, { source });
  return replenishmentProposals.edges.map((edge: Json) => edge.node);
}

/** The last effective run of each nightly job. */
async function runs(planner: Client): Promise<Json[]> {
  const found = [];
  for (const job of NIGHT_JOBS) {
    const { jobRuns } = await planner.query(
      'query ($job: String!) { jobRuns(filter: { job: $job }, first: 50) { edges { node { job status figures } } } }',
      { job },
    );
    found.push(
      ...jobRuns.edges
        .map((edge: Json) => edge.node)
        .filter((run: Json) => run.status === 'DONE' && Object.values(run.figures).some((n) => n !== 0))
        .slice(0, 1),
    );
  }
  return found;
}

/** Waits until the run has proposed an order to a supplier. */
async function awaitNight(planner: Client): Promise<Json> {
  const deadline = Date.now() + WAIT_LIMIT_MS;
  for (;;) {
    const [first] = (await proposals(planner, 'SUPPLIER')).sort((a, b) => b.quantity - a.quantity);
    if (first) return first;
    if (Date.now() > deadline) {
      throw new DemoFailed(
        'No purchase is proposed yet; the nightly jobs run at 1 o’clock local time of each location: try again later, or see jobRuns.',
      );
    }
    await sleep(POLL_MS);
  }
}

async function look(planner: Client, wanted: Json): Promise<void> {
  for (const { job, figures } of await runs(planner)) {
    const told = Object.entries(figures)
      .filter(([, n]) => n !== 0)
      .map(([name, n]) => `${name} ${n}`);
    planner.tells(`${job}: ${told.join(', ')}`);
  }
  const { forecast, returnForecast } = await planner.query(
    `query ($sku: String!, $location: String!) {
       forecast(sku: $sku, location: $location) { method methodReason cutDay chartUrl
         sums(windows: [7, 14]) { days mean quantiles { level units } } }
       returnForecast(sku: $sku, location: $location) { resaleableShare sum { mean resaleable } } }`,
    { sku: wanted.sku.code, location: wanted.location.code },
  );
  if (forecast === null) return;
  planner.tells(`${wanted.sku.name} at ${wanted.location.name}, known up to ${forecast.cutDay}:`);
  for (const { days, mean, quantiles } of forecast.sums) {
    const high = quantiles.find((q: Json) => q.level === 0.95);
    planner.tells(`  ${days} days: ${round(mean)} expected, at most ${high.units} in 95 of 100`);
  }
  planner.tells(`  ${forecast.methodReason}`);
  if (returnForecast) {
    planner.tells(
      `  ${round(returnForecast.sum.mean)} come back in the weeks ahead, ${round(returnForecast.sum.resaleable)} for sale again`,
    );
  }
  planner.tells(`  its chart: ${planner.url}${forecast.chartUrl.split('?')[0]}`);
}

function explain(planner: Client, { quantity, explanation, supplier, expectedOn }: Json): void {
  planner.tells(`${quantity} from ${supplier.name}, to be there on ${expectedOn}, because`);
  for (const { description, units } of explanation.terms)
    planner.tells(`  ${round(units).padStart(9)}  ${description}`);
  planner.tells(
    `  ${explanation.serviceMeasure} ${explanation.serviceLevel}: ${round(explanation.shortWithout)} units would be missed without it, ${round(explanation.shortWith)} with it`,
  );
}

async function dryRun(planner: Client, location: string): Promise<void> {
  const totals = 'averageStock lostPerWeek fillRate stock { amountMinor currency }';
  const { whatIf } = await planner.query(
    `query ($level: Float!, $locations: [String!]!) {
       whatIf(change: { serviceLevel: $level, serviceMeasure: FILL_RATE }, filter: { locations: $locations }, first: 1) {
         shelves before { ${totals} } after { ${totals} } } }`,
    { level: SERVICE, locations: [location] },
  );
  const told = ({ averageStock, lostPerWeek, stock }: Json): string =>
    `${Math.round(averageStock)} units on average (${stock.map(money).join(', ')}), ${round(lostPerWeek)} lost a week`;
  planner.tells(`what if the fill rate were ${SERVICE * 100} % on its ${whatIf.shelves} shelves?`);
  planner.tells(`  now:  ${told(whatIf.before)}`);
  planner.tells(`  then: ${told(whatIf.after)}`);
}

const ATP = `query ($sku: String!, $location: String!) {
  availability(skus: [$sku], at: { locations: [$location] }) { locations { quantity } } }`;

async function atp(planner: Client, { sku, location }: Json): Promise<number> {
  const { availability } = await planner.query(ATP, { sku: sku.code, location: location.code });
  return availability[0].locations[0].quantity;
}

async function orderAndReceive(planner: Client, admin: Client, wanted: Json): Promise<void> {
  const quantity = wanted.quantity * TIMES;
  const edited = await planner.does(
    'editReplenishmentProposal',
    { proposal: wanted.id, quantity, reason: 'a club has announced a tour' },
    'proposal { quantity quantityProposed editReason }',
  );
  const { proposal } = edited;
  planner.tells(`${proposal.quantityProposed} → ${proposal.quantity}: ${proposal.editReason}`);
  const approved = await planner.does(
    'approveReplenishmentProposals',
    { proposals: [wanted.id] },
    'purchaseOrders { id number status expectedAt lines { quantity sku { code } } } refused { message }',
  );
  const [purchase] = approved.purchaseOrders;
  if (!purchase) throw new DemoFailed(approved.refused[0]?.message ?? 'nothing was ordered');
  planner.tells(`approved: ${purchase.number} is ${purchase.status}`);
  const before = await atp(planner, wanted);
  const received = await admin.does(
    'receivePurchaseOrder',
    { purchaseOrder: purchase.id, lines: [{ sku: wanted.sku.code, quantity }] },
    'purchaseOrder { status }',
  );
  admin.tells(`${purchase.number} is ${received.purchaseOrder.status}`);
  planner.tells(
    `${wanted.sku.code} available at ${wanted.location.name}: ${before} before, ${await atp(planner, wanted)} now`,
  );
}

/** The whole morning, after the run that the server has run by itself. */
export async function morning(planner: Client, admin: Client): Promise<void> {
  chapter('The nightly jobs have forecast; the planner reads and decides');
  const wanted = await awaitNight(planner);
  await look(planner, wanted);
  explain(planner, wanted);
  await dryRun(planner, wanted.location.code);
  await orderAndReceive(planner, admin, wanted);
}
