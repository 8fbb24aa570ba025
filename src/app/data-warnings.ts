// What settings expect of the data, and it doesn't have.

import type { Settings } from '../config/setting-values.ts'
import { originPointWarning } from '../data/compile/origin-point.ts'
import { hiddenPrefixesWarning, rpkiWarning } from '../data/compile/rpki-warning.ts'
import { clockWarning } from '../data/sources/date.ts'
import type { Table } from '../table/table.ts'

/** A line for each. */
export function dataWarnings({ here, score, sources }: Settings, table: Table): string[] {
  const isWeighed = score.enabled && Object.values(score.rpki).some((weight) => weight !== 0)
  const metadata = table.metadata()
  const warnings = [
    originPointWarning(here, table),
    rpkiWarning(metadata, isWeighed),
    hiddenPrefixesWarning(sources),
    clockWarning('the data', metadata.date),
  ]
  return warnings.filter((warning) => warning !== null)
}
