// The records of the setting `users`: a list in the config, or a file in geoip-policyd's JSON or as a YAML list.

import { AsnzoneError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import type { PolicyRecord } from '../../policy/records.ts'
import { normalSubject } from '../../policy/subject.ts'
import type { RecordText } from '../../policy-server/surface.ts'
import { readYamlFile } from '../yaml-file.ts'
import type { PolicySetting } from './policy.ts'
import { type ReadRecords, readRecords, recordKeys } from './records.ts'

/** Records, how they were written, and what is odd about them. */
export interface LoadedRecords {
  readonly records: readonly PolicyRecord[]
  readonly texts: readonly RecordText[]
  readonly warnings: readonly string[]
}

/** Whether 0 is not a limit of its own, as geoip-policyd has it, or forbids. */
export type Dialect = 'geoip-policyd' | 'asnzone'

/**
 * Reads the records.
 *
 * @param dialect of records that are given as a list; that of a file is told by its form
 * @throws {AsnzoneError} `ASNZONE_CONFIG` that names the place, the record and the field.
 */
export function loadRecords(
  { users, rules, subject }: Pick<PolicySetting, 'users' | 'rules' | 'subject'>,
  dialect: Dialect = 'asnzone',
): LoadedRecords {
  if (users === null) return { records: [], texts: [], warnings: [] }
  const source =
    typeof users === 'string' ? readUsersFile(users) : { list: users, dialect, where: () => 'policy.users' }
  const isZeroDefault = source.dialect === 'geoip-policyd'
  const read = readRecords(source.list, { defaults: rules, isZeroDefault })
  if (read.fault !== undefined) throw wrong(read.fault, source.where)
  const senders = read.records.map(({ sender }) => normalSubject(sender, subject) ?? sender)
  const warnings = senders.flatMap((sender, place) => {
    const before = senders.indexOf(sender)
    if (before === place) return []
    return [
      `${source.where([place])}: ${sender} has a record already, which counts: ${source.where([before])}`,
    ]
  })
  return { records: read.records, texts: source.list as RecordText[], warnings }
}

interface UsersSource {
  readonly list: unknown
  readonly dialect: Dialect
  readonly where: (path: readonly PropertyKey[]) => string
}

/** YAML is JSON as well: the object with `data` is geoip-policyd's. */
function readUsersFile(file: string): UsersSource {
  const { contents, where } = readYamlFile(file, 'ASNZONE_CONFIG')
  if (Array.isArray(contents)) return { list: contents, dialect: 'asnzone', where }
  const isObject = typeof contents === 'object' && contents !== null
  const [other] = isObject ? Object.keys(contents).filter((key) => key !== 'data') : []
  if (!isObject || other !== undefined || !('data' in contents)) {
    const what = 'a list of records, or {"data": [RECORD…]} as geoip-policyd has it'
    throw new AsnzoneError('ASNZONE_CONFIG', `${where([other ?? 'data'])}: ${what}`)
  }
  return { list: contents.data, dialect: 'geoip-policyd', where: (path) => where(['data', ...path]) }
}

function wrong(
  { path, message, unknownKey }: NonNullable<ReadRecords['fault']>,
  where: UsersSource['where'],
): AsnzoneError {
  const [place, ...fields] = path
  const record = place === undefined ? '' : `record ${Number(place) + 1}: `
  const field = fields.length === 0 ? '' : `${fields.join('.')}: `
  if (unknownKey === null)
    return new AsnzoneError('ASNZONE_CONFIG', `${where(path)}: ${record}${field}${message}`)
  const near = nearest(unknownKey, recordKeys)
  const hint = near === undefined ? `; known are ${recordKeys.join(', ')}` : `; did you mean '${near}'?`
  const at = where([...path, unknownKey])
  return new AsnzoneError('ASNZONE_CONFIG', `${at}: ${record}${field}no such key as '${unknownKey}'${hint}`)
}
