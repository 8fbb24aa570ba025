// The lookup page: what is known of an address or a network, where it is, and how each zone is asked for it. ASes and
// countries have pages of their own, see holdings.js.

import './keys.js'
import {
  ask,
  asLink,
  byId,
  counted,
  countryIn,
  countryLink,
  countryName,
  element,
  fillFacts,
  fillTable,
  grouped,
  lookupLink,
  setText,
  showCredits,
  trouble,
} from './dom.js'
import { WorldMap } from './map.js'
import { showQuestions } from './questions.js'

const form = /** @type {HTMLFormElement} */ (byId('ask'))
const input = /** @type {HTMLInputElement} */ (byId('q'))

/** @type {WorldMap | undefined} */
let map

/** What people paste: brackets and ports of addresses, IPv4 inside IPv6, a comma after it. @param {string} pasted */
function plain(pasted) {
  const text = pasted.trim().replace(/[,;]$/, '')
  return text
    .replace(/^\[([\da-f:.]+)\](:\d+)?$/i, '$1')
    .replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1')
    .replace(/^::ffff:(\d+(?:\.\d+){3})$/i, '$1')
}

/** The page of an AS or a country; `15169` alone is meant as an AS. @param {string} text */
function pageOf(text) {
  const asn = /^(?:AS)?\s*([1-9]\d{0,9})$/i.exec(text)?.[1]
  if (asn !== undefined) return `/as/${asn}`
  return /^[a-z]{2}$/i.test(text) ? `/country/${text.toUpperCase()}` : null
}

/** @param {'result' | 'network' | 'empty' | 'nothing'} what */
function reveal(what) {
  for (const id of ['result', 'network', 'empty']) byId(id).hidden = id !== what
}

/** @param {string} text */
async function show(text) {
  trouble(null)
  try {
    const found = await ask(`/api/lookup/${encodeURIComponent(text)}`)
    document.title = `${found.query} – asnzone`
    const isNetwork = found.ranges !== undefined
    reveal(isNetwork ? 'network' : 'result')
    if (isNetwork) {
      showNetwork(found)
      return
    }
    setText('said', sentence(found))
    showFacts(found)
    showParts(found)
    showQuestions(byId('questions'), found.questions)
    await showMap(found)
  } catch (error) {
    reveal('nothing')
    setText('said', '')
    showWrong(/** @type {Error} */ (error).message)
  }
}

/** What is wrong, and what was meant as a link. @param {string} message */
function showWrong(message) {
  trouble(message)
  const meant = /did you mean (\S+)\?$/.exec(message)?.[1]
  if (meant === undefined) return
  byId('trouble').append(' ', lookupLink(meant, `Look ${meant} up`))
}

/** The ranges of a network. @param {any} found */
function showNetwork({ query, ranges, more }) {
  const or = (/** @type {any} */ value) => (value === null ? '–' : String(value))
  fillTable(
    'ranges',
    ['From', 'To', 'AS', 'Name', 'Country', 'Registry'].map((title) => ({ title })),
    ranges.map((/** @type {any} */ { first, last, asn, name, country, registry }) => [
      lookupLink(first),
      last,
      asn === null ? '–' : asLink(asn),
      or(name),
      country === null ? '–' : countryLink(country),
      or(registry),
    ]),
  )
  byId('more').hidden = more === 0 && ranges.length > 0
  setText('more', ranges.length === 0 ? `Nothing is known of ${query}.` : `And ${grouped(more)} more.`)
  setText('said', `${query}: ${counted(ranges.length + more, 'range', 'ranges')}`)
}

/** A distance by the point of a country is as rough as the country is large. @param {boolean} isRough */
const about = (isRough) => (isRough ? 'about ' : '')

/** @param {{ distance: number, distanceIsRough: boolean }} facts */
function distanceText({ distance, distanceIsRough }) {
  return `${about(distanceIsRough)}${grouped(distance)} km${distanceIsRough ? ', by the point of a country' : ''}`
}

/** The result in one sentence. @param {any} found */
function sentence({ query, found, asn, name, country, distance, distanceIsRough, score }) {
  if (!found) return `${query}: nothing is known.`
  return [
    query,
    asn === null ? 'no AS' : `AS${asn} ${name ?? ''}`.trim(),
    country === null ? 'no country' : `in ${countryIn(country)}`,
    ...(distance === null ? [] : [`${about(distanceIsRough)}${grouped(distance)} kilometres away`]),
    `score ${score}`,
  ].join(', ')
}

/** @param {any} found */
function showFacts({ query, found, ...facts }) {
  const or = (/** @type {any} */ value) => (value === null || value === undefined ? '–' : String(value))
  if (!found) {
    fillFacts('facts', [
      ['Asked', query],
      ['Known', 'nothing: the zones answer NXDOMAIN'],
    ])
    return
  }
  const {
    asn,
    name,
    prefix,
    range,
    country,
    registry,
    rpki,
    roas,
    allocated,
    city,
    region,
    cityCountry,
    latitude,
    longitude,
  } = facts
  const place = [city, region, cityCountry === null ? null : countryName(cityCountry)].filter(
    (it) => it !== null,
  )
  fillFacts('facts', [
    ['Asked', query],
    ['AS', asn === null ? '–' : asLink(asn)],
    ['Name', or(name)],
    ['Prefix', or(prefix)],
    ['Range', or(range)],
    ['Country', country === null ? '–' : element('span', {}, countryLink(country), ` (${country})`)],
    ['Registry', or(registry)],
    ['RPKI', or(roas.length === 0 ? rpki : `${rpki}: ${roas.join(', ')}`)],
    ['Allocated', or(allocated)],
    ['Place', place.length === 0 ? '–' : place.join(', ')],
    ['Point', latitude === null ? '–' : `${latitude}, ${longitude}`],
    ['Distance', facts.distance === null ? '–' : distanceText(facts)],
    ['Score', or(facts.score)],
    ['Reputation', facts.reputation === null ? null : `${facts.reputation} | ${facts.reputationEvidence}`],
    ...learnedRows(facts.learned),
  ])
}

/**
 * A row for each level of what was learned; none where nothing was.
 *
 * @param {any} learned
 * @returns {[string, string][]}
 */
function learnedRows(learned) {
  if (learned === null || learned === undefined) return []
  return learned.levels.map((/** @type {any} */ { name, spam, ham, share, decibels }) => [
    `Learned: ${name}`,
    `${spam.toFixed(1)} spam, ${ham.toFixed(1)} ham: ${(share * 100).toFixed(1)} % spam to expect, ${decibels.toFixed(1)} dB`,
  ])
}

/** @param {any} found */
function showParts({ found, score, scoreParts = [] }) {
  const rows = scoreParts.map((/** @type {string} */ part) => {
    const [, what, weight] = /^(.*) (-?\d+)$/.exec(part) ?? ['', part, '']
    return [what, weight]
  })
  byId('parts').hidden = rows.length === 0
  byId('parts-note').hidden = rows.length > 0
  byId('parts-note').replaceChildren(
    ...(found
      ? ['The score is 0: no weight applies. ', element('code', {}, 'score'), ' in the config sets weights.']
      : ['Nothing to weigh.']),
  )
  fillTable(
    'parts',
    [{ title: 'Because of' }, { title: 'Weight', number: true }],
    [...rows, [element('strong', {}, 'Score'), element('strong', {}, String(score ?? 0))]],
  )
}

/** @param {any} found */
async function showMap({
  query,
  country = null,
  latitude = null,
  longitude = null,
  distance = null,
  distanceIsRough = false,
  here,
  city = null,
}) {
  map ??= await WorldMap.show(byId('map'))
  map.clear()
  map.shade(country === null ? new Map() : new Map([[country, 'q2']]))
  const place = latitude === null ? null : { latitude, longitude }
  if (place !== null && here !== null && distance !== null) map.way(here, place)
  if (here !== null) map.mark(here, 'here')
  if (place !== null) map.mark(place, 'place')
  const where = country === null ? 'No country is known' : `${query} is in ${countryIn(country)}`
  const point = place === null ? '' : city === null ? '; the point is that of its country' : `, in ${city}`
  const way =
    distance === null
      ? here === null
        ? '. No distance: the config has no here, or no source knows where that is.'
        : place === null
          ? '.'
          : '. No distance: of both ends no more is known than the country.'
      : `. It is ${about(distanceIsRough)}${grouped(distance)} km from here (the line is the shortest way).`
  setText('map-text', `${where}${point}${way}`)
  map.describe(`Map of the world: ${where}${point}${way}`)
}

/** What is asked about most, where that is counted. */
async function showAsked() {
  const { enabled, countries, ases } = await ask('/api/stats?interval=today')
  const links = enabled
    ? [
        ...ases
          .filter((/** @type {any} */ { asn }) => asn !== 0)
          .slice(0, 6)
          .map((/** @type {any} */ { asn, name }) => asLink(asn, name)),
        ...countries
          .filter((/** @type {any} */ { country }) => country !== '--')
          .slice(0, 6)
          .map((/** @type {any} */ { country }) => countryLink(country)),
      ]
    : []
  byId('asked').hidden = links.length === 0
  byId('asked-list').replaceChildren(...links.map((link) => element('li', {}, link)))
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  const text = plain(input.value)
  if (text === '') return
  const page = pageOf(text)
  if (page !== null) location.href = page
  else {
    history.pushState(null, '', `/lookup?q=${encodeURIComponent(text)}`)
    void show(text)
  }
})

async function fromAddress() {
  const text = plain(new URLSearchParams(location.search).get('q') ?? '')
  const page = pageOf(text)
  if (page !== null) {
    location.replace(page)
    return
  }
  input.value = text
  if (text !== '') {
    await show(text)
    return
  }
  document.title = 'Lookup – asnzone'
  trouble(null)
  setText('said', '')
  reveal('empty')
  await showAsked().catch((/** @type {Error} */ { message }) => trouble(message))
}

addEventListener('popstate', () => void fromAddress())
input.focus({ preventScroll: true })
await fromAddress()
showCredits((await ask('/api/status')).sources)
