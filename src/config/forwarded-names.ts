// The names that a resolver has to send to asnzone.

import { readZoneDefinitions } from './zone-files.ts'

/**
 * The names that cover every zone of the settings, none of them below another one.
 *
 * @throws {AsnzoneError} when a zone file is wrong.
 */
export function forwardedNames(settings: {
  readonly zones: string | undefined
  readonly disable: readonly string[]
  readonly domain: string
}): string[] {
  const { zones, disable, domain } = settings
  const apexes = readZoneDefinitions(zones, disable).flatMap(({ apex }) =>
    // The zones of single countries are below their own name.
    apex.map((pattern) => pattern.replace('{domain}', domain).replace('{cc}.', '').toLowerCase()),
  )
  return [...new Set(apexes)].filter((apex) => !apexes.some((other) => apex.endsWith(`.${other}`)))
}
