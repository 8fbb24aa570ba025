// Everything that is served over HTTP besides the published files: which path leads where.
//
//     /  /lookup  /statistics        pages for people, and what belongs to them
//     /metrics                       Prometheus
//     /healthz  /readyz              orchestrators and load balancers, without a token
//     /api/…                         JSON, and the server-sent events of the status page

import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import { streamSSE } from 'hono/streaming'
import { AsnzoneError } from '../errors.ts'
import { access } from './access.ts'
import { readinessOf } from './health.ts'
import { describeStatus, SecondBySecond } from './live.ts'
import { LookupService } from './lookup.ts'
import { metricsOf } from './metrics.ts'
import type { Running } from './running.ts'
import { StaticFiles } from './static-files.ts'
import { Statistics } from './statistics.ts'

/** Pages that may follow the events at a time. */
const MOST_FOLLOWERS = 64

/** What pages may load: what comes from here, and nothing else. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  connectSrc: ["'self'"],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
}

/** The pages, the API and the metrics of a running server. */
export interface App {
  readonly hono: Hono
  /** Ends what goes on between requests. */
  stop(): void
}

/** @param token what requests have to carry; null on loopback, where they need none */
export function createApp(running: Running, token: string | null): App {
  const hono = new Hono()
  const seconds = new SecondBySecond(() => running.server.counters.total())
  hono.use(
    secureHeaders({
      contentSecurityPolicy: CONTENT_SECURITY_POLICY,
      // Whoever puts TLS in front decides on it.
      strictTransportSecurity: false,
    }),
  )
  hono.use(access(token))
  addHealth(hono, running)
  addMetrics(hono, running)
  addApi(hono, running, seconds)
  const files = new StaticFiles()
  for (const path of files.paths) hono.get(path, (context) => files.answer(context, path))
  hono.notFound((context) => context.json({ error: `there is no ${context.req.path}` }, 404))
  hono.onError((error, context) => errorResponse(error, context, running))
  return { hono, stop: () => seconds.stop() }
}

function addHealth(hono: Hono, running: Running): void {
  hono.get('/healthz', (context) => context.text('alive\n', 200, { 'cache-control': 'no-store' }))
  hono.get('/readyz', async (context) => {
    const readiness = await readinessOf(running)
    return context.json(readiness, readiness.ready ? 200 : 503, { 'cache-control': 'no-store' })
  })
}

function addMetrics(hono: Hono, running: Running): void {
  const registry = metricsOf(running)
  hono.get('/metrics', async (context) =>
    context.body(await registry.metrics(), 200, { 'content-type': registry.contentType }),
  )
}

function addApi(hono: Hono, running: Running, seconds: SecondBySecond): void {
  const lookups = new LookupService(running)
  const statistics = new Statistics(running.openStatistics)
  hono.use('/api/*', async (context, next) => {
    await next()
    context.header('cache-control', 'no-store')
  })
  hono.get('/api/lookup/:address', (context) => context.json(lookups.lookup(context.req.param('address'))))
  hono.get('/api/as/:number', (context) => {
    const number = context.req.param('number').replace(/^AS/i, '')
    return context.json(lookups.lookup(`AS${number}`))
  })
  hono.get('/api/status', (context) => context.json(describeStatus(running)))
  hono.get('/api/stats', (context) => {
    const interval = context.req.query('interval') ?? 'total'
    const told = statistics.describe(interval)
    if (told !== null) return context.json(told)
    return context.json({ error: `'${interval}' is not total, today, YYYY, YYYY-MM or YYYY-MM-DD` }, 400)
  })
  let followers = 0
  hono.get('/api/events', (context) => {
    if (followers >= MOST_FOLLOWERS) return context.json({ error: 'too many pages are open' }, 503)
    return streamSSE(context, async (stream) => {
      followers++
      try {
        await stream.writeSSE({ event: 'history', data: JSON.stringify(seconds.history) })
        let isBusy = false
        await new Promise<void>((resolve) => {
          const stop = seconds.listen((second) => {
            // A page that doesn't read misses seconds: nothing is kept for it.
            if (isBusy) return
            isBusy = true
            void stream.writeSSE({ event: 'second', data: JSON.stringify(second) }).finally(() => {
              isBusy = false
            })
          })
          stream.onAbort(() => {
            stop()
            resolve()
          })
        })
      } finally {
        followers--
      }
    })
  })
}

/** An error of whoever asks tells what is wrong; one of ours is told to the administrator. */
function errorResponse(error: Error, context: Context, { onError }: Running): Response {
  if (error instanceof HTTPException) return error.getResponse()
  if (error instanceof AsnzoneError) return context.json({ error: error.message }, 400)
  onError(error)
  return context.json({ error: 'an error of asnzone; its log tells more' }, 500)
}
