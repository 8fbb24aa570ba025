// Charts by uPlot, in the colours of the page.

import uPlot from '/vendor/uplot.js'

/** @param {string} name a custom property */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name)

const FONT = '12px system-ui, sans-serif'
const HEIGHT = 220

/** Axes and grid as the page has them. */
const AXIS = {
  stroke: () => colour('--muted'),
  grid: { stroke: () => colour('--line'), width: 1 },
  ticks: { stroke: () => colour('--line'), width: 1 },
  font: FONT,
}

/**
 * Draws a chart that follows the width of its element and the scheme of the system.
 *
 * @param {HTMLElement} target
 * @param {Partial<uPlot.Options> & Pick<uPlot.Options, 'series'>} options
 * @param {uPlot.AlignedData} data
 * @returns {{ setData: (data: uPlot.AlignedData) => void, destroy: () => void }}
 */
function draw(target, options, data) {
  const width = () => Math.max(200, target.clientWidth)
  const plot = new uPlot({ width: width(), height: HEIGHT, ...options }, data, target)
  const observer = new ResizeObserver(() => plot.setSize({ width: width(), height: HEIGHT }))
  observer.observe(target)
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  const redraw = () => plot.redraw(false)
  scheme.addEventListener('change', redraw)
  return {
    setData: (next) => plot.setData(next),
    destroy: () => {
      observer.disconnect()
      scheme.removeEventListener('change', redraw)
      plot.destroy()
    },
  }
}

/** Values up to the next round number, from 0 on; never an empty scale. */
const fromZero = (/** @type {unknown} */ _plot, /** @type {number} */ _least, /** @type {number} */ most) =>
  /** @type {[number, number]} */ ([0, Math.max(1, (most ?? 0) * 1.1)])

/** Large numbers as people write them on an axis: 12k, 3M. */
const compact = new Intl.NumberFormat('en', { notation: 'compact' })

/** @param {unknown} _plot @param {readonly number[]} values */
const compactValues = (_plot, values) => values.map((value) => compact.format(value))

/** Steps of an axis of whole numbers. */
const WHOLE = [1, 2, 5]
  .flatMap((step) => Array.from({ length: 12 }, (_, power) => step * 10 ** power))
  .sort((a, b) => a - b)

/** Steps of an axis of time, in seconds: a label tells hour and minute, so that none may be there twice. */
const MINUTES = [60, 120, 300, 600, 1800, 3600, 7200, 10_800, 14_400, 21_600]

const two = (/** @type {number} */ number) => String(number).padStart(2, '0')

/** @param {number} seconds since 1970 */
function hourAndMinute(seconds) {
  const date = new Date(seconds * 1000)
  return `${two(date.getHours())}:${two(date.getMinutes())}`
}

/** What the legend says while nobody points at the chart, or points after the last figure, is what there was last. */
const lastOr = (/** @type {number | null | undefined} */ at, /** @type {number} */ length) =>
  Math.min(at ?? length, length - 1)

/**
 * Axes, scales and the legend of figures over time: the last `span` seconds, whatever is there of them.
 *
 * @param {() => number} span
 * @param {(plot: uPlot) => ArrayLike<number>} timesOf the times that the legend tells
 * @returns {Pick<uPlot.Options, 'axes' | 'cursor' | 'legend' | 'scales'> & { time: uPlot.Series }}
 */
const overTime = (span, timesOf = (plot) => plot.data[0]) => ({
  cursor: { drag: { x: false, y: false } },
  legend: { live: true },
  scales: {
    x: { range: (_plot, _least, most) => [(most ?? Date.now() / 1000) - span(), most ?? Date.now() / 1000] },
    y: { range: fromZero },
  },
  axes: [
    { ...AXIS, incrs: MINUTES, space: 50, values: (_plot, ticks) => ticks.map(hourAndMinute) },
    { ...AXIS, incrs: WHOLE, space: 36, values: compactValues, size: 56 },
  ],
  time: {
    label: 'Time',
    value: (plot, _raw, _series, at) => {
      const times = timesOf(plot)
      const seconds = times[lastOr(at, times.length)]
      if (seconds === undefined) return ''
      return `${hourAndMinute(seconds)}:${two(new Date(seconds * 1000).getSeconds())}`
    },
  },
})

/**
 * Lines over time.
 *
 * @param {HTMLElement} target
 * @param {readonly { label: string, colour: string }[]} lines
 * @param {uPlot.AlignedData} data times in seconds, then a row for each line
 * @param {number} span seconds that are shown, whether there is something of them or not
 */
export function lineChart(target, lines, data, span) {
  const { time, ...options } = overTime(() => span)
  return draw(
    target,
    {
      ...options,
      series: [
        time,
        ...lines.map(({ label, colour: name }, i) => ({
          label,
          stroke: () => colour(name),
          width: 2,
          ...(i === 0 && { fill: () => `color-mix(in srgb, ${colour(name)} 14%, transparent)` }),
          points: { show: false },
          value: figureOf((plot) => plot.data[i + 1]),
        })),
      ],
    },
    data,
  )
}

/**
 * A figure in the legend.
 *
 * @param {(plot: uPlot) => ArrayLike<number | null | undefined>} rowOf
 * @returns {uPlot.Series.Value}
 */
const figureOf = (rowOf) => (plot, _raw, _series, at) => {
  const row = rowOf(plot)
  return compact.format(row[lastOr(at, row.length)] ?? 0)
}

/**
 * Layers over time, one upon the other, each figure as wide as the time that it counts.
 *
 * @param {HTMLElement} target
 * @param {readonly { label: string, colour: string }[]} layers the lowest first
 * @param {number} step seconds that each figure counts
 * @returns {{ setData: (times: number[], rows: number[][], span: number) => void }} `rows` has one for each layer
 */
export function layerChart(target, layers, step) {
  let shown = { span: 3600, times: /** @type {number[]} */ ([]), rows: /** @type {number[][]} */ ([]) }
  const { time, ...options } = overTime(
    () => shown.span,
    () => shown.times,
  )
  // What is drawn later hides what was drawn before: the sum of all comes first.
  const order = layers.map((layer, i) => ({ ...layer, i })).reverse()
  const plot = draw(
    target,
    {
      ...options,
      series: [
        time,
        ...order.map(({ label, colour: name, i }) => ({
          label,
          stroke: () => colour('--card'),
          width: 1,
          fill: () => colour(name),
          points: { show: false },
          ...(uPlot.paths.stepped !== undefined && { paths: uPlot.paths.stepped({ align: 1 }) }),
          value: figureOf(() => shown.rows[i] ?? []),
        })),
      ],
    },
    [[], ...layers.map(() => [])],
  )
  return {
    setData: (times, rows, span) => {
      shown = { span, times, rows }
      // The last figure lasts as long as the others: what ends it is drawn, and not told.
      const end = times.length - 1
      const drawn = end < 0 ? [] : [...times, times[end] + step]
      const upTo = (/** @type {number} */ i, /** @type {number} */ at) =>
        rows.slice(0, i + 1).reduce((sum, row) => sum + row[Math.min(at, end)], 0)
      plot.setData([drawn, ...order.map(({ i }) => drawn.map((_, at) => upTo(i, at)))])
    },
  }
}

/**
 * Bars beside each other.
 *
 * @param {HTMLElement} target
 * @param {readonly string[]} names below the bars
 * @param {readonly number[]} values
 */
export function barChart(target, names, values) {
  const nameAt = (/** @type {number} */ at) => names[at] ?? ''
  return draw(
    target,
    {
      cursor: { drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: () => [-0.6, Math.max(0.6, names.length - 0.4)] },
        y: { range: fromZero },
      },
      series: [
        { label: 'Time', value: (_plot, _raw, _series, at) => nameAt(lastOr(at, names.length)) },
        {
          label: 'Queries',
          fill: () => colour('--accent'),
          stroke: () => colour('--accent'),
          width: 0,
          points: { show: false },
          ...(uPlot.paths.bars !== undefined && { paths: uPlot.paths.bars({ size: [0.7, 60] }) }),
          value: figureOf(() => values),
        },
      ],
      axes: [
        {
          ...AXIS,
          grid: { show: false },
          incrs: [1, 2, 3, 7, 14, 30, 60, 120],
          space: 80,
          values: (_plot, ticks) => ticks.map((at) => (Number.isInteger(at) ? nameAt(at) : '')),
        },
        { ...AXIS, incrs: WHOLE, values: compactValues, size: 56 },
      ],
    },
    [names.map((_, at) => at), [...values]],
  )
}
