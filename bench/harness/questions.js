// Questions to ask: the zones that are measured, their names for the same addresses, and query packets.

import { encode, RECURSION_DESIRED } from 'dns-packet'

/** @typedef {import('./addresses.js').Addresses} Addresses */
/** @typedef {{ name: string, type: 'A' | 'TXT' }} Question */
/** @typedef {{ label: string, apex: string, type: 'A' | 'TXT', ask: keyof Addresses, isWritten?: boolean }} MeasuredZone */

/** The zone that rbldnsd, Knot and NSD serve too. */
export const COMPARED_ZONE = 'asn.rspamd.com'

/** @type {readonly MeasuredZone[]} */
export const MEASURED_ZONES = [
  { label: 'geo, IPv4', apex: 'geo.asnzone.internal', type: 'TXT', ask: 'v4' },
  { label: 'geo, IPv6', apex: 'geo.asnzone.internal', type: 'TXT', ask: 'v6' },
  { label: 'origin', apex: 'origin.asnzone.internal', type: 'TXT', ask: 'v4' },
  { label: 'origin6', apex: 'origin6.asnzone.internal', type: 'TXT', ask: 'v6' },
  { label: 'ip, as written', apex: 'ip.asnzone.internal', type: 'TXT', ask: 'v4', isWritten: true },
  { label: 'ip, IPv6, as written', apex: 'ip.asnzone.internal', type: 'TXT', ask: 'v6', isWritten: true },
  { label: 'json, as written', apex: 'json.asnzone.internal', type: 'TXT', ask: 'v4', isWritten: true },
  { label: 'as', apex: 'as.asnzone.internal', type: 'TXT', ask: 'asns' },
  { label: 'country, A', apex: 'country.asnzone.internal', type: 'A', ask: 'v4' },
  { label: 'us.country, A', apex: 'us.country.asnzone.internal', type: 'A', ask: 'v4' },
  { label: 'cymru', apex: 'origin.asn.cymru.com', type: 'TXT', ask: 'v4' },
  { label: 'rspamd', apex: COMPARED_ZONE, type: 'TXT', ask: 'v4' },
  { label: 'rspamd, IPv6', apex: 'asn6.rspamd.com', type: 'TXT', ask: 'v6' },
  { label: 'routeviews', apex: 'asn.routeviews.org', type: 'TXT', ask: 'v4' },
  { label: 'spameatingmonkey', apex: 'origin.asn.spameatingmonkey.net', type: 'TXT', ask: 'v4' },
  { label: 'NXDOMAIN', apex: 'origin.asnzone.internal', type: 'TXT', ask: 'unrouted' },
]

/** What OPT says in measured queries with EDNS: 1,232 octets, no options (DNS Flag Day 2020). */
const OPT = { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [] }

/**
 * One question for each address.
 *
 * @param {MeasuredZone} zone
 * @param {Addresses} addresses
 * @returns {Question[]}
 */
export function questionsOf(zone, addresses) {
  const { apex, type, ask, isWritten = false } = zone
  const owner = isWritten ? writtenName : ownerOf
  return addresses[ask].map((subject) => ({ name: `${owner(subject)}.${apex}`, type }))
}

/**
 * As many questions as there are addresses, the zones taking turns.
 *
 * @param {Addresses} addresses
 * @returns {Question[]}
 */
export function mixedQuestions(addresses) {
  // What was measured before there were others, so that figures can be compared.
  const zones = MEASURED_ZONES.filter(({ isWritten }) => isWritten !== true)
  return addresses.v4.map((_, i) => {
    const { apex, type, ask } = zones[i % zones.length]
    return { name: `${ownerOf(addresses[ask][i])}.${apex}`, type }
  })
}

/**
 * A query on the wire.
 *
 * @param {Question} question
 * @param {{ id?: number, edns?: boolean }} options
 * @returns {Buffer}
 */
export function composeQuery({ name, type }, { id = 0, edns = false } = {}) {
  const query = { type: 'query', id, flags: RECURSION_DESIRED, questions: [{ name, type }] }
  return encode(edns ? { ...query, additionals: [OPT] } : query)
}

/** The labels below an apex: an IPv4 address, an IPv6 address, or an AS number in digits. */
function ownerOf(subject) {
  if (typeof subject === 'string') return `AS${subject}`
  if (typeof subject === 'number') return [0, 8, 16, 24].map((shift) => (subject >>> shift) & 255).join('.')
  return [...subject.toString(16).padStart(32, '0')].reverse().join('.')
}

/** The labels below an apex of addresses as they are written. */
function writtenName(subject) {
  if (typeof subject === 'number') return [24, 16, 8, 0].map((shift) => (subject >>> shift) & 255).join('.')
  const digits = subject.toString(16).padStart(32, '0')
  return (digits.match(/..../g) ?? []).map((group) => group.replace(/^0{1,3}/, '')).join(':')
}
