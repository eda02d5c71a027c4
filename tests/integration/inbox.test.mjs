// The way in for other systems: XADD to the inbox stream, counted by the same rules, once.
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { event, expectTotals, figures, scene, until } from './harness.mjs';

const INBOX = 'tally:{probe}:inbox';
const REJECTED = 'tally:{probe}:rejected';
const activity = (fields) => event('activity', { title: '活动', community: 'm1', ...fields });

const put = (redis, ...events) =>
  Promise.all(
    events.map((e) => redis.cli('XADD', INBOX, '*', 'event', typeof e === 'string' ? e : JSON.stringify(e))),
  );
/** The inbox empties in the store; what is shown follows in a moment. */
async function shows(d, some) {
  await until(
    async () => isDeepStrictEqual((await d.totals()).totals, figures(some)),
    `${JSON.stringify(some)} to be shown`,
  );
  await expectTotals(d, 'all', some);
}
const emptied = (redis) =>
  until(async () => (await redis.cli('XLEN', INBOX)) === '0', 'the inbox to be empty');

scene('what is written to the inbox is counted once, however it comes', async (s) => {
  const redis = await s.redis();
  const d = await s.daemon({ redis: redis.url });
  const one = activity({ residents: 4 });
  await put(
    redis,
    one,
    one,
    activity({ residents: 2 }),
    event('venue', { venue: 'v', shared: true, name: 'n', unit: 'u1' }),
  );
  await emptied(redis);
  await shows(d, { activities: 2, residents: 6, venues: 1 });
  assert.deepEqual(await d.send(one), ['duplicate']);
  assert.equal((await d.ctl('verify')).code, 0);
});

scene('what is refused goes to the rejected with the reason, and nothing else does', async (s) => {
  const redis = await s.redis();
  const d = await s.daemon({ redis: redis.url });
  const good = activity();
  await put(redis, good);
  await emptied(redis);
  await put(
    redis,
    'no JSON',
    activity({ community: 'm99' }),
    { ...good, title: 'else' },
    event('reach', { activity: 'never', residents: 1 }),
  );
  await emptied(redis);
  const reasons = async () => (await redis.cli('XRANGE', REJECTED, '-', '+')).split('\n');
  const all = await until(async () => {
    const lines = await reasons();
    return lines.filter((line) => line === 'reason').length === 4 && lines;
  }, 'four rejected events');
  for (const reason of ['not_json', 'not_in_catalogue community', 'other_content', 'unknown_event']) {
    assert.ok(all.includes(reason), `${reason} in ${all}`);
  }
  await shows(d, { activities: 1 });
});

scene('no name of a resident is kept with what is refused', async (s) => {
  const redis = await s.redis();
  const d = await s.daemon({ redis: redis.url });
  const reach = (fields) => event('reach', { activity: 'none', resident: '李四', ...fields });
  const coded = JSON.stringify(reach());
  await put(
    redis,
    reach(),
    reach({ residents: 2 }),
    reach({ resident: { name: '李四' } }),
    [reach(), reach()],
    '{"resident":"李四","resident":"李四"}',
    JSON.stringify(coded),
    { id: 'n', note: JSON.stringify({ a: coded }) },
    "{'resident':'李四'}",
    '{"resi\\u0064ent":"李四",}',
    { ...reach({ resident: undefined }), Resident: '李四' },
    '{"id":"plain", "residents":12345678901234567890}',
  );
  await redis.cli('XADD', INBOX, '*', 'Event', JSON.stringify(reach({ id: 'x1' })), 'from', 'abroad');
  await redis.cli('XADD', INBOX, '*', 'kind', 'activity', 'title', '无信封');
  const kept = await until(async () => {
    const text = await redis.cli('XRANGE', REJECTED, '-', '+');
    return text.split('\n').filter((line) => line === 'reason').length === 13 && text;
  }, 'thirteen rejected events');
  assert.doesNotMatch(kept, /李四/);
  assert.match(kept, /"activity":"none","resident":"[0-9a-f]{32}"/, 'but which resident it is, and all else');
  assert.match(kept, /\{"from":"abroad"\}/);
  assert.match(kept, /^\{"id":"plain", "residents":12345678901234567890\}$/m, 'to the letter, where none is named');
  assert.match(kept, /\{"kind":"activity","title":"无信封"\}/, 'what came without an event is shown');
  assert.equal(kept.match(/^missing_field event$/gm).length, 2);
  await shows(d, {});
});

scene('what a daemon left when it was killed is counted by the next', async (s) => {
  const redis = await s.redis();
  const first = await s.daemon({ redis: redis.url });
  await put(redis, activity());
  await emptied(redis);
  await first.kill();
  // Taken by a consumer that is dead, and never acknowledged.
  await put(redis, activity({ residents: 3 }), activity());
  await redis.cli('XREADGROUP', 'GROUP', 'tallyd', 'dead', 'COUNT', '1', 'STREAMS', INBOX, '>');
  const second = await s.daemon({ redis: redis.url });
  await emptied(redis);
  await shows(second, { activities: 3, residents: 3 });
});

scene('with the store away and back, the inbox goes on', async (s) => {
  const redis = await s.redis();
  const d = await s.daemon({ redis: redis.url });
  await put(redis, activity());
  await emptied(redis);
  await redis.kill();
  await redis.start();
  await put(redis, activity());
  await emptied(redis);
  await shows(d, { activities: 2 });
});

scene('what was answered queued and proves a conflict goes to the rejected', async (s) => {
  const redis = await s.redis();
  const d = await s.daemon({ redis: redis.url });
  await d.count(activity());
  redis.child.kill('SIGSTOP');
  const answer = await d.post([event('void', { of: 'never', reason: 'r' }), activity({ id: 'late' })]);
  redis.child.kill('SIGCONT');
  assert.equal(answer.status, 202);
  assert.deepEqual(answer.json.results.map((r) => r.status), ['queued', 'queued']);
  await shows(d, { activities: 2 });
  await until(async () => (await redis.cli('XRANGE', REJECTED, '-', '+')).includes('"of":"never"'), 'the rejected void');
  assert.equal((await redis.cli('XRANGE', REJECTED, '-', '+')).includes('late'), false);
});
