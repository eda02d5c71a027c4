#!lua
-- swap: puts counters that were rebuilt beside the live ones in their place, all at once, if they
-- are those of the same revision. Figures may differ afterwards: the store gets a new epoch.
--
-- KEYS  1 meta, 2 cells, 3 voids, 4 timeline, 5 problems, 6 agenda, 7 reached (as in apply.lua),
--       8 to 14 the rebuilt ones in the same order, 15 and 16 what else the rebuilding left
-- ARGV  1 the new epoch
-- Gives "ok", revision; or "behind", revision rebuilt, revision of the store: nothing was done.

local call = redis.call
local live = tonumber(call('HGET', KEYS[1], 'rev') or '0')
local rebuilt = tonumber(call('HGET', KEYS[8], 'rev') or '0')
if live ~= rebuilt then
  return {'behind', string.format('%.0f', rebuilt), string.format('%.0f', live)}
end
-- Estimates can't be rebuilt: what they have taken in stays.
local all = call('HGETALL', KEYS[2])
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 1) == 'U' then call('HSET', KEYS[9], all[i], all[i + 1]) end
end
for i = 2, 7 do
  if call('EXISTS', KEYS[7 + i]) == 1 then
    call('RENAME', KEYS[7 + i], KEYS[i])
  else
    call('DEL', KEYS[i])
  end
end
call('DEL', KEYS[8], KEYS[15], KEYS[16])
call('HSET', KEYS[1], 'epoch', ARGV[1])
return {'ok', string.format('%.0f', live)}
