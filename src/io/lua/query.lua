#!lua
-- query: what a leader or a reporter asks about single things.
--
-- KEYS  1 ids, 2 events, 3 voids, 4 timeline, 5 problems, 6 agenda, 7 reached (as in apply.lua)
-- ARGV  1 what, then its arguments:
--   event ID            -> "0" if unknown, or revision, effect, JSON, void's revision or "-",
--                          void's JSON or "-", "1" if it counts now else "0", "DAY:N …" of reaches
--   problems STATUS N   -> for each problem of that status ("" any), at most N:
--                          problem, status, then JSON of raised, claimed, solved (or "-")
--   plans FROM TO N     -> for each plan that starts from FROM to before TO (seconds since year
--                          1): JSON of the newest announcement, JSON of the activity that
--                          fulfils it or "-"
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

local ask = {}

function ask.event(id)
  local entry, rev = entry_of(id)
  if not entry then return {'0'} end
  local kind, n, key, extra = string.match(entry[4], '^(%a) %d+ %d+ %S+ (%S+) (%S+) (%S+)$')
  local void = call('HGET', voids, id) or (kind == 'r' and call('HGET', voids, key)) or nil
  local counts = not void
  local hash = string.match(extra, '^(%w+):')
  if counts and kind == 'p' then counts = member_id(first(n .. ' ' .. key)) == id end
  if counts and kind == 'r' and hash then
    counts = member_id(first('u ' .. key .. ' ' .. hash)) == id
  end
  local void_entry, void_rev = entry_of(void)
  return {rev, entry[4], entry[6], void_rev or '-', void_entry and void_entry[6] or '-',
          counts and '1' or '0', kind == 'a' and call('HGET', reached, id) or ''}
end

function ask.problems(status, limit)
  local reply, all = {}, call('HGETALL', problems)
  for i = 1, #all, 2 do
    local is, r, c, s = string.match(all[i + 1], '^(%S+) (%S+) (%S+) (%S+)$')
    if status == '' or status == is then
      local row = {all[i], is, json_of(r), json_of(c), json_of(s)}
      for _, part in ipairs(row) do reply[#reply + 1] = part end
      limit = limit - 1
      if limit <= 0 then break end
    end
  end
  return reply
end

function ask.plans(from, to, limit)
  local reply = {}
  local plans = call('ZRANGEBYSCORE', agenda, from, '(' .. to, 'LIMIT', 0, limit)
  for _, plan in ipairs(plans) do
    local what = 'l ' .. plan
    local m = call('ZREVRANGEBYLEX', timeline, '(' .. what .. '!', '[' .. what .. ' ', 'LIMIT', 0, 1)[1]
    reply[#reply + 1] = json_of(member_id(m))
    reply[#reply + 1] = json_of(member_id(first('f ' .. plan)))
  end
  return reply
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
