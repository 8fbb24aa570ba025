// Everything that is served over HTTP: which path leads where. There is one rule of who may ask, and one place where
// errors end.
//
//     /  /lookup  /statistics        pages for people, and what belongs to them
//     /as/…  /country/…              one for each AS and country
//     /policy                        another one, of the policy service
//     /metrics                       Prometheus
//     /healthz  /readyz              orchestrators and load balancers, without a token
//     /api/policy/…                  the policy service
//     /learn  /learn/rspamd          verdicts of reporters, each with its own token
//     /api/…                         JSON, and the server-sent events of the status page
//     /asn-ipv4.csv …  /cidr/…         the data in service as files, also on an address of their own
//     /snapshot/…                    what asnzone build has written, there, too

import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import { AsnzoneError } from '../errors.ts'
import { access } from './access.ts'
import { Events } from './events.ts'
import { Health } from './health.ts'
import { addHoldings } from './holdings-api.ts'
import { refuseOtherSites } from './json-body.ts'
import { createLearnApi } from './learn-api.ts'
import { LearnedAses } from './learned-ases.ts'
import { describeStatus, SecondBySecond } from './live.ts'
import { LookupService } from './lookup.ts'
import { metricsOf } from './metrics.ts'
import { Metrics } from './metrics-text.ts'
import { PublishedFiles } from './publish.ts'
import type { ServerView } from './server-view.ts'
import { HOLDINGS, StaticFiles } from './static-files.ts'
import { Statistics } from './statistics.ts'
import type { AccessRule, HttpSetting } from './task.ts'

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

/** What is served of a running server. */
export interface App {
  readonly hono: Hono
  /** Ends what goes on between requests. */
  stop(): void
}

/**
 * @param rule who may ask, which may change
 * @param setting the address that it is for: that of `publish-csv` has the files only
 * @param files which several applications may share
 */
export function createApp(
  running: ServerView,
  rule: () => AccessRule,
  setting: HttpSetting = 'http',
  files: PublishedFiles = new PublishedFiles(() => running.reloader.table),
): App {
  const hono = new Hono()
  hono.use(
    secureHeaders({
      contentSecurityPolicy: CONTENT_SECURITY_POLICY,
      // A proxy with TLS in front decides on it.
      strictTransportSecurity: false,
    }),
  )
  hono.use(access(rule))
  hono.onError((error, context) => errorResponse(error, context, running))
  files.addTo(hono)
  if (setting === 'publish-csv') {
    hono.notFound((context) => context.text(`published are ${files.paths.join(', ')}\n`, 404))
    return { hono, stop: () => {} }
  }
  const seconds = new SecondBySecond(() => running.server.counters.total())
  addHealth(hono, running)
  addMetrics(hono, running)
  addApi(hono, running, seconds)
  addUpkeep(hono, running)
  addPolicyApi(hono, running)
  hono.route('/', createLearnApi(running.learning))
  addPages(hono)
  return { hono, stop: () => seconds.stop() }
}

function addHealth(hono: Hono, running: ServerView): void {
  const health = new Health(running)
  hono.get('/healthz', async (context) => {
    const isAlive = await running.refresh()
    const text = isAlive ? 'alive\n' : 'the main thread does not answer\n'
    return context.text(text, isAlive ? 200 : 503, { 'cache-control': 'no-store' })
  })
  hono.get('/readyz', async (context) => {
    const readiness = await health.readiness()
    return context.json(readiness, readiness.ready ? 200 : 503, { 'cache-control': 'no-store' })
  })
}

function addMetrics(hono: Hono, running: ServerView): void {
  const metrics = metricsOf(running)
  hono.get('/metrics', async (context) => {
    await running.refresh()
    return context.body(metrics.text(), 200, { 'content-type': Metrics.contentType })
  })
}

function addApi(hono: Hono, running: ServerView, seconds: SecondBySecond): void {
  const lookups = new LookupService(running)
  const statistics = new Statistics(running.openStatistics)
  const events = new Events(seconds)
  hono.use('/api/*', async (context, next) => {
    await next()
    context.header('cache-control', 'no-store')
  })
  hono.get('/api/lookup/:address', async (context) =>
    context.json(await lookups.explained(context.req.param('address'))),
  )
  hono.get('/api/lookup/:address/:length', (context) => {
    const { address, length } = context.req.param()
    return context.json(lookups.lookup(`${address}/${length}`))
  })
  hono.get('/api/as/:number', (context) => {
    const number = context.req.param('number').replace(/^AS/i, '')
    return context.json(lookups.lookup(`AS${number}`))
  })
  addHoldings(hono, running, statistics)
  hono.get('/api/status', async (context) => {
    await running.refresh()
    return context.json(describeStatus(running))
  })
  hono.get('/api/stats', (context) => {
    const interval = context.req.query('interval') ?? 'total'
    const told = statistics.describe(interval)
    if (told !== null) return context.json(told)
    return context.json({ error: `'${interval}' is not total, today, YYYY, YYYY-MM or YYYY-MM-DD` }, 400)
  })
  const learned = new LearnedAses(
    () => running.learned,
    () => running.reloader.table,
  )
  hono.get('/api/learned', async (context) => {
    try {
      return context.json(await learned.describe())
    } catch (error) {
      running.onError(error as Error)
      return context.json({ error: "what was learned can't be read; see the log" }, 503)
    }
  })
  hono.get('/api/openapi.json', async (context) => context.json((await import('./openapi.ts')).OPENAPI))
  hono.get('/api/outcomes', (context) => context.json(seconds.minutes.describe()))
  hono.get('/api/events', (context) => events.answer(context))
}

/** What begins something that takes its time: /api/status tells what becomes of it. */
function addUpkeep(hono: Hono, { upkeep }: ServerView): void {
  hono.post('/api/reload', async (context) => {
    refuseOtherSites(context)
    await upkeep.reload()
    return context.json({ begun: true }, 202)
  })
  hono.post('/api/update', async (context) => {
    refuseOtherSites(context)
    if (await upkeep.update()) return context.json({ begun: true }, 202)
    return context.json({ error: 'there is nothing to fetch: no source is a URL, and feed is not one' }, 409)
  })
}

/** The paths of the policy service; they are loaded when they are asked for. */
function addPolicyApi(hono: Hono, { policy, policyCommands, onError }: ServerView): void {
  let api: Promise<Hono> | null = null
  hono.all('/api/policy/*', async (context) => {
    if (policy === null) {
      return context.json({ error: 'there is no policy service; policy.listen starts it' }, 404)
    }
    api ??= import('./policy-api.ts').then(({ createPolicyApi }) => createPolicyApi(policyCommands, onError))
    return (await api).fetch(context.req.raw, context.env)
  })
}

function addPages(hono: Hono): void {
  const files = new StaticFiles()
  for (const path of files.paths) {
    if (path !== HOLDINGS) hono.get(path, (context) => files.answer(context, path))
  }
  // One page for all of them: its script reads the path.
  for (const path of ['/as/:asn{(AS)?[1-9][0-9]{0,9}}', '/country/:code{[A-Za-z]{2}}']) {
    hono.get(path, (context) => files.answer(context, HOLDINGS))
  }
  hono.notFound((context) => {
    const { path } = context.req
    const isForPeople = /\btext\/html\b/.test(context.req.header('accept') ?? '') && !path.startsWith('/api/')
    return isForPeople ? files.answerMissing(context) : context.json({ error: `there is no ${path}` }, 404)
  })
}

/** An error of the client says what is wrong; one of ours is logged for the administrator. */
function errorResponse(error: Error, context: Context, { onError }: ServerView): Response {
  if (error instanceof HTTPException) return error.getResponse()
  if (error instanceof AsnzoneError) return context.json({ error: error.message }, 400)
  onError(error)
  return context.json({ error: 'an error in asnzone; see its log' }, 500)
}
