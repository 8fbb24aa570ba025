// What the log says of the age of the data: at the start, and once a day while it is too old.

import type { Logger } from 'pino'
import { readDuration } from '../config/duration.ts'
import type { Settings } from '../config/setting-values.ts'
import { counted } from '../counted.ts'
import { ageInDays, ageWarning, dateOfData, staleSources } from '../data/sources/age.ts'
import type { Table } from '../table/table.ts'

/**
 * Tells how old the data is.
 *
 * @param command what fetches new data
 * @param isStart whether it is told of data that is young enough, too
 */
export function tellAge(
  log: Logger,
  settings: Pick<Settings, 'maxAge'>,
  table: Table,
  { command, isStart = false }: { readonly command: string; readonly isStart?: boolean },
): void {
  const [maxAge, now, metadata] = [readDuration(settings.maxAge), Date.now(), table.metadata()]
  const date = dateOfData(metadata.sources)
  const days = ageInDays({ date }, now)
  const warning = ageWarning(metadata, maxAge, now, command)
  if (warning !== null) {
    const stale = staleSources(metadata, maxAge.milliseconds, now)
    log.warn({ data: date, days, sources: stale.map((it) => `${it.name} of ${it.date}`) }, warning)
  } else if (isStart) {
    const when = date === null ? 'an unknown date' : date.slice(0, 10)
    const age = days === null ? '' : `, ${counted(days, 'day')} old`
    log.info({ data: date, days }, `data of ${when}${age}`)
  }
}
