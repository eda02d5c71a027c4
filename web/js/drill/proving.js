// The button that proves a figure, how far it is, and what came out: the sum of all events and the
// figure side by side, equal or not.

import { el, say } from '../dom.js';
import { count } from '../format.js';
import { t } from '../i18n.js';
import { ESTIMATE } from './contribution.js';
import { prove } from './proof.js';
import { unitOf, when } from './words.js';

function outcomeText(view, outcome, zone) {
  const { n, sum, figure, rev, at, agreed, moved } = outcome;
  const kind = view.metric === ESTIMATE ? 'estimate' : 'sum';
  const values = { n: count(n), sum: count(sum), figure: count(figure), unit: unitOf(view.metric),
                   difference: count(Math.abs(sum - figure)), rev: count(rev), time: when(at, zone).time };
  const verdict = agreed ? 'agrees' : moved ? 'moved' : 'differs';
  return { verdict, text: t(`drill.proof.${kind}.${verdict}`, values), as: t('drill.proof.as', values) };
}

/** show(view, zone) makes it ready for another figure; what was going on is given up. */
export function createProving() {
  const button = el('button', { type: 'button', class: 'drill-button drill-prove' }, t('drill.prove'));
  const fill = el('i');
  const bar = el('div', { class: 'drill-progress', role: 'progressbar', 'aria-label': t('drill.prove'),
                          'aria-valuemin': '0', 'aria-valuemax': '100', hidden: '' }, fill);
  const text = el('p', { class: 'drill-outcome' });
  const as = el('p', { class: 'drill-outcome-as' });
  const node = el('div', { class: 'drill-proof', role: 'status', hidden: '' }, bar, text, as);
  let running = null;
  let view = null;
  let zone = null;

  function rest() {
    running?.abort();
    running = null;
    bar.hidden = true;
    say(button, t('drill.prove'));
  }

  function progress({ n, sum, share }) {
    fill.style.transform = `scaleX(${share.toFixed(4)})`;
    bar.setAttribute('aria-valuenow', Math.round(share * 100));
    say(text, t(view.metric === ESTIMATE ? 'drill.proof.counting' : 'drill.proof.adding',
                { n: count(n), sum: count(sum), unit: unitOf(view.metric) }));
  }

  async function run() {
    const mine = new AbortController();
    running = mine;
    node.dataset.verdict = 'running';
    node.hidden = false;
    bar.hidden = false;
    say(as, '');
    say(button, t('drill.prove.stop'));
    progress({ n: 0, sum: 0, share: 0 });
    try {
      const outcome = await prove(view, mine.signal, progress);
      if (mine.signal.aborted) return;
      const { verdict, text: words, as: basis } = outcomeText(view, outcome, zone);
      node.dataset.verdict = verdict;
      say(text, words);
      say(as, basis);
    } catch {
      if (mine.signal.aborted) return;
      node.dataset.verdict = 'failed';
      say(text, t('drill.proof.failed'));
    }
    rest();
  }

  button.addEventListener('click', () => {
    if (!running) return run();
    rest();
    node.dataset.verdict = 'stopped';
    return say(text, t('drill.proof.stopped'));
  });

  return {
    button, node,
    show(next, now) {
      rest();
      [view, zone] = [next, now];
      node.hidden = true;
      say(text, '');
    },
    stop: rest,
  };
}
