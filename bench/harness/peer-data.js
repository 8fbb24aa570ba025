// The compared zone in the forms that other servers read: an rbldnsd data set, and a zone file with wildcards.
//
// The boundaries come from the data files, the answers from asnzone itself, so that all servers say the same.

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { prefixLengthOf } from '../../dist/table/table.js'
import { readRanges4 } from './addresses.js'
import { replyTo } from './in-process.js'
import { COMPARED_ZONE, composeQuery } from './questions.js'
import { textOf } from './replies.js'

/** @typedef {{ address: number, length: number, text: string }} Entry a CIDR, and the TXT of all its addresses */

const REGISTRIES = new URL('../../data/ip-registries.csv', import.meta.url)

const AUTHORITY = { nameserver: 'localhost.', contact: 'nobody.invalid.', timers: '86400 7200 604800 3600' }

/** Octets that are gathered before they are written to a file. */
const CHUNK = 1 << 20

/**
 * What the compared zone answers, as CIDRs in ascending order that do not overlap; left out is what has no
 * answer.
 *
 * @param {Awaited<ReturnType<typeof import('./in-process.js').loadAsnzone>>} asnzone
 * @returns {Generator<Entry>}
 */
export function* entriesOf({ table, responder }) {
  const cuts = Float64Array.from(boundaries()).sort()
  let pending = { start: 0, end: 0, text: '' }
  for (let i = 0; i + 1 < cuts.length; i++) {
    for (let start = cuts[i]; start < cuts[i + 1]; ) {
      // A range without an origin AS says nothing here; one with it is cut along the prefixes of the answers.
      const length = prefixLengthOf(table.find4(start))
      const size = 2 ** (32 - length)
      const end = length === 0 ? cuts[i + 1] : Math.min(cuts[i + 1], start - (start % size) + size)
      const text = length === 0 ? '' : askText(responder, start)
      if (text === pending.text && start === pending.end) pending.end = end
      else {
        if (pending.text !== '') yield* cidrs(pending)
        pending = { start, end, text }
      }
      start = end
    }
  }
  if (pending.text !== '') yield* cidrs(pending)
}

/**
 * Writes an rbldnsd data set of the type ip4trie.
 *
 * @param {Iterable<Entry>} entries
 * @returns {number} how many lines have data
 */
export function writeRbldnsdData(file, entries, ttl) {
  const { nameserver, contact, timers } = AUTHORITY
  return writeLines(
    file,
    [`$SOA ${ttl} ${nameserver} ${contact} 1 ${timers}`, `$NS ${ttl} ${nameserver}`, `$TTL ${ttl}`],
    function* () {
      for (const { address, length, text } of entries) yield `${dotted(address)}/${length} :127.0.0.2:${text}`
    },
  )
}

/**
 * Writes a zone file. DNS names have a wildcard at octets only: a /22 becomes four `*.c.b.a`, a /12 sixteen
 * `*.b.a`, and what is longer than a /24 a name for each address.
 *
 * @param {Iterable<Entry>} entries
 * @returns {number} how many TXT records it has
 */
export function writeZoneFile(file, entries, ttl) {
  const { nameserver, contact, timers } = AUTHORITY
  const head = [
    `$ORIGIN ${COMPARED_ZONE}.`,
    `$TTL ${ttl}`,
    `@ SOA ${nameserver} ${contact} 1 ${timers}`,
    `@ NS ${nameserver}`,
  ]
  return writeLines(file, head, function* () {
    for (const { address, length, text } of entries) {
      const octets = Math.ceil(length / 8)
      const step = 2 ** (32 - octets * 8)
      const names = 2 ** (octets * 8 - length)
      for (let n = 0; n < names; n++) {
        const labels = dotted(address + n * step)
          .split('.')
          .slice(0, octets)
          .reverse()
        yield `${octets === 4 ? '' : '*.'}${labels.join('.')} TXT "${text}"`
      }
    }
  })
}

/** Every address where an answer may begin to differ from the one before it; prefixes apart. */
function boundaries() {
  const cuts = new Set([0, 2 ** 32])
  const add = (start, end) => cuts.add(start).add(end + 1)
  for (const file of ['asn/asn', 'asn-country/asn-country']) {
    for (const { start, end } of readRanges4(`@ip-location-db/${file}-ipv4-num.csv`)) add(start, end)
  }
  for (const [, a, b, c, d, length] of readFileSync(REGISTRIES, 'utf8').matchAll(
    /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+),/gm,
  )) {
    const start = ((Number(a) * 256 + Number(b)) * 256 + Number(c)) * 256 + Number(d)
    add(start, start + 2 ** (32 - Number(length)) - 1)
  }
  return cuts
}

function askText(responder, address) {
  const name = `${dotted(address).split('.').reverse().join('.')}.${COMPARED_ZONE}`
  return textOf(replyTo(responder, composeQuery({ name, type: 'TXT' })))
}

/** Cuts the addresses from `start` up to `end`, which is not among them, into CIDRs. */
function* cidrs({ start, end, text }) {
  for (let address = start; address < end; ) {
    let size = 1
    while (address % (size * 2) === 0 && address + size * 2 <= end) size *= 2
    yield { address, length: 32 - Math.log2(size), text }
    address += size
  }
}

function dotted(address) {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.')
}

/** Writes lines and counts those that `lines` gave. */
function writeLines(path, head, lines) {
  const file = openSync(path, 'w')
  let text = `${head.join('\n')}\n`
  let count = 0
  for (const line of lines()) {
    text += `${line}\n`
    count++
    if (text.length >= CHUNK) {
      writeSync(file, text)
      text = ''
    }
  }
  writeSync(file, text)
  closeSync(file)
  return count
}
