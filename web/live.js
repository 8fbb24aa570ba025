// What is drawn over time on the status page: each second as it comes, and what became of queries in each minute of a day.

import { layerChart, lineChart } from './charts.js'
import { ask, byId, grouped, setText, sumOf, timeSpan, trouble } from './dom.js'

/** Seconds that the chart of seconds shows. */
const SHOWN = 300

/** Milliseconds between two looks at the minutes. */
const MINUTE = 60_000

/** Seconds that the chart of minutes shows, at least and at most. */
const LEAST_SPAN = 3600
const MOST_SPAN = 86_400

/** What outcomes are drawn together, the lowest layer first. */
const LAYERS = [
  { label: 'Answered', colour: '--good', outcomes: ['answer'] },
  { label: 'Nothing known', colour: '--accent', outcomes: ['noData', 'nxDomain'] },
  { label: 'Refused', colour: '--warn', outcomes: ['refused', 'rateLimited'] },
  { label: 'Other', colour: '--bad', outcomes: ['truncated', 'formErr', 'notImp', 'badVers', 'dropped'] },
]

/** The chart of seconds. */
class SecondsChart {
  /** @type {{ at: number, all: number, answers: number }[]} */
  #points = []
  /** @type {ReturnType<typeof lineChart> | undefined} */
  #chart

  /** @param {readonly any[]} seconds the oldest first */
  add(seconds) {
    for (const { at, seconds: length, outcomes } of seconds) {
      const perSecond = (/** @type {number} */ count) => Math.round(count / length)
      this.#points.push({
        at: at / 1000,
        all: perSecond(sumOf(outcomes)),
        answers: perSecond(outcomes.answer),
      })
    }
    this.#points = this.#points.slice(-SHOWN)
    const last = this.#points.at(-1)
    if (last === undefined) return
    const peak = this.#points.reduce((most, { all }) => Math.max(most, all), 0)
    setText('rate', grouped(last.all))
    setText('peak', `at most ${grouped(peak)} in five minutes`)
    byId('live').setAttribute(
      'aria-label',
      `Chart of queries per second: ${grouped(last.all)} now, at most ${grouped(peak)} in the last five minutes`,
    )
    const data = /** @type {[number[], number[], number[]]} */ ([
      this.#points.map(({ at }) => at),
      this.#points.map(({ all }) => all),
      this.#points.map(({ answers }) => answers),
    ])
    const lines = [
      { label: 'Queries', colour: '--accent' },
      { label: 'Answers', colour: '--good' },
    ]
    if (this.#chart === undefined) this.#chart = lineChart(byId('live'), lines, data, SHOWN)
    else this.#chart.setData(data)
  }

  clear() {
    this.#points = []
  }
}

/** Follows the seconds, and looks at the minutes as each is over. */
export async function follow() {
  const chart = new SecondsChart()
  const events = new EventSource('/api/events')
  events.addEventListener('history', ({ data }) => {
    trouble(null)
    chart.clear()
    chart.add(JSON.parse(data))
  })
  events.addEventListener('second', ({ data }) => chart.add([JSON.parse(data)]))
  // The browser tries again by itself.
  events.addEventListener('error', () => trouble('The server does not answer; these figures are old.'))
  const layers = layerChart(byId('minutes'), LAYERS, MINUTE / 1000)
  const look = async () => {
    try {
      showMinutes(layers, await ask('/api/outcomes'))
    } catch (error) {
      trouble(/** @type {Error} */ (error).message)
    }
    setTimeout(look, MINUTE)
  }
  await look()
}

/**
 * @param {ReturnType<typeof layerChart>} chart
 * @param {{ outcomes: readonly string[], minutes: readonly (readonly number[])[] }} told
 */
function showMinutes(chart, { outcomes, minutes: told }) {
  // The last minute is not over, and would look like a fall.
  const minutes = told.length > 1 ? told.slice(0, -1) : told
  const times = minutes.map(([at]) => at / 1000)
  const rows = LAYERS.map(({ outcomes: names }) => {
    const columns = names.map((name) => outcomes.indexOf(name) + 1)
    return minutes.map((minute) => columns.reduce((total, column) => total + minute[column], 0))
  })
  const there = times.length === 0 ? 0 : times[times.length - 1] - times[0]
  const hours = Math.ceil(Math.min(MOST_SPAN, Math.max(LEAST_SPAN, there)) / 3600)
  chart.setData(times, rows, hours * 3600)
  const totals = rows.map((row, i) => {
    const total = row.reduce((all, count) => all + count, 0)
    return `${LAYERS[i].label.toLowerCase()} ${grouped(total)}`
  })
  const span = hours === 1 ? 'hour' : `${hours} hours`
  setText('minutes-note', `By minute, the last ${span}; HTTP has counted for ${timeSpan(there + 60)}.`)
  byId('minutes').setAttribute(
    'aria-label',
    `Chart of outcomes by minute, the last ${span}: ${totals.join(', ')}. A table has the figures since the start.`,
  )
}
