// Record templates: text with {fields}, compiled once into a short program that writes RDATA into a packet.
//
//     "{asn} | {prefix} | {country}"   →   field asn · literal " | " · prefix · literal " | " · field country
//
// A program is a row of numbers (see OP in fields.ts), whatever the type of the record: text-template.ts and
// address-template.ts write programs, and here they run. Octets are copied a word at a time: what is written after the
// end is written over by what comes next, and every buffer has room for it.

import { writeIpv4Network, writeIpv6Network, writeOctet } from '../table/address-text.ts'
import { COLUMN, ORIGINS_LENGTH, RECORD_SHIFT } from '../table/layout.ts'
import type { Table } from '../table/table.ts'
import { endString } from './character-strings.ts'
import { OP } from './fields.ts'
import { endJsonValue } from './json-value.ts'
import { WORD_OVERRUN } from './limits.ts'
import type { Packet } from './packet.ts'
import type { QueriedName } from './queried-name.ts'
import { writeRoas } from './roas.ts'

const BLANK = 0x20
const SLASH = 0x2f
const DASH = 0x2d

/** `::ffff:` as words whose first character is lowest. */
const MAPPED_HEAD = 0x66663a3a
const MAPPED_TAIL = 0x3a6666
const MAPPED_LENGTH = 7

/** What a template is compiled to. */
export interface TemplateCode {
  readonly program: readonly number[]
  /** The most octets of RDATA that it gives. */
  readonly maxOctets: number
  /** Octets before the first one that the program writes: 1 for character-strings, whose length comes first. */
  readonly lead: 0 | 1
  /** The text for unknown fields. */
  readonly unknown: Uint8Array
}

/** A template of a record's RDATA. */
export class Template {
  /** The most octets of RDATA that it gives. */
  readonly maxOctets: number
  readonly #program: Int32Array
  readonly #lead: number
  /** The text for unknown fields, and WORD_OVERRUN octets more. */
  readonly #unknown: DataView
  readonly #unknownLength: number
  /** Whether a field of the group that is being written is unknown. */
  #metUnknown = false

  constructor({ program, maxOctets, lead, unknown }: TemplateCode) {
    this.maxOctets = maxOctets
    this.#program = Int32Array.from(program)
    this.#lead = lead
    const padded = new Uint8Array(unknown.length + WORD_OVERRUN)
    padded.set(unknown)
    this.#unknown = new DataView(padded.buffer)
    this.#unknownLength = unknown.length
  }

  /** Writes the RDATA at `reply.packet[at…]` and returns the position after it; −1, and nothing of use, for no answer. */
  write(reply: Packet, at: number, table: Table, queried: QueriedName): number {
    const { packet: out, view } = reply
    const program = this.#program
    const { records, strings, stringsView } = table
    const record = queried.record << RECORD_SHIFT
    let stringStart = at
    let to = at + this.#lead
    let octets = 0
    let groupStart = to
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
            to = copyByWord(stringsView, string + 1, strings[string], view, to)
          } else to = this.#writeUnknown(view, to)
          pc += 3
          break
        }
        case OP.blockField: {
          let string = records[record + program[pc + 1]]
          if (string !== 0) for (let skip = program[pc + 2]; skip > 0; skip--) string += strings[string] + 1
          // Offset 0 holds the empty string: what is unknown is as empty as a string of a block may be.
          if (strings[string] !== 0) to = copyByWord(stringsView, string + 1, strings[string], view, to)
          else to = this.#writeUnknown(view, to)
          pc += 3
          break
        }
        case OP.origins: {
          const offset = records[record + COLUMN.asn]
          if (offset !== 0) {
            to = copyByWord(stringsView, offset + 1, strings[offset + ORIGINS_LENGTH], view, to)
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
        case OP.range:
          to = queried.family !== 0 ? writeRange(reply, to, table, queried) : this.#writeUnknown(view, to)
          pc++
          break
        case OP.beginGroup:
          groupStart = to
          this.#metUnknown = false
          pc++
          break
        case OP.endGroup:
          if (this.#metUnknown) to = groupStart
          pc++
          break
        case OP.endJsonValue:
          to = endJsonValue(reply, groupStart, to, program[pc + 1], program[pc + 2])
          pc += 3
          break
        case OP.asked:
          to = queried.family !== 0 ? writeAsked(reply, to, queried) : this.#writeUnknown(view, to)
          pc++
          break
        case OP.roas: {
          const end = writeRoas(reply, to, table, queried)
          to = end > to ? end : this.#writeUnknown(view, to)
          pc++
          break
        }
        case OP.octet: {
          const offset = records[record + program[pc + 1]]
          if (offset === 0) return -1
          const octet = strings[offset + program[pc + 2]]
          out[to++] = octet
          octets |= octet
          pc += 3
          break
        }
        case OP.unlessZero:
          if (octets === 0) return -1
          pc++
          break
        default:
          while (to > stringStart + 1 && out[to - 1] === BLANK) to--
          to = endString(out, stringStart, to)
          stringStart = to++
          pc++
      }
    }
    return to - this.#lead
  }

  #writeUnknown(view: DataView, at: number): number {
    this.#metUnknown = true
    return copyByWord(this.#unknown, 0, this.#unknownLength, view, at)
  }
}

function writeNetwork({ view }: Packet, at: number, queried: QueriedName): number {
  const { prefixLength, word0, word1, word2, word3 } = queried
  return queried.family === 4
    ? writeIpv4Network(view, at, word0, prefixLength)
    : writeIpv6Network(view, at, word0, word1, word2, word3, prefixLength)
}

/** The first and the last address around the one that is asked for of which the table says the same. */
function writeRange(
  { packet, view }: Packet,
  at: number,
  { neighbours }: Table,
  queried: QueriedName,
): number {
  const { family, word0, word1, word2, word3 } = queried
  const { first, last } = neighbours
  let to: number
  if (family === 4) {
    neighbours.findRange4(word0)
    to = writeIpv4Network(view, at, first[0], 32)
    packet[to++] = DASH
    return writeIpv4Network(view, to, last[0], 32)
  }
  neighbours.findRange6(word0, word1, word2, word3)
  to = writeIpv6Network(view, at, first[0], first[1], first[2], first[3], 128)
  packet[to++] = DASH
  return writeIpv6Network(view, to, last[0], last[1], last[2], last[3], 128)
}

/** The address, what stands for an IPv4 address as inet_ntop writes it (RFC 5952 5), and the length of a network. */
function writeAsked({ packet, view }: Packet, at: number, queried: QueriedName): number {
  const { family, word0, word1, word2, word3, networkLength } = queried
  let to = at
  if (family === 4) to = writeIpv4Network(view, at, word0, 32)
  else if (word0 === 0 && word1 === 0 && word2 === 0xffff) {
    view.setUint32(at, MAPPED_HEAD, true)
    view.setUint32(at + 4, MAPPED_TAIL, true)
    to = writeIpv4Network(view, at + MAPPED_LENGTH, word3, 32)
  } else to = writeIpv6Network(view, at, word0, word1, word2, word3, 128)
  if (networkLength < 0) return to
  packet[to] = SLASH
  return writeOctet(packet, to + 1, networkLength)
}

/** Copies octets a word at a time, and up to three after them; returns the position after the `length` asked for. */
function copyByWord(from: DataView, start: number, length: number, to: DataView, at: number): number {
  for (let i = 0; i < length; i += 4) to.setUint32(at + i, from.getUint32(start + i, true), true)
  return at + length
}
