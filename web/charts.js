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

/**
 * Lines over time.
 *
 * @param {HTMLElement} target
 * @param {readonly { label: string, colour: string }[]} lines
 * @param {uPlot.AlignedData} data times in seconds, then a row for each line
 */
export function lineChart(target, lines, data) {
  return draw(
    target,
    {
      cursor: { drag: { x: false, y: false } },
      legend: { live: true },
      scales: { y: { range: fromZero } },
      series: [
        { label: 'Time', value: '{HH}:{mm}:{ss}' },
        ...lines.map(({ label, colour: name }, i) => ({
          label,
          stroke: () => colour(name),
          width: 2,
          ...(i === 0 && { fill: () => `color-mix(in srgb, ${colour(name)} 14%, transparent)` }),
          points: { show: false },
        })),
      ],
      axes: [
        {
          ...AXIS,
          values: [
            [60, '{HH}:{mm}', null, null, null, null, null, null, 1],
            [1, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 1],
          ],
        },
        { ...AXIS, values: compactValues, size: 56 },
      ],
    },
    data,
  )
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
        { label: 'Time', value: (_plot, at) => (at === null ? '–' : nameAt(at)) },
        {
          label: 'Queries',
          fill: () => colour('--accent'),
          stroke: () => colour('--accent'),
          width: 0,
          points: { show: false },
          ...(uPlot.paths.bars !== undefined && { paths: uPlot.paths.bars({ size: [0.7, 60] }) }),
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
        { ...AXIS, values: compactValues, size: 56 },
      ],
    },
    [names.map((_, at) => at), [...values]],
  )
}
