// The service worker: keeps the files of one build, and then serves them with or without the server.
//
// The build adds a line above this one (xtask/src/seal.rs): `const BUILD = { generation, policy, files, later }`, where
// `files` and `later` map each address to the hash of its content. Installing stores all `files` or none, so that a
// page does not get files of two builds. Files in `later` are stored when they are first used, or when the page sends
// "keep-parts". A page that has sent "keep-parts" does not lose a part when its host is updated. The browser's own
// cache may provide a file, because the hash shows that it is the right one. Other origins and addresses are neither
// kept nor answered.
//
// A worker takes its policy from the response with its script, and many hosts send none. So every successful answer
// carries the page's policy.
//
// A new build waits until the page sends "skip-waiting" or until no page of the old build is open.

const FAMILY = "metertap-";
const CACHE = FAMILY + BUILD.generation;
const FILES = hashes(BUILD.files);
const LATER = hashes(BUILD.later);
// How long the browser may take to say whether it has a file, in milliseconds.
const PATIENCE = 2000;
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
  if (FILES.has(address) || LATER.has(address)) event.respondWith(answer(address, event));
  // Fetches again what the browser has evicted. Other pages of this origin are ignored.
  if (mode === "navigate" && address === PAGE) event.waitUntil(heal());
});

function hashes(files) {
  return new Map(Object.entries(files).map(([path, hash]) => [new URL(path, self.location).href, hash]));
}

// Stores the files of this build, and those parts that were used before: they must not disappear with the old build.
async function keepAll() {
  const used = new Set();
  for (const build of (await caches.keys()).filter((name) => name.startsWith(FAMILY))) {
    for (const { url } of await (await caches.open(build)).keys()) used.add(withoutHash(url));
  }
  const later = [...LATER.keys()].filter((address) => used.has(withoutHash(address)));
  const kept = await Promise.allSettled([...FILES.keys(), ...later].map(keep));
  const refused = kept.find(({ status }) => status === "rejected");
  if (!refused) return;
  // All requests have ended by now, so what is deleted stays deleted.
  await caches.delete(CACHE);
  throw refused.reason;
}

// Fetches again what is missing or damaged: a damaged program would never start again. If the host has another build by
// now, its files do not match, and the next service worker stores them.
async function heal() {
  const cache = await caches.open(CACHE);
  const addresses = [...FILES.keys(), ...LATER.keys()];
  const whole = await Promise.all(addresses.map((address) => isWhole(cache, address)));
  await Promise.allSettled(addresses.filter((_, index) => !whole[index]).map(keep));
}

// Parts that were never used are not missing.
async function isWhole(cache, address) {
  const kept = await cache.match(address);
  if (!kept) return LATER.has(address);
  const content = await kept.arrayBuffer().catch(() => new ArrayBuffer(0));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return (FILES.get(address) ?? LATER.get(address)) === `sha256-${btoa(String.fromCharCode(...digest))}`;
}

// The name that a file has in every build.
function withoutHash(address) {
  return address.replace(/-[0-9a-f]{16}(?=\.\w+$)/, "");
}

// Fetches a few files at a time, so that the page's own requests do not wait. If a part cannot be fetched now, it is
// fetched when it is used.
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

// The browser refuses content that does not match its hash: its cache may have a file of another build, or the host may
// be in the middle of an update.
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

// A host's own policy stays in force beside the page's. A failed answer is returned as it is: it cannot be a script.
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
  // Pages that were opened before there was a service worker also learn of the next build.
  await self.clients.claim();
}

// Uses the network for parts that were never used, and for files that the browser has evicted ("heal" above). Uses it
// also if the browser does not say in time whether it has a file: after a site's data were cleared, that can take
// minutes.
async function answer(address, event) {
  const kept = caches.match(address, { cacheName: CACHE }).catch(() => undefined);
  const found = await Promise.race([kept, new Promise((done) => setTimeout(done, PATIENCE))]);
  if (found) return found;
  try {
    if (!LATER.has(address)) return covered(await fetch(event.request));
    const response = await get(address);
    // The page does not wait until the file is stored. On a full disk, it can still use the file.
    event.waitUntil(put(address, response.clone()).catch(() => {}));
    return response;
  } catch (error) {
    const late = await kept;
    if (late) return late;
    throw error;
  }
}
