// What else is done to an account in one step, in Lua for Redis. KEYS[1] is its hash, as state-fields.ts draws it.

/** Lifts a block, and lets what was refused try again as if for the first time. ARGV[1] is the time, or empty. */
export const UNBLOCK_SCRIPT = `
local key = KEYS[1]
local held = redis.pcall('HGETALL', key)
if held.err then
  if string.find(held.err, 'WRONGTYPE', 1, true) then return 0 end
  return held
end
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
if #drop > 0 then redis.call('HDEL', key, unpack(drop)) end
if lifted == 1 and window then redis.call('PEXPIRE', key, window) end
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
 * ARGV[2] is for how many milliseconds it is no news.
 */
export const CLAIM_SCRIPT = `
local told = redis.call('GET', KEYS[1])
if told and (ARGV[1] == '' or told == ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`

/** Removes an account; what is not a hash is not ours and stays. */
export const FORGET_SCRIPT = `
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then return 0 end
return redis.call('DEL', KEYS[1])
`

/** Sees whether a decision could be stored. Where it can't, nothing is written, and the server says why. */
export const PROVE_SCRIPT = `
redis.call('HSET', KEYS[1], 'probe', '1')
redis.call('PEXPIRE', KEYS[1], '1000')
return redis.call('DEL', KEYS[1])
`
