// Refusals on the pages of the policy service, as a table.

import { byId, element, fillTable } from './dom.js'
import { addressLink, countryOf, moment, pageOf, ruleText } from './policy-words.js'

/** @typedef {{ time: string, user: string, address: string, country: string | null, asn: number | null, rule: string, action: string, source: string, host: string | null }} Event */

/**
 * Fills a table, and shows a note instead of an empty one.
 *
 * @param {string} id of the table; that of the note ends in `-note`
 * @param {readonly Event[]} events
 * @param {boolean} isOfMany whether they are of several accounts
 */
export function showEvents(id, events, isOfMany) {
  byId(id).hidden = events.length === 0
  byId(`${id}-note`).hidden = events.length > 0
  // Where several hosts share a store, each of them stands in it.
  const hasHosts = events.some(({ host }) => host !== null)
  const titles = [
    'Time',
    ...(isOfMany ? ['Account'] : []),
    ...['Address', 'Country', 'AS', 'Because', 'Answer', 'Asked by'],
    ...(hasHosts ? ['Host'] : []),
  ]
  fillTable(
    id,
    titles.map((title) => ({ title })),
    events.map(({ time, user, address, country, asn, rule, action, source, host }) => [
      moment(time),
      ...(isOfMany ? [element('a', { href: pageOf(user) }, user)] : []),
      addressLink(address),
      country === null ? '–' : countryOf(country),
      asn === null ? '–' : element('a', { href: `/lookup?q=AS${asn}` }, `AS${asn}`),
      ruleText(rule),
      action,
      source,
      ...(hasHosts ? [host ?? '–'] : []),
    ]),
  )
}
