// Record templates: text with {fields}, compiled once into a short program that writes RDATA into a packet.
//
//     "{asn} | {prefix} | {country}"   →   field asn · literal " | " · prefix · literal " | " · field country
//
// A program is a row of numbers (see OP). Octets are copied a word at a time: what is written behind the end is
// written over by what comes next, and every buffer has room for it.

import { writeIpv4Network, writeIpv6Network, writeOctet } from '../table/address-text.ts'
import { COLUMN, ORIGINS_LENGTH, RECORD_SHIFT } from '../table/layout.ts'
import type { Table } from '../table/table.ts'
import { OCTET_FIELDS, OP, ORIGINS, TEXT_FIELDS } from './fields.ts'
import { MAX_ANSWER_OCTETS, MAX_STRING, WORD_OVERRUN } from './limits.ts'
import type { Packet } from './packet.ts'
import type { QueriedName } from './queried-name.ts'

const encoder = new TextEncoder()

const BLANK = 0x20
const SLASH = 0x2f

/** The names of all fields of a TXT template. */
export const textFieldNames = (): string[] => Object.keys(TEXT_FIELDS)

/** A template of a TXT record: one or more character-strings. */
export class TextTemplate {
  /** The most octets of RDATA that it gives. */
  readonly maxOctets: number
  readonly #program: Int32Array
  /** The text for unknown fields, and WORD_OVERRUN octets more. */
  readonly #unknown: DataView
  readonly #unknownLength: number

  /**
   * @param strings one template a character-string
   * @param unknown what stands for a field that is not known
   * @param multiOrigin whether {asn} is every AS that announces the prefix, not the first alone
   * @throws {Error} with a short reason when a field is unknown or the answer could be too long.
   */
  constructor(strings: readonly string[], unknown: string, multiOrigin = false) {
    const program: number[] = []
    const unknownOctets = encoder.encode(unknown)
    this.#unknownLength = unknownOctets.length
    const padded = new Uint8Array(unknownOctets.length + WORD_OVERRUN)
    padded.set(unknownOctets)
    this.#unknown = new DataView(padded.buffer)
    let max = 0
    for (const template of strings) {
      let stringMost = 0
      for (const { literal, field } of splitTemplate(template)) {
        if (literal !== undefined) {
          const octets = encoder.encode(literal)
          for (let from = 0; from < octets.length; from += 4) {
            const length = Math.min(4, octets.length - from)
            let word = 0
            for (let i = 0; i < length; i++) word |= octets[from + i] << (i * 8)
            program.push(OP.literal, word, length)
          }
          stringMost += octets.length
        } else {
          if (!Object.hasOwn(TEXT_FIELDS, field)) throw unknownField(field, Object.keys(TEXT_FIELDS))
          const known = multiOrigin && field === 'asn' ? ORIGINS : TEXT_FIELDS[field]
          program.push(...known.code)
          stringMost += Math.max(known.max, this.#unknownLength)
        }
      }
      program.push(OP.endOfString)
      max += stringMost + Math.max(1, Math.ceil(stringMost / MAX_STRING))
    }
    if (max > MAX_ANSWER_OCTETS) {
      throw new Error(
        `can give ${max} octets, more than ${MAX_ANSWER_OCTETS}, which always fit one UDP packet: leave something out`,
      )
    }
    this.maxOctets = max
    this.#program = Int32Array.from(program)
  }

  /** Writes the RDATA at `reply.packet[at…]` and returns the position behind it. */
  write(reply: Packet, at: number, table: Table, queried: QueriedName): number {
    const { packet: out, view } = reply
    const program = this.#program
    const { records, strings, stringsView } = table
    const record = queried.record << RECORD_SHIFT
    let stringStart = at
    let to = at + 1
    for (let pc = 0; pc < program.length; ) {
      switch (program[pc]) {
        case OP.literal:
          view.setUint32(to, program[pc + 1], true)
          to += program[pc + 2]
          pc += 3
          break
        case OP.field: {
          const offset = records[record + program[pc + 1]]
          if (offset !== 0) {
            const string = offset + program[pc + 2]
            to = copyWords(stringsView, string + 1, strings[string], view, to)
          } else to = this.#writeUnknown(view, to)
          pc += 3
          break
        }
        case OP.blockField: {
          let string = records[record + program[pc + 1]]
          if (string !== 0) for (let skip = program[pc + 2]; skip > 0; skip--) string += strings[string] + 1
          // Offset 0 holds the empty string: what is unknown is as empty as a string of a block may be.
          if (strings[string] !== 0) to = copyWords(stringsView, string + 1, strings[string], view, to)
          else to = this.#writeUnknown(view, to)
          pc += 3
          break
        }
        case OP.origins: {
          const offset = records[record + COLUMN.asn]
          if (offset !== 0) {
            to = copyWords(stringsView, offset + 1, strings[offset + ORIGINS_LENGTH], view, to)
          } else to = this.#writeUnknown(view, to)
          pc++
          break
        }
        case OP.prefix:
          if (queried.prefixLength !== 0) {
            to = writeNetwork(reply, to, queried)
            out[to++] = SLASH
            to = writeOctet(out, to, queried.prefixLength)
          } else to = this.#writeUnknown(view, to)
          pc++
          break
        case OP.network:
          to = queried.prefixLength !== 0 ? writeNetwork(reply, to, queried) : this.#writeUnknown(view, to)
          pc++
          break
        case OP.length:
          if (queried.prefixLength !== 0) to = writeOctet(out, to, queried.prefixLength)
          else to = this.#writeUnknown(view, to)
          pc++
          break
        default:
          while (to > stringStart + 1 && out[to - 1] === BLANK) to--
          to = endString(out, stringStart, to)
          stringStart = to++
          pc++
      }
    }
    return to - 1
  }

  #writeUnknown(view: DataView, at: number): number {
    return copyWords(this.#unknown, 0, this.#unknownLength, view, at)
  }
}

/** A template of an A record: four octets, each a number or a field. */
export class AddressTemplate {
  /** The literal octets; 0 where a field is. */
  readonly #octets = new Uint8Array(4)
  /** The column of each field, −1 for a literal. */
  readonly #columns = new Int32Array(4).fill(-1)
  /** The octet to take, counted from the column's string. */
  readonly #offsets = new Int32Array(4)
  /** Whether there is an answer when all fields are 0. */
  #zeroIsAnswer = true

  /**
   * @param template such as `127.0.0.2` or `127.0.{country-high}.{country-low}`
   * @throws {Error} with a short reason when it isn't four octets or fields.
   */
  constructor(template: string) {
    const parts = template.split('.')
    if (parts.length !== 4) throw new Error(`'${template}' is not four octets or fields such as 127.0.0.2`)
    parts.forEach((part, i) => {
      const field = /^\{(.*)\}$/.exec(part)?.[1]
      if (field !== undefined) {
        if (!Object.hasOwn(OCTET_FIELDS, field)) throw unknownField(field, Object.keys(OCTET_FIELDS))
        const known = OCTET_FIELDS[field]
        this.#columns[i] = known.column
        this.#offsets[i] = known.octet
        this.#zeroIsAnswer &&= known.zero
      } else if (/^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255) this.#octets[i] = Number(part)
      else throw new Error(`'${part}' is neither an octet from 0 to 255 nor a field`)
    })
  }

  /** Writes the four octets at `out[at…]`; false, and nothing of use, when a field is not known. */
  write(out: Uint8Array, at: number, table: Table, queried: QueriedName): boolean {
    const { records, strings } = table
    const record = queried.record << RECORD_SHIFT
    let fields = 0
    for (let i = 0; i < 4; i++) {
      const column = this.#columns[i]
      let octet = this.#octets[i]
      if (column >= 0) {
        const offset = records[record + column]
        if (offset === 0) return false
        octet = strings[offset + this.#offsets[i]]
        fields |= octet
      }
      out[at + i] = octet
    }
    return fields !== 0 || this.#zeroIsAnswer
  }
}

type TemplatePart =
  | { readonly literal: string; readonly field?: never }
  | { readonly literal?: never; readonly field: string }

/** Cuts a template at its {fields}. */
function splitTemplate(template: string): TemplatePart[] {
  const parts: TemplatePart[] = []
  let rest = template
  while (rest !== '') {
    const open = rest.indexOf('{')
    if (open < 0) {
      parts.push({ literal: rest })
      break
    }
    const close = rest.indexOf('}', open)
    if (close < 0) throw new Error(`'${template}' has a '{' without a '}'`)
    if (open > 0) parts.push({ literal: rest.slice(0, open) })
    parts.push({ field: rest.slice(open + 1, close) })
    rest = rest.slice(close + 1)
  }
  return parts
}

function unknownField(field: string, known: readonly string[]): Error {
  return new Error(`'{${field}}' is no field; known are ${known.map((name) => `{${name}}`).join(' ')}`)
}

function writeNetwork({ packet, view }: Packet, at: number, queried: QueriedName): number {
  const { prefixLength, word0, word1, word2, word3 } = queried
  return queried.family === 4
    ? writeIpv4Network(view, at, word0, prefixLength)
    : writeIpv6Network(packet, at, word0, word1, word2, word3, prefixLength)
}

/** Sets the length octet of the character-string at `start`; one of more than 255 octets becomes several. */
function endString(out: Uint8Array, start: number, end: number): number {
  const length = end - start - 1
  if (length <= MAX_STRING) {
    out[start] = length
    return end
  }
  const more = Math.ceil(length / MAX_STRING) - 1
  for (let string = more; string >= 0; string--) {
    const from = start + 1 + string * MAX_STRING
    const octets = Math.min(MAX_STRING, end - from)
    out.copyWithin(from + string, from, from + octets)
    out[from + string - 1] = octets
  }
  return end + more
}

/** Copies octets a word at a time, and up to three behind them; returns the position behind the `length` asked for. */
function copyWords(from: DataView, start: number, length: number, to: DataView, at: number): number {
  for (let i = 0; i < length; i += 4) to.setUint32(at + i, from.getUint32(start + i, true), true)
  return at + length
}
