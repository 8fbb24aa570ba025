// Policies for responders in this process, from settings as an administrator writes them.

import { policyOf } from '../../../src/app/treatment.ts'
import { loadSettings } from '../../../src/config/load.ts'
import type { SettingName } from '../../../src/config/settings.ts'
import type { Client } from '../../../src/dns/client.ts'
import type { Policy } from '../../../src/dns/treatment.ts'
import { addressOctets } from '../../../src/system/listen-address.ts'

/** The policy of these settings, the others having their defaults. */
export const policyWith = (settings: Partial<Record<SettingName, unknown>> = {}): Policy =>
  policyOf(loadSettings({ options: settings }))

/** Lets the next query come from an address. */
export function comesFrom(client: Client, host: string): void {
  const family = host.includes(':') ? 6 : 4
  client.set(family, addressOctets({ host, port: 0, family }), 0)
}
