// /api/policy: who the policy service knows, who is blocked, and what it would say. docs/policy.md tells of it, and
// policy-openapi.ts describes it for programs.

import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import { AsnzoneError } from '../errors.ts'
import { HISTORY_HEADER, historyLines } from '../export/history-csv.ts'
import type { EventJson } from '../policy-server/account-json.ts'
import type { PolicyCommands } from '../policy-server/commands.ts'
import type { EventQuery } from '../policy-server/store.ts'
import { jsonBody, parseBody, refusal, refuseOtherSites } from './json-body.ts'
import { POLICY_OPENAPI } from './policy-openapi.ts'

/** Accounts that are listed unless told otherwise, and at most. */
const LISTED = 100
const MAX_LISTED = 1000

const listing = z.strictObject({
  state: z.enum(['all', 'blocked'], 'all or blocked').default('all'),
  q: z.string().max(320, 'a part of a name').default(''),
  after: z.string().max(320, 'a name').default(''),
  limit: z.coerce.number().int().min(1).max(MAX_LISTED).default(LISTED),
})

const history = z.strictObject({
  user: z.string().min(1, 'an account').max(320, 'an account').nullable().default(null),
  since: z.coerce.number('milliseconds since 1970').int().min(0).default(0),
  before: z.string().max(40, 'the `next` of the page before').default(''),
  limit: z.coerce.number().int().min(1).max(MAX_LISTED).default(LISTED),
})

const question = z.strictObject({
  user: z.string('the account').min(1, 'the account'),
  address: z.string('an IP address').min(1, 'an IP address'),
})

const recordList = z.strictObject({
  records: z.array(z.record(z.string(), z.unknown()), 'a list of records'),
})

/**
 * The application of these paths.
 *
 * @param policy what they ask
 * @param onError told of errors that should not be
 */
export function createPolicyApi(policy: PolicyCommands, onError: (error: Error) => void): Hono {
  const hono = new Hono()
  hono.use(async (context, next) => {
    refuseOtherSites(context)
    await next()
  })
  hono.onError((error, context) => refusalOf(error, context, onError))
  hono.notFound(({ req, json }) => json({ error: `there is no ${req.path}` }, 404))
  hono.get('/api/policy/openapi.json', (context) => context.json(POLICY_OPENAPI))
  hono.get('/api/policy/users', async (context) => {
    const { state, q, after, limit } = parseBody(listing, context.req.query())
    const users = await policy.list({ blocked: state === 'blocked', text: q, after, limit })
    return context.json({ users, next: users.length < limit ? null : (users.at(-1)?.user ?? null) })
  })
  hono.get('/api/policy/users/:name', async (context) => {
    const name = nameOf(context)
    const account = await policy.show(name)
    if (account === null) throw nothingKept(name)
    return context.json(account)
  })
  hono.delete('/api/policy/users/:name/block', async (context) => {
    const name = nameOf(context)
    const lifted = await policy.unblock(name)
    if (lifted === 0 && (await policy.show(name)) === null) throw nothingKept(name)
    return context.json({ unblocked: lifted > 0 })
  })
  hono.delete('/api/policy/users/:name', async (context) => {
    const name = nameOf(context)
    const { isFound, left } = await policy.forget(name)
    if (!isFound && left.length === 0) throw nothingKept(name)
    return context.json({ forgotten: isFound, ...(left.length > 0 && { left }) })
  })
  hono.get('/api/policy/events', async (context) => {
    const query = parseBody(history, context.req.query())
    const events = await policy.events(query)
    return context.json({ events, next: events.length < query.limit ? null : (events.at(-1)?.id ?? null) })
  })
  hono.get('/api/policy/events.csv', async (context) => {
    const query = parseBody(history.pick({ user: true, since: true }), context.req.query())
    // The first page is asked for now: that the store is not available is an answer of its own.
    const first = await policy.events({ ...query, limit: MAX_LISTED })
    return context.body(csvStream(policy, query, first), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="asnzone-history.csv"',
    })
  })
  hono.post('/api/policy/check', async (context) =>
    context.json(await policy.check(parseBody(question, await jsonBody(context)))),
  )
  hono.get('/api/policy/records', async (context) => context.json(await policy.records()))
  hono.put('/api/policy/records', async (context) => {
    const { records } = parseBody(recordList, await jsonBody(context))
    await policy.setRecords(records)
    return context.json(await policy.records())
  })
  hono.post('/api/policy/records/reset', async (context) => {
    await policy.resetRecords()
    return context.json(await policy.records())
  })
  addMethods(hono)
  return hono
}

/** The history, a page at a time when the reader asks for it. */
function csvStream(
  policy: PolicyCommands,
  query: Pick<EventQuery, 'user' | 'since'>,
  first: readonly EventJson[],
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let page = first
  let text = HISTORY_HEADER
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        controller.enqueue(encoder.encode(text + historyLines(page)))
        text = ''
        const last = page.at(-1)
        if (last === undefined || page.length < MAX_LISTED) {
          controller.close()
          return
        }
        page = await policy.events({ ...query, before: last.id, limit: MAX_LISTED })
      },
    },
    { highWaterMark: 0 },
  )
}

/** Other methods are refused by name. */
function addMethods(hono: Hono): void {
  for (const [path, allow] of Object.entries({
    '/api/policy/openapi.json': 'GET, HEAD',
    '/api/policy/users': 'GET, HEAD',
    '/api/policy/users/:name': 'GET, HEAD, DELETE',
    '/api/policy/users/:name/block': 'DELETE',
    '/api/policy/events': 'GET, HEAD',
    '/api/policy/events.csv': 'GET, HEAD',
    '/api/policy/check': 'POST',
    '/api/policy/records': 'GET, HEAD, PUT',
    '/api/policy/records/reset': 'POST',
  })) {
    hono.all(path, (context) => context.json({ error: `${allow} only` }, 405, { allow }))
  }
}

function nameOf({ req }: Context): string {
  return req.param('name') ?? ''
}

const nothingKept = (name: string): HTTPException => refusal(404, `nothing is known of ${name}`)

function refusalOf(error: Error, context: Context, onError: (error: Error) => void): Response {
  if (error instanceof HTTPException) return context.json({ error: error.message }, error.status)
  if (error instanceof AsnzoneError) {
    return context.json({ error: error.message }, error.code === 'ASNZONE_POLICY' ? 503 : 400)
  }
  onError(error)
  return context.json({ error: 'an error in asnzone; see its log' }, 500)
}
