// The service worker that keeps the page itself for when the server can't be reached. Only trusted
// addresses may have one; elsewhere the page does without.

export function shell() {
  navigator.serviceWorker?.register('/sw.js', { updateViaCache: 'none' }).catch(() => {});
}
