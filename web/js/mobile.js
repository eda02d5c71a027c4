// The mobile page: what members of the alliance report and residents take part in, from a phone.
// No account is needed to look, to check in or to raise a problem.

import './m/old.js';
import { setLanguage } from './i18n.js';
import { createApp, keepsPages } from './m/app.js';
import { frame } from './m/frame.js';
import { keptLanguage } from './m/kept.js';

async function begin() {
  setLanguage(keptLanguage());
  const app = await createApp();
  frame(app);
  await app.begin();
  // Keeps the page for when there is no network; the interface never comes from it.
  if (keepsPages()) navigator.serviceWorker.register('sw.js', { updateViaCache: 'none' }).catch(() => {});
}

begin();
