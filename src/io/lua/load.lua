#!lua
-- load: everything that a daemon keeps in memory, at one revision, in time that depends on the
-- number of counters and not on the number of events. It also tells whether the store's history
-- goes on from what was shown last: if not, the store gets a new epoch. A daemon that has shown
-- nothing yet can't know; where its journal has more than the store, others may have shown that.
--
-- KEYS  1 meta, 2 cells, 3 events, 4 applied (as in apply.lua)
-- ARGV  1 epoch to use if one is needed, 2 revision shown last ("0": none), 3 id of the event at
--       that revision, 4 epoch shown last ("-": none), then, if none, an incarnation that has
--       ended, the last number of its journal, …
-- Gives epoch, revision, id of the newest event ("-": none), number of feed entries, then
--       "REV JSON" for each of those, oldest first, then cell field, cell value, …

local meta, cells, events, applied = unpack(KEYS)
local call = redis.call
for i, kind in ipairs({'hash', 'hash', 'stream', 'hash'}) do
  local is = call('TYPE', KEYS[i]).ok
  if is ~= 'none' and is ~= kind then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' is a ' .. is .. ', not a ' .. kind)
  end
end

local epoch = call('HGET', meta, 'epoch')
local rev = tonumber(call('HGET', meta, 'rev') or '0')
local function continues()
  if ARGV[4] == '-' then
    for i = 5, #ARGV, 2 do
      if tonumber(call('HGET', applied, ARGV[i]) or '0') < tonumber(ARGV[i + 1]) then return false end
    end
    return true
  end
  if epoch ~= ARGV[4] then return true end -- another epoch already tells
  local shown = tonumber(ARGV[2])
  if shown == 0 then return true end
  if rev < shown then return false end
  local at = ARGV[2] .. '-0'
  local entry = call('XRANGE', events, at, at)[1]
  return entry and entry[2][2] == ARGV[3]
end
if not epoch or not continues() then
  epoch = ARGV[1]
  call('HSET', meta, 'epoch', epoch, 'rev', string.format('%.0f', rev))
end

local newest = call('XREVRANGE', events, '+', '-', 'COUNT', 20)
local reply = {epoch, string.format('%.0f', rev), newest[1] and newest[1][2][2] or '-',
               tostring(#newest)}
for i = #newest, 1, -1 do
  reply[#reply + 1] = string.match(newest[i][1], '^%d+') .. ' ' .. newest[i][2][6]
end
local all = call('HGETALL', cells)
for i = 1, #all do reply[#reply + 1] = all[i] end
return reply
