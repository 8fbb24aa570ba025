// The rules of src/policy/rules.ts once more, in Lua, for Redis to run where the state is: nothing comes between reading
// an account and writing it, however many hosts ask. A property test holds the two to each other.
//
// KEYS[1]  the hash of an account, whose fields are drawn in state-fields.ts
// ARGV[1]  what is asked, as JSON (`Ask` in judge-call.ts)
//
// The server's own clock is used unless a time is given: hosts drift.

/** The program, in Lua 5.1. */
export const DECIDE_SCRIPT = `
local key = KEYS[1]
local ask = cjson.decode(ARGV[1])
local PERMANENT = -1
local HOUR = 3600000
local EARTH_RADIUS = 6371

local now = ask.now
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local function whole(number) return string.format('%.0f', number) end
local function flag(is) return is and '1' or '0' end

-- What is remembered. What isn't ours is passed over, and told of in the reply.

local entries = { i = {}, c = {}, a = {} }
local size = { i = 0, c = 0, a = 0 }
local block, place
local sums = { first = now, last = now, requests = 0, refused = 0 }
local foreign = 0
local isOurs = true

local held = redis.pcall('HGETALL', key)
if held.err then
  if not string.find(held.err, 'WRONGTYPE', 1, true) then return held end
  held, isOurs = {}, false
end
if ask.unlessNew and isOurs and #held == 0 then return { 'new' } end

local function read(field, text)
  local kind, value = string.match(field, '^([ica]):(.+)$')
  if kind then
    local first, last, home, refused = string.match(text, '^(%d+),(%d+),([01]),([01])$')
    if not first then return false end
    size[kind] = size[kind] + 1
    entries[kind][value] = {
      first = tonumber(first), last = tonumber(last), home = home == '1', refused = refused == '1',
    }
  elseif field == 'b' then
    local since, till, reason = string.match(text, '^(%d+),(%-?%d+),(.*)$')
    if not since then return false end
    block = { since = tonumber(since), till = tonumber(till), reason = reason }
  elseif field == 'p' then
    local lat, lon, radius, city, country, time =
      string.match(text, '^([^,]+),([^,]+),([^,]+),([01]),([^,]*),(%d+)$')
    lat, lon, radius = tonumber(lat), tonumber(lon), tonumber(radius)
    if not (lat and lon and radius) then return false end
    place = { lat = lat, lon = lon, radius = radius, city = city == '1', country = country, time = tonumber(time) }
  elseif field == 's' then
    local first, last, requests, refused = string.match(text, '^(%d+),(%d+),(%d+),(%d+),%d+$')
    if not first then return false end
    sums = {
      first = tonumber(first), last = tonumber(last), requests = tonumber(requests), refused = tonumber(refused),
    }
  else
    return false
  end
  return true
end
for n = 1, #held, 2 do
  if not read(held[n], held[n + 1]) then foreign = foreign + 1 end
end

-- What is counted: values that were seen within the window and not refused, with those of the request as if it passed.

local function isCounted(entry) return not entry.refused and entry.last > now - ask.window end

local function count(touched)
  local away, home = { i = 0, c = 0, a = 0 }, { i = 0, c = 0, a = 0 }
  local function add(kind, entry, by)
    local class = entry.home and home or away
    class[kind] = class[kind] + by
  end
  for kind, of in pairs(entries) do
    for _, entry in pairs(of) do
      if isCounted(entry) then add(kind, entry, 1) end
    end
  end
  for _, it in ipairs(touched) do
    if it.counted then add(it.kind, it.counted, -1) end
    add(it.kind, it.entry, 1)
  end
  return { ips = away.i, countries = away.c, homeIps = home.i, homeCountries = home.c, asns = away.a + home.a }
end

local function touch()
  local touched = {}
  for n, it in ipairs(ask.values) do
    local kind, value = it[1], it[2]
    local known = entries[kind][value]
    if known and isCounted(known) then
      local entry = known
      if now - known.last >= ask.fresh or known.home ~= ask.home then
        entry = { first = known.first, last = math.max(known.last, now), home = ask.home, refused = false }
      end
      touched[n] = { kind = kind, value = value, counted = known, entry = entry }
    else
      local first = now
      if known and not known.refused then first = known.first end
      touched[n] = {
        kind = kind, value = value, entry = { first = first, last = now, home = ask.home, refused = false },
      }
    end
  end
  return touched
end

-- The judgement.

local violations, changed, removed = {}, {}, {}
local begins, placed
local counts = count({})
local wasBlocked = block and (block.till == PERMANENT or now < block.till)

local function violate(rule, action, detail) violations[#violations + 1] = { rule, action, detail } end

local function change(kind, value, entry) changed[#changed + 1] = { kind = kind, value = value, entry = entry } end

-- Whether a block holds for this client: with the scope "new", not where the address counted when it began.
local function isHeldBack()
  if ask.scope == 'account' then return true end
  local entry = entries.i[ask.values[1][2]]
  if not entry or entry.refused then return true end
  return entry.first > block.since or entry.last <= block.since - ask.window
end

-- What a block remembers: values that are new to it, as long as there is room; nothing that is known is moved.
local function rememberRefused()
  for _, it in ipairs(ask.values) do
    local kind, value = it[1], it[2]
    if not entries[kind][value] and size[kind] < ask.most then
      change(kind, value, { first = now, last = now, home = ask.home, refused = true })
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

-- The entry that makes room for a new value; refused ones go first, then the oldest, then in the order of their names.
local function makeRoom(kind, value)
  if entries[kind][value] or size[kind] < ask.most then return end
  local out, of
  for name, entry in pairs(entries[kind]) do
    local goes = not of
    if of and entry.refused ~= of.refused then goes = entry.refused
    elseif of and entry.last ~= of.last then goes = entry.last < of.last
    elseif of then goes = name < out end
    if goes then out, of = name, entry end
  end
  removed[#removed + 1] = { kind = kind, value = out }
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
        change(it.kind, it.value, it.entry)
      end
    elseif it.entry ~= it.counted then
      change(it.kind, it.value, it.entry)
    end
  end
  for _, it in ipairs(changed) do makeRoom(it.kind, it.value) end
  if isRefused and blocking and ask.duration ~= 0 then
    local reason = blocking[1]
    if blocking[3] ~= '' then reason = reason .. ' ' .. blocking[3] end
    begins = { since = now, till = ask.duration == PERMANENT and PERMANENT or now + ask.duration, reason = reason }
  end
  local to = ask.place
  if isRefused or not (to and to.country) then return end
  local isSame = place and place.lat == tonumber(to.lat) and place.lon == tonumber(to.lon)
  if isSame and now - place.time < ask.fresh then return end
  placed = to
end

if wasBlocked and isHeldBack() then
  violate('blocked', 'reject', block.reason)
  if not ask.monitor then rememberRefused() end
elseif ask.refusal then
  violate(ask.refusal[1], 'reject', ask.refusal[2])
else
  if ask.score then violate('score', ask.score[1], ask.score[2]) end
  if not ask.score or ask.score[1] == 'warn' then
    judgeTravel()
    local touched = touch()
    counts = count(touched)
    if ask.limit then
      judgeLimit(ask.home and 'home-countries' or 'countries',
        ask.home and counts.homeCountries or counts.countries, ask.countries)
      judgeLimit(ask.home and 'home-ips' or 'ips', ask.home and counts.homeIps or counts.ips, ask.ips)
      judgeLimit('asns', counts.asns, ask.asns)
    end
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
  for _, it in ipairs(removed) do
    drop[#drop + 1] = it.kind .. ':' .. it.value
    entries[it.kind][it.value] = nil
  end
  for _, it in ipairs(changed) do
    set(it.kind .. ':' .. it.value, textOf(it.entry))
    entries[it.kind][it.value] = it.entry
  end
  -- What a block was laid on stays until the block is over: who was known then may pass it.
  if not wasBlocked then
    for kind, of in pairs(entries) do
      for value, entry in pairs(of) do
        if entry.last <= now - ask.window then drop[#drop + 1] = kind .. ':' .. value end
      end
    end
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
  redis.call('HSET', key, unpack(put))
  if #drop > 0 then redis.call('HDEL', key, unpack(drop)) end
  local held = begins or (wasBlocked and block) or nil
  if held and held.till == PERMANENT then
    redis.call('PERSIST', key)
  else
    local rest = ask.window
    if held then rest = math.max(rest, held.till - now) end
    redis.call('PEXPIRE', key, whole(rest))
  end
end

if ask.store and isOurs and (#changed > 0 or #removed > 0 or begins or placed) then remember() end

local told = { {}, {} }
for n, it in ipairs(changed) do told[1][n] = { it.kind, it.value, textOf(it.entry) } end
for n, it in ipairs(removed) do told[2][n] = { it.kind, it.value } end
return {
  'judged', whole(now), violations,
  { counts.ips, counts.countries, counts.homeIps, counts.homeCountries, counts.asns },
  told[1], told[2],
  begins and { whole(begins.since), whole(begins.till), begins.reason } or {},
  placed and 1 or 0,
  isOurs and foreign or -1,
  wasBlocked and { whole(block.since), whole(block.till), block.reason } or {},
}
`
