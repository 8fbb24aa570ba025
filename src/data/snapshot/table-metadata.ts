// What a table says about itself, checked where the table comes from a file.

import { z } from 'zod'
import { AsnzoneError } from '../../errors.ts'
import type { TableMetadata } from '../../table/metadata.ts'
import type { Table } from '../../table/table.ts'

/** A time as every source tells it, which is what `toISOString` writes. */
const time = z.string().refine((text) => {
  const milliseconds = Date.parse(text)
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === text
}, 'is not a time in ISO 8601, UTC')

const count = z.number().nonnegative()
const coverage = z.object({ asn: count, country: count })
const states = z.object({ valid: count, 'not-found': count, invalid: count })

const metadata: z.ZodType<TableMetadata> = z.object({
  sources: z.array(
    z.object({
      what: z.string(),
      name: z.string(),
      family: z.union([z.literal(4), z.literal(6), z.null()]),
      rows: count,
      distinct: count,
      addresses: count,
      date: time.nullable(),
      licence: z.string(),
      attribution: z.string(),
    }),
  ),
  date: time,
  coverage: z.object({ v4: coverage, v6: coverage }),
  rpki: z.object({ v4: states, v6: states }).optional(),
  learned: z.object({ networks: count, ases: count, countries: count, date: time }).optional(),
})

/** @throws {AsnzoneError} `ASNZONE_TABLE` when it is not JSON, or not what a table says. */
export function checkMetadata(table: Table): void {
  let reason: string
  try {
    const result = metadata.safeParse(table.metadata())
    if (result.success) return
    const [{ path, message }] = result.error.issues
    reason = `${path.join('.')}: ${message}`
  } catch (cause) {
    reason = (cause as Error).message
  }
  throw new AsnzoneError('ASNZONE_TABLE', `not a compiled table: its metadata: ${reason}`)
}
