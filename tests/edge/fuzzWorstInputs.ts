// The largest input of every mutation: as many lines, rules or documents as it takes.

import { randomUUID } from 'node:crypto';
import { gtinCheckDigit } from '../../src/catalog/rules/codes';
import { encodeGlobalID } from '../../src/graphql/ids';
import {
  type ArgsOf,
  id,
  ids,
  MAX_BULK,
  MAX_LINES,
  MAX_PAGE,
  numbered,
  skuLines,
  some,
  type WorstWorld,
} from './fuzzWorstValues';

const document =
  (name: string, type: string, beside: ArgsOf = () => ({})): ArgsOf =>
  (world, size) => ({ [name]: id(world, type), ...beside(world, size) });
const lines: ArgsOf = (world, size) => ({ lines: skuLines(world, size) });
const gtinOf = (n: number): string => {
  const body = `8${String(n).padStart(12, '0')}`;
  return `${body}${gtinCheckDigit(body)}`;
};
const hours = numbered(14, 1, (i) => ({
  weekday: 1 + (i % 7),
  opensAt: i < 7 ? '08:00' : '13:00',
  closesAt: i < 7 ? '12:00' : '19:00',
}));
const receipt = (world: WorstWorld, size: number): object => ({
  number: `worst-${randomUUID().slice(0, 12)}`,
  soldAt: world.now,
  lines: skuLines(world, size),
});

const consents: ArgsOf = (world, size) => ({
  consents: numbered(500, size, (i) => ({
    address: { email: `worst-${i}@example.com` },
    purpose: 'MARKETING',
    channel: 'EMAIL',
    at: world.now,
    textVersion: 'x'.repeat(100),
    proof: 'x'.repeat(200),
  })),
});

/** Inputs of mutations beside their key. */
export const MUTATION_INPUTS: Readonly<Record<string, ArgsOf>> = {
  acknowledgeForecastAlert: (world, size) => ({ alerts: ids(world, 'ForecastAlert', MAX_PAGE, size) }),
  adjustStock: (world, size) => ({
    location: world.locations[0],
    lines: some(world.skus, MAX_LINES, size).map((sku) => ({ sku, delta: 1, reason: 'FOUND' })),
  }),
  answerSurvey: () => ({ token: 'x'.repeat(200), answer: { csat: 5, nps: 10, ces: 7, wasResolved: true } }),
  approveCount: document('count', 'StockCount'),
  approveCounts: () => ({ run: 1 }),
  approveReplenishmentProposals: (world, size) => ({
    proposals: ids(world, 'ReplenishmentProposal', MAX_PAGE, size),
  }),
  approveTransferReceipt: document('transfer', 'Transfer'),
  assignCase: document('case', 'ServiceCase', (world) => ({ agent: id(world, 'ServiceAgent') })),
  cancelCount: document('count', 'StockCount'),
  cancelOrder: document('order', 'Order', () => ({ reason: 'CUSTOMER_CHANGED_MIND' })),
  cancelTransfer: document('transfer', 'Transfer'),
  closeCase: document('case', 'ServiceCase', () => ({ survey: true })),
  closePurchaseOrder: document('purchaseOrder', 'PurchaseOrder'),
  collectOrder: document('order', 'Order', (world, size) => ({
    code: 'AAAA-AAAA',
    paid: true,
    lines: skuLines(world, size),
  })),
  countStock: (world, size) => ({
    location: world.locations[1],
    lines: some(world.skus, MAX_LINES, size).map((sku, i) => ({ sku, quantity: i % 9 })),
  }),
  createActor: (world, size) => ({
    name: `worst ${randomUUID().slice(0, 8)}`,
    role: 'STAFF',
    locations: some(world.locations, 100, size),
  }),
  createDevice: (world) => ({ location: world.locations[0], name: 'worst' }),
  createPurchaseOrder: (world, size) => ({
    supplier: world.suppliers[0],
    location: world.locations[0],
    lines: skuLines(world, size),
  }),
  createToken: document('actor', 'Actor'),
  createTransfer: (world, size) => ({
    from: world.locations[0],
    to: world.locations[1],
    lines: skuLines(world, size),
  }),
  deleteCalendarEvents: (_world, size) => ({ codes: numbered(MAX_BULK, size, (i) => `event-${i}`) }),
  deleteWebhook: document('webhook', 'Webhook'),
  dispatchTransfer: document('transfer', 'Transfer'),
  editReplenishmentProposal: document('proposal', 'ReplenishmentProposal', () => ({
    quantity: 1,
    reason: 'worst',
  })),
  acknowledgeErasure: (world) => ({
    erasureId: '00000000-0000-4000-8000-000000000000',
    webhook: id(world, 'Webhook'),
  }),
  eraseCustomer: document('customer', 'Customer'),
  exportCustomer: document('customer', 'Customer'),
  extendReservation: document('reservation', 'Reservation', () => ({ holdMinutes: 10 })),
  imHere: document('order', 'Order'),
  importCustomers: (_world, size) => ({
    ...{ feed: 'worst-crm', country: 'FR' },
    lines: numbered(MAX_BULK, size, (i) => ({
      ...{ externalId: randomUUID(), fullName: `Worst ${i}`, email: `worst-crm-${i}@example.com` },
      ...{ phone: `06${String(i).padStart(8, '0')}`, loyaltyCard: `W${i}`, tillCustomer: `${i}` },
      ...{ verified: ['EMAIL', 'PHONE', 'LOYALTY_CARD'], consentAt: '2026-11-20T09:00:00Z' },
      consents: numbered(10, 1, () => ({ purpose: 'MARKETING', channel: 'EMAIL' })),
    })),
  }),
  importSales: (world, size) => ({
    feed: 'worst',
    lines: numbered(MAX_BULK, size, (i) => ({
      location: world.locations[i % world.locations.length],
      sku: world.skus[i % world.skus.length],
      day: '2026-11-20',
      units: 1,
      revenueMinor: 990,
      document: `d${i}`,
      line: '1',
      customer: `customer ${i}`,
    })),
  }),
  ingestContacts: (_world, size) => ({
    source: 'worst',
    contacts: numbered(MAX_BULK, size, (i) => ({
      ...{ externalId: randomUUID(), channel: 'EMAIL', at: '2026-11-20T09:00:00Z', state: 'OPEN' },
      ...{ topic: `TOPIC-${i % 9}`, handler: `agent-${i % 99}` },
      identifiers: numbered(10, 1, (j) => ({ kind: 'EMAIL', value: `worst-${i}-${j}@example.com` })),
    })),
  }),
  markReady: document('order', 'Order', () => ({ stagingArea: 'A1' })),
  decideLinkProposals: (_world, size) => ({
    decisions: numbered(100, size, (i) => ({
      proposal: encodeGlobalID('LinkProposal', `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`),
      decision: 'ACCEPT',
    })),
    reason: 'one person',
  }),
  joinCustomers: (world) => ({
    customers: [id(world, 'Customer'), id(world, 'Customer')],
    reason: 'worst',
  }),
  noteContact: (world) => ({
    ...{ location: world.locations[0], resolved: false, topic: 'WORST' },
    identifiers: numbered(10, 1, (j) => ({ kind: 'EMAIL', value: `worst-${j}@example.com` })),
  }),
  onMyWay: document('order', 'Order'),
  openCount: (world, size) => ({
    location: world.locations[2] ?? world.locations[0],
    reason: 'worst',
    skus: some(world.skus, MAX_LINES, size),
  }),
  pickLine: document('order', 'Order', ({ skus: [sku] }) => ({ sku, quantity: 1 })),
  placeOrder: (world, size) => ({
    location: world.locations[0],
    lines: skuLines(world, size),
    payment: 'PAID',
    allowPartial: true,
    customer: { name: 'Anne Martin', email: 'anne@example.com', contactChannel: 'EMAIL' },
  }),
  placePurchaseOrder: document('purchaseOrder', 'PurchaseOrder'),
  quarantineStock: (world, size) => ({
    location: world.locations[0],
    reason: 'worst',
    lines: skuLines(world, size),
  }),
  receivePurchaseOrder: document('purchaseOrder', 'PurchaseOrder', lines),
  receiveReturn: (world, size) => ({
    location: world.locations[0],
    receipt: receipt(world, size),
    lines: skuLines(world, size, { disposition: 'RESTOCK' }),
  }),
  receiveStock: (world, size) => ({ location: world.locations[0], lines: skuLines(world, size) }),
  receiveTransfer: document('transfer', 'Transfer', lines),
  recordConsent: consents,
  registerWebhook: (_world, size) => ({
    url: 'https://hooks.example.com/worst',
    topics: numbered(20, size, () => 'order.*'),
  }),
  reissuePickupCode: document('order', 'Order'),
  rejectReplenishmentProposals: (world, size) => ({
    proposals: ids(world, 'ReplenishmentProposal', MAX_PAGE, size),
    reason: 'worst',
  }),
  rejectReturn: document('return', 'Return', () => ({ reason: 'worst' })),
  releaseQuarantine: (world, size) => ({
    location: world.locations[0],
    lines: skuLines(world, size, { to: 'RESTOCK' }),
  }),
  releaseReservation: document('reservation', 'Reservation'),
  removeSkuAliases: (_world, size) => ({ codes: numbered(MAX_BULK, size, (i) => `alias-${i}`) }),
  requestReturn: (world, size) => ({ receipt: receipt(world, size), lines: skuLines(world, size) }),
  reserveStock: (world, size) => ({
    location: world.locations[0],
    lines: skuLines(world, size),
    allowPartial: true,
  }),
  restrictProcessing: document('customer', 'Customer', () => ({ restricted: true })),
  retryDelivery: (world) => ({ message: id(world, 'OutboxMessage'), webhook: id(world, 'Webhook') }),
  resetPin: document('actor', 'Actor'),
  revokeDevice: () => ({ device: encodeGlobalID('Device', 987_654) }),
  revokeSession: () => ({ session: encodeGlobalID('Session', 987_654) }),
  revokeCustomerExport: document('export', 'CustomerExport'),
  revokeToken: () => ({ token: encodeGlobalID('AccessToken', 987_654) }),
  rotateWebhookSecret: document('webhook', 'Webhook'),
  sendTestMessage: document('webhook', 'Webhook'),
  setReplenishmentBudget: (world, size) => ({
    // Spans of one scope may not overlap: one for each location and year.
    budgets: numbered(Math.min(MAX_BULK, 60 * world.locations.length), size, (i) => ({
      location: world.locations[i % world.locations.length],
      fromDay: `${2030 + Math.floor(i / world.locations.length)}-01-01`,
      toDay: `${2030 + Math.floor(i / world.locations.length)}-02-01`,
      amount: { amountMinor: 100_000, currency: 'EUR' },
    })),
  }),
  setReplenishmentPolicy: (world, size) => ({
    rules: some(world.skus, MAX_BULK, size).map((sku) => ({ sku, serviceA: 0.98, reviewDays: 7 })),
  }),
  setSafetyStock: (world, size) => ({
    rules: some(world.skus, MAX_BULK, size).map((sku) => ({ sku, quantity: 1 })),
  }),
  setSkuSupplier: (world, size) => ({
    offers: some(world.skus, MAX_BULK, size).map((sku) => ({
      ...{ sku, supplier: world.suppliers[0], unitCost: { amountMinor: 400, currency: 'EUR' }, packSize: 6 },
    })),
  }),
  setWebhookActive: document('webhook', 'Webhook', () => ({ active: true })),
  undoPick: document('order', 'Order', ({ skus: [sku] }) => ({ sku, quantity: 1 })),
  receiveLateUnits: document('transfer', 'Transfer', lines),
  recallTransfer: document('transfer', 'Transfer'),
  reversePurchaseReceipt: document('purchaseOrder', 'PurchaseOrder', (world, size) => ({
    ...lines(world, size),
    reason: 'worst',
  })),
  reverseTransferReceipt: document('transfer', 'Transfer', () => ({ reason: 'worst' })),
  cancelOrderLine: document('order', 'Order', ({ skus: [sku] }) => ({
    ...{ sku, quantity: 1, reason: 'OTHER', note: 'worst' },
  })),
  reportBroken: document('order', 'Order', ({ skus: [sku] }) => ({ sku, quantity: 1, resource: true })),
  shortPick: document('order', 'Order', ({ skus: [sku] }) => ({
    ...{ sku, quantity: 1, reason: 'NOT_FOUND', resource: true },
  })),
  revokeOrderLink: document('order', 'Order'),
  splitCustomer: document('customer', 'Customer', (_world, size) => ({
    identifiers: numbered(50, size, (i) => ({ email: `worst-${i}@example.com` })),
    reason: 'worst',
  })),
  startPicking: (world, size) => ({ orders: ids(world, 'Order', 20, size) }),
  unlockPin: document('actor', 'Actor'),
  unlockPickupCode: document('order', 'Order', () => ({ reason: 'worst' })),
  updateActor: document('actor', 'Actor', (world, size) => ({
    locations: some(world.locations, 100, size),
  })),
  updateWebhook: document('webhook', 'Webhook', () => ({ topics: ['order.*'] })),
  upsertCalendarEvents: (_world, size) => ({
    events: numbered(MAX_BULK, size, (i) => ({
      ...{
        code: `event-${i}`,
        name: `Event ${i}`,
        kind: 'HOLIDAY',
        fromDay: '2026-12-24',
        toDay: '2026-12-26',
      },
    })),
  }),
  upsertLocations: (_world, size) => ({
    locations: numbered(MAX_BULK, size, (i) => ({
      ...{
        code: `worst-${i}`,
        name: `Worst ${i}`,
        kind: 'SHOP',
        timeZone: 'Europe/Paris',
        weeklyHours: hours,
      },
      ...{
        groups: ['worst'],
        point: { latitude: 48, longitude: 2 },
        address: { city: 'Paris', country: 'FR' },
      },
    })),
  }),
  upsertSkuAliases: (world, size) => ({
    aliases: some(world.skus, MAX_BULK, size).map((sku, i) => ({ code: `alias-${i}`, sku })),
  }),
  upsertSkus: (_world, size) => ({
    skus: numbered(MAX_BULK, size, (i) => ({
      ...{ code: `worst-${i}`, name: `Worst article number ${i}`, category: 'Worst/Case' },
      attributes: Object.fromEntries(numbered(20, 1, (j) => [`attribute ${j}`, `value ${i}`])),
      price: { amountMinor: 990, currency: 'EUR' },
      furtherGtins: numbered(20, 1, (j) => ({ gtin: gtinOf(20 * i + j), units: 6 })),
    })),
  }),
  upsertServiceAgents: (world, size) => ({
    agents: numbered(MAX_BULK, size, (i) => ({
      ...{ code: `worst-${i}`, name: 'x'.repeat(200), capacity: 10, available: true },
      ...{ skills: numbered(100, 1, (j) => `TOPIC-${j}`), languages: ['fr', 'en'], channels: ['PHONE'] },
      location: world.locations[i % world.locations.length],
    })),
  }),
  upsertSuppliers: (_world, size) => ({
    suppliers: numbered(MAX_BULK, size, (i) => ({
      ...{ code: `worst-${i}`, name: `Worst ${i}`, leadTimeDays: 3, orderCutOff: '11:00' },
    })),
  }),
  withdrawConsent: consents,
};
