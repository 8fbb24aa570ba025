// What one's own mail has taught, on the statistics page: the ASes that differ most from all mail.

import {
  ask,
  asLink,
  barOf,
  byId,
  counted,
  countryLink,
  element,
  fillTable,
  grouped,
  Refusal,
} from './dom.js'

/** @typedef {{ asn: number, name: string, country: string, decibels: number, spam: number, ham: number }} ToldAs */

/** Shows the card; where nothing is learned, how it is. */
export async function showLearned() {
  const note = byId('learned-note')
  byId('learned').hidden = false
  try {
    const { enabled, ases, more } = await ask('/api/learned')
    byId('learned-figures').hidden = !enabled || ases.length === 0
    if (!enabled) {
      note.replaceChildren(
        'Nothing is learned: ',
        element('code', {}, 'learn: {}'),
        ' in the config does so.',
      )
      return
    }
    if (ases.length > 0) showAses(ases)
    note.textContent = noteOf(ases.length, more)
  } catch (error) {
    byId('learned-figures').hidden = true
    note.textContent = error instanceof Refusal ? `${error.message}.` : /** @type {Error} */ (error).message
  }
}

/** @param {readonly ToldAs[]} ases */
function showAses(ases) {
  // One scale for all bars, so that they can be compared.
  const most = Math.max(1, ...ases.flatMap(({ spam, ham }) => [spam, ham]))
  const bar = (/** @type {number} */ count, /** @type {string} */ kind) => barOf(count / most, kind)
  fillTable(
    'learned-ases',
    [
      { title: 'AS' },
      { title: 'Country' },
      { title: 'dB', number: true },
      { title: 'Spam', number: true },
      { title: 'Ham', number: true },
      { title: 'Spam and ham as bars', share: true },
    ],
    ases.map(({ asn, name, country, decibels, spam, ham }) => [
      asLink(asn, name),
      countryLink(country),
      `${decibels > 0 ? '+' : '−'}${Math.abs(decibels).toFixed(1)}`,
      spam.toFixed(1),
      ham.toFixed(1),
      element('div', {}, bar(spam, 'spam'), bar(ham, 'ham')),
    ]),
  )
}

/**
 * @param {number} shown
 * @param {number} more
 */
function noteOf(shown, more) {
  if (shown === 0) return 'No AS differs by 3 dB from all mail, or too little was learned.'
  const which = more > 0 ? `The ${grouped(shown)} ASes` : counted(shown, 'AS', 'ASes')
  const rest = more > 0 ? `; ${counted(more, 'other differs', 'others differ')} less` : ''
  return `${which} by how far their odds of spam are from those of all mail, +10 dB being ten times the odds${rest}. Counts are halved with each half-life.`
}
