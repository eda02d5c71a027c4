// What the cockpit does beside showing figures: each in a file of its own, begun here.

import { begin as drill } from './drill/index.js';
import { exportMenu } from './export/menu.js';
import { printSheet } from './export/sheet.js';
import { announcer } from './tools/announce.js';
import { fullScreen } from './tools/full.js';
import { help } from './tools/help.js';
import { keys } from './tools/keys.js';
import { languages } from './tools/language.js';
import { themes } from './tools/theme.js';
import { unattended } from './unattended/index.js';

export function extras(cockpit) {
  unattended(cockpit);
  for (const begin of [themes, languages, fullScreen, keys, help, announcer, printSheet]) {
    begin(cockpit);
  }
  exportMenu({ ...cockpit, drawer: drill(cockpit) });
  for (const { at, found, allowed } of cockpit.complaints) {
    console.warn(`screen.json: ${at} is ${found}; allowed: ${allowed}`);
  }
}
