// How many activities were held and residents reached: by day over 30 days, or by month over 12.

import { el, frame } from '../dom.js';
import { t } from '../i18n.js';
import { trendChart } from '../chart.js';
import { trendOf } from '../model.js';
import { switchOf } from './switch.js';

const STEPS = ['day', 'month'];
const PACE = 2900; // ms between drawings at least: a chart needn't follow every event

const words = () => ({ activities: t('trend.activities'), residents: t('trend.residents') });

const same = (a, b) => a && b && ['dates', 'activities', 'residents']
  .every((key) => a[key].length === b[key].length && a[key].every((v, i) => v === b[key][i]));

function mount(host, { spec }) {
  let step = STEPS.includes(spec.step) ? spec.step : STEPS[0];
  let chart = null;
  let state = null;
  let drawn = null;
  let waits = false;
  let drawnAt = -PACE;

  const canvas = el('div', { class: 'chart', role: 'img', 'aria-label': t('trend.label') });
  const choices = STEPS.map((wish) => [wish, t(`trend.${wish}`)]);
  host.append(...frame(spec.title ?? t('trend.title'), switchOf(choices, t('trend.title'), step, (wish) => {
    step = wish;
    draw();
  }), canvas));

  function draw() {
    waits = false;
    const series = state && trendOf(state, step);
    if (!chart || !series || same(series, drawn)) return;
    drawn = series;
    drawnAt = performance.now();
    chart.draw(series, words());
  }

  // Only while the screen is painted anyway.
  function drawInTime() {
    if (waits && performance.now() - drawnAt >= PACE) draw();
  }

  trendChart(canvas).then((made) => {
    chart = made;
    draw();
  });
  return {
    update(detail) {
      state = detail.state;
      waits = true;
      drawInTime();
    },
    tick: drawInTime,
    resize: () => chart?.resize(),
    repaint() {
      drawn = null;
      draw();
    },
    destroy: () => chart?.destroy(),
    table() {
      const series = state && trendOf(state, step);
      return { head: ['date', 'activities', 'residents'],
               rows: (series?.dates ?? []).map((date, i) => [date, series.activities[i],
                                                             series.residents[i]]) };
    },
  };
}

export default {
  needs: [['today'], ['month']],
  sources: ['trend-day-activities', 'trend-day-residents',
            'trend-month-activities', 'trend-month-residents'],
  mount,
};
