// Where data comes from: one source a file, found among the installed packages, the fetched files and on disk.

import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { AsnzoneError } from '../../errors.ts'
import { fileReason } from '../../system/file-reason.ts'
import type { FormatName } from '../formats/formats.ts'
import type { Dataset } from './dataset.ts'
import { canBeRight, clockWarning, credibleDate, doubtOf } from './date.ts'
import type { Terms } from './licences.ts'
import { type DataPlan, isUrl, type PlannedSource } from './plan.ts'
import { keyOfUrl, nameOfUrl } from './source-url.ts'
import type { FetchedFile, Manifest } from './store.ts'

const require = createRequire(import.meta.url)

/** asnzone's own directory. */
const HOME = fileURLToPath(new URL('../../..', import.meta.url))

/** How a file of an installed package is named in the config: its name is none of a directory above. */
const PACKAGE =
  /^npm:((?:@[a-z\d~-][\w.~-]*\/)?[a-z\d~-][\w.~-]*)\/((?:(?!\.\.?\/)[^/]+\/)*(?!\.\.?$)[^/]+)$/i

/** Whether something that begins as a file of a package names one. */
export function isPackageFile(from: string): boolean {
  return PACKAGE.test(from)
}

/** One data file. */
export interface Source {
  readonly dataset: Dataset
  readonly format: FormatName
  /** The file's name for people. */
  readonly name: string
  readonly path: string
  /** The time of the data in ISO 8601, UTC; null where the source doesn't tell. */
  readonly date: string | null
  readonly licence: string
  /** Whom to credit; see NOTICE. */
  readonly attribution: string
}

interface DataPackage extends Terms {
  readonly package: string
  readonly dataset: Dataset
  readonly files: readonly string[]
}

const EMBEDDED: readonly DataPackage[] = [
  {
    package: '@ip-location-db/asn',
    dataset: 'asn',
    files: ['asn-ipv4.csv', 'asn-ipv6.csv'],
    licence: 'CC BY 4.0',
    attribution: 'RouteViews, DB-IP.com, NRO',
  },
  {
    package: '@ip-location-db/asn-country',
    dataset: 'country',
    files: ['asn-country-ipv4.csv', 'asn-country-ipv6.csv'],
    licence: 'CC0-1.0',
    attribution: 'NRO',
  },
]

/**
 * The sources that are installed with asnzone.
 *
 * @param doubts gets a line where this host's clock has not reached their time
 * @throws {AsnzoneError} `ASNZONE_DATA` when a package is missing.
 */
export function embeddedSources(doubts: string[] = []): Source[] {
  return EMBEDDED.flatMap(({ package: name, dataset, files, licence, attribution }) =>
    files.map((file) => ({
      dataset,
      format: 'ip-location-db' as const,
      ...packageFile(name, file, doubts),
      licence,
      attribution,
    })),
  )
}

/** The files of a plan. */
export interface ResolvedSources {
  readonly sources: readonly Source[]
  /** URLs of the config that were never fetched, and so are left out. */
  readonly absent: readonly string[]
  /** Whether the embedded data is used. */
  readonly embedded: boolean
  /** Dates that can't be right, a line each. */
  readonly doubts: readonly string[]
}

/**
 * Finds the files of a plan.
 *
 * @param pathOf where a fetched file lies
 * @throws {AsnzoneError} `ASNZONE_DATA` when a file or package is missing.
 */
export function resolveSources(
  plan: DataPlan,
  manifest: Manifest,
  pathOf: (file: FetchedFile) => string,
): ResolvedSources {
  const absent: string[] = []
  const doubts: string[] = []
  const checked = (name: string, date: string | null, instead: string): string | null => {
    const doubt = doubtOf(name, date, instead)
    if (doubt !== null) doubts.push(doubt)
    return credibleDate(date)
  }
  const filesOf = (planned: PlannedSource): Source[] =>
    planned.from.flatMap((from): Source[] => {
      const { dataset, format, licence, attribution } = planned
      const of = { dataset, format, licence, attribution }
      const found = PACKAGE.exec(from)
      if (found !== null) return [{ ...of, ...packageFile(found[1], found[2], doubts) }]
      if (!isUrl(from)) {
        const date = checked(from, fileDate(from), 'its date is unknown')
        return [{ ...of, name: from, path: from, date }]
      }
      const name = nameOfUrl(from)
      const fetched = manifest.get(keyOfUrl(from))
      if (fetched !== undefined) {
        const date =
          checked(name, fetched.date, 'the time of fetching counts') ?? credibleDate(fetched.checked)
        return [{ ...of, name, path: pathOf(fetched), date }]
      }
      absent.push(from)
      return []
    })
  const sources = plan.sources.flatMap(filesOf)
  const isFed =
    plan.feed.length > 0 && plan.feed.every(({ from }) => from.every((url) => manifest.has(keyOfUrl(url))))
  if (isFed) sources.push(...plan.feed.flatMap(filesOf))
  else if (plan.embedded) sources.push(...embeddedSources(doubts))
  return { sources: toldApart(sources), absent, embedded: !isFed && plan.embedded, doubts }
}

/** URLs that differ only in what is in no name have one name: the second is told from the first by a number. */
function toldApart(sources: readonly Source[]): Source[] {
  const paths = new Map<string, string[]>()
  return sources.map((source) => {
    const known = paths.get(source.name) ?? []
    if (!known.includes(source.path)) known.push(source.path)
    paths.set(source.name, known)
    const number = known.indexOf(source.path) + 1
    return number === 1 ? source : { ...source, name: `${source.name} (${number})` }
  })
}

/**
 * The time that an ip-location-db version tells, in ISO 8601, UTC: 2.3.2026061719 is the hour 19 of
 * 2026-06-17, 3.0.202609122243 the minute 22:43. Null for a version of another form.
 */
export function dateOfVersion(version: string): string | null {
  const found = /^\d+\.\d+\.(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?$/.exec(version)
  if (found === null) return null
  const [, year, month, day, hour, minute = '00'] = found
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:00Z`)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

/** @param doubts gets a line where this host's clock can be right and has not reached the time of the package */
function packageFile(name: string, file: string, doubts: string[]): Pick<Source, 'name' | 'path' | 'date'> {
  // Beside asnzone, or in the directory that it was started in.
  const find = (path: string): string => require.resolve(`${name}/${path}`, { paths: [HOME, process.cwd()] })
  let manifest: string
  try {
    manifest = readFileSync(find('package.json'), 'utf8')
  } catch (cause) {
    const mend = `run npm install --no-save ${name} in ${HOME}`
    throw new AsnzoneError('ASNZONE_DATA', `the data package ${name} is not installed; ${mend}`, { cause })
  }
  const { version } = JSON.parse(manifest) as { version: string }
  try {
    const path = find(file)
    const told = dateOfVersion(version)
    // Of a clock that was never set one hears when the data is there.
    const isJudge = canBeRight(Date.now())
    const doubt = told === null || !isJudge ? null : clockWarning(`the package ${name}`, told)
    if (doubt !== null && !doubts.includes(doubt)) doubts.push(doubt)
    const date = (isJudge ? credibleDate(told) : told) ?? credibleDate(fileDate(path))
    return { name: `${name}/${file}`, path, date }
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_DATA', `the package ${name} has no file ${file}`, { cause })
  }
}

/** A local file tells its time by when it was last written. */
function fileDate(path: string): string {
  try {
    return statSync(path).mtime.toISOString()
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_DATA', `${path}: ${fileReason(cause)}`, { cause })
  }
}
