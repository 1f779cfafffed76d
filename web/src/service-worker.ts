// Keeps what was fetched, so that the page works without a connection; and isolates it from other origins, so that it may have
// threads. It fetches nothing but the page's own files.

/** Names what was built; another build begins a new store. */
declare const __BUILD__: string;
/** What the page and its workers may do; the page's own `meta` does not bind its workers. */
declare const __POLICY__: string;

const worker = self as unknown as ServiceWorkerGlobalScope;

const STORE = `visard-${__BUILD__}`;

worker.addEventListener('install', () => void worker.skipWaiting());

worker.addEventListener('activate', (event) => {
  const old = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name !== STORE).map((name) => caches.delete(name)));
    await worker.clients.claim();
  };
  event.waitUntil(old());
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && new URL(request.url).origin === worker.location.origin) {
    event.respondWith(answer(request));
  }
});

/** The page itself from the server if it answers, all else from the store first. */
async function answer(request: Request): Promise<Response> {
  const store = await caches.open(STORE);
  const fresh = async () => {
    const response = await fetch(request);
    if (response.ok) await store.put(request, response.clone());
    return response;
  };
  if (request.mode === 'navigate') {
    const kept = () => store.match(request, { ignoreSearch: true });
    return isolated(await fresh().catch(async () => (await kept()) ?? Response.error()));
  }
  return isolated((await store.match(request)) ?? (await fresh()));
}

function isolated(response: Response): Response {
  if (response.type === 'error') return response;
  const headers = new Headers(response.headers);
  headers.set('Content-Security-Policy', __POLICY__);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
