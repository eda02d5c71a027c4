#!lua
-- query: what a leader or a reporter asks about single things.
--
-- KEYS  1 ids, 2 events, 3 voids, 4 timeline, 5 problems, 6 agenda, 7 reached (as in apply.lua)
-- ARGV  1 what, then its arguments:
--   event ID            -> "0" if unknown, or revision, effect, JSON, void's revision or "-",
--                          void's JSON or "-", "1" if it counts now else "0", "DAY:N …" of reaches
--   holder WHAT KEY ID     -> the unit whose the venue (WHAT v) or the plan (l) is: of the last that
--                          names one, of the last few; "-" if there is none, or if the event ID is
--                          known already
--   problems STATUS N SINCE -> how many problems stand at raised, claimed, solved; the median of
--                          the seconds from raised to solved of those solved from SINCE on (seconds
--                          since year 1; "-": there is none); then for each problem of that status
--                          ("" any), the newest N by when they were raised, newest first:
--                          problem, status, then JSON of raised, claimed, solved (or "-")
--   plans FROM TO N     -> for each plan that starts from FROM to before TO (seconds since year
--                          1): JSON of the newest announcement, JSON of the activity that
--                          fulfils it or "-"
--   plan ID             -> JSON of the newest announcement or "-", JSON of the activity that fulfils
--                          it or "-"
--   dump REV N          -> revision, id, 16 bytes of content hash, effect and JSON of up to N
--                          events after REV, oldest first
--   walk REV N          -> "REV ID EFFECT" of up to N events after REV, oldest first

local ids, events, voids, timeline, problems, agenda, reached = unpack(KEYS)
local call = redis.call

local function entry_of(id)
  local record = id and id ~= '-' and call('HGET', ids, id)
  if not record then return nil end
  local rev = string.sub(record, 17)
  return call('XRANGE', events, rev .. '-0', rev .. '-0')[1][2], rev
end
local function json_of(id)
  local entry = entry_of(id)
  return entry and entry[6] or '-'
end
local function member_id(m) return m and string.match(m, ' %d+ (%S+) %d+ %S+ %S+$') end
local function first(what)
  return call('ZRANGEBYLEX', timeline, '[' .. what .. ' ', '(' .. what .. '!', 'LIMIT', 0, 1)[1]
end
local function last(what)
  return call('ZREVRANGEBYLEX', timeline, '(' .. what .. '!', '[' .. what .. ' ', 'LIMIT', 0, 1)[1]
end

local ask = {}

function ask.event(id)
  local entry, rev = entry_of(id)
  if not entry then return {'0'} end
  local kind, n, key, extra = string.match(entry[4], '^(%a) %d+ %d+ %S+ (%S+) (%S+) (%S+)$')
  local void = call('HGET', voids, id) or (kind == 'r' and call('HGET', voids, key)) or nil
  local counts = not void
  local hash = string.match(extra, '^(%w+):')
  if counts and kind == 'p' then counts = member_id(first(n .. ' ' .. key)) == id end
  if counts and kind == 'v' then counts = member_id(last('v ' .. key)) == id end
  if counts and kind == 'r' and hash then
    counts = member_id(first('u ' .. key .. ' ' .. hash)) == id
  end
  local void_entry, void_rev = entry_of(void)
  return {rev, entry[4], entry[6], void_rev or '-', void_entry and void_entry[6] or '-',
          counts and '1' or '0', kind == 'a' and call('HGET', reached, id) or ''}
end

function ask.holder(letter)
  local what, id = letter .. ' ' .. ARGV[3], ARGV[4] -- as they are: an id may be all digits
  if call('HEXISTS', ids, id) == 1 then return {'-'} end
  local list = call('ZREVRANGEBYLEX', timeline, '(' .. what .. '!', '[' .. what .. ' ', 'LIMIT', 0, 10)
  for _, m in ipairs(list) do
    local holder = string.match(m, '[ ,]u=([^ ,]+)[^ ]* %S+$')
    if holder then return {holder} end
  end
  return {'-'}
end

-- Seconds since year 1 of AT's digits.
local function seconds(at) return tonumber(string.sub(at, 1, 11)) end
local function median(list)
  local n = #list
  if n == 0 then return '-' end
  table.sort(list)
  local mid = math.floor(n / 2)
  return tostring(n % 2 == 1 and list[mid + 1] or (list[mid] + list[mid + 1]) / 2)
end

-- A problem's record: status, when raised, when solved, then who says so. One from before the times
-- stood in it is looked up.
local function at_of(letter, problem)
  return string.match(first(letter .. ' ' .. problem) or '', ' (%d+) %S+ %d+ %S+ %S+$') or '-'
end
local function standing(problem, record)
  local is, r, c, s, raised, solved = string.match(record, '^(%S+) (%S+) (%S+) (%S+) ?(%S*) ?(%S*)$')
  if raised == '' then raised, solved = at_of('r', problem), at_of('s', problem) end
  return is, raised, solved, r, c, s
end

function ask.problems(status, limit, since)
  local all, keys, record, took = call('HGETALL', problems), {}, {}, {}
  local stand = {raised = 0, claimed = 0, solved = 0}
  for i = 1, #all, 2 do
    local is, raised, solved = standing(all[i], all[i + 1])
    stand[is] = stand[is] + 1
    if is == 'solved' and raised ~= '-' then
      local done = seconds(solved)
      if done >= since then took[#took + 1] = math.max(0, done - seconds(raised)) end
    end
    if status == '' or status == is then
      local key = raised .. ' ' .. all[i]
      keys[#keys + 1] = key
      record[key] = all[i + 1]
    end
  end
  table.sort(keys)
  local reply = {tostring(stand.raised), tostring(stand.claimed), tostring(stand.solved), median(took)}
  for k = #keys, math.max(1, #keys - limit + 1), -1 do
    local problem = string.match(keys[k], ' (.*)$')
    local is, _, _, r, c, s = standing(problem, record[keys[k]])
    for _, part in ipairs({problem, is, json_of(r), json_of(c), json_of(s)}) do
      reply[#reply + 1] = part
    end
  end
  return reply
end

function ask.plans(from, to, limit)
  local reply = {}
  local plans = call('ZRANGEBYSCORE', agenda, from, '(' .. to, 'LIMIT', 0, limit)
  for _, plan in ipairs(plans) do
    reply[#reply + 1] = json_of(member_id(last('l ' .. plan)))
    reply[#reply + 1] = json_of(member_id(first('f ' .. plan)))
  end
  return reply
end

function ask.plan(id)
  return {json_of(member_id(last('l ' .. id))), json_of(member_id(first('f ' .. id)))}
end

function ask.dump(rev, limit)
  local reply = {}
  for _, entry in ipairs(call('XRANGE', events, '(' .. rev .. '-0', '+', 'COUNT', limit)) do
    local fields = entry[2]
    local hash = string.sub(call('HGET', ids, fields[2]), 1, 16)
    for _, part in ipairs({string.match(entry[1], '^%d+'), fields[2], hash, fields[4], fields[6]})
    do reply[#reply + 1] = part end
  end
  return reply
end

function ask.walk(rev, limit)
  local reply = {}
  for _, entry in ipairs(call('XRANGE', events, '(' .. rev .. '-0', '+', 'COUNT', limit)) do
    reply[#reply + 1] = string.match(entry[1], '^%d+') .. ' ' .. entry[2][2] .. ' ' .. entry[2][4]
  end
  return reply
end

return ask[ARGV[1]](ARGV[2], tonumber(ARGV[3]) or ARGV[3], tonumber(ARGV[4]))
