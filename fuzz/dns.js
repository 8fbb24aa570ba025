// npm run fuzz: millions of hostile messages into the responder, on the bundled data with all policies on.
//
// Nothing may be thrown, nothing may be written outside the packet's place, nothing read behind the query, and
// every reply has to please oracle.js. An input is decided by the seed and its number: what failed is made again
// with --seed S --from N --inputs 1.

import { policyOf } from '../dist/app/treatment.js'
import { zoneSetOptions } from '../dist/app/zone-set.js'
import { loadSettings } from '../dist/config/load.js'
import { readZoneDefinitions } from '../dist/config/zone-files.js'
import { loadTable } from '../dist/data/compile/load.js'
import { embeddedSources } from '../dist/data/sources/sources.js'
import { Client } from '../dist/dns/client.js'
import { Cookies } from '../dist/dns/cookie.js'
import { REPLY_CAPACITY } from '../dist/dns/reply-capacity.js'
import { Responder } from '../dist/dns/responder.js'
import { HEADER, HEADER_WORDS } from '../dist/table/layout.js'
import { compileZoneSet } from '../dist/zones/zone-set.js'
import { mutate } from './mutations.js'
import { readOptions } from './options.js'
import { checkReply } from './oracle.js'
import { Queries } from './queries.js'
import { Random } from './random.js'

/** Octets in front of and behind a packet's place that nothing may change. */
const GUARD = 64
const GUARD_OCTET = 0xa5

/** Where packets begin in the arena: near its start, and far beyond 16 bits as in a worker's. */
const STARTS = [GUARD, 4096, 65530, 65536, 131000]
const ARENA_OCTETS = 131000 + 65536 + GUARD

/** Every how many inputs the whole arena is looked at, and every how many milliseconds progress is told. */
const LOOK_EVERY = 10_000
const TELL_EVERY = 10_000

const SECRETS = ['00112233445566778899aabbccddeeff', 'ffeeddccbbaa99887766554433221100']

/** Addresses of clients: those that are answered first. */
const CLIENTS = [
  [4, Uint8Array.of(127, 0, 0, 1)],
  [6, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)],
  [4, Uint8Array.of(10, 1, 2, 3)],
  [4, Uint8Array.of(192, 0, 2, 1)],
  [6, Uint8Array.of(0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)],
]
const ANSWERED_CLIENTS = 3

const { inputs, seed, from, seconds } = readOptions(5_000_000)

// Cookies hold the time: with one that stands still an input is the same whenever it is made. By then the bundled
// data are older than they should be.
const NOW = Date.UTC(2027, 0, 1)
Date.now = () => NOW

const { responders, queries } = await prepare()
const random = new Random()
const arena = Buffer.alloc(ARENA_OCTETS, GUARD_OCTET)
const guard = Buffer.alloc(ARENA_OCTETS, GUARD_OCTET)
const outcomes = new Map()

run()

/** The responders to ask, and the queries to ask them. */
async function prepare() {
  const table = await loadTable(embeddedSources())
  const definitions = readZoneDefinitions(undefined, [])
  const responderWith = (deny) => {
    const settings = loadSettings({
      options: {
        deny,
        allow: ['127.0.0.0/8', '::1', '10.0.0.0/8'],
        'rate-limit': 0,
        'cookie-secret': SECRETS,
        identity: 'fuzzed server',
        'stale-answer': 'tell',
      },
    })
    const zoneSet = compileZoneSet(definitions, zoneSetOptions(settings, table.metadata()))
    return { zoneSet, responder: new Responder(table, zoneSet, null, policyOf(settings)) }
  }
  const { responder: refusing, zoneSet } = responderWith('refuse')
  const { responder: dropping } = responderWith('drop')
  const header = new Uint32Array(table.buffer, 0, HEADER_WORDS)
  const asNumbers = [...new Uint32Array(table.buffer, header[HEADER.asNumbers], table.asCount)]
  const makers = SECRETS.map((secret) => new Cookies([Buffer.from(secret, 'hex')]))
  const client = new Client()
  return {
    responders: [refusing, dropping],
    queries: new Queries({
      apexes: zoneSet.zones.map(({ name }) => name),
      asNumbers,
      writeCookie: (numbers, cookie) => {
        const [family, address] = numbers.of(CLIENTS)
        client.set(family, address, 0)
        numbers.of(makers).write(cookie, 0, client, NOW / 1000 - numbers.below(4000))
      },
    }),
  }
}

function run() {
  const started = performance.now()
  let told = started
  let input = from
  for (; input < from + inputs; input++) {
    try {
      count(attempt(input))
      if (input % LOOK_EVERY === 0) lookAtArena()
    } catch (error) {
      fail(input, error)
    }
    const now = input % 256 === 0 ? performance.now() : told
    if (now - told > TELL_EVERY) {
      told = now
      tell(input + 1 - from, now - started)
      if (now - started > seconds * 1000) {
        input++
        break
      }
    }
  }
  lookAtArena()
  tell(input - from, performance.now() - started)
  const kinds = [...outcomes].sort(([, one], [, other]) => other - one)
  for (const [kind, times] of kinds) console.log(`${String(times).padStart(10)}  ${kind}`)
  console.log(`seed ${seed}, inputs ${from} to ${input - 1}: nothing found`)
}

/** Sends one input and checks what comes back; gives the kind of what came. */
function attempt(input) {
  random.begin(seed, input)
  const octets = Uint8Array.from(composeInput())
  const isTcp = random.onceIn(3)
  const clientNumber = random.onceIn(4) ? random.below(CLIENTS.length) : 0
  const responderNumber = random.below(responders.length)
  const responder = responders[responderNumber]
  responder.client.set(...CLIENTS[clientNumber], 0)
  const start = random.of(STARTS)
  const reply = ask(responder, octets, start, isTcp, 0xa5)
  // The same once more elsewhere, with other octets behind the query: a reply that differs has read them.
  const again = ask(responder, octets, random.of(STARTS), isTcp, 0x01)
  if (!reply.equals(again)) throw new Error(`two replies: ${reply.toString('hex')}, ${again.toString('hex')}`)
  if (reply.length > 0) return checkReply(octets, reply, isTcp)
  const isDropped = responderNumber === 1 && clientNumber >= ANSWERED_CLIENTS
  if (octets.length >= 12 && (octets[2] & 0x80) === 0 && !isDropped) throw new Error('silence')
  return 'silence'
}

/** The octets of one input. */
function composeInput() {
  switch (random.below(10)) {
    case 0:
      return random.octets(random.below(random.onceIn(50) ? 20_000 : 600))
    case 1: {
      // A header that asks one question, and random octets.
      const additionals = random.below(3)
      return [
        ...random.octets(2),
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        0,
        0,
        additionals,
        ...random.octets(random.below(300)),
      ]
    }
    case 2:
    case 3:
    case 4:
      return queries.compose(random)
    default:
      return mutate(queries.compose(random), random, () => queries.compose(random))
  }
}

/** The reply to a message, of no octets for silence, as a copy. */
function ask(responder, octets, start, isTcp, filler) {
  const capacity = Math.max(REPLY_CAPACITY, octets.length)
  const end = start + octets.length
  arena.fill(filler, end, start + capacity)
  arena.set(octets, start)
  responder.lookAhead(arena, Uint32Array.of(start), 1)
  const length = responder.respond(arena, start, end, isTcp ? 1 : 0)
  if (!(length >= 0 && length <= capacity)) throw new Error(`a length of ${length}`)
  const reply = Buffer.from(arena.subarray(start, start + length))
  if (!isGuarded(start - GUARD, start)) throw new Error('octets in front of the packet were written')
  if (!isGuarded(start + capacity, start + capacity + GUARD)) throw new Error('octets behind it were written')
  arena.fill(GUARD_OCTET, start, start + capacity)
  return reply
}

function isGuarded(start, end) {
  return arena.compare(guard, 0, end - start, start, end) === 0
}

function lookAtArena() {
  if (!arena.equals(guard)) throw new Error('something was written far from the packet')
}

function count(kind) {
  outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1)
}

function tell(done, milliseconds) {
  const rate = (done / milliseconds) * 1000
  console.log(
    `${done} of ${inputs} inputs, ${(milliseconds / 1000).toFixed(0)} s, ${rate.toFixed(0)} a second`,
  )
}

/** Tells what was found and ends the process. */
function fail(input, error) {
  random.begin(seed, input)
  console.error(`input ${input} of seed ${seed}: ${error.stack}`)
  console.error(`message: ${Buffer.from(composeInput()).toString('hex')}`)
  console.error(`again: npm run fuzz -- --seed ${seed} --from ${input} --inputs 1`)
  process.exit(1)
}
