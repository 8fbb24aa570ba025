// The accounts on the policy page: those that are blocked, or all that are kept.

import { ask, byId, counted, element, grouped, setText, trouble } from './dom.js'
import { showEvents } from './policy-history.js'
import { ago, countryOf, pageOf, unblock, untilText, whyOf } from './policy-words.js'

/** Accounts that are shown at first and more each time, and at most. */
const STEP = 100
const MOST = 1000

/** Refusals that are shown. */
const EVENTS = 50

/** Countries that are named of an account. */
const NAMED = 5

/** @typedef {import('./policy-words.js').Entry} Entry */
/** @typedef {import('./policy-words.js').Block} Block */
/** @typedef {{ user: string, last: string, refused: number, block: Block | null, ips: Entry[], countries: Entry[] }} Account */

const input = /** @type {HTMLInputElement} */ (byId('q'))

/** The list. */
export class ListView {
  #limit = STEP
  /** What is shown, so that nothing is touched that stays as it is. */
  #shown = ''
  #again
  #tell

  /**
   * @param {() => Promise<void>} again looks now
   * @param {(text: string) => void} tell says what has been done
   */
  constructor(again, tell) {
    this.#again = again
    this.#tell = tell
    this.#readAddress()
    byId('search').addEventListener('submit', (event) => {
      event.preventDefault()
      this.#choose()
    })
    byId('states').addEventListener('change', () => this.#choose())
    byId('more-button').addEventListener('click', () => {
      this.#limit = Math.min(MOST, this.#limit + STEP)
      void again()
    })
    addEventListener('popstate', () => {
      this.#readAddress()
      void again()
    })
  }

  /** Asks, and shows what there is. */
  async show() {
    const { state, q } = this.#chosen()
    const query = new URLSearchParams({ state, q, limit: String(this.#limit) })
    const [{ users, next }, { events }] = await Promise.all([
      ask(`/api/policy/users?${query}`),
      ask(`/api/policy/events?limit=${EVENTS}`),
    ])
    byId('list').hidden = false
    const minute = Math.floor(Date.now() / 60_000)
    const shown = JSON.stringify([state, q, users, next, events, minute])
    if (shown === this.#shown) return
    this.#shown = shown
    setText('list-heading', state === 'blocked' ? 'Blocked accounts' : 'Accounts')
    setText(
      'count',
      users.length === 0
        ? ''
        : `${counted(users.length, 'account', 'accounts')}${next === null ? '' : ' and more'}`,
    )
    this.#showEmpty(users.length === 0, state, q)
    this.#showAccounts(users)
    this.#showMore(next !== null)
    showEvents('history', events, true)
  }

  hide() {
    byId('list').hidden = true
  }

  /** What is looked for. */
  #chosen() {
    const state = new FormData(/** @type {HTMLFormElement} */ (byId('search'))).get('state')
    return { state: String(state ?? 'blocked'), q: input.value.trim() }
  }

  /** Looks for what the form says, and remembers it in the address of the page. */
  #choose() {
    const { state, q } = this.#chosen()
    const query = new URLSearchParams({ ...(state === 'all' && { state }), ...(q !== '' && { q }) })
    history.pushState(null, '', `/policy${query.size === 0 ? '' : `?${query}`}`)
    this.#limit = STEP
    this.#tell('')
    void this.#again()
  }

  #readAddress() {
    const query = new URLSearchParams(location.search)
    input.value = query.get('q') ?? ''
    const state = query.get('state') === 'all' ? 'all' : 'blocked'
    const button = byId('states').querySelector(`[value=${state}]`)
    if (button instanceof HTMLInputElement) button.checked = true
    this.#limit = STEP
  }

  /**
   * @param {boolean} isEmpty
   * @param {string} state
   * @param {string} q
   */
  #showEmpty(isEmpty, state, q) {
    byId('empty').hidden = !isEmpty
    const all = element(
      'a',
      { href: `/policy?${new URLSearchParams({ state: 'all', q })}` },
      'Show all accounts',
    )
    if (state === 'blocked') {
      byId('empty').replaceChildren(
        q === '' ? 'Nobody is blocked. ' : `Nobody with “${q}” in the name is blocked. `,
        'An account that sends from too many places stands here until its block ends. ',
        all,
        q === '' ? ' that were used lately.' : ' with this in the name.',
      )
      return
    }
    const none =
      'No account is kept: no mail server has asked yet, or what was counted is older than the window of the settings.'
    setText('empty', q === '' ? none : `No account with “${q}” in the name is kept.`)
  }

  /** @param {readonly Account[]} users */
  #showAccounts(users) {
    const active = document.activeElement
    const item = active?.closest('[data-user]')
    const focused = item instanceof HTMLElement ? { user: item.dataset.user, name: active?.localName } : null
    const items = users.map((account) => this.#itemOf(account))
    byId('accounts').replaceChildren(...items)
    if (focused === null) return
    // Who is at a button with the keyboard stays there; where it is gone, at the top of the list.
    const same = items.find(({ dataset }) => dataset.user === focused.user)
    const target = same?.querySelector(focused.name ?? '') ?? byId('list-heading')
    if (target instanceof HTMLElement) target.focus()
  }

  /** @param {Account} account */
  #itemOf({ user, last, refused, block, ips, countries }) {
    const named = countries
      .slice(0, NAMED)
      .map((it) => `${countryOf(it.value)}${it.refused ? ' (refused)' : ''}`)
    const others = countries.length - named.length
    const from = [...named, ...(others > 0 ? [`${others} more`] : [])].join(', ')
    const addresses = counted(ips.length, 'address', 'addresses')
    const state =
      block === null
        ? element('p', {}, 'not blocked')
        : element(
            'p',
            {},
            element('strong', { class: 'blocked' }, 'blocked'),
            ` ${untilText(block)}`,
            element('span', { class: 'why' }, whyOf(block.reason)),
          )
    const item = element(
      'li',
      { 'data-user': user },
      element('p', { class: 'who' }, element('a', { href: pageOf(user) }, user)),
      state,
      element(
        'p',
        { class: 'from' },
        `${from === '' ? 'no country' : from}; ${addresses}; `,
        `${grouped(refused)} refused; last seen `,
        element('span', { class: 'nowrap' }, ago(last)),
      ),
    )
    if (block !== null) item.append(this.#unblockButton(user))
    return item
  }

  /** @param {string} user */
  #unblockButton(user) {
    const button = element(
      'button',
      { type: 'button', class: 'quiet', 'aria-label': `Unblock ${user}` },
      'Unblock',
    )
    button.addEventListener('click', async () => {
      try {
        const done = await unblock(user)
        if (done === null) return
        this.#tell(done)
        await this.#again()
      } catch (error) {
        trouble(/** @type {Error} */ (error).message)
      }
    })
    return button
  }

  /** @param {boolean} isMore */
  #showMore(isMore) {
    byId('more').hidden = !isMore
    const isAtEnd = this.#limit >= MOST
    byId('more-button').hidden = isAtEnd
    if (isMore && isAtEnd) setText('count', `The first ${grouped(MOST)} accounts; a search finds the others`)
  }
}
