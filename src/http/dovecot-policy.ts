// Dovecot's auth policy protocol, which is that of wforce: before a password is looked at, or after it, Dovecot asks
// whether the login may go on, and afterwards it tells how it ended.
//
//     POST /dovecotpolicy?command=allow    {"login":"anna","remote":"192.0.2.1",…}    {"status":0,"msg":"ok"}
//     POST /?command=report                {…,"success":true,"policy_reject":false}   {"status":"ok"}
//     POST /command/reset                  {"login":"anna"}                           {"status":"ok"}
//
// `status` is below 0 for a refusal, 0 to go on, and otherwise the seconds that Dovecot waits before it goes on. It takes
// anything but 200 for an error of ours, and lets the login pass: a request that is well-formed gets nothing else.

import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { AsnzoneError } from '../errors.ts'
import type { PolicyCommands } from '../policy-server/commands.ts'
import type { Verdict } from '../policy-server/surface.ts'
import { jsonBody, parseBody, refusal } from './json-body.ts'
import type { PolicydConduct } from './task.ts'

/** The path of geoip-policyd. */
const PATH = '/dovecotpolicy'

/** What is answered. */
interface Answer {
  readonly status: number | 'ok'
  readonly msg?: string
}

// Dovecot sends more, such as a hash of the password, which nobody looks at here.
const login = z.looseObject({
  login: z.string('the name of an account').default(''),
  remote: z.string('an IP address').default(''),
})

const outcome = login.extend({
  success: z.boolean('true or false'),
  policy_reject: z.boolean('true or false').default(false),
})

const account = z.looseObject({
  login: z.string('the name of an account').min(1, 'the name of an account'),
})

/** Carries a command out. */
type Command = (
  context: Context,
  policy: PolicyCommands,
  dovecot: PolicydConduct['dovecot'],
) => Promise<Answer>

const OK: Answer = { status: 'ok' }
const GO_ON: Answer = { status: 0, msg: 'ok' }

const COMMANDS: Readonly<Record<string, Command>> = {
  allow: async (context, policy, dovecot) => {
    const { login: user, remote: address } = await read(login, context)
    const ask = (): Promise<Verdict> => policy.allow({ user, address, isProven: dovecot.isProven })
    return whereAway(dovecot, async () => answerTo(await ask(), dovecot))
  },
  report: async (context, policy, dovecot) => {
    const { login: user, remote: address, success, policy_reject: wasRefused } = await read(outcome, context)
    const done = context.req.path === PATH ? GO_ON : OK
    // What we have refused says nothing of the password.
    if (!success && wasRefused) return done
    return whereAway(dovecot, async () => {
      const verdict = await policy.report({ user, address, isSuccess: success })
      return verdict?.unjudged === 'store' ? away(dovecot) : done
    })
  },
  reset: async (context, policy) => {
    const { login: user } = await read(account, context)
    return whereAway({ onError: 'close' }, async () => {
      await policy.unblock(user)
      return OK
    })
  },
  ping: async () => OK,
}

const NAMES = Object.keys(COMMANDS).join(', ')

/** Adds the paths. */
export function addDovecotPolicy(
  hono: Hono,
  policy: PolicyCommands,
  conduct: () => Pick<PolicydConduct, 'dovecot'>,
): void {
  const answer = async (context: Context, name: string): Promise<Response> => {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : null
    if (command === null) throw refusal(400, `the command is one of ${NAMES}`)
    if (context.req.method !== 'POST' && name !== 'ping') {
      return context.json({ error: 'POST only' }, 405, { allow: 'POST' })
    }
    return context.json(await command(context, policy, conduct().dovecot))
  }
  hono.on(['GET', 'POST'], PATH, (context) => answer(context, context.req.query('command') ?? ''))
  hono.on(['GET', 'POST'], '/', async (context, next) => {
    const name = context.req.query('command')
    return name === undefined ? next() : answer(context, name)
  })
  hono.on(['GET', 'POST'], '/command/:name', (context) => answer(context, context.req.param('name') ?? ''))
  for (const path of [PATH, '/command/:name']) {
    hono.all(path, (context) => context.json({ error: 'POST only' }, 405, { allow: 'POST' }))
  }
}

/** Answers by `on-error` while the service can't be asked. */
async function whereAway(
  dovecot: Pick<PolicydConduct['dovecot'], 'onError'>,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AsnzoneError && error.code === 'ASNZONE_POLICY') return away(dovecot)
    throw error
  }
}

const away = ({ onError }: Pick<PolicydConduct['dovecot'], 'onError'>): Answer =>
  onError === 'dunno'
    ? { status: 0, msg: 'the store of the policy service is not available' }
    : { status: -1 }

function answerTo(verdict: Verdict, dovecot: PolicydConduct['dovecot']): Answer {
  if (verdict.unjudged === 'store') return away(dovecot)
  // What Postfix is told begins with a word for Postfix.
  const msg = (verdict.answer ?? '').replace(/^\S+\s*/, '')
  if (verdict.action === 'reject') return { status: -1, msg }
  return verdict.action === 'defer' ? { status: dovecot.tarpit, msg } : GO_ON
}

async function read<Schema extends z.ZodType>(schema: Schema, context: Context): Promise<z.output<Schema>> {
  return parseBody(schema, await jsonBody(context, 400))
}
