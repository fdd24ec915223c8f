// The service worker: keeps the files of one build, and from then on gives them with a server or without one.
//
// The build puts a line above this one (xtask/src/seal.rs): `const BUILD = { generation, files }`, where `files` maps
// each address to the hash that its content must have. A cache holds one generation, whole or not at all, so a page
// never meets files of two builds. Nothing else is ever kept or answered: no other origin, no other address.
//
// A new build waits until the page says "skip-waiting" or until no page of the old one is left.

const FAMILY = "metertap-";
const CACHE = FAMILY + BUILD.generation;
const FILES = new Map(Object.entries(BUILD.files).map(([path, hash]) => [new URL(path, self.location).href, hash]));
const PAGE = new URL("./", self.location).href;

self.addEventListener("install", (event) => event.waitUntil(keepAll()));

self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

self.addEventListener("message", (event) => {
  if (event.data === "skip-waiting") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const [address] = url.split(/[?#]/);
  if (method !== "GET") return;
  if (FILES.has(address)) event.respondWith(answer(address, event.request));
  else if (mode === "navigate") event.respondWith(answer(PAGE, event.request));
});

// The browser itself refuses content that does not match its hash, as while a host is half way through an update.
async function keepAll() {
  const cache = await caches.open(CACHE);
  const keep = async ([address, integrity]) => {
    await cache.put(address, await fetch(address, { cache: "no-cache", integrity }));
  };
  try {
    await Promise.all([...FILES].map(keep));
  } catch (refused) {
    await caches.delete(CACHE);
    throw refused;
  }
}

async function takeOver() {
  const others = (await caches.keys()).filter((name) => name.startsWith(FAMILY) && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
  // Also pages that were opened before there was any service worker hear of the next build through it.
  await self.clients.claim();
}

// The network is asked only where the browser has thrown away what was kept.
async function answer(address, request) {
  return (await caches.match(address, { cacheName: CACHE })) ?? fetch(request);
}
