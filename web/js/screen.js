// The screen's own configuration, config/screen.json: which panels stand where, in which scenes,
// for how long. Whatever is wrong in it is said by its place, and what is right is still used.

const KINDS = ['wide', 'ultra'];
const EACH = ['circle'];

const isObject = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);
const isText = (v) => typeof v === 'string';
const within = (least, most) => (v) => typeof v === 'number' && v >= least && v <= most;
const shares = (v) => Array.isArray(v) && v.every((n) => typeof n === 'number' && n > 0 && n < 1)
  && v.every((n, i) => i === 0 || n > v[i - 1]);
const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;

// What each key may hold, in words for whoever must mend it.
const keys = {
  title: [isText, 'a text'],
  language: [(v) => ['zh', 'en'].includes(v), '"zh" or "en"'],
  motto: [isText, 'a text'],
  wall: [isObject, 'an object'],
  'wall.ratio': [(v) => v === null || within(0.5, 8)(v), 'null or a number from 0.5 to 8'],
  'wall.seams': [isObject, 'an object'],
  'wall.seams.columns': [shares, 'rising numbers between 0 and 1'],
  'wall.seams.rows': [shares, 'rising numbers between 0 and 1'],
  'wall.seams.gap': [within(0, 200), 'a number from 0 to 200'],
  themes: [(v) => isObject(v) && Object.entries(v).every(
    ([at, theme]) => CLOCK.test(at) && ['hall', 'office'].includes(theme)),
  '{"HH:MM": "hall" or "office", …}'],
  drift: [(v) => typeof v === 'boolean', 'true or false'],
  quiet: [(v) => v === null || CLOCK.test(v), 'null or "HH:MM"'],
  scenes: [(v) => Array.isArray(v) && v.length > 0, 'a list of scenes'],
  flow: [Array.isArray, 'a list of panels'],
  frame: [isObject, 'an object'],
};

function checkKeys(found, path, complain) {
  const good = {};
  for (const [name, value] of Object.entries(found)) {
    const at = path + name;
    const rule = keys[at];
    if (!rule) complain(at, value, `one of ${Object.keys(keys).filter((k) => k.startsWith(path))
      .map((k) => k.slice(path.length)).filter((k) => !k.includes('.')).join(', ')}`);
    else if (!rule[0](value)) complain(at, value, rule[1]);
    else good[name] = ['wall', 'wall.seams'].includes(at) ? checkKeys(value, `${at}.`, complain) : value;
  }
  return good;
}

/** "trend", "trend:5" or {"panel": "trend", "size": 5, "title": …} as the last of these. */
function specOf(entry, at, panels, complain) {
  const [panel, size] = isText(entry) ? entry.split(':') : [entry?.panel, entry?.size];
  if (!panels.has(panel)) {
    complain(at, panel ?? entry, `one of ${[...panels].join(', ')}`);
    return null;
  }
  return { ...(isObject(entry) ? entry : {}), panel, size: Number(size) > 0 ? Number(size) : 1 };
}

function specsOf(list, at, panels, complain) {
  if (list === undefined) return [];
  if (!Array.isArray(list)) {
    complain(at, list, 'a list of panels');
    return [];
  }
  return list.map((entry, i) => specOf(entry, `${at}[${i}]`, panels, complain)).filter(Boolean);
}

function layoutOf(layout, at, panels, complain) {
  if (!isObject(layout)) return null;
  const columns = (Array.isArray(layout.columns) ? layout.columns : []).map((column, i) => ({
    width: within(0.01, 10000)(column?.width) ? column.width : 1,
    panels: specsOf(column?.panels, `${at}.columns[${i}].panels`, panels, complain),
  })).filter((column) => column.panels.length);
  if (!columns.length) {
    complain(at, layout, '{"top": […], "columns": [{"width": n, "panels": […]}, …]}');
    return null;
  }
  return { top: specsOf(layout.top, `${at}.top`, panels, complain), columns };
}

function sceneOf(scene, at, panels, complain) {
  const made = { id: scene?.id ?? at, title: scene?.title ?? '',
                 seconds: within(5, 86400)(scene?.seconds) ? scene.seconds : 60,
                 each: EACH.includes(scene?.each) ? scene.each : null };
  for (const kind of KINDS) {
    made[kind] = layoutOf(scene?.[kind], `${at}.${kind}`, panels, complain);
  }
  const given = KINDS.map((kind) => made[kind]).find(Boolean);
  if (!given) complain(at, scene, '{"id": …, "seconds": n, "wide": {…} and/or "ultra": {…}}');
  // What one kind of screen lacks is taken from the other, unless it is left out on purpose.
  for (const kind of KINDS) if (scene?.[kind] !== false) made[kind] ??= given;
  return given ? made : null;
}

/** {screen, complaints}: FOUND, as the server gave it, over what is BUILT_IN. */
export function readScreen(found, panels, builtIn) {
  const complaints = [];
  const complain = (at, value, allowed) => complaints.push(
    { at, found: JSON.stringify(value)?.slice(0, 80) ?? 'nothing', allowed });
  const known = new Set(panels);
  const given = isObject(found) ? checkKeys(found, '', complain) : {};
  const whole = { ...builtIn, ...given };
  const scenesOf = (list) => list.map((scene, i) => sceneOf(scene, `scenes[${i}]`, known, complain))
    .filter(Boolean);
  const scenes = scenesOf(whole.scenes);
  // Never a dark screen: each kind has a scene.
  for (const kind of KINDS) {
    if (!scenes.some((scene) => scene[kind])) {
      scenes.push(...scenesOf(builtIn.scenes).filter((scene) => scene[kind])
        .map((scene) => ({ ...scene, wide: null, ultra: null, [kind]: scene[kind] })));
    }
  }
  return { complaints,
           screen: { ...whole, scenes, flow: specsOf(whole.flow, 'flow', known, complain) } };
}
