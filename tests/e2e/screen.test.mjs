// The screen's configuration: what ships is right, and what an operator gets wrong is said.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { readScreen } from '../../web/js/screen.js';

const at = (name) => new URL(`../../${name}`, import.meta.url);
const written = (name) => JSON.parse(fs.readFileSync(at(name), 'utf8').replace(/^\s*\/\/.*$/gm, ''));
const shipped = written('config/screen.json');
const district = written('config/screen-district.json');
const panels = [...fs.readFileSync(at('web/js/panels/index.js'), 'utf8')
  .matchAll(/^import (\w+) from/gm)].map(([, name]) => name);
const read = (found) => readScreen(found, panels, shipped);

const placedIn = ({ flow, scenes }) => [...flow, ...scenes.flatMap(({ wide, ultra }) => [wide, ultra]
  .filter(Boolean).flatMap(({ top, columns }) => [...top, ...columns.flatMap((c) => c.panels)]))]
  .map(({ panel }) => panel);

test('what ships is without a complaint, and every panel has a place in it', () => {
  const placed = new Set([shipped, district].flatMap((file) => {
    const { screen, complaints } = read(file);
    assert.deepEqual(complaints, []);
    return placedIn(screen);
  }));
  const always = ['clock', 'title', 'connection', 'foot'];
  for (const name of panels) assert.ok(placed.has(name) || always.includes(name), name);
});

test('a district has only panels that it has content for, on every kind of screen', () => {
  const { screen } = read(district);
  assert.ok(screen.scenes.every(({ wide, ultra }) => wide && ultra));
  const empty = ['plans', 'problems', 'projects', 'venues', 'units'];
  assert.deepEqual(placedIn(screen).filter((name) => empty.includes(name)), []);
  assert.ok(screen.flow.some(({ panel }) => panel === 'members'));
});

test('nothing given is the shipped layout', () => {
  assert.deepEqual(read({}).screen, read(shipped).screen);
  assert.deepEqual(read(null).screen, read(shipped).screen);
});

test('each mistake is said by its place, and the rest is used', () => {
  const { screen, complaints } = read({
    title: '某街道', languge: 'zh', drift: 'yes', wall: { ratio: 40, seams: { columns: [0.7, 0.3] } },
    themes: { '7:00': 'hall' }, flow: ['headline', 'weather'],
    scenes: [{ id: 'one', seconds: 30, wide: { columns: [{ panels: ['trend', 'trends:4'] }] } }],
  });
  assert.deepEqual(complaints.map((c) => c.at).sort(), ['drift', 'flow[1]', 'languge',
    'scenes[0].wide.columns[0].panels[1]', 'themes', 'wall.ratio', 'wall.seams.columns']);
  assert.ok(complaints.every(({ found, allowed }) => found && allowed));
  assert.equal(screen.title, '某街道');
  assert.deepEqual(screen.flow.map(({ panel }) => panel), ['headline']);
  assert.deepEqual(screen.scenes[0].wide.columns[0].panels.map(({ panel }) => panel), ['trend']);
  assert.deepEqual(screen.scenes[0].ultra, screen.scenes[0].wide, 'never a dark screen');
});

test('no scene that can be shown: the shipped ones stand in', () => {
  const { screen, complaints } = read({ scenes: [{ id: 'x' }, 5] });
  assert.ok(complaints.length > 0);
  assert.ok(screen.scenes.some(({ wide }) => wide) && screen.scenes.some(({ ultra }) => ultra));
});
