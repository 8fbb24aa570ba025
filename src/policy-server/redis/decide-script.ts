// The rules of src/policy/rules.ts once more, in Lua, for Redis to run where the state is: nothing comes between reading
// an account and writing it, however many hosts ask. A property test holds the two to each other.
//
// KEYS[1]  the hash of an account, whose fields are drawn in state-fields.ts
// ARGV[1]  what is asked, as JSON (`Ask` in judge-call.ts)
//
// The server's own clock is used unless a time is given: hosts drift.

import { TOUCH_SHARE } from '../../policy/rules.ts'
import { MOST_ENTRIES } from '../../policy/state.ts'
import { READ_HASH } from './other-scripts.ts'
import { KIND_LETTERS, LUA_FORMS } from './state-fields.ts'

/** The program, in Lua 5.1. */
export const DECIDE_SCRIPT = `
local key = KEYS[1]
local ask = cjson.decode(ARGV[1])
local PERMANENT = -1
local MOST = ${MOST_ENTRIES}
local HOUR = 3600000
local EARTH_RADIUS = 6371
local byte, match = string.byte, string.match
local IP, COUNTRY, ASN, COLON = byte('${KIND_LETTERS.join('')}:', 1, 4)

local now = ask.now
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local FORMS = { [IP] = '${LUA_FORMS[0]}', [COUNTRY] = '${LUA_FORMS[1]}', [ASN] = '${LUA_FORMS[2]}' }
local since = now - ask.window
local fresh = ask.window * ${TOUCH_SHARE}
local isHome = ask.home or false

local function whole(number) return string.format('%.0f', number) end
local function flag(is) return is and '1' or '0' end

-- What is remembered. What isn't ours is passed over, and told of in the reply. Entries are counted as they are read, and
-- only those of the request are taken apart: a table for each would cost more than all the rest.

local size = { [IP] = 0, [COUNTRY] = 0, [ASN] = 0 }
local away = { [IP] = 0, [COUNTRY] = 0, [ASN] = 0 }
local home = { [IP] = 0, [COUNTRY] = 0, [ASN] = 0 }
local known, isDead = {}, {}
local block, place
local sums = { first = now, last = now, requests = 0, refused = 0 }
local foreign = 0
local isOurs, hasSums = true, false

${READ_HASH}
if not held then held, isOurs = {}, false end
if ask.unlessNew and isOurs and #held == 0 then return { 'new' } end

local function entryOf(text)
  local first, last, atHome, refused = match(text, '^(%d+),(%d+),([01]),([01])$')
  if not first then return nil end
  return { first = tonumber(first), last = tonumber(last), home = atHome == '1', refused = refused == '1' }
end

local function read(field, text)
  if field == 'b' then
    local from, till, reason = match(text, '^(%d+),(%-?%d+),(.*)$')
    if not from then return false end
    block = { since = tonumber(from), till = tonumber(till), reason = reason }
  elseif field == 'p' then
    local lat, lon, radius, city, country, time =
      match(text, '^([^,]+),([^,]+),([^,]+),([01]),([^,]*),(%d+)$')
    lat, lon, radius = tonumber(lat), tonumber(lon), tonumber(radius)
    if not (lat and lon and radius) then return false end
    place = { lat = lat, lon = lon, radius = radius, city = city == '1', country = country, time = tonumber(time) }
  elseif field == 's' then
    local first, last, requests, refused = match(text, '^(%d+),(%d+),(%d+),(%d+),%d+$')
    if not first then return false end
    hasSums = true
    sums = {
      first = tonumber(first), last = tonumber(last), requests = tonumber(requests), refused = tonumber(refused),
    }
  else
    return false
  end
  return true
end

-- The kind of a field that is the value of one; nil for others.
local function kindOf(field)
  local kind, colon = byte(field, 1, 2)
  if colon == COLON and FORMS[kind] and match(field, FORMS[kind]) then return kind end
end

for _, field in ipairs(ask.values) do known[field] = false end
for n = 1, #held, 2 do
  local field, text = held[n], held[n + 1]
  local kind = kindOf(field)
  local last, flags
  if kind then last, flags = match(text, '^%d+,(%d+),([01],[01])$') end
  if last then
    size[kind] = size[kind] + 1
    if tonumber(last) <= since then
      isDead[field] = true
    elseif flags == '0,0' then
      away[kind] = away[kind] + 1
    elseif flags == '1,0' then
      home[kind] = home[kind] + 1
    end
    if known[field] == false then known[field] = entryOf(text) end
  elseif not read(field, text) then
    foreign = foreign + 1
  end
end

-- Ours has sums always. Nothing of another one counts, and nothing is written there.
if #held > 0 and not hasSums then
  for kind in pairs(size) do size[kind], away[kind], home[kind] = 0, 0, 0 end
  for field in pairs(known) do known[field] = false end
  held, isDead, block, place, isOurs = {}, {}, nil, nil, false
end

-- What is counted: values that were seen within the window and not refused, with those of the request as if it passed.

local function recount(kind, counted, entry)
  if counted == entry then return end
  if counted then
    local class = counted.home and home or away
    class[kind] = class[kind] - 1
  end
  local class = entry.home and home or away
  class[kind] = class[kind] + 1
end

local function touch()
  local touched = {}
  for n, field in ipairs(ask.values) do
    local before = known[field] or nil
    local counted = before and not before.refused and before.last > since and before or nil
    local entry = counted
    if counted then
      if now - counted.last >= fresh or counted.home ~= isHome then
        entry = { first = counted.first, last = math.max(counted.last, now), home = isHome, refused = false }
      end
    else
      local first = before and not before.refused and before.first or now
      entry = { first = first, last = now, home = isHome, refused = false }
    end
    recount(byte(field), counted, entry)
    touched[n] = { field = field, counted = counted, entry = entry }
  end
  return touched
end

-- The judgement.

local violations, changed, removed = {}, {}, {}
local begins, placed
local wasBlocked = block and (block.till == PERMANENT or now < block.till)

local function violate(rule, action, detail) violations[#violations + 1] = { rule, action, detail } end

local function change(field, entry) changed[#changed + 1] = { field = field, entry = entry } end

-- Whether a block holds for this client: with the scope "new", not where the address counted when it began.
local function isHeldBack()
  if not ask.onlyNew then return true end
  local entry = known[ask.values[1]]
  if not entry or entry.refused then return true end
  return entry.first > block.since or entry.last <= block.since - ask.window
end

-- What a block remembers: values that are new to it, as long as there is room; nothing that is known is moved.
local function rememberRefused()
  for _, field in ipairs(ask.values) do
    if not known[field] and size[byte(field)] < MOST then
      change(field, { first = now, last = now, home = isHome, refused = true })
    end
  end
end

local function distance(from, lat, lon)
  local function radians(degrees) return degrees * math.pi / 180 end
  local sinLat = math.sin(radians(lat - from.lat) / 2)
  local sinLon = math.sin(radians(lon - from.lon) / 2)
  local a = sinLat * sinLat + sinLon * sinLon * math.cos(radians(from.lat)) * math.cos(radians(lat))
  local angle = 2 * math.atan2(math.sqrt(a), math.sqrt(math.max(0, 1 - a)))
  return math.floor(EARTH_RADIUS * angle + 0.5)
end

local function judgeTravel()
  local travel, to = ask.travel, ask.place
  if not (travel and travel.action and place and to) then return end
  if place.country == (to.country or '') and not (place.city and to.city) then return end
  local least = distance(place, tonumber(to.lat), tonumber(to.lon)) - place.radius - tonumber(to.radius)
  local hours = math.max((now - place.time) / HOUR, 1 / 60)
  if least < travel.distance or least / hours <= travel.speed then return end
  violate('travel', travel.action, whole(math.floor(least / hours + 0.5)) .. '/' .. travel.text .. ' km/h')
end

local function judgeLimit(rule, number, limit)
  if limit and number > limit then violate(rule, ask.limit, whole(number) .. '/' .. whole(limit)) end
end

local function judgeLimits()
  if not ask.limit then return end
  local class = isHome and home or away
  judgeLimit(isHome and 'home-countries' or 'countries', class[COUNTRY], ask.countries)
  judgeLimit(isHome and 'home-ips' or 'ips', class[IP], ask.ips)
  judgeLimit('asns', away[ASN] + home[ASN], ask.asns)
end

-- The entry that makes room for a new value; refused ones go first, then the oldest, then in the order of their names.
local function makeRoom(value)
  local kind = byte(value)
  if known[value] or size[kind] < MOST then return end
  local out, of
  for n = 1, #held, 2 do
    local field = held[n]
    local entry = kindOf(field) == kind and entryOf(held[n + 1])
    if entry then
      local goes = not of
      if of and entry.refused ~= of.refused then goes = entry.refused
      elseif of and entry.last ~= of.last then goes = entry.last < of.last
      elseif of then goes = field < out end
      if goes then out, of = field, entry end
    end
  end
  removed[#removed + 1] = out
end

local function conclude(touched)
  local isRefused, blocking = false, nil
  for _, it in ipairs(violations) do
    if it[2] == 'reject' or it[2] == 'defer' then isRefused = not ask.monitor end
    if it[2] == 'reject' and it[1] ~= 'score' then blocking = blocking or it end
  end
  for _, it in ipairs(touched) do
    if isRefused then
      -- What is known stays as it is when the request is refused: its time is not moved either.
      if not it.counted then
        it.entry.refused = true
        change(it.field, it.entry)
      end
    elseif it.entry ~= it.counted then
      change(it.field, it.entry)
    end
  end
  for _, it in ipairs(changed) do makeRoom(it.field) end
  if isRefused and blocking and ask.duration then
    local reason = blocking[1]
    if blocking[3] ~= '' then reason = reason .. ' ' .. blocking[3] end
    begins = { since = now, till = ask.duration == PERMANENT and PERMANENT or now + ask.duration, reason = reason }
  end
  local to = ask.place
  if isRefused or not (to and to.country) then return end
  local isSame = place and place.lat == tonumber(to.lat) and place.lon == tonumber(to.lon)
  if isSame and now - place.time < fresh then return end
  placed = to
end

local isHeld = wasBlocked and isHeldBack()
if isHeld then
  violate('blocked', 'reject', block.reason)
  if not ask.monitor then rememberRefused() end
elseif ask.refusal then
  violate(ask.refusal[1], 'reject', ask.refusal[2])
else
  if ask.score then violate('score', ask.score[1], ask.score[2]) end
  if not ask.score or ask.score[1] == 'warn' then
    judgeTravel()
    local touched = touch()
    judgeLimits()
    conclude(touched)
  end
end

-- What is written, with an end of its own in the same step: nothing stays for ever because somebody stopped between.

local function textOf(entry)
  return whole(entry.first) .. ',' .. whole(entry.last) .. ',' .. flag(entry.home) .. ',' .. flag(entry.refused)
end

local function remember()
  local put, drop = {}, {}
  local function set(field, text)
    put[#put + 1] = field
    put[#put + 1] = text
  end
  for _, field in ipairs(removed) do
    drop[#drop + 1] = field
    isDead[field] = nil
  end
  for _, it in ipairs(changed) do
    set(it.field, textOf(it.entry))
    isDead[it.field] = nil
  end
  -- What a block was laid on stays until the block is over: who was known then may pass it.
  if not wasBlocked then
    for field in pairs(isDead) do drop[#drop + 1] = field end
  end
  if begins then set('b', whole(begins.since) .. ',' .. whole(begins.till) .. ',' .. begins.reason) end
  if placed then
    set('p', table.concat(
      { placed.lat, placed.lon, placed.radius, flag(placed.city), placed.country, whole(now) }, ','))
  end
  local refused = sums.refused
  for _, it in ipairs(violations) do
    if not ask.monitor and (it[2] == 'reject' or it[2] == 'defer') then refused = sums.refused + 1 end
  end
  set('s', table.concat({
    whole(sums.first), whole(math.max(sums.last, now)), whole(sums.requests + 1), whole(refused), whole(ask.window),
  }, ','))
  local written = redis.pcall('HSET', key, unpack(put))
  if type(written) == 'table' then return written end
  if #drop > 0 then redis.call('HDEL', key, unpack(drop)) end
  local inForce = begins or (wasBlocked and block) or nil
  if inForce and inForce.till == PERMANENT then
    redis.call('PERSIST', key)
  else
    local rest = ask.window
    if inForce then rest = math.max(rest, inForce.till - now) end
    redis.call('PEXPIRE', key, whole(rest))
  end
end

if ask.store and isOurs and (#changed > 0 or #removed > 0 or begins or placed) then
  local failure = remember()
  -- Whom a block holds back is refused, whether there is room to note it or not.
  if failure and not isHeld then return failure end
  if failure then changed = {} end
end

local answer = {
  'judged', whole(now), isOurs and foreign or -1,
  away[IP], away[COUNTRY], home[IP], home[COUNTRY], away[ASN] + home[ASN],
}
if #violations == 0 and #changed == 0 and not placed and not wasBlocked then return answer end

local told = {}
for n, it in ipairs(changed) do told[n] = { it.field, textOf(it.entry) } end
local function blockOf(it) return it and { whole(it.since), whole(it.till), it.reason } or {} end
for _, part in ipairs({
  violations, told, removed, blockOf(begins), blockOf(wasBlocked and block), placed and 1 or 0,
}) do
  answer[#answer + 1] = part
end
return answer
`
