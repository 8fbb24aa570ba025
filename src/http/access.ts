// Who may ask: with a token everybody who has it, without one this host alone; and who is in a network that needs
// no token.

import { isIP } from 'node:net'
import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import { basicAuth } from 'hono/basic-auth'
import { bearerAuth } from 'hono/bearer-auth'
import { except, some } from 'hono/combine'
import { timingSafeEqual } from 'hono/utils/buffer'
import { AccessList, type Networks } from '../dns/access-list.ts'
import { Client } from '../dns/client.ts'
import { setClient } from '../server/client-address.ts'
import { LEARN_PATHS } from './learn-api.ts'
import type { AccessRule } from './task.ts'

/** What orchestrators and load balancers ask, which have no token, and what has tokens of its own. */
const OPEN = ['/healthz', '/readyz', ...LEARN_PATHS]

/** The realm that a browser names when it asks for the token. */
const REALM = 'asnzone: any user name, and the token as password'

/** What a request comes with besides itself. */
export interface HttpEnvironment {
  readonly Bindings: HttpBindings
}

/** Refuses who may not ask by the rule of now. */
export function access(rule: () => AccessRule): MiddlewareHandler {
  let known: { readonly rule: AccessRule; readonly handler: MiddlewareHandler } | null = null
  const ofNow: MiddlewareHandler = (context, next) => {
    const now = rule()
    if (known?.rule !== now) known = { rule: now, handler: someOf(now.token, now.networks) }
    return known.handler(context, next)
  }
  return except(OPEN, ofNow)
}

function someOf(token: string | null, networks: Networks | null): MiddlewareHandler {
  const others = token !== null ? withToken(token) : networks === null ? ownHost : nobody
  return networks === null ? others : exceptFrom(networks, others)
}

function withToken(token: string): MiddlewareHandler {
  return some(
    bearerAuth({ token }),
    // The way in which a browser can send a token that its user types.
    basicAuth({ verifyUser: (_user, password) => timingSafeEqual(password, token), realm: REALM }),
  )
}

/**
 * A page of another site may let its own name lead to 127.0.0.1 and read what a server there tells (DNS
 * rebinding). Its requests carry that name.
 */
export const ownHost: MiddlewareHandler = async (context, next) => {
  const name = hostOf(context.req.header('host') ?? '')
  if (name !== 'localhost' && isIP(name) === 0) {
    const error = `requests for '${name}' are answered with an http-token only; ask for 127.0.0.1 or localhost`
    return context.json({ error }, 403)
  }
  return next()
}

const nobody: MiddlewareHandler = async (context) =>
  context.json({ error: 'your address is in no network that may read' }, 403)

/** Lets clients of these networks through, and leaves the others to another rule. */
function exceptFrom(networks: Networks, others: MiddlewareHandler): MiddlewareHandler {
  const list = new AccessList(networks)
  const client = new Client()
  return async (context, next) => {
    const address = peerOf(context)
    if (address === undefined) return nobody(context, next)
    setClient(client, address)
    return list.holds(client) ? next() : others(context, next)
  }
}

/** The address that a request came from; nothing when its connection is closed already. */
function peerOf(context: Context<HttpEnvironment>): string | undefined {
  // A socket for both families tells IPv4 addresses as mapped ones.
  return context.env.incoming.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, '')
}

/** The host of a Host header, without its port and brackets. */
function hostOf(header: string): string {
  return header
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
}
