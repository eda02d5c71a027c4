// Who stands where. Pure geometry in the stage's own units: a stretch is divided among parts by
// their weights, and where a wall has seams, borders between parts are moved onto them, so that no
// part, and no text in it, lies across one.

/** All increasing choices of COUNT numbers out of 1 … MOST. */
function choices(count, most, from = 1) {
  if (count === 0) return [[]];
  const found = [];
  for (let first = from; first <= most - count + 1; first += 1) {
    for (const rest of choices(count - 1, most, first + 1)) found.push([first, ...rest]);
  }
  return found;
}

const sum = (list) => list.reduce((all, n) => all + n, 0);

// The borders of all parts when those of CHOSEN stand on SEAMS: between them by weight.
function borders(from, to, weights, chosen, seams) {
  const fixed = [[0, from], ...chosen.map((border, i) => [border, seams[i]]), [weights.length, to]];
  const at = [from];
  for (let i = 1; i < fixed.length; i += 1) {
    const [[first, begin], [last, end]] = [fixed[i - 1], fixed[i]];
    const share = weights.slice(first, last);
    for (let n = 0, run = 0; n < share.length; n += 1) {
      run += share[n];
      at.push(begin + (end - begin) * run / sum(share));
    }
  }
  return at;
}

// How far parts are from the share that they would like: 0 is none.
function distortion(at, weights, length) {
  const whole = sum(weights);
  return sum(weights.map((weight, i) => Math.abs(
    Math.log((at[i + 1] - at[i]) / length / (weight / whole)))));
}

// With more seams than borders some bays between seams stay empty: the widest are used.
function inBays(from, to, weights, gap, seams) {
  const edges = [from, ...seams, to];
  const bays = choices(weights.length, edges.length - 1)
    .map((chosen) => chosen.map((n) => ({ at: edges[n - 1], size: edges[n] - edges[n - 1] })))
    .reduce((a, b) => (sum(b.map(({ size }) => size)) > sum(a.map(({ size }) => size)) ? b : a));
  return bays.map(({ at, size }) => {
    const [left, right] = [at > from ? gap / 2 : 0, at + size < to ? gap / 2 : 0];
    return { at: at + left, size: size - left - right };
  });
}

/** Divides FROM … TO among WEIGHTS with GAP between parts: [{at, size}]. No part lies across one of
 * the SEAMS. */
export function divide(from, to, weights, gap = 0, seams = []) {
  const inside = seams.filter((seam) => seam > from + 1 && seam < to - 1);
  if (inside.length >= weights.length) return inBays(from, to, weights, gap, inside);
  const best = choices(inside.length, weights.length - 1)
    .map((chosen) => borders(from, to, weights, chosen, inside))
    .map((at) => ({ at, cost: distortion(at, weights, to - from) }))
    .reduce((a, b) => (b.cost < a.cost ? b : a));
  return weights.map((_, i) => {
    const begin = best.at[i] + (i > 0 ? gap / 2 : 0);
    const end = best.at[i + 1] - (i < weights.length - 1 ? gap / 2 : 0);
    return { at: begin, size: end - begin };
  });
}

const MARGIN = { side: 34, top: 18, bottom: 14 };
const HEAD = 96;
const FOOT = 40;
const GAP = 18;

/** The boxes of a scene on a stage: {head: [box × 3], foot: box, panels: [{spec, box}]}. A box is
 * {left, top, width, height, seams}: seams that cross it, from its own left edge. */
export function arrange(scene, stage) {
  const { width, height } = stage;
  const columnSeams = (stage.seams?.columns ?? []).map((share) => share * width);
  const rowSeams = (stage.seams?.rows ?? []).map((share) => share * height);
  const gap = Math.max(GAP, stage.seams?.gap ?? 0);
  const box = (x, y) => ({ left: x.at, top: y.at, width: x.size, height: y.size,
                           seams: columnSeams.map((s) => s - x.at)
                             .filter((s) => s > 1 && s < x.size - 1) });
  const across = { at: MARGIN.side, size: width - 2 * MARGIN.side };
  const right = across.at + across.size;
  const head = divide(across.at, right, [480, width - 1028, 480], gap, columnSeams)
    .map((x) => box(x, { at: MARGIN.top, size: HEAD }));
  const foot = box(across, { at: height - MARGIN.bottom - FOOT, size: FOOT });

  const panels = [];
  let top = MARGIN.top + HEAD + 10;
  for (const spec of scene.top ?? []) {
    const size = spec.height ?? 160;
    panels.push({ spec, box: box(across, { at: top, size }) });
    top += size + GAP;
  }
  const bottom = foot.top - 10;
  const columns = scene.columns ?? [];
  divide(across.at, right, columns.map((c) => c.width ?? 1), gap, columnSeams).forEach((x, i) => {
    const list = columns[i].panels;
    divide(top, bottom, list.map((spec) => spec.size ?? 1), gap, rowSeams)
      .forEach((y, n) => panels.push({ spec: list[n], box: box(x, y) }));
  });
  return { head, foot, panels };
}
