// Server-sent events: what became of the queries of each second, for pages that are open.

import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { SecondBySecond } from './live.ts'

/** Pages that may follow the events at a time. */
const MAX_FOLLOWERS = 64

/** Tells of each second. */
export class Events {
  readonly #seconds: SecondBySecond
  #followers = 0

  constructor(seconds: SecondBySecond) {
    this.#seconds = seconds
  }

  /** Begins with the seconds that are remembered and goes on until the page is closed. */
  answer(context: Context): Response {
    if (this.#followers >= MAX_FOLLOWERS) return context.json({ error: 'too many pages are open' }, 503)
    // Nobody reads the reply to HEAD: a stream for it would never end.
    if (context.req.method === 'HEAD') return context.body(null, 200, { 'content-type': 'text/event-stream' })
    return streamSSE(context, async (stream) => {
      this.#followers++
      // Of an answer that waits for its turn on a connection nobody tells that this has ended, but of its request.
      const gone = new Promise<void>((resolve) => {
        stream.onAbort(resolve)
        const request = (context.env as Partial<HttpBindings> | undefined)?.incoming
        if (request?.destroyed) resolve()
        else request?.once('close', () => resolve())
      })
      try {
        await stream.writeSSE({ event: 'history', data: JSON.stringify(this.#seconds.history) })
        let isBusy = false
        const stop = this.#seconds.listen((second) => {
          // A page that doesn't read misses seconds: nothing is kept for it.
          if (isBusy) return
          isBusy = true
          void stream.writeSSE({ event: 'second', data: JSON.stringify(second) }).finally(() => {
            isBusy = false
          })
        })
        await gone
        stop()
      } finally {
        this.#followers--
      }
    })
  }
}
