// What no replay can bring back: a journal damaged in its middle, a store that went back while
// nobody was there to see it. Nothing of that happens in silence.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { event, expectTotals, scene, until } from './harness.mjs';

const activity = (id) => event('activity', { id, title: '活动', community: 'm1', residents: 1 });

/** Spoils the event of that id wherever the journal of a daemon holds it. */
function spoil(d, id) {
  const folder = path.join(d.state, 'journal');
  let found = 0;
  for (const name of fs.readdirSync(folder).filter((n) => n.endsWith('.j'))) {
    const file = path.join(folder, name);
    const bytes = fs.readFileSync(file);
    const at = bytes.indexOf(`"id":"${id}"`);
    if (at < 0) continue;
    const fd = fs.openSync(file, 'r+');
    fs.writeSync(fd, Buffer.from([bytes[at + 8] ^ 1]), 0, 1, at + 8);
    fs.closeSync(fd);
    found += 1;
  }
  assert.equal(found, 1, `the journal must hold ${id} in one segment`);
}

scene('an accepted event lost to the disk: counting stops, until the owner accepts the loss', async (s) => {
  const store = await s.redis();
  const d = await s.daemon({ redis: store.url });
  await d.count(activity('first'));
  assert.match((await d.ctl('loss')).stdout, /^nothing is lost/);
  await store.kill();
  await until(async () => (await d.get('/readyz')).status === 503, 'the store to be missed');
  for (const id of ['one', 'two', 'three']) assert.equal((await d.post([activity(id)])).status, 202);
  await d.kill();
  spoil(d, 'two');
  await store.start();
  await d.launch().listening();
  await until(async () => /next record here/.test((await d.get('/readyz')).text), 'the alarm');
  assert.equal((await d.post([activity('four')])).status, 202, 'what comes in is kept');
  await expectTotals(d, 'all', { activities: 2, residents: 2 });

  const told = await d.ctl('loss');
  assert.equal(told.code, 1);
  assert.match(told.stdout, /numbers 3 to 3 of journal [0-9a-f]{32}, 1 in all\n/);
  assert.equal((await d.ctl('loss', '--accept')).code, 0);
  await until(async () => (await d.get('/readyz')).status === 200, '/readyz to say 200', 60_000);
  await until(async () => (await d.totals()).totals.activities === 4, 'the others to be counted');
  assert.match(d.log, /event=loss_accepted .*number=3 last=3/);
  assert.deepEqual(await d.send(activity('two'), activity('three')), ['counted', 'duplicate']);
  await expectTotals(d, 'all', { activities: 5, residents: 5 });
  assert.equal((await d.ctl('verify')).code, 0);
  assert.equal((await d.ctl('loss')).code, 0);
});

scene('a store that went back while no daemon ran: another epoch, then the same totals', async (s) => {
  const store = await s.redis({ config: { appendonly: 'no', dbfilename: 'dump.rdb' } });
  const d = await s.daemon({ redis: store.url });
  await d.count(activity('a'));
  await store.cli('SAVE');
  await d.count(activity('b'), activity('c'));
  const shown = await d.totals();
  await d.kill();
  await store.kill();
  await store.start();
  await d.restart();
  await until(async () => (await d.totals()).totals.activities === 3, 'the replay');
  const now = await d.totals();
  assert.equal(now.rev, shown.rev);
  assert.notEqual(now.epoch, shown.epoch, 'figures may have fallen meanwhile');

  await d.kill();
  await d.restart();
  assert.equal((await d.totals()).epoch, now.epoch, 'a store that has everything keeps its epoch');
});
