// The address that the API listens on: tries it, and explains to the operator when it is not available.

import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Config } from '../config/config';
import { sqlState } from '../db/transaction';
import { OperatorError } from '../refusals';

/** The sentence for an address that cannot be listened on; any other error as it is. */
function listenProblem(error: Error, host: string, port: number): Error {
  switch (sqlState(error)) {
    case 'EADDRINUSE':
      return new OperatorError(
        `Port ${port} on ${host} is in use; stop what uses it, or set PORT to another.`,
      );
    case 'EACCES':
      return new OperatorError(`This user may not listen on port ${port}; set PORT to 1024 or above.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new OperatorError(
        `HOST is '${host}', which is no address of this machine; try 127.0.0.1 or 0.0.0.0.`,
      );
    default:
      return error;
  }
}

/** Listens, and gives the port (the system's choice for 0). @throws OperatorError for an address that cannot be had */
export async function listenOn(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error) => reject(listenProblem(error, host, port)));
  });
  return (server.address() as AddressInfo).port;
}

/** Tries the address, and gives the port that it has or that the system chose. @throws OperatorError */
export async function tryAddress({ host, port }: Pick<Config, 'host' | 'port'>): Promise<number> {
  const server = createServer();
  const free = await listenOn(server, host, port);
  await new Promise((resolve) => server.close(resolve));
  return free;
}
