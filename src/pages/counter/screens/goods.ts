// Goods that come, go and are counted: transfers, deliveries of suppliers, and blind counts, each worked off by scan.

import { batch, computed, signal } from '@preact/signals';
import { ApiProblem } from '../../foundation/api';
import { playTone } from '../../foundation/sound';
import { readSnapshot, storeSnapshot } from '../../foundation/storage';
import { gtinOfScan, itemsOfScan, unitsOfCode } from '../articleCodes';
import { api, connection, openScreen, outbox, route, shop } from '../state';
import {
  COUNT_ID,
  type GoodsAnswer,
  type GoodsArticle,
  type GoodsTask,
  type GoodsTaskLine,
  tasksOf,
} from './goodsTasks';
import { texts } from './messages';

interface GoodsSnapshot {
  tasks: GoodsTask[];
}
/** What was scanned of a task, by the code of the article. */
export type Scanned = Record<string, number>;

/** Null until they were read once. */
const allTasks = signal<GoodsTask[] | null>(null);
/** What is still to be done: a task whose command waits in the outbox is not. */
export const tasks = computed(
  () =>
    allTasks.value?.filter(
      ({ id }) => !outbox.value.some(({ orderId, state }) => orderId === id && state === 'WAITING'),
    ) ?? null,
);
export const openTask = computed(() => tasks.value?.find(({ id }) => id === route.value.key) ?? null);
export const scanned = signal<Scanned>({});
/** Articles of a count that nobody has requested. */
export const added = signal<GoodsTaskLine[]>([]);
export const goodsMessage = signal<{ isRight: boolean; text: string } | null>(null);

export const taskLines = computed(() => [...(openTask.value?.lines ?? []), ...added.value]);

/** The shop that the tasks are of. */
let shownShop: string | null = null;

const listName = (): string => `goods:${shop.value!.code}`;
const workName = (id: string): string => `goods-work:${shop.value!.code}:${id}`;

function show(isRight: boolean, text: string): void {
  goodsMessage.value = { isRight, text };
  playTone(isRight ? 'right' : 'wrong');
}

/** Reads what is to be done with goods; without a network what was read last. */
export async function readGoods(): Promise<void> {
  const { code } = shop.value!;
  if (shownShop !== code) allTasks.value = null;
  shownShop = code;
  try {
    const answer: GoodsAnswer = await api.send(
      'goods',
      { location: code },
      { isBackground: true, retries: 0 },
    );
    const read = tasksOf(answer);
    if (shop.value?.code !== code) return;
    allTasks.value = read;
    await readExpected(read);
    await storeSnapshot(listName(), { tasks: allTasks.value } satisfies GoodsSnapshot);
  } catch (error) {
    if (error instanceof ApiProblem && error.kind === 'UNREACHABLE') connection.value = 'OFFLINE';
    allTasks.value ??= (await readSnapshot<GoodsSnapshot>(listName()))?.tasks ?? null;
  }
}

/** The units by the ledger: never shown, but a count is refused when they changed while it was taken. @throws ApiProblem */
async function levelsOf(skus: string[]): Promise<GoodsTaskLine[]> {
  if (skus.length === 0) return [];
  const { location } = await api.send('shelves', { location: shop.value!.code, skus });
  return (location?.stock ?? [])
    .filter((level) => level !== null)
    .map(({ sku, available, reserved }) => ({ sku, quantity: 0, ledger: available + reserved }));
}

async function readExpected(read: GoodsTask[]): Promise<void> {
  const count = read.find(({ id }) => id === COUNT_ID)!;
  const levels = await levelsOf(count.lines.map(({ sku }) => sku.code));
  const ledger = new Map(levels.map((level) => [level.sku.code, level.ledger]));
  const lines = count.lines.map((line) => ({ ...line, ledger: ledger.get(line.sku.code) ?? null }));
  allTasks.value = read.map((task) => (task === count ? { ...count, lines } : task));
}

/** The task that `scanned` belongs to, with its shop, and the reading of what this device has scanned of it. */
let begun: { name: string; restored: Promise<void> } | null = null;

/** Begins with a task, or goes on with what this device has scanned of it. */
export async function beginTask(id: string): Promise<void> {
  const name = workName(id);
  if (begun?.name === name) return begun.restored;
  batch(() => {
    scanned.value = {};
    added.value = [];
    goodsMessage.value = null;
  });
  begun = { name, restored: restoreWork(name) };
  return begun.restored;
}

async function restoreWork(name: string): Promise<void> {
  const work = await readSnapshot<{ scanned: Scanned; added: GoodsTaskLine[] }>(name);
  if (work === null || begun?.name !== name) return;
  batch(() => {
    // What was typed during the reading is newer.
    scanned.value = { ...work.scanned, ...scanned.value };
    added.value = work.added;
  });
}

/** Sets the units of an article. They are on the disk, so that a closed tab does not lose a long count. */
export function setUnits(id: string, sku: string, units: number): void {
  scanned.value = { ...scanned.value, [sku]: Math.max(0, units) };
  void storeSnapshot(workName(id), { scanned: scanned.value, added: added.value });
}

/** Removes what was scanned, once it was given to the outbox. */
export async function endTask(id: string): Promise<void> {
  batch(() => {
    scanned.value = {};
    added.value = [];
  });
  await storeSnapshot(workName(id), { scanned: {}, added: [] });
}

/** Adds the units of a scan: one, or those of a case. */
function addScan({ id, kind }: GoodsTask, { sku, quantity }: GoodsTaskLine, code: string): void {
  const t = texts.value;
  const inScan = itemsOfScan(code) * (unitsOfCode(sku, codeIn(code)) ?? 1);
  const units = (scanned.value[sku.code] ?? 0) + inScan;
  setUnits(id, sku.code, units);
  if (kind === 'COUNT') show(true, t.goodsCounted(sku.name, units));
  else if (units > quantity) show(false, t.goodsTooMany(sku.name, units, quantity));
  else show(true, t.goodsScanned(sku.name, units, quantity));
}

/** What an article of a scan is found by. */
const codeIn = (scan: string): string => gtinOfScan(scan) ?? scan.trim();

/** The article of a code, whatever it is scanned for. @throws ApiProblem */
async function articleOf(code: string): Promise<GoodsArticle | null> {
  const gtin = gtinOfScan(code);
  const by = gtin === null ? { code: code.trim().toUpperCase() } : { gtin };
  return (await api.send('articleBy', { by })).sku;
}

/** An article that the task does not have: a count takes it, for the others it is a mistake. */
async function takeOther(task: GoodsTask, code: string): Promise<void> {
  const t = texts.value;
  try {
    const article = await articleOf(code);
    if (article === null) return show(false, t.scanUnknown(code));
    if (task.kind !== 'COUNT') return show(false, t.goodsOther(article.name));
    const [line] = await levelsOf([article.code]);
    if (line === undefined) return show(false, t.scanUnknown(code));
    if (!taskLines.value.some(({ sku }) => sku.code === line.sku.code)) added.value = [...added.value, line];
    addScan(task, line, code);
  } catch {
    show(false, t.goodsUnknownOffline(code));
  }
}

/** Takes a scan or a typed code: a number opens its task, an article counts one unit. */
export async function takeGoodsScan(code: string): Promise<void> {
  const task = openTask.value;
  if (task === null) {
    const wanted = tasks.value?.find(({ number }) => number === code.trim().toUpperCase());
    if (wanted === undefined) show(false, texts.value.goodsNoNumber(code));
    else {
      // The next scan may come before the screen is drawn.
      openScreen(`goods/${wanted.id}`);
      await beginTask(wanted.id);
    }
    return;
  }
  // A unit is added to those that were scanned before.
  await beginTask(task.id);
  const line = taskLines.value.find(({ sku }) => unitsOfCode(sku, codeIn(code)) !== null);
  if (line === undefined) await takeOther(task, code.trim());
  else addScan(task, line, code);
}
