// The six metrics in a row, each with its figure for what is shown.

import { el, put, say } from '../dom.js';
import { compact, count } from '../format.js';
import { t } from '../i18n.js';
import { addressOf, METRICS } from './view.js';
import { metricName, unitOf } from './words.js';

/** show(view, figures): FIGURES {metric: n}, or null while they aren't known. next(view, ±1): the
 * metric beside the one that is shown. */
export function createTabs(go) {
  let now = null;
  const tabs = METRICS.map((metric) => {
    const figure = el('b');
    const node = el('button', { type: 'button', role: 'tab', id: `drill-tab-${metric}`,
                                'aria-controls': 'drill-figure' },
                    el('span', null, metricName(metric)), figure);
    node.addEventListener('click', () => go(addressOf(now, { metric, event: null })));
    return { metric, node, figure };
  });
  const row = el('div', { class: 'drill-tabs', role: 'tablist', 'aria-label': t('drill.metrics') },
                 ...tabs.map(({ node }) => node));
  return {
    row,
    show(view, figures) {
      now = view;
      for (const { metric, node, figure } of tabs) {
        const chosen = metric === view.metric;
        put(node, 'aria-selected', String(chosen));
        put(node, 'tabindex', chosen || !METRICS.includes(view.metric) ? '0' : '-1');
        say(figure, compact(figures?.[metric]));
        put(node, 'title', `${count(figures?.[metric])} ${unitOf(metric)}`);
      }
    },
    next(view, step) {
      const at = METRICS.indexOf(view.metric);
      const n = at < 0 ? (step > 0 ? 0 : METRICS.length - 1) : (at + step + METRICS.length) % METRICS.length;
      const inside = row.contains(document.activeElement);
      go(addressOf(view, { metric: METRICS[n], event: null }));
      if (inside) tabs[n].node.focus();
    },
  };
}
