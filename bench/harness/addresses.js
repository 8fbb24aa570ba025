// Addresses to ask for: drawn at random from the space that the bundled data says is routed, or is not.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** @typedef {{ start: number, end: number, value: string }} Range4 both ends belong to it */
/** @typedef {{ start: bigint, end: bigint, value: string }} Range6 both ends belong to it */
/** @typedef {{ v4: number[], v6: bigint[], asns: string[], unrouted: number[] }} Addresses */

/**
 * A file of the bundled data whose addresses are numbers.
 *
 * @param {string} file such as `@ip-location-db/asn/asn-ipv4-num.csv`
 * @returns {Range4[]}
 */
export function readRanges4(file) {
  return readRows(file).map(([start, end, value]) => ({ start: Number(start), end: Number(end), value }))
}

/**
 * As many of each kind as asked for, the same ones for the same seed:
 *
 * - `v4`: every routed IPv4 address is equally likely, so that large networks come often
 * - `v6`: every routed range is equally likely; by size one 6to4 range would be all there is
 * - `asns`: the origin AS of each `v4`
 * - `unrouted`: every gap between the routed IPv4 ranges is equally likely
 *
 * @param {number} count
 * @param {number} seed
 * @returns {Addresses}
 */
export function randomAddresses(count, seed = 1) {
  const random = randomNumbers(seed)
  const ranges4 = readRanges4('@ip-location-db/asn/asn-ipv4-num.csv')
  const ranges6 = readRows('@ip-location-db/asn/asn-ipv6-num.csv').map(([start, end]) => ({
    start: BigInt(start),
    end: BigInt(end),
  }))
  const gaps = ranges4.slice(1).flatMap(({ start }, i) => {
    const before = ranges4[i].end + 1
    return before < start ? [{ start: before, end: start - 1 }] : []
  })
  const sizes = new Float64Array(ranges4.length)
  let routed = 0
  for (const [i, { start, end }] of ranges4.entries()) {
    routed += end - start + 1
    sizes[i] = routed
  }
  /** @type {Addresses} */
  const addresses = { v4: [], v6: [], asns: [], unrouted: [] }
  for (let i = 0; i < count; i++) {
    const nth = Math.floor(random() * routed)
    const range = ranges4[firstAbove(sizes, nth)]
    addresses.v4.push(within(range, random))
    addresses.asns.push(range.value)
    addresses.unrouted.push(within(gaps[Math.floor(random() * gaps.length)], random))
    const { start, end } = ranges6[Math.floor(random() * ranges6.length)]
    let bits = 0n
    for (let word = 0; word < 4; word++) bits = (bits << 32n) | BigInt(Math.floor(random() * 2 ** 32))
    addresses.v6.push(start + (bits % (end - start + 1n)))
  }
  return addresses
}

/** The first three columns of a file's rows; no column before the third is ever quoted. */
function readRows(file) {
  const text = readFileSync(require.resolve(file), 'utf8')
  return Array.from(text.matchAll(/^(\d+),(\d+),([^,\n]+)/gm), ([, start, end, value]) => [start, end, value])
}

function within({ start, end }, random) {
  return start + Math.floor(random() * (end - start + 1))
}

/** The index of the first number above `limit` in an ascending row. */
function firstAbove(ascending, limit) {
  let low = 0
  let up = ascending.length - 1
  while (low < up) {
    const middle = (low + up) >>> 1
    if (ascending[middle] > limit) up = middle
    else low = middle + 1
  }
  return low
}

/** Numbers from 0 up to 1 that a seed decides (mulberry32). */
function randomNumbers(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
