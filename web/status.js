// The status page: figures from /api/status, and what is answered second by second from /api/events.

import { lineChart } from './charts.js'
import {
  ask,
  byId,
  countryName,
  element,
  fillFacts,
  fillTable,
  grouped,
  megabytes,
  minuteOf,
  percent,
  rounded,
  setText,
  showCredits,
  timeSpan,
  trouble,
} from './dom.js'

/** Seconds that the chart shows. */
const SHOWN = 300

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

/** What zones are asked about. */
const OWNERS = { ipv4: 'IPv4', ipv6: 'IPv6', ip: 'IPv4, IPv6', asn: 'AS numbers', none: 'nothing' }

/** @param {Readonly<Record<string, number>>} counts */
const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0)

/** Follows the events. */
class LiveChart {
  /** @type {{ at: number, all: number, answers: number }[]} */
  #points = []
  /** @type {ReturnType<typeof lineChart> | undefined} */
  #chart

  /** @param {readonly any[]} seconds the oldest first */
  add(seconds) {
    for (const { at, seconds: length, outcomes } of seconds) {
      const point = { at: at / 1000, all: sum(outcomes) / length, answers: outcomes.answer / length }
      this.#points.push(point)
    }
    this.#points = this.#points.slice(-SHOWN)
    const last = this.#points.at(-1)
    if (last === undefined) return
    const peak = this.#points.reduce((most, { all }) => Math.max(most, all), 0)
    setText('rate', rounded(last.all))
    setText('peak', `at most ${rounded(peak)} in five minutes`)
    byId('live').setAttribute(
      'aria-label',
      `Chart of queries per second: ${rounded(last.all)} now, at most ${rounded(peak)} in the last five minutes`,
    )
    const data = /** @type {[number[], number[], number[]]} */ ([
      this.#points.map(({ at }) => at),
      this.#points.map(({ all }) => all),
      this.#points.map(({ answers }) => answers),
    ])
    if (this.#chart === undefined) {
      this.#chart = lineChart(
        byId('live'),
        [
          { label: 'Queries', colour: '--accent' },
          { label: 'Answers', colour: '--good' },
        ],
        data,
      )
    } else this.#chart.setData(data)
  }

  clear() {
    this.#points = []
  }
}

function follow() {
  const chart = new LiveChart()
  const events = new EventSource('/api/events')
  events.addEventListener('history', ({ data }) => {
    trouble(null)
    chart.clear()
    chart.add(JSON.parse(data))
  })
  events.addEventListener('second', ({ data }) => chart.add([JSON.parse(data)]))
  // The browser tries again by itself.
  events.addEventListener('error', () => trouble('The server does not answer; these figures are old.'))
}

async function showStatus() {
  const status = await ask('/api/status')
  const { queries, sources, table, reload } = status
  const total = sum(queries)
  const up = (Date.now() - Date.parse(status.started)) / 1000
  setText('queries', grouped(total))
  setText('since', `in ${timeSpan(up)}`)
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
      `Data are older than max-age ${status.maxAge}: `,
      element('code', {}, 'asnzone update'),
      ' fetches new data.',
    )
  }
  showOutcomes(queries, total)
  fillFacts('server', [
    ['Version', `asnzone ${status.version}`],
    ['Answers on', status.listen.join(', ')],
    ['UDP by', status.udp === 'mmsg' ? 'recvmmsg in threads' : 'node:dgram in one thread'],
    ['TCP', `${grouped(status.tcp.open)} connections open, ${grouped(status.tcp.accepted)} accepted`],
    ['Started', minuteOf(status.started)],
    ['Process', String(status.pid)],
    ['Data', `${grouped(table.ases)} ASes, ${grouped(table.records)} records`],
    ['Last reload', reload === null ? 'none' : `${minuteOf(reload.at)} by ${reload.trigger}: ${reload.kind}`],
    ['Because', reload?.reason ?? null],
  ])
  showSources(sources)
  showZones(status)
  showCredits(sources)
}

/**
 * @param {Readonly<Record<string, number>>} queries
 * @param {number} total
 */
function showOutcomes(queries, total) {
  const rows = Object.entries(OUTCOMES).flatMap(([key, name]) =>
    queries[key] === 0 && key !== 'answer'
      ? []
      : [
          [
            name,
            queries[key],
            total === 0 ? '–' : percent(queries[key] / total),
            total === 0 ? 0 : queries[key] / total,
          ],
        ],
  )
  fillTable(
    'outcomes',
    [
      { title: 'Outcome' },
      { title: 'Queries', number: true },
      { title: 'Share', number: true },
      { title: 'Share as a bar', share: true },
    ],
    rows,
  )
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

/** @param {any} status */
function showZones({ zones, elsewhere }) {
  const rows = zones.map((/** @type {any} */ { id, apexes, owner, queries }) => [
    element(
      'span',
      {},
      ...apexes
        .flatMap((/** @type {string} */ apex) => [element('code', {}, apex), element('br')])
        .slice(0, -1),
    ),
    id,
    OWNERS[/** @type {keyof typeof OWNERS} */ (owner)],
    sum(queries),
    queries.answer,
  ])
  fillTable(
    'zones',
    [
      { title: 'Name' },
      { title: 'Zone' },
      { title: 'Asked about' },
      { title: 'Queries', number: true },
      { title: 'Answers', number: true },
    ],
    [...rows, ['no zone of these', '', '', sum(elsewhere), 0]],
  )
}

async function showTop() {
  const { enabled, countries, ases, interval } = await ask('/api/stats?interval=today')
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
  const columns = [{ title: 'Today' }, { title: 'Queries', number: true }, { title: 'Share', share: true }]
  fillTable(
    'countries',
    columns,
    countries
      .slice(0, 8)
      .map((/** @type {any} */ { country, queries }) => [countryName(country), queries, queries / total]),
  )
  fillTable(
    'ases',
    columns,
    ases
      .slice(0, 8)
      .map((/** @type {any} */ { asn, name, queries }) => [
        asn === 0 ? 'not known' : element('a', { href: `/lookup?q=AS${asn}` }, `AS${asn} ${name}`),
        queries,
        queries / total,
      ]),
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

follow()
await refresh()
