// The service worker: keeps the shell of the page, and nothing else, so that a screen that starts
// while the server is away still starts. What the server answers goes first; the interface and the
// socket never come from here, and who says "no-store" means the server itself.
/* global BUILD, SHELL */

import { pagePath } from './base.js';

const CACHE = `shell-${BUILD}`;
const PATIENCE = 2500; // ms
// The page stands where the worker does, which may be below /a/ID; the rest is every alliance's.
const files = [pagePath(SHELL[0]), ...SHELL.slice(1)];
const shell = new Set(files);

// The kept page and what it names are of one build: they come together, and are never mixed.
async function install() {
  const cache = await caches.open(CACHE);
  await cache.addAll(files.map((path) => new Request(path, { cache: 'no-cache' })));
  await self.skipWaiting();
}

async function activate() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

const after = (ms) => new Promise((resolve) => { setTimeout(resolve, ms, null); });

async function answer(request) {
  const coming = fetch(request);
  const first = await Promise.race([coming.catch(() => null), after(PATIENCE)]);
  if (first && first.status < 500) return first;
  const kept = await caches.open(CACHE)
    .then((cache) => cache.match(request, { ignoreSearch: true }));
  return kept ?? coming;
}

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || request.cache === 'no-store') return;
  if (origin === location.origin && shell.has(pathname)) event.respondWith(answer(request));
});
