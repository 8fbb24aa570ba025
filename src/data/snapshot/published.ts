// What a published snapshot consists of: a manifest, its signature, and the snapshot itself, packed.
//
//     current.json                      which snapshot counts; the one file that changes
//     current.json.minisig              the signature of exactly those octets
//     2026061719-0123….snapshot.gz      serial, and the beginning of its SHA-256: never changed

import { endianness } from 'node:os'
import { z } from 'zod'
import { complaintOf, FOR_COMPLAINTS } from '../../complaint.ts'
import { FORMAT_VERSION } from '../../table/layout.ts'
import { PACKED_NAME, packedName } from './published-names.ts'

/** The version of the manifest itself. */
const FORMAT = 1

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 sum')
const time = z.iso.datetime('a time such as 2026-06-17T19:00:00.000Z')
const octets = z
  .int()
  .min(1)
  .max(2 ** 32)

const manifest = z.object({
  format: z.literal(FORMAT, `${FORMAT}, the version that this asnzone reads`),
  /** FORMAT_VERSION of the table. */
  table: z.int(),
  endian: z.enum(['little', 'big'], 'little or big'),
  serial: z
    .int()
    .min(1)
    .max(2 ** 32 - 1),
  /** The time of the data. */
  date: time,
  /** When it is too old to be taken. */
  expires: time,
  /** Who built it. */
  by: z.string().max(100),
  /** SHA-256 of the settings that distances and scores were made with, and of the sources. */
  policy: sha256,
  file: z.string().regex(PACKED_NAME, 'the name of a snapshot'),
  octets,
  sha256,
  rawOctets: octets,
  rawSha256: sha256,
  attribution: z.array(z.string().max(1000)).max(100),
})

/** Tells of a published snapshot. */
export type SnapshotManifest = z.output<typeof manifest>

/** The version of what this asnzone publishes, and takes. */
export const HERE = {
  format: FORMAT,
  table: FORMAT_VERSION,
  endian: endianness() === 'LE' ? 'little' : 'big',
} as const

/** The manifest as it is published: the same octets for the same contents. */
export const manifestText = (it: SnapshotManifest): string => `${JSON.stringify(it)}\n`

/**
 * Reads a manifest. Only octets whose signature was verified get here.
 *
 * @throws {Error} with a short reason when it is none, or of a snapshot that this asnzone can't read.
 */
export function readManifestText(text: string): SnapshotManifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Error('it is no JSON', { cause })
  }
  const parsed = manifest.safeParse(value, FOR_COMPLAINTS)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Error(`${issue.path.map(String).join('.') || 'it'}: ${complaintOf(issue)}`)
  }
  const { table, endian, serial, file, sha256: sum } = parsed.data
  if (table !== HERE.table) {
    throw new Error(
      `its table is of version ${table}, this asnzone reads version ${HERE.table}: build it with the same asnzone`,
    )
  }
  if (endian !== HERE.endian) throw new Error(`it is for ${endian}-endian processors`)
  if (file !== packedName(serial, sum)) throw new Error(`file is not ${packedName(serial, sum)}`)
  return parsed.data
}
