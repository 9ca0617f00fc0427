// Supervises API processes: starts them, replaces those that die, collects their metrics, ends them.

import cluster, { type Worker } from 'node:cluster';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../config/config';
import { type Figures, ownFigures, setFigureSource, together } from '../metrics';
import { OperatorError } from '../refusals';
import {
  connectSiblings,
  type Notice,
  PendingRequests,
  type PrimaryMessage,
  type WorkerMessage,
} from '../runtime/processes';
import type { Api } from './api';
import { closeWithWorker } from './handover';
import { tryAddress } from './listenAddress';

/** A worker that ran this long after it opened is replaced at once: its end has a new cause. */
const STEADY_MS = 10_000;
/** One that ends sooner is replaced after a wait that doubles up to the longest … */
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;
/** … and after so many times in a row the program gives up. */
const MAX_EARLY_DEATHS = 5;
/** Time that a worker has to stop listening before the shutdown continues without its message. */
const LEAVE_LIMIT_MS = 2_000;
/** Beyond the drain time, for closing the database's connections; then it is killed. */
const GRACE_MS = 5_000;

/** One worker process, restarted whenever it ends. */
interface WorkerSlot {
  number: number;
  worker: Worker;
  state: 'loading' | 'loaded' | 'opening' | 'open' | 'left' | 'ended';
  /** The reason of its last refusal to start. */
  refused: string | null;
  earlyDeaths: number;
  steady: NodeJS.Timeout | null;
}

/** Counters of an ended process are kept in the sums; its gauges are not. */
const lasting = (figures: Figures): Figures =>
  figures.filter(({ type }) => ['counter', 'histogram', 'summary'].includes(String(type)));

/** Several processes that answer the API on one port. They load while the primary process opens the database. */
export class Workers {
  readonly #slots: WorkerSlot[];
  readonly #figuresRequests = new PendingRequests<Figures>();
  readonly #confirmations = new PendingRequests<true>();
  readonly #deliver: ReturnType<typeof connectSiblings>;
  /** The last received figures by worker, and below the sum of those of ended workers. */
  readonly #figures = new Map<Worker, Figures>();
  #departed: Figures = [];
  #opening: { config: Config; port: number } | null = null;
  /** Whether all workers were open once. */
  #hasOpened = false;
  #ending = false;
  #fail: (error: Error) => void = () => {};
  readonly #failed: Promise<never>;
  /** Something about a worker has changed. */
  readonly #changes = new EventEmitter();

  constructor(
    count: number,
    private readonly log: Logger,
  ) {
    this.#failed = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    this.#failed.catch(() => {});
    cluster.setupPrimary({ exec: join(__dirname, 'apiWorker.ts'), args: [] });
    cluster.schedulingPolicy = cluster.SCHED_RR;
    this.#deliver = connectSiblings((notice) => this.#forward(notice, null));
    setFigureSource(() => this.#figuresOfOthers(null));
    this.#slots = Array.from({ length: count }, (_, i) => {
      const slot: WorkerSlot = {
        number: i + 1,
        worker: this.#fork(() => slot),
        state: 'loading',
        refused: null,
        earlyDeaths: 0,
        steady: null,
      };
      return slot;
    });
  }

  /** Has all of them open the API, with settings that were shared by a boot. @throws OperatorError */
  async open(shared: Config): Promise<Api> {
    await this.#until(() => this.#slots.every((slot) => slot.state !== 'loading'));
    // Chosen once: a port that the system chooses anew for a replaced worker would be another.
    const port = await tryAddress(shared);
    this.#opening = { config: shared, port };
    for (const slot of this.#slots) this.#openSlot(slot);
    await this.#until(() => this.#slots.every((slot) => slot.state === 'open'));
    this.#hasOpened = true;
    return {
      port,
      lost: this.#failed,
      leave: () => this.#leave(),
      left: () => this.#left(shared.drainSeconds * 1_000 + GRACE_MS),
      closeNow: () => {
        this.#sendAll({ type: 'closeNow' });
        setTimeout(() => void this.kill(), GRACE_MS).unref();
      },
    };
  }

  /** Kills them, and waits until they have ended. */
  async kill(): Promise<void> {
    this.#ending = true;
    for (const { worker } of this.#slots) worker.process.kill('SIGKILL');
    await this.#allExited();
  }

  async #leave(): Promise<void> {
    this.#ending = true;
    this.#sendAll({ type: 'leave' });
    // A worker that is still starting has no requests under way.
    for (const { state, worker } of this.#slots) if (state === 'loading') worker.process.kill('SIGKILL');
    const all = this.#until(() => this.#slots.every(({ state }) => state === 'left' || state === 'ended'));
    await Promise.race([all, sleep(LEAVE_LIMIT_MS, undefined, { ref: false })]);
  }

  async #left(limitMs: number): Promise<void> {
    const tooLate = setTimeout(() => {
      this.log.warn('workers that did not end were killed');
      void this.kill();
    }, limitMs);
    await this.#allExited();
    clearTimeout(tooLate);
  }

  #allExited(): Promise<void> {
    return this.#until(() => this.#slots.every(({ state }) => state === 'ended'));
  }

  /** Resolves when `test` is true; rejects when the workers have failed, unless they are to end anyway. */
  async #until(test: () => boolean): Promise<void> {
    while (!test()) {
      const change = once(this.#changes, 'change');
      await (this.#ending ? change : Promise.race([change, this.#failed]));
    }
  }

  #fork(slot: () => WorkerSlot): Worker {
    const worker = cluster.fork();
    closeWithWorker(worker);
    this.log.debug({ process: worker.process.pid }, 'an API process is started');
    worker.on('message', (message: WorkerMessage) => {
      // Messages of a dead worker may arrive after its exit.
      if (slot().worker === worker) this.#onMessage(slot(), message);
    });
    worker.on('error', (error) => {
      // A worker that could not be started has no exit event; after a message to a closed channel the exit event follows.
      if (worker.process.pid === undefined) this.#died(slot(), worker, error.message);
    });
    worker.once('exit', (code, signal) => this.#died(slot(), worker, signal ?? `exit code ${code}`));
    return worker;
  }

  #openSlot(slot: WorkerSlot): void {
    if (this.#opening === null || slot.state !== 'loaded') return;
    slot.state = 'opening';
    this.#send(slot.worker, { type: 'open', ...this.#opening });
  }

  #onMessage(slot: WorkerSlot, message: WorkerMessage): void {
    const { worker } = slot;
    switch (message.type) {
      case 'loaded':
        slot.state = 'loaded';
        this.#openSlot(slot);
        break;
      case 'open':
        slot.state = 'open';
        slot.refused = null;
        slot.steady = setTimeout(() => {
          slot.earlyDeaths = 0;
        }, STEADY_MS).unref();
        if (slot.earlyDeaths > 0) this.log.info({ worker: slot.number }, 'an API process is replaced');
        break;
      case 'refused':
        slot.refused = message.sentence;
        // At the first start the operator must fix it; later the cause may be temporary.
        if (!this.#hasOpened) this.#fail(new OperatorError(message.sentence));
        break;
      case 'left':
        slot.state = 'left';
        break;
      case 'news':
        this.#deliver(message.notice);
        void this.#forward(message.notice, worker).then(() =>
          this.#send(worker, { type: 'confirmed', requestId: message.requestId }),
        );
        break;
      case 'confirmed':
        this.#confirmations.answered(message.requestId, true);
        break;
      case 'figures':
        void this.#answer(worker, message.requestId);
        break;
      case 'answer':
        this.#figuresRequests.answered(message.requestId, message.figures);
    }
    this.#changes.emit('change');
  }

  #died(slot: WorkerSlot, worker: Worker, how: string): void {
    void this.#keepLastFigures(worker);
    if (slot.steady !== null) clearTimeout(slot.steady);
    slot.state = 'ended';
    if (!this.#ending) void this.#replace(slot, how);
    this.#changes.emit('change');
  }

  async #replace(slot: WorkerSlot, how: string): Promise<void> {
    slot.earlyDeaths += 1;
    const { number, earlyDeaths } = slot;
    if (earlyDeaths >= MAX_EARLY_DEATHS) {
      const reason = slot.refused ?? 'its output is above';
      this.#fail(
        new OperatorError(
          `An API process died ${earlyDeaths} times in a row as soon as it was started (${how}): ${reason}`,
        ),
      );
      return;
    }
    this.log.warn({ worker: number, how }, 'an API process died; another takes its place');
    if (earlyDeaths > 1)
      await sleep(Math.min(FIRST_WAIT_MS * 2 ** (earlyDeaths - 2), LONGEST_WAIT_MS), undefined, {
        ref: false,
      });
    if (this.#ending) return;
    slot.state = 'loading';
    slot.worker = this.#fork(() => slot);
  }

  async #keepLastFigures(worker: Worker): Promise<void> {
    const last = this.#figures.get(worker);
    if (last === undefined) return;
    this.#figures.delete(worker);
    this.#departed = await together([this.#departed, lasting(last)]);
  }

  /** The figures of this process, of ended workers, and of all workers but one. */
  async #figuresOfOthers(requester: Worker | null): Promise<Figures[]> {
    const others = this.#slots.filter(({ worker, state }) => worker !== requester && state === 'open');
    const answers = await Promise.all(
      others.map(async ({ worker }) => {
        const figures = await this.#figuresRequests.request((requestId) =>
          this.#send(worker, { type: 'figures', requestId }),
        );
        if (figures !== null && !worker.isDead()) this.#figures.set(worker, figures);
        return figures;
      }),
    );
    return [this.#departed, ...answers.filter((figures) => figures !== null)];
  }

  async #answer(worker: Worker, requestId: number): Promise<void> {
    const figures = [await ownFigures(), ...(await this.#figuresOfOthers(worker))];
    this.#send(worker, { type: 'answer', requestId, figures });
  }

  /** Sends a notice to all workers except its sender; resolves when they have confirmed. */
  async #forward(notice: Notice, from: Worker | null): Promise<void> {
    const others = this.#slots.filter(({ worker, state }) => worker !== from && state === 'open');
    const confirmations = others.map(({ worker }) =>
      this.#confirmations.request((requestId) => this.#send(worker, { type: 'news', notice, requestId })),
    );
    await Promise.all(confirmations);
  }

  #send(worker: Worker, message: PrimaryMessage): void {
    if (worker.isConnected()) worker.send(message, undefined, () => {});
  }

  #sendAll(message: PrimaryMessage): void {
    for (const { worker } of this.#slots) this.#send(worker, message);
  }
}
