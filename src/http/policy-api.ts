// /api/policy: who the policy service knows, who is blocked, and what it would say. docs/policy.md tells of it, and
// policy-openapi.ts describes it for programs.

import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import { complaintOf, FOR_COMPLAINTS } from '../complaint.ts'
import { AsnzoneError } from '../errors.ts'
import type { PolicyCommands } from '../policy-server/commands.ts'
import { POLICY_OPENAPI } from './policy-openapi.ts'

/** The most octets of a body. */
const MAX_BODY = 1 << 20

/** Accounts that are listed unless told otherwise, and at most. */
const LISTED = 100
const MAX_LISTED = 1000

/** An error of whoever asks. */
const refusal = (status: 400 | 403 | 404 | 413 | 415, message: string): HTTPException =>
  new HTTPException(status, { message })

const listing = z.strictObject({
  state: z.enum(['all', 'blocked'], 'all or blocked').default('all'),
  q: z.string().max(320, 'a part of a name').default(''),
  after: z.string().max(320, 'a name').default(''),
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
    const { state, q, after, limit } = parse(listing, context.req.query())
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
    if (!(await policy.forget(name))) throw nothingKept(name)
    return context.json({ forgotten: true })
  })
  hono.post('/api/policy/check', async (context) =>
    context.json(await policy.check(parse(question, await bodyOf(context)))),
  )
  hono.get('/api/policy/records', async (context) => context.json(await policy.records()))
  hono.put('/api/policy/records', async (context) => {
    const { records } = parse(recordList, await bodyOf(context))
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

/** Other methods are refused by name. */
function addMethods(hono: Hono): void {
  for (const [path, allow] of Object.entries({
    '/api/policy/openapi.json': 'GET, HEAD',
    '/api/policy/users': 'GET, HEAD',
    '/api/policy/users/:name': 'GET, HEAD, DELETE',
    '/api/policy/users/:name/block': 'DELETE',
    '/api/policy/check': 'POST',
    '/api/policy/records': 'GET, HEAD, PUT',
    '/api/policy/records/reset': 'POST',
  })) {
    hono.all(path, (context) => context.json({ error: `${allow} only` }, 405, { allow }))
  }
}

/** A page of another site can make a browser send what its user may send; the browser tells where it comes from. */
function refuseOtherSites({ req }: Context): void {
  if (req.method === 'GET' || req.method === 'HEAD') return
  const site = req.header('sec-fetch-site') ?? 'none'
  const origin = req.header('origin')
  const isOther =
    (site !== 'same-origin' && site !== 'none') ||
    (origin !== undefined && origin.replace(/^https?:\/\//, '') !== req.header('host'))
  if (isOther) throw refusal(403, 'a page of another site may not change anything here')
}

/** A body of JSON. */
async function bodyOf({ req }: Context): Promise<unknown> {
  if (!/^application\/json\b/i.test(req.header('content-type') ?? '')) {
    throw refusal(415, 'a body of content-type application/json is needed')
  }
  const parts: Uint8Array[] = []
  let octets = 0
  for await (const part of req.raw.body ?? []) {
    octets += part.length
    if (octets > MAX_BODY) throw refusal(413, `a body has at most ${MAX_BODY} octets`)
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown
  } catch {
    throw refusal(400, 'the body is not JSON')
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value, FOR_COMPLAINTS)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue.code === 'unrecognized_keys' ? issue.keys[0] : issue.path.join('.')
  throw refusal(400, `${where === '' ? 'the body' : where}: ${complaintOf(issue)}`)
}

function nameOf({ req }: Context): string {
  return req.param('name') ?? ''
}

const nothingKept = (name: string): HTTPException => refusal(404, `nothing is kept of ${name}`)

function refusalOf(error: Error, context: Context, onError: (error: Error) => void): Response {
  if (error instanceof HTTPException) return context.json({ error: error.message }, error.status)
  if (error instanceof AsnzoneError) {
    return context.json({ error: error.message }, error.code === 'ASNZONE_POLICY' ? 503 : 400)
  }
  onError(error)
  return context.json({ error: 'an error of asnzone; its log tells more' }, 500)
}
