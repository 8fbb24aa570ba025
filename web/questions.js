// How zones are asked, grouped by who asks them.

import { copyBy, element } from './dom.js'

/** Who asks a zone, by its key in the presets; what is none of them is the user's own. */
const CLIENTS = [
  {
    name: 'People, scripts, Exim and SpamAssassin’s askdns',
    zones: ['geo', 'ip', 'json', 'origin', 'origin6', 'as'],
  },
  {
    name: 'One fact at a time',
    zones: ['asn-of', 'cc-of', 'name-of', 'score-of', 'rpki-of', 'place', 'city'],
  },
  {
    name: 'Postfix, Exim and others that read lists',
    zones: ['score', 'country', 'country-list', 'rpki', 'distance', 'far'],
  },
  { name: 'Stalwart', zones: ['stalwart'] },
  { name: 'rspamd and Haraka', zones: ['rspamd-asn', 'rspamd-asn6'] },
  { name: 'SpamAssassin and Haraka, as RouteViews', zones: ['routeviews', 'routeviews6'] },
  {
    name: 'mtr, nmap, trippy, fail2ban and Haraka, as Team Cymru',
    zones: ['cymru-origin', 'cymru-origin6', 'cymru-peer', 'cymru-as'],
  },
  { name: 'Postfix and Exim, as countries.nerd.dk', zones: ['nerd-dk', 'nerd-dk-list', 'nerd-dk-top'] },
  { name: 'Haraka, as Spam Eating Monkey', zones: ['spameatingmonkey'] },
]

/** @typedef {{ zone: string, command: string, answer: string }} Question */

/**
 * Shows the questions, each group folded.
 *
 * @param {HTMLElement} target
 * @param {readonly Question[]} questions
 */
export function showQuestions(target, questions) {
  const known = CLIENTS.flatMap(({ zones }) => zones)
  const groups = [
    ...CLIENTS.map(({ name, zones }) => ({ name, of: questions.filter(({ zone }) => zones.includes(zone)) })),
    { name: 'Zones of your own', of: questions.filter(({ zone }) => !known.includes(zone)) },
  ]
  target.replaceChildren(
    ...groups.flatMap(({ name, of }) => {
      if (of.length === 0) return []
      const count = of.length === 1 ? '1 question' : `${of.length} questions`
      return [
        element(
          'details',
          {},
          element('summary', {}, `${name} `, element('span', { class: 'count' }, count)),
          element('ul', { class: 'questions' }, ...of.map(rowOf)),
        ),
      ]
    }),
  )
}

/** @param {Question} question */
function rowOf({ zone, command, answer }) {
  const button = /** @type {HTMLButtonElement} */ (
    element(
      'button',
      { type: 'button', class: 'quiet', 'aria-label': `Copy the command for ${zone}` },
      'Copy',
    )
  )
  copyBy(button, () => command)
  return element(
    'li',
    {},
    element('code', {}, command),
    button,
    element(
      'span',
      { class: 'answer' },
      element('span', { class: 'visually-hidden' }, 'prints '),
      answer === '' ? 'no answer' : element('code', {}, answer),
    ),
  )
}
