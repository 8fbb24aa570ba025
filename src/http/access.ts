// Who may ask: with a token everybody who has it, without one this host alone.

import { isIP } from 'node:net'
import type { MiddlewareHandler } from 'hono'
import { basicAuth } from 'hono/basic-auth'
import { bearerAuth } from 'hono/bearer-auth'
import { except, some } from 'hono/combine'
import { timingSafeEqual } from 'hono/utils/buffer'

/** What orchestrators and load balancers ask, which have no token. */
const OPEN = ['/healthz', '/readyz']

/** The realm that a browser names when it asks for the token. */
const REALM = 'asnzone: any user name, and the token as password'

/** @param token null on loopback, where none is needed */
export function access(token: string | null): MiddlewareHandler {
  if (token === null) return except(OPEN, ownHost)
  return except(
    OPEN,
    some(
      bearerAuth({ token }),
      // The way in which a browser can send a token that its user types.
      basicAuth({ verifyUser: (_user, password) => timingSafeEqual(password, token), realm: REALM }),
    ),
  )
}

/**
 * A page of another site may let its own name lead to 127.0.0.1 and read what a server there tells (DNS
 * rebinding). Its requests carry that name.
 */
const ownHost: MiddlewareHandler = async (context, next) => {
  const name = hostOf(context.req.header('host') ?? '')
  if (name !== 'localhost' && isIP(name) === 0) {
    const error = `requests for '${name}' are answered with an http-token only; ask for 127.0.0.1 or localhost`
    return context.json({ error }, 403)
  }
  return next()
}

/** The host of a Host header, without its port and brackets. */
function hostOf(header: string): string {
  return header
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
}
