// Who may ask geoip-policyd's interface: who has its token or its user and password; without either, this host alone.

import type { MiddlewareHandler } from 'hono'
import { auth } from 'hono/utils/basic-auth'
import { timingSafeEqual } from 'hono/utils/buffer'
import { ownHost } from './access.ts'
import type { PolicydConduct } from './task.ts'

/** As geoip-policyd asks for it. */
const CHALLENGE = 'Basic realm="Protected area", charset="UTF-8"'

/** Refuses who may not ask. */
export function policydAccess(conduct: () => Pick<PolicydConduct, 'token' | 'login'>): MiddlewareHandler {
  return async (context, next) => {
    const { token, login } = conduct()
    if (token === null && login === null) return ownHost(context, next)
    const bearer = /^Bearer +(\S+) *$/i.exec(context.req.header('authorization') ?? '')?.[1]
    // A short form that Dovecot has for a header without a colon.
    const given = bearer ?? context.req.header('x-api-key')
    if (token !== null && given !== undefined && (await timingSafeEqual(given, token))) return next()
    const basic = auth(context.req.raw)
    if (login !== null && basic !== undefined) {
      // Both are compared, whatever the first one comes to.
      const isUser = await timingSafeEqual(basic.username, login.user)
      const isPassword = await timingSafeEqual(basic.password, login.password)
      if (isUser && isPassword) return next()
    }
    return context.json({ error: 'a token, or a user and a password, is needed' }, 401, {
      'www-authenticate': CHALLENGE,
    })
  }
}
