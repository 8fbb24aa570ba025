// Updates and reloads on the status page: what came of the last, when the next is, and two buttons that begin one.

import { ask, byId, element, fillFacts, minuteOf, setText } from './dom.js'

/** Milliseconds between two looks at what was begun. */
const LOOK = 1000

/** Looks until one says that it goes on by itself: half an hour. */
const MOST_LOOKS = 1800

/** What came of an update, in words. */
const UPDATES = {
  updated: 'new data',
  unchanged: 'nothing was new',
  incomplete: 'not all could be fetched',
  refused: 'new data was refused',
  failed: 'it failed',
}

/** What came of a reload, in words. */
const RELOADS = {
  replaced: 'new data is in service',
  unchanged: 'the data is the same',
  refused: 'new data was refused',
  failed: 'it failed, and all stays as it was',
}

/** @param {string} kind */
const updateText = (kind) => UPDATES[/** @type {keyof typeof UPDATES} */ (kind)] ?? kind

/** @param {string} kind */
const reloadText = (kind) => RELOADS[/** @type {keyof typeof RELOADS} */ (kind)] ?? kind

/** @param {readonly string[] | undefined} names */
const listOf = (names) => (names === undefined || names.length === 0 ? null : names.join(', '))

/** @param {any} status */
export function showUpkeep({ date, update, reload, reloading }) {
  const { last, next, since, canFetch } = update
  byId('update').hidden = !canFetch
  fillFacts('upkeep', [
    ['Data of', minuteOf(date)],
    ['Last update', last === null ? 'none yet' : `${minuteOf(last.at)}: ${updateText(last.kind)}`],
    ['Because', last?.reason ?? null],
    ['Next update', nextText(next, since, canFetch)],
    [
      'Last reload',
      reload === null ? 'none' : `${minuteOf(reload.at)} by ${reload.trigger}: ${reloadText(reload.kind)}`,
    ],
    // A refresh that failed is told once.
    ['Because', reload === null || reload.reason === last?.reason ? null : reload.reason],
    ['New in force', listOf(reload?.changed)],
    ['Needs a restart', listOf(reload?.restart)],
    [
      'Now',
      reloading === null ? null : `a reload by ${reloading.trigger} since ${minuteOf(reloading.since)}`,
    ],
  ])
}

/**
 * @param {string | null} next
 * @param {string | null} since
 * @param {boolean} canFetch
 */
function nextText(next, since, canFetch) {
  if (since !== null) return `it is going on since ${minuteOf(since)}`
  if (next !== null) return minuteOf(next)
  if (!canFetch) return 'there is nothing to fetch'
  return element('span', {}, 'not by itself: ', element('code', {}, 'refresh: 1d'), ' in the config does so')
}

/** @param {any} status */
const isBusy = ({ update, reloading }) => update.since !== null || reloading !== null

/**
 * Lets the buttons begin an update and a reload.
 *
 * @param {() => Promise<any>} refresh shows the status of now, and gives it
 */
export function offerUpkeep(refresh) {
  /** @param {string} path @param {string} words @param {(status: any) => string | null} outcomeOf null while it goes on */
  const begin = async (path, words, outcomeOf) => {
    await ask(path, 'POST')
    setText('upkeep-said', words)
    for (let look = 0; look < MOST_LOOKS; look++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK))
      const status = await refresh()
      const outcome = isBusy(status) ? null : outcomeOf(status)
      if (outcome === null) continue
      setText('upkeep-said', outcome)
      return
    }
    setText('upkeep-said', 'It goes on; this page tells what comes of it.')
  }
  const button = (/** @type {string} */ id, /** @type {() => Promise<void>} */ work) => {
    let isAtIt = false
    byId(id).addEventListener('click', async () => {
      if (isAtIt) return
      isAtIt = true
      byId(id).setAttribute('aria-disabled', 'true')
      await work().catch((/** @type {Error} */ { message }) => setText('upkeep-said', message))
      byId(id).removeAttribute('aria-disabled')
      isAtIt = false
    })
  }
  button('update', () =>
    begin('/api/update', 'Fetches new data…', ({ update: { last } }) =>
      last === null ? 'The update is over.' : withReason(`The update: ${updateText(last.kind)}`, last.reason),
    ),
  )
  button('reload', async () => {
    const before = (await refresh()).reload?.at
    await begin('/api/reload', 'Reads config and data again…', ({ reload }) => {
      if (reload === null || reload.at === before) return null
      const changed = listOf(reload.changed)
      const restart = listOf(reload.restart)
      const news = [
        reloadText(reload.kind),
        ...(changed === null ? [] : [`new settings in force: ${changed}`]),
        ...(restart === null ? [] : [`these need a restart: ${restart}`]),
      ]
      return withReason(`The reload: ${news.join('; ')}`, reload.reason)
    })
  })
}

/** @param {string} words @param {string | null} reason */
const withReason = (words, reason) => `${words}${reason === null ? '' : `: ${reason}`}.`
