// The page without a network. Every build has a cache of its own, filled whole or not at all, so what is
// served is always of one build: the page comes from the network if there is one, and then names files
// that only its own build has; without a network, page and files come from the same cache.
//
// `cargo xtask` writes the build's name and files into the next two lines.
const VERSION = 'none';
const FILES = { fixed: [], loose: [], page: 0 };

const PREFIX = 'kafka-playground-';
const CACHE = PREFIX + VERSION;
const PAGE = './';

const here = (path) => new URL(path, self.registration.scope).href;

/** FNV-1a, as `cargo xtask` computes it. */
function digest(bytes) {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** Fetches the page past the browser's cache, and refuses it if it is of another build. */
async function ownPage() {
  const response = await fetch(here(PAGE), { cache: 'reload' });
  const bytes = new Uint8Array(await response.clone().arrayBuffer());
  if (!response.ok || digest(bytes) !== FILES.page) throw new Error('the page on the server is of another build');
  return response;
}

async function install() {
  const page = await ownPage();
  const cache = await caches.open(CACHE);
  await cache.addAll([
    ...FILES.fixed.map(here),
    ...FILES.loose.map((path) => new Request(here(path), { cache: 'reload' })),
  ]);
  // Last: a cache that has the page has everything.
  await cache.put(here(PAGE), page);
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
}

async function kept(address) {
  return (await caches.open(CACHE)).match(address, { ignoreSearch: true });
}

/** From the network; without one, from this build. */
async function newest(request, address) {
  try {
    const response = await fetch(request);
    if (response.ok) return response;
    return (await kept(address)) ?? response;
  } catch (error) {
    const response = await kept(address);
    if (response) return response;
    throw error;
  }
}

async function fixed(request) {
  return (await kept(request.url)) ?? fetch(request);
}

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(forgetOthers()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const address = request.url.split(/[?#]/)[0];
  if (request.method !== 'GET') return;
  if (address === here(PAGE) || address === here('index.html')) event.respondWith(newest(request, here(PAGE)));
  else if (FILES.fixed.some((path) => address === here(path))) event.respondWith(fixed(request));
  else if (FILES.loose.some((path) => address === here(path))) event.respondWith(newest(request, address));
});
