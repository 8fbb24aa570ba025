// asnzone export: the data in the formats of other programs.

import { mkdirSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Argument, type Command, Option } from 'commander'
import { prepare } from '../app/prepare.ts'
import { answeringOf } from '../app/setup.ts'
import { knownCountry } from '../data/countries.ts'
import { AsnzoneError } from '../errors.ts'
import { catalogZone } from '../export/catalog-zone.ts'
import { type ExportFormat, FORMATS, type FormatName, subjectsFor } from '../export/formats.ts'
import { headOf } from '../export/head.ts'
import { type ExportRequest, type ExportSubject, SUBJECTS } from '../export/request.ts'
import { familiesOf } from '../export/zone-entries.ts'
import { complain, isTerminal, printOctets } from '../print.ts'
import { replaceFile, TEMPORARY, uniqueName } from '../system/atomic-file.ts'
import type { Zone } from '../zones/zone.ts'
import { addSettingOptions, settingsOf } from './options.ts'

/** What --what may be: subjects, or a zone that is not a zone of addresses. */
const WHAT = [...SUBJECTS, 'as-names'] as const

/** Octets that are gathered before they are written. */
const PIECE = 1 << 18

/** The most names of a zone file, unless told otherwise. */
const MOST_NAMES = 1_000_000

/** Everybody may read what is exported, as far as the umask lets them. */
const MODE = 0o666

/** What the command is given. */
interface ExportOptions {
  readonly what?: readonly (typeof WHAT)[number][]
  readonly zone?: string
  readonly country?: readonly string[]
  readonly asn?: readonly number[]
  readonly family?: '4' | '6'
  readonly type?: string
  readonly catalog?: string
  readonly maxNames: number
  readonly output?: string
}

/** Adds the command. */
export function addExport(program: Command): void {
  const command = program
    .command('export')
    .summary('write the data in the formats of other programs')
    .description(
      'Writes what the server would answer, overrides included, as a file for other programs. The file is written under another name and renamed, so that readers see either the old or the new one.',
    )
    .addArgument(new Argument('<FORMAT>', 'the format').choices(Object.keys(FORMATS)))
    .addOption(
      new Option('--what <WHAT,...>', `what the file has: ${WHAT.join(', ')}`).argParser(listOf(readWhat)),
    )
    .option('--zone <NAME>', 'the zone, for rbldnsd and zone, by its name or its id')
    .addOption(
      new Option('--country <CC,...>', 'only addresses of these countries, by two letters').argParser(
        listOf(readCountry),
      ),
    )
    .addOption(new Option('--asn <N,...>', 'only what these ASes announce').argParser(listOf(readAsn)))
    .addOption(new Option('--family <4|6>', 'IPv4 or IPv6 alone').choices(['4', '6']))
    .option(
      '--type <NAME>',
      'mmdb: the database type, such as GeoLite2-ASN, for readers that accept no other',
    )
    .option('--catalog <NAME>', 'zone: write a catalog zone of this name as well')
    .addOption(new Option('--max-names <N>', 'zone: the most names').argParser(readCount).default(MOST_NAMES))
    .option(
      '-o, --output <FILE>',
      'the output file (default: standard output), or a directory for several zones',
    )
    .addHelpText('after', afterHelp())
  addSettingOptions(command, [
    'data-dir',
    'domain',
    'zones',
    'disable',
    'here',
    'nameservers',
    'contact',
  ]).action(async (name: FormatName, options: ExportOptions & Record<string, unknown>) => {
    const settings = settingsOf(options)
    const format: ExportFormat = FORMATS[name]
    checkOptions(name, format, options)
    if (name === 'mmdb' && options.output === undefined && isTerminal()) {
      throw wrong('mmdb is nothing to be read on a terminal: --output FILE')
    }
    const asNames = options.what?.includes('as-names') === true
    const what = subjectsFor(
      name,
      (options.what ?? []).filter((it): it is ExportSubject => it !== 'as-names'),
    )
    const { table, zoneSet } = await prepare(answeringOf(settings))
    const request: ExportRequest = {
      table,
      what,
      families: options.family === undefined ? [4, 6] : [options.family === '4' ? 4 : 6],
      countries: options.country ?? [],
      asns: options.asn ?? [],
      head: headOf(table.metadata()),
    }
    if (format.kind !== 'zone') {
      const asked = 'type' in options ? { ...request, type: options.type } : request
      const lines = await write(format.write(asked), 'utf8', options.output)
      if (format.kind === 'attributes' && format.manyLines !== undefined && lines > format.manyLines.above) {
        complain(`asnzone: ${lines} lines: ${format.manyLines.advice}`)
      }
      return
    }
    const zones = zonesFor(zoneSet.zones, settings.domain, options, asNames)
    // A country's own zone lists nothing else.
    const countries = options.zone === undefined ? [] : request.countries
    const chunksOf = (zone: Zone) =>
      format.write({
        ...request,
        countries,
        zone,
        families: familiesFor(name, format.oneFamily, zone, request.families, options.family),
        maxNames: options.maxNames,
      })
    if (zones.length === 1 && options.catalog === undefined) {
      await write(chunksOf(zones[0]), 'latin1', options.output)
      return
    }
    const { output } = options
    if (output === undefined) throw wrong('several files need a folder: --output DIR')
    const catalog = options.catalog === undefined ? null : catalogText(options.catalog, zones, request.head)
    mkdirSync(output, { recursive: true })
    for (const zone of zones) await write(chunksOf(zone), 'latin1', join(output, `${zone.name}.zone`))
    if (catalog !== null) await write([catalog], 'latin1', join(output, `${options.catalog}.zone`))
  })
}

function afterHelp(): string {
  const width = Math.max(...Object.keys(FORMATS).map((name) => name.length))
  const formats = Object.entries(FORMATS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return `
Formats:
${formats.join('\n')}

Examples:
  asnzone export mmdb --what asn --type GeoLite2-ASN --output /usr/share/GeoIP/GeoLite2-ASN.mmdb
  asnzone export nft --country CN,RU | nft -f -
  asnzone export rbldnsd --zone asn.rspamd.com --output asn.rspamd.com.ip4trie
  asnzone export zone --country DE,AT --catalog catalog.asnzone.internal --output /var/lib/knot/asnzone`
}

/** @throws {AsnzoneError} for what doesn't go together. */
function checkOptions(name: FormatName, format: ExportFormat, options: ExportOptions): void {
  const { kind } = format
  const has = (option: keyof ExportOptions): boolean => options[option] !== undefined
  if (has('country') && has('asn')) throw wrong('--country or --asn, not both')
  if (kind === 'sets' && !has('country') && !has('asn')) {
    throw wrong(`${name} has a set for each country or AS: say which with --country or --asn`)
  }
  if (kind !== 'zone') {
    for (const option of ['zone', 'catalog'] as const)
      if (has(option)) throw wrong(`${name} has no --${option}`)
    if (options.what?.includes('as-names')) throw wrong(`${name} can't tell as-names; rbldnsd and zone can`)
  }
  if (has('type') && name !== 'mmdb') throw wrong(`${name} has no --type`)
  if (has('catalog') && name !== 'zone') throw wrong(`${name} has no --catalog`)
}

/** The zones that are asked for. */
function zonesFor(
  zones: readonly Zone[],
  domain: string,
  { zone, country }: ExportOptions,
  asNames: boolean,
): readonly Zone[] {
  const named = (name: string): Zone => {
    const plain = name.toLowerCase().replace(/\.$/, '')
    const found = zones.find((it) => it.name === plain)
    const ofId = zones.filter(({ body }) => body.id === plain)
    if (found !== undefined) return found
    if (ofId.length === 1) return ofId[0]
    throw wrong(`there is no zone ${name}; asnzone zones lists them`)
  }
  if (zone !== undefined && asNames) throw wrong('--zone or --what as-names, not both')
  if (zone !== undefined) return [named(zone)]
  if (asNames) return [named(`as.${domain}`)]
  if (country !== undefined) return country.map((code) => named(`${code.toLowerCase()}.country.${domain}`))
  throw wrong('say which zone: --zone NAME, --country CC or --what as-names')
}

/** The families that a file is of. */
function familiesFor(
  name: string,
  oneFamily: boolean,
  zone: Zone,
  asked: readonly (4 | 6)[],
  family: string | undefined,
): readonly (4 | 6)[] {
  if (zone.body.owner === null) throw wrong(`${zone.name} holds nothing below its name`)
  const has = familiesOf(zone)
  const families = has.filter((it) => asked.includes(it))
  if (has.length > 0 && families.length === 0)
    throw wrong(`${zone.name} has no names of IPv${family} addresses`)
  if (oneFamily && families.length > 1) {
    throw wrong(`${zone.name} is of both families, and ${name} has a file for each: --family 4 or --family 6`)
  }
  return families
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
    replaceFile(
      output,
      join(dirname(output), `${TEMPORARY}${uniqueName()}`),
      (fd) => {
        for (const piece of pieces) for (let at = 0; at < piece.length; ) at += writeSync(fd, piece, at)
      },
      MODE,
    )
  } catch (cause) {
    if (cause instanceof AsnzoneError) throw cause
    throw new AsnzoneError('ASNZONE_EXPORT', `${output}: ${(cause as Error).message}`, { cause })
  }
  return count
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

/** A list with commas, or given several times. */
function listOf<T>(read: (text: string) => T): (value: string, previous: T[] | undefined) => T[] {
  return (value, previous) => [...(previous ?? []), ...value.split(',').map((item) => read(item.trim()))]
}

function readWhat(text: string): (typeof WHAT)[number] {
  const what = WHAT.find((it) => it === text)
  if (what === undefined) throw wrong(`--what is one of ${WHAT.join(', ')}, not '${text}'`)
  return what
}

function readCountry(text: string): string {
  const code = text.toUpperCase()
  if (!/^[A-Z]{2}$/.test(code) || knownCountry(code) === 0) {
    throw wrong(`'${text}' is not a country of ISO 3166-1, such as DE`)
  }
  return code
}

function readAsn(text: string): number {
  const asn = Number(/^(?:AS)?(\d{1,10})$/i.exec(text)?.[1])
  if (!(asn >= 1 && asn <= 4294967295)) throw wrong(`'${text}' is not an AS number, such as AS15169`)
  return asn
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw wrong(`'${text}' is not a number of names`)
  return Number(text)
}

const wrong = (message: string): AsnzoneError => new AsnzoneError('ASNZONE_EXPORT', message)
