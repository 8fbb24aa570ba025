// The page of an AS (/as/15169) or a country (/country/US): its networks, its countries or ASes, its scores, and the queries
// about it.

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
  percent,
  SHARE_COLUMNS,
  setText,
  shareCells,
  showCredits,
  trouble,
} from './dom.js'
import { WorldMap } from './map.js'
import { showQuestions } from './questions.js'

const [, kind, given = ''] = location.pathname.split('/')
const isAs = kind === 'as'
const subject = isAs ? given.replace(/^AS/i, '') : given.toUpperCase()
const title = isAs ? `AS${subject}` : countryName(subject)

/** The published list of all its networks. */
const LIST = `/cidr/${isAs ? 'AS' : ''}${subject}.txt`

/** Addresses of 2000::/3, and of a /48. */
const IPV6 = 2 ** 125
const PER_48 = 2 ** 80

/** @param {number} addresses */
const in48s = (addresses) =>
  addresses < PER_48
    ? 'less than a /48'
    : `${grouped(addresses / PER_48)} × /48, ${percent(addresses / IPV6)} of 2000::/3`

async function show() {
  document.title = `${title} – asnzone`
  setText('heading', title)
  const [held, known] = await Promise.all([
    ask(isAs ? `/api/as/${subject}/holdings` : `/api/country/${subject}`),
    isAs ? ask(`/api/as/${subject}`) : null,
  ])
  if (isAs && known.name !== undefined && known.name !== null) {
    setText('heading', `${title} ${known.name}`)
    document.title = `${title} ${known.name} – asnzone`
  }
  byId('result').hidden = !held.found
  if (!held.found) {
    setText(
      'said',
      `${title}: nothing is known. No address of the data in service is ${isAs ? 'announced by it' : 'in it'}.`,
    )
    return
  }
  setText('said', sentence(held))
  showFacts(held, known)
  showScores(held)
  showShares(held)
  showNetworks(held.networks)
  byId('questions-card').hidden = known === null || known.questions.length === 0
  if (known !== null) showQuestions(byId('questions'), known.questions)
  await showMap(held)
}

/** How many countries or ASes there are; what none is known of is none. @param {any} shares */
const knownOf = (shares) =>
  countOf(shares) -
  shares.shown.filter((/** @type {any} */ { country, asn }) => (isAs ? country : asn) === null).length

/** @param {{ shown: readonly unknown[], more: number }} list */
const countOf = ({ shown, more }) => shown.length + more

/** @param {any} held */
function sentence({ addresses: { ipv4 }, networks, shares }) {
  const count = countOf(networks.ipv4) + countOf(networks.ipv6)
  const others = knownOf(shares)
  const [first] = shares.shown
  const where = isAs
    ? countOf(shares) === 1
      ? `all in ${first.country === null ? 'no known country' : countryIn(first.country)}`
      : `in ${counted(others, 'country', 'countries')}, most of it in ${first.country === null ? 'none that is known' : countryIn(first.country)}`
    : `by ${counted(others, 'AS', 'ASes')}`
  return `${counted(count, 'network', 'networks')}, ${counted(ipv4, 'address', 'addresses')} of IPv4, ${where}`
}

/** @param {any} held @param {any} known */
function showFacts({ addresses: { ipv4, ipv6 }, networks, shares, queries }, known) {
  const share = (/** @type {{ queries: number, of: number }} */ { queries: about, of }) =>
    of === 0 ? 'nobody has asked yet' : `${grouped(about)}, ${percent(about / of)} of all`
  /** @type {[string, string | Node | null][]} */
  const own =
    known === null
      ? [['Code', subject]]
      : [
          ['Name', known.name ?? '–'],
          ['Country', known.country === null ? '–' : countryLink(known.country)],
          ['Registry', known.registry ?? '–'],
          ['Allocated', known.allocated],
        ]
  fillFacts('facts', [
    ...own,
    [isAs ? 'Countries' : 'ASes', grouped(knownOf(shares))],
    [
      'IPv4',
      `${counted(countOf(networks.ipv4), 'network', 'networks')}, ${counted(ipv4, 'address', 'addresses')}, ${percent(ipv4 / 2 ** 32)} of all`,
    ],
    [
      'IPv6',
      ipv6 === 0 ? 'none' : `${counted(countOf(networks.ipv6), 'network', 'networks')}, ${in48s(ipv6)}`,
    ],
    [
      'Queries today',
      queries === null
        ? element('span', {}, 'not counted: ', element('code', {}, 'stats: true'), ' in the config does so')
        : share(queries.today),
    ],
    ['Queries in all', queries === null ? null : share(queries.total)],
  ])
}

/** Says that a list is cut. @param {string} id @param {number} more */
function sayMore(id, more) {
  byId(id).hidden = more === 0
  setText(id, `And ${grouped(more)} more.`)
}

/** @param {any} held */
function showScores({ scores, addresses }) {
  fillTable(
    'scores',
    [{ title: 'Score' }, { title: 'Because of' }, ...SHARE_COLUMNS],
    scores.shown.map((/** @type {any} */ { score, parts, ipv4, ipv6 }) => [
      String(score),
      parts.length === 0 ? 'no weight applies' : parts.join(', '),
      ...shareCells(shareOf(ipv4, ipv6, addresses)),
    ]),
  )
  sayMore('scores-more', scores.more)
}

/**
 * The share of IPv4, or of IPv6 where there is no IPv4.
 *
 * @param {number} ipv4 @param {number} ipv6 @param {{ ipv4: number, ipv6: number }} of
 */
const shareOf = (ipv4, ipv6, of) => (of.ipv4 === 0 ? ipv6 / of.ipv6 : ipv4 / of.ipv4)

/** @param {any} held */
function showShares({ shares, addresses }) {
  setText('shares-heading', isAs ? 'Countries' : 'ASes with the most addresses')
  fillTable(
    'shares',
    [
      { title: isAs ? 'Country' : 'AS' },
      { title: 'Addresses of IPv4', number: true },
      ...SHARE_COLUMNS,
      { title: 'Networks /48 of IPv6', number: true },
    ],
    shares.shown.map((/** @type {any} */ { country, asn, name, ipv4, ipv6 }) => [
      isAs ? countryLink(country ?? '--') : asLink(asn ?? 0, name ?? ''),
      ipv4,
      ...shareCells(shareOf(ipv4, ipv6, addresses)),
      Math.round(ipv6 / PER_48),
    ]),
  )
  sayMore('shares-more', shares.more)
}

/** @param {Record<'ipv4' | 'ipv6', { shown: readonly { network: string, country: string | null }[], more: number }>} networks */
function showNetworks(networks) {
  for (const family of /** @type {const} */ (['ipv4', 'ipv6'])) {
    const { shown, more } = networks[family]
    byId(family).replaceChildren(
      ...(shown.length === 0 ? [element('li', {}, 'none')] : []),
      ...shown.map(({ network, country }) =>
        element('li', {}, lookupLink(network), isAs && country !== null ? ` ${country}` : ''),
      ),
    )
    sayMore(`${family}-more`, more)
  }
  byId('networks-note').replaceChildren(
    'The fewest networks that the addresses make; ',
    element('a', { href: LIST }, LIST),
    ' has all of them.',
  )
}

/** @param {any} held */
async function showMap({ shares, addresses }) {
  const map = await WorldMap.show(byId('map'))
  if (!isAs) {
    map.shade(new Map([[subject, 'q3']]))
    setText('map-text', `Shaded: ${countryIn(subject)}.`)
    map.describe(`Map of the world: ${title} is shaded.`)
    return
  }
  const shades = new Map(
    shares.shown.flatMap((/** @type {any} */ { country, ipv4, ipv6 }) => {
      const share = shareOf(ipv4, ipv6, addresses)
      return country === null
        ? []
        : [[country, share > 0.5 ? 'q5' : share > 0.1 ? 'q4' : share > 0.01 ? 'q3' : 'q2']]
    }),
  )
  map.shade(shades)
  const text = 'The darker, the larger the share: under 1 %, under 10 %, under half, more.'
  setText('map-text', text)
  map.describe(`Map of the world, shaded by where the addresses of ${title} are. The table has the figures.`)
}

try {
  await show()
} catch (error) {
  trouble(/** @type {Error} */ (error).message)
}
showCredits((await ask('/api/status')).sources)
