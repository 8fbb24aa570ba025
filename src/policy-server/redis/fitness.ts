// Whether a server can be the store: its version, its scripts, and what we may do there. Asked once, at the start.

import { AsnzoneError } from '../../errors.ts'

/** The oldest version of Redis; all versions of Valkey are newer. */
const LEAST_VERSION = 6

/** Does what the scripts do, to a key that is gone at once. */
const PROBE_SCRIPT = `
redis.call('TIME')
redis.call('HSET', KEYS[1], 'probe', '1')
redis.call('HLEN', KEYS[1])
redis.call('HGETALL', KEYS[1])
redis.call('PEXPIRE', KEYS[1], '1000')
redis.call('PERSIST', KEYS[1])
redis.call('HDEL', KEYS[1], 'none')
redis.call('EXISTS', KEYS[1])
redis.call('TYPE', KEYS[1])
return redis.call('DEL', KEYS[1])
`

/** What a server says when it doesn't know us. */
const BAD_CREDENTIALS = /^(WRONGPASS|NOAUTH|ERR AUTH|ERR Client sent AUTH|ERR invalid password)/

/** Whether an error means that the credentials are wrong. */
export const isBadCredentials = (error: Error): boolean => BAD_CREDENTIALS.test(reasonOf(error))

/** What is wrong with credentials. */
export function credentialsError(where: string, error: Error): AsnzoneError {
  return new AsnzoneError(
    'ASNZONE_STORE',
    `${where}: the server doesn't accept the user and password (${reasonOf(error)}); mend redis.username and redis.password`,
  )
}

/**
 * Looks at a server.
 *
 * @param probe a key of ours that nothing else uses
 * @throws {AsnzoneError} `ASNZONE_STORE` when it can't be the store, whatever one waits for.
 * @throws {Error} when it doesn't answer.
 */
export async function checkFitness(
  where: string,
  probe: string,
  send: (key: string | null, args: readonly string[]) => Promise<unknown>,
): Promise<void> {
  const version = await versionOf(where, send)
  if (version !== null && Number.parseInt(version, 10) < LEAST_VERSION) {
    throw unfit(`${where}: this is Redis ${version}, and asnzone needs ${LEAST_VERSION} or newer, or Valkey`)
  }
  try {
    await send(probe, ['EVAL', PROBE_SCRIPT, '1', probe])
  } catch (error) {
    const message = reasonOf(error as Error)
    if (isBadCredentials(error as Error)) throw credentialsError(where, error as Error)
    if (/READONLY/.test(message)) throw unfit(`${where}: this is a replica; name its primary, or Sentinels`)
    if (/NOPERM|can't run this command|ACL failure|No permissions/i.test(message)) {
      throw unfit(
        `${where}: the user may not do what the store needs (${message}); docs/policy-fleet.md has its ACL`,
      )
    }
    if (/unknown command/i.test(message)) throw unfit(`${where}: the server runs no scripts (${message})`)
    throw error
  }
}

/** The version that a server says it has; null when it doesn't tell us. */
async function versionOf(
  where: string,
  send: (key: null, args: readonly string[]) => Promise<unknown>,
): Promise<string | null> {
  try {
    const about = String(await send(null, ['INFO', 'server']))
    return /^redis_version:(\S+)/m.exec(about)?.[1] ?? null
  } catch (error) {
    if (isBadCredentials(error as Error)) throw credentialsError(where, error as Error)
    if (/^NOPERM/.test(reasonOf(error as Error))) return null
    throw error
  }
}

/** What the server has said, without where it stands. */
const reasonOf = ({ message, cause }: Error): string => (cause instanceof Error ? cause.message : message)

const unfit = (message: string): AsnzoneError => new AsnzoneError('ASNZONE_STORE', message)
