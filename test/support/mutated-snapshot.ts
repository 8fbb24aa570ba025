// Snapshots that somebody has changed, with a checksum that is right again.

import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { HEADER } from '../../src/table/layout.ts'

const TABLE_AT = 4096
const IDENTITY_AT = 32
const CHECKSUM_AT = 64

/** A table in a snapshot, open for changes. */
export class OpenedTable {
  readonly octets: Uint8Array
  readonly words: Uint32Array

  constructor(table: Uint8Array) {
    this.octets = Uint8Array.from(table)
    this.words = new Uint32Array(this.octets.buffer)
  }

  /** The number of a word of the header. */
  header(name: keyof typeof HEADER): number {
    return this.words[HEADER[name]]
  }

  setHeader(name: keyof typeof HEADER, change: (value: number) => number): void {
    this.words[HEADER[name]] = change(this.header(name))
  }

  /** Where a section begins, counted in words. */
  at(name: keyof typeof HEADER): number {
    return this.header(name) / 4
  }

  /** Changes a word of a section. */
  set(name: keyof typeof HEADER, word: number, value: number): void {
    this.words[this.at(name) + word] = value
  }

  get metadata(): Uint8Array {
    const begin = this.header('metadata')
    return this.octets.subarray(begin, begin + this.header('metadataLength'))
  }
}

/** Changes the table in the snapshot `from` and writes it to `to`. */
export function changeSnapshot(from: string, to: string, change: (table: OpenedTable) => void): void {
  const whole = readFileSync(from)
  const table = new OpenedTable(whole.subarray(TABLE_AT))
  change(table)
  whole.set(table.octets, TABLE_AT)
  const identity = whole.subarray(IDENTITY_AT, CHECKSUM_AT)
  createHash('sha256').update(identity).update(table.octets).digest().copy(whole, CHECKSUM_AT)
  // ext4 waits for the disk when a file is cut to nothing and written anew, not when it is another file.
  rmSync(to, { force: true })
  writeFileSync(to, whole)
}
