// The policy page: the accounts that are blocked or kept, and one account (`?user=NAME`). It looks again by itself while
// it is seen.

import './keys.js'
import { ask, byId, element, Refusal, setText, showCredits, trouble } from './dom.js'
import { AccountView } from './policy-account.js'
import { ListView } from './policy-list.js'
import { repeat } from './repeat.js'

/** Milliseconds between two looks. */
const INTERVAL = 15_000

const user = new URLSearchParams(location.search).get('user')
const view = user === null ? new ListView(again, tell) : new AccountView(user, again, tell)

/** Says what has been done. @param {string} text */
function tell(text) {
  setText('said', text)
}

/** @returns {Promise<boolean>} whether all is well */
async function show() {
  try {
    await view.show()
    trouble(null)
    byId('away').hidden = true
    byId('off').hidden = true
    return true
  } catch (error) {
    return showWhy(/** @type {Error} */ (error))
  }
}

/** @param {Error} error */
function showWhy(error) {
  const status = error instanceof Refusal ? error.status : 0
  const isAway = status === 503
  const isOff = status === 404
  byId('off').hidden = !isOff
  byId('away').hidden = !isAway
  if (isOff) view.hide()
  if (isAway) {
    const why = error.message.charAt(0).toUpperCase() + error.message.slice(1)
    byId('away').replaceChildren(
      `${why}. Until it is back, mail servers are answered as `,
      element('code', {}, 'on-error'),
      ' in the config says. This page looks again by itself.',
    )
  }
  trouble(isAway || isOff ? null : error.message)
  return false
}

/** Looks now. */
function again() {
  return look()
}

const look = repeat(show, INTERVAL)
await look()
showCredits((await ask('/api/status')).sources)
