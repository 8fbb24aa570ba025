// One account on the policy page: its block, where it came from and when, what was refused, its record.

import {
  ask,
  byId,
  counted,
  element,
  fillFacts,
  fillTable,
  grouped,
  Refusal,
  setText,
  trouble,
} from './dom.js'
import { WorldMap } from './map.js'
import { showEvents } from './policy-history.js'
import { factsOf } from './policy-places.js'
import { addressLink, countryOf, forget, moment, pathOf, unblock, untilText, whyOf } from './policy-words.js'

/** @typedef {import('./map.js').Place} Place */
/** @typedef {import('./policy-words.js').Entry} Entry */
/** @typedef {{ entry: Entry, place: Place | null }} Placed */

/** What an entry is. @param {Entry} entry */
const kindOf = ({ home, refused }) => (refused ? 'refused' : home ? 'counted, at home' : 'counted')

/** The account. */
export class AccountView {
  /** @type {WorldMap | undefined} */
  #map
  /** What is shown, so that nothing is touched that stays as it is. */
  #shown = ''
  #isForgotten = false
  #user
  #again
  #tell

  /**
   * @param {string} user
   * @param {() => Promise<void>} again looks now
   * @param {(text: string) => void} tell says what has been done
   */
  constructor(user, again, tell) {
    this.#user = user
    this.#again = again
    this.#tell = tell
    byId('back').hidden = false
    setText('heading', user)
    document.title = `${user} – asnzone`
    byId('unblock').addEventListener('click', () => this.#change(unblock))
    byId('forget').addEventListener('click', () => this.#change(forget))
  }

  /** Asks, and shows what there is. */
  async show() {
    const account = await this.#ask()
    byId('account').hidden = account === null
    byId('nothing').hidden = account !== null || this.#isForgotten
    if (account === null) return
    this.#showBlock(account.block)
    const shown = JSON.stringify(account)
    if (shown === this.#shown) return
    this.#showFacts(account)
    showEvents('events', account.events, false)
    byId('events-csv').setAttribute('href', `/api/policy/events.csv?user=${encodeURIComponent(account.user)}`)
    byId('record').hidden = account.record === null
    byId('record-note').hidden = account.record !== null
    setText('record', account.record === null ? '' : JSON.stringify(account.record, null, 2))
    this.#showCountries(account.countries)
    await this.#showAddresses(account.ips, account.countries)
    this.#shown = shown
  }

  hide() {
    byId('account').hidden = true
    byId('nothing').hidden = true
  }

  /** The account; null when nothing is kept of it. */
  async #ask() {
    try {
      return await ask(pathOf(this.#user))
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 404) throw error
      // Without a policy service that is the answer to everything.
      await ask('/api/policy/users?limit=1')
      return null
    }
  }

  /** @param {(user: string) => Promise<string | null>} change */
  async #change(change) {
    try {
      const done = await change(this.#user)
      if (done === null) return
      this.#isForgotten = change === forget
      this.#tell(done)
      await this.#again()
      // The button may be gone.
      byId('heading').focus()
    } catch (error) {
      trouble(/** @type {Error} */ (error).message)
    }
  }

  /** @param {import('./policy-words.js').Block | null} block */
  #showBlock(block) {
    byId('block').hidden = block === null
    byId('unblock').hidden = block === null
    if (block !== null) setText('block', `Blocked ${untilText(block)}: ${whyOf(block.reason)}.`)
  }

  /** @param {any} account */
  #showFacts({ first, last, requests, refused, block, ips, countries, asns }) {
    const ases = asns.flatMap((/** @type {Entry} */ { value }, /** @type {number} */ i) => [
      i === 0 ? '' : ', ',
      element('a', { href: `/lookup?q=AS${value}` }, `AS${value}`),
    ])
    fillFacts('facts', [
      ['Blocked since', block === null ? null : moment(block.since)],
      ['First seen', moment(first)],
      ['Last seen', moment(last)],
      ['Requests', grouped(requests)],
      ['Refused', grouped(refused)],
      ['Countries', grouped(countries.length)],
      ['Addresses', grouped(ips.length)],
      ['ASes', asns.length === 0 ? 'none' : element('span', {}, ...ases)],
    ])
  }

  /** @param {readonly Entry[]} countries */
  #showCountries(countries) {
    fillTable(
      'countries',
      ['Country', 'State', 'First', 'Last'].map((title) => ({ title })),
      countries.map((entry) => [
        countryOf(entry.value),
        kindOf(entry),
        moment(entry.first),
        moment(entry.last),
      ]),
    )
  }

  /**
   * The addresses, first as they are, then with what is known of them.
   *
   * @param {readonly Entry[]} ips
   * @param {readonly Entry[]} countries
   */
  async #showAddresses(ips, countries) {
    if (this.#shown === '') fillAddresses(ips, [])
    const facts = await factsOf(ips.map(({ value }) => value))
    fillAddresses(ips, facts)
    const places = ips.map((entry, i) => ({ entry, place: facts[i].place }))
    await this.#showMap(countries, places)
  }

  /**
   * @param {readonly Entry[]} countries
   * @param {readonly Placed[]} addresses the newest first
   */
  async #showMap(countries, addresses) {
    this.#map ??= await WorldMap.show(byId('map'))
    this.#map.clear()
    this.#map.shade(
      new Map(countries.map(({ value, home, refused }) => [value, refused ? 'refused' : home ? 'q4' : 'q2'])),
    )
    // The newest on top, where several are at one place.
    for (const at of byPlace(addresses).reverse()) {
      const isRefused = at.every(({ entry }) => entry.refused)
      const text = at.map(({ entry }) => `${entry.value}, ${entry.last.slice(0, 16).replace('T', ' ')} UTC`)
      const { place } = at[0]
      if (place !== null) this.#map.mark(place, isRefused ? 'place' : 'here', text.join('\n'))
    }
    const placed = addresses.filter(({ place }) => place !== null).length
    const from = countries.map(({ value }) => countryOf(value)).join(', ')
    const [newest] = addresses
    const text = [
      countries.length === 0 ? 'No country is known.' : `The newest first: ${from}.`,
      `${counted(placed, 'address is', 'addresses are')} marked, at the point of the city or, where no more is known, of the country`,
      newest === undefined
        ? '.'
        : `; the newest, ${newest.entry.value}, was there at ${newest.entry.last.slice(11, 16)} UTC.`,
    ]
    setText('map-text', `${text[0]} ${text[1]}${text[2]}`)
    this.#map.describe(`Map of the world. ${text[0]} The tables have the times.`)
  }
}

/**
 * @param {readonly Entry[]} ips
 * @param {readonly { text: string, asn: number | null, name: string }[]} facts empty while they are asked for
 */
function fillAddresses(ips, facts) {
  fillTable(
    'ips',
    ['Address', 'Where', 'State', 'First', 'Last', 'AS'].map((title) => ({ title })),
    ips.map((entry, i) => {
      const { text = '…', asn = null, name = '' } = facts[i] ?? {}
      return [
        addressLink(entry.value),
        text,
        kindOf(entry),
        moment(entry.first),
        moment(entry.last),
        asn === null ? '–' : element('span', { class: 'nowrap' }, `AS${asn} ${name}`),
      ]
    }),
  )
}

/** The addresses of each place, in their order. @param {readonly Placed[]} addresses */
function byPlace(addresses) {
  /** @type {Map<string, Placed[]>} */
  const places = new Map()
  for (const it of addresses) {
    if (it.place === null) continue
    const key = `${it.place.latitude} ${it.place.longitude}`
    const at = places.get(key)
    if (at === undefined) places.set(key, [it])
    else at.push(it)
  }
  return [...places.values()]
}
