// The statistics page: queries by country, AS and time, and what mail has taught: see learned.js.

import './keys.js'
import { barChart } from './charts.js'
import {
  ask,
  asLink,
  byId,
  counted,
  countryIn,
  countryLink,
  element,
  fillTable,
  grouped,
  SHARE_COLUMNS,
  setText,
  shareCells,
  showCredits,
  trouble,
} from './dom.js'
import { showLearned } from './learned.js'
import { WorldMap } from './map.js'

/** Shades of the map, the lightest first. */
const SHADES = ['q1', 'q2', 'q3', 'q4', 'q5']

/** How many bars fit a screen, of each unit. */
const MOST_BARS = { days: 90, months: 36, years: 20 }

const choice = /** @type {HTMLSelectElement} */ (byId('interval'))

/** @type {WorldMap | undefined} */
let map

/** @type {ReturnType<typeof barChart> | undefined} */
let bars

/** @typedef {{ interval: string, queries: number }} Interval */

/** @type {Readonly<Record<'days' | 'months' | 'years', readonly Interval[]>>} the oldest first */
let intervals = { days: [], months: [], years: [] }

/** @param {string} interval */
async function show(interval) {
  try {
    const stats = await ask(`/api/stats?interval=${encodeURIComponent(interval)}`)
    byId('off').hidden = stats.enabled
    byId('figures').hidden = !stats.enabled
    if (!stats.enabled) {
      byId('off').replaceChildren(
        'Nothing is counted: ',
        element('code', {}, 'stats: true'),
        ' in the config does so.',
      )
      return
    }
    trouble(null)
    intervals = stats.intervals
    fillChoice(stats.interval)
    showCountries(stats.countries)
    showAses(stats.ases, stats.hasMoreAses, Math.max(1, sum(stats.countries)))
    showBars()
    await showMap(stats.countries)
  } catch (error) {
    trouble(/** @type {Error} */ (error).message)
  }
}

/** @param {string} chosen */
function fillChoice(chosen) {
  const group = (/** @type {string} */ label, /** @type {readonly Interval[]} */ of) =>
    element(
      'optgroup',
      { label },
      ...[...of].reverse().map(({ interval }) => element('option', { value: interval }, interval)),
    )
  choice.replaceChildren(
    element('option', { value: 'total' }, 'All the time'),
    group('Years', intervals.years),
    group('Months', intervals.months),
    group('Days', intervals.days),
  )
  choice.value = chosen
}

/** @param {readonly { queries: number }[]} rows */
const sum = (rows) => rows.reduce((total, { queries }) => total + queries, 0)

/** @param {readonly { country: string, queries: number }[]} countries */
function showCountries(countries) {
  const total = Math.max(1, sum(countries))
  fillTable(
    'countries',
    [{ title: 'Country' }, { title: 'Queries', number: true }, ...SHARE_COLUMNS],
    countries.map(({ country, queries }) => [countryLink(country), queries, ...shareCells(queries / total)]),
  )
  setText('countries-note', counted(countries.length, 'country', 'countries'))
}

/**
 * @param {readonly { asn: number, name: string, queries: number }[]} ases
 * @param {boolean} hasMore whether there are more than those
 * @param {number} total the queries of all
 */
function showAses(ases, hasMore, total) {
  fillTable(
    'ases',
    [{ title: 'AS' }, { title: 'Name' }, { title: 'Queries', number: true }, ...SHARE_COLUMNS],
    ases.map(({ asn, name, queries }) => [
      asn === 0 ? '–' : asLink(asn),
      asn === 0 ? 'not known' : name,
      queries,
      ...shareCells(queries / total),
    ]),
  )
  const rest = [element('code', {}, 'asnzone stats'), ' has the others.']
  byId('ases-note').replaceChildren(
    ...(hasMore
      ? [`The ${grouped(ases.length)} ASes with the most queries; `, ...rest]
      : [counted(ases.length, 'AS', 'ASes')]),
  )
}

/**
 * Shades are steps of a logarithm: the country with the most is often a hundred times the next.
 *
 * @param {readonly { country: string, queries: number }[]} countries
 */
async function showMap(countries) {
  map ??= await WorldMap.show(byId('map'))
  const counts = countries.flatMap(({ country, queries }) => (country === '--' ? [] : [queries]))
  const most = Math.max(1, ...counts)
  const least = Math.min(most, ...counts)
  const bounds = SHADES.map((_, i) => Math.ceil(least * (most / least) ** ((i + 1) / SHADES.length)))
  const shadeOf = (/** @type {number} */ queries) => SHADES[bounds.findIndex((bound) => queries <= bound)]
  map.shade(new Map(countries.map(({ country, queries }) => [country, shadeOf(queries)])))
  const steps = bounds.flatMap((bound, i) => {
    const from = i === 0 ? least : bounds[i - 1] + 1
    return from > bound
      ? []
      : [
          {
            shade: SHADES[i],
            text: from === bound ? grouped(bound) : `${grouped(from)} to ${grouped(bound)}`,
          },
        ]
  })
  byId('legend').replaceChildren(
    ...steps.map(({ shade, text }) => element('li', {}, element('span', { class: `swatch ${shade}` }), text)),
  )
  const known = countries.filter(({ country }) => country !== '--')
  const [first] = known
  const text =
    first === undefined
      ? 'Nothing was counted.'
      : known.length === 1
        ? `${counted(sum(countries), 'query', 'queries')} about 1 country, ${countryIn(first.country)}.`
        : `${counted(sum(countries), 'query', 'queries')} about ${grouped(known.length)} countries, most of them about ${countryIn(first.country)}.`
  setText('map-text', text)
  map.describe(`Map of the world, shaded by queries: ${text} The table has the figures.`)
}

function showBars() {
  const chosen = /** @type {HTMLInputElement | null} */ (document.querySelector('#unit input:checked'))
  const unit = /** @type {keyof typeof MOST_BARS} */ (chosen?.value ?? 'days')
  const shown = intervals[unit].slice(-MOST_BARS[unit])
  bars?.destroy()
  bars = barChart(
    byId('bars'),
    shown.map(({ interval }) => interval),
    shown.map(({ queries }) => queries),
  )
  const text =
    shown.length === 0
      ? 'nothing was counted'
      : `${counted(shown.length, unit.slice(0, -1), unit)}, ${counted(sum(shown), 'query', 'queries')}`
  const left = intervals[unit].length - shown.length
  byId('bars-note').hidden = left === 0
  setText(
    'bars-note',
    `${left === 1 ? `1 earlier ${unit.slice(0, -1)} is` : `${grouped(left)} earlier ${unit} are`} in the table only.`,
  )
  byId('bars').setAttribute('aria-label', `Bars of queries over time: ${text}. A table follows.`)
  fillTable(
    'bars-table',
    [{ title: 'Time' }, { title: 'Queries', number: true }],
    [...intervals[unit]].reverse().map(({ interval, queries }) => [interval, queries]),
  )
}

choice.addEventListener('change', () => void show(choice.value))
byId('choice').addEventListener('submit', (event) => event.preventDefault())
byId('unit').addEventListener('change', showBars)
await show('total')
await showLearned()
showCredits((await ask('/api/status')).sources)
