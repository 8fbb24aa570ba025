// What else is done to an account in one step, in Lua for Redis. KEYS[1] is its hash, as state-fields.ts draws it.

import { MOST_FIELDS } from './state-fields.ts'

/**
 * Reads a hash into `held`, which is nil where the key holds something else, or more fields than any account has: to read
 * a hundred thousand of them would hold all others up.
 */
export const READ_HASH = `
local held
local count = redis.pcall('HLEN', key)
if type(count) == 'table' then
  if not string.find(count.err, 'WRONGTYPE', 1, true) then return count end
elseif count <= ${MOST_FIELDS} then
  held = redis.call('HGETALL', key)
end
`

/** Lifts a block, and lets what was refused try again as if for the first time. ARGV[1] is the time, or empty. */
export const UNBLOCK_SCRIPT = `
local key = KEYS[1]
${READ_HASH}
if not held then return 0 end
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local lifted, window, drop = 0, nil, {}
for n = 1, #held, 2 do
  local field, text = held[n], held[n + 1]
  if string.match(field, '^[ica]:') and string.match(text, '^%d+,%d+,[01],1$') then drop[#drop + 1] = field end
  if field == 's' then window = string.match(text, '^%d+,%d+,%d+,%d+,(%d+)$') end
  if field == 'b' then
    local till = tonumber(string.match(text, '^%d+,(%-?%d+),'))
    if till and (till == -1 or now < till) then
      lifted = 1
      drop[#drop + 1] = field
    end
  end
end
if not window then return 0 end
if #drop > 0 then redis.call('HDEL', key, unpack(drop)) end
if lifted == 1 then redis.call('PEXPIRE', key, window) end
return lifted
`

/**
 * Takes over an account that another program or another store knows, unless there is one already. ARGV[1] is for how
 * many milliseconds it is kept, 0 for no end; then come fields and values.
 */
export const ADOPT_SCRIPT = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local fields = {}
for n = 2, #ARGV do fields[n - 1] = ARGV[n] end
redis.call('HSET', KEYS[1], unpack(fields))
if ARGV[1] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return 1
`

/**
 * Notes that somebody is told of something, unless the same was told already. ARGV[1] is what, empty for whatever it was;
 * ARGV[2] is for how many milliseconds it is no news. Answers 1 for news, 0 for none, -1 where the key isn't ours.
 */
export const CLAIM_SCRIPT = `
local told = redis.pcall('GET', KEYS[1])
if type(told) == 'table' then
  if string.find(told.err, 'WRONGTYPE', 1, true) then return -1 end
  return told
end
if told and (ARGV[1] == '' or told == ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`

/** Removes an account. What isn't ours stays, and -1 says so. */
export const FORGET_SCRIPT = `
local key = KEYS[1]
${READ_HASH}
if not held then return -1 end
if #held == 0 then return 0 end
for n = 1, #held, 2 do
  if held[n] == 's' then return redis.call('DEL', key) end
end
return -1
`

/** Removes what is noted of who was told of something; what isn't ours stays, and -1 says so. */
export const UNCLAIM_SCRIPT = `
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'none' then return 0 end
if kind ~= 'string' then return -1 end
return redis.call('DEL', KEYS[1])
`

/** Reads an account; -1 where the hash isn't ours. */
export const READ_SCRIPT = `
local key = KEYS[1]
${READ_HASH}
if not held then return -1 end
return held
`

/** Sees whether a decision could be stored. Where it can't, nothing is written, and the server says why. */
export const PROVE_SCRIPT = `
redis.call('HSET', KEYS[1], 'probe', '1')
redis.call('PEXPIRE', KEYS[1], '1000')
return redis.call('DEL', KEYS[1])
`
