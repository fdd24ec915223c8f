// The service worker: keeps the files of one build, and from then on gives them with a server or without one.
//
// The build puts a line above this one (xtask/src/seal.rs): `const BUILD = { generation, policy, files, later }`, where
// `files` and `later` map each address to the hash that its content must have. A cache holds one generation, whole or not at all,
// so a page never meets files of two builds; what is in `later` is fetched when it is first used, or when the page says
// "keep-parts", and kept from then on: so a page that is open while its host is updated still has all of its own build.
// What the browser has fetched already is taken from its own cache: the hash says that it is the same.
// Nothing else is ever kept or answered: no other origin, no other address.
//
// Every answer carries the page's policy: a worker takes its policy from the response that its script came with, and many
// hosts send none.
//
// A new build waits until the page says "skip-waiting" or until no page of the old one is left.

const FAMILY = "metertap-";
const CACHE = FAMILY + BUILD.generation;
const FILES = hashes(BUILD.files);
const LATER = hashes(BUILD.later);
const PAGE = new URL("./", self.location).href;
const PAGE_BY_NAME = new URL("index.html", self.location).href;

self.addEventListener("install", (event) => event.waitUntil(keepAll()));

self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

self.addEventListener("message", (event) => {
  if (event.data === "skip-waiting") self.skipWaiting();
  if (event.data === "keep-parts") event.waitUntil(keepParts());
});

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const [called] = url.split(/[?#]/);
  const address = called === PAGE_BY_NAME ? PAGE : called;
  if (method !== "GET") return;
  if (FILES.has(address) || LATER.has(address)) event.respondWith(answer(address, event.request));
  // What the browser has thrown away is fetched again. Other pages of this origin are none of our business.
  if (mode === "navigate" && address === PAGE) event.waitUntil(heal());
});

function hashes(files) {
  return new Map(Object.entries(files).map(([path, hash]) => [new URL(path, self.location).href, hash]));
}

// Also what is fetched later, where somebody has used it before: it must not go with the build that it was of.
async function keepAll() {
  const used = new Set();
  for (const build of (await caches.keys()).filter((name) => name.startsWith(FAMILY))) {
    for (const { url } of await (await caches.open(build)).keys()) used.add(withoutHash(url));
  }
  const later = [...LATER.keys()].filter((address) => used.has(withoutHash(address)));
  const kept = await Promise.allSettled([...FILES.keys(), ...later].map(keep));
  const refused = kept.find(({ status }) => status === "rejected");
  if (!refused) return;
  // Only now does none of them come any more: what is deleted stays deleted.
  await caches.delete(CACHE);
  throw refused.reason;
}

// Where the host has another build by now, its files do not match, and the next service worker brings its own.
async function heal() {
  const cache = await caches.open(CACHE);
  const kept = await Promise.all([...FILES.keys()].map((address) => cache.match(address)));
  const lost = [...FILES.keys()].filter((_, index) => !kept[index]);
  await Promise.allSettled(lost.map(keep));
}

// What a file is called in every build.
function withoutHash(address) {
  return address.replace(/-[0-9a-f]{16}(?=\.\w+$)/, "");
}

// A few at once, so that what the page uses meanwhile is not last in a queue. What does not come now is fetched when it is
// used.
async function keepParts() {
  const cache = await caches.open(CACHE);
  const addresses = LATER.keys();
  const keepNext = async () => {
    for (const address of addresses) {
      if (!(await cache.match(address))) await keep(address).catch(() => {});
    }
  };
  await Promise.all([keepNext(), keepNext(), keepNext()]);
}

// The browser itself refuses content that does not match its hash: of another build, as the page by its own name may be in
// the browser's cache, or while a host is half way through an update.
async function keep(address) {
  const response = await get(address);
  await put(address, response);
  return response;
}

async function get(address) {
  const integrity = FILES.get(address) ?? LATER.get(address);
  const ask = (cache) => fetch(address, { cache, integrity });
  return covered(await ask("force-cache").catch(() => ask("reload")));
}

async function put(address, response) {
  const cache = await caches.open(CACHE);
  await cache.put(address, response.clone());
}

// A host's own policy stays in force beside the page's. What is no plain answer cannot be built anew, and is no script.
function covered(response) {
  if (!response.ok) return response;
  const { body, status, statusText } = response;
  const headers = new Headers(response.headers);
  headers.append("Content-Security-Policy", BUILD.policy);
  return new Response(body, { status, statusText, headers });
}

async function takeOver() {
  const others = (await caches.keys()).filter((name) => name.startsWith(FAMILY) && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
  // Also pages that were opened before there was any service worker hear of the next build through it.
  await self.clients.claim();
}

// The network is asked for what was never used, and where the browser has thrown away what was kept ("heal" above).
async function answer(address, request) {
  const kept = await caches.match(address, { cacheName: CACHE });
  if (kept) return kept;
  if (!LATER.has(address)) return covered(await fetch(request));
  const response = await get(address);
  // A full disk keeps nobody from using it.
  await put(address, response).catch(() => {});
  return response;
}
