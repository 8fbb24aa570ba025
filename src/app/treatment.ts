// How clients are treated, from the settings.

import { randomBytes } from 'node:crypto'
import type { Settings } from '../config/setting-values.ts'
import type { Networks } from '../dns/access-list.ts'
import { rateLimitMemory } from '../dns/rate-limit.ts'
import type { Policy, RateLimit } from '../dns/treatment.ts'
import { AsnzoneError } from '../errors.ts'
import { flatten } from '../table/build/flatten.ts'
import { RangesBuilder } from '../table/build/ranges.ts'
import { parseCidr } from '../table/cidr-text.ts'

/** Who is exempt from rate limiting where nobody is named: this host itself. */
const OWN_HOST = ['127.0.0.0/8', '::1']

/** Says that nothing is to be told. */
const NONE = 'none'

/** Settings and the policy that they have led to. */
interface Treated {
  readonly settings: Settings
  readonly treatment: Policy
}

/**
 * The policy that the settings describe.
 *
 * @param before what a running server has: secrets that nobody has set and counts by the same limits go on
 * @throws {AsnzoneError} `ASNZONE_CONFIG` for a network that is none, or a secret of another length.
 */
export function policyOf(settings: Settings, before: Treated | null = null): Policy {
  const identity = orNull(settings.identity.id)
  return {
    allow: networksOf('allow', settings.allow),
    deny: settings.deny,
    identity: { version: orNull(settings.identity.version), id: identity, nsid: identity },
    cookieSecrets: cookieSecrets(settings.cookieSecret, before),
    rateLimit: rateLimitOf(settings.rateLimit, before?.treatment.rateLimit ?? null),
    tcpKeepalive: Math.round(settings.tcp.idle * 10),
  }
}

/**
 * Networks as interval maps.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` for a text that is not a network.
 */
export function networksOf(setting: string, texts: readonly string[]): Networks {
  const cidrs = texts.map((text) => {
    try {
      return parseCidr(text)
    } catch (cause) {
      throw new AsnzoneError('ASNZONE_CONFIG', `${setting}: ${(cause as Error).message}`, { cause })
    }
  })
  const stepsOf = (family: 4 | 6) => {
    const ranges = new RangesBuilder(family, 16)
    for (const cidr of cidrs) if (cidr.family === family) ranges.add(cidr.start, cidr.end, 1)
    return flatten(ranges.finish()).intervals
  }
  return { v4: stepsOf(4), v6: stepsOf(6) }
}

/** Who has to tell for whom it asks; null for nobody. */
export function proxiesOf({ proxyProtocol }: Settings): Networks | null {
  return proxyProtocol.length === 0 ? null : networksOf('proxy-protocol', proxyProtocol)
}

function rateLimitOf(settings: Settings['rateLimit'], before: RateLimit | null): RateLimit | null {
  const { perSecond, all = 2 * perSecond, slip, window, exempt } = settings
  if (perSecond === 0 && all === 0) return null
  // Counts are relative to the limits, and mean nothing by others.
  const isSame = before?.perSecond === perSecond && before.all === all && before.window === window
  return {
    perSecond,
    all,
    slip,
    window,
    exempt: networksOf('rate-limit-exempt', exempt ?? OWN_HOST),
    exemptsProxied: exempt !== undefined,
    memory: isSame ? before.memory : rateLimitMemory(),
  }
}

function cookieSecrets(texts: readonly string[] | undefined, before: Treated | null): readonly Uint8Array[] {
  if (texts === undefined) {
    const isSame = before !== null && before.settings.cookieSecret === undefined
    return isSame ? before.treatment.cookieSecrets : [randomBytes(16)]
  }
  if (texts.length === 1 && texts[0] === NONE) return []
  return texts.map((text) => {
    if (!/^[\da-f]{32}$/i.test(text)) {
      throw new AsnzoneError('ASNZONE_CONFIG', 'cookie-secret: a secret has 32 hexadecimal digits')
    }
    return Buffer.from(text, 'hex')
  })
}

function orNull(text: string): string | null {
  return text === NONE ? null : text
}
