// Reads a stream of bytes as JSON (RFC 8259), strictly, value by value: a file of any size takes the memory of one string.
//
// No objects are made: a visitor is told of each value while its bytes are valid.

import type { AsnzoneError } from '../../../errors.ts'
import { rowError } from './csv-rows.ts'

/** A string or number longer than this is taken for a file of another kind. */
const MAX_TOKEN_OCTETS = 65536

/** The deepest that values may lie in each other. */
const MAX_DEPTH = 64

/** What to do about a file that is not JSON. */
const AGAIN = 'fetch it again, or have it written again'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const LF = 0x0a
const ZERO = 0x30
const NINE = 0x39
const BRACKET = { open: 0x5b, close: 0x5d } as const
const BRACE = { open: 0x7b, close: 0x7d } as const
const BYTE_ORDER_MARK = Buffer.from('\ufeff')

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** What a value without others in it is. */
export type ScalarKind = 'string' | 'number' | 'true' | 'false' | 'null'

const LITERALS = ['true', 'false', 'null'] as const

/** Is told of a file's values in their order; bytes are valid during the call. A RangeError gets file and line. */
export interface JsonVisitor {
  begin(kind: 'object' | 'array'): void
  end(): void
  /** The name of the next value in an object. */
  key(bytes: Buffer, start: number, end: number): void
  /** Without its quotes where it is a string. */
  scalar(kind: ScalarKind, bytes: Buffer, start: number, end: number): void
}

/** What may come next, and how it is called. */
const EXPECTED = {
  value: 'a value',
  valueOrEnd: "a value or ']'",
  key: 'a name',
  keyOrEnd: "a name or '}'",
  colon: "':'",
  commaOrEnd: "',' or the end of the list or object",
  nothing: 'nothing',
} as const

/** Reads the chunks of one file. */
export class JsonTokens {
  readonly #file: string
  readonly #visitor: JsonVisitor
  /** Whether each of what is open is an object. */
  readonly #open: boolean[] = []
  #expected: keyof typeof EXPECTED = 'value'
  #rest: Buffer = Buffer.alloc(0)
  #line = 1
  #started = false
  #hasEscapes = false

  constructor(file: string, visitor: JsonVisitor) {
    this.#file = file
    this.#visitor = visitor
  }

  /** Reads a whole file. @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason. */
  async read(chunks: AsyncIterable<Buffer>): Promise<void> {
    try {
      for await (const chunk of chunks) this.#push(chunk, false)
      this.#push(Buffer.alloc(0), true)
    } catch (error) {
      throw error instanceof RangeError ? this.error(error.message) : error
    }
    if (this.#expected !== 'nothing') {
      throw this.error(`the JSON ends too early: the file was cut off; ${AGAIN}`)
    }
  }

  /** An error that names the file and the line that was read last. */
  error(reason: string): AsnzoneError {
    return rowError(this.#file, this.#line, reason)
  }

  #push(chunk: Buffer, isLast: boolean): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    let at = 0
    if (!this.#started) {
      if (bytes.length < BYTE_ORDER_MARK.length && !isLast) {
        this.#rest = bytes
        return
      }
      this.#started = true
      if (bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)) at = BYTE_ORDER_MARK.length
    }
    while (at < bytes.length) {
      const byte = bytes[at]
      if (byte === LF || byte === 0x20 || byte === 0x0d || byte === 0x09) {
        if (byte === LF) this.#line++
        at++
      } else if (isStructural(byte)) {
        this.#structural(byte)
        at++
      } else {
        const end = byte === QUOTE ? this.#endOfString(bytes, at + 1) : endOfWord(bytes, at, isLast)
        if (end < 0) break
        if (byte === QUOTE) this.#string(bytes, at + 1, end)
        else this.#word(bytes, at, end)
        at = byte === QUOTE ? end + 1 : end
      }
    }
    this.#rest = Buffer.from(bytes.subarray(at))
    if (this.#rest.length > MAX_TOKEN_OCTETS) {
      throw this.error(`a string or number of more than ${MAX_TOKEN_OCTETS} octets; is this the right file?`)
    }
  }

  #structural(byte: number): void {
    const isObject = this.#open[this.#open.length - 1]
    switch (byte) {
      case BRACE.open:
      case BRACKET.open:
        if (!this.#isValueExpected()) throw this.#unexpected(String.fromCharCode(byte))
        if (this.#open.length === MAX_DEPTH)
          throw this.error(`values lie more than ${MAX_DEPTH} deep in others; is this the right file?`)
        this.#open.push(byte === BRACE.open)
        this.#expected = byte === BRACE.open ? 'keyOrEnd' : 'valueOrEnd'
        this.#visitor.begin(byte === BRACE.open ? 'object' : 'array')
        return
      case BRACE.close:
      case BRACKET.close: {
        const mayEnd =
          this.#expected === 'commaOrEnd' || this.#expected === (isObject ? 'keyOrEnd' : 'valueOrEnd')
        if (!mayEnd || isObject !== (byte === BRACE.close)) throw this.#unexpected(String.fromCharCode(byte))
        this.#open.pop()
        this.#visitor.end()
        this.#valueEnded()
        return
      }
      case COMMA:
        if (this.#expected !== 'commaOrEnd') throw this.#unexpected(',')
        this.#expected = isObject ? 'key' : 'value'
        return
      default:
        if (this.#expected !== 'colon') throw this.#unexpected(':')
        this.#expected = 'value'
    }
  }

  #string(bytes: Buffer, start: number, end: number): void {
    if (this.#hasEscapes) {
      const text = Buffer.from(this.#unescaped(bytes.toString('utf8', start, end)))
      this.#text(text, 0, text.length)
    } else this.#text(bytes, start, end)
  }

  #text(bytes: Buffer, start: number, end: number): void {
    if (this.#expected === 'key' || this.#expected === 'keyOrEnd') {
      this.#expected = 'colon'
      this.#visitor.key(bytes, start, end)
      return
    }
    if (!this.#isValueExpected())
      throw this.#unexpected(`"${bytes.toString('latin1', start, Math.min(end, start + 20))}"`)
    this.#visitor.scalar('string', bytes, start, end)
    this.#valueEnded()
  }

  #unescaped(raw: string): string {
    try {
      return JSON.parse(`"${raw}"`) as string
    } catch {
      throw this.error(`a string has an escape that there is not; ${AGAIN}`)
    }
  }

  /** A number, true, false or null. */
  #word(bytes: Buffer, start: number, end: number): void {
    const kind = isInteger(bytes, start, end) ? 'number' : kindOfWord(bytes.toString('latin1', start, end))
    if (kind === null || !this.#isValueExpected())
      throw this.#unexpected(bytes.toString('latin1', start, end))
    this.#visitor.scalar(kind, bytes, start, end)
    this.#valueEnded()
  }

  #isValueExpected(): boolean {
    return this.#expected === 'value' || this.#expected === 'valueOrEnd'
  }

  #valueEnded(): void {
    this.#expected = this.#open.length === 0 ? 'nothing' : 'commaOrEnd'
  }

  #unexpected(text: string): AsnzoneError {
    const printable = text.slice(0, 20).replace(/[^\x20-\x7e]/g, '?')
    return this.error(`not JSON: '${printable}' where ${EXPECTED[this.#expected]} should be; ${AGAIN}`)
  }

  /** The offset of the quote that ends a string; −1 when it is not there yet. Notes whether there are escapes before it. */
  #endOfString(bytes: Buffer, start: number): number {
    this.#hasEscapes = false
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at]
      if (byte === QUOTE) return at
      if (byte === BACKSLASH) {
        this.#hasEscapes = true
        at++
      } else if (byte < 0x20) throw this.error(`not JSON: a control character in a string; ${AGAIN}`)
    }
    return -1
  }
}

/** The offset after a number or a name; −1 when it may go on. */
function endOfWord(bytes: Buffer, start: number, isLast: boolean): number {
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte <= 0x20 || byte === QUOTE || isStructural(byte)) return at
  }
  return isLast ? bytes.length : -1
}

/** Whether a word is of digits alone, as nearly all numbers are; JSON has none that begins with 0 but 0 itself. */
function isInteger(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[start] === ZERO && end - start > 1) return false
  for (let at = start; at < end; at++) if (bytes[at] < ZERO || bytes[at] > NINE) return false
  return true
}

function kindOfWord(word: string): ScalarKind | null {
  return NUMBER.test(word) ? 'number' : (LITERALS.find((one) => one === word) ?? null)
}

function isStructural(byte: number): boolean {
  return (
    byte === COMMA ||
    byte === COLON ||
    byte === BRACE.open ||
    byte === BRACE.close ||
    byte === BRACKET.open ||
    byte === BRACKET.close
  )
}
