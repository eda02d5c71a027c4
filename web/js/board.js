// The board: builds the scenes' panels for the stage at hand, shows one scene at a time, and tells
// the panels that can be seen what has changed. A panel that can't be seen costs nothing.
//
// A panel is a module in panels/ whose default export has
//   needs     [[range, by], …]: views that it shows
//   sources   names of sources.js that it needs beside
//   bare      true: without a panel's plate
//   mount(host, context) → {update({state, before}), and if it likes tick({state, now}),
//             resize(box), destroy(), table(state) → {head: […], rows: [[…], …]} for export}
// context: {spec: its entry in screen.json, screen, kind, focus(): the circle that the scene is
// about, or null}.

import { el } from './dom.js';
import { arrange } from './place.js';
import { panels as registry } from './panels/index.js';
import { t } from './i18n.js';

const place = (node, box) => {
  for (const side of ['left', 'top', 'width', 'height']) {
    node.style[side] = box ? `${Math.round(box[side] * 10) / 10}px` : '';
  }
};

export function createBoard({ head, board, foot, screen, bus, onNeeds }) {
  let stage = null;
  let scenes = [];      // {scene, focus, node, mounted: [{name, host, panel}]}
  let current = 0;
  let latest = { state: null, now: 0 };
  const always = [];    // the masthead and the foot

  function mountPanel(spec, scene, extra) {
    const module = registry[spec.panel];
    const host = el('section', { class: `${module.bare ? '' : 'panel '}${spec.panel}`.trim(),
                                 'data-panel': spec.panel });
    const entry = { name: spec.panel, spec, host, module };
    entry.panel = module.mount(host, { spec, screen, kind: stage.kind,
                                       focus: () => scene?.focus ?? null, ...extra });
    return entry;
  }

  function clear() {
    for (const { mounted, node } of scenes) {
      for (const { panel } of mounted) panel.destroy?.();
      node.remove();
    }
    scenes = [];
  }

  function resizeLater(entry, box) {
    const own = box ?? { width: entry.host.clientWidth, height: entry.host.clientHeight, seams: [] };
    entry.panel.resize?.(own);
  }

  function buildScene(scene) {
    const built = { scene, focus: null, node: el('div', { class: 'scene', 'data-scene': scene.id }),
                    mounted: [] };
    const laid = arrange(scene[stage.kind], stage);
    for (const { spec, box } of laid.panels) {
      const entry = { ...mountPanel(spec, built), box };
      place(entry.host, box);
      built.node.append(entry.host);
      built.mounted.push(entry);
    }
    board.append(built.node);
    for (const entry of built.mounted) resizeLater(entry, entry.box);
    return built;
  }

  function buildFlow() {
    const built = { scene: { id: 'flow', title: '', seconds: 0, each: null }, focus: null,
                    node: el('div', { class: 'scene', 'data-scene': 'flow' }), mounted: [] };
    for (const spec of screen.flow) built.mounted.push(mountPanel(spec, built));
    built.node.append(...built.mounted.map(({ host }) => host));
    board.append(built.node);
    for (const entry of built.mounted) resizeLater(entry, null);
    return built;
  }

  function frame() {
    const flow = stage.kind === 'flow';
    const laid = flow ? null : arrange(screen.scenes[0][stage.kind], stage);
    [...head.children].forEach((node, i) => place(node, laid?.head[i]));
    place(foot, laid?.foot);
  }

  /** Builds everything for another stage, or only moves it if the kind is the same. */
  function lay(next) {
    const sameKind = stage?.kind === next.kind;
    stage = next;
    frame();
    if (sameKind && stage.kind !== 'flow') return move();
    if (sameKind) return scenes[0].mounted.forEach((entry) => resizeLater(entry, null));
    clear();
    scenes = stage.kind === 'flow' ? [buildFlow()] : screen.scenes.map(buildScene);
    onNeeds(collect());
    return show(Math.min(current, scenes.length - 1));
  }

  function move() {
    for (const built of scenes) {
      const laid = arrange(built.scene[stage.kind], stage);
      built.mounted.forEach((entry, i) => {
        entry.box = laid.panels[i].box;
        place(entry.host, entry.box);
        resizeLater(entry, entry.box);
      });
    }
  }

  // Views and sources of all scenes, the first scene's first.
  function collect() {
    const modules = [...always, ...scenes.flatMap(({ mounted }) => mounted)].map((e) => e.module);
    const views = new Map(modules.flatMap((m) => m.needs ?? [])
      .map(([range, by]) => [`${range}|${by ?? ''}`, by ? { range, by } : { range }]));
    return { views: [...views.values()], sources: new Set(modules.flatMap((m) => m.sources ?? [])) };
  }

  const seen = () => [...always, ...(scenes[current]?.mounted ?? [])];

  function update(detail) {
    for (const { panel } of seen()) panel.update?.(detail);
  }

  /** Shows scene N, about FOCUS if it is made for each of several. */
  function show(n, focus = null) {
    current = n;
    scenes.forEach(({ node }, i) => node.toggleAttribute('data-off', i !== n));
    scenes[n].focus = focus ?? (scenes[n].scene.each ? firstFocus() : null);
    const { scene } = scenes[n];
    document.documentElement.dataset.scene = scene.id;
    if (latest.state) update({ state: latest.state, before: latest.state });
    document.dispatchEvent(new CustomEvent('scene', { detail: { n, count: scenes.length, scene } }));
  }

  const circles = () => latest.state?.catalogue?.circles ?? [];
  const firstFocus = () => circles()[0]?.id ?? null;

  /** The next step of the carousel, or the one before (BACK). */
  function step(back = false) {
    const built = scenes[current];
    const list = built.scene.each ? circles().map(({ id }) => id) : [];
    const at = list.indexOf(built.focus) + (back ? -1 : 1);
    if (list.length && at >= 0 && at < list.length) return show(current, list[at]);
    const n = (current + (back ? scenes.length - 1 : 1)) % scenes.length;
    const last = back && scenes[n].scene.each ? circles().at(-1)?.id : null;
    return show(n, last);
  }

  /** Mounts what stands on every scene: NODE is its place. */
  function mountAlways(name, node) {
    const module = registry[name];
    const entry = { name, host: node, module };
    entry.panel = module.mount(node, { spec: { panel: name }, screen, kind: 'always',
                                       focus: () => null, board: api });
    always.push(entry);
  }

  bus.addEventListener('model', ({ detail }) => {
    const first = !latest.state?.catalogue && detail.state.catalogue;
    latest.state = detail.state;
    if (first && scenes[current]?.scene.each) scenes[current].focus ??= firstFocus();
    update(detail);
  });
  bus.addEventListener('tick', ({ detail }) => {
    latest.now = detail.now;
    for (const { panel } of seen()) panel.tick?.(detail);
  });

  const api = { lay, step, show, mountAlways, title: () => t('board.title'),
                current: () => ({ n: current, count: scenes.length, ...scenes[current] }),
                seen: () => seen(), state: () => latest.state };
  return api;
}
