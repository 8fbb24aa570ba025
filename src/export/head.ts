// The one line that tells, in every export that can have comments, what it is and whose data it is.

import type { TableMetadata } from '../table/metadata.ts'
import { VERSION } from '../version.ts'

/** Version, date of the data, and for each data set its licence and whom it asks to be named. */
export function headOf({ sources, date }: TableMetadata): string {
  // What an administrator knows better is nobody else's to be credited for.
  const credits = sources
    .filter(({ what }) => what !== 'override')
    .map(({ what, attribution, licence }) => `${what}: ${attribution}, ${licence}`)
  return [`asnzone ${VERSION}, data of ${date.slice(0, 16)}Z`, ...new Set(credits)].join('; ')
}
