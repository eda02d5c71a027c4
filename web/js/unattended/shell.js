// The service worker that keeps the page itself for when the server can't be reached. Only trusted
// addresses may have one; elsewhere the page does without.

import { pagePath } from '../base.js';

export function shell() {
  navigator.serviceWorker?.register(pagePath('/sw.js'), { updateViaCache: 'none' }).catch(() => {});
}
