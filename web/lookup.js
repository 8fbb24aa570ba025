// The lookup page: what is known of an address or an AS, where it is, and how each zone is asked for it.

import {
  ask,
  byId,
  copyBy,
  countryName,
  element,
  fillFacts,
  fillTable,
  grouped,
  setText,
  showCredits,
  trouble,
} from './dom.js'
import { WorldMap } from './map.js'

const form = /** @type {HTMLFormElement} */ (byId('ask'))
const input = /** @type {HTMLInputElement} */ (byId('q'))

/** @type {WorldMap | undefined} */
let map

/** The path of the API for what people type: `15169` alone is meant as an AS. @param {string} text */
function pathOf(text) {
  const asn = /^(?:AS)?\s*(\d{1,10})$/i.exec(text)?.[1]
  return asn === undefined ? `/api/lookup/${encodeURIComponent(text)}` : `/api/as/${asn}`
}

/** @param {string} text */
async function show(text) {
  trouble(null)
  try {
    const found = await ask(pathOf(text))
    document.title = `${found.query} – asnzone`
    const isNetwork = found.ranges !== undefined
    byId('network').hidden = !isNetwork
    byId('result').hidden = isNetwork
    if (isNetwork) {
      showNetwork(found)
      return
    }
    showFacts(found)
    showParts(found)
    showQuestions(found.questions)
    await showMap(found)
    setText('said', sentence(found))
  } catch (error) {
    byId('result').hidden = true
    byId('network').hidden = true
    trouble(/** @type {Error} */ (error).message)
  }
}

/** The ranges of a network. @param {any} found */
function showNetwork({ query, ranges, more }) {
  const or = (/** @type {any} */ value) => (value === null ? '–' : String(value))
  fillTable(
    'ranges',
    ['From', 'To', 'AS', 'Name', 'Country', 'Registry'].map((title) => ({ title })),
    ranges.map((/** @type {any} */ { first, last, asn, name, country, registry }) => [
      element('a', { href: `/lookup?q=${encodeURIComponent(first)}` }, first),
      last,
      asn === null ? '–' : element('a', { href: `/lookup?q=AS${asn}` }, `AS${asn}`),
      or(name),
      country === null ? '–' : `${countryName(country)} (${country})`,
      or(registry),
    ]),
  )
  byId('more').hidden = more === 0 && ranges.length > 0
  setText('more', ranges.length === 0 ? `Nothing is known of ${query}.` : `And ${grouped(more)} more.`)
  const count = ranges.length + more
  setText('said', `${query}: ${grouped(count)} ${count === 1 ? 'range' : 'ranges'}`)
}

/** A distance by the point of a country is as rough as the country is large. @param {boolean} isRough */
const about = (isRough) => (isRough ? 'about ' : '')

/** @param {{ distance: number, distanceIsRough: boolean }} facts */
function distanceText({ distance, distanceIsRough }) {
  return `${about(distanceIsRough)}${grouped(distance)} km${distanceIsRough ? ', by the point of a country' : ''}`
}

/** The result in one sentence, for a screen reader. @param {any} found */
function sentence({ query, found, asn, name, country, distance, distanceIsRough }) {
  if (!found) return `${query}: nothing is known.`
  return [
    query,
    asn === null ? null : `AS${asn} ${name ?? ''}`,
    country === null ? null : countryName(country),
    distance === null ? null : `${about(distanceIsRough)}${grouped(distance)} kilometres away`,
  ]
    .filter((part) => part !== null)
    .join(', ')
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
  const isAs = /^AS/i.test(query)
  fillFacts('facts', [
    ['Asked', query],
    ['AS', asn === null ? '–' : isAs ? `AS${asn}` : element('a', { href: `/lookup?q=AS${asn}` }, `AS${asn}`)],
    ['Name', or(name)],
    ['Prefix', isAs ? null : or(prefix)],
    ['Range', isAs ? null : or(range)],
    ['Country', country === null ? '–' : `${countryName(country)} (${country})`],
    ['Registry', or(registry)],
    ['RPKI', isAs ? null : or(roas.length === 0 ? rpki : `${rpki}: ${roas.join(', ')}`)],
    ['Allocated', or(allocated)],
    ['Place', place.length === 0 ? '–' : place.join(', ')],
    ['Point', latitude === null ? '–' : `${latitude}, ${longitude}`],
    ['Distance', facts.distance === null ? '–' : distanceText(facts)],
    ['Score', or(facts.score)],
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

/** @param {readonly { zone: string, command: string, answer: string }[]} questions */
function showQuestions(questions) {
  byId('questions').replaceChildren(
    ...questions.map(({ zone, command, answer }) => {
      const button = /** @type {HTMLButtonElement} */ (
        element(
          'button',
          { type: 'button', class: 'quiet', 'aria-label': `Copy the command for ${zone}` },
          'Copy',
        )
      )
      copyBy(button, () => command)
      const printed = answer === '' ? 'no answer' : element('code', {}, answer)
      return element(
        'li',
        {},
        element('code', {}, command),
        button,
        element(
          'span',
          { class: 'answer' },
          element('span', { class: 'visually-hidden' }, 'prints '),
          printed,
        ),
      )
    }),
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
  const where = country === null ? 'No country is known' : `${query} is in ${countryName(country)}`
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

form.addEventListener('submit', (event) => {
  event.preventDefault()
  const text = input.value.trim()
  if (text === '') return
  history.pushState(null, '', `/lookup?q=${encodeURIComponent(text)}`)
  void show(text)
})

function fromAddress() {
  const text = new URLSearchParams(location.search).get('q')?.trim() ?? ''
  input.value = text
  if (text === '') {
    byId('result').hidden = true
    byId('network').hidden = true
  } else void show(text)
}

addEventListener('popstate', fromAddress)
fromAddress()
showCredits((await ask('/api/status')).sources)
