// The status page: figures from /api/status; what is drawn over time is in live.js.

import './keys.js'
import {
  ask,
  asLink,
  byId,
  counted,
  countryLink,
  element,
  fillFacts,
  fillTable,
  grouped,
  lookupLink,
  megabytes,
  minuteOf,
  percent,
  SHARE_COLUMNS,
  secondOf,
  setText,
  shareCells,
  showCredits,
  sumOf,
  timeSpan,
  trouble,
} from './dom.js'
import { follow } from './live.js'
import { offerUpkeep, showUpkeep } from './upkeep.js'
import { showZones } from './zones.js'

/** Milliseconds between two looks at what changes slowly. */
const SLOW = 10_000

/** What outcomes are called. */
const OUTCOMES = {
  answer: 'answered',
  noData: 'no such record',
  nxDomain: 'nothing known (NXDOMAIN)',
  truncated: 'truncated, to be asked over TCP',
  refused: 'refused',
  formErr: 'malformed',
  notImp: 'not implemented',
  badVers: 'unknown EDNS version',
  dropped: 'dropped in silence',
  rateLimited: 'rate-limited',
}

async function showStatus() {
  const status = await ask('/api/status')
  const { queries, sources, table, zones, elsewhere } = status
  const total = sumOf(queries)
  setText('queries', grouped(total))
  setText('since', `in ${timeSpan(status.uptime)}`)
  setText('answered', total === 0 ? '–' : percent(queries.answer / total))
  setText('silent', total === 0 ? 'nobody has asked yet' : `${grouped(total - queries.answer)} were not`)
  const ages = sources.flatMap((/** @type {any} */ { age, what }) => {
    return age === null || what === 'override' ? [] : [age]
  })
  setText('data-age', ages.length === 0 ? '–' : `${Math.max(...ages)} d`)
  setText('data-date', `the newest: ${status.date.slice(0, 10)}`)
  setText('memory', megabytes(status.memory))
  setText('table-size', `the table: ${megabytes(table.bytes)}`)
  const stale = sources.some((/** @type {any} */ source) => source.stale)
  byId('age').hidden = !stale
  if (stale) {
    byId('age').replaceChildren(
      `Data is older than max-age ${status.maxAge}: `,
      element('code', {}, 'asnzone update'),
      status.update.canFetch ? ' fetches new data, and so does ' : ' fetches new data',
      ...(status.update.canFetch ? [element('a', { href: '#update' }, 'Update')] : []),
      '.',
    )
  }
  showOutcomes(queries, total)
  fillFacts('server', [
    ['Version', `asnzone ${status.version}`],
    ['Answers on', status.listen.join(', ')],
    ['UDP by', status.udp === 'mmsg' ? 'recvmmsg in threads' : 'node:dgram in one thread'],
    [
      'TCP',
      `${counted(status.tcp.open, 'connection', 'connections')} open, ${grouped(status.tcp.accepted)} accepted`,
    ],
    ['Started', minuteOf(status.started)],
    ['Process', String(status.pid)],
    ['Data', `${counted(table.ases, 'AS', 'ASes')}, ${counted(table.records, 'record', 'records')}`],
  ])
  showSources(sources)
  showZones(zones, elsewhere)
  showUpkeep(status)
  showRefused(status.refused)
  showSettings(status.settings)
  showCredits(sources)
  return status
}

/**
 * @param {Readonly<Record<string, number>>} queries
 * @param {number} total
 */
function showOutcomes(queries, total) {
  const rows = Object.entries(OUTCOMES).flatMap(([key, name]) =>
    queries[key] === 0 && key !== 'answer'
      ? []
      : [[name, queries[key], ...(total === 0 ? ['–', 0] : shareCells(queries[key] / total))]],
  )
  fillTable('outcomes', [{ title: 'Outcome' }, { title: 'Queries', number: true }, ...SHARE_COLUMNS], rows)
}

/** @param {readonly any[]} sources */
function showSources(sources) {
  const columns = [
    { title: 'Source' },
    { title: 'Tells' },
    { title: 'Family' },
    { title: 'Rows', number: true },
    { title: 'Covers', number: true },
    { title: 'Data of' },
    { title: 'Age', number: true },
    { title: 'Licence' },
  ]
  fillTable(
    'sources',
    columns,
    sources.map(({ name, what, family, rows, share, date, age, stale, licence }) => [
      name,
      what,
      family === null ? '' : `IPv${family}`,
      rows,
      share === null ? '' : percent(share),
      element('span', { class: 'nowrap' }, date === null ? 'unknown' : minuteOf(date)),
      age === null ? '' : stale ? element('span', { class: 'stale' }, `${age} d, too old`) : `${age} d`,
      element('span', { class: 'nowrap' }, licence),
    ]),
  )
}

/** @param {readonly { name: string, value: string | null, place: string | null }[]} settings */
function showSettings(settings) {
  byId('settings').hidden = settings.length === 0
  byId('settings-note').hidden = settings.length > 0
  fillTable(
    'settings',
    [{ title: 'Setting' }, { title: 'Value' }, { title: 'Set in' }],
    settings.map(({ name, value, place }) => [
      element('code', {}, name),
      value === null ? 'set; not shown here' : element('code', {}, value),
      place ?? 'environment or command line',
    ]),
  )
}

/** @param {null | { every: number, clients: readonly any[] }} refused */
function showRefused(refused) {
  const note = byId('refused-note')
  byId('refused-scroll').hidden = refused === null || refused.clients.length === 0
  if (refused === null) {
    note.replaceChildren('Who is refused is known with a ', element('code', {}, 'query-log'), ' only.')
    return
  }
  const sampled =
    refused.every === 1 ? '' : ` One query in ${grouped(refused.every)} is logged, and counted here.`
  note.textContent = `${refused.clients.length === 0 ? 'Nobody was refused yet.' : 'The last twenty clients.'}${sampled}`
  fillTable(
    'refused',
    [
      { title: 'Client' },
      { title: 'What became of it' },
      { title: 'Queries', number: true },
      { title: 'Last, UTC' },
    ],
    refused.clients.map(({ client, outcome, asked, at, queries }) => [
      element(
        'span',
        {},
        lookupLink(client),
        element('br'),
        asked === null ? 'asked nothing that was read' : element('code', {}, asked),
      ),
      OUTCOMES[/** @type {keyof typeof OUTCOMES} */ (outcome)],
      queries,
      element('span', { class: 'nowrap' }, secondOf(at).replace(' UTC', '')),
    ]),
  )
}

async function showTop() {
  const { enabled, countries, ases, hasMoreAses, interval } = await ask('/api/stats?interval=today')
  const shows = (/** @type {string} */ kind, /** @type {readonly any[]} */ rows) => {
    const note = byId(`${kind}-note`)
    byId(kind).hidden = !enabled || rows.length === 0
    note.hidden = enabled && rows.length > 0
    note.replaceChildren(
      ...(enabled
        ? [`Nothing was counted on ${interval} yet.`]
        : ['Not counted: ', element('code', {}, 'stats: true'), ' in the config does so.']),
    )
  }
  shows('countries', countries)
  shows('ases', ases)
  if (!enabled) return
  const total = Math.max(
    1,
    countries.reduce((/** @type {number} */ all, /** @type {any} */ { queries }) => all + queries, 0),
  )
  fillShares(
    'countries',
    total,
    countries.map((/** @type {any} */ { country, queries }) => [countryLink(country), queries]),
    false,
  )
  fillShares(
    'ases',
    total,
    ases.map((/** @type {any} */ { asn, name, queries }) => [asLink(asn, name), queries]),
    hasMoreAses,
  )
}

/** Rows of the top lists. */
const TOP = 8

/**
 * The first of a list, and how many more there are.
 *
 * @param {'countries' | 'ases'} id
 * @param {number} total
 * @param {readonly [string | Node, number][]} rows
 * @param {boolean} hasMore whether there are more than those rows
 */
function fillShares(id, total, rows, hasMore) {
  fillTable(
    id,
    [{ title: 'Today' }, { title: 'Queries', number: true }, ...SHARE_COLUMNS],
    rows.slice(0, TOP).map(([name, queries]) => [name, queries, ...shareCells(queries / total)]),
  )
  if (rows.length <= TOP) return
  const note = byId(`${id}-note`)
  note.hidden = false
  note.replaceChildren(
    `And ${hasMore ? 'more than ' : ''}${grouped(rows.length - TOP)} more: `,
    element('a', { href: '/statistics' }, 'statistics'),
    ' has more of them.',
  )
}

async function refresh() {
  try {
    await Promise.all([showStatus(), showTop()])
  } catch (error) {
    trouble(/** @type {Error} */ (error).message)
  }
  setTimeout(refresh, SLOW)
}

offerUpkeep(showStatus)
await Promise.all([follow(), refresh()])
