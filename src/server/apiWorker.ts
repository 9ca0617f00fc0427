// One of several API processes: it opens and drains on messages of the primary process, and ends with it.

import type { Config } from '../config/config';
import { type Figures, ownFigures, setFigureSource } from '../metrics';
import { OperatorError } from '../refusals';
import {
  connectSiblings,
  PendingRequests,
  type PrimaryMessage,
  type WorkerMessage,
} from '../runtime/processes';
import { type Api, openApi } from './api';
import { join, run } from './boot';

// Ctrl-C reaches every process of a terminal; the primary process decides when and how to end. That this process does
// not outlive it is ensured by node:cluster, which ends a worker when its channel is closed.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

const sendToPrimary = (message: WorkerMessage, onSent: () => void = () => {}): void => {
  if (process.connected) process.send!(message, undefined, undefined, onSent);
};

interface OpenedApi {
  api: Api;
  close(): Promise<void>;
}

async function open(config: Config, port: number): Promise<OpenedApi> {
  const { parts, close } = join(config);
  try {
    return { api: await openApi(parts, port, true), close };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    // The primary process reports it at the right moment.
    sendToPrimary({ type: 'refused', sentence: error.message }, () => process.exit(1));
    return new Promise(() => {});
  }
}

async function leave(opening: Promise<OpenedApi> | null): Promise<void> {
  if (opening !== null) {
    const { api, close } = await opening;
    await api.leave();
    sendToPrimary({ type: 'left' });
    await api.left();
    await close();
  }
  process.exit(0);
}

async function main(): Promise<void> {
  const figuresRequests = new PendingRequests<Figures[]>();
  setFigureSource(
    async () =>
      (await figuresRequests.request((requestId) => sendToPrimary({ type: 'figures', requestId }))) ?? [],
  );
  const confirmations = new PendingRequests<true>();
  const deliver = connectSiblings(async (notice) => {
    await confirmations.request((requestId) => sendToPrimary({ type: 'news', notice, requestId }));
  });
  let opening: Promise<OpenedApi> | null = null;
  process.on('message', (message: PrimaryMessage) => {
    switch (message.type) {
      case 'open':
        opening = open(message.config, message.port);
        void run(async () => {
          await opening;
          sendToPrimary({ type: 'open' });
        }).then(() => process.exitCode && process.exit());
        break;
      case 'leave':
        void run(() => leave(opening));
        break;
      case 'closeNow':
        void opening?.then(({ api }) => api.closeNow());
        break;
      case 'news':
        deliver(message.notice);
        sendToPrimary({ type: 'confirmed', requestId: message.requestId });
        break;
      case 'confirmed':
        confirmations.answered(message.requestId, true);
        break;
      case 'figures':
        void ownFigures().then((figures) =>
          sendToPrimary({ type: 'answer', requestId: message.requestId, figures }),
        );
        break;
      case 'answer':
        figuresRequests.answered(message.requestId, message.figures);
    }
  });
  sendToPrimary({ type: 'loaded' });
}

void run(main);
