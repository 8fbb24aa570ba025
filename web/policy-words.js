// What the pages of the policy service call things, and how something is changed there.

import { ask, byId, countryName, element, grouped, lookupLink, minuteOf, timeSpan } from './dom.js'

/** @typedef {{ value: string, first: string, last: string, home: boolean, refused: boolean }} Entry */
/** @typedef {{ since: string, until: string, reason: string }} Block */

/** What rules are called that count. */
const COUNTED = {
  countries: 'countries',
  ips: 'addresses',
  asns: 'ASes',
  'home-countries': 'home countries',
  'home-ips': 'addresses in home countries',
}

/** What other rules are called. */
const RULES = {
  'allow-only': 'not from where it may send',
  'unknown-country': 'from an unknown country',
  travel: 'faster than anybody travels',
  score: 'the score is too low',
  blocked: 'is blocked',
}

/** Why there is a block: `countries 3/2` is `3 countries, 2 are allowed`. @param {string} reason */
export function whyOf(reason) {
  const [, rule = '', is = '', may = ''] = /^(\S+) (\d+)\/(\d+)( km\/h)?$/.exec(reason) ?? []
  if (rule === 'travel')
    return `travelled at ${grouped(Number(is))} km/h, ${grouped(Number(may))} are allowed`
  const what = COUNTED[/** @type {keyof typeof COUNTED} */ (rule)]
  return what === undefined ? reason : `${is} ${what}, ${may} ${may === '1' ? 'is' : 'are'} allowed`
}

/** What a rule is called. @param {string} rule */
export function ruleText(rule) {
  const counted = COUNTED[/** @type {keyof typeof COUNTED} */ (rule)]
  return counted === undefined
    ? (RULES[/** @type {keyof typeof RULES} */ (rule)] ?? rule)
    : `too many ${counted}`
}

/** `14:38 UTC`, with the date unless it is today's. @param {string} iso */
function clockOf(iso) {
  const isToday = iso.slice(0, 10) === new Date().toISOString().slice(0, 10)
  return isToday ? `${iso.slice(11, 16)} UTC` : minuteOf(iso)
}

/** A time, with its date for who points at it. @param {string} iso */
export const moment = (iso) =>
  element('time', { datetime: iso, title: minuteOf(iso), class: 'nowrap' }, clockOf(iso))

/** `5 min ago`. @param {string} iso */
export const ago = (iso) => `${timeSpan(Math.max(0, (Date.now() - Date.parse(iso)) / 1000))} ago`

/** Until when a block is, and how long that is. @param {Block} block */
export function untilText({ until }) {
  if (until === 'permanent') return 'until somebody unblocks it'
  const left = Math.max(0, (Date.parse(until) - Date.now()) / 1000)
  return `until ${clockOf(until)}, ${timeSpan(left)} more`
}

/** The name of a country in an entry. @param {string} code */
export const countryOf = (code) => (code === '--' ? 'an unknown country' : countryName(code))

/** The same as `lookupLink`, on one line. @param {string} address an address or a network */
export const addressLink = (address) => element('span', { class: 'nowrap' }, lookupLink(address))

/** The address of the page about an account. @param {string} user */
export const pageOf = (user) => `/policy?user=${encodeURIComponent(user)}`

/**
 * The path of the API for an account. Browsers take `.` and `..` for directories, also percent-encoded; the blank after
 * them is none of the name.
 *
 * @param {string} user
 */
export function pathOf(user) {
  const name = /^\.\.?$/.test(user) ? `${user} ` : user
  return `/api/policy/users/${encodeURIComponent(name)}`
}

/**
 * Asks whether somebody is sure.
 *
 * @param {string} heading
 * @param {string} text
 * @param {string} yes
 * @returns {Promise<boolean>}
 */
function isSure(heading, text, yes) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('sure'))
  byId('sure-heading').textContent = heading
  byId('sure-text').textContent = text
  byId('sure-yes').textContent = yes
  dialog.returnValue = 'no'
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true })
  })
}

/**
 * Lifts the block of an account, when its user is sure.
 *
 * @param {string} user
 * @returns {Promise<string | null>} what has been done; null for nothing
 */
export async function unblock(user) {
  const text = 'It may send again at once. If somebody else has its password, change that first.'
  if (!(await isSure(`Unblock ${user}?`, text, 'Unblock'))) return null
  const { unblocked } = await ask(`${pathOf(user)}/block`, 'DELETE')
  return unblocked ? `${user} is unblocked.` : `${user} was not blocked any more.`
}

/**
 * Removes all that is kept of an account, when its user is sure.
 *
 * @param {string} user
 * @returns {Promise<string | null>} what has been done; null for nothing
 */
export async function forget(user) {
  const text =
    'All that is kept of it is removed: its addresses and countries, its block, and what was refused. It may send again at once.'
  if (!(await isSure(`Forget ${user}?`, text, 'Forget'))) return null
  await ask(pathOf(user), 'DELETE')
  return `All that was kept of ${user} is removed.`
}
