// No UDP reply is more than four times as long as its query, so that lying about one's address doesn't pay.
//
// Every zone is asked about every record of the bundled data, by the shortest name there is for it. One kind of
// reply is longer, and by how much is bounded here: see the AS names.

import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { zoneSetOptions } from '../../../src/app/zone-set.ts'
import { loadSettings } from '../../../src/config/load.ts'
import { readZoneDefinitions } from '../../../src/config/zone-files.ts'
import { readSnapshot, SNAPSHOT_FILE } from '../../../src/data/snapshot/snapshot.ts'
import { OUTCOME } from '../../../src/dns/outcome.ts'
import { MAX_AMPLIFICATION } from '../../../src/dns/protocol.ts'
import { REPLY_CAPACITY } from '../../../src/dns/reply-capacity.ts'
import { Responder, TRANSPORT } from '../../../src/dns/responder.ts'
import { readClock } from '../../../src/server/clock.ts'
import { networkText } from '../../../src/table/address-text.ts'
import { COLUMN, HEADER, HEADER_WORDS } from '../../../src/table/layout.ts'
import { recordOf } from '../../../src/table/table.ts'
import type { OwnerKind } from '../../../src/zones/owner.ts'
import type { Zone } from '../../../src/zones/zone.ts'
import { compileZoneSet } from '../../../src/zones/zone-set.ts'
import { COMPILED_DATA } from '../../support/conformance/launch.ts'
import { OPTION, option } from '../../support/conformance/options.ts'
import { comesFrom, policyWith } from '../../support/conformance/policies.ts'
import { damagedQuery, randomMessage, realQuery } from '../../support/hostile.ts'
import { CLASS, header, name, opt, query, question, RCODE, readMessage, TYPE } from '../../support/message.ts'
import { inProcess, respond } from '../../support/transports.ts'

const table = readSnapshot(join(COMPILED_DATA, SNAPSHOT_FILE))!
const zoneSet = compileZoneSet(
  readZoneDefinitions(undefined, []),
  zoneSetOptions(loadSettings({ options: { 'stale-answer': 'tell', 'max-age': '1s' } }), table.metadata()),
)

/** All that makes replies longer is on, and as long as it gets. */
const policy = policyWith({
  identity: 'i'.repeat(255),
  'version-text': 'v'.repeat(255),
  'rate-limit': 0,
  'cookie-secret': ['00'.repeat(16)],
})
const responder = new Responder(table, zoneSet, null, policy)

const TAILS: Readonly<Record<string, Buffer>> = {
  'no EDNS': Buffer.alloc(0),
  EDNS: opt(),
  'a cookie': opt({ options: option(OPTION.cookie, new Uint8Array(8)) }),
  NSID: opt({ options: option(OPTION.nsid) }),
  'a cookie and NSID': opt({
    options: [...option(OPTION.cookie, new Uint8Array(8)), ...option(OPTION.nsid)],
  }),
}

const scratch = new Uint8Array(REPLY_CAPACITY)

/** How many times as long as a query its UDP reply is; the query lies in pieces. */
function ratioOf(by: Responder, ...pieces: readonly Uint8Array[]): number {
  let length = 0
  for (const piece of pieces) {
    scratch.set(piece, length)
    length += piece.length
  }
  readClock(by.now)
  return by.respond(scratch, 0, length, TRANSPORT.udp) / Math.max(1, length)
}

/** The words of a section of the table. */
const section = (offset: keyof typeof HEADER, length: number, skipped = 0): Uint32Array => {
  const words = new Uint32Array(table.buffer, 0, HEADER_WORDS)
  return new Uint32Array(table.buffer, words[HEADER[offset]] + skipped * 4, length)
}

const reversed = (address: number): number[] => [0, 8, 16, 24].map((shift) => (address >>> shift) & 255)

/** For each record that IPv4 addresses have, the name of one of the fewest digits, in wire form. */
function shortestIpv4Addresses(): number[] {
  const starts = section('v4Starts', table.v4Count)
  const entries = section('v4Entries', table.v4Count)
  const digits = (octet: number): number => (octet < 10 ? 1 : octet < 100 ? 2 : 3)
  const digitsOf = (address: number): number =>
    reversed(address).reduce((sum, octet) => sum + digits(octet), 0)
  const shortest = new Map<number, number>()
  for (let step = 0; step < starts.length; step++) {
    const start = starts[step]
    const end = step + 1 < starts.length ? starts[step + 1] - 1 : 2 ** 32 - 1
    const record = recordOf(entries[step])
    // The first address, and the first ones that end in one, two and three octets of zero.
    for (const host of [0, 8, 16, 24]) {
      const address = Math.ceil(start / 2 ** host) * 2 ** host
      if (address > end) continue
      const known = shortest.get(record)
      if (known === undefined || digitsOf(address) < digitsOf(known)) shortest.set(record, address)
    }
  }
  return [...shortest.values()]
}

/** For each record that IPv6 addresses have, the upper half of one of them, as two words. */
function upperHalves(): (readonly [number, number])[] {
  const [word0, word1] = [0, 1].map((word) => section('v6Starts', table.v6Count, word * table.v6Count))
  const entries = section('v6Entries', table.v6Count)
  const steps = new Map<number, number>()
  for (let step = 0; step < entries.length; step++) steps.set(recordOf(entries[step]), step)
  return [...steps.values()].map((step) => [word0[step], word1[step]])
}

const networkTextOf = ([word0, word1]: readonly [number, number]): string => networkText([word0, word1, 0, 0])

/** For each record that IPv6 addresses have, a name of 16 nibbles, in wire form. */
function shortestIpv6Names(): Buffer[] {
  return upperHalves().map((words) => {
    const text = words.map((word) => word.toString(16).padStart(8, '0')).join('')
    return name([...text].reverse()).subarray(0, -1)
  })
}

const ipv4Addresses = shortestIpv4Addresses()
const ipv4Names = ipv4Addresses.map((address) => name(reversed(address).map(String)).subarray(0, -1))
const ipv6Names = shortestIpv6Names()

/** Owner names of each kind, one for each record. */
const NAMES: Readonly<Record<OwnerKind, readonly Buffer[]>> = {
  ipv4: ipv4Names,
  ipv6: ipv6Names,
  ip: [...ipv4Names, ...ipv6Names],
  address: [
    ...ipv4Addresses.map((address) => networkText([address])),
    ...upperHalves().map(networkTextOf),
  ].map((text) => name(text.split('.')).subarray(0, -1)),
  asn: [...section('asNumbers', table.asCount)].map((asn) => name([`AS${asn}`]).subarray(0, -1)),
}

/** The zone of each definition whose apex is the shortest. */
const SHORTEST_ZONES = Object.values(
  zoneSet.zones.reduce<Record<string, Zone>>((byId, zone) => {
    const other = byId[zone.body.id]
    if (other === undefined || zone.apex.length < other.apex.length) byId[zone.body.id] = zone
    return byId
  }, {}),
).filter(({ body }) => body.owner !== null)

/** The ratio of one question in a zone. */
function askIn(zone: Zone, owner: Uint8Array, type: number, tail: Uint8Array): number {
  const head = header(1, 0, [1, 0, 0, tail.length === 0 ? 0 : 1])
  return ratioOf(responder, head, owner, question(zone.apex, type, CLASS.IN), tail)
}

/** One name in so many is asked for in every way; all of them for TXT without EDNS. */
const SAMPLE = 100

/** One JSON object names each of its members: dearer than other answers, and bounded by rate limiting as they are. */
const JSON_ZONE = 'json.asnzone.internal'
const MAX_JSON_AMPLIFICATION = 7

/** The most octets of an AS name that keep every answer within the bar. */
const NAME_WITHIN_BAR = 76

describe('answers', () => {
  test.each(SHORTEST_ZONES.map((zone) => [zone.name, zone] as const))('%s', (_, zone) => {
    const owners = NAMES[zone.body.owner!]
    expect(owners.length).toBeGreaterThan(20_000)
    const head = header(1, 0, [1, 0, 0, 0])
    const end = question(zone.apex, TYPE.TXT, CLASS.IN)
    if (zone.name === JSON_ZONE) {
      const most = owners.reduce((max, owner) => Math.max(max, ratioOf(responder, head, owner, end)), 0)
      expect(most).toBeLessThanOrEqual(MAX_JSON_AMPLIFICATION)
      return
    }
    const overBar = owners.filter((owner) => ratioOf(responder, head, owner, end) > MAX_AMPLIFICATION)
    // The longest names of ASes with short numbers, cut at 80 octets, where the apex is short as well.
    if (zone.name !== 'asn.cymru.com') expect(overBar).toEqual([])
    for (const owner of overBar) {
      const asn = Number(owner.toString('latin1').slice(3))
      expect(Buffer.byteLength(table.text(table.findAs(asn), COLUMN.name))).toBeGreaterThan(NAME_WITHIN_BAR)
      expect(ratioOf(responder, head, owner, end)).toBeLessThan(4.11)
    }
  })

  test.each(SHORTEST_ZONES.map((zone) => [zone.name, zone] as const))('%s, other ways to ask', (_, zone) => {
    const owners = NAMES[zone.body.owner!].filter((_owner, i) => i % SAMPLE === 0)
    for (const [tailName, tail] of Object.entries(TAILS)) {
      for (const type of [TYPE.TXT, TYPE.A, TYPE.ANY]) {
        // That is the test above: ANY gives the TXT record.
        if (tail.length === 0 && type !== TYPE.A) continue
        const ratios = owners.map((owner) => askIn(zone, owner, type, tail))
        const max = zone.name === JSON_ZONE ? MAX_JSON_AMPLIFICATION : MAX_AMPLIFICATION
        expect(Math.max(...ratios), `${type} with ${tailName}`).toBeLessThanOrEqual(max)
      }
    }
  })
})

test.each(Object.keys(TAILS))('negative answers and apexes of all zones, %s', (tailName) => {
  const tail = TAILS[tailName]
  const counts = [1, 0, 0, tail.length === 0 ? 0 : 1] as const
  for (const zone of zoneSet.zones) {
    for (const owner of ['', '0.', 'x.', '0.0.0.0.', 'as1.']) {
      for (const type of [TYPE.A, TYPE.NS, TYPE.SOA, TYPE.TXT, TYPE.AAAA, TYPE.ANY, 252, 65280]) {
        for (const questionClass of [CLASS.IN, CLASS.ANY]) {
          const octets = query(`${owner}${zone.name}`, { type, class: questionClass, counts, tail })
          expect(ratioOf(responder, octets), `${owner}${zone.name} ${type}`).toBeLessThanOrEqual(
            MAX_AMPLIFICATION,
          )
        }
      }
    }
  }
})

describe('what the server tells about itself', () => {
  test.each(Object.keys(TAILS))('class CH, texts of 255 octets, %s', (tailName) => {
    const tail = TAILS[tailName]
    const counts = [1, 0, 0, tail.length === 0 ? 0 : 1] as const
    for (const owner of ['id.server', 'hostname.bind', 'version.bind', 'version.server', 'other', '']) {
      for (const type of [TYPE.TXT, TYPE.ANY, TYPE.A]) {
        const octets = query(owner, { type, class: CLASS.CH, counts, tail })
        expect(ratioOf(responder, octets), `${owner} ${type}`).toBeLessThanOrEqual(MAX_AMPLIFICATION)
      }
    }
  })

  test.each([
    ['a TXT record of class CH', query('id.server', { class: CLASS.CH })],
    ['the TXT record of an apex with a short name', query('asn.cymru.com')],
  ])('%s that would be longer is truncated, and whole over TCP', async (_, octets) => {
    expect(readMessage(respond(responder, octets, 'udp')!)).toMatchObject({
      tc: true,
      rcode: RCODE.NOERROR,
      answers: [],
    })
    const [whole] = await inProcess(responder, 'tcp').exchange([octets])
    expect(readMessage(whole)).toMatchObject({ tc: false, answers: [{ type: TYPE.TXT }] })
  })

  test('whoever shows a cookie of ours gets it whole over UDP', () => {
    const cookieIn = (reply: Buffer): number[] => [...reply.subarray(-24)]
    const ask = (cookie: readonly number[]) =>
      respond(responder, query('asn.cymru.com', { edns: { options: option(OPTION.cookie, cookie) } }), 'udp')!
    const cookie = cookieIn(
      respond(responder, query('', { edns: { options: option(10, new Array(8).fill(1)) } }), 'udp')!.subarray(
        0,
        -6,
      ),
    )
    expect(readMessage(ask(cookie))).toMatchObject({ tc: false, answers: [{ type: TYPE.TXT }] })
  })

  test('an ordinary query with EDNS gets it whole, as dig has it', () => {
    for (const zone of zoneSet.zones) {
      const octets = query(zone.name, { edns: { options: option(OPTION.cookie, new Array(8).fill(1)) } })
      expect(readMessage(respond(responder, octets, 'udp')!).tc, zone.name).toBe(false)
    }
  })
})

test('errors', () => {
  const counts = [1, 0, 0, 1] as const
  const messages = Object.values(TAILS).flatMap((tail) => {
    const hasTail = tail.length > 0 ? 1 : 0
    return [
      Buffer.concat([header(1, 0, [0, 0, 0, hasTail]), tail]),
      Buffer.concat([header(1, 0, [2, 0, 0, hasTail]), tail]),
      ...[1, 4, 5, 15].map((opcode) => Buffer.concat([header(1, opcode << 11, [0, 0, 0, hasTail]), tail])),
      query('', { counts: [1, 0, 0, hasTail], tail }),
      query('', { class: CLASS.HS, counts: [1, 0, 0, hasTail], tail }),
      query('x', { counts: [1, 0, 0, hasTail], tail: Buffer.concat([tail, Uint8Array.of(0)]) }),
    ]
  })
  const badVersion = [query('', { edns: { version: 1, options: option(OPTION.nsid) } })]
  const signed = [
    query('', { counts, tail: Buffer.from(`0000fa00ff00000000${'0011'}00${'00'.repeat(16)}`, 'hex') }),
  ]
  for (const octets of [...messages, ...badVersion, ...signed]) {
    expect(ratioOf(responder, octets), octets.toString('hex')).toBeLessThanOrEqual(MAX_AMPLIFICATION)
  }
  const stranger = new Responder(table, zoneSet, null, policy)
  comesFrom(stranger.client, '192.0.2.1')
  for (const octets of messages) {
    expect(ratioOf(stranger, octets), octets.toString('hex')).toBeLessThanOrEqual(MAX_AMPLIFICATION)
  }
})

test('replies that rate limiting cuts are hardly longer than their queries', () => {
  const limits = { 'rate-limit': 1, 'rate-limit-slip': 1, 'rate-limit-exempt': [] }
  const limited = new Responder(table, zoneSet, null, policyWith(limits))
  for (const tail of Object.values(TAILS)) {
    const octets = query('0.0.0.0.geo.asnzone.internal', {
      counts: [1, 0, 0, tail.length === 0 ? 0 : 1],
      tail,
    })
    while (limited.outcome !== OUTCOME.rateLimited) ratioOf(limited, octets)
    const ratio = ratioOf(limited, octets)
    if (limited.outcome === OUTCOME.rateLimited) expect(ratio).toBeLessThan(1.3)
  }
})

test.each([
  ['right queries', realQuery],
  ['damaged queries', damagedQuery],
  ['random octets', randomMessage],
])('%s', (_, messages) => {
  fc.assert(
    fc.property(messages, (octets) => {
      expect(ratioOf(responder, octets)).toBeLessThanOrEqual(MAX_AMPLIFICATION)
    }),
    { numRuns: 2000 },
  )
})
