// The service worker of the counter: serves the shell of the page, so that it starts without a network.

/** Files of the shell and a hash of them; the bundler fills these in. */
declare const SHELL: string[];
declare const VERSION: string;

interface WorkerEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface RequestEvent extends WorkerEvent {
  request: Request;
  respondWith(response: Promise<Response>): void;
}
interface WorkerScope {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  addEventListener(name: 'install' | 'activate', handler: (event: WorkerEvent) => void): void;
  addEventListener(name: 'fetch', handler: (event: RequestEvent) => void): void;
}

const scope = self as unknown as WorkerScope;
const CACHE = `counter-${VERSION}`;
const PAGE = '/counter';
/** A slow network is answered from the cache after this time. */
const PAGE_TIMEOUT_MS = 2_500;

async function cached(path: string): Promise<Response> {
  return (await caches.match(path)) ?? Response.error();
}

/** The page from the network, so that a new version is seen at once; else as it was last. */
async function page(request: Request): Promise<Response> {
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PAGE_TIMEOUT_MS) });
    return response.ok ? response : await cached(PAGE);
  } catch {
    return cached(PAGE);
  }
}

async function asset(request: Request, path: string): Promise<Response> {
  return (await caches.match(path)) ?? fetch(request);
}

async function dropOldCaches(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  await scope.clients.claim();
}

scope.addEventListener('install', (event) => {
  const filled = caches.open(CACHE).then((cache) => cache.addAll(SHELL));
  event.waitUntil(filled.then(() => scope.skipWaiting()));
});

scope.addEventListener('activate', (event) => event.waitUntil(dropOldCaches()));

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (request.mode === 'navigate' && pathname === PAGE) event.respondWith(page(request));
  else if (SHELL.includes(pathname) && pathname !== PAGE) event.respondWith(asset(request, pathname));
});
