// The settings `policy.http` and those that begin with `http-` or `tls-`: the REST interface of geoip-policyd.

import { z } from 'zod'
import { isLoopback, type ListenAddress, parseListenAddress } from '../../system/listen-address.ts'
import { maybeEmpty, onOff, text } from './leaves.ts'

/** The port of geoip-policyd. */
const STANDARD_PORT = 8080

/** Where geoip-policyd's REST interface listens. */
const httpAddress = text.transform((value, context): ListenAddress => {
  try {
    return parseListenAddress(value, 'http', STANDARD_PORT)
  } catch (cause) {
    context.addIssue({ code: 'custom', message: (cause as Error).message.replace(/^http: /, '') })
    return z.NEVER
  }
})

/** The leaves, which are among those of `policy` itself. */
export const restShape = {
  http: httpAddress.optional(),
  'http-user': maybeEmpty.default(''),
  'http-password': maybeEmpty.default(''),
  'http-token': maybeEmpty.default(''),
  'http-plain': onOff.default(false),
  'http-get-reload': onOff.default(true),
  'tls-cert': maybeEmpty.default(''),
  'tls-key': maybeEmpty.default(''),
}

type Rest = z.output<z.ZodObject<typeof restShape>>

/** Who may ask the REST interface of geoip-policyd, and how. */
export interface RestSetting {
  /** Null where none is asked for. */
  readonly login: { readonly user: string; readonly password: string } | null
  readonly token: string | null
  /** Whether GET /reload reloads, as geoip-policyd has it. */
  readonly getReload: boolean
  /** Files in PEM; null for plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null
}

/** What is wrong with them together: the leaf, and why. */
export function restFaults(of: Rest): readonly (readonly [keyof Rest, string])[] {
  const faults: (readonly [keyof Rest, string])[] = []
  const wrong = (key: keyof Rest, message: string): void => void faults.push([key, message])
  const { 'http-user': user, 'http-password': password, 'http-token': token } = of
  if ((user === '') !== (password === '')) {
    wrong(user === '' ? 'http-user' : 'http-password', 'a user needs a password, and a password a user')
  }
  if ((of['tls-cert'] === '') !== (of['tls-key'] === '')) {
    wrong(
      of['tls-cert'] === '' ? 'tls-cert' : 'tls-key',
      'a certificate needs its key, and a key its certificate',
    )
  }
  if (of.http === undefined || isLoopback(of.http)) return faults
  if (token === '' && user === '') {
    wrong(
      'http',
      'others can reach it: set http-token, or http-user and http-password, or listen on 127.0.0.1',
    )
  } else if (of['tls-cert'] === '' && !of['http-plain']) {
    wrong(
      'http',
      'others can read along: set tls-cert and tls-key, or http-plain where the network is trusted',
    )
  }
  return faults
}

/** The setting. */
export function restSetting(of: Rest): RestSetting {
  const { 'http-user': user, 'http-password': password, 'http-token': token } = of
  const { 'tls-cert': cert, 'tls-key': key } = of
  return {
    login: user === '' ? null : { user, password },
    token: token === '' ? null : token,
    getReload: of['http-get-reload'],
    tls: cert === '' ? null : { cert, key },
  }
}
