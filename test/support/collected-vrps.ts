// What a file of ROAs told, as text.

import { Collector, type ReadFormat } from '../../src/data/compile/collector.ts'
import { ValueTables } from '../../src/data/compile/value-tables.ts'
import { vrpLength, vrpMaxLength } from '../../src/data/compile/vrps.ts'
import { AsnzoneError } from '../../src/errors.ts'
import { networkText } from '../../src/table/address-text.ts'

/** Payloads as `1.1.1.0/24-24 AS13335`, sorted, IPv4 first. */
export interface CollectedVrps {
  readonly vrps: readonly string[]
  readonly skipped: number
  readonly date: string | null
  readonly doubt: string | null
}

/** Reads a text, or the pieces of one. */
export async function collectedVrps(
  read: ReadFormat,
  text: string,
  pieces: readonly Buffer[] = [Buffer.from(text)],
): Promise<CollectedVrps> {
  const into = new Collector('rpki', new ValueTables())
  async function* chunks() {
    yield* pieces
  }
  await read({ name: 'file', chunks: chunks() }, into)
  const vrps = ([4, 6] as const).flatMap((family) => {
    const { width, count, starts, asns, lengths } = into.vrps(family).sorted()
    return Array.from({ length: count }, (_, i) => {
      const prefix = networkText(starts.subarray(i * width, (i + 1) * width))
      return `${prefix}/${vrpLength(lengths[i])}-${vrpMaxLength(lengths[i])} AS${asns[i]}`
    })
  })
  const { skipped, date, doubt } = into
  return { vrps, skipped, date, doubt }
}

/** Why a text is refused; 'none' when it isn't. */
export async function refusalOf(read: ReadFormat, text: string): Promise<string> {
  try {
    await collectedVrps(read, text)
  } catch (error) {
    if (!(error instanceof AsnzoneError) || error.code !== 'ASNZONE_DATA') throw error
    return error.message
  }
  return 'none'
}
