// Reads /metrics as Prometheus does.

import { setTimeout as sleep } from 'node:timers/promises'

/** @typedef {Map<string, number>} Scrape values by name and labels, as they are written */

/** One server's metrics. */
export class Scraper {
  #url

  /** @param {string} url of the server */
  constructor(url) {
    this.#url = url
  }

  /** @returns {Promise<Scrape>} */
  async scrape() {
    const response = await fetch(`${this.#url}/metrics`)
    if (!response.ok) throw new Error(`/metrics: ${response.status}`)
    const lines = (await response.text()).split('\n').filter((line) => /^\w/.test(line))
    return new Map(
      lines.map((line) => {
        const space = line.lastIndexOf(' ')
        return [line.slice(0, space), Number(line.slice(space + 1))]
      }),
    )
  }
}

/**
 * A figure, as soon as it is what is expected; otherwise what it is after ten seconds.
 *
 * @param {number} expected
 * @param {() => Promise<number>} read
 */
export async function settled(expected, read) {
  let figure = await read()
  for (let attempt = 0; attempt < 40 && figure !== expected; attempt++) {
    await sleep(250)
    figure = await read()
  }
  return figure
}

/**
 * The sum of how far the counters of a name have come that have these labels.
 *
 * @param {Scrape} before
 * @param {Scrape} after
 * @param {string} name
 * @param {Readonly<Record<string, string>>} labels
 */
export function differences(before, after, name, labels) {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  let sum = 0
  for (const [key, value] of after) {
    const isOfName = key === name || key.startsWith(`${name}{`)
    if (isOfName && wanted.every((label) => key.includes(label))) sum += value - (before.get(key) ?? 0)
  }
  return sum
}

/**
 * Waits for HTTP, which is the last that starts.
 *
 * @param {string} url of the server
 */
export async function untilAlive(url) {
  for (;;) {
    const response = await fetch(`${url}/healthz`).catch(() => null)
    if (response?.ok) return
    await sleep(50)
  }
}
