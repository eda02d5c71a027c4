-- access: who is let in, and what waits for an admin. It bears no "#!lua": so a Redis that is full
-- refuses what it writes, but not what it reads.
--
-- KEYS  1 tokens    hash  name -> {"hash","role","unit","created"}
--       2 codes     hash  SHA-256 of a one-time code -> {"name","expires"}
--       3 sessions  hash  SHA-256 of a cookie -> {"name","created","seen"}
--       4 pending   hash  id -> {"title","community","at"}: residents' problems
-- ARGV  1 what, then its arguments; times are seconds since 1970:
--   read                            -> all of tokens, all of sessions
--   code HASH NAME EXPIRES NOW      -> the token's JSON, or nil if there is none of that name; codes
--                                      that have expired are forgotten
--   begin CODE SESSION NOW OLDEST   -> "ok", name, the token's JSON; or "unknown", "expired"; the
--                                      code is used up. Sessions begun before OLDEST are forgotten
--   seen SESSION NOW                -> 1, or 0 if it has ended
--   finish SESSION                  -> 1, or 0 if it had ended
--   revoke NAME                     -> 1 with its codes and sessions, or 0 if there is none
--   wait ID JSON MOST               -> 1, or 0 if as many are waiting already

local tokens, codes, sessions, pending = unpack(KEYS)
local call = redis.call

-- What isn't JSON is nobody's and of no time.
local function read(json)
  local good, value = pcall(cjson.decode, json)
  return good and type(value) == 'table' and value or {}
end

local function forget(key, fits)
  local all = call('HGETALL', key)
  for i = 1, #all, 2 do
    if fits(read(all[i + 1])) then call('HDEL', key, all[i]) end
  end
end

local ask = {}

function ask.read()
  return {call('HGETALL', tokens), call('HGETALL', sessions)}
end

function ask.code(hash, name, expires, now)
  local token = call('HGET', tokens, name)
  if not token then return false end
  forget(codes, function(code) return (tonumber(code.expires) or 0) <= tonumber(now) end)
  call('HSET', codes, hash, '{"name":"' .. name .. '","expires":' .. expires .. '}')
  return token
end

function ask.begin(hash, session, now, oldest)
  local text = call('HGET', codes, hash)
  if not text then return {'unknown'} end
  local code = read(text)
  call('HDEL', codes, hash)
  if (tonumber(code.expires) or 0) <= tonumber(now) then return {'expired'} end
  local token = code.name and call('HGET', tokens, code.name)
  if not token then return {'unknown'} end
  forget(sessions, function(s) return (tonumber(s.created) or 0) <= tonumber(oldest) end)
  call('HSET', sessions, session,
       '{"name":"' .. code.name .. '","created":' .. now .. ',"seen":' .. now .. '}')
  return {'ok', code.name, token}
end

function ask.seen(hash, now)
  local text = call('HGET', sessions, hash)
  if not text then return 0 end
  local s = read(text)
  call('HSET', sessions, hash, '{"name":"' .. (s.name or '') .. '","created":' ..
       string.format('%.0f', tonumber(s.created) or 0) .. ',"seen":' .. now .. '}')
  return 1
end

function ask.finish(hash)
  return call('HDEL', sessions, hash)
end

function ask.revoke(name)
  local function is_its(entry) return entry.name == name end
  forget(codes, is_its)
  forget(sessions, is_its)
  return call('HDEL', tokens, name)
end

function ask.wait(id, json, most)
  if call('HEXISTS', pending, id) == 0 and call('HLEN', pending) >= tonumber(most) then return 0 end
  call('HSETNX', pending, id, json)
  return 1
end

return ask[ARGV[1]](unpack(ARGV, 2))
