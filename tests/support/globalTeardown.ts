// Stops the server of the run and removes its data.

import { rmSync } from 'node:fs';
import type {} from './globalSetup';

export default async function globalTeardown(): Promise<void> {
  const server = globalThis.comptoirRunServer;
  if (!server) return;
  await server.embedded.stop();
  for (const folder of server.folders) rmSync(folder, { recursive: true, force: true });
}
