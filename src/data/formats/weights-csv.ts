// Weights in a CSV file that people write by hand, for lists that are too long for the config:
//
//     subject,weight,note
//     # comments and empty lines are skipped
//     AS64500,-20,"bulletproof hosting, says Example"
//     192.0.2.0/24,15
//     CN,-5
//
// Columns after the weight are the author's own.

import type { WeightEntries } from '../../score/weights.ts'
import { readAsNumber, readCidrText, readCountryCode, readWeight } from '../compile/weight-fields.ts'
import { readHandwrittenCsv } from './reading/handwritten-csv.ts'

/** A weight file's entries while it is read. */
type Entries = { [Kind in keyof WeightEntries]: WeightEntries[Kind][number][] }

/**
 * Reads a weight file.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` that names the file and the line.
 */
export async function readWeightFile(file: string): Promise<WeightEntries> {
  const entries: Entries = { countries: [], asns: [], prefixes: [] }
  const seen = new Map<string, number>()
  await readHandwrittenCsv(file, ['subject', 'weight'], 'ASNZONE_CONFIG', ([subject, weight], line) => {
    const key = subject.toUpperCase()
    const before = seen.get(key)
    if (before !== undefined) throw new Error(`${subject} has a weight in line ${before} already`)
    seen.set(key, line)
    addEntry(entries, subject, readWeight(weight))
  })
  return entries
}

function addEntry({ countries, asns, prefixes }: Entries, subject: string, weight: number): void {
  if (/^AS\d+$/i.test(subject)) asns.push({ asns: [readAsNumber(subject)], weight })
  else if (/[.:]/.test(subject)) prefixes.push({ cidr: readCidrText(subject), weight })
  else if (/^[a-z]{2}$/i.test(subject)) countries.push({ codes: [readCountryCode(subject)], weight })
  else throw new Error(`'${subject}' is neither a country code, an AS number such as AS64500 nor a CIDR`)
}
