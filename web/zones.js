// The zones on the status page: those that are asked, the most queries first, and folded away those that are not.

import { byId, counted, element, fillTable, setText, sumOf } from './dom.js'

/** What zones are asked about. */
const OWNERS = {
  ipv4: 'IPv4',
  ipv6: 'IPv6',
  ip: 'IPv4, IPv6',
  address: 'IPv4, IPv6, as written',
  asn: 'AS numbers',
  none: 'nothing',
}

const COLUMNS = [
  { title: 'Name' },
  { title: 'Zone' },
  { title: 'Asked about' },
  { title: 'Queries', number: true },
  { title: 'Answers', number: true },
]

/**
 * @param {readonly any[]} zones
 * @param {Readonly<Record<string, number>>} elsewhere what became of queries for names of none of them
 */
export function showZones(zones, elsewhere) {
  const all = zones.map((zone) => ({ zone, queries: sumOf(zone.queries) }))
  const asked = all.filter(({ queries }) => queries > 0)
  const unasked = all.filter(({ queries }) => queries === 0)
  const others = sumOf(elsewhere)
  /** @type {{ queries: number, row: import('./dom.js').Cell[] }[]} */
  const rows = asked.map(({ zone, queries }) => ({ queries, row: rowOf(zone, queries) }))
  if (others > 0) rows.push({ queries: others, row: ['no zone of these', '', '', others, elsewhere.answer] })
  rows.sort((a, b) => b.queries - a.queries)
  byId('zones').hidden = rows.length === 0
  byId('zones-note').hidden = rows.length > 0
  fillTable(
    'zones',
    COLUMNS,
    rows.map(({ row }) => row),
  )
  byId('unasked').hidden = unasked.length === 0
  setText('unasked-count', `${counted(unasked.length, 'zone', 'zones')} that nobody has asked yet`)
  fillTable(
    'unasked-zones',
    COLUMNS.slice(0, 3),
    unasked.map(({ zone }) => rowOf(zone, 0).slice(0, 3)),
  )
}

/**
 * @param {any} zone
 * @param {number} queries
 * @returns {import('./dom.js').Cell[]}
 */
function rowOf({ id, apexes, owner, queries: { answer } }, queries) {
  const names = apexes.flatMap((/** @type {string} */ apex) => [element('code', {}, apex), element('br')])
  return [
    element('span', {}, ...names.slice(0, -1)),
    id,
    OWNERS[/** @type {keyof typeof OWNERS} */ (owner)] ?? owner,
    queries,
    answer,
  ]
}
