// asnzone init RESOLVER: what makes a resolver send the names of this config to asnzone.

import { isWithoutDns, listenAddresses } from '../app/listen.ts'
import { forwardedNames } from '../config/forwarded-names.ts'
import { RESOLVERS, type RecipeFile, type ResolverName } from '../config/resolver-recipes.ts'
import type { Settings } from '../config/setting-values.ts'
import { AsnzoneError } from '../errors.ts'
import { complain, print } from '../print.ts'
import { isLoopback, ownHost } from '../system/listen-address.ts'

/**
 * Prints the recipe. Of several files each has its path above it, in a comment that the resolver passes over; what is to be
 * done goes to standard error, so that one alone can be redirected into its file.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` where DNS is not answered, or a zone file is wrong.
 */
export function initResolver(resolver: ResolverName, settings: Settings): void {
  if (isWithoutDns(settings)) {
    throw new AsnzoneError('ASNZONE_CONFIG', 'listen is none: a resolver has nobody to ask')
  }
  const own = listenAddresses(settings).map(({ host, port }) => ({ host: ownHost(host), port }))
  const { host, port } = own.find(isLoopback) ?? own[0]
  const { label, files, afterwards } = RESOLVERS[resolver]
  const texts = files({ names: forwardedNames(settings), host, port })
  print(
    texts.flatMap((file, i) => [...(i === 0 ? [] : ['']), headOf(file), ...file.text.trimEnd().split('\n')]),
  )
  complain(`asnzone: for ${label}, which asks ${host} port ${port}; then: ${afterwards}`, 'information')
}

/** A comment of the language that the file is in. */
function headOf({ path, note }: RecipeFile): string {
  const mark = /\.lua$|kresd/.test(path) ? '--' : path.includes('/bind/') ? '//' : '#'
  return `${mark} ${path}${note === null ? '' : `: ${note}`}`
}
