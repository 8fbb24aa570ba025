// The addresses that the settings open over HTTP, and who may ask there.

import { type Settings, settingValue } from '../config/setting-values.ts'
import { HTTP_PORT } from '../config/settings/http.ts'
import { AsnzoneError } from '../errors.ts'
import type { Door } from '../http/task.ts'
import { isLoopback, parseListenAddress } from '../system/listen-address.ts'
import { refuseUnlistenable } from '../system/unlistenable.ts'
import { networksOf } from './treatment.ts'

/**
 * The addresses to serve on, the published files first.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when others could reach one who have neither a token nor permission.
 */
export function doorsOf(settings: Settings): Door[] {
  const token = settings.http.token ?? null
  const allowed = settings.publish.allow
  const networks = allowed.length === 0 ? null : networksOf('publish-allow', allowed)
  const doorOf = (setting: 'http' | 'publish-csv', rule: Door['rule'], remedy: string): Door[] => {
    const text = settingValue(settings, setting)
    if (text === undefined) return []
    const address = parseListenAddress(text, setting, HTTP_PORT)
    refuseUnlistenable(setting, text, address)
    const { host, port } = address
    if (rule.token === null && rule.networks === null && !isLoopback({ host })) {
      throw new AsnzoneError(
        'ASNZONE_CONFIG',
        `${setting}: ${text} can be reached by others; set ${remedy}, or listen on 127.0.0.1`,
      )
    }
    return [{ setting, host, port, rule }]
  }
  const { snapshots, address } = settings.publish
  if (snapshots !== undefined && address === undefined && settings.http.address === undefined) {
    throw new AsnzoneError(
      'ASNZONE_CONFIG',
      `publish-snapshots: ${snapshots} is published where publish-csv or http listens; set one of them`,
    )
  }
  return [
    ...doorOf('publish-csv', { token, networks }, 'publish-allow or http-token'),
    ...doorOf('http', { token, networks: null }, 'http-token'),
    ...policydDoor(settings),
  ]
}

/** That of geoip-policyd's REST interface, whose settings were judged when they were read. */
function policydDoor({ policy: { restAddress, rest } }: Settings): Door[] {
  if (restAddress === null) return []
  const { host, port } = restAddress
  return [{ setting: 'policy.http', host, port, rule: { token: rest.token, networks: null } }]
}
