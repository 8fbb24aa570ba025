// What all pages share: elements, numbers and times as people read them, and asking the API.

/**
 * An element.
 *
 * @param {string} name
 * @param {Readonly<Record<string, string>>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

/**
 * The element of the page with an id.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no #${id}`)
  return found
}

/**
 * Sets the text of an element, and leaves what stays as it is, so that a reader isn't disturbed.
 *
 * @param {string} id
 * @param {string} text
 */
export function setText(id, text) {
  const target = byId(id)
  if (target.textContent !== text) target.textContent = text
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** `411,961`. @param {number} number */
export const grouped = (number) => whole.format(number)

/**
 * `1 network`, `4,711 networks`.
 *
 * @param {number} count
 * @param {string} one
 * @param {string} many
 */
export const counted = (count, one, many) => `${grouped(count)} ${count === 1 ? one : many}`

/** What all outcomes add up to. @param {Readonly<Record<string, number>>} counts */
export const sumOf = (counts) => Object.values(counts).reduce((total, count) => total + count, 0)

/** `22.7 MB`. @param {number} octets */
export const megabytes = (octets) => `${(octets / 1e6).toFixed(octets < 1e7 ? 2 : 1)} MB`

/** `12.3 %`. @param {number} share */
export const percent = (share) =>
  share > 0 && share < 0.00005 ? '< 0.01 %' : `${(share * 100).toFixed(share > 0 && share < 0.1 ? 2 : 1)} %`

/** `2026-11-20 06:00 UTC`. @param {string} date */
export const minuteOf = (date) => `${date.slice(0, 10)} ${date.slice(11, 16)} UTC`

/** `2026-11-20 06:00:17 UTC`. @param {string} date */
export const secondOf = (date) => `${date.slice(0, 10)} ${date.slice(11, 19)} UTC`

/** `3 d 4 h`, `4 h 12 min`, `4 h`, `12 min`, `12 s`. @param {number} seconds */
export function timeSpan(seconds) {
  const whole = Math.round(seconds)
  if (whole < 100) return `${whole} s`
  const minutes = Math.round(whole / 60)
  if (minutes < 60) return `${minutes} min`
  if (minutes < 1440)
    return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`
  const hours = Math.round(minutes / 60)
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

const regions = new Intl.DisplayNames(['en'], { type: 'region' })

/** Names that English says with an article. */
const WITH_ARTICLE =
  /^(United|Netherlands|Philippines|Bahamas|Central African|Dominican Republic|Gambia|Comoros|Maldives|Seychelles|Isle of|U\.S\.|Caribbean)|Islands$|Territor/

/** The name of a country within a sentence: `the United States`. @param {string} code */
export function countryIn(code) {
  const name = countryName(code)
  return WITH_ARTICLE.test(name) ? `the ${name}` : name
}

/** The name of a country, which leads to its page. @param {string} code */
export const countryLink = (code) =>
  /^[A-Z]{2}$/.test(code) ? element('a', { href: `/country/${code}` }, countryName(code)) : 'not known'

/** An AS, which leads to its page. @param {number} asn @param {string} [name] */
export const asLink = (asn, name = '') =>
  asn === 0 ? 'not known' : element('a', { href: `/as/${asn}` }, `AS${asn}${name === '' ? '' : ` ${name}`}`)

/**
 * An address or a network, which leads to what is known of it.
 *
 * @param {string} asked
 * @param {string} [text]
 */
export const lookupLink = (asked, text = asked) =>
  element('a', { href: `/lookup?q=${encodeURIComponent(asked)}` }, text)

/** The name of a country. @param {string} code */
export const countryName = (code) => (/^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? code) : 'not known')

/**
 * Fills a table.
 *
 * @typedef {{ title: string, number?: boolean, share?: boolean }} Column
 * @typedef {string | number | Node} Cell
 * @param {string} id
 * @param {readonly Column[]} columns
 * @param {readonly (readonly Cell[])[]} rows a share is a number from 0 to 1, shown as a bar, or bars of one's own
 */
export function fillTable(id, columns, rows) {
  const heads = columns.map(({ title, number, share }) => {
    const head = element('th', { scope: 'col', ...(number === true && { class: 'number' }) }, title)
    if (share === true) head.replaceChildren(element('span', { class: 'visually-hidden' }, title))
    return head
  })
  const body = rows.map((row) =>
    element('tr', {}, ...row.map((cell, column) => cellOf(cell, columns[column], column))),
  )
  byId(id).replaceChildren(element('thead', {}, element('tr', {}, ...heads)), element('tbody', {}, ...body))
}

/** Columns of a share. @type {readonly Column[]} */
export const SHARE_COLUMNS = [
  { title: 'Share', number: true },
  { title: 'Share as a bar', share: true },
]

/** A share in them. @param {number} share from 0 to 1 @returns {[string, number]} */
export const shareCells = (share) => [percent(share), share]

/**
 * A bar for those who see; the figure is in a column of its own. Nothing has no bar, the smallest share a thin one.
 *
 * @param {number} share from 0 to 1
 * @param {string} [kind] a class that colours it
 */
export function barOf(share, kind = '') {
  const bar = element('span', { class: `bar ${share === 0 ? 'none' : kind}`.trim(), 'aria-hidden': 'true' })
  bar.style.setProperty('--share', String(share))
  return bar
}

/**
 * @param {Cell} cell
 * @param {Column} column
 * @param {number} index
 */
function cellOf(cell, column, index) {
  if (column.share === true) {
    return element('td', { class: 'share' }, typeof cell === 'number' ? barOf(cell) : cell)
  }
  const content = typeof cell === 'number' ? grouped(cell) : cell
  const name = index === 0 ? 'th' : 'td'
  const made = element(name, index === 0 ? { scope: 'row' } : {}, content)
  if (column.number === true) made.className = 'number'
  return made
}

/**
 * Fills a list of terms and what they are; what is null is left out.
 *
 * @param {string} id
 * @param {readonly (readonly [string, string | Node | null])[]} facts
 */
export function fillFacts(id, facts) {
  byId(id).replaceChildren(
    ...facts.flatMap(([term, value]) =>
      value === null ? [] : [element('dt', {}, term), element('dd', {}, value)],
    ),
  )
}

/** What the server says is wrong. */
export class Refusal extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

/**
 * Asks the API.
 *
 * @param {string} path
 * @param {'GET' | 'POST' | 'DELETE'} [method]
 * @returns {Promise<any>}
 * @throws {Refusal} with what the server says is wrong.
 * @throws {Error} when it says nothing.
 */
export async function ask(path, method = 'GET') {
  const response = await fetch(path, { method }).catch(() => {
    throw new Error('The server does not answer.')
  })
  const reply = await response.json().catch(() => ({}))
  if (!response.ok) throw new Refusal(response.status, reply.error ?? `${path}: ${response.status}`)
  return reply
}

/** Shows what went wrong; null when all is well again. @param {string | null} message */
export function trouble(message) {
  const place = byId('trouble')
  place.hidden = message === null
  place.textContent = message ?? ''
}

/**
 * A button that copies a text; nothing where the browser doesn't let a page copy.
 *
 * @param {HTMLButtonElement} button
 * @param {() => string} text
 */
export function copyBy(button, text) {
  button.hidden = navigator.clipboard === undefined
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(text())
    button.textContent = 'Copied'
    setTimeout(() => {
      button.textContent = 'Copy'
    }, 2000)
  })
}

/** Credits those who made the data. @param {readonly { attribution: string, licence: string }[]} sources */
export function showCredits(sources) {
  const credits = sources
    .filter(({ attribution }) => attribution !== '')
    .map(({ attribution, licence }) => `${attribution} (${licence})`)
  setText('credits', `Data: ${[...new Set(credits)].join('; ')}.`)
}
