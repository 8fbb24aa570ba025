// Where the addresses of an account are, as the lookups of this server know it.

import { ask, countryName } from './dom.js'

/** @typedef {{ text: string, asn: number | null, name: string, place: import('./map.js').Place | null }} Facts */

/** Lookups at a time. */
const AT_A_TIME = 4

/** @type {Facts} */
const NOTHING = { text: 'not known', asn: null, name: '', place: null }

/** What is known already, by address or network. @type {Map<string, Facts>} */
const known = new Map()

/**
 * What is known of addresses, in their order; each is asked about once as long as the page is open.
 *
 * @param {readonly string[]} values addresses, or networks that count as one
 * @returns {Promise<Facts[]>}
 */
export async function factsOf(values) {
  const missing = values.filter((value) => !known.has(value))
  const askNext = async () => {
    for (let value = missing.pop(); value !== undefined; value = missing.pop()) {
      known.set(value, await lookUp(value))
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, askNext))
  return values.map((value) => known.get(value) ?? NOTHING)
}

/** @param {string} value @returns {Promise<Facts>} */
async function lookUp(value) {
  // A network is where its first address is.
  const [address] = value.split('/')
  const it = await ask(`/api/lookup/${encodeURIComponent(address)}`)
  if (!it.found) return NOTHING
  const parts = [it.city, it.country === null ? null : countryName(it.country)].filter(
    (part) => part !== null,
  )
  return {
    text: parts.length === 0 ? 'not known' : parts.join(', '),
    asn: it.asn,
    name: it.name ?? '',
    place: it.latitude === null ? null : { latitude: it.latitude, longitude: it.longitude },
  }
}
