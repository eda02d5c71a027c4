// The mobile page: the same feed and model as the cockpit's, with panels for a small screen.

import { count, signed } from './format.js';
import { el, say } from './dom.js';
import { t } from './i18n.js';
import { loader } from './load.js';
import { changeToday, totals } from './model.js';
import { wire } from './wire.js';
import connection from './panels/connection.js';
import title from './panels/title.js';

const VIEWS = [{ range: 'all' }, { range: 'today' }];
const METRICS = ['activities', 'residents', 'problems_solved', 'venues'];
const STEPS = ['mobile.step.1', 'mobile.step.2', 'mobile.step.3'];

function mountTotals(host, bus) {
  const rows = METRICS.map((metric) => {
    const number = el('b', { 'data-metric': metric });
    const change = el('span', { class: 'change' });
    host.append(el('div', { class: 'figure' }, el('h2', null, t(`metric.${metric}`)),
                   el('p', null, number, t(`unit.${metric}`)), change));
    return { metric, number, change };
  });
  bus.addEventListener('model', ({ detail: { state } }) => {
    for (const { metric, number, change } of rows) {
      const n = totals(state, 'all')?.[metric];
      if (n !== undefined) number.dataset.value = n;
      say(number, count(n));
      // How yesterday's venues ended isn't loaded here.
      if (metric !== 'venues') {
        say(change, `${t('head.today')} ${signed(changeToday(state, metric))}`);
      }
    }
  });
}

function mountReport(host) {
  host.append(el('h2', null, t('mobile.report')),
              el('ol', null, ...STEPS.map((step) => el('li', null, t(step)))),
              el('a', { href: '/' }, t('mobile.cockpit')));
}

const PANELS = { title: title.mount, connection: connection.mount };
const OWN = { totals: mountTotals, report: mountReport };

const { bus, take, start } = wire(VIEWS);
for (const host of document.querySelectorAll('[data-panel]')) {
  const { panel } = host.dataset;
  OWN[panel]?.(host, bus);
  const mounted = PANELS[panel]?.(host, { spec: { panel }, screen: {}, kind: 'flow' });
  bus.addEventListener('model', ({ detail }) => mounted?.update?.(detail));
  bus.addEventListener('tick', ({ detail }) => mounted?.tick?.(detail));
}
loader((catalogue) => take({ type: 'catalogue', catalogue }))('catalogue');
start();
