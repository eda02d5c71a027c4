#!lua
-- page: events newest first, those that a filter admits. With a metric only those that the
-- figure is made of: not taken back, and the one that counts where several claim the same.
-- A call looks at a bounded number of events; the caller goes on from where it stopped.
--
-- KEYS  1 events, 2 voids, 3 timeline (as in apply.lua)
-- ARGV  1 revision to stay below ("+": the newest), 2 how many to give, 3 how many to look at,
--       4 kind's letter or "", 5 group such as "c=s01" or "", 6 metric's name or "",
--       7 first day, 8 last day of the range, 9 "1" if it is all (opening balances count)
-- Gives the lowest revision looked at ("0" at the end of the history), then "REV JSON" …

local events, voids, timeline = unpack(KEYS)
local call = redis.call
local kind, dim, metric = ARGV[4], ARGV[5], ARGV[6]
local from, to, all = tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9] == '1'
local opening_places = {activities = 1, venues = 2, residents = 3, problems_raised = 4,
                        problems_solved = 5}

local function wins(what, at, id)
  local m = call('ZRANGEBYLEX', timeline, '[' .. what .. ' ', '(' .. what .. '!', 'LIMIT', 0, 1)[1]
  local start = what .. ' ' .. at .. ' ' .. id .. ' '
  return m ~= false and m ~= nil and string.sub(m, 1, #start) == start
end

-- Is this venue's turn the last one within the range?
local function stands(what, at, id)
  local start = what .. ' ' .. at .. ' ' .. id
  local m = call('ZRANGEBYLEX', timeline, '(' .. start .. '!', '(' .. what .. '!', 'LIMIT', 0, 1)[1]
  if not m then return true end
  return tonumber(string.match(m, ' %d+ %S+ (%d+) %S+ %S+$')) > to
end

local counts = {}
function counts.activities(k) return k == 'a' end
function counts.residents(k, at, id, n, key, extra)
  if k == 'a' then return n ~= '0' end
  if k ~= 'r' then return false end
  local hash = string.match(extra, '^(%w+):')
  if hash then return wins('u ' .. key .. ' ' .. hash, at, id) end
  return n ~= '0'
end
function counts.residents_unique(k, _, _, _, _, extra) return k == 'r' and extra ~= '-' end
function counts.venues(k, at, id, n, key)
  return k == 'v' and n == '1' and stands('v ' .. key, at, id)
end
function counts.problems_raised(k, at, id, n, key)
  return k == 'p' and n == 'r' and wins('r ' .. key, at, id)
end
function counts.problems_solved(k, at, id, n, key)
  return k == 'p' and n == 's' and wins('s ' .. key, at, id)
end

local function opening_counts(n)
  local place, i = opening_places[metric], 0
  for number in string.gmatch(n, '[^,]+') do
    i = i + 1
    if i == place then return number ~= '0' end
  end
  return false
end

local function in_range(k, day)
  if k == 'o' then return all end
  if day > to then return false end
  return day >= from or (metric == 'venues' and k == 'v')
end

local function admits(id, effect)
  local k, at, day, dims, n, key, extra =
    string.match(effect, '^(%a) (%d+) (%d+) (%S+) (%S+) (%S+) (%S+)$')
  if kind ~= '' and k ~= kind then return false end
  if dim ~= '' and not string.find(',' .. dims .. ',', ',' .. dim .. ',', 1, true) then
    return false
  end
  if not in_range(k, tonumber(day)) then return false end
  if metric == '' then return true end
  local counted
  if k == 'o' then counted = opening_counts(n) else counted = counts[metric](k, at, id, n, key, extra) end
  if not counted or call('HEXISTS', voids, id) == 1 then return false end
  return k ~= 'r' or call('HEXISTS', voids, key) == 0
end

local limit, budget = tonumber(ARGV[2]), tonumber(ARGV[3])
local upper = ARGV[1] == '+' and '+' or '(' .. ARGV[1] .. '-0'
local reply, looked, lowest = {'0'}, 0, ARGV[1]
while looked < budget do
  local chunk = math.min(500, budget - looked)
  local entries = call('XREVRANGE', events, upper, '-', 'COUNT', chunk)
  for _, entry in ipairs(entries) do
    lowest = string.match(entry[1], '^%d+')
    looked = looked + 1
    if admits(entry[2][2], entry[2][4]) then
      reply[#reply + 1] = lowest .. ' ' .. entry[2][6]
      if #reply > limit then
        reply[1] = lowest
        return reply
      end
    end
  end
  if #entries < chunk then return reply end
  upper = '(' .. lowest .. '-0'
end
reply[1] = lowest
return reply
