// The REST interface of geoip-policyd, for the programs that speak it: nauthilus, and scripts with curl. docs/policy.md
// has its requests; where it differs from the original, that page says so. What Dovecot asks is in dovecot-policy.ts.

import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import { AsnzoneError } from '../errors.ts'
import type { AccountJson, EntryJson } from '../policy-server/account-json.ts'
import type { PolicyCommands } from '../policy-server/commands.ts'
import type { RecordText, Verdict } from '../policy-server/surface.ts'
import { addDovecotPolicy } from './dovecot-policy.ts'
import { policydAccess } from './geoip-policyd-access.ts'
import { newGuid } from './guid.ts'
import { jsonBody, parseBody, refuseOtherSites } from './json-body.ts'
import type { PolicydConduct } from './task.ts'

/** What geoip-policyd shows where there is nothing. */
const NONE: readonly string[] = ['N/A']

/** The methods of each path. */
const METHODS: Readonly<Record<string, string>> = {
  '/reload': 'GET',
  '/custom-settings': 'GET',
  '/query': 'POST',
  '/update': 'PUT',
  '/modify': 'PATCH',
  '/remove': 'POST, DELETE',
}

const senderOnly = z.object({
  key: z.literal('sender', 'sender'),
  value: z.string('the name of an account').min(1, 'the name of an account'),
})

const query = z.object({
  key: z.literal('client', 'client'),
  value: z.object({
    address: z.string('an IP address'),
    sender: z.string('the name of an account'),
  }),
  info: z.boolean('true or false').optional(),
})

const update = z.object({ data: z.array(z.record(z.string(), z.unknown()), 'a list of records') })

const modify = z.object({
  key: z.literal('sender', 'sender'),
  value: z.looseObject({ sender: z.string('the name of an account').min(1, 'the name of an account') }),
})

/** What the interface works with. */
export interface PolicydParts {
  readonly policy: PolicyCommands
  /** Who may ask, and what for; it may change. */
  readonly conduct: () => Omit<PolicydConduct, 'tls' | 'timeout'>
  /** Told of errors that should not be. */
  readonly onError: (error: Error) => void
}

/** The application of these paths. */
export function createGeoipPolicyd({ policy, conduct, onError }: PolicydParts): Hono {
  const hono = new Hono()
  const inTurn = oneAfterTheOther()
  hono.use(policydAccess(conduct))
  hono.use(async (context, next) => {
    // GET /reload changes something, too.
    refuseOtherSites(context, context.req.path === '/reload')
    await next()
  })
  hono.onError((error, context) => refusalOf(error, context, onError))
  hono.notFound(({ req, json }) => json({ error: `there is no ${req.path}` }, 404))
  hono.get('/reload', async (context, next) => (conduct().getReload ? reload(policy, context) : next()))
  hono.get('/custom-settings', (context) => customSettings(policy, context))
  hono.post('/query', (context) => answerQuery(policy, context))
  hono.post('/remove', async (context) => {
    const { value } = await read(senderOnly, context)
    await policy.unblock(value)
    await policy.forget(value)
    return context.body(null, 202)
  })
  hono.put('/update', async (context) => {
    const { data } = await read(update, context)
    await inTurn(() => policy.setRecords(data))
    return context.body(null, 202)
  })
  hono.patch('/modify', async (context) => {
    const { value } = await read(modify, context)
    await inTurn(async () => policy.setRecords(withRecord((await policy.records()).records, value)))
    return context.body(null, 202)
  })
  hono.delete('/remove', async (context) => {
    const { value } = await read(senderOnly, context)
    await inTurn(async () => {
      const { records } = await policy.records()
      const left = records.filter((record) => !isAbout(record, value))
      if (left.length === records.length) {
        throw new AsnzoneError('ASNZONE_CONFIG', `there is no record of ${value}`)
      }
      await policy.setRecords(left)
    })
    return context.body(null, 202)
  })
  addDovecotPolicy(hono, policy, conduct)
  for (const [path, allow] of Object.entries(METHODS)) {
    hono.all(path, (context) => context.json({ error: `${allow} only` }, 405, { allow }))
  }
  return hono
}

/** Lets changes wait for each other: each goes by what the one before it has left. */
function oneAfterTheOther(): (change: () => Promise<void>) => Promise<void> {
  let last = Promise.resolve()
  return (change) => {
    const done = last.then(change)
    last = done.catch(() => {})
    return done
  }
}

async function reload(policy: PolicyCommands, context: Context): Promise<Response> {
  const reason = await policy.reload()
  return reason === null ? context.body(null, 202) : context.json({ error: reason }, 500)
}

async function customSettings(policy: PolicyCommands, context: Context): Promise<Response> {
  const { source, records } = await policy.records()
  if (source === 'settings' && records.length === 0) return context.body(null, 204)
  const text = `${JSON.stringify(records.map(wholeRecord))}\n`
  return context.body(text, 200, { 'content-type': 'application/json' })
}

/** A record with every field of geoip-policyd; ours are there where they say something. */
function wholeRecord(record: RecordText): RecordText {
  const { home_countries: home, ...rest } = record
  return {
    comment: '',
    sender: '',
    ips: 0,
    countries: 0,
    trusted_countries: null,
    trusted_ips: null,
    ...rest,
    home_countries: { codes: null, ips: 0, countries: 0, ...(home as RecordText | undefined) },
  }
}

async function answerQuery(policy: PolicyCommands, context: Context): Promise<Response> {
  const { value, info = false } = await read(query, context)
  const isInfo = info || context.req.query('info') === '1'
  const question = { user: value.sender, address: value.address, isCounted: !isInfo }
  const answer = { guid: newGuid(), operation: 'query' }
  const { verdict, account } = await policy.query(question)
  if (verdict.unjudged === 'store') {
    const error = 'the store is not available'
    return context.json({ ...answer, object: null, error, result: verdict.action === 'none' }, 202)
  }
  const isRefused = verdict.action === 'reject' || verdict.action === 'defer'
  const object = verdict.rule === 'exempt' ? EXEMPT : objectOf(verdict, account, remoteOf(context))
  return context.json({ guid: answer.guid, object, operation: 'query', error: null, result: !isRefused }, 202)
}

/** What geoip-policyd tells of a client that it doesn't count. */
const EXEMPT = {
  remote_addr: '',
  policy_reject: false,
  whitelisted: true,
  current_client_ip: '',
  current_country_code: '',
  total_ips: 0,
  total_countries: 0,
  home_ips_seen: null,
  foreign_ips_seen: null,
  home_countries_seen: null,
  foreign_countries_seen: null,
}

function objectOf(verdict: Verdict, account: AccountJson | null, remote: string) {
  const { address, country } = verdict
  const counted = (entries: readonly EntryJson[] = []) => entries.filter(({ refused }) => !refused)
  const seen = (entries: readonly EntryJson[] | undefined, isHome: boolean): readonly string[] => {
    const values = counted(entries).flatMap(({ home, value }) => (home === isHome ? value : []))
    return values.length === 0 ? NONE : values.sort()
  }
  return {
    remote_addr: remote,
    policy_reject: verdict.action === 'reject' || verdict.action === 'defer',
    whitelisted: false,
    current_client_ip: address,
    current_country_code: country ?? '',
    total_ips: counted(account?.ips).length,
    total_countries: counted(account?.countries).length,
    home_ips_seen: seen(account?.ips, true),
    foreign_ips_seen: seen(account?.ips, false),
    home_countries_seen: seen(account?.countries, true),
    foreign_countries_seen: seen(account?.countries, false),
  }
}

/** Where a request came from, as Go writes it. */
function remoteOf(context: Context): string {
  const { remoteAddress = '', remotePort = 0 } = context.env?.incoming?.socket ?? {}
  return remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`
}

/** Records with some fields of one replaced; it is the last one where there was none. */
function withRecord(records: readonly RecordText[], value: RecordText): readonly RecordText[] {
  const sender = String(value.sender)
  if (!records.some((record) => isAbout(record, sender))) return [...records, value]
  return records.map((record) => {
    if (!isAbout(record, sender)) return record
    const home = value.home_countries
    const isMerged = typeof home === 'object' && home !== null
    const merged = isMerged ? { ...(record.home_countries as RecordText | undefined), ...home } : home
    return { ...record, ...value, ...(home === undefined ? {} : { home_countries: merged }) }
  })
}

const isAbout = ({ sender }: RecordText, name: string): boolean =>
  String(sender).trim().toLowerCase() === name.trim().toLowerCase()

/** A body that has to be JSON; geoip-policyd says 400 to any other type. */
async function read<Schema extends z.ZodType>(schema: Schema, context: Context): Promise<z.output<Schema>> {
  return parseBody(schema, await jsonBody(context, 400))
}

function refusalOf(error: Error, context: Context, onError: (error: Error) => void): Response {
  if (error instanceof HTTPException) {
    return error.res ?? context.json({ error: error.message }, error.status)
  }
  if (error instanceof AsnzoneError) {
    return context.json({ error: error.message }, error.code === 'ASNZONE_POLICY' ? 503 : 400)
  }
  onError(error)
  return context.json({ error: 'an error in asnzone; see its log' }, 500)
}
