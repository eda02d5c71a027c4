// The cockpit: reads the screen's configuration, builds the board for the window at hand, and ties
// it to the server's figures.

import { apiPath, keptName } from './base.js';
import builtIn from 'layout:screen';
import { admission, enter } from './admission.js';
import { createBoard } from './board.js';
import { panels } from './panels/index.js';
import { readScreen } from './screen.js';
import { createSources } from './sources.js';
import { keepStage } from './stage.js';
import { setLanguage } from './i18n.js';
import { wire } from './wire.js';
import { extras } from './extras.js';

const KEPT = keptName('screen');

/** The configuration as the server gives it, or as it was when the server last could. */
async function configuration() {
  try {
    const response = await fetch(apiPath('screen'), { signal: AbortSignal.timeout(3000) });
    if (!response.ok) throw new Error(response.status);
    const found = await response.json();
    localStorage.setItem(KEPT, JSON.stringify(found));
    return found;
  } catch {
    return JSON.parse(localStorage.getItem(KEPT) ?? '{}');
  }
}

const node = (id) => document.getElementById(id);

async function begin() {
  const failed = await enter();
  const { screen, complaints } = readScreen(await configuration(), Object.keys(panels), builtIn);
  setLanguage(localStorage.getItem('language') ?? screen.language);
  const link = wire([{ range: 'all' }]);
  const sources = createSources(link.take);
  const board = createBoard({ head: node('head'), board: node('board'), foot: node('foot'), screen,
                              bus: link.bus, onNeeds: (needs) => link.look(sources.use(needs)) });
  for (const host of document.querySelectorAll('[data-always]')) {
    board.mountAlways(host.dataset.always, host);
  }
  keepStage(node('stage'), screen, board.lay);
  const readerNow = () => performance.timeOrigin + performance.now();
  link.bus.addEventListener('model', () => sources.refresh(link.state(), readerNow()));
  link.bus.addEventListener('tick', ({ detail }) => sources.refresh(detail.state, detail.now));
  extras({ screen, complaints, board, link });
  admission(link, failed);
  link.start();
}

begin();
