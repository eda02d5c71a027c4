// The board: builds the scenes' panels for the stage at hand, shows one scene at a time, and tells
// the panels that can be seen what has changed. A panel that can't be seen costs nothing.
//
// A panel is a module in panels/ whose default export has
//   needs     [[range, by], …]: views that it shows
//   sources   names of sources.js that it needs beside
//   bare      true: without a panel's plate
//   single    true: there is only one of it, which moves from scene to scene and is always kept
//             up to date, even while a scene has no place for it
//   mount(host, context) → {update({state, before}), and if it likes tick({state, now}),
//             resize(box), destroy(), table(state) → {head: […], rows: [[…], …]} for export}
// context: {spec: its entry in screen.json, screen, kind, focus(): the circle that the scene is
// about, or null}.

import { el } from './dom.js';
import { arrange, divide } from './place.js';
import { panels as registry } from './panels/index.js';
import { t } from './i18n.js';

const NARROW = 470; // px

const place = (node, box) => {
  for (const side of ['left', 'top', 'width', 'height']) {
    node.style[side] = box ? `${Math.round(box[side] * 10) / 10}px` : '';
  }
};

// Where a panel stands; in a narrow one the head has room for nothing but what it must say.
function put({ host, panel }, box) {
  place(host, box);
  host.toggleAttribute('data-narrow', box.width < NARROW);
  panel.resize?.(box);
}

export function createBoard({ head, board, foot, screen, bus, onNeeds }) {
  let stage = null;
  let scenes = [];      // {scene, focus, node, mounted: [{name, host, panel}]}
  let current = 0;
  const latest = { state: null, now: 0 };
  const always = [];    // the masthead and the foot
  const single = new Map(); // panels that there is only one of, by name

  function mountPanel(spec, scene, extra) {
    const module = registry[spec.panel];
    const host = el('section', { class: `${module.bare ? '' : 'panel '}${spec.panel}`.trim(),
                                 'data-panel': spec.panel });
    const entry = { name: spec.panel, spec, host, module };
    entry.panel = module.mount(host, { spec, screen, kind: stage.kind,
                                       focus: () => scene?.focus ?? null, ...extra });
    // In a scene about one part of the alliance, the panels that tell of all of it say so.
    if (scene?.scene.each && spec.panel !== scene.scene.each) {
      host.querySelector('h2')?.after(el('span', { class: 'whole' }, t('panel.whole')));
    }
    return entry;
  }

  function clear() {
    for (const { mounted, node } of scenes) {
      for (const { panel } of mounted) panel.destroy?.();
      node.remove();
    }
    for (const { panel, host } of single.values()) {
      panel.destroy?.();
      host.remove();
    }
    single.clear();
    scenes = [];
  }

  const resizeFlow = ({ host, panel }) => panel.resize?.(
    { width: host.clientWidth, height: host.clientHeight, seams: [] });

  function buildScene(scene) {
    const built = { scene, focus: null, node: el('div', { class: 'scene', 'data-scene': scene.id }),
                    mounted: [], boxes: new Map() };
    board.append(built.node);
    for (const { spec, box } of arrange(scene[stage.kind], stage).panels) {
      const entry = registry[spec.panel].single ? mountSingle(spec) : mountPanel(spec, built);
      built.boxes.set(entry, box);
      if (registry[spec.panel].single) continue;
      built.mounted.push(entry);
      built.node.append(entry.host);
      put(entry, box);
    }
    return built;
  }

  function mountSingle(spec) {
    if (!single.has(spec.panel)) {
      const entry = mountPanel(spec, null);
      single.set(spec.panel, entry);
      board.append(entry.host);
    }
    return single.get(spec.panel);
  }

  // The single panels take the places that the scene shown has for them.
  function placeSingles() {
    for (const entry of single.values()) {
      const box = scenes[current].boxes.get(entry);
      entry.host.toggleAttribute('data-off', !box);
      if (!box) continue;
      put(entry, box);
    }
  }

  function buildFlow() {
    const built = { scene: { id: 'flow', title: '', seconds: 0, each: null }, focus: null,
                    node: el('div', { class: 'scene', 'data-scene': 'flow' }), mounted: [],
                    boxes: new Map() };
    for (const spec of screen.flow) built.mounted.push(mountPanel(spec, built));
    built.node.append(...built.mounted.map(({ host }) => host));
    board.append(built.node);
    built.mounted.forEach(resizeFlow);
    return built;
  }

  function frame() {
    const flow = stage.kind === 'flow';
    const laid = flow ? null : arrange(screen.scenes.find((scene) => scene[stage.kind])[stage.kind], stage);
    [...head.children].forEach((node, i) => {
      place(node, laid?.head[i]);
      node.style.setProperty('--room', laid?.head[i].width ?? '');
    });
    place(foot, laid?.foot);
    const seams = laid?.foot.seams ?? [];
    foot.style.gridTemplateColumns = seams.length
      ? divide(0, laid.foot.width, [1, 1, 1], 0, seams).map(({ size }) => `${size}px`).join(' ') : '';
    foot.style.columnGap = seams.length ? '0' : '';
  }

  /** Builds everything for another stage, or only moves it if the kind is the same. */
  function lay(next) {
    const sameKind = stage?.kind === next.kind;
    stage = next;
    frame();
    if (sameKind && stage.kind !== 'flow') return move();
    if (sameKind) return scenes[0].mounted.forEach(resizeFlow);
    clear();
    scenes = stage.kind === 'flow' ? [buildFlow()] : screen.scenes.filter((scene) => scene[stage.kind]).map(buildScene);
    onNeeds(collect());
    return show(Math.min(current, scenes.length - 1));
  }

  function move() {
    for (const built of scenes) {
      const boxes = arrange(built.scene[stage.kind], stage).panels.map(({ box }) => box);
      built.boxes = new Map([...built.boxes.keys()].map((entry, i) => [entry, boxes[i]]));
      for (const entry of built.mounted) {
        put(entry, built.boxes.get(entry));
      }
    }
    placeSingles();
  }

  // Views and sources of all scenes, the first scene's first.
  function collect() {
    const modules = all().map(({ module }) => module);
    const views = new Map(modules.flatMap((m) => m.needs ?? [])
      .map(([range, by]) => [`${range}|${by ?? ''}`, by ? { range, by } : { range }]));
    return { views: [...views.values()], sources: new Set(modules.flatMap((m) => m.sources ?? [])) };
  }

  const seen = () => [...always, ...single.values(), ...(scenes[current]?.mounted ?? [])];
  const all = () => [...always, ...single.values(), ...scenes.flatMap(({ mounted }) => mounted)];

  function update(detail) {
    for (const { panel } of seen()) panel.update?.(detail);
  }

  /** Shows scene N, about FOCUS if it is made for each of several. */
  function show(n, focus = null) {
    current = n;
    scenes.forEach(({ node }, i) => node.toggleAttribute('data-off', i !== n));
    placeSingles();
    scenes[n].focus = focus ?? (scenes[n].scene.each ? firstFocus() : null);
    const { scene } = scenes[n];
    document.documentElement.dataset.scene = scene.id;
    if (latest.state) update({ state: latest.state, before: latest.state });
    document.dispatchEvent(new CustomEvent('scene', { detail: { n, count: scenes.length, scene,
      titles: scenes.map((built) => built.scene.title) } }));
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

  document.addEventListener('theme', () => all().forEach(({ panel }) => panel.repaint?.()));

  const api = { lay, step, show, mountAlways, title: () => t('board.title'),
                current: () => ({ n: current, count: scenes.length, ...scenes[current] }),
                seen, all, state: () => latest.state };
  return api;
}
