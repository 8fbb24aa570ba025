// The snapshot: a compiled table as a file, for a start that reads no CSV, and for a fleet that copies one file.
//
//     0      magic «asnzone snapshot» and a line feed, 17 octets, padded with zeros to 24
//     24     format version, 32 bits little-endian
//     28     length of the table, 32 bits little-endian
//     32     identity: SHA-256 of what the table was built from and by, see `identityOf`
//     64     SHA-256 of the identity and the table
//     4096   the table, as src/table/layout.ts draws it
//
// It is written under a temporary name, synced and renamed, so that a reader sees a whole file or none.

import { createHash } from 'node:crypto'
import { closeSync, fstatSync, readSync } from 'node:fs'
import { dirname } from 'node:path'
import { AsnzoneError } from '../../errors.ts'
import { replaceFile, uniqueName } from '../../system/atomic-file.ts'
import { makeDirectory } from '../../system/make-directory.ts'
import { openForReading } from '../../system/safe-file.ts'
import { writeAll } from '../../system/write-all.ts'
import { checkTable } from '../../table/check.ts'
import { FORMAT_VERSION } from '../../table/layout.ts'
import { Table } from '../../table/table.ts'
import { VERSION } from '../../version.ts'
import { codeDigest } from './code-digest.ts'
import { checkMetadata } from './table-metadata.ts'

/** The snapshot's name in the data directory. */
export const SNAPSHOT_FILE = 'table.snapshot'

/** Beside it, what commands have compiled that run with other sources than the server. */
export const GUEST_SNAPSHOT_FILE = 'other.snapshot'

const MAGIC = Buffer.from('asnzone snapshot\n', 'ascii')
const VERSION_AT = 24
const LENGTH_AT = 28
const IDENTITY_AT = 32
const CHECKSUM_AT = 64
const HEADER_OCTETS = 4096
const HASH_OCTETS = 32

/**
 * What a table is built from and by, as 32 octets: the contents of the files, anything else that shapes the table, and
 * the code itself, so that a newer asnzone never serves an older one's table. Where the files lie and when they were
 * written is not among it: a snapshot that is copied to another host counts there.
 *
 * @param sums the SHA-256 of each file
 */
export function identityOf(sums: readonly string[], settings: unknown): Buffer {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([VERSION, FORMAT_VERSION, settings, sums]))
  return hash.update(codeDigest()).digest()
}

/**
 * Reads a snapshot.
 *
 * @param identity what the table must have been built from; any when not given
 * @returns the table, or null when there is no snapshot or it is of another identity
 * @throws {AsnzoneError} `ASNZONE_TABLE` with the reason when the file is damaged, cut or no snapshot.
 */
export function readSnapshot(file: string, identity?: Buffer): Table | null {
  let fd: number | undefined
  try {
    fd = openForReading(file)
    return readOpenSnapshot(fd, file, identity)
  } catch (error) {
    if (error instanceof AsnzoneError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw damaged(file, (error as Error).message, error)
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** Those of tables that were read. */
const checksums = new WeakMap<Table, string>()

/** The checksum of the snapshot that a table was read from, which stands for its content; null for another table. */
export function checksumOfSnapshot(table: Table): string | null {
  return checksums.get(table) ?? null
}

function readOpenSnapshot(fd: number, file: string, identity: Buffer | undefined): Table | null {
  const header = Buffer.alloc(HEADER_OCTETS)
  if (readWhole(fd, header, 0) !== HEADER_OCTETS) throw damaged(file, 'it is shorter than its header')
  if (!header.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged(file, 'it is no snapshot of asnzone')
  if (header.readUInt32LE(VERSION_AT) !== FORMAT_VERSION) return null
  const written = header.subarray(IDENTITY_AT, IDENTITY_AT + HASH_OCTETS)
  if (identity !== undefined && !written.equals(identity)) return null
  const length = header.readUInt32LE(LENGTH_AT)
  if (fstatSync(fd).size !== HEADER_OCTETS + length) throw damaged(file, 'it was cut or padded')
  const buffer = new SharedArrayBuffer(length)
  const bytes = new Uint8Array(buffer)
  if (readWhole(fd, bytes, HEADER_OCTETS) !== length) throw damaged(file, 'it was cut or padded')
  const checksum = header.subarray(CHECKSUM_AT, CHECKSUM_AT + HASH_OCTETS)
  if (!checksumOf(written, bytes).equals(checksum)) throw damaged(file, 'its checksum is wrong')
  const table = openTable(file, buffer)
  checksums.set(table, checksum.toString('hex'))
  return table
}

/** A table of another file than ours may have a right checksum and be no table all the same. */
function openTable(file: string, buffer: SharedArrayBuffer): Table {
  try {
    const table = new Table(buffer)
    checkTable(buffer)
    checkMetadata(table)
    return table
  } catch (cause) {
    throw damaged(file, (cause as Error).message, cause)
  }
}

/**
 * Writes a snapshot atomically.
 *
 * @throws {Error} of the file system when the directory can't be written or is full; the old snapshot stays then.
 */
export function writeSnapshot(file: string, table: Table, identity: Buffer): void {
  const header = headerOf(table, identity)
  makeDirectory(dirname(file))
  replaceFile(file, `${file}.${uniqueName()}.tmp`, (fd) => {
    writeAll(fd, header)
    writeAll(fd, new Uint8Array(table.buffer))
  })
}

/** A snapshot in memory. */
export function snapshotOctets(table: Table, identity: Buffer): Buffer {
  return Buffer.concat([headerOf(table, identity), new Uint8Array(table.buffer)])
}

function headerOf(table: Table, identity: Buffer): Buffer {
  const bytes = new Uint8Array(table.buffer)
  const header = Buffer.alloc(HEADER_OCTETS)
  MAGIC.copy(header)
  header.writeUInt32LE(FORMAT_VERSION, VERSION_AT)
  header.writeUInt32LE(bytes.length, LENGTH_AT)
  identity.copy(header, IDENTITY_AT)
  checksumOf(identity, bytes).copy(header, CHECKSUM_AT)
  return header
}

function checksumOf(identity: Uint8Array, table: Uint8Array): Buffer {
  return createHash('sha256').update(identity).update(table).digest()
}

/** Reads until `into` is full or the file ends; returns the octets read. */
function readWhole(fd: number, into: Uint8Array, position: number): number {
  let read = 0
  while (read < into.length) {
    const octets = readSync(fd, into, read, into.length - read, position + read)
    if (octets === 0) break
    read += octets
  }
  return read
}

function damaged(file: string, reason: string, cause?: unknown): AsnzoneError {
  return new AsnzoneError('ASNZONE_TABLE', `${file}: ${reason}`, { cause })
}
