// The service worker: it keeps the page for use without a connection, and gives it the headers without which browsers allow
// no shared memory, and so no threads, where the server does not send them.

/** How long a browser may take to start it; the page does without it then. */
const PATIENCE = 5_000;

/** Waits until it answers for the page, so that all that comes after is kept; loads the page anew where that isolates it. */
export async function isolate(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  const { serviceWorker } = navigator;
  const answers = new Promise<void>((resolve) => {
    if (serviceWorker.controller) resolve();
    serviceWorker.addEventListener('controllerchange', () => resolve());
    setTimeout(resolve, PATIENCE);
  });
  await serviceWorker.register('service-worker.js').catch(() => {});
  await answers;
  if (!serviceWorker.controller) return;
  if (!self.crossOriginIsolated && !sessionStorage.getItem('again')) {
    sessionStorage.setItem('again', 'once');
    location.reload();
    await new Promise(() => {});
  }
  await keep();
}

/** Has it keep what came before it was there. */
async function keep(): Promise<void> {
  const came = performance.getEntriesByType('resource').map((entry) => entry.name);
  const own = [location.href, ...came].filter((address) => address.startsWith(location.origin));
  await Promise.all(own.map((address) => fetch(address).catch(() => {})));
}
