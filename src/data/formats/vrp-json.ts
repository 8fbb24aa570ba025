// Validated ROA payloads as JSON, as rpki-client, Routinator, OctoRPKI and others write them.
//
//     { "metadata": { "buildtime": "2026-11-27T12:00:00Z" },      rpki-client; "generated": 1795780800 of the others
//       "roas": [
//         { "asn": 13335, "prefix": "1.1.1.0/24", "maxLength": 24, "ta": "apnic", "expires": 1795867200 },
//         { "asn": "AS13335", "prefix": "1.1.1.0/24", "maxLength": 24, "ta": "apnic" } ] }
//
// A file has some 60 MB and is read payload by payload. What else is in it, such as keys of routers, is left out.

import type { Collector, DataFile } from '../compile/collector.ts'
import { tooMany } from '../compile/limits.ts'
import { JsonTokens, type JsonVisitor, type ScalarKind } from './reading/json-tokens.ts'
import { MEND, VrpFields } from './reading/vrp-fields.ts'

/** How deep a value lies: in the whole, in a list or object of it, in one of the list. */
const DEPTH = { whole: 1, member: 2, payload: 3 } as const

/** The names that are read in a payload. */
const PAYLOAD_KEYS: readonly string[] = ['asn', 'prefix', 'maxLength', 'expires']

const NOT_AN_OBJECT = `not an object; ${MEND}`

/** The names that are read, those of payloads first. */
const KEYS = [...PAYLOAD_KEYS, 'roas', 'metadata', 'buildtime', 'generated'].map((name) => ({
  name,
  octets: Buffer.from(name),
}))

const SHAPE =
  'not an object with a list "roas"; the format is what rpki-client, Routinator and OctoRPKI write as JSON'

/** @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason when a payload can't be right. */
export async function readVrpJson(file: DataFile, into: Collector): Promise<void> {
  const reader = new VrpJsonReader(into)
  const tokens = new JsonTokens(file.name, reader)
  await tokens.read(file.chunks)
  const reason = reader.finish()
  if (reason !== null) throw tokens.error(reason)
}

/** The errors that it throws get the file and the line where they are caught. */
class VrpJsonReader implements JsonVisitor {
  readonly #into: Collector
  readonly #fields = new VrpFields()
  readonly #now = Date.now() / 1000
  #depth = 0
  /** The name of the member of the whole, and that in a payload or in the metadata. */
  #member = ''
  #key = ''
  /** A bit for each key of the payload that has come. */
  #met = 0
  #hasRoas = false
  #count = 0

  constructor(into: Collector) {
    this.#into = into
  }

  begin(kind: 'object' | 'array'): void {
    this.#depth++
    if (this.#depth === DEPTH.whole && kind !== 'object') throw new RangeError(SHAPE)
    if (this.#member !== 'roas') return
    if (this.#depth === DEPTH.member) {
      if (kind !== 'array') throw new RangeError(SHAPE)
      if (this.#hasRoas) throw new RangeError(`the list "roas" is there twice; ${MEND}`)
      this.#hasRoas = true
    } else if (this.#depth === DEPTH.payload) {
      this.#count++
      if (kind !== 'object') throw this.#wrong(NOT_AN_OBJECT)
      const { maxRows } = this.#into.limits
      if (this.#count > maxRows) throw tooMany(maxRows, 'rows', 'max-rows')
      this.#fields.clear()
      this.#met = 0
    } else if (this.#isRead()) throw this.#wrong(`${this.#key} is neither a number nor a string; ${MEND}`)
  }

  end(): void {
    if (this.#member === 'roas' && this.#depth === DEPTH.payload) {
      const reason = this.#fields.take(this.#into, this.#now)
      if (reason !== null) throw this.#wrong(reason)
    }
    this.#depth--
  }

  key(bytes: Buffer, start: number, end: number): void {
    if (this.#depth > DEPTH.payload) return
    const known = KEYS.find(({ octets }) => isEqual(octets, bytes, start, end))?.name
    if (this.#depth === DEPTH.whole) this.#member = known ?? ''
    else this.#key = known ?? ''
    if (this.#member !== 'roas' || this.#depth !== DEPTH.payload || !this.#isRead()) return
    // Which of two counts would be anybody's guess.
    const bit = 1 << PAYLOAD_KEYS.indexOf(this.#key)
    if ((this.#met & bit) !== 0) throw this.#wrong(`${this.#key} is there twice; ${MEND}`)
    this.#met |= bit
  }

  scalar(kind: ScalarKind, bytes: Buffer, start: number, end: number): void {
    if (this.#depth === 0) throw new RangeError(SHAPE)
    if (this.#member === 'metadata' && this.#depth === DEPTH.member)
      this.#note(bytes.toString('latin1', start, end))
    if (this.#member !== 'roas') return
    if (this.#depth === DEPTH.whole) throw new RangeError(SHAPE)
    if (this.#depth === DEPTH.member) {
      this.#count++
      throw this.#wrong(NOT_AN_OBJECT)
    }
    if (this.#depth > DEPTH.payload) return
    const reason = this.#read(kind, bytes, start, end)
    if (reason !== null) throw this.#wrong(reason)
  }

  /** What is wrong with a file that has been read, if anything is. */
  finish(): string | null {
    return this.#hasRoas ? this.#fields.finish(this.#into) : SHAPE
  }

  #isRead(): boolean {
    return PAYLOAD_KEYS.includes(this.#key)
  }

  #read(kind: ScalarKind, bytes: Buffer, start: number, end: number): string | null {
    const isNumber = kind === 'number'
    const isString = kind === 'string'
    const fields = this.#fields
    switch (this.#key) {
      case 'asn':
        return isNumber || isString
          ? fields.readAsn(bytes, start, end)
          : `asn is neither a number nor a string; ${MEND}`
      case 'prefix':
        return isString ? fields.readPrefix(bytes, start, end) : `prefix is not a string; ${MEND}`
      case 'maxLength':
        return isNumber
          ? fields.readMaxLength(bytes, start, end)
          : `maxLength is not a number, without quotation marks; ${MEND}`
      case 'expires':
        return isNumber
          ? fields.readExpires(bytes, start, end)
          : `expires is not a number, without quotation marks; ${MEND}`
      default:
        return null
    }
  }

  /** The time of the file is what its metadata tells. */
  #note(value: string): void {
    const time =
      this.#key === 'buildtime'
        ? Date.parse(value)
        : this.#key === 'generated'
          ? Number(value) * 1000
          : Number.NaN
    if (!Number.isNaN(time) && Math.abs(time) < 8.64e15) this.#into.date = new Date(time).toISOString()
  }

  /** What is wrong with the payload that is being read, counted as lists in JSON are. */
  #wrong(reason: string): RangeError {
    return new RangeError(`roas[${this.#count - 1}]: ${reason}`)
  }
}

function isEqual(octets: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (octets.length !== end - start) return false
  for (let i = 0; i < octets.length; i++) if (octets[i] !== bytes[start + i]) return false
  return true
}
