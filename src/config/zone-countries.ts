// The countries that zone files name: one that no address is in would leave a zone empty.

import { readCountryCode } from '../data/compile/weight-fields.ts'
import { knownCountry } from '../data/countries.ts'
import { AsnzoneError } from '../errors.ts'
import type { ZoneDefinition } from '../zones/definition.ts'

/**
 * Checks the countries of zones, each alone and in lists.
 *
 * @param where where the value at a path of keys stands
 * @throws {AsnzoneError} `ASNZONE_ZONE` that names the file, the line, the zone and the field.
 */
export function checkCountries(
  definitions: readonly ZoneDefinition[],
  where: (path: readonly PropertyKey[]) => string,
): void {
  for (const { id, country, lists } of definitions) {
    const check = (code: string, ...path: readonly PropertyKey[]): void => {
      // What the registries write for regions is no country, but is what is known of some addresses.
      if (code === '{cc}' || (/^[a-z]{2}$/i.test(code) && knownCountry(code.toUpperCase()) !== 0)) return
      const field = path.filter((key) => typeof key === 'string').join('.')
      try {
        readCountryCode(code)
      } catch (cause) {
        const place = where(['zones', id, ...path])
        const message = `${place}: zone ${id}, ${field}: ${(cause as Error).message}`
        throw new AsnzoneError('ASNZONE_ZONE', message, { cause })
      }
    }
    if (country !== undefined) check(country, 'country')
    for (const [i, code] of (lists?.country ?? []).entries()) check(code, 'lists', 'country', i)
  }
}
