// Exports the data in the formats of other programs: prepares it, and writes the files.

import { existsSync, lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Settings } from '../config/setting-values.ts'
import { AsnzoneError } from '../errors.ts'
import { catalogZone } from '../export/catalog-zone.ts'
import { type ExportFormat, FORMATS, type FormatName, subjectsFor } from '../export/formats.ts'
import { headOf } from '../export/head.ts'
import { type ExportRequest, type ExportSubject, SUBJECTS } from '../export/request.ts'
import { familiesFor, zonesFor } from '../export/zone-choice.ts'
import { printOctets } from '../print.ts'
import { modeOfReplaced, replaceFile, TEMPORARY, uniqueName } from '../system/atomic-file.ts'
import { fileReason } from '../system/file-reason.ts'
import { strangerAbove } from '../system/stranger-above.ts'
import { writeAll } from '../system/write-all.ts'
import type { Zone } from '../zones/zone.ts'
import type { ZoneSet } from '../zones/zone-set.ts'
import { prepare } from './prepare.ts'
import { answeringOf } from './setup.ts'

/** What an export can be of: subjects, or a zone that is not a zone of addresses. */
export const WHAT = [...SUBJECTS, 'as-names'] as const

/** Octets that are gathered before they are written. */
const PIECE = 1 << 18

/** Everybody may read what is exported, as far as the umask lets them. */
export const MODE = 0o666

/** What is asked for. */
export interface ExportOrder {
  readonly what?: readonly (typeof WHAT)[number][]
  readonly zone?: string
  readonly country?: readonly string[]
  readonly asn?: readonly number[]
  readonly family?: '4' | '6'
  /** The database type of an mmdb. */
  readonly type?: string
  /** The name of a catalog zone that is written as well. */
  readonly catalog?: string
  /** The most names of a zone file. */
  readonly maxNames: number
  /** A file, or the directory of several zones; standard output when not given. */
  readonly output?: string
}

/** What came of it. */
export interface ExportOutcome {
  /** What should be known of so large a file; null for nothing. */
  readonly advice: string | null
}

/**
 * Writes what the server of these settings would answer.
 *
 * @throws {AsnzoneError} `ASNZONE_EXPORT` for what can't be exported or written, or as `prepare` does.
 */
export async function exportData(
  settings: Settings,
  name: FormatName,
  order: ExportOrder,
): Promise<ExportOutcome> {
  const { what = [], family, country = [], asn = [], output } = order
  const subjects = subjectsFor(
    name,
    what.filter((it): it is ExportSubject => it !== 'as-names'),
  )
  const { table, zoneSet } = await prepare(answeringOf(settings))
  const request: ExportRequest = {
    table,
    what: subjects,
    families: family === undefined ? [4, 6] : [family === '4' ? 4 : 6],
    countries: country,
    asns: asn,
    head: headOf(table.metadata()),
  }
  const format: ExportFormat = FORMATS[name]
  if (format.kind === 'zone') {
    await exportZones({ name, format, request, order, zoneSet, domain: settings.domain })
    return { advice: null }
  }
  const asked = 'type' in order ? { ...request, type: order.type } : request
  const lines = await write(format.write(asked), 'utf8', output)
  const limit = format.kind === 'attributes' ? format.manyLines : undefined
  return { advice: limit !== undefined && lines > limit.above ? `${lines} lines: ${limit.advice}` : null }
}

/** What an export of zones is made of. */
interface ZonesExport {
  readonly name: FormatName
  readonly format: ExportFormat & { readonly kind: 'zone' }
  readonly request: ExportRequest
  readonly order: ExportOrder
  readonly zoneSet: ZoneSet
  readonly domain: string
}

async function exportZones({ name, format, request, order, zoneSet, domain }: ZonesExport): Promise<void> {
  const { zone: zoneName, family, catalog: catalogName, maxNames, output, what = [] } = order
  const zones = zonesFor(zoneSet.zones, domain, { ...order, isOfAsNames: what.includes('as-names') })
  // A country's own zone lists nothing else.
  const countries = zoneName === undefined ? [] : request.countries
  const chunksOf = (zone: Zone): Iterable<string | Uint8Array> =>
    format.write({
      ...request,
      countries,
      zone,
      families: familiesFor(
        name,
        format.oneFamily,
        zone,
        family === undefined ? null : family === '4' ? 4 : 6,
      ),
      maxNames,
    })
  if (zones.length === 1 && catalogName === undefined) {
    await write(chunksOf(zones[0]), 'latin1', output)
    return
  }
  if (output === undefined) {
    throw new AsnzoneError('ASNZONE_EXPORT', 'several files need a directory: --output DIR')
  }
  const catalog = catalogName === undefined ? null : catalogText(catalogName, zones, request.head)
  try {
    mkdirSync(output, { recursive: true })
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_EXPORT', `${output}: ${fileReason(cause)}`, { cause })
  }
  for (const zone of zones) await write(chunksOf(zone), 'latin1', join(output, `${zone.name}.zone`))
  if (catalog !== null) await write([catalog], 'latin1', join(output, `${catalogName}.zone`))
}

function catalogText(name: string, zones: readonly Zone[], head: string): string {
  try {
    return catalogZone(name, zones, head)
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_EXPORT', (cause as Error).message, { cause })
  }
}

/** Writes a file in place of the old one, or to standard output; returns how many pieces of text there were. */
async function write(
  chunks: Iterable<string | Uint8Array>,
  encoding: 'utf8' | 'latin1',
  output: string | undefined,
): Promise<number> {
  let count = 0
  const counted = function* () {
    for (const chunk of chunks) {
      count++
      yield chunk
    }
  }
  const pieces = piecesOf(counted(), encoding)
  if (output === undefined || output === '-') {
    await printOctets(pieces)
    return count
  }
  try {
    const file = fileAt(output)
    replaceFile(
      file,
      join(dirname(file), `${TEMPORARY}${uniqueName()}`),
      (fd) => {
        for (const piece of pieces) writeAll(fd, piece)
      },
      modeOfReplaced(file, MODE),
    )
  } catch (cause) {
    if (cause instanceof AsnzoneError) throw cause
    const reason = existsSync(dirname(output))
      ? fileReason(cause)
      : `the folder ${dirname(output)} does not exist`
    throw new AsnzoneError('ASNZONE_EXPORT', `${output}: ${reason}`, { cause })
  }
  return count
}

/** The file that a path leads to: a link stays one. A device or a FIFO would be gone once a file has its name. */
function fileAt(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false })
  refuseForeignLinks(stats === undefined ? dirname(path) : path)
  if (stats === undefined) return path
  if (stats.isDirectory()) throw new Error('it is a directory, where a file is expected')
  if (!stats.isFile()) throw new Error('it is not a file; leave --output out, and lead standard output there')
  return lstatSync(path).isSymbolicLink() ? realpathSync(path) : path
}

/** Root may write anywhere: where a link of somebody else leads to is not for that one to say. */
function refuseForeignLinks(path: string): void {
  if (process.geteuid?.() !== 0 || realpathSync(path) === resolve(path)) return
  const stranger = strangerAbove(path, 0)
  if (stranger === null) return
  throw new Error(`it is a link or leads through one, and ${stranger}; name the file itself`)
}

/** Many small texts as few large pieces. */
function* piecesOf(
  chunks: Iterable<string | Uint8Array>,
  encoding: 'utf8' | 'latin1',
): Generator<Uint8Array, void, undefined> {
  let text = ''
  for (const chunk of chunks) {
    if (typeof chunk === 'string') text += chunk
    if (text.length >= PIECE || (typeof chunk !== 'string' && text !== '')) {
      yield Buffer.from(text, encoding)
      text = ''
    }
    if (typeof chunk !== 'string') yield chunk
  }
  if (text !== '') yield Buffer.from(text, encoding)
}
