// The export menu: a picture of the screen, the table of each panel, the print sheet.

import { el } from '../dom.js';
import { t } from '../i18n.js';
import { openDialog } from '../tools/dialog.js';
import { wish } from '../tools/list.js';
import { toast } from '../tools/toast.js';
import { csv } from './csv.js';
import { fileName, give, stampOf } from './stamp.js';

// A panel that hasn't got its title yet has nothing to give either.
const titleOf = ({ name, host }) => (name === 'headline' ? t('export.panel.headline')
  : host.querySelector('h2')?.textContent);

// A table's head may name columns by words of the dictionary.
const words = (head) => head.map((column) => {
  const found = [`table.${column}`, `metric.${column}`].find((key) => t(key) !== key);
  return found ? t(found) : column;
});

function tables(board, drawer, state) {
  const found = new Map();
  if (drawer.isOpen()) found.set(t('export.drawer'), drawer.table());
  const seen = new Set(board.seen());
  for (const entry of board.all()) {
    if (!seen.has(entry)) entry.panel.update?.({ state, before: state }); // its scene isn't on show
    const title = titleOf(entry);
    if (title && entry.panel.table && !found.has(title)) found.set(title, entry.panel.table(state));
  }
  return [...found].map(([title, table]) => ({ title, table }));
}

export function exportMenu({ board, drawer, link }) {
  const wide = () => document.getElementById('stage').offsetWidth;

  function giveTable({ title, table }, state) {
    const text = csv({ head: words(table.head), rows: table.rows }, stampOf(state));
    give(new Blob([text], { type: 'text/csv;charset=utf-8' }), `${fileName(title, state)}.csv`);
    toast(t('export.done', { name: title }));
  }

  async function givePicture(times) {
    const state = link.state();
    toast(t('export.drawing'));
    try {
      const { picture } = await import('./png.js');
      give(await picture(document.getElementById('stage'), times, stampOf(state)),
           `${fileName(document.querySelector('h1').textContent, state)}.png`);
      toast(t('export.done', { name: 'PNG' }));
    } catch (error) {
      console.warn(error);
      toast(t('export.failed'));
    }
  }

  document.addEventListener('wish-export', () => {
    const state = link.state();
    let dialog = null;
    const line = (label, run) => {
      const button = el('button', { type: 'button' }, label);
      button.addEventListener('click', () => {
        dialog.close();
        run();
      });
      return el('li', null, button);
    };
    const pictures = [1, 2].map((times) => line(t('export.png', { width: wide() * times, times }),
                                                () => givePicture(times)));
    dialog = openDialog('export', t('tools.export'),
      el('p', { class: 'stamp' }, stampOf(state)),
      el('h3', null, t('export.whole')),
      el('ul', null, ...pictures, line(t('export.print'), () => wish('print'))),
      el('h3', null, t('export.tables')),
      el('ul', { class: 'tables' }, ...tables(board, drawer, state)
        .map((one) => line(one.title, () => giveTable(one, state)))));
  });
}
