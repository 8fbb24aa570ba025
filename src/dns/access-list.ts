// Which clients a list of networks holds: two interval maps, one a family, searched by halves.

import type { IntervalMap } from '../table/interval-map.ts'
import type { Client } from './client.ts'

/** Networks as interval maps: a value of 0 is outside. Plain data, for threads. */
export interface Networks {
  readonly v4: IntervalMap
  readonly v6: IntervalMap
}

/** A list of networks. */
export class AccessList {
  readonly #networks: Networks
  /** The IPv4 client that was found last: most queries come from the same few. */
  #lastFound = -1

  constructor(networks: Networks) {
    this.#networks = networks
  }

  /** Whether a client is in one of the networks. */
  holds(client: Client): boolean {
    if (client.family === 6) return this.#holds6(client)
    if (client.word0 === this.#lastFound) return true
    const { starts, values, count } = this.#networks.v4
    let low = 0
    let up = count - 1
    while (low < up) {
      const middle = (low + up + 1) >>> 1
      if (starts[middle] <= client.word0) low = middle
      else up = middle - 1
    }
    if (values[low] === 0) return false
    this.#lastFound = client.word0
    return true
  }

  #holds6(client: Client): boolean {
    const { starts, values, count } = this.#networks.v6
    let low = 0
    let up = count - 1
    while (low < up) {
      const middle = (low + up + 1) >>> 1
      if (isAtOrBelow(starts, middle * 4, client)) low = middle
      else up = middle - 1
    }
    return values[low] !== 0
  }
}

function isAtOrBelow(starts: Uint32Array, at: number, client: Client): boolean {
  if (starts[at] !== client.word0) return starts[at] < client.word0
  if (starts[at + 1] !== client.word1) return starts[at + 1] < client.word1
  if (starts[at + 2] !== client.word2) return starts[at + 2] < client.word2
  return starts[at + 3] <= client.word3
}
