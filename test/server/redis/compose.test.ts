// The Valkey of docker/compose.valkey.yaml, as far as it can be tried without Docker: its options are known to a real
// server, and asnzone gets along with that server by the variables of the file.

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { storePlace } from '../../../src/app/policy.ts'
import { loadSettings } from '../../../src/config/load.ts'
import { openStore } from '../../../src/policy-server/open-store.ts'
import { clientIn, NOON } from '../../policy/account.ts'
import { rulesWith } from '../../policy/rules-with.ts'
import { isRedisMissing, type RedisServer, startRedis } from '../../support/redis-servers.ts'

const PASSWORD = 'a password of the host'

interface Compose {
  readonly services: {
    readonly asnzone: { readonly environment: Readonly<Record<string, string>> }
    readonly valkey: { readonly command: readonly string[] }
  }
}

/** The file as Compose reads it when POLICY_PASSWORD is set. */
const text = readFileSync(new URL('../../../docker/compose.valkey.yaml', import.meta.url), 'utf8')
const { services } = parse(text.replace(/\$\{POLICY_PASSWORD:\?[^}]*\}/g, PASSWORD)) as Compose

describe.skipIf(isRedisMissing)('the Valkey of the compose file', () => {
  let server: RedisServer

  beforeAll(async () => {
    server = await startRedis(services.valkey.command.slice(1))
  })
  afterAll(() => server?.stop())

  /** A store by the variables of the file, and others. */
  const open = (more: Readonly<Record<string, string>>) => {
    const environment = {
      ...services.asnzone.environment,
      ASNZONE_POLICY_STORE: `redis://127.0.0.1:${server.port}`,
      ...more,
    }
    return openStore(storePlace(loadSettings({ environment })), { onWarning: () => {}, ownClock: false })
  }

  test('keeps accounts for who has the password', async () => {
    const store = await open({})
    const request = { user: 'anna', client: clientIn('DE', '192.0.2.1'), rules: rulesWith(), now: NOON }
    expect((await store.decide({ ...request, source: 'test' })).action).toBe('none')
    expect((await store.report('anna'))?.requests).toBe(1)
    await store.close()
  })

  test('refuses whoever has another one', async () => {
    await expect(open({ ASNZONE_POLICY_REDIS_PASSWORD: 'guessed' })).rejects.toThrow(/redis\.password/)
  })
})
