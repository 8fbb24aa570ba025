// asnzone lookup: answers from the table, without a server.

import { join } from 'node:path'
import type { Command } from 'commander'
import { prepareTable } from '../app/prepare.ts'
import type { Settings } from '../config/setting-values.ts'
import { originPointWarning } from '../data/compile/origin-point.ts'
import type { Explanation } from '../learn/explain.ts'
import { STATE_FILE } from '../learn/state-file.ts'
import { complain, lineWidth, print, printJson } from '../print.ts'
import { fileStats } from '../system/safe-file.ts'
import type { Attributes } from '../table/attributes.ts'
import { lookUp, parseLookupTarget } from '../table/lookup-target.ts'
import type { Table } from '../table/table.ts'
import type { Within } from '../table/within.ts'
import { explanationLines } from './learn-text.ts'
import { addSettingOptions, settingsOf } from './options.ts'

/** What the readable block shows. */
const LINES: readonly (readonly [string, (attributes: Attributes) => string | number | null])[] = [
  ['AS', ({ asn }) => asn],
  ['Name', ({ name }) => name],
  ['Prefix', ({ prefix }) => prefix],
  ['Range', ({ range }) => range],
  ['Country', ({ country }) => country],
  ['Registry', ({ registry }) => registry],
  ['RPKI', rpkiText],
  ['Allocated', ({ allocated }) => allocated],
  ['Place', placeText],
  ['Location', locationText],
  ['Distance', distanceText],
  ['Score', ({ score, scoreParts }) => [score, ...scoreParts].join(' | ')],
]

/** Adds the command. */
export function addLookup(program: Command): void {
  const command = program
    .command('lookup')
    .summary('look up addresses, networks and AS numbers without a server')
    .description(
      'Looks addresses, networks and AS numbers up in the same data that the server answers from. A network is shown as the ranges that differ in what is known of them, 256 at most.',
    )
    .argument(
      '<ADDR|NETWORK|ASN...>',
      'IPv4 or IPv6 addresses, networks such as 8.8.8.0/24, or AS numbers such as AS15169',
    )
    .option('--json', 'one JSON object per line')
    .addHelpText(
      'after',
      `
Exits with 0 when something is known of every argument, with 1 otherwise.

Examples:
  asnzone lookup 8.8.8.8
  asnzone lookup 8.8.0.0/16
  asnzone lookup 2001:4860:4860::8888 AS15169
  asnzone lookup --json 8.8.8.8 | jq .country
  asnzone lookup --here 52.52,13.40 8.8.8.8`,
    )
  addSettingOptions(command, ['data-dir', 'here']).action(
    async (queries: string[], options: Record<string, unknown>) => {
      const { json } = options
      // A wrong argument is noticed before the data is loaded.
      const targets = queries.map((query) => [query, parseLookupTarget(query)] as const)
      const settings = settingsOf(options)
      const ready = await prepareTable(settings)
      const { table } = ready
      void ready.accept()
      const warning = originPointWarning(settings.here, table)
      if (warning !== null) complain(`asnzone: ${warning}`)
      const learned = await explainer(settings, table)
      for (const [query, target] of targets) {
        const { attributes, within } = lookUp(table, target)
        const found = within === undefined ? attributes !== null : within.ranges.length > 0
        if (!found) process.exitCode = 1
        const explained = target.kind === 'address' && found ? (learned?.(query) ?? null) : null
        const learnedLevels = learned === null ? {} : { learned: explained }
        if (json) printJson({ query, found, ...attributes, ...within, ...learnedLevels })
        else print(within === undefined ? block(query, attributes, explained) : networkBlock(query, within))
      }
    },
  )
}

function block(query: string, attributes: Attributes | null, explained: Explanation | null = null): string[] {
  if (attributes === null) return [query, '  nothing known', '']
  const lines = LINES.map(([label, show]) => `  ${label.padEnd(10)} ${show(attributes) ?? '--'}`)
  const chain = explained === null ? [] : explanationLines(explained).slice(1)
  return [query, ...lines, ...reputationLines(attributes), ...chain.map((line) => `  ${line}`), '']
}

/**
 * What explains addresses by what was learned; null where nothing is. SQLite is loaded there alone. A state that can't be read
 * is told of once, and explains nothing.
 */
async function explainer(
  settings: Settings,
  table: Table,
): Promise<((address: string) => Explanation | null) | null> {
  const { learn, dataDir } = settings
  const file = join(dataDir, STATE_FILE)
  if (learn === undefined || fileStats(file) === null) return null
  const { explainFrom } = await import('../learn/explain-from.ts')
  let isReadable = true
  return (address) => {
    try {
      return isReadable ? explainFrom({ file, ...learn }, address, table, Date.now() / 1000) : null
    } catch (error) {
      isReadable = false
      complain(`asnzone: ${(error as Error).message}`)
      return null
    }
  }
}

/** A line for each range of a network. */
function networkBlock(query: string, { ranges, more }: Within): string[] {
  if (ranges.length === 0) return block(query, null)
  const spans = ranges.map(({ first, last }) => (first === last ? first : `${first} - ${last}`))
  const width = Math.max(...spans.map((span) => span.length))
  const rows = ranges.map(({ asn, name, country, registry }, i) => ({
    span: spans[i],
    known: [asn === null ? '--' : `AS${asn}`, country ?? '--', registry ?? '--', name ?? '--'].join('  '),
  }))
  // Two addresses of IPv6 fill a line of a terminal.
  const isWide = rows.some(
    ({ known }) => 4 + width + known.length > (lineWidth() ?? Number.POSITIVE_INFINITY),
  )
  const lines = rows.flatMap(({ span, known }) =>
    isWide ? [`  ${span}`, `    ${known}`] : [`  ${span.padEnd(width)}  ${known}`],
  )
  return [query, ...lines, ...(more === 0 ? [] : [`  and ${more} more`]), '']
}

/** What was learned, where something was. */
function reputationLines({ reputation, reputationEvidence }: Attributes): string[] {
  return reputation === null ? [] : [`  Reputation ${reputation} | ${reputationEvidence}`]
}

/** The state, and the ROAs that decided. */
function rpkiText({ rpki, roas }: Attributes): string | null {
  return rpki === null || roas.length === 0 ? rpki : `${rpki}: ${roas.join(', ')}`
}

/** Kilometres, marked where they are as rough as a country is large. */
function distanceText({ distance, distanceIsRough }: Attributes): string | null {
  if (distance === null) return null
  return distanceIsRough ? `about ${distance} km, by the point of a country` : `${distance} km`
}

/** City, region, country and continent, as far as they are known. */
function placeText({ city, region, cityCountry, continent }: Attributes): string | null {
  const wide = continent === null ? null : (CONTINENTS[continent] ?? continent)
  return [city, region, cityCountry, wide].filter((part) => part !== null).join(', ') || null
}

const CONTINENTS: Readonly<Record<string, string>> = {
  AF: 'Africa',
  AN: 'Antarctica',
  AS: 'Asia',
  EU: 'Europe',
  NA: 'North America',
  OC: 'Oceania',
  SA: 'South America',
}

/** A point, and whether it is only that which stands for a country. */
function locationText({ latitude, longitude, city, region, cityCountry }: Attributes): string | null {
  if (latitude === null) return null
  const isOfCountry = city === null && region === null && cityCountry !== null
  return `${latitude}, ${longitude}${isOfCountry ? `, the point of ${cityCountry}` : ''}`
}
