// asnzone export: the data in the formats of other programs.

import { Argument, type Command, Option } from 'commander'
import { type ExportOrder, exportData, MODE, WHAT } from '../app/export.ts'
import { isWriterForRoot, writeForRoot } from '../app/root-output.ts'
import { knownCountry } from '../data/countries.ts'
import { AsnzoneError } from '../errors.ts'
import { type ExportFormat, FORMATS, type FormatName } from '../export/formats.ts'
import { complain, isTerminal } from '../print.ts'
import { fileReason } from '../system/file-reason.ts'
import { MAX_ASN } from '../table/layout.ts'
import { addSettingOptions, settingsOf } from './options.ts'

/** The most names of a zone file, unless told otherwise. */
const MOST_NAMES = 1_000_000

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
    .addOption(
      new Option(
        '-o, --output <FILE>',
        'the output file (default: standard output), or a directory for several zones',
      ).argParser(readOutput),
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
  ]).action(async (name: FormatName, options: ExportOrder & Record<string, unknown>) => {
    const format: ExportFormat = FORMATS[name]
    checkOptions(name, format, options)
    if (name === 'mmdb' && options.output === undefined && isTerminal()) {
      throw wrong('mmdb is nothing to be read on a terminal: --output FILE')
    }
    const code = await codeOfRoot(format, options)
    if (code !== null) {
      process.exitCode = code
      return
    }
    // The setting `max-names` is about the data that is read: this option says nothing of it.
    const { maxNames: _, ...ofSettings } = options
    const order = (await isWriterForRoot()) ? { ...options, output: '-' } : options
    const { advice } = await exportData(settingsOf(ofSettings), name, order)
    if (advice !== null) complain(`asnzone: ${advice}`)
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

/** The exit code of the command that has written root's file; null where this one writes. */
async function codeOfRoot({ kind }: ExportFormat, order: ExportOrder): Promise<number | null> {
  const { output, zone, what, country, catalog } = order
  if (output === undefined || output === '-') return null
  const isOneFile =
    kind !== 'zone' ||
    (catalog === undefined && (zone !== undefined || what !== undefined || country?.length === 1))
  if (!isOneFile) return null
  try {
    return await writeForRoot(output, MODE)
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_EXPORT', `${output}: ${fileReason(cause)}`, { cause })
  }
}

/** @throws {AsnzoneError} for what doesn't go together. */
function checkOptions(name: FormatName, format: ExportFormat, options: ExportOrder): void {
  const { kind } = format
  const has = (option: keyof ExportOrder): boolean => options[option] !== undefined
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

/** A list with commas, or given several times. */
function listOf<T>(read: (text: string) => T): (value: string, previous: T[] | undefined) => T[] {
  return (value, previous) => [...(previous ?? []), ...value.split(',').map((item) => read(item.trim()))]
}

/** What is open already is written into, not replaced, and that can only be standard output. */
function readOutput(path: string): string {
  if (path === '') throw wrong('--output is empty; name a file, or leave it out')
  if (!DESCRIPTOR.test(path)) return path
  if (STANDARD_OUTPUT.test(path)) return '-'
  throw wrong(`--output ${path}: it is open already; leave --output out, and lead standard output there`)
}

const DESCRIPTOR = /^\/(dev\/std(in|out|err)|(dev|proc\/self)\/fd\/\d+)$/
const STANDARD_OUTPUT = /^\/(dev\/stdout|(dev|proc\/self)\/fd\/1)$/

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
  if (!(asn >= 1 && asn <= MAX_ASN)) throw wrong(`'${text}' is not an AS number, such as AS15169`)
  return asn
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw wrong(`'${text}' is not a number of names`)
  return Number(text)
}

const wrong = (message: string): AsnzoneError => new AsnzoneError('ASNZONE_EXPORT', message)
