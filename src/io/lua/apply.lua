#!lua
-- apply: counts a batch of events, each once, all or nothing as far as Redis is concerned: every
-- check of an event precedes its first write, and one call is one unit of the append-only file.
--
-- KEYS  1 meta      hash    epoch, rev
--       2 ids       hash    event id -> 16 bytes of its content's hash .. its revision
--       3 events    stream  rev-0 -> i id, x effect, e event as JSON: the truth, never trimmed
--       4 cells     hash    the counters (totals.h has the form): the fold of events
--       5 voids     hash    id of an event taken back -> id of the void
--       6 timeline  zset    "WHAT AT ID DAY DIMS N": who claims the same thing, in order
--       7 problems  hash    problem -> "STATUS RAISED CLAIMED SOLVED RAISED-AT SOLVED-AT" (ids, and
--                           AT's digits, or -)
--       8 agenda    zset    plan -> seconds at which it starts
--       9 reached   hash    activity -> "DAY:N …": what its reaches have added
--      10 changes   stream  rev-0 -> p revision before, c cells, f feed: what followers read
--      11 applied   hash    incarnation of a daemon's journal -> last sequence number applied
--      12 rejected  stream  events that were refused after having been accepted
--      13 unique    prefix of the HyperLogLogs of unique residents, ":BUCKET DIM" behind it, in
--                   the same slot by the hash tag
-- ARGV  1 incarnation or "-", 2 sequence number of the first event, 3 epoch for a new store,
--       4 changes to keep, 5 "1" if conflicts go to rejected, "rebuild" if the events are those of
--       the stream, in its order, to be counted again into other keys (1, 4 to 11), then for each
--       event:
--       id, 16 bytes of content hash, effect (effect.h has the form), event as JSON
-- Gives "ok", revision, last sequence applied, epoch, and one letter an event:
--       c counted, d duplicate, or a conflict: h other content, u speaks of an unknown event,
--       v of one taken back, k void of a void, a not an activity, s solved before raised,
--       o another unit's, or an admin's, n not counted by the earlier call
-- or    "gap", last sequence applied: nothing was written; the batch must begin right after it.

local meta, ids, events, cells, voids, timeline, problems, agenda, reached, changes, applied,
  rejected, unique = unpack(KEYS)
local call = redis.call
local ACTIVITIES, VENUES, RESIDENTS, RAISED, SOLVED = 1, 2, 3, 4, 5

local rebuild = ARGV[5] == 'rebuild'
local incarnation, sequence = ARGV[1], tonumber(ARGV[2])
local done = 0
if incarnation ~= '-' then
  done = tonumber(call('HGET', applied, incarnation) or '0')
  if sequence > done + 1 then return {'gap', tostring(done)} end
end

local epoch = call('HGET', meta, 'epoch')
if not epoch then
  epoch = ARGV[3]
  call('HSET', meta, 'epoch', epoch, 'rev', '0')
end
local rev = tonumber(call('HGET', meta, 'rev'))
local rev_before = rev

-- What the batch adds, summed before any counter is touched: "DAY DIMS" -> {a, v, r, p, s}.
local sums = {}
local function add(day, dims, metric, n)
  local key = day .. ' ' .. dims
  local sum = sums[key]
  if not sum then
    sum = {0, 0, 0, 0, 0}
    sums[key] = sum
  end
  sum[metric] = sum[metric] + n
end

local function parse(effect)
  local kind, at, day, dims, n, key, extra =
    string.match(effect, '^(%a) (%d+) (%d+) (%S+) (%S+) (%S+) (%S+)$')
  return {kind = kind, at = at, day = day, dims = dims, n = n, key = key, extra = extra}
end

-- What is known of the batch's events and of those they speak of is read at once, and kept up.
local parsed, records, voided = {}, {}, {}
local function fetch(key, list, into)
  for from = 1, #list, 1000 do
    local upto = math.min(from + 999, #list)
    local values = call('HMGET', key, unpack(list, from, upto))
    for i = from, upto do into[list[i]] = values[i - from + 1] end
  end
end
do
  local asked, spoken = {}, {}
  for i = 6, #ARGV, 4 do
    local x = parse(ARGV[i + 2])
    parsed[i] = x
    asked[#asked + 1] = ARGV[i]
    if x.kind == 'r' or x.kind == 'x' then spoken[#spoken + 1] = x.key end
  end
  fetch(ids, asked, records)
  fetch(ids, spoken, records)
  fetch(voids, spoken, voided)
end
local function is_void(id)
  if voided[id] == nil then voided[id] = call('HGET', voids, id) end
  return voided[id] ~= false
end

-- The effect of a counted event.
local known = {}
local function effect_of(id)
  if known[id] == nil then
    if records[id] == nil then records[id] = call('HGET', ids, id) end
    local record = records[id]
    if not record then return nil end
    local at = string.sub(record, 17) .. '-0'
    local entry = call('XRANGE', events, at, at)[1]
    known[id] = parse(entry[2][4])
  end
  return known[id]
end

-- Timeline: all that claim WHAT stand together, by time, then id.
local function member(what, id, x)
  return what .. ' ' .. x.at .. ' ' .. id .. ' ' .. x.day .. ' ' .. x.dims .. ' ' .. x.n
end
local function read_member(m)
  local id, day, dims, n = string.match(m, ' %d+ (%S+) (%d+) (%S+) (%S+)$')
  return {id = id, day = day, dims = dims, n = n}
end
local function first(what)
  return call('ZRANGEBYLEX', timeline, '[' .. what .. ' ', '(' .. what .. '!', 'LIMIT', 0, 1)[1]
end
local function last(what)
  return call('ZREVRANGEBYLEX', timeline, '(' .. what .. '!', '[' .. what .. ' ', 'LIMIT', 0, 1)[1]
end
local function previous(what, m)
  return call('ZREVRANGEBYLEX', timeline, '(' .. m, '[' .. what .. ' ', 'LIMIT', 0, 1)[1]
end
local function following(what, m)
  return call('ZRANGEBYLEX', timeline, '(' .. m, '(' .. what .. '!', 'LIMIT', 0, 1)[1]
end

-- Byte by byte, as Redis orders members; Lua's own order depends on the server's locale.
local function precedes(a, b)
  local i, x, y = 0
  repeat
    i = i + 1
    x, y = string.byte(a, i) or -1, string.byte(b, i) or -1
  until x ~= y or x == -1
  return x < y
end

-- Of all that claim WHAT only the first counts; SCORE(winner, sign) adds or takes back.
local function claim(what, m, score)
  local old = first(what)
  call('ZADD', timeline, 0, m)
  if old and not precedes(m, old) then return end
  if old then score(read_member(old), -1) end
  score(read_member(m), 1)
end
local function unclaim(what, m, score)
  local was = first(what)
  call('ZREM', timeline, m)
  if was ~= m then return end
  score(read_member(m), -1)
  local new = first(what)
  if new then score(read_member(new), 1) end
end

-- What reaches have added to an activity, by day, so that its void can take it back at once.
local reach_days = {}
local function reach_table(activity)
  local days = reach_days[activity]
  if not days then
    days = {}
    for day, n in string.gmatch(call('HGET', reached, activity) or '', '(%d+):(%-?%d+)') do
      days[day] = tonumber(n)
    end
    reach_days[activity] = days
  end
  return days
end
local function reach_add(activity, dims, day, n)
  local days = reach_table(activity)
  days[day] = (days[day] or 0) + n
  add(day, dims, RESIDENTS, n)
end

local function venue_step(what, m, x, sign)
  local before, after = previous(what, m), following(what, m)
  local follow = after and read_member(after)
  if before then
    local b = read_member(before)
    if b.n == '1' then
      add(x.day, b.dims, VENUES, -sign)
      if follow then add(follow.day, b.dims, VENUES, sign) end
    end
  end
  if x.n == '1' then
    add(x.day, x.dims, VENUES, sign)
    if follow then add(follow.day, x.dims, VENUES, -sign) end
  end
end

local touched_problems, touched_plans = {}, {}

local function problem_score(metric)
  return function(winner, sign) add(winner.day, winner.dims, metric, sign) end
end
local problem_scores = {r = problem_score(RAISED), s = problem_score(SOLVED), c = function() end}

-- A solved problem counts where it was raised, for the unit that solved it.
local function solved_dims(raised, own)
  local parts = {}
  for part in string.gmatch(read_member(raised).dims, '[^,]+') do
    if string.match(part, '^[ic]=') then parts[#parts + 1] = part end
  end
  local unit = string.match(own, 'u=[^,]+')
  if unit then parts[#parts + 1] = unit end
  return #parts > 0 and table.concat(parts, ',') or '-'
end

-- Unique residents: "BUCKET DIM" -> list of keyed hashes.
local residents = {}
local function remember_resident(hash, monday, x)
  local day = x.day
  local buckets = {'*', 'Y' .. string.sub(day, 1, 4), 'M' .. string.sub(day, 1, 6),
                   'W' .. monday, 'D' .. day}
  for dim in string.gmatch('t,' .. x.dims, '[^,]+') do
    if dim ~= '-' then
      for _, bucket in ipairs(buckets) do
        local key = bucket .. ' ' .. dim
        residents[key] = residents[key] or {}
        table.insert(residents[key], hash)
      end
    end
  end
end

-- check[kind] gives a conflict's letter or nil; count[kind] counts; uncount[kind] takes back.
local check, count, uncount = {}, {}, {}

function count.a(id, x)
  add(x.day, x.dims, ACTIVITIES, 1)
  add(x.day, x.dims, RESIDENTS, tonumber(x.n))
  if x.key ~= '-' then
    call('ZADD', timeline, 0, member('f ' .. x.key, id, x))
  end
end
function uncount.a(id, x)
  add(x.day, x.dims, ACTIVITIES, -1)
  add(x.day, x.dims, RESIDENTS, -tonumber(x.n))
  local days = reach_table(id)
  for day, n in pairs(days) do
    add(day, x.dims, RESIDENTS, -n)
    days[day] = 0
  end
  if x.key ~= '-' then
    call('ZREM', timeline, member('f ' .. x.key, id, x))
  end
end

local function has_unit(x, unit)
  return string.find(',' .. x.dims .. ',', ',u=' .. unit .. ',', 1, true)
end

-- The unit whose things alone it may speak of; what is kept of it doesn't say so.
local function bound_to(x)
  local extra, unit = string.match(x.extra, '^(.-)@(.*)$')
  x.extra = extra or x.extra
  return unit
end
-- Whose a venue or a plan is: of the last that names a unit, of the last few.
local function is_of_other(what, unit)
  local list = call('ZREVRANGEBYLEX', timeline, '(' .. what .. '!', '[' .. what .. ' ', 'LIMIT', 0, 10)
  for _, m in ipairs(list) do
    local holder = string.match(read_member(m).dims, 'u=([^,]+)')
    if holder then return holder ~= unit end
  end
  return false
end

function check.r(x)
  local activity = effect_of(x.key)
  if not activity then return 'u' end
  if activity.kind ~= 'a' then return 'a' end
  if is_void(x.key) then return 'v' end
  local unit = bound_to(x)
  if unit and not has_unit(activity, unit) then return 'o' end
  x.dims = activity.dims
end
local function reach_claim(x)
  local hash, monday = string.match(x.extra, '^(%w+):(%d+)$')
  if not hash then return nil end
  return 'u ' .. x.key .. ' ' .. hash, hash, monday
end
local function reach_score(activity)
  return function(winner, sign) reach_add(activity, winner.dims, winner.day, sign) end
end
function count.r(id, x)
  local what, hash, monday = reach_claim(x)
  if not what then return reach_add(x.key, x.dims, x.day, tonumber(x.n)) end
  claim(what, member(what, id, x), reach_score(x.key))
  remember_resident(hash, monday, x)
end
function uncount.r(id, x)
  local what = reach_claim(x)
  if not what then return reach_add(x.key, x.dims, x.day, -tonumber(x.n)) end
  unclaim(what, member(what, id, x), reach_score(x.key))
end

function check.v(x)
  local unit = bound_to(x)
  if unit and is_of_other('v ' .. x.key, unit) then return 'o' end
end
function count.v(id, x)
  local what = 'v ' .. x.key
  local m = member(what, id, x)
  venue_step(what, m, x, 1)
  call('ZADD', timeline, 0, m)
end
function uncount.v(id, x)
  local what = 'v ' .. x.key
  local m = member(what, id, x)
  call('ZREM', timeline, m)
  venue_step(what, m, x, -1)
end

function check.p(x)
  if x.n ~= 's' then return nil end
  local raised = first('r ' .. x.key)
  if not raised then return 's' end
  x.dims = solved_dims(raised, x.dims)
end
function count.p(id, x)
  local what = x.n .. ' ' .. x.key
  claim(what, member(what, id, x), problem_scores[x.n])
  touched_problems[x.key] = true
end
function uncount.p(id, x)
  local what = x.n .. ' ' .. x.key
  unclaim(what, member(what, id, x), problem_scores[x.n])
  touched_problems[x.key] = true
end

function check.l(x)
  local unit = bound_to(x)
  if unit and is_of_other('l ' .. x.key, unit) then return 'o' end
end
function count.l(id, x)
  call('ZADD', timeline, 0, member('l ' .. x.key, id, x))
  touched_plans[x.key] = true
end
function uncount.l(id, x)
  call('ZREM', timeline, member('l ' .. x.key, id, x))
  touched_plans[x.key] = true
end

local function opening_add(x, sign)
  local metric = 1
  for n in string.gmatch(x.n, '[^,]+') do
    if n ~= '0' then add('0', x.dims, metric, sign * tonumber(n)) end
    metric = metric + 1
  end
end
function count.o(_, x) opening_add(x, 1) end
function uncount.o(_, x) opening_add(x, -1) end

function check.x(x)
  local target = effect_of(x.key)
  if not target then return 'u' end
  if target.kind == 'x' then return 'k' end
  if is_void(x.key) or (target.kind == 'r' and is_void(target.key)) then return 'v' end
  local unit = bound_to(x)
  if unit and target.kind == 'o' then return 'o' end
  unit = unit or (x.extra ~= '-' and x.extra) or '' -- an earlier version's names the unit alone
  if unit ~= '' and not has_unit(target, unit) then return 'o' end
  x.dims = target.dims
end
function count.x(id, x)
  call('HSET', voids, x.key, id)
  voided[x.key] = id
  local target = effect_of(x.key)
  uncount[target.kind](x.key, target)
end

-- One event: a letter. Nothing is written before all checks have passed.
local fresh = {} -- id, record, … of the batch, remembered all together at its end
local function take(id, hash, x, effect, json)
  local record = not rebuild and records[id]
  if record then return string.sub(record, 1, 16) == hash and 'd' or 'h' end
  local dims, extra = x.dims, x.extra
  local conflict = check[x.kind] and check[x.kind](x)
  if conflict then return conflict end
  rev = rev + 1
  if not rebuild then
    if x.dims ~= dims or x.extra ~= extra then
      effect = x.kind .. ' ' .. x.at .. ' ' .. x.day .. ' ' .. x.dims .. ' ' .. x.n .. ' ' ..
               x.key .. ' ' .. x.extra
    end
    records[id] = hash .. rev
    fresh[#fresh + 1] = id
    fresh[#fresh + 1] = records[id]
    call('XADD', events, rev .. '-0', 'i', id, 'x', effect, 'e', json)
  end
  known[id] = x
  count[x.kind](id, x)
  return 'c'
end

local reasons = {
  h = 'other_content', u = 'unknown_event', v = 'voided_event', k = 'void_of_void',
  a = 'not_an_activity', s = 'not_raised', o = 'other_unit',
  n = 'conflict',
}

local letters = {}
for i = 6, #ARGV, 4 do
  local id, json = ARGV[i], ARGV[i + 3]
  if incarnation ~= '-' and sequence <= done then
    -- Applied by an earlier call whose answer got lost: only the lookup is repeated.
    local record = records[id]
    letters[#letters + 1] =
      not record and 'n' or string.sub(record, 1, 16) == ARGV[i + 1] and 'd' or 'h'
  else
    letters[#letters + 1] = take(id, ARGV[i + 1], parsed[i], ARGV[i + 2], json)
  end
  local letter = letters[#letters]
  if letter ~= 'c' and letter ~= 'd' and ARGV[5] == '1' then
    call('XADD', rejected, 'MAXLEN', '~', 100000, '*', 'event', json, 'reason', reasons[letter])
  end
  sequence = sequence + 1
end
if incarnation ~= '-' and sequence - 1 > done then
  done = sequence - 1
  call('HSET', applied, incarnation, string.format('%.0f', done))
end
if rev == rev_before then
  return {'ok', string.format('%.0f', rev), string.format('%.0f', done), epoch,
          table.concat(letters)}
end

for from = 1, #fresh, 1000 do
  call('HSET', ids, unpack(fresh, from, math.min(from + 999, #fresh)))
end

-- From sums by "DAY DIMS" to sums by cell. From 10^14 on Lua would write a number as 1e+14.
local totals, fields = {}, {}
local function spread(field, sum)
  local total = totals[field]
  if total then
    total[1], total[2], total[3], total[4], total[5] = total[1] + sum[1], total[2] + sum[2],
      total[3] + sum[3], total[4] + sum[4], total[5] + sum[5]
  else
    totals[field] = {sum[1], sum[2], sum[3], sum[4], sum[5]}
    fields[#fields + 1] = field
  end
end
local split = {} -- DIMS -> list of groups, the total first
local function groups_of(dims)
  local list = split[dims]
  if not list then
    list = {'t'}
    if dims ~= '-' then
      for dim in string.gmatch(dims, '[^,]+') do list[#list + 1] = dim end
    end
    split[dims] = list
  end
  return list
end
for key, sum in pairs(sums) do
  local blank = string.find(key, ' ', 1, true)
  local day = string.sub(key, 1, blank)
  local list = groups_of(string.sub(key, blank + 1))
  for i = 1, #list do spread(day .. list[i], sum) end
end

local changed = {}
local function write_cells(from, upto)
  local old, new, n = call('HMGET', cells, unpack(fields, from, upto)), {}, 0
  for i = from, upto do
    local field = fields[i]
    local sum, was = totals[field], old[i - from + 1]
    if was then
      local a, v, r, p, s = string.match(was, '^([^,]+),([^,]+),([^,]+),([^,]+),([^,]+)$')
      sum[1], sum[2], sum[3], sum[4], sum[5] = sum[1] + a, sum[2] + v, sum[3] + r, sum[4] + p,
        sum[5] + s
    end
    local value = sum[1] .. ',' .. sum[2] .. ',' .. sum[3] .. ',' .. sum[4] .. ',' .. sum[5]
    if string.find(value, 'e', 1, true) then
      value = string.format('%.0f,%.0f,%.0f,%.0f,%.0f', unpack(sum))
    end
    new[n + 1], new[n + 2] = field, value
    n = n + 2
    changed[#changed + 1] = field .. '\t' .. value
  end
  call('HSET', cells, unpack(new))
end
for from = 1, #fields, 1000 do write_cells(from, math.min(from + 999, #fields)) end

local estimates = {}
for key, hashes in pairs(residents) do
  local name, grown = unique .. ':' .. key, 0
  for i = 1, #hashes, 1000 do
    grown = grown + call('PFADD', name, unpack(hashes, i, math.min(i + 999, #hashes)))
  end
  if grown > 0 then
    local value = call('PFCOUNT', name)
    estimates[#estimates + 1] = 'U' .. key
    estimates[#estimates + 1] = value
    changed[#changed + 1] = 'U' .. key .. '\t' .. value
  end
end
for from = 1, #estimates, 1000 do
  call('HSET', cells, unpack(estimates, from, math.min(from + 999, #estimates)))
end

for activity, days in pairs(reach_days) do
  local parts = {}
  for day, n in pairs(days) do
    if n ~= 0 then parts[#parts + 1] = day .. ':' .. string.format('%.0f', n) end
  end
  if #parts > 0 then
    call('HSET', reached, activity, table.concat(parts, ' '))
  else
    call('HDEL', reached, activity)
  end
end

for problem in pairs(touched_problems) do
  local function who(letter)
    local m = first(letter .. ' ' .. problem)
    if not m then return '-', '-' end
    return read_member(m).id, string.match(m, ' (%d+) %S+ %d+ %S+ %S+$')
  end
  local r, raised_at = who('r')
  local c = who('c')
  local s, solved_at = who('s')
  if r == '-' and c == '-' and s == '-' then
    call('HDEL', problems, problem)
  else
    local status = s ~= '-' and 'solved' or c ~= '-' and 'claimed' or 'raised'
    call('HSET', problems, problem, table.concat({status, r, c, s, raised_at, solved_at}, ' '))
  end
end

for plan in pairs(touched_plans) do
  local m = last('l ' .. plan)
  if m then
    local at = effect_of(read_member(m).id).extra
    -- The digits count from year 1 in µs: as seconds they fit a score exactly.
    call('ZADD', agenda, string.sub(at, 1, 11), plan)
  else
    call('ZREM', agenda, plan)
  end
end

call('HSET', meta, 'rev', string.format('%.0f', rev))
-- Followers are told the last few events. Each that was counted has raised the revision by one.
local feed, told = {}, rev
for i = #letters, 1, -1 do
  if letters[i] == 'c' then
    table.insert(feed, 1, string.format('%.0f ', told) .. ARGV[4 * i + 5])
    told = told - 1
  end
  if #feed == 20 then break end
end
call('XADD', changes, 'MAXLEN', '~', ARGV[4], string.format('%.0f-0', rev),
     'p', string.format('%.0f', rev_before), 'c', table.concat(changed, '\n'),
     'f', table.concat(feed, '\n'))
return {'ok', string.format('%.0f', rev), string.format('%.0f', done), epoch,
        table.concat(letters)}
