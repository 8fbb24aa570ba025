// Hostile input: random octets, and real queries that were damaged.

import fc from 'fast-check'
import { CLASS, query, TYPE } from './message.ts'
import { LONG_LABELS } from './own-zones.ts'

const NAMES = [
  '8.8.8.8.geo.asnzone.internal',
  '1.0.0.10.Origin.Asn.Cymru.Com',
  '8.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2.origin6.asn.cymru.com',
  '0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2.geo.asnzone.internal',
  'AS3333.asn.cymru.com',
  '8.8.8.8.us.countries.nerd.dk',
  '8.8.8.8.asn.routeviews.org',
  '8.8.8.8.long.asnzone.internal',
  `8.8.8.8.${LONG_LABELS}.asnzone.internal`,
  'asnzone.internal',
  '_.8.geo.asnzone.internal',
  '2.0.0.127.us.countries.nerd.dk',
  'www.example.com',
  'version.bind',
  'id.server',
  '',
] as const

const TYPES = [...Object.values(TYPE), 0, 249, 250, 251, 252, 65280, 65535]

/** NSID, a cookie, an old cookie with a server's part, keepalive, ECS, padding, an unknown option. */
const OPTIONS: readonly (readonly number[])[] = [
  [0, 3, 0, 0],
  [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8],
  [0, 10, 0, 24, ...new Array(24).fill(1)],
  [0, 11, 0, 0],
  [0, 8, 0, 7, 0, 1, 24, 0, 192, 0, 2],
  [0, 12, 0, 3, 0, 0, 0],
  [0xfd, 0xe9, 0, 2, 1, 2],
]

/** Queries that are right, or nearly so. */
export const realQuery: fc.Arbitrary<Uint8Array> = fc
  .record({
    name: fc.constantFrom(...NAMES),
    id: fc.nat(0xffff),
    flags: fc.oneof(fc.constantFrom(0, 0x0100), fc.nat(0xffff)),
    type: fc.constantFrom(...TYPES),
    class: fc.oneof(fc.constant(CLASS.IN), fc.constantFrom(...Object.values(CLASS))),
    edns: fc.option(
      fc.record({
        size: fc.constantFrom(0, 511, 512, 1232, 4096, 65535),
        version: fc.constantFrom(0, 0, 0, 1, 255),
        flags: fc.constantFrom(0, 0x8000, 0xffff),
        options: fc.array(fc.constantFrom(...OPTIONS), { maxLength: 3 }).map((options) => options.flat()),
      }),
      { nil: undefined },
    ),
  })
  .map(({ name, ...options }) => query(name, options))

/** One change to the octets of a message; places are fractions of its length. */
const damage: fc.Arbitrary<(octets: Uint8Array) => Uint8Array> = fc.oneof(
  fc.tuple(place(), octet()).map(
    ([at, value]) =>
      (octets: Uint8Array) =>
        octets.map((old, i) => (i === index(octets, at) ? value : old)),
  ),
  fc.tuple(place(), fc.nat(7)).map(
    ([at, bit]) =>
      (octets: Uint8Array) =>
        octets.map((old, i) => (i === index(octets, at) ? old ^ (1 << bit) : old)),
  ),
  place().map((at) => (octets: Uint8Array) => octets.subarray(0, index(octets, at))),
  fc
    .tuple(place(), fc.uint8Array({ minLength: 1, maxLength: 40 }))
    .map(([at, more]) => (octets: Uint8Array) => {
      const i = index(octets, at)
      return Buffer.concat([octets.subarray(0, i), more, octets.subarray(i)])
    }),
  fc.tuple(place(), place()).map(([from, to]) => (octets: Uint8Array) => {
    const [i, j] = [index(octets, from), index(octets, to)].sort((one, other) => one - other)
    return Buffer.concat([octets.subarray(0, i), octets.subarray(j)])
  }),
  fc.tuple(place(), place()).map(([from, to]) => (octets: Uint8Array) => {
    const [i, j] = [index(octets, from), index(octets, to)].sort((one, other) => one - other)
    return Buffer.concat([octets.subarray(0, j), octets.subarray(i)])
  }),
)

/** Real queries with one to six damages. */
export const damagedQuery: fc.Arbitrary<Uint8Array> = fc
  .tuple(realQuery, fc.array(damage, { minLength: 1, maxLength: 6 }))
  .map(([octets, damages]) => damages.reduce<Uint8Array>((message, change) => change(message), octets))

/** Random octets, often behind a header that asks for one answer to one question. */
export const randomMessage: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc
    .tuple(fc.uint8Array({ minLength: 3, maxLength: 3 }), fc.nat(3), fc.uint8Array({ maxLength: 600 }))
    .map(([[high, low, flags], additionals, rest]) =>
      Uint8Array.of(high, low, flags & 1, 0, 0, 1, 0, 0, 0, 0, 0, additionals, ...rest),
    ),
)

/** A fraction, near the header more often than not. */
function place(): fc.Arbitrary<number> {
  return fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 0.15, noNaN: true }))
}

function octet(): fc.Arbitrary<number> {
  return fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 12, 41, 63, 64, 127, 128, 192, 255))
}

function index(octets: Uint8Array, at: number): number {
  return Math.min(octets.length, Math.floor(at * (octets.length + 1)))
}
